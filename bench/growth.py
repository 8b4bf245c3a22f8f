"""How minipop on Maildir fares as a mailbox grows: the log-on, and STAT with UIDL."""

import tempfile
from pathlib import Path
from typing import Any

from bench import peers, rounds
from bench.mail import Box, World
from bench.rows import OURS, SIZES

LOG_ONS = 7  #: Sessions of each size that are timed, after one that is not.


def measure(log_ons: int) -> dict[str, Any]:
    """Return the milliseconds of log-ons (USER and PASS) and listings (STAT and UIDL) by number of messages.

    Args:
        log_ons: how many to take of each.
    """
    found: dict[str, Any] = {"log_on": {}, "listing": {}}
    boxes = {f"box{size}": Box(size) for size in SIZES}
    with tempfile.TemporaryDirectory(prefix="minipop-bench-") as folder:
        world = World(Path(folder), boxes)
        with peers.PEERS[OURS](world) as server:
            for alias, box in boxes.items():
                load = ("sessions", "--user", alias, "--messages", str(box.messages))
                told = [rounds.load(OURS, server, *load, seconds=0) for _ in range(log_ons + 1)][1:]
                for key, by_size in found.items():
                    by_size[str(box.messages)] = [one[key] for one in told]
    return found


def table(grown: dict[str, Any]) -> str:
    """Return the figures as text."""
    lines = []
    for size in SIZES:
        log_on, listing = (sorted(grown[key][str(size)]) for key in ("log_on", "listing"))
        middle = len(log_on) // 2
        lines.append(
            f"{size:>7} messages: log-on {log_on[middle]:8.2f} ms, STAT and UIDL {listing[middle]:8.2f} ms"
        )
    return "\n".join(lines)
