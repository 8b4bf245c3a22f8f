"""Soak the server, and keep what came of it for the page about/reliability.

python -m tests.soak [VISITS]    36,000, some ten minutes; ten lines, a summary, and bench/reliability.json
"""

import sys
from dataclasses import asdict
from typing import Any

from bench.machine import keep
from tests.soak.server import Sample
from tests.soak.soak import Report, soak

VISITS = 36_000


def main() -> int:
    """Soak, print and write; return the exit status. A run that found anything wrong is not kept."""
    report = soak(int(sys.argv[1]) if sys.argv[1:] else VISITS, lambda line: print(line, flush=True))
    for line in summary(report):
        print(line)
    if report.wrong:
        return 1
    keep("soak", recorded(report))
    return 0


def summary(report: Report) -> list[str]:
    """Return the figures in lines to read, and everything that is wrong."""
    parts = {
        "sessions": report.visits,
        "cut short": report.excused,
        "others": report.done,
        "restarts": report.restarts,
        "messages": report.messages,
    }
    lines = [
        f"{title:10} {', '.join(f'{name} {count}' for name, count in sorted(part.items()))}"
        for title, part in parts.items()
    ]
    lines += [f"{title:10} {getattr(report, title)}" for title in ("start", "warm", "last", "rest")]
    return [*lines, *(f"WRONG: {sentence}" for sentence in report.wrong)]


def recorded(report: Report) -> dict[str, Any]:
    """Return what is kept of a run."""
    return {
        name: asdict(value) if isinstance(value, Sample) else value
        for name, value in vars(report).items()
        if name != "wrong"
    }


if __name__ == "__main__":
    sys.exit(main())
