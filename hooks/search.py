"""MkDocs hook: a search index for each language, so that a reader is shown no page in the other one.

MkDocs' search writes one index for the whole site. Material looks for it below the address that each page
names as its base, and takes the addresses in it from there; so each language gets an index at its own root,
and its pages name that root.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.pages import Page

LABEL = {"de": "Suche", "en": "Search"}  # for screen readers
INDEX = Path("search", "search_index.json")

_BASE = re.compile(r'(<script id="__config" type="application/json">.*?"base": ")\.\.(?:/([^"]*))?"')


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Let a page below en/ name en/ as its base, one step up less; and give Material's search box a name."""
    label = LABEL[str(page.file.locale)]  # type: ignore[attr-defined]  # set by mkdocs-static-i18n
    output = output.replace('role="dialog"', f'role="dialog" aria-label="{label}"', 1)
    if not page.file.dest_uri.startswith(_prefixes(config)):
        return output
    changed, count = _BASE.subn(lambda found: f'{found[1]}{found[2] or "."}"', output, count=1)
    assert count == 1, f"{page.file.src_uri}: Material's configuration is not where it was"
    return changed


@event_priority(-200)  # after the search plugin and static-i18n have written theirs
def on_post_build(config: MkDocsConfig) -> None:
    """Give each language what is its own of the index; the first keeps the place at the root."""
    site = Path(config.site_dir)
    index: dict[str, Any] = json.loads((site / INDEX).read_text("utf-8"))
    prefixes = _prefixes(config)
    if not any(doc["location"].startswith(prefixes) for doc in index["docs"]):
        return  # this language's turn, the others' is still to come
    rest = [doc for doc in index["docs"] if not doc["location"].startswith(prefixes)]
    _write(site, index, config.plugins["i18n"].default_language, rest)  # type: ignore[attr-defined]
    for prefix in prefixes:
        docs = [
            {**doc, "location": doc["location"].removeprefix(prefix)}
            for doc in index["docs"]
            if doc["location"].startswith(prefix)
        ]
        _write(site / prefix, index, prefix.rstrip("/"), docs)


def _write(root: Path, index: dict[str, Any], lang: str, docs: list[dict[str, str]]) -> None:
    path = root / INDEX
    path.parent.mkdir(exist_ok=True)
    alone = {**index, "config": {**index["config"], "lang": [lang]}, "docs": docs}
    path.write_text(json.dumps(alone, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _prefixes(config: MkDocsConfig) -> tuple[str, ...]:
    """Return where the languages stand that are not at the root: ``en/``."""
    i18n: Any = config.plugins["i18n"]
    return tuple(f"{lang}/" for lang in i18n.build_languages if lang != i18n.default_language)
