"""The page reference/glossary, drawn from docs/glossary.yml, in the order of the reader's alphabet."""

from __future__ import annotations

import posixpath
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from website.content import heading
from website.data import LANGUAGES, Problem, Text, read
from website.marks import Context, mark


@dataclass(frozen=True)
class Term:
    """A term; the head of the file says what each key means."""

    de: str
    en: str
    means: Text
    see: str = ""
    microsoft: Text = field(default_factory=Text)
    avoid: dict[str, list[str]] = field(default_factory=dict)

    def said(self, lang: str) -> str:
        """Return the term in a language."""
        return self.de if lang == "de" else self.en


@dataclass(frozen=True)
class Glossary:
    """What the file holds: terms by name; phrases, by language, that may say what a term avoids, and why."""

    terms: dict[str, Term]
    exceptions: dict[str, dict[str, str]]


def load(root: Path) -> Glossary:
    """Return the glossary.

    Args:
        root: the project's folder.
    """
    return read(root, "docs/glossary.yml", Glossary)


def in_order(terms: Mapping[str, Term], lang: str) -> list[str]:
    """Return the names of the terms in alphabetical order; ä counts as a, as in DIN 5007."""

    def key(name: str) -> str:
        letters = unicodedata.normalize("NFD", terms[name].said(lang).casefold())
        return "".join(letter for letter in letters if letter.isalnum())

    return sorted(terms, key=key)


@mark("glossary")
def glossary(context: Context) -> str:
    """Draw all terms, each with an anchor of its own."""
    terms = load(context.root).terms
    drawn = [_term(name, terms[name], context) for name in in_order(terms, context.lang)]
    return "\n\n".join(['<div class="by-name" markdown>', *drawn, "</div>"])


def _term(name: str, term: Term, context: Context) -> str:
    lang, words = context.lang, context.words("glossary")
    (other,) = {*LANGUAGES} - {lang}
    facts = [f"{words['in other']}: *{term.said(other)}*{{ lang={other} }}"]
    if known := term.microsoft:
        both = f"{known[lang]} / *{known[other]}*{{ lang={other} }}"
        facts.append(f"{words['microsoft']}: {known[lang] if known[lang] == known[other] else both}")
    if avoided := term.avoid.get(lang):
        facts.append(f"{words['avoid']}: {', '.join(word.rstrip('*') for word in avoided)}")
    more = f" {words['see']}: [{_heading(name, term.see, context)}]({term.see})." if term.see else ""
    return f"**{term.said(lang)}**{{ #{name} }}\n:   {term.means[lang]}{more}\n\n    {' · '.join(facts)}"


def _heading(name: str, link: str, context: Context) -> str:
    """Return the heading that a link leads to, as the page or lesson itself has it."""
    path, _, anchor = link.partition("#")
    page = posixpath.splitext(posixpath.normpath(posixpath.join("reference", path)))[0]
    try:
        return heading(context.root, context.lang, page, anchor)
    except Problem as problem:
        raise Problem(f"docs/glossary.yml: {name}: see: {problem}") from problem
