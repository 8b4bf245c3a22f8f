"""The sources that the site cites: docs/sources.yml, a title and perhaps an address by key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

RFC = re.compile(r"RFC (?P<rfc>\d+)(?:, (?P<section>[\d.]+))?")

_SECTION = {"de": "Abschnitt", "en": "section"}


def read(root: Path) -> dict[str, Any]:
    """Return title and address of each source by its key.

    Args:
        root: the project's folder.
    """
    sources: dict[str, Any] = yaml.safe_load((root / "docs" / "sources.yml").read_text("utf-8"))
    return sources


def cite(source: str, sources: Mapping[str, Any], lang: str) -> str:
    """Write a source as Markdown, linked where it has an address.

    Args:
        source: a key of `sources`, or ``RFC 2595, 4``.
        sources: see `read`.
        lang: the reader's language.

    Raises:
        KeyError: there is no such source.
    """
    if found := RFC.fullmatch(source):
        address = f"https://www.rfc-editor.org/rfc/rfc{found['rfc']}"
        if not found["section"]:
            return f"[RFC {found['rfc']}]({address})"
        section = f"{_SECTION[lang]} {found['section']}"
        return f"[RFC {found['rfc']}, {section}]({address}#section-{found['section']})"
    title = sources[source]["title"]
    text = title if isinstance(title, str) else title[lang]
    address = sources[source].get("url")
    return f"[{text}]({address})" if address else text
