"""What the site offers for download, the lines that install it, and that no text names the bare package.

minipop is published nowhere but on the site. A line such as `pip install minipop` would fetch whatever a
stranger has registered under that name.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from email.parser import HeaderParser
from pathlib import Path

import pytest

from evidence.patience import PATIENCE
from minipop.lab.realm import PROGRAMS
from tests.site import checks
from tests.site.projects import ROOT
from website import marks
from website.data import LANGUAGES, Problem
from website.pages import downloads

WHEEL = "minipop-0.1.0-py3-none-any.whl"
PAGES = {"de": "how-to/install/index.html", "en": "en/how-to/install/index.html"}

#: What the lessons import beside Python's own modules and minipop, and the package that it comes from.
IMPORTED = {"msal": "msal", "requests": "requests", "spnego": "pyspnego"}

#: The extra `lab`, without versions.
LAB = {"jupyterlab", "ipykernel", "nbconvert", "requests", "pymap", "msal"}


# --- The bare name ---------------------------------------------------------------------------

_FETCHES = (
    r"\b(?:(?:pip3?|pipx|uv|poetry|pdm|conda|mamba)(?:\.exe)?\b.*?\b(?:install|add|run|download|wheel)|uvx)\b"
)
BARE = re.compile(
    _FETCHES + r".*?(?<![\w./\\-])minipop(?:\[[\w, ]*\])?(?![\w\[]|-\d|\s*@\s*\S)", re.IGNORECASE
)
TEXTS = {".md", ".yml", ".toml", ".py", ".html", ".js", ".sh", ".ipynb", ""}


def bare(text: str) -> list[str]:
    """Return the lines that fetch minipop by its name alone."""
    return [line.strip() for line in re.sub(r"[\\`]\n", " ", text).splitlines() if BARE.search(line)]


@pytest.mark.parametrize(
    "line",
    [
        "pip install minipop",
        "python -m pip install 'minipop[lab]'",
        'py -m pip install --upgrade "minipop[lab]"',
        ".venv\\Scripts\\pip.exe install minipop==0.1.0",
        "pip install --quiet \\\n    minipop",
        '    "%pip install minipop\\n",',
        "Run `pip install minipop`.",
        "uv pip install msal minipop",
        "uvx minipop serve",
        "pipx run minipop",
    ],
)
def test_a_line_with_the_bare_name_is_found(line: str) -> None:
    assert bare(f"before\n{line}\nbehind")


@pytest.mark.parametrize(
    "line",
    [
        'py -m pip install "minipop[lab] @ https://pop3.muster.example/download/minipop-0.1.0-py3-none-any.whl"',
        'pip install ".\\minipop-0.1.0-py3-none-any.whl[lab]"',
        "pip install ./minipop-0.1.0-py3-none-any.whl",
        "pip install msal",
        "install minipop first",
    ],
)
def test_a_line_with_an_address_or_a_file_passes(line: str) -> None:
    assert bare(line) == []


def test_no_text_names_the_bare_package_to_a_registry() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = [
        path
        for name in listed.stdout.split("\0")
        if name and not name.startswith("tests/")
        if (path := ROOT / name).suffix in TEXTS and path.is_file()
    ]
    assert {"README.md", "realm.py", "install.md", "01-first-session.ipynb", "en.yml"} <= {
        file.name for file in files
    }
    found = [
        f"{file.relative_to(ROOT)}: {line}"
        for file in files
        for line in bare(file.read_text("utf-8", "replace"))
    ]
    assert found == [], "a stranger can register this name; write an address or a file behind it"


def test_no_page_of_the_built_site_names_it_either(site: Path) -> None:
    found = {name: bare(checks.article(page).get_text()) for name, page in checks.pages(site).items()}
    assert {name: lines for name, lines in found.items() if lines} == {}


# --- What is offered -------------------------------------------------------------------------


def test_the_site_holds_the_wheel_and_the_lessons_with_their_sums(site: Path) -> None:
    folder = site / "download"
    names = {WHEEL, "lessons-de.zip", "lessons-en.zip"}
    assert {file.name for file in folder.iterdir()} == {*names, "SHA256SUMS.txt"}
    sums = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
    listed = [line.split("  ") for line in (folder / "SHA256SUMS.txt").read_text("utf-8").splitlines()]
    assert {name: digest for digest, name in listed} == sums
    for name in PAGES.values():
        text = checks.article(checks.page(site, name)).get_text()
        assert [digest for digest in sums.values() if digest not in text] == [], name


def test_the_wheel_holds_all_that_minipop_is_made_of(site: Path) -> None:
    source = ROOT / "src" / "minipop"
    files = {file for file in source.rglob("*") if file.is_file() and "__pycache__" not in file.parts}
    with zipfile.ZipFile(site / "download" / WHEEL) as archive:
        held = {name for name in archive.namelist() if name.startswith("minipop/")}
        metadata = HeaderParser().parsestr(archive.read("minipop-0.1.0.dist-info/METADATA").decode())
    assert held == {f"minipop/{file.relative_to(source).as_posix()}" for file in files}
    needed = {
        re.split(r"[^\w-]", line)[0]
        for line in metadata.get_all("Requires-Dist") or []
        if re.search(r"""extra == ['"]lab['"]""", line)
    }
    assert needed == LAB


def test_the_same_sources_make_the_same_wheel(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for file in tmp_path.rglob("*.py"):
        file.touch(0o755)
    assert downloads.wheel(tmp_path).sha256 == downloads.wheel(ROOT).sha256


def test_a_wheel_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"^pyproject\.toml: no wheel can be made: .*pyproject\.toml"):
        downloads.wheel(tmp_path)


@pytest.mark.slow
def test_a_lesson_of_the_archive_runs_with_the_wheel_alone(site: Path, tmp_path: Path) -> None:
    """Beside the packages of this environment, but without the project's folder."""
    for name in (WHEEL, "lessons-en.zip"):
        with zipfile.ZipFile(site / "download" / name) as archive:
            archive.extractall(tmp_path)
    code = [f"import minipop; assert minipop.__file__.startswith({str(tmp_path)!r}), minipop.__file__"]
    run = subprocess.run(
        [sys.executable, "-c", "\n".join([*code, *cells(tmp_path / "01-first-session.ipynb", "code")])],
        env={"PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "+OK" in run.stdout


def cells(notebook: Path, kind: str) -> Iterator[str]:
    """Yield the cells of a kind."""
    for cell in json.loads(notebook.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == kind:
            yield "".join(cell["source"])


def test_the_extra_has_all_that_the_lessons_import() -> None:
    imported = {
        name.split(".")[0]
        for lesson in (ROOT / "notebooks" / "en").glob("*.ipynb")
        for node in ast.walk(ast.parse("\n".join(cells(lesson, "code"))))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
    }
    assert imported - set(sys.stdlib_module_names) - {"minipop"} == IMPORTED.keys()
    listed = (ROOT / "pyproject.toml").read_text("utf-8").partition("[project.scripts]")[0]
    assert [package for package in IMPORTED.values() if f'"{package}>=' not in listed] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_links_of_a_downloaded_lesson_reach_pages_of_the_site(
    site: Path, tmp_path: Path, lang: str
) -> None:
    with zipfile.ZipFile(site / "download" / f"lessons-{lang}.zip") as archive:
        archive.extractall(tmp_path)
    lessons = sorted(tmp_path.glob("*.ipynb"))
    assert len(lessons) == 10
    assert (tmp_path / "LICENSE-texts.md").is_file()
    links = {
        link
        for lesson in lessons
        for text in cells(lesson, "markdown")
        for link in re.findall(r"\]\(([^)\s]+)\)", text)
    }
    ours = {link.removeprefix(checks.SITE_URL) for link in links if link.startswith(checks.SITE_URL)}
    assert len(ours) > 5
    assert {link.startswith("en/") for link in ours} == {lang == "en"}
    assert [link for link in ours if not (site / link.partition("#")[0] / "index.html").is_file()] == []
    assert [link for link in links if "docs/" in link] == []
    alone = site / PAGES[lang].removesuffix("how-to/install/index.html") / "learn/01-first-session"
    assert (alone / "01-first-session.ipynb").read_bytes() == lessons[0].read_bytes()


# --- The page and the ways to it -------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_lines_name_the_wheel_by_the_address_of_the_site(site: Path, lang: str) -> None:
    blocks = [block.get_text() for block in checks.article(checks.page(site, PAGES[lang])).select("pre")]
    requirement = f'"minipop[lab] @ http://127.0.0.1:8000/download/{WHEEL}"'
    assert blocks[0].splitlines() == [
        "mkdir minipop",
        "cd minipop",
        "py -m venv .venv",
        f".venv\\Scripts\\python.exe -m pip install --prefer-binary {requirement}",
        f"curl.exe -fLO http://127.0.0.1:8000/download/lessons-{lang}.zip",
        f".venv\\Scripts\\python.exe -m zipfile -e lessons-{lang}.zip lessons",
        ".venv\\Scripts\\python.exe -m jupyterlab lessons",
    ]
    assert blocks[1].splitlines()[2:4] == [
        "python3 -m venv .venv",
        f".venv/bin/python -m pip install --prefer-binary {requirement}",
    ]
    assert f'.venv\\Scripts\\python.exe -m pip install --prefer-binary ".\\{WHEEL}[lab]"' in blocks[2]
    # Activate.ps1 is a script, and Windows runs none by default.
    assert [block for block in blocks if "activate" in block.lower()] == []


@pytest.mark.parametrize("said", ["install beos", "install windows by-mail"])
def test_what_no_line_installs_is_refused(said: str) -> None:
    with pytest.raises(Problem, match="there are"):
        marks.draw(said.split(), marks.Context("en", ROOT))


def test_the_repository_is_a_plain_link_or_is_not_named(site: Path) -> None:
    address = "https://code.muster.example/pop3"
    drawn = marks.draw(["repository"], marks.Context("en", ROOT, repository=address))
    assert f"<{address}>" in drawn
    assert f"git clone {address} pop3-meets-exchange" in drawn
    for name in PAGES.values():
        assert "git clone" not in checks.article(checks.page(site, name)).get_text()
    assert "repo_url" not in {
        line.partition(":")[0] for line in (ROOT / "mkdocs.yml").read_text("utf-8").splitlines()
    }


def test_lessons_the_start_page_and_the_probe_lead_to_it(site: Path) -> None:
    for lang in LANGUAGES:
        below = site / ("" if lang == "de" else "en")
        lessons = sorted(file.parent.name for file in (below / "learn").glob("*/*.ipynb"))
        assert len(lessons) == 10
        leading = [
            "index.html",
            "how-to/check-your-server/index.html",
            "guide/ports-and-encryption/index.html",
        ]
        for name in [*leading, *(f"learn/{lesson}/index.html" for lesson in lessons)]:
            page = below / name
            links = checks.article(checks.page(site, page.relative_to(site).as_posix())).select("a[href]")
            reached = {(page.parent / str(link["href"]).partition("#")[0]).resolve() for link in links}
            assert (below / "how-to/install").resolve() in reached, page


def test_what_kerberos_needs_is_the_same_as_minipop_says() -> None:
    for lang in LANGUAGES:
        text = (ROOT / "docs" / lang / "how-to/install.md").read_text("utf-8")
        (line,) = re.findall(r"^sudo apt install (krb5-.*)$", text, re.MULTILINE)
        assert {*line.split()} == {*PROGRAMS.values(), "libkrb5-dev", "gcc", "python3-dev"}
