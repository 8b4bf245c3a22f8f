"""The sources that the site cites, as Markdown; the list itself is minipop's: exchange/sources.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from minipop.exchange.sources import listed

RFC = re.compile(r"RFC (?P<rfc>\d+)(?:, (?P<section>[\d.]+))?")

_SECTION = {"de": "Abschnitt", "en": "section"}


def cite(source: str, lang: str, sources: Mapping[str, Any] | None = None) -> str:
    """Write a source as Markdown, linked where it has an address, with what was seen there.

    Args:
        source: a key of the list, or ``RFC 2595, 4``.
        lang: the reader's language.
        sources: the list, None for minipop's own.

    Raises:
        KeyError: there is no such source.
    """
    if found := RFC.fullmatch(source):
        address = f"https://www.rfc-editor.org/rfc/rfc{found['rfc']}"
        if not found["section"]:
            return f"[RFC {found['rfc']}]({address})"
        section = f"{_SECTION[lang]} {found['section']}"
        return f"[RFC {found['rfc']}, {section}]({address}#section-{found['section']})"
    sources = listed() if sources is None else sources
    entry = sources[source]
    if "of" in entry:
        text = "; ".join(cite(key, lang, sources) for key in entry["of"])
    else:
        title = _said(entry["title"], lang)
        text = f"[{title}]({entry['url']})" if "url" in entry else title
    return f"{text} ({_said(entry['seen'], lang)})" if "seen" in entry else text


def _said(text: str | Mapping[str, str], lang: str) -> str:
    return text if isinstance(text, str) else text[lang]
