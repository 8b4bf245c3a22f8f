"""The words that pages are drawn with, in sections: ``de.yml`` and ``en.yml``, with the same keys."""

from __future__ import annotations

import json
from collections.abc import Collection
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

    def without(self, drawn: Collection[str]) -> dict[str, str]:
        """Return the words for the script of a page, whose others the build has drawn."""
        return {key: text for key, text in self.items() if key not in drawn}


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


def for_script(data: object) -> str:
    """Return what a module reads from its page, as the content of a script element with JSON."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


@cache
def read(lang: str) -> dict[str, dict[str, str]]:
    """Return all words of a language; every value is text, also ``yes`` and ``995``."""
    known: dict[str, dict[str, str]] = yaml.load(
        Path(__file__).with_name(f"{lang}.yml").read_text("utf-8"), yaml.BaseLoader
    )
    return known
