"""Which sources are cited and how: docs/sources.yml, the RFCs, and those of minipop's editions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from minipop.exchange import sources as src
from website.data import Problem, Text, read
from website.words import words

RFC = re.compile(r"RFC (?P<rfc>\d+)(?:, (?P<section>[\d.]+))?")

#: What is no citation is said in the reader's language: the words of these, section `sources`.
_NO_CITATIONS = {
    src.INVENTED: "invented",
    src.CARRIED_OVER: "carried-over",
    src.OXPOP3_NOT_FOLLOWED: "not-followed",
    src.OWN: "own",
    src.CONNECTIONS_PER_USER: "inferred",
}


@dataclass(frozen=True)
class Source:
    """An entry of docs/sources.yml: a title, one for both languages or one each, and perhaps an address."""

    title: Text | str
    url: str = ""


class Sources(dict[str, Source]):
    """The entries of docs/sources.yml by their keys."""

    def cite(self, source: str, lang: str) -> str:
        """Write a source as Markdown, linked where it has an address.

        Args:
            source: a key, or ``RFC 2595, 4``.
            lang: the reader's language.

        Raises:
            Problem: there is no such source.
        """
        if found := RFC.fullmatch(source):
            return _rfc(found["rfc"], found["section"], lang)
        if source not in self:
            raise Problem(f"docs/sources.yml: there is no source {source}; write it there, with its title")
        known = self[source]
        text = known.title if isinstance(known.title, str) else known.title[lang]
        return f"[{text}]({known.url})" if known.url else text


def load(root: Path) -> Sources:
    """Return all sources.

    Args:
        root: the project's folder.
    """
    return Sources(read(root, "docs/sources.yml", dict[str, Source]))


def _rfc(rfc: str, section: str | None, lang: str) -> str:
    address = f"https://www.rfc-editor.org/rfc/rfc{rfc}"
    if not section:
        return f"[RFC {rfc}]({address})"
    return f"[RFC {rfc}, {words(lang, 'sources')['section']} {section}]({address}#section-{section})"


def of_edition(source: src.Source, lang: str) -> str:
    """Write the source of a value of an edition."""
    return words(lang, "sources")[_NO_CITATIONS[source]] if source in _NO_CITATIONS else source.title


def kind(evidence: src.Evidence, lang: str) -> str:
    """Name a kind of evidence; what is invented stands out."""
    word = words(lang, "kinds")[evidence.value]
    return f"*{word}*" if evidence is src.Evidence.INVENTED else word
