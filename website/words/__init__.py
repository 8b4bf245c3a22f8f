"""The words that pages are drawn with, in sections: ``de.yml`` and ``en.yml``, with the same keys."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from website.data import Problem


class Section(dict[str, str]):
    """The words of one section.

    Args:
        name: its name and language, for the message when a word is missing.
        known: the words.
    """

    def __init__(self, name: str, known: dict[str, str]) -> None:
        super().__init__(known)
        self.name = name

    def __missing__(self, key: str) -> str:
        raise Problem(f"website/words/{self.name} lacks “{key}”; write it there, in both languages")


def words(lang: str, section: str) -> Section:
    """Return a section of the words of a language.

    Raises:
        Problem: there is no such section.
    """
    known = read(lang)
    if section not in known:
        raise Problem(
            f"website/words/{lang}.yml lacks the section “{section}”; write it there, in both languages"
        )
    return Section(f"{lang}.yml: section {section}", known[section])


@cache
def read(lang: str) -> dict[str, dict[str, str]]:
    """Return all words of a language; every value is text, also ``yes`` and ``995``."""
    known: dict[str, dict[str, str]] = yaml.load(
        Path(__file__).with_name(f"{lang}.yml").read_text("utf-8"), yaml.BaseLoader
    )
    return known
