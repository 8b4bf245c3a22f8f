"""Marks: what stands for one in a page, and what an author is told who gets one wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.site.projects import ROOT
from website import marks
from website.data import Problem
from website.marks import Context, Mark, fill

PAGE = Context("en", ROOT, "guide/greetings.md")


def greet(_: Context, name: str, *more: str) -> str:
    return f"Hello {', '.join([name, *more])}!\nHow are you?"


def greet_all(_: Context) -> str:
    return "Hello all!"


def plan(_: Context, *times: str) -> str:
    return "-".join(times)


REGISTERED = marks.known()


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three marks that are easy to look through."""
    file = "website/pages/greetings.py"
    registered = {"greet": Mark(greet, file), "greet all": Mark(greet_all, file), "plan": Mark(plan, file)}
    monkeypatch.setattr(marks, "known", lambda: registered)


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("One\n\n<!-- greet Anna Bernd -->\n\nTwo\n", "One\n\nHello Anna, Bernd!\nHow are you?\n\nTwo\n"),
        ("<!-- greet all -->", "Hello all!"),  # the longer name goes first
        ("<!-- plan -->", ""),
        ("<!-- plan 9:00 -->", "9:00"),
        ("- One\n\n    <!-- greet Anna -->", "- One\n\n    Hello Anna!\n    How are you?"),
    ],
)
def test_a_mark_is_drawn_where_it_stands(text: str, drawn: str) -> None:
    assert fill(text, PAGE) == drawn


@pytest.mark.parametrize(
    "text",
    [
        "`<!-- gret Anna -->` and ``<!-- `x` -->``",
        "```html\n<!-- gret Anna -->\n```",
        "    ~~~\n    <!-- gret Anna -->\n    ~~~",
        "````\n```\n<!-- gret Anna -->\n```\n````",
    ],
)
def test_what_stands_in_code_is_no_mark(text: str) -> None:
    assert fill(text, PAGE) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "One\n\n<!-- gret Anna -->",
            "3: <!-- gret Anna -->: no such mark; do you mean <!-- greet -->? "
            "Draw it in website/pages/, or write one of these: greet, greet all,",
        ),
        (
            "<!-- setings mailbox -->",
            "1: <!-- setings mailbox -->: no such mark; "
            "Draw it in website/pages/, or write one of these: greet, greet all, plan",
        ),
        ("<!-- greet -->", "1: <!-- greet -->: write <!-- greet NAME [MORE …] -->"),
        ("<!-- greet all of you -->", "1: <!-- greet all of you -->: write <!-- greet all -->"),
        ("```\n```\n<!-- gret -->", "3: <!-- gret -->: no such mark"),
        (
            "<!-- greet Anna --> and so on",
            "1: <!-- greet Anna --> and so on: a comment is a mark; write <!-- MARK -->",
        ),
        ("<!--greet Anna-->", "1: <!--greet Anna-->: a comment is a mark; write <!-- MARK -->"),
        ("<!-- greet\nAnna -->", "1: <!-- greet: a comment is a mark; write <!-- MARK -->"),
        ("<!-- plan -->\n\n<!-- plan -->", "3: <!-- plan -->: it stands on the page twice"),
    ],
)
def test_a_wrong_mark_is_refused_with_page_and_line_and_what_to_write(text: str, says: str) -> None:
    with pytest.raises(Problem) as refused:
        fill(text, PAGE)
    assert str(refused.value).startswith(f"docs/en/guide/greetings.md:{says}")


def test_lines_are_counted_from_the_begin_of_the_file() -> None:
    with pytest.raises(Problem, match=r"greetings\.md:7: "):
        fill("\n\n<!-- gret -->", PAGE, before=4)


def test_what_draws_says_what_the_author_got_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Context, name: str) -> str:
        raise Problem(f"no {name} here")

    monkeypatch.setitem(marks.known(), "find", Mark(refuse, "website/pages/find.py"))
    with pytest.raises(Problem, match=r"greetings\.md:1: <!-- find Dora -->: no Dora here"):
        fill("<!-- find Dora -->", PAGE)


def test_a_mark_that_no_page_uses_is_found_in_each_language(tmp_path: Path) -> None:
    for lang, text in {"de": "<!-- greet all -->\n\n<!-- plan 9:00 -->", "en": "`<!-- plan -->`"}.items():
        (tmp_path / "docs" / lang / "guide").mkdir(parents=True)
        (tmp_path / "docs" / lang / "guide" / "page.md").write_text(text, encoding="utf-8")
    says = (
        "website/pages/greetings.py: no page of docs/{} uses <!-- {} -->; "
        "write it there, or delete its function"
    )
    assert list(marks.unused(tmp_path)) == [
        says.format("de", "greet NAME [MORE …]"),
        says.format("en", "greet NAME [MORE …]"),
        says.format("en", "greet all"),
        says.format("en", "plan [TIMES …]"),
    ]


def test_no_two_functions_draw_one_mark() -> None:
    with pytest.raises(
        Problem, match=r"<!-- glossary --> is registered already, in website/pages/glossary\.py"
    ):
        marks.mark("glossary")(greet_all)


def test_a_link_leads_from_the_page_to_another_file() -> None:
    assert PAGE.link("learn/01-first-session.ipynb") == "../learn/01-first-session.ipynb"
    assert PAGE.link("guide/names.md") == "names.md"
    assert Context("de", ROOT, "index.md").link("guide/names.md") == "guide/names.md"
