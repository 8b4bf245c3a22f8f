"""What the article claims and what holds today, drawn from docs/claims.yml and docs/article.yml.

Every claim has its place on one page, the same in both languages: a box with the anchor ``#c27``.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from minipop.exchange.sources import Evidence
from website import sources
from website.content import file_of, heading
from website.data import LANGUAGES, Problem, Text, read
from website.marks import Context, find, mark, name_of
from website.tables import table
from website.words import words

NAME = "docs/claims.yml"

#: What can be said of a claim, worst news first: the order of the overview.
VERDICTS = tuple(words("en", "verdicts"))

#: What stands for a source where there is none.
_NO_SOURCE = {"own-knowledge", "inferred"}

_LESSON = re.compile(r"learn/(?P<number>\d\d)-")


@dataclass(frozen=True)
class Claim:
    """A claim; without ``says``, the article does not mention it.

    Args:
        about: what it is about, in a few words.
        today: what holds today.
        verdict: what is said of it, or what by the editions that it is said for.
        sources: keys of the list of sources, or RFCs.
        evidence: kinds of evidence, each alone or with the place that shows it.
        says: what the article says, in our words.
    """

    about: Text
    today: Text
    verdict: str | dict[str, str]
    sources: list[str]
    evidence: list[str | dict[str, str]]
    says: Text = field(default_factory=Text)

    @property
    def verdicts(self) -> Mapping[str, str]:
        """The verdicts by the editions they are for; "" for all."""
        return self.verdict if isinstance(self.verdict, dict) else {"": self.verdict}

    def shown(self) -> Iterator[tuple[str, str]]:
        """Yield kind and place of each piece of evidence; the place may be ""."""
        for one in self.evidence:
            yield from one.items() if isinstance(one, dict) else [(one, "")]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of the article: what it is about, and which claims it makes."""

    about: Text
    claims: list[str]


@dataclass(frozen=True)
class Heading:
    """A heading of the article, with its paragraphs."""

    id: str
    title: Text
    paragraphs: list[Paragraph]


@dataclass(frozen=True)
class Data:
    """The claims, and where they stand.

    Args:
        claims: the claims by their ids.
        headings: the article's headings.
        places: the pages whose marks name a claim, by language and claim: ``guide/administration``.
    """

    claims: dict[str, Claim]
    headings: list[Heading]
    places: dict[str, dict[str, list[str]]]


def load(root: Path) -> Data:
    """Read the claims and the article, and look for the marks of claims in all pages.

    Args:
        root: the project's folder.
    """
    claims = read(root, NAME, dict[str, dict[str, Claim]])["claims"]
    headings = read(root, "docs/article.yml", dict[str, list[Heading]])["headings"]
    return Data(claims, headings, {lang: _places(root, lang) for lang in LANGUAGES})


def _places(root: Path, lang: str) -> dict[str, list[str]]:
    places: dict[str, list[str]] = {}
    tree = root / "docs" / lang
    for path in sorted(tree.rglob("*.md")):
        for found in find(path.read_text("utf-8")):
            if name_of(found.words) == "evidence":
                for claim in found.words[1:]:
                    places.setdefault(claim, []).append(path.relative_to(tree).with_suffix("").as_posix())
    return places


def problems(data: Data, root: Path) -> Iterator[str]:
    """Say what is wrong with the claims, a sentence for each: which claim, what, and what to write."""
    for name, claim in data.claims.items():
        yield from (f"claim {name}: {problem}" for problem in _of_claim(name, claim, data, root))
    told = {name for one in data.headings for paragraph in one.paragraphs for name in paragraph.claims}
    for name in sorted({*data.claims} - told):
        yield f"claim {name}: in no paragraph of docs/article.yml"
    for name in sorted(told - {*data.claims}):
        yield f"claim {name}: docs/article.yml names it, and there is none"
    if data.places["de"] != data.places["en"]:
        yield "the two languages mark claims on different pages"


def _of_claim(name: str, claim: Claim, data: Data, root: Path) -> Iterator[str]:
    if bool(claim.says) != name.startswith("C"):
        yield "C is what the article says (`says`), X what it does not mention"
    for verdict in {*claim.verdicts.values()} - {*VERDICTS}:
        yield f"{verdict!r} is no verdict; write one of {', '.join(VERDICTS)}"
    if not claim.sources or not claim.evidence:
        yield "without source or evidence"
    if {*claim.sources} <= _NO_SOURCE and Evidence.CITED.value in claim.evidence:
        yield "what we know without a public source is `assumed`, not `cited`"
    for kind, place in claim.shown():
        if kind not in [evidence.value for evidence in Evidence]:
            yield f"{kind!r} is no kind of evidence; write one of {', '.join(one.value for one in Evidence)}"
        elif not place and kind not in (Evidence.CITED.value, Evidence.ASSUMED.value):
            yield f"{kind}, without a place that shows it; write `{kind}: guide/page#id` or a test"
        elif place and not _shown(root, place):
            yield f"there is no {place}"
    for lang in LANGUAGES:
        if len(found := data.places[lang].get(name, [])) != 1:
            yield f"marked {len(found)} times in docs/{lang}, not once: {', '.join(found)}"


def _shown(root: Path, place: str) -> bool:
    """Return whether a page or test exists; anchors are for MkDocs, which checks every link."""
    if not place.startswith("tests/"):
        return (root / file_of("de", place.partition("#")[0])).is_file()
    file, _, name = place.partition("::")
    path = root / file
    return path.exists() and f"def {name}(" in path.read_text("utf-8")


@cache
def _checked(root: Path) -> Data:
    data = load(root)
    if found := next(problems(data, root), None):
        raise Problem(f"{NAME}: {found}")
    return data


# -- what is drawn --------------------------------------------------------------------------------------


def summary(names: Collection[str], context: Context) -> str:
    """Name claims and, once each, their verdicts: ``C02, C03 · confirmed``."""
    found = [_claim(name, context) for name in names]
    verdicts = dict.fromkeys(verdict for claim in found for verdict in claim.verdicts.values())
    said = (context.words("verdicts")[verdict] for verdict in verdicts)
    return f"{', '.join(names)} · {', '.join(said)}"


@mark("claims table")
def short(context: Context, claim: str, *more: str) -> str:
    """Draw claims in short, each linked to its box."""
    rows = []
    for name in (claim, *more):
        known = _claim(name, context)
        today = f"{_text(known.today, context)} {_link(name, context)}"
        rows.append((_text(known.says, context), today, _verdict(known, context)))
    return table(context.words("claims")["table"], rows)


@mark("claims list")
def every(context: Context) -> str:
    """Draw a line for each claim."""
    rows = []
    for name, claim in _checked(context.root).claims.items():
        shown = _evidence(claim, context, short=True)
        rows.append((_link(name, context), claim.about[context.lang], _verdict(claim, context), shown))
    return table(context.words("claims")["list"], rows)


@mark("claims count")
def count(context: Context) -> str:
    """Draw how many claims have which verdict; one with two counts with the first."""
    first = Counter(next(iter(claim.verdicts.values())) for claim in _checked(context.root).claims.values())
    rows = [(_badge(verdict, context), first[verdict]) for verdict in VERDICTS if first[verdict]]
    return table(context.words("claims")["count"], rows, "lr")


@mark("article")
def article(context: Context) -> str:
    """Draw the article's headings and paragraphs, numbered, with the claims that each makes."""
    numbers = itertools.count(1)
    parts = []
    for part in _checked(context.root).headings:
        rows = []
        for paragraph in part.paragraphs:
            links = " ".join(_link(name, context) for name in paragraph.claims)
            about = paragraph.about[context.lang]
            rows.append((next(numbers), about, f'<span class="numbers">{links}</span>'))
        parts.append(f"### {part.title[context.lang]} {{#{part.id}}}")
        parts.append(table(context.words("claims")["article"], rows, "rll"))
    return "\n\n".join(parts)


def _claim(name: str, context: Context) -> Claim:
    claims = _checked(context.root).claims
    if name not in claims:
        raise Problem(f"there is no claim {name} in {NAME}")
    return claims[name]


def box(name: str, context: Context) -> str:
    """Draw a claim in full, with its anchor: what the article says, what is true today, and what shows it."""
    claim = _claim(name, context)
    words = context.words("claims")
    cited = sources.load(context.root)
    facts = {
        "says": _text(claim.says, context) if claim.says else f"{words['background']}.",
        "today": _text(claim.today, context),
        "evidence": _evidence(claim, context),
        "sources": "; ".join(cited.cite(source, context.lang) for source in claim.sources),
    }
    head = f"[{name}](#{name.lower()}) **{claim.about[context.lang]}** {_verdict(claim, context)}"
    told = (f"{words[term]}\n:   {text}" for term, text in facts.items())
    return "\n\n".join([f'<div class="statement" id="{name.lower()}" markdown>', head, *told, "</div>"])


def _link(name: str, context: Context) -> str:
    """Link a claim to its box."""
    page = _checked(context.root).places[context.lang][name][0]
    return f"[{name}]({context.link(f'{page}.md')}#{name.lower()})"


def _verdict(claim: Claim, context: Context) -> str:
    """Write the verdict, with the editions that it is for where there is more than one."""
    return ", ".join(
        f"{_badge(verdict, context)}{f' ({editions})' if editions else ''}"
        for editions, verdict in claim.verdicts.items()
    )


def _badge(verdict: str, context: Context) -> str:
    return f'<span class="verdict verdict-{verdict}">{context.words("verdicts")[verdict]}</span>'


def _evidence(claim: Claim, context: Context, *, short: bool = False) -> str:
    """Write the evidence, kind by kind with the places that show it; in short, a test is only a word."""
    places: dict[str, list[str]] = {}
    for kind, place in claim.shown():
        shown = places.setdefault(context.words("kinds")[kind], [])
        if place and (written := _place(place, context, short=short)) not in shown:
            shown.append(written)
    return ", ".join(f"{kind} ({', '.join(at)})" if at else kind for kind, at in places.items())


def _place(place: str, context: Context, *, short: bool) -> str:
    words = context.words("claims")
    if place.startswith("tests/"):
        return words["test"] if short else f"{words['test']} `{place}`"
    page, _, anchor = place.partition("#")
    file = f"{page}{file_of(context.lang, page).suffix}"
    lesson = _LESSON.match(page)
    title = words["lesson"].format(lesson["number"]) if lesson else heading(context.root, context.lang, page)
    return f"[{title}]({context.link(file)}{anchor and f'#{anchor}'})"


def _text(text: Text, context: Context) -> str:
    return " ".join(text[context.lang].split())
