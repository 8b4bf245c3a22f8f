"""A search index for each language, which finds pages by the words that their readers type.

MkDocs' search writes one index for the whole site. Material looks for it below the address that each page
names as its base, and takes the addresses in it from there; so each language gets an index at its own root,
and its pages name that root.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

from website.data import LANGUAGES, Problem, Text, prefix, read
from website.words import words

INDEX = Path("search", "search_index.json")

#: Words that readers type and a page does not say, by page. They count more than a title does.
TYPED = "docs/search.yml"
_WORTH = {"boost": 5_000.0}  # Material's own: title 1,000, text 1

#: A page whose sections say what stands behind those of another: what is found there leads to the other.
_BEHIND = {"reference/wordings/": "reference/replies/"}

_BASE = re.compile(r'(<script id="__config" type="application/json">.*?"base": ")\.\.(?:/([^"]*))?"')
_WORKER = re.compile(r'("search": "[^"]*?assets/javascripts/workers/)(search\.[^"/]*\.js)"')

#: When Material's script fetches the index: with every page or, as it does for files, once the search opens.
_AT_ONCE, _ON_OPENING = '$(location.protocol!=="file:")', "$(!1)"

Entry = dict[str, Any]


def rebase(html: str, lang: str, page: str) -> str:
    """Let a page name the index of its language and the worker that takes what readers type for words.

    Args:
        html: the page.
        lang: its language.
        page: its place in the site.
    """
    label = words(lang, "search")["label"]  # for screen readers
    html = html.replace('role="dialog"', f'role="dialog" aria-label="{label}"', 1)
    html, workers = _WORKER.subn(r'\1typed.js?\2"', html, count=1)
    bases = 1
    if prefix(lang):  # one step up less
        html, bases = _BASE.subn(lambda found: f'{found[1]}{found[2] or "."}"', html, count=1)
    assert workers == bases == 1, f"{page}: Material's configuration is not where it was"
    return html


def split(site: Path, root: Path, *, part: bool = False) -> None:
    """Give each language what is its own of the index; the first keeps the place at the root.

    Args:
        site: the built site; if its index does not hold every language yet, nothing is done.
        root: the project's folder.
        part: whether this is a part of the site, which need not have every page.

    Raises:
        Problem: words are listed for a page that the site does not have.
    """
    index: dict[str, Any] = json.loads((site / INDEX).read_text("utf-8"))
    docs: dict[str, list[Entry]] = {lang: [] for lang in LANGUAGES}
    for doc in index["docs"]:
        lang = next(lang for lang in reversed(LANGUAGES) if doc["location"].startswith(prefix(lang)))
        docs[lang].append({**doc, "location": doc["location"].removeprefix(prefix(lang))})
    if not all(docs.values()):
        return
    typed = read(root, TYPED, dict[str, Text])
    index["config"]["fields"]["words"] = _WORTH
    for lang in LANGUAGES:
        _write(site / prefix(lang), index, lang, with_typed(joined(whole(docs[lang])), lang, typed, part))


def wait(site: Path) -> None:
    """Let the index wait until a reader opens the search; it weighs more than a page with all else it needs.

    Args:
        site: the built site.

    Raises:
        Problem: Material's script is not as it was.
    """
    for script in site.glob("assets/javascripts/bundle.*.min.js"):
        text = script.read_text("utf-8")
        if _AT_ONCE not in text and _ON_OPENING in text:  # by an earlier build
            continue
        if text.count(_AT_ONCE) != 1:
            raise Problem(
                f"{script.name}: Material does not fetch the search index where it did; see {__name__}"
            )
        script.write_text(text.replace(_AT_ONCE, _ON_OPENING), "utf-8")


def whole(docs: Iterable[Entry]) -> list[Entry]:
    """Return the index with one entry first for each page as a whole, which a result can lead to.

    Material's plugin gives a page whose title is a heading with an id of its own, as a lesson's is, an entry
    that is empty or none at all. Its first section takes this place, because its worker knows the page by it.

    Args:
        docs: the sections of all pages, in their order, those of a page together.
    """
    made = []
    for page, entries in groupby(docs, lambda doc: doc["location"].partition("#")[0]):
        first, *rest = entries
        if rest and not first["text"] and rest[0]["title"] == first["title"]:
            first, *rest = rest
        made += [{**first, "location": page}, *rest]
    return made


def joined(docs: list[Entry]) -> list[Entry]:
    """Return the index with what stands behind a section (`_BEHIND`) as a part of that section's text.

    Args:
        docs: what `whole` has returned.
    """
    places = {doc["location"]: doc for doc in docs}
    kept = []
    for doc in docs:
        page, _, section = doc["location"].partition("#")
        front = places.get(f"{_BEHIND.get(page)}#{section}") if section else None
        if front:
            front["text"] += f" {doc['text']}"
        else:
            kept.append(doc)
    return kept


def with_typed(docs: list[Entry], lang: str, typed: dict[str, Text], part: bool = False) -> list[Entry]:
    """Add to the entry of each page the words that its readers type.

    Args:
        docs: what `whole` has returned.
        lang: their language.
        typed: the words by the address of the page.
        part: whether pages may be missing.

    Raises:
        Problem: there is no such page.
    """
    places = {doc["location"]: doc for doc in docs}
    for page, said in typed.items():
        if page in places:
            places[page]["words"] = said[lang]
        elif not part:
            raise Problem(
                f"{TYPED}: the site has no page {page!r}; write its address, as in guide/log-on-names/"
            )
    return docs


def _write(root: Path, index: dict[str, Any], lang: str, docs: list[Entry]) -> None:
    path = root / INDEX
    path.parent.mkdir(exist_ok=True)
    alone = {**index, "config": {**index["config"], "lang": [lang]}, "docs": docs}
    path.write_text(json.dumps(alone, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
