"""What is measured of the servers: workloads, and the figures that are read from each."""

from collections.abc import Mapping
from typing import NamedTuple

from evidence.bench.mail import LARGE, LARGE_MESSAGES, LARGE_OCTETS

#: The servers; `evidence.bench.peers` starts them.
SERVERS = ("minipop-memory", "minipop-maildir", "dovecot", "dovecot-tuned", "twisted", "bare")
OURS = "minipop-maildir"  #: Whose figures are divided by those of the others.

HELD = 500  #: Connections of which the memory is measured with every server.
HELD_MANY = 10_000  #: With servers that do not need a process for each.


class Figure(NamedTuple):
    """A figure of a workload.

    Args:
        key: what the load calls it.
        unit: its unit.
        more_is_better: whether a greater value is the better one.
    """

    key: str
    unit: str
    more_is_better: bool = True


class Workload(NamedTuple):
    """A load that all servers get in turns.

    Args:
        load: the arguments of `evidence.bench.load`.
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


def _sessions(clients: int, servers: tuple[str, ...] = SERVERS) -> Workload:
    return Workload(
        ("sessions", "--clients", str(clients)),
        {
            f"sessions-{clients}": Figure("per_second", "1/s"),
            f"sessions-{clients}-p50": Figure("p50", "ms", False),
            f"sessions-{clients}-p99": Figure("p99", "ms", False),
        },
        servers,
    )


def _fetch(name: str, *options: str, key: str = "per_second", unit: str = "1/s") -> Workload:
    return Workload(("fetch", *options), {f"retr-{name}": Figure(key, unit)})


_LARGE = ("--user", LARGE, "--messages", str(LARGE_MESSAGES), "--octets", str(LARGE_OCTETS))
_TUNED = tuple(server for server in SERVERS if server != "dovecot")  # whose defaults allow fewer clients
_WITH_TLS = tuple(server for server in SERVERS if server != "twisted")
_WITHOUT_PROCESSES = tuple(server for server in SERVERS if not server.startswith("dovecot"))

WORKLOADS: tuple[Workload, ...] = (
    _sessions(1),
    _sessions(50),
    _sessions(500, _TUNED),
    _fetch("1"),
    _fetch("8", "--clients", "8"),
    _fetch("pipelined", "--pipelined"),
    _fetch("large", *_LARGE, key="megabytes_per_second", unit="MB/s"),
    Workload(("log-ons", "--clients", "8", "--tls"), {"log-ons-tls": Figure("per_second", "1/s")}, _WITH_TLS),
    Workload(("idle", "--clients", str(HELD)), {"idle-memory": Figure("memory", "kB", False)}),
    Workload(
        ("idle", "--clients", str(HELD_MANY)),
        {"idle-memory-many": Figure("memory", "kB", False)},
        _WITHOUT_PROCESSES,
    ),
)

#: All figures by their names, in the order of the workloads, and who has them.
FIGURES: Mapping[str, Figure] = {name: figure for load in WORKLOADS for name, figure in load.figures.items()}
MEASURED: Mapping[str, tuple[str, ...]] = {name: load.servers for load in WORKLOADS for name in load.figures}
