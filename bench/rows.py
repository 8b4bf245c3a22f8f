"""What is measured of the servers: each row a load, and the figures read from it, with targets.

A target bounds the ratio of minipop on Maildir to tuned Dovecot, in the same round.
"""

from collections.abc import Mapping
from typing import NamedTuple

from bench.mail import LARGE, LARGE_MESSAGES, LARGE_OCTETS
from bench.reckoning import Target

#: The servers; `bench.peers` starts them.
SERVERS = ("minipop-memory", "minipop-maildir", "dovecot", "dovecot-tuned", "twisted", "bare")
OURS = "minipop-maildir"
PEER = "dovecot-tuned"
OTHER = "twisted"  #: Ahead of which minipop is to be in every figure.
LIMIT = "bare"

#: Messages in a mailbox that grows.
SIZES = (100, 1_000, 10_000, 100_000)

HELD = 500  #: Connections of which the memory is measured with every server.
HELD_MANY = 10_000  #: With servers that do not need a process for each.


class Figure(NamedTuple):
    """A figure of a row.

    Args:
        key: what the load calls it.
        unit: its unit.
        more_is_better: whether a greater value is the better one.
        target: for the ratio of `OURS` to `PEER`; None if none is set.
    """

    key: str
    unit: str
    more_is_better: bool = True
    target: Target | None = None


class Row(NamedTuple):
    """A load that all servers get in turns.

    Args:
        load: the arguments of `bench.load`.
        figures: what is read from it, by the names of the figures.
        servers: who gets it.
    """

    load: tuple[str, ...]
    figures: Mapping[str, Figure]
    servers: tuple[str, ...] = SERVERS

    @property
    def holds(self) -> bool:
        """Whether it holds connections and measures memory, instead of counting."""
        return self.load[0] == "idle"


def _sessions(clients: int, rate: float, p99: float | None = None) -> Row:
    return Row(
        ("sessions", "--clients", str(clients)),
        {
            f"sessions-{clients}": Figure("per_second", "1/s", target=Target(rate)),
            f"sessions-{clients}-p50": Figure("p50", "ms", False),
            f"sessions-{clients}-p99": Figure(
                "p99", "ms", False, Target(p99, more_is_better=False) if p99 else None
            ),
        },
    )


def _fetch(name: str, target: float | None, *options: str) -> Row:
    return Row(
        ("fetch", *options),
        {f"retr-{name}": Figure("per_second", "1/s", target=Target(target) if target else None)},
    )


_LARGE = ("--user", LARGE, "--messages", str(LARGE_MESSAGES), "--octets", str(LARGE_OCTETS))
_WITHOUT_TLS = ("twisted",)

ROWS: tuple[Row, ...] = (
    _sessions(1, 1.2),
    _sessions(50, 1.5),
    _sessions(500, 1.5, 0.5),
    _fetch("1", 0.8),
    _fetch("8", 1.0, "--clients", "8"),
    _fetch("pipelined", None, "--pipelined"),
    Row(("fetch", *_LARGE), {"retr-large": Figure("megabytes_per_second", "MB/s", target=Target(0.8))}),
    Row(
        ("log-ons", "--clients", "8", "--tls"),
        {"log-ons-tls": Figure("per_second", "1/s")},
        tuple(server for server in SERVERS if server not in _WITHOUT_TLS),
    ),
    Row(
        ("idle", "--clients", str(HELD)),
        {"idle-memory": Figure("memory", "kB", False, Target(0.5, more_is_better=False))},
    ),
    Row(
        ("idle", "--clients", str(HELD_MANY)),
        {"idle-memory-many": Figure("memory", "kB", False)},
        ("minipop-memory", "minipop-maildir", "twisted", "bare"),
    ),
)

#: All figures by their names, in the order of the rows.
FIGURES: Mapping[str, Figure] = {name: figure for row in ROWS for name, figure in row.figures.items()}
