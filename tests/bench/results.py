"""Results as `make bench` writes them, small and typed by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench import verdicts

MACHINE = {"processor": "Abacus", "cores": 2, "system": "Linux", "python": "3.11.7", "date": "2026-11-29"}


def _same(maildir: list[float], tuned: list[float]) -> dict[str, list[float]]:
    return {
        "minipop-memory": [30.0, 30.0],
        "minipop-maildir": maildir,
        "dovecot": [5.0, 5.0],
        "dovecot-tuned": tuned,
        "twisted": [10.0, 10.0],
        "bare": [100.0, 80.0],
    }


#: Two rounds of each figure: minipop on Maildir has 20 and 40, tuned Dovecot 10 and 16.
VALUES: dict[str, dict[str, list[float]]] = {
    name: _same([20.0, 40.0], [10.0, 16.0])
    for name in (
        *("sessions-1", "sessions-1-p50", "sessions-1-p99"),
        *("sessions-50", "sessions-50-p50", "sessions-50-p99"),
        *("sessions-500", "sessions-500-p50", "sessions-500-p99"),
        *("retr-1", "retr-8", "retr-pipelined", "retr-large", "log-ons-tls", "idle-memory"),
        "idle-memory-many",
    )
}
VALUES["retr-1"]["minipop-maildir"] = [7.0, 8.0]  # 0.7 and 0.5 of Dovecot, 0.7 and 0.8 of Twisted
VALUES["idle-memory"]["minipop-maildir"] = [2.5, 4.0]  # 0.25 both times
del VALUES["log-ons-tls"]["twisted"]
del VALUES["sessions-500"]["dovecot"]
del VALUES["idle-memory-many"]["dovecot"]
del VALUES["idle-memory-many"]["dovecot-tuned"]

SERVERS: dict[str, Any] = {
    "machine": MACHINE,
    "seconds": 2.0,
    "versions": {"dovecot": "2.3.19", "twisted": "26.10"},
    "values": VALUES,
    "failed": {"sessions-500": {"dovecot": "3 of 500 clients were still waiting"}},
}
SERVERS |= verdicts.kept(SERVERS)

#: Milliseconds by number of messages.
GROWTH: dict[str, Any] = {
    "machine": MACHINE,
    "log_on": {"100": [1.0, 2.0, 3.0], "1000": [5.0], "10000": [40.0], "100000": [400.0]},
    "listing": {"100": [0.4], "1000": [2.0], "10000": [30.0], "100000": [1234.0]},
}


def _part(day: str, **medians: float) -> dict[str, Any]:
    figures = {
        name: {"unit": "s", "median": median, "min": median, "max": 2 * median, "n": 3}
        for name, median in medians.items()
    }
    return {"machine": {**MACHINE, "date": day}, "figures": figures}


RESULTS: dict[str, Any] = {
    "servers": SERVERS,
    "growth": GROWTH,
    "lab": _part("2026-11-29", lab_first_start=80.0, lab_start=6.8),
    "maildir": _part("2026-11-29", maildir_first_log_on=760.0),
    "site": _part("2026-11-29", site_build=14.0),
    "notebooks": _part("2026-11-29", notebooks=21.0),
    "test": _part("2026-11-01", make_test=270.0),
}


def write(root: Path, results: dict[str, Any] = RESULTS) -> None:
    """Write results into a project."""
    (root / "bench").mkdir(exist_ok=True)
    (root / "bench" / "results.json").write_text(json.dumps(results), "utf-8")
