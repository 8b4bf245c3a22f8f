"""The page about/differences: what minipop and Dovecot answer differently, and who keeps to the RFC.

docs/differences.yml explains each difference; the record shows where it was seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from website import sources
from website.data import read
from website.marks import Context, mark
from website.records import record
from website.tables import number, table
from website.words import Section


@dataclass(frozen=True)
class Said:
    """What is said of a difference in one language: what was sent, and why the answers differ."""

    sent: str
    reason: str


@dataclass(frozen=True)
class Difference:
    """An entry; the head of the file says what each key means."""

    when: object
    right: Literal["minipop", "dovecot", "both"]
    sources: list[str]
    de: Said
    en: Said
    answers: dict[str, list[str]] = field(default_factory=dict)
    goes_on: str = ""

    def said(self, lang: str) -> Said:
        """Return what is said of it in a language."""
        return self.de if lang == "de" else self.en

    def both(self, lang: str) -> list[str]:
        """Return what both answer: in words, or the status that the predicate names."""
        if isinstance(self.when, dict) and not self.answers:
            return [f"`{self.when[server]}`" for server in ("minipop", "dovecot")]
        return self.answers[lang]


@dataclass(frozen=True)
class Shown:
    """In how many sessions a difference was seen, and an example."""

    sessions: int
    example: list[str]


@dataclass(frozen=True)
class Comparison:
    """The record.

    Args:
        dovecot: which version.
        sessions: how many were held with both.
        lines: how many answers were compared.
        unlike: how many sessions showed a difference.
        found: the differences by their names.
    """

    dovecot: str
    sessions: int
    lines: int
    unlike: int
    found: dict[str, Shown]


def load(root: Path) -> dict[str, Difference]:
    """Return the differences by their names.

    Args:
        root: the project's folder.
    """
    return read(root, "docs/differences.yml", dict[str, Difference])


def _compared(context: Context) -> Comparison:
    return record(context.root, "differences", Comparison)


@mark("differences figures")
def figures(context: Context) -> str:
    """Draw how much was compared, and with which Dovecot."""
    words, compared = context.words("differences"), _compared(context)
    counts = {name: number(getattr(compared, name), context.lang) for name in ("sessions", "lines", "unlike")}
    values = {**counts, "found": len(compared.found), "version": compared.dovecot}
    return table(words["figures"], [(words[name], value) for name, value in values.items()], "lr")


@mark("differences table")
def every(context: Context) -> str:
    """Draw every difference, and who keeps to the RFC."""
    words, lang = context.words("differences"), context.lang
    rows = [
        (f"[{known.said(lang).sent}](#{name})", *known.both(lang), words[known.right])
        for name, known in load(context.root).items()
    ]
    return table(words["table"], rows)


@mark("differences reasons")
def reasons(context: Context) -> str:
    """Draw the differences one by one, with an example, the reason and the source."""
    return "\n".join(_reasons(context))


def _reasons(context: Context) -> Iterator[str]:
    words, lang, listed = context.words("differences"), context.lang, sources.load(context.root)
    for name, known in load(context.root).items():
        shown = _compared(context).found[name]
        cited = "; ".join(listed.cite(source, lang) for source in known.sources)
        yield f"### {known.said(lang).sent} {{#{name}}}\n"
        yield f"{words['said']}:\n\n```text"
        yield from (_line(line, words) for line in shown.example)
        yield "```\n"
        yield f"- {words['answers'].format(*known.both(lang), number(shown.sessions, lang))}"
        yield f"- {words['keeps'].format(words[known.right], cited)}"
        yield f"- {known.said(lang).reason}\n"


def _line(line: str, words: Section) -> str:
    """Write a line that was sent: a space at its end is made visible, a second log-on is told in words."""
    if line.startswith("second log-on:"):
        return words["second"]
    kept = line.rstrip(" ")
    return kept + "␠" * (len(line) - len(kept))
