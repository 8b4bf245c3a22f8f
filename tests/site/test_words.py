"""The words that pages are drawn with: the same in both languages, none missing and none left over."""

from __future__ import annotations

import re
from string import Formatter

import pytest
from bs4 import BeautifulSoup

from tests.site import checks
from tests.site.projects import ROOT
from website import kinds, marks, words
from website.build import pictures, runnable
from website.data import LANGUAGES, Problem
from website.marks import Context, draw, fill


def blanks(text: str) -> set[str]:
    """Return what a text has to be filled in with."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_words_with_the_same_blanks() -> None:
    german, english = map(words.read, LANGUAGES)
    assert {section: list(known) for section, known in german.items()} == {
        section: list(known) for section, known in english.items()
    }, "website/words/de.yml and en.yml have not the same sections and keys, in the same order"
    assert len(german) > 30
    for section, known in german.items():
        for key, text in known.items():
            assert text.strip(), f"{section}: {key}"
            assert blanks(text) == blanks(english[section][key]), f"{section}: {key}"


def test_every_word_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Either pages are drawn with it, or the source names it, for what today's data do not show."""
    used: set[tuple[str, str]] = set()

    class Watched(words.Section):
        def __getitem__(self, key: str) -> str:
            used.add((self.name.partition(": section ")[2], key))
            return super().__getitem__(key)

        def items(self):  # type: ignore[no-untyped-def]  # noqa: ANN202
            used.update((self.name.partition(": section ")[2], key) for key in self)
            return super().items()

    monkeypatch.setattr(words, "Section", Watched)
    for page in sorted((ROOT / "docs" / "en").rglob("*.md")):
        name = page.relative_to(ROOT / "docs" / "en").as_posix()
        drawn = fill(page.read_text("utf-8"), Context("en", ROOT, name))
        kinds.explain(kinds.fill(drawn, "en"), "en")
    for marks_of_lesson in pictures.in_lessons(ROOT, "en").values():
        for said in marks_of_lesson:
            draw(said, Context("en", ROOT))
    runnable.around(BeautifulSoup("", "html.parser"), "01-first-session", "en")
    assert len(used) > 200
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "website").rglob("*.py"))
    named = set(re.findall(r'"([^"\n]+)"', source))
    unused = [
        f"{section}: {key}"
        for section, known in words.read("en").items()
        for key in known
        if (section, key) not in used and key not in named
    ]
    assert unused == [], "website/words/de.yml and en.yml: nothing is drawn with these; delete them"


def test_every_mark_stands_in_a_page_of_each_language() -> None:
    wrong = [*marks.unused(ROOT), *checks.differing_pages(ROOT)]
    assert not wrong, "\n".join(wrong)


def test_a_missing_word_or_section_is_named_with_its_file() -> None:
    with pytest.raises(
        Problem, match=r"website/words/de\.yml: section claims lacks “verdikt”; write it there, in both"
    ):
        words.words("de", "claims")["verdikt"]
    with pytest.raises(
        Problem, match=r"website/words/de\.yml lacks the section “clams”; write it there, in both"
    ):
        words.words("de", "clams")
