"""A search index for each language, so that a reader is shown no page in the other one.

MkDocs' search writes one index for the whole site. Material looks for it below the address that each page
names as its base, and takes the addresses in it from there; so each language gets an index at its own root,
and its pages name that root.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from website.build.translations import prefix
from website.data import LANGUAGES
from website.words import words

INDEX = Path("search", "search_index.json")

_BASE = re.compile(r'(<script id="__config" type="application/json">.*?"base": ")\.\.(?:/([^"]*))?"')


def rebase(html: str, lang: str, page: str) -> str:
    """Let a page below en/ name en/ as its base, one step up less; and give Material's search box a name.

    Args:
        html: the page.
        lang: its language.
        page: its place in the site.
    """
    label = words(lang, "search")["label"]  # for screen readers
    html = html.replace('role="dialog"', f'role="dialog" aria-label="{label}"', 1)
    if not prefix(lang):
        return html
    changed, count = _BASE.subn(lambda found: f'{found[1]}{found[2] or "."}"', html, count=1)
    assert count == 1, f"{page}: Material's configuration is not where it was"
    return changed


def split(site: Path) -> None:
    """Give each language what is its own of the index; the first keeps the place at the root.

    Args:
        site: the built site; if its index holds the first language alone, the other's turn is still to come.
    """
    index: dict[str, Any] = json.loads((site / INDEX).read_text("utf-8"))
    others = [lang for lang in LANGUAGES if prefix(lang)]
    docs = {
        lang: [doc for doc in index["docs"] if doc["location"].startswith(prefix(lang))] for lang in others
    }
    if not any(docs.values()):
        return
    rest = [doc for doc in index["docs"] if not doc["location"].startswith(tuple(map(prefix, others)))]
    _write(site, index, LANGUAGES[0], rest)
    for lang in others:
        own = [{**doc, "location": doc["location"].removeprefix(prefix(lang))} for doc in docs[lang]]
        _write(site / lang, index, lang, own)


def _write(root: Path, index: dict[str, Any], lang: str, docs: list[dict[str, str]]) -> None:
    path = root / INDEX
    path.parent.mkdir(exist_ok=True)
    alone = {**index, "config": {**index["config"], "lang": [lang]}, "docs": docs}
    path.write_text(json.dumps(alone, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
