"""The article's claims as data: docs/claims.yml and docs/article.yml, read and checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from hooks import sources
from minipop.exchange.sources import listed

LANGUAGES = ("de", "en")

#: What is said of a claim, worst news first: the order of the overview.
VERDICTS = {
    "contradicted": {"de": "widerlegt", "en": "contradicted"},
    "outdated": {"de": "überholt", "en": "outdated"},
    "disagree": {"de": "Quellen uneins", "en": "sources disagree"},
    "refined": {"de": "präzisiert", "en": "refined"},
    "unverified": {"de": "nicht belegt", "en": "unverified"},
    "confirmed": {"de": "bestätigt", "en": "confirmed"},
    "opinion": {"de": "Meinung", "en": "opinion"},
    "background": {"de": "Hintergrund", "en": "background"},
    "none": {"de": "keine Behauptung", "en": "no claim"},
}
KINDS = {
    "measured": {"de": "gemessen", "en": "measured"},
    "re-enacted": {"de": "nachgestellt", "en": "re-enacted"},
    "invented": {"de": "erfunden", "en": "invented"},
    "narrated": {"de": "erzählt", "en": "narrated"},
}
MARK = re.compile(r"^<!-- (?:claims? (?P<what>[\w ]+)|(?P<article>article)) -->$", re.MULTILINE)


@dataclass(frozen=True)
class Data:
    """What docs/claims.yml and docs/article.yml hold, and where the pages have put it.

    Args:
        claims: the claims by their ids, as the file has them.
        headings: the article's headings, each with its paragraphs.
        places: the pages whose marks name a claim, by language and claim: ``guide/administration``.
    """

    claims: Mapping[str, Any]
    headings: list[Mapping[str, Any]]
    places: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict)


def read(root: Path) -> Data:
    """Read both files, and look for the marks of claims in all pages.

    Args:
        root: the project's folder.
    """
    claims = yaml.safe_load((root / "docs" / "claims.yml").read_text("utf-8"))
    article = yaml.safe_load((root / "docs" / "article.yml").read_text("utf-8"))
    places: dict[str, dict[str, list[str]]] = {}
    for lang in LANGUAGES:
        tree = root / "docs" / lang
        for path in sorted(tree.rglob("*.md")):
            for mark in MARK.finditer(path.read_text("utf-8")):
                words = (mark["what"] or "").split()
                if words and words[0] not in ("table", "count", "list"):
                    for name in words:
                        page = path.relative_to(tree).with_suffix("").as_posix()
                        places.setdefault(lang, {}).setdefault(name, []).append(page)
    return Data(claims["claims"], article["headings"], places)


def problems(data: Data, root: Path) -> Iterator[str]:
    """Say what is wrong with the data, a sentence for each: what, where."""
    for name, claim in data.claims.items():
        yield from (f"claim {name}: {problem}" for problem in _of_claim(name, claim, data, root))
    told = {name for heading in data.headings for one in heading["paragraphs"] for name in one["claims"]}
    yield from (f"claim {name}: in no paragraph of the article" for name in sorted({*data.claims} - told))
    yield from (f"docs/article.yml: there is no claim {name}" for name in sorted(told - {*data.claims}))
    for lang in LANGUAGES:
        marked = {*data.places.get(lang, {})}
        yield from (f"docs/{lang}: there is no claim {name}" for name in sorted(marked - {*data.claims}))
    if data.places.get("de") != data.places.get("en"):
        yield "the two languages mark claims on different pages"


def _of_claim(name: str, claim: Mapping[str, Any], data: Data, root: Path) -> Iterator[str]:
    texts = ("about", "says", "today") if name.startswith("C") else ("about", "today")
    if wrong := {*texts, "verdict", "sources", "evidence"} ^ claim.keys():
        yield f"missing or too much: {', '.join(sorted(wrong))}"
        return
    for key in texts:
        if not isinstance(claim[key], dict) or not all(claim[key].get(lang) for lang in LANGUAGES):
            yield f"{key} is not in both languages"
    yield from (
        f"{verdict!r} is no verdict" for verdict in verdicts(claim).values() if verdict not in VERDICTS
    )
    if not claim["sources"] or not claim["evidence"]:
        yield "without source or evidence"
    for source in claim["sources"]:
        if source not in listed() and not sources.RFC.fullmatch(source):
            yield f"{source!r} is not in the list of sources"
    for kind, place in evidence_of(claim):
        if kind not in KINDS:
            yield f"{kind!r} is no kind of evidence"
        elif not place and kind != "narrated":
            yield f"{kind}, without a place that shows it"
        elif place and not _shown(root, place):
            yield f"there is no {place}"
    for lang in LANGUAGES:
        if len(found := data.places.get(lang, {}).get(name, [])) != 1:
            yield f"marked {len(found)} times in docs/{lang}, not once: {', '.join(found)}"


def verdicts(claim: Mapping[str, Any]) -> dict[str, str]:
    """Return a claim's verdicts by the editions they are for; "" for all."""
    verdict = claim["verdict"]
    return {str(e): v for e, v in verdict.items()} if isinstance(verdict, dict) else {"": verdict}


def evidence_of(claim: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give kind and place of each piece of evidence; the place may be ""."""
    for one in claim["evidence"]:
        yield next(iter(one.items())) if isinstance(one, dict) else (str(one), "")


def file_of(root: Path, lang: str, place: str) -> Path:
    """Return the file of a page or lesson, below the project's folder."""
    page = place.partition("#")[0]
    notebook = Path("notebooks", lang, f"{page.removeprefix('learn/')}.ipynb")
    return notebook if (root / notebook).exists() else Path("docs", lang, f"{page}.md")


def _shown(root: Path, place: str) -> bool:
    """Return whether a page or test exists; anchors are for MkDocs, which checks every link."""
    if not place.startswith("tests/"):
        return (root / file_of(root, "de", place)).exists()
    file, _, name = place.partition("::")
    path = root / file
    return path.exists() and f"def {name}(" in path.read_text("utf-8")
