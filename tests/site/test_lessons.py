"""The lessons: two languages, one code; what is committed is what a fresh run prints."""

from __future__ import annotations

from tests.site import checks
from tests.site.projects import ROOT
from website.build import lessons

LESSONS = lessons.lessons()


def test_there_are_lessons() -> None:
    assert LESSONS


def test_both_languages_have_the_same_cells_and_code() -> None:
    assert checks.differing_lessons(ROOT) == []
