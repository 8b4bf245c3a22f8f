"""Which entry of docs/differences.yml explains a difference."""

from __future__ import annotations

import re
from typing import Any

import yaml

from evidence.differential.comparison import Difference
from evidence.record import ROOT

_TEXTS = ("minipop", "dovecot")

#: The entries as the file has them, by their names.
Entries = dict[str, dict[str, Any]]


def entries() -> Entries:
    """Return what docs/differences.yml holds."""
    held: Entries = yaml.safe_load((ROOT / "docs/differences.yml").read_text("utf-8"))
    return held


class Explanations:
    """All entries.

    Args:
        entries: as in docs/differences.yml.
    """

    def __init__(self, entries: Entries) -> None:
        self._entries = entries

    def of(self, difference: Difference) -> str:
        """Return the name of the first entry that explains a difference, empty if none does."""
        return next((name for name in self._entries if self.predicate(name, difference)), "")

    def goes_on(self, difference: Difference) -> bool:
        """Tell whether both servers are in the same state after a difference."""
        name = self.of(difference)
        return bool(name) and _fits(self._entries[name].get("goes_on", "(?!)"), difference.line)

    def predicate(self, name: str, difference: Difference) -> dict[str, Any]:
        """Return the predicate of an entry that holds for a difference, empty if none does."""
        predicates = _several(self._entries[name]["when"])
        return next((each for each in predicates if _holds(each, difference)), {})


def _holds(predicate: dict[str, Any], difference: Difference) -> bool:
    return (
        predicate.get("aspect", "status") == difference.aspect
        and predicate.get("state", difference.state) == difference.state
        and predicate.get("refused", 0) <= difference.refused
        and _fits(predicate.get("line", ".*"), difference.line)
        and _fits(predicate.get("previous", ".*"), difference.previous)
        and all(
            getattr(difference, server) in _several(predicate[server])
            for server in _TEXTS
            if server in predicate
        )
    )


def _several(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _fits(pattern: str, line: str) -> bool:
    return re.fullmatch(pattern, line, re.IGNORECASE | re.DOTALL) is not None
