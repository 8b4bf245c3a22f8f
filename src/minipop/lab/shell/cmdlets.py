"""The cmdlets as data, read from ``cmdlets.toml``: their parameters, and which editions have them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from minipop.exchange import EDITIONS, BackupRestore

from ..data import table

_NOT_ONES_OWN = {BackupRestore.NOTHING, BackupRestore.BACKUP_SERVICE}
_OWN_SERVERS = [e.name for e in EDITIONS.values() if e.backup_restore.value not in _NOT_ONES_OWN]


@dataclass(frozen=True)
class Cmdlet:
    """A cmdlet.

    Args:
        name: as it is written.
        parameters: those that the Lab knows, as they are written.
        editions: the editions that have it.
        source: the key of the source for all of that.
        only: the editions that have a parameter, where not all of `editions` do.
        switches: the parameters that stand without a value.
        instead: what serves in an edition that does not have the cmdlet, where something does.
    """

    name: str
    parameters: tuple[str, ...]
    editions: tuple[str, ...]
    source: str
    only: Mapping[str, tuple[str, ...]]
    switches: tuple[str, ...]
    instead: Mapping[str, str]

    def parameter(self, plain: str) -> str:
        """Return a parameter as it is written, given its name in small letters.

        Raises:
            StopIteration: there is none; then a method and the table do not agree.
        """
        return next(name for name in self.parameters if name.lower() == plain)


@cache
def cmdlets() -> dict[str, Cmdlet]:
    """Return every cmdlet of the Lab by its name in small letters, without the hyphen."""
    tables = table("shell/cmdlets.toml")
    texts: dict[str, str] = tables.pop("instead")
    return {name.replace("-", "").lower(): _cmdlet(name, found, texts) for name, found in tables.items()}


def _cmdlet(name: str, found: dict[str, Any], texts: dict[str, str]) -> Cmdlet:
    return Cmdlet(
        name,
        tuple(found["parameters"]),
        span(found["editions"]),
        found["source"],
        {parameter: span(editions) for parameter, editions in found.get("only", {}).items()},
        tuple(found.get("switches", ())),
        {e: texts[key] for editions, key in found["instead"].items() for e in span(editions)},
    )


def span(words: str) -> tuple[str, ...]:
    """Return the editions that words such as ``2007-se online`` name; see ``cmdlets.toml``."""
    editions: list[str] = []
    for word in words.split():
        first, dash, last = word.partition("-")
        if dash:
            editions += _OWN_SERVERS[_OWN_SERVERS.index(first) : _OWN_SERVERS.index(last) + 1]
        else:
            editions.append(word)
    return tuple(editions)
