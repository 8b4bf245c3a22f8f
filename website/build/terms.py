"""The first use of a glossary term on a page is a link to the glossary, and its meaning is the link's title.

docs/assets/site.js shows that title on hover, on focus and at the first tap; without scripts, it is a plain
link with the browser's own tooltip. What the page says elsewhere stays as it is, byte for byte: the text is
read tag by tag instead of being parsed and written again, because a parser changes the names in drawings.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

from website.pages.glossary import Term, load

#: At most so many links to the glossary on a page, the first ones: more would be in the reader's way.
MOST = 10

#: Pages for those who build the site or call its code: they know the terms, or look them up themselves.
_WITHOUT = re.compile(r"about/|reference/(?:glossary|api)")

_TAG = re.compile(r"""(<!--.*?-->|<(?:"[^"]*"|'[^']*'|[^'">])*>)""", re.DOTALL)
_NAME = re.compile(r"<(/?)([a-zA-Z][\w-]*)")
_VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
_RUNNING = {"p", "li", "dd"}
_NEVER = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "a", "code", "pre", "kbd", "summary", "button", "label"),
    *("table", "svg", "figure", "script", "style", "em"),  # in italics: titles and foreign words
}
_NEVER_CLASS = re.compile(
    r'class="[^"]*\b(?:kind|evidence|statement|facts|contents|by-name|admonition-title|nb-output|nb-download)\b'
)


def link(content: str, root: Path, lang: str, page: str, glossary: str) -> str:
    """Link the first use of each term on a page.

    Args:
        content: the page's HTML.
        root: the project's folder.
        lang: the page's language.
        page: its place, without the language: ``guide/log-on-names.md``.
        glossary: the address of the glossary, relative to the page.
    """
    if _WITHOUT.match(page):
        return content
    terms = load(root).terms
    names, pattern = _uses(terms, lang)
    seen = set[str]()

    def linked(found: re.Match[str]) -> str:
        name = names[found.lastindex or 0]
        if name in seen or len(seen) == MOST or not terms[name].link:
            return found[0]
        seen.add(name)
        means = html.escape(terms[name].plain(lang))
        return f'<a class="term" href="{glossary}#{name}" title="{means}">{found[0]}</a>'

    return "".join(pattern.sub(linked, part) if running else part for part, running in _parts(content))


def _parts(content: str) -> Iterator[tuple[str, bool]]:
    """Yield tags and the texts between them, each with whether it is running text."""
    within: list[tuple[str, bool]] = []  # the open elements, and which of them hold no term
    for part in _TAG.split(content):
        if not part.startswith("<"):
            inside = {name for name, _ in within}
            yield part, bool(inside & _RUNNING) and not any(never for _, never in within)
            continue
        yield part, False
        tag = _NAME.match(part)
        if not tag:
            continue  # a comment
        name = tag[2].lower()
        if not tag[1] and name not in _VOID and not part.endswith("/>"):
            within.append((name, name in _NEVER or bool(_NEVER_CLASS.search(part))))
        elif tag[1] and name in (open_ := [one for one, _ in within]):
            del within[len(open_) - 1 - open_[::-1].index(name) :]


def _uses(terms: dict[str, Term], lang: str) -> tuple[list[str], re.Pattern[str]]:
    """Return a pattern with a group for each written form, the longest first, and the terms by group."""
    forms = sorted(
        ((form, name) for name, term in terms.items() for form in term.written(lang)),
        key=lambda one: (-len(one[0]), one),
    )
    choices = "|".join(f"({_form(form, lang)})" for form, _ in forms)
    return ["", *(name for _, name in forms)], re.compile(rf"(?<![\w-])(?:{choices})(?![\w-])")


def _form(form: str, lang: str) -> str:
    """Return the pattern of a form with its usual endings, whether or not it begins a sentence."""
    words = form.split()
    written = [_inflected(word, lang, last=number == len(words)) for number, word in enumerate(words, 1)]
    pattern = r"\s+".join(written)
    return f"[{form[0]}{form[0].upper()}]{pattern[1:]}" if form[0].islower() else pattern


def _inflected(word: str, lang: str, *, last: bool) -> str:
    if not word[-1].isalpha() or word.isupper():
        return re.escape(word) + ("s?" if word.isalpha() and last else "")
    if lang == "en":
        ending = "(?:y|ies)" if word.endswith("y") else "(?:e?s)?"
        return re.escape(word.removesuffix("y")) + ending if last else re.escape(word)
    stem = re.sub(r"e[rns]?$", "", word)
    if stem != word and (word[0].islower() or not last):
        return re.escape(stem) + "e[rnsm]?"  # an adjective
    return re.escape(word) + "(?:e[nrs]?|ern|n|s)?"
