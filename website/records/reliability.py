"""The page about/reliability: what soak and fuzzer have come to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from website.data import Problem
from website.marks import Context, mark
from website.records import RECORDS, record
from website.tables import number, table

#: What the tables show, by the words of the sections `soak` and `fuzz`, and where it stands in the record. Of
#: what is counted by its kind, it is the sum; `start`, `warm`, `last` and `rest` are moments of the run.
SHOWN: dict[str, dict[str, list[str]]] = {
    "soak": {
        "seconds": ["seconds"],
        "sessions": ["visits"],
        "excused": ["excused"],
        "restarts": ["restarts.SIGKILL", "restarts.SIGTERM"],
        "done": ["done"],
        "messages": ["messages.delivered", "messages.fetched"],
        "promised": ["messages.deletions promised"],
        "lost": ["messages.lost", "messages.doubled", "messages.misplaced", "messages.unknown"],
        "memory": ["start.memory", "warm.memory", "last.memory"],
        "handles": ["start.handles", "warm.handles", "last.handles", "rest.handles"],
        "threads": ["start.threads", "rest.threads"],
    },
    "fuzz": {
        "seconds": ["seconds"],
        "executions": ["executions"],
        "per second": ["executions_per_second"],
        "edges": ["edges"],
        "corpus": ["corpus"],
        "failures": [],  # none: a run that finds one is not kept
    },
}

Run = Mapping[str, Any]


@mark("reliability")
def reliability(context: Context, what: str) -> str:
    """Draw the figures of the last run: ``soak`` or ``fuzz``."""
    runs = record(context.root, "reliability", dict[str, dict[str, object]])
    if what not in SHOWN or what not in runs:
        raise Problem(f"no {what} in {RECORDS['reliability'][0]}; there are {', '.join(SHOWN)}")
    return drawn(context, what, runs[what])


def drawn(context: Context, what: str, run: Run) -> str:
    """Draw the figures of a run, with the words of a section."""
    words, called = context.words("reliability"), context.words(what)
    rows = []
    for name, places in SHOWN[what].items():
        values = [_value(run, place) / (1e6 if name == "memory" else 1) for place in places] or [0]
        rows.append((called[name], ", ".join(number(value, context.lang) for value in values)))
    taken = words["machine"].format(date=run["date"], **run["machine"])
    return f"{table(words['head'], rows, 'lr')}\n\n{taken}"


def _value(run: Run, place: str) -> float:
    value: Any = run
    for key in place.split("."):
        if key not in value:
            raise Problem(f"{RECORDS['reliability'][0]} lacks {place}; run: {RECORDS['reliability'][1]}")
        value = value[key]
    return float(sum(value.values()) if isinstance(value, dict) else value)
