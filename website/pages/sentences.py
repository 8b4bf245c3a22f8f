"""Sentences that several pages share, from docs/sentences.yml: `<!-- sentence security-defaults -->`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from minipop.exchange.sources import Evidence
from website import kinds, sources
from website.data import Problem, Text, read
from website.marks import Context, mark

NAME = "docs/sentences.yml"


@dataclass(frozen=True)
class Sentence:
    """A text, the kind of evidence behind it, and the keys of its sources."""

    text: Text
    kind: Evidence
    sources: list[str]


def load(root: Path) -> dict[str, Sentence]:
    """Return the sentences by their names.

    Args:
        root: the project's folder.
    """
    return read(root, NAME, dict[str, Sentence])


@mark("sentence")
def sentence(context: Context, name: str) -> str:
    """Draw a sentence, and behind it the kind of its evidence and its sources."""
    known = load(context.root)
    if name not in known:
        raise Problem(f"{NAME}: there is no {name}; there are {', '.join(known)}")
    said = known[name]
    cited = sources.load(context.root)
    behind = "; ".join(cited.cite(source, context.lang) for source in said.sources)
    return f"{said.text[context.lang]} ({behind}) {kinds.span(said.kind, context.lang)}"
