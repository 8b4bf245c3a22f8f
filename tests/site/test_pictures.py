"""Every lesson and every page of the guide has a picture; a lesson's shows in JupyterLab and on the site."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
from bs4 import BeautifulSoup

from tests.site import checks
from tests.site.projects import ROOT
from tests.site.test_figures import drawn, texts, words
from website.build import pictures
from website.content import text_cells
from website.data import LANGUAGES, Problem

LESSONS = {
    "01-first-session": ["session"],
    "02-only-the-inbox": ["maildrop"],
    "03-log-on-names": ["keys"],
    "04-ports-and-mechanisms": ["three-ways"],
    "05-deletion": ["mark-or-delete"],
    "06-ways-back": ["ways-back"],
    "07-modern-authentication": ["token"],
    "08-administration": ["gates"],
    "09-ntlm-and-kerberos": ["ntlm", "kerberos"],
    "10-certificates-and-stls": ["mallory", "stripped"],
}
GUIDE = {
    "should-you-use-pop3": ["copies"],
    "what-pop3-is": ["states", "maildrop"],
    "ports-and-encryption": ["eavesdropper", "stripped"],
    "log-on-names": ["keys"],
    "mechanisms-and-login-type": ["ntlm"],
    "modern-authentication": ["timeline", "token"],
    "deletion-and-recovery": ["deletion"],
    "administration": ["gates"],
}
IMAGE = re.compile(r"^!\[(.+)\]\(data:image/svg\+xml;base64,([^)]+)\)$")


def cells(lang: str) -> list[tuple[str, str]]:
    """Return the name and the cell of each picture in the lessons of a language."""
    found = [
        cell for path in sorted((ROOT / "notebooks" / lang).glob("*.ipynb")) for cell in text_cells(path)
    ]
    return [(said[1], cell) for cell in found if (said := pictures.mark_of(cell))]


# -- where they are -------------------------------------------------------------------------------------


def test_every_page_of_the_guide_and_every_lesson_is_listed_here() -> None:
    assert {path.stem for path in (ROOT / "docs/de/guide").glob("*.md")} - {"index"} == {*GUIDE}
    assert {path.stem for path in (ROOT / "notebooks/de").glob("*.ipynb")} == {*LESSONS}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_has_a_picture_in_both_languages(site: Path, lang: str) -> None:
    start = site if lang == "de" else site / lang
    shown = {"learn": LESSONS, "guide": GUIDE}
    for folder, pages in shown.items():
        for name, expected in pages.items():
            body = checks.article(checks.page(start, f"{folder}/{name}/index.html"))
            figures = body.select("figure.drawn")
            assert [str(figure["id"]).removeprefix("figure-") for figure in figures] == expected, name
            assert all(figure.select("svg > title") for figure in figures)
            assert not body.select('img[src^="data:image/svg"]'), (
                f"{name}: what JupyterLab shows is here, too"
            )


# -- in a notebook --------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_stands_below_the_mark_is_what_the_figure_draws(lang: str) -> None:
    stale = [name for name, cell in cells(lang) if cell != pictures.written(["figure", name], lang)]
    assert stale == [], f"notebooks/{lang}: run .venv/bin/python -m website.build.pictures"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_picture_in_a_notebook_needs_nothing_else(lang: str) -> None:
    for name, cell in cells(lang):
        mark, image, caption = cell.split("\n\n")
        assert mark == f"<!-- figure {name} -->"
        assert caption.startswith("*")
        assert caption.endswith("*")
        found = IMAGE.fullmatch(image)
        assert found, name
        assert len(found[1]) > 60, f"{name}: no text for those who do not see it"
        svg = base64.b64decode(found[2]).decode()
        root = ElementTree.fromstring(svg)
        assert not re.search(r"var\(|currentColor", svg), f"{name}: takes colours from its page"
        assert re.findall(r"https?://[^\"]+", svg) == ["http://www.w3.org/2000/svg"]
        x, y, width, height = map(float, root.attrib["viewBox"].split())
        assert (float(root.attrib["width"]), float(root.attrib["height"])) == (width, height)
        assert x == y < 0
        ruled = set(re.findall(r"\.(\w+)(?=[.{])", svg[svg.index("<style>") : svg.index("</style>")]))
        used = {word for names in re.findall(r'class="([^"]+)"', svg) for word in names.split()}
        assert used <= ruled, (
            f"{name}: docs/assets/site.css says nothing of these, or not in a line of its own"
        )
        assert len(cell) < 12_000, f"{name}: {len(cell)} characters"


def test_a_run_of_a_lesson_writes_its_pictures() -> None:
    notebook = nbformat.v4.new_notebook()
    for text in ("<!-- figure keys -->", "# Title\n\n<!-- figure keys -->", "`<!-- figure keys -->`"):
        notebook.cells.append(nbformat.v4.new_markdown_cell(text))
    pictures.put(notebook, "de")
    assert "data:image/svg+xml;base64," in notebook.cells[0].source
    assert [cell.source for cell in notebook.cells[1:]] == [
        "# Title\n\n<!-- figure keys -->",
        "`<!-- figure keys -->`",
    ]
    again = nbformat.from_dict(notebook)
    pictures.put(again, "de")
    assert again == notebook


@pytest.mark.parametrize(
    "text", ["<!-- claim C01 -->", "A text.\n\n<!-- figure keys -->", "<!--figure keys-->"]
)
def test_a_lesson_has_no_other_marks(tmp_path: Path, text: str) -> None:
    path = tmp_path / "11-topic.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)]), path)
    with pytest.raises(Problem, match=r"notebooks/de/11-topic\.ipynb: <!--.*JupyterLab draws no marks but"):
        pictures.check(path, "de")


# -- what they say --------------------------------------------------------------------------------------


def test_a_short_name_has_to_fit_both_doors() -> None:
    said = words(drawn("keys", "en"))
    assert "For anna there is the account and the mailbox." in said
    assert "For bmueller there is the account, but no mailbox with this alias." in said
    assert "For bernd.mueller there is no account with this sAMAccountName." in said
    assert "For bmueller@muster.example there is the account and the mailbox." in said
    figure = drawn("keys", "de")
    assert len(figure.select("rect.box.strong")) == 5
    assert texts(figure).count("keins") == 2


@pytest.mark.parametrize(("lang", "inbox"), [("de", "Posteingang"), ("en", "Inbox")])
def test_pop3_sees_ten_of_sixteen_messages(lang: str, inbox: str) -> None:
    figure = drawn("maildrop", lang)
    assert [text for text in texts(figure) if text.isdigit()] == ["10", "2", "2", "2"]
    assert re.search(rf"\b{inbox}\b.* 10 \w+ 16 ", words(figure))


def test_only_quit_deletes() -> None:
    figure = drawn("mark-or-delete", "en")
    assert [text for text in texts(figure) if text.isdigit()] == [*"123123", *"13", *"123123", *"123"]
    assert "after QUIT, 2 are left" in words(figure)
    assert "if the connection is lost, 3 are left" in words(figure)


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("session", "AUTHORIZATION +OK USER, PASS TRANSACTION STAT, LIST RETR 1 QUIT UPDATE +OK"),
        ("token", "code password token AUTH XOAUTH2 +OK"),
        ("ntlm", "NTLM 1 NTLM 2 password NTLM 3 +OK"),
        ("kerberos", "password ticket AUTH GSSAPI"),
    ],
)
def test_a_dialogue_runs_in_its_order(name: str, order: str) -> None:
    said = BeautifulSoup(str(drawn(name, "en").desc), "html.parser").get_text()
    assert re.search(".*".join(map(re.escape, order.split())), said), said


def test_what_runs_inside_tls_is_hatched() -> None:
    hatched = {name: str(drawn(name, "en")).count("url(#") for name in ("three-ways", "mallory", "stripped")}
    assert hatched == {"three-ways": 2, "mallory": 2, "stripped": 1}
