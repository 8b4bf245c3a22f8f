"""Soak the server: ``python -m evidence.soak [--short] [--visits N]``; in full some ten minutes."""

from dataclasses import asdict
from typing import Any

from evidence import record
from evidence.program import Failed, parser, run
from evidence.soak.clients import CLIENTS
from evidence.soak.server import Sample
from evidence.soak.soak import Report, soak

#: How many visits are to come to an end; in less than the short form, not everything has its turn.
VISITS, SHORT = 36_000, 900

#: What its record must list: each kind of client, and what befell the Maildirs.
LISTED = {
    "soak": {
        "visits": [client.__name__ for client in CLIENTS],
        "restarts": ["SIGKILL", "SIGTERM"],
        "done": [
            "letter delivered",
            "wanderer delivered",
            "passing delivered",
            "message moved",
            "flag changed",
            "message destroyed",
            "message replaced by a directory",
            "directory new taken away",
            "file of UIDs not writable",
            "pipe, link and directory among the messages",
        ],
    }
}


def main() -> None:
    """Soak, print, and keep what came of it."""
    command = parser("soak", __doc__)
    command.add_argument("--visits", type=int, help=f"how many (default {VISITS}, short {SHORT})")
    options = command.parse_args()
    visits = options.visits or (SHORT if options.short else VISITS)
    report = soak(visits, lambda line: print(line, flush=True))
    for line in summary(report):
        print(line)
    found = recorded(report)
    # A run proves nothing of what has not happened in it.
    unseen = record.unlisted(found, LISTED["soak"]) if visits >= SHORT else []
    if wrong := [*report.wrong, *unseen]:
        raise Failed(f"{len(wrong)} things are wrong, first: {wrong[0]}")
    if not options.short:
        record.keep("soak", found)


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
    run("soak", main)
