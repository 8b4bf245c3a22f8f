"""Which sources are cited and how: minipop's own list, which serves its editions too, and the RFCs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from website.data import Problem, Text, read
from website.words import words

LIST = "src/minipop/exchange/sources.toml"

RFC = re.compile(r"RFC (?P<rfc>\d+)(?:, (?P<section>[\d.]+))?")


@dataclass(frozen=True)
class Source:
    """An entry of the list; the head of the file says what each key means."""

    title: Text | str = ""
    url: str = ""
    seen: Text | str = ""
    of: list[str] = field(default_factory=list)


class Sources(dict[str, Source]):
    """The entries of the list by their keys."""

    def cite(self, source: str, lang: str) -> str:
        """Write a source as Markdown, linked where it has an address, with what was seen there.

        Args:
            source: a key, or ``RFC 2595, 4``.
            lang: the reader's language.

        Raises:
            Problem: there is no such source.
        """
        if found := RFC.fullmatch(source):
            return _rfc(found["rfc"], found["section"], lang)
        if source not in self:
            raise Problem(f"{LIST}: there is no source {source}; write it there, with its title")
        known = self[source]
        title = _said(known.title, lang)
        text = f"[{title}]({known.url})" if known.url else title
        text = "; ".join(self.cite(key, lang) for key in known.of) or text
        return f"{text} ({_said(known.seen, lang)})" if known.seen else text


def load(root: Path) -> Sources:
    """Return all sources.

    Args:
        root: the project's folder.
    """
    return Sources(read(root, LIST, dict[str, Source]))


def _rfc(rfc: str, section: str | None, lang: str) -> str:
    address = f"https://www.rfc-editor.org/rfc/rfc{rfc}"
    if not section:
        return f"[RFC {rfc}]({address})"
    return f"[RFC {rfc}, {words(lang, 'sources')['section']} {section}]({address}#section-{section})"


def _said(text: Text | str, lang: str) -> str:
    return text if isinstance(text, str) else text[lang]
