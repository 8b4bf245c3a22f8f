"""The page about/performance: what soak and fuzzer have come to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from website.data import Problem
from website.marks import Context, mark
from website.records import path, record
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
        "edges": ["edges"],
        "corpus": ["corpus"],
        "failures": [],  # none: a run that finds one is not kept
    },
}

Run = Mapping[str, Any]


@mark("reliability")
def reliability(context: Context, what: str) -> str:
    """Draw the figures of the last run: ``soak`` or ``fuzz``."""
    if what not in SHOWN:
        raise Problem(f"no {what}; there are {', '.join(SHOWN)}")
    return drawn(context, what, record(context.root, what, dict[str, object]))


def drawn(context: Context, what: str, run: Run) -> str:
    """Draw the figures of a run, with the words of a section."""
    called = context.words(what)
    rows = []
    for name, places in SHOWN[what].items():
        values = [_value(what, run, place) / (1e6 if name == "memory" else 1) for place in places] or [0]
        rows.append((called[name], ", ".join(number(value, context.lang) for value in values)))
    return table(context.words("reliability")["head"], rows, "lr")


def _value(what: str, run: Run, place: str) -> float:
    value: Any = run
    for key in place.split("."):
        if key not in value:
            raise Problem(f"{path(what)} lacks {place}; run: make evidence")
        value = value[key]
    return float(sum(value.values()) if isinstance(value, dict) else value)
