"""The lessons: two languages, one code; what is committed is what a fresh run prints."""

from __future__ import annotations

import re

import nbformat

from tests.site import checks
from tests.site.projects import ROOT
from website.build import lessons

LESSONS = lessons.lessons()


def test_there_are_lessons() -> None:
    assert LESSONS


def test_both_languages_have_the_same_cells_and_code() -> None:
    assert checks.differing_lessons(ROOT) == []


#: Words of the German mail, its folders and its password.
GERMAN = (
    "Unzustellbar|Zeitplan|Projekt|Faxablösung|Kuchen|Torte|Bestellung|Einkauf|Angebot|Willkommen|Wartung|genügt"
    "|gefressen|abschalten|Posteingang|Gelöschte|Gesendete|Wiederherstellbare|Grüße"
)


def test_english_lessons_have_no_german_mail() -> None:
    found = [
        f"{path.name}, cell {number}: {word}"
        for path in LESSONS
        if path.parent.name == "en"
        for number, cell in enumerate(nbformat.read(path, as_version=4).cells, start=1)
        for word in re.findall(GERMAN, cell.source + str(cell.get("outputs", "")))
    ]
    assert found == []
