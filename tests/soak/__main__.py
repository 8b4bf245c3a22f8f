"""Soak the server, and keep what came of it for the page about/reliability.

python -m tests.soak    SOAK_SECONDS long (600); a line a minute, a summary, and bench/reliability.json
"""

import json
import os
import platform
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from tests.soak.server import Sample
from tests.soak.soak import Report, soak

FILE = Path(__file__).resolve().parents[2] / "bench" / "reliability.json"


def main() -> int:
    """Soak, print and write; return the exit status. A run that found anything wrong is not kept."""
    report = soak(float(os.environ.get("SOAK_SECONDS", "600")), lambda line: print(line, flush=True))
    for line in summary(report):
        print(line)
    if report.wrong:
        return 1
    found = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    FILE.write_text(json.dumps({**found, "soak": recorded(report)}, indent=2) + "\n", "utf-8")
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
    """Return what is committed of a run."""
    found = {
        name: asdict(value) if isinstance(value, Sample) else value
        for name, value in vars(report).items()
        if name != "wrong"
    }
    machine = {
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
    }
    return {"date": date.today().isoformat(), "machine": machine, **found}


def processor() -> str:
    """Return what the machine calls its processor (proc(5))."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    sys.exit(main())
