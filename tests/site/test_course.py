"""The page for instructors says what the lessons say; expected here by hand, for three of them and a plan."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from bs4 import Tag

from tests.site import checks, drawing
from tests.site.projects import ROOT, replace
from website.data import Problem
from website.pages import course

#: Typed from the lessons: number, minutes for the lesson itself, for the exercise, which lesson comes first.
FIRST, SIXTH, EIGHTH = ("01", 20, 10, ()), ("06", 35, 20, ("05",)), ("08", 30, 15, ("01",))

TITLES = {
    "de": {"01": "Die erste Sitzung", "06": "Gelöschte Mail zurückholen", "08": "Administration"},
    "en": {"01": "The first session", "06": "Recovering deleted mail", "08": "Administration"},
}


@pytest.mark.parametrize("lang", checks.LANGUAGES)
def test_a_lesson_says_its_minutes_and_what_comes_before_it(lang: str) -> None:
    found = course.read(ROOT, lang)
    assert [
        (lesson.number, lesson.teaching, lesson.exercise, lesson.needs)
        for lesson in (found["01"], found["06"], found["08"])
    ] == [FIRST, SIXTH, EIGHTH]
    assert {number: found[number].title for number in TITLES[lang]} == TITLES[lang]
    assert len(found) == 10


def test_a_lesson_says_what_is_learnt() -> None:
    assert course.read(ROOT, "de")["01"].goal == (
        "wie ein POP3-Client sich anmeldet, nachzählt, eine Nachricht holt und sich verabschiedet – und was "
        "sich ändert, wenn die Verbindung nicht verschlüsselt ist"
    )
    assert course.read(ROOT, "en")["06"].goal.startswith("how a message comes back that a POP3 program has")


def rows(table: Tag) -> list[list[str]]:
    """Return the cells of a table."""
    return [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in table.find_all("tr")]


@pytest.mark.parametrize(("page", "lang"), [("teach", "de"), ("en/teach", "en")])
def test_the_page_says_the_same(site: Path, page: str, lang: str) -> None:
    tables = checks.article(checks.page(site, f"{page}/instructors/index.html")).find_all("table")
    (overview,) = [found for found in map(rows, tables) if len(found[0]) == 5]
    by_number = {row[0][:2]: row for row in overview[1:-1]}
    for number, teaching, exercise, needs in (FIRST, SIXTH, EIGHTH):
        assert by_number[number][:4] == [
            f"{number} · {TITLES[lang][number]}",
            f"{teaching} min",
            f"{exercise} min",
            ", ".join(needs) or "–",
        ]
    assert overview[-1][1:3] == ["305 min", "130 min"]
    day = next(found for found in map(rows, tables) if len(found[0]) == 4)
    assert day[1][0] == "9:00"
    assert day[-1][0] == "17:00"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The lessons alone, to break."""
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    return tmp_path


def plan(root: Path, *entries: str) -> str:
    return drawing.drawn(f"course {' '.join(entries)}", "en", root, "teach/instructors.md")


def test_a_plan_tells_the_time_and_adds_up(project: Path) -> None:
    assert plan(project, "11:45", "01", "+15", "08").splitlines() == [
        "| begins | lesson | teaching | exercise |",
        "| ---: | --- | ---: | ---: |",
        "| 11:45 | [01 · The first session](../learn/01-first-session.ipynb) | 20 min | 10 min |",
        "| 12:15 | *break, 15 minutes* |  |  |",
        "| 12:30 | [08 · Administration](../learn/08-administration.ipynb) | 30 min | 15 min |",
        "| 13:15 | **end** | 50 min | 25 min |",
    ]


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        (["9am", "01"], "a plan begins with 9am, which is no time of day"),
        (["9:00", "01", "11"], "a plan names lesson 11, which there is not"),
        (["9:00", "01", "06", "05"], "a plan holds lesson 06 before 05"),
    ],
)
def test_a_plan_that_cannot_be_held_stops_the_build(project: Path, entries: list[str], message: str) -> None:
    with pytest.raises(Problem, match=message):
        plan(project, *entries)


def test_a_lesson_that_says_no_minutes_stops_the_build(project: Path) -> None:
    replace(project / "notebooks/en/05-deletion.ipynb", "25 minutes for the lesson", "some teaching")
    with pytest.raises(Problem, match=r"notebooks/en/05-deletion\.ipynb: the first cell does not say"):
        course.read(project, "en")


def test_other_minutes_in_the_other_language_stop_the_build(project: Path) -> None:
    replace(project / "notebooks/en/05-deletion.ipynb", "25 minutes for the", "30 minutes for the")
    with pytest.raises(Problem, match=r"de/05-deletion\.ipynb: minutes or needs differ from en"):
        course.read(project, "de")
