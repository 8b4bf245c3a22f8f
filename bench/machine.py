"""Which machine a figure comes from, and what runs of minutes leave for the page about/reliability."""

import json
import os
import platform
from datetime import date
from pathlib import Path
from typing import Any

RELIABILITY = Path(__file__).resolve().parent / "reliability.json"


def machine() -> dict[str, Any]:
    """Describe this machine and its Python; no name of it."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def keep(part: str, figures: dict[str, Any]) -> None:
    """Write the figures of one kind of run, with the day and the machine, beside those of the others.

    Args:
        part: ``soak`` or ``fuzz``.
        figures: what is kept of the run.
    """
    kept = json.loads(RELIABILITY.read_text("utf-8")) if RELIABILITY.exists() else {}
    kept[part] = {"date": date.today().isoformat(), "machine": machine(), **figures}
    RELIABILITY.write_text(json.dumps(kept, indent=2) + "\n", "utf-8")


def _processor() -> str:
    """Return what the machine calls its processor (proc(5))."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
