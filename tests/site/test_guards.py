"""Break it on purpose: each check must turn red, and for the right reason.

The small project is healthy (the first test); every other test breaks one thing in a copy of it.
What a strict build must not let pass is in test_strict_build.py.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import nbmake.pytest_items
import pytest
from nbclient.exceptions import CellExecutionError

from tests.site import checks
from tests.site.lesson_run import LessonRun
from tests.site.projects import ROOT, build_here, replace, small_project, write_lesson
from website.build import lessons

CHECKS_OF_A_SITE: tuple[Callable[[Path], list[str]], ...] = (
    checks.wrong_language,
    checks.too_large,
    checks.badly_structured,
    checks.foreign_hosts,
    checks.dead_links,
    checks.lost_switch,
    checks.untranslated,
)
LESSON = "notebooks/de/01-first.ipynb"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return small_project(tmp_path / "project")


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the small project, built once."""
    folder = tmp_path_factory.mktemp("healthy")
    assert build_here(small_project(folder / "project")) == ""
    return folder / "project" / "site"


@pytest.fixture
def site(healthy: Path, tmp_path: Path) -> Path:
    """A copy of that site, to break."""
    return Path(shutil.copytree(healthy, tmp_path / "site"))


# --- Healthy ---------------------------------------------------------------------------------


def test_the_small_project_passes_every_check(project: Path, healthy: Path) -> None:
    assert {check.__name__: check(healthy) for check in CHECKS_OF_A_SITE} == {
        check.__name__: [] for check in CHECKS_OF_A_SITE
    }
    assert checks.differing_lessons(project) == []
    assert said_of(project / LESSON) == []


# --- Lessons ---------------------------------------------------------------------------------


def said_of(lesson: Path) -> list[str]:
    """Run a lesson as nbmake does; return the lines of its complaint."""
    error = LessonRun(lesson, 300).execute().error
    return [error.summary, *error.trace.splitlines()] if error else []


def test_nbmake_runs_every_lesson_so() -> None:
    assert nbmake.pytest_items.NotebookRun is LessonRun
    assert "--nbmake" in (ROOT / "Makefile").read_text("utf-8")


def test_a_lesson_that_raises_fails_in_nbmake_and_in_a_fresh_run(project: Path) -> None:
    write_lesson(project / LESSON, "# Erste\n", ("1 / 0", ""))
    assert "ZeroDivisionError" in said_of(project / LESSON)[0]
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        lessons.run(project / LESSON)


def test_an_output_that_drifted_is_found(project: Path) -> None:
    replace(project / LESSON, '"2\\n"', '"3\\n"')
    findings = said_of(project / LESSON)
    assert findings[0].startswith("01-first.ipynb prints something else")
    assert [line for line in findings if line.strip("+- ") == '"2\\n"']


def test_a_lesson_that_says_when_it_ran_is_found(project: Path) -> None:
    replace(project / LESSON, '"metadata": {},', '"metadata": {"execution": {"iopub.execute_input": ""}},')
    assert said_of(project / LESSON)[0].startswith("01-first.ipynb prints something else")


def test_the_code_of_two_lessons_may_differ_in_words_of_the_world_alone(project: Path) -> None:
    german, english = project / LESSON, project / LESSON.replace("/de/", "/en/")
    replace(german, "print(1 + 1)", "print('Zeitplan', 'Grüße4Clara', 'Wo bleibt Ihr Angebot?')")
    replace(english, "print(1 + 1)", "print('Schedule', '£20 for Clara', 'Where is your quotation?')")
    assert checks.differing_lessons(project) == []
    replace(english, "Schedule", "Zeitplan")
    assert checks.differing_lessons(project) == ["01-first.ipynb: cell 4: code differs between de and en"]
    replace(english, "Zeitplan", "Timetable")
    assert checks.differing_lessons(project) == ["01-first.ipynb: cell 4: code differs between de and en"]


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("print(1 + 1)", "print(1 + 2)", "01-first.ipynb: cell 4: code differs between de and en"),
        ('LANG = \\"de\\"', 'LANG = \\"en\\"', 'notebooks/de/01-first.ipynb: no line LANG = "de"'),
        (
            '"cell_type": "markdown"',
            '"cell_type": "raw"',
            "01-first.ipynb: cell 1 is raw in de, markdown in en",
        ),
        (
            '"metadata": {}',
            '"metadata": {"tags": ["check"]}',
            "01-first.ipynb: cell 1 is tagged ('check',) in de, () in en",
        ),
    ],
    ids=["other code", "other LANG", "other cells", "other tags"],
)
def test_lessons_that_differ_between_the_languages_are_found(
    project: Path, old: str, new: str, finding: str
) -> None:
    replace(project / LESSON, old, new)
    assert checks.differing_lessons(project)[0] == finding


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("```sh\nmake test\n```\n", "docs/*/index.md: code differ at no. 1: de has '```sh"),
        ("<!-- claim C27 -->\n", "docs/*/index.md: marks differ at no. 1: de has '<!-- claim C27 -->'"),
    ],
    ids=["code", "mark"],
)
def test_texts_that_differ_between_the_languages_are_found(project: Path, text: str, finding: str) -> None:
    with (project / "docs/de/index.md").open("a", encoding="utf-8") as file:
        file.write(f"\n{text}")
    assert [found.partition("differ")[0] for found in checks.differing_pages(project)] != []
    assert all(found.startswith(finding) for found in checks.differing_pages(project))


def test_comments_and_the_readers_language_may_differ(project: Path) -> None:
    for lang, comment in (("de", "# ab 2013"), ("en", "# since 2013")):
        with (project / f"docs/{lang}/index.md").open("a", encoding="utf-8") as file:
            file.write(f"\n```sh\nminipop probe --lang {lang} {comment}\n```\n")
    assert checks.differing_pages(project) == []


# --- What the checks find in a built site ----------------------------------------------------


@pytest.mark.parametrize(
    ("check", "page", "old", "new", "finding"),
    [
        (checks.wrong_language, "index.html", 'lang="de"', 'lang="en"', "says lang='en', its place"),
        (checks.wrong_language, "en/index.html", "<!doctype html>", "{", "is not HTML but begins"),
        (checks.too_large, "learn/01-first/index.html", "</body>", "x" * 120_000, "compressed, at most"),
        (checks.badly_structured, "index.html", "<h2", "<h4", "a heading level is left out: [1, 4]"),
        (checks.badly_structured, "index.html", "<h2", "<h1", "2 titles"),
        (checks.badly_structured, "index.html", 'id="more"', 'id="__search"', "stands twice"),
        (checks.badly_structured, "index.html", "</article>", "<img></article>", "no alt"),
        (checks.dead_links, "index.html", "#log-on", "#log-off", "dead link"),
        (checks.dead_links, "index.html", "learn/01-first/#", "learn/01-third/#", "dead link"),
        (
            checks.lost_switch,
            "en/learn/01-first/index.html",
            'href="../../../learn/01-first/" hreflang="de" class',
            'href="../../../" hreflang="de" class',
            "switch leads to",
        ),
        (checks.untranslated, "index.html", 'id="more"', 'id="mehr"', "en has h2#more"),
        (checks.untranslated, "index.html", "learn/01-first/#", "learn/#", "links differ"),
        (checks.untranslated, "index.html", "</article>", "<img src=a.png></article>", "figures"),
        (checks.untranslated, "index.html", "</article>", "<figure id=a></figure></article>", "drawings"),
        (checks.untranslated, "index.html", "</article>", "<table><tr></table></article>", "tables"),
        (
            checks.untranslated,
            "index.html",
            "</article>",
            '<div class="statement" id="c01"></div></article>',
            "claims",
        ),
        (
            checks.untranslated,
            "index.html",
            "</article>",
            '<p class="by-name"><a href="learn/"></a></p></article>',
            "lists by name differ",
        ),
    ],
)
def test_a_broken_page_is_found(
    site: Path, check: Callable[[Path], list[str]], page: str, old: str, new: str, finding: str
) -> None:
    replace(site / page, old, new)
    findings = "\n".join(check(site))
    assert finding in findings
    assert page.removeprefix("en/") in findings


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("index.html", '<script src="//cdn.example/x.js"></script>'),
        ("index.html", '<link rel="stylesheet" href="https://cdn.example/x.css">'),
        ("index.html", '<link rel="preconnect" href="https://cdn.example/">'),
        ("index.html", '<img alt="x" src="https://cdn.example/x.png">'),
        ("index.html", '<iframe src="https://cdn.example/"></iframe>'),
        ("index.html", '<p style="background: url(https://cdn.example/x.png)"></p>'),
        ("index.html", "<style>@import 'https://cdn.example/x.css'</style>"),
        ("assets/site.css", '@font-face { src: url("https://cdn.example/x.woff2") }'),
        ("assets/extra.mjs", 'import { x } from "https://cdn.example/x.mjs";'),
    ],
)
def test_an_address_of_another_host_is_found(site: Path, name: str, text: str) -> None:
    with (site / name).open("a", encoding="utf-8") as file:
        file.write(text)
    assert [finding.split("cdn.")[0] for finding in checks.foreign_hosts(site)] != []
    assert all(finding.startswith(f"{name}: loads") for finding in checks.foreign_hosts(site))


def test_a_page_in_one_language_only_is_found(site: Path) -> None:
    shutil.rmtree(site / "en/learn")
    assert checks.untranslated(site) == [
        "learn/01-first/index.html, notebooks/*/01-first.ipynb: only in one language"
    ]


def test_a_site_without_pages_passes_nothing(tmp_path: Path) -> None:
    for check in CHECKS_OF_A_SITE:
        with pytest.raises(AssertionError, match="no page"):
            assert check(tmp_path) == [], "no page"
