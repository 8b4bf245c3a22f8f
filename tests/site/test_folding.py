"""What a lesson folds: code of `setup` and `proof`, output of `predict`, and the text that resolves it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser

from tests.site import checks
from tests.site.browsing import served
from tests.site.projects import build_here, small_project, write_lesson
from website.build import lessons

TAGS = {1: ["setup"], 3: ["predict"], 5: ["proof"]}
RESOLVED = {
    "de": '<details class="answer">\n<summary>Auflösung</summary>\n\nEs sind **zwei**.\n\n</details>\n',
    "en": '<details class="answer">\n<summary>Answer</summary>\n\nThere are **two**.\n\n</details>\n',
}
FOLDED = {
    "de": [
        ("setup", "Code zur Vorbereitung", "LANG"),
        ("answer", "Ausgabe – erst öffnen, wenn Sie sich entschieden haben", "2"),
        ("answer", "Auflösung", "Es sind zwei."),
        ("proof", "Prüfung, die mit dieser Seite läuft", "assert count == 2"),
        ("solution", "Lösung", "print(3)"),
    ],
    "en": [
        ("setup", "Setup code", "LANG"),
        ("answer", "Output – open it once you have decided", "2"),
        ("answer", "Answer", "There are two."),
        ("proof", "Check that runs with this page", "assert count == 2"),
        ("solution", "Solution", "print(3)"),
    ],
}


@pytest.fixture(scope="module")
def folded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small site whose lesson has a cell of each kind."""
    project = small_project(tmp_path_factory.mktemp("folding") / "project")
    for lang, title in (("de", "# Erste\n"), ("en", "# First\n")):
        lesson = project / f"notebooks/{lang}/01-first.ipynb"
        solution = FOLDED[lang][-1][1]
        write_lesson(
            lesson,
            title,
            (f'LANG = "{lang}"', ""),
            '<a id="log-on"></a>\n\n## 1 + 1?\n',
            ("count = 1 + 1\nprint(count)", "2\n"),
            RESOLVED[lang],
            ("assert count == 2", ""),
            f"<details>\n<summary>{solution}</summary>\n\n```python\nprint(3)\n```\n\n</details>\n",
        )
        notebook = nbformat.read(lesson, as_version=4)
        for place, tags in TAGS.items():
            notebook.cells[place].metadata["tags"] = tags
        lesson.write_text(lessons.written(notebook), "utf-8")
    assert build_here(project) == ""
    return project


@pytest.fixture(scope="module")
def start(folded: Path) -> Iterator[str]:
    with served(folded / "site") as address:
        yield address


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_page_folds_by_the_tags(folded: Path, lang: str) -> None:
    name = "learn/01-first/index.html"
    body = checks.article(checks.page(folded / "site", name if lang == "de" else f"en/{name}"))
    found = body.select("details:is(.answer, .setup, .proof, .solution)")
    assert [((fold.get("class") or [""])[0], fold.summary.get_text()) for fold in found if fold.summary] == [
        (kind, summary) for kind, summary, _ in FOLDED[lang]
    ]
    assert all(inside in fold.get_text() for fold, (*_, inside) in zip(found, FOLDED[lang], strict=True))
    assert not [fold for fold in found if fold.has_attr("open")]
    # Of a cell with a question, the code stays open, and nothing of its output does.
    assert [str(code.get_text()) for code in body.select(".highlight") if "print(count)" in code.get_text()]
    assert not [out for out in body.select(".nb-output") if not out.find_parent("details")]
    assert not [
        c for c in body.select(".highlight") if "assert" in c.get_text() and not c.find_parent("details")
    ]


def test_jupyterlab_hides_the_same(folded: Path) -> None:
    cells = nbformat.read(folded / "notebooks/de/01-first.ipynb", as_version=4).cells
    assert [dict(cell.metadata) for cell in cells if cell.cell_type == "code"] == [
        {"tags": ["setup"], "jupyter": {"source_hidden": True}},
        {"tags": ["predict"], "jupyter": {"outputs_hidden": True}},
        {"tags": ["proof"], "jupyter": {"source_hidden": True}},
    ]


def test_what_jupyterlab_hid_by_hand_is_shown_again() -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print(2)")])
    notebook.cells[0].metadata |= {"collapsed": True, "jupyter": {"outputs_hidden": True}}
    lessons.written(notebook)
    assert notebook.cells[0].metadata == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_each_opens_by_keyboard_without_javascript_on_a_phone(
    browser: Browser, start: str, scheme: str
) -> None:
    context = browser.new_context(
        viewport={"width": 360, "height": 740},
        java_script_enabled=False,
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    page.goto(f"{start}learn/01-first/")
    folds = page.locator("article details:is(.answer, .setup, .proof, .solution)").all()
    assert len(folds) == 5
    for fold in folds:
        inside = fold.locator("> :not(summary)").first
        assert not inside.is_visible()
        assert fold.locator("summary").bounding_box()["height"] >= 24  # type: ignore[index]
        fold.locator("summary").press("Enter")
        assert inside.is_visible()
        box = inside.bounding_box()
        assert box
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 360
    context.close()


def test_a_handout_does_not_give_the_answers_away(browser: Browser, start: str) -> None:
    page = browser.new_page()
    page.goto(f"{start}en/learn/01-first/")
    folds = page.locator("article details:is(.answer, .setup, .proof, .solution)").all()
    page.emulate_media(media="print")
    for fold in folds:  # as Material's script does on some pages
        fold.evaluate("fold => fold.open = true")
    assert [fold.locator("> :not(summary)").first.is_visible() for fold in folds] == [False] * 5
    assert all(fold.locator("summary").is_visible() for fold in folds)
    page.close()
