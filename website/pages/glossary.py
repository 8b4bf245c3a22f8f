"""The page reference/glossary, drawn from docs/glossary.yml, in the order of the reader's alphabet."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import ascii_uppercase

from website.content import heading
from website.data import Problem, Text, read
from website.marks import Context, mark


@dataclass(frozen=True)
class Term:
    """A term; the head of the file says what each key means."""

    de: str
    en: str
    means: Text
    see: str = ""
    microsoft: Text = field(default_factory=Text)
    also: dict[str, list[str]] = field(default_factory=dict)
    avoid: dict[str, list[str]] = field(default_factory=dict)
    forms: dict[str, list[str]] = field(default_factory=dict)
    link: bool = True

    def said(self, lang: str) -> str:
        """Return the term in a language."""
        return self.de if lang == "de" else self.en

    def plain(self, lang: str) -> str:
        """Return what it means as plain text, for a tooltip."""
        return re.sub(r"[`*]", "", self.means[lang])

    def written(self, lang: str) -> list[str]:
        """Return the forms in which a text may write it; the usual endings come on top."""
        return [self.said(lang), *self.forms.get(lang, ())]


@dataclass(frozen=True)
class Glossary:
    """What the file holds: terms by name; phrases, by language, that headings may say anyway, and why."""

    terms: dict[str, Term]
    exceptions: dict[str, dict[str, str]]


def load(root: Path) -> Glossary:
    """Return the glossary.

    Args:
        root: the project's folder.

    Raises:
        Problem: a form is not one of its term.
    """
    known = read(root, "docs/glossary.yml", Glossary)
    for name, term in known.terms.items():
        for lang, forms in term.forms.items():
            for form in forms:
                if not _is_form(form, [term.said(lang), *term.also.get(lang, ())]):
                    raise Problem(
                        f"docs/glossary.yml: {name}: forms: {form!r} does not begin as a word of "
                        f"{term.said(lang)!r} does; correct it, or put the word into `also`, too"
                    )
    return known


def _is_form(form: str, names: Iterable[str]) -> bool:
    """Say whether a form begins as a word of its term does: by three letters, ä counting as a."""
    beginnings = {_letters(word)[:3] for name in names for word in name.split()}
    return _letters(form)[:3] in beginnings


def _letters(text: str) -> str:
    """Return a text as the alphabet sorts it; ä counts as a, as in DIN 5007."""
    return "".join(letter for letter in unicodedata.normalize("NFD", text.casefold()) if letter.isalnum())


def in_order(terms: Mapping[str, Term], lang: str) -> list[str]:
    """Return the names of the terms in alphabetical order."""
    return sorted(terms, key=lambda name: _letters(terms[name].said(lang)))


@mark("glossary")
def glossary(context: Context) -> str:
    """Draw all terms, each with an anchor of its own, below a line of letters that lead to them."""
    terms = load(context.root).terms
    names = in_order(terms, context.lang)
    drawn = [_term(name, terms[name], context) for name in names]
    letters = _jump({_letters(terms[name].said(context.lang))[0].upper(): name for name in reversed(names)})
    label = context.words("glossary")["letters"]
    jump = f'<nav class="letters" aria-label="{label}">{letters}</nav>'
    return "\n\n".join([jump, '<div class="by-name" markdown>', *drawn, "</div>"])


def _jump(firsts: Mapping[str, str]) -> str:
    """Return the alphabet; a letter that a term begins with leads to the first of them."""
    return " ".join(
        f'<a href="#{firsts[letter]}">{letter}</a>' if letter in firsts else f"<span>{letter}</span>"
        for letter in ascii_uppercase
    )


def _term(name: str, term: Term, context: Context) -> str:
    """Draw a term: what it means, and what it is called elsewhere.

    A German reader meets the English words in consoles and manuals; an English one needs no German ones.
    """
    lang, words = context.lang, context.words("glossary")
    facts, microsoft = list[str](), term.microsoft[lang]
    if lang != "en":
        label = words["in other"]
        facts.append(f"{label}: *{term.en}*{{ lang=en }}")
        if microsoft and microsoft != term.microsoft["en"]:
            microsoft += f" / *{term.microsoft['en']}*{{ lang=en }}"
    if microsoft and microsoft != term.said(lang):
        facts.append(f"{words['microsoft']}: {microsoft}")
    if others := dict.fromkeys(w.rstrip("*") for w in (*term.also.get(lang, ()), *term.avoid.get(lang, ()))):
        facts.append(f"{words['also']}: {', '.join(others)}")
    more = ""
    if term.see:
        title = _heading(name, term.see, context)
        stop = "" if title.endswith("?") else "."
        more = f" {words['see']}: [{title}]({term.see}){stop}"
    told = f"**{term.said(lang)}**{{ #{name} }}\n:   {term.means[lang]}{more}"
    return f"{told}\n\n    {' · '.join(facts)}" if facts else told


def _heading(name: str, link: str, context: Context) -> str:
    """Return the heading that a link leads to, as the page or lesson itself has it."""
    path, _, anchor = link.partition("#")
    page = posixpath.splitext(posixpath.normpath(posixpath.join("reference", path)))[0]
    try:
        return heading(context.root, context.lang, page, anchor)
    except Problem as problem:
        raise Problem(f"docs/glossary.yml: {name}: see: {problem}") from problem
