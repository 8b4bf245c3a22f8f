"""`make lab`: copies of the lessons, whose links lead to the rendered site, as long as JupyterLab runs."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbclient import NotebookClient

from evidence.patience import PATIENCE
from tests.site.projects import ROOT, replace, write_lesson
from website.build import lab
from website.build.lessons import CLIENT

SITE, LATER = "http://127.0.0.1:1/", "http://127.0.0.1:2/"
PAGE = "[RETR](../../docs/en/reference/commands.md#retr)"


@pytest.fixture
def lessons(tmp_path: Path) -> Path:
    for name in ("01-first", "02-second"):
        write_lesson(tmp_path / f"en/{name}.ipynb", f"{PAGE}, [next](02-second.ipynb)", ("print(1)", "1\n"))
    return tmp_path / "en"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "work/en"


@pytest.fixture
def pages(site: Path) -> Iterator[lab.Pages]:
    pages = lab.Pages(lambda: site)
    yield pages
    pages.close()


def links(notebook: Path) -> list[str]:
    """Return where the links of a lesson's texts lead."""
    cells = nbformat.read(notebook, as_version=4).cells
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    return [link for text in texts for link in re.findall(r"\]\(((?!data:)[^)\s]+)\)", text)]


def test_links_to_pages_lead_to_the_site_and_those_to_lessons_to_lessons(lessons: Path, work: Path) -> None:
    assert lab.copy(lessons, work, SITE) == []
    assert links(work / "01-first.ipynb") == [f"{SITE}en/reference/commands/#retr", "02-second.ipynb"]


def test_a_copy_has_not_run_yet(lessons: Path, work: Path) -> None:
    lab.copy(lessons, work, SITE)
    code = nbformat.read(work / "01-first.ipynb", as_version=4).cells[1]
    assert (code.source, code.outputs, code.execution_count) == ("print(1)", [], None)


def test_a_mark_of_evidence_is_a_word_in_brackets(lessons: Path, work: Path) -> None:
    write_lesson(lessons / "01-first.ipynb", '`+OK`. <span class="kind kind-assumed">assumed</span>')
    lab.copy(lessons, work, SITE)
    assert nbformat.read(work / "01-first.ipynb", as_version=4).cells[0].source == "`+OK`. *(assumed)*"


def test_a_copy_that_nobody_changed_is_renewed(lessons: Path, work: Path) -> None:
    lab.copy(lessons, work, SITE)
    replace(lessons / "01-first.ipynb", "print(1)", "print(one)")
    assert lab.copy(lessons, work, LATER) == []
    assert "print(one)" in (work / "01-first.ipynb").read_text("utf-8")
    assert links(work / "01-first.ipynb")[0].startswith(LATER)


def test_a_changed_copy_is_kept_but_for_the_address_of_the_site(lessons: Path, work: Path) -> None:
    lab.copy(lessons, work, SITE)
    replace(work / "01-first.ipynb", "print(1)", "print('mine')")
    replace(lessons / "01-first.ipynb", "print(1)", "print(one)")
    for address in (LATER, SITE, LATER):
        assert lab.copy(lessons, work, address) == ["01-first.ipynb"]
        assert "print('mine')" in (work / "01-first.ipynb").read_text("utf-8")
        assert links(work / "01-first.ipynb")[0] == f"{address}en/reference/commands/#retr"
    (work / "01-first.ipynb").unlink()
    assert lab.copy(lessons, work, LATER) == []
    assert "print(one)" in (work / "01-first.ipynb").read_text("utf-8")


def test_a_file_that_was_there_before_is_kept(lessons: Path, work: Path) -> None:
    work.mkdir(parents=True)
    (work / "02-second.ipynb").write_text("mine", "utf-8")
    assert lab.copy(lessons, work, SITE) == ["02-second.ipynb"]
    assert (work / "02-second.ipynb").read_text("utf-8") == "mine"


@pytest.mark.parametrize("lang", ["de", "en"])
def test_every_link_of_a_copied_lesson_reaches_a_page_and_its_anchor(
    pages: lab.Pages, tmp_path: Path, lang: str
) -> None:
    lab.copy(ROOT / "notebooks" / lang, tmp_path, pages.address)
    followed = {copy.name: links(copy) for copy in sorted(tmp_path.glob("*.ipynb"))}
    assert len(followed) == 10
    for name, found in followed.items():
        to_pages = [link for link in found if link.startswith(pages.address)]
        assert to_pages, name
        assert [link for link in found if "docs/" in link] == []
        for link in to_pages:
            with urlopen(link) as answer:
                soup = BeautifulSoup(answer.read(), "html.parser")
            fragment = link.partition("#")[2]
            assert not fragment or soup.find(id=fragment), f"{name}: {link}"
            assert soup.html
            assert soup.html["lang"] == lang


@pytest.mark.parametrize(
    ("lang", "to_do"),
    [
        ("de", "Den Namen gibt es noch nicht, oder er ist verschrieben. Haben Sie eine Zelle"),
        ("en", "There is no such name so far, or it is misspelled. If you have skipped a cell or"),
    ],
)
def test_an_error_is_short_before_a_lab_has_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str, to_do: str
) -> None:
    for name, value in lab.short_errors(lang, tmp_path).items():
        monkeypatch.setenv(name, value)
    cell = nbformat.v4.new_code_cell("lab.check('01')", metadata={"tags": ["raises-exception"]})
    names = nbformat.v4.new_code_cell("print('minipop' in globals())")
    notebook = nbformat.v4.new_notebook(cells=[cell, names])
    NotebookClient(notebook, timeout=PATIENCE, **CLIENT).execute()
    shown = cell.outputs[0].traceback
    assert shown[0] == "NameError: name 'lab' is not defined"
    assert shown[1].startswith(to_do)
    assert names.outputs[0].text == "False\n"


def test_a_request_waits_until_the_site_is_built(tmp_path: Path) -> None:
    def find() -> Path:
        (tmp_path / "index.html").write_text("built", "utf-8")
        return tmp_path

    pages = lab.Pages(find)
    with urlopen(pages.address) as answer:
        assert answer.read() == b"built"
    pages.close()


def test_a_site_that_cannot_be_built_is_no_reason_to_wait(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> Path:
        raise subprocess.CalledProcessError(1, "mkdocs")

    pages = lab.Pages(fail)
    with pytest.raises(HTTPError, match="404"):
        urlopen(pages.address)
    pages.close()
    assert capsys.readouterr().err.startswith("lab: no pages behind the lessons' links, because: Command")


def answer_of(address: str) -> bytes:
    """Return what is at an address as soon as there is something: JupyterLab names its own too early."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with urlopen(address) as answer:
                return bytes(answer.read())
        except URLError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="ends by a signal")
def test_jupyterlab_shows_the_copies_and_ends_with_the_site(site: Path, tmp_path: Path) -> None:
    private = {f"JUPYTER_{kind}_DIR": str(tmp_path / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    command = [
        sys.executable,
        "-m",
        "website.build.lab",
        "--lang",
        "en",
        "--dir",
        str(tmp_path),
        "--site",
        str(site),
    ]
    with subprocess.Popen(
        [*command, "--no-browser", "--ServerApp.port=0"],
        cwd=ROOT,
        env={**os.environ, **private},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr
            address = re.compile(r"(http://127\.0\.0\.1:\d+)/lab/workspaces/en/tree/en\?token=(\w+)")
            found = next(filter(None, map(address.search, process.stderr)))
            copied = f"{found[1]}/api/contents/en/01-first-session.ipynb?token={found[2]}"
            text = json.dumps(json.loads(answer_of(copied)))
            link = re.findall(r"\]\((http://127\.0\.0\.1:\d+/en/[^)]+)\)", text)[0]
            with urlopen(link) as answer:
                assert answer.status == 200
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate()
    with pytest.raises(URLError, match="refused"):
        urlopen(link)
