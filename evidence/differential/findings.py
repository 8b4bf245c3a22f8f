"""What the sessions have shown, for the page about/differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from evidence import dovecot
from evidence.differential import running
from evidence.differential.comparison import Comparison, Difference
from evidence.differential.explained import Entries, Explanations, entries
from evidence.differential.running import Both
from evidence.differential.sessions import SESSIONS
from evidence.program import Failed

#: How many characters of a line are shown.
_SHOWN = 60


@dataclass
class Found:
    """What the comparison of all sessions found.

    Args:
        lines: how many answers were compared.
        unlike: how many sessions showed a difference.
        explained: the differences by the entry that explains them, with the number of the session.
        unexplained: the others.
    """

    lines: int = 0
    unlike: int = 0
    explained: dict[str, list[tuple[int, Difference]]] = field(default_factory=dict)
    unexplained: list[tuple[int, Difference]] = field(default_factory=list)


def compare(played: Sequence[Both], known: Entries | None = None) -> Found:
    """Compare what both servers made of the sessions.

    Args:
        played: the sessions, in order.
        known: what explains differences; None for docs/differences.yml.
    """
    explanations = Explanations(entries() if known is None else known)
    comparison = Comparison(explanations.goes_on)
    found = Found()
    for number, both in enumerate(played):
        seen = comparison.of(both)
        found.unlike += bool(seen)
        for difference in seen:
            if name := explanations.of(difference):
                found.explained.setdefault(name, []).append((number, difference))
            else:
                found.unexplained.append((number, difference))
    found.lines = comparison.lines
    return found


def as_recorded(sessions: int, found: Found) -> dict[str, Any]:
    """Return what is on record of a comparison."""
    known = entries()
    return {
        "sessions": sessions,
        "lines": found.lines,
        "unlike": found.unlike,
        "found": {
            name: {
                "sessions": len({number for number, _ in found.explained[name]}),
                "example": _example(Explanations(known), name, found.explained[name]),
            }
            for name in known
            if name in found.explained
        },
    }


def _example(explanations: Explanations, name: str, shown: Sequence[tuple[int, Difference]]) -> list[str]:
    """Return the shortest line that showed a difference, with the one before it where that matters."""
    _, shortest = min(shown, key=lambda each: (len(each[1].line) + len(each[1].previous), each[0]))
    lines = [shortest.line]
    if "previous" in explanations.predicate(name, shortest):
        lines.insert(0, shortest.previous.partition(" ")[2])
    return [line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…" for line in lines if line]


def take() -> dict[str, Any]:
    """Play all sessions and return what is to be kept.

    Raises:
        Failed: Dovecot is not installed, a difference is not explained, or an explanation is not needed.
    """
    if not dovecot.installed():
        raise Failed(dovecot.ABSENT)
    with running.servers() as both:
        found = compare(running.play(*both, range(SESSIONS)))
    if found.unexplained:
        raise Failed(f"not explained by docs/differences.yml: {found.unexplained[0]}")
    if surplus := entries().keys() - found.explained.keys():
        raise Failed(f"docs/differences.yml explains what no session shows: {', '.join(sorted(surplus))}")
    return {"dovecot": dovecot.version(), **as_recorded(SESSIONS, found)}
