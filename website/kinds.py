"""The four kinds of evidence in a page's text: ``{assumed}`` is a small mark that names one.

It stands at the end of what it is about: a sentence, a heading, or a cell of a table, and inside a line
right behind it (``yes {assumed}``). What the kinds mean is told on about/source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from minipop.exchange.sources import Evidence
from website.marks import prose
from website.words import words

_DRAWN = re.compile(r'(<span class="kind kind-(\w+)")>')
_WRITTEN = re.compile(r" *\{(" + "|".join(one.value for one in Evidence) + r")\}")


def span(kind: Evidence, lang: str) -> str:
    """Return the mark of a kind as HTML: its word, which is read to those who do not see it, too."""
    known = words(lang, "kinds")[kind.value]
    return f'<span class="kind kind-{kind.value}">{known}</span>'


def fill(markdown: str, lang: str) -> str:
    """Return a page's text with the marks of kinds drawn; those in code stay."""

    def drawn(text: str) -> str:
        return _WRITTEN.sub(lambda found: f" {span(Evidence(found[1]), lang)}", text)

    return "".join(drawn(part) if is_prose else part for is_prose, part in prose(markdown))


def explain(content: str, lang: str) -> str:
    """Return a page's HTML in which each mark says on hover what its word means, those of lessons, too."""
    means = words(lang, "kinds-mean")
    return _DRAWN.sub(lambda found: f'{found[1]} title="{escape(means[found[2]])}">', content)


def named(markdown: str) -> Iterator[Evidence]:
    """Yield the kinds that a text names, each once, in their own order."""
    found = {Evidence(one[1]) for one in _WRITTEN.finditer(markdown)}
    return (kind for kind in Evidence if kind in found)
