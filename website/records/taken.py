"""The line below what a record shows: when it was taken, from which version of minipop, on what machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from minipop.exchange.support import day
from website.data import Problem
from website.marks import Context, mark
from website.records import RECORDS, Taken, record


@dataclass(frozen=True)
class Record:
    """Any record."""

    taken: Taken


@mark("taken")
def taken(context: Context, name: str) -> str:
    """Say when a record was taken, and from what."""
    if name not in RECORDS:
        raise Problem(f"no record {name}; there are {', '.join(RECORDS)}")
    known, words = record(context.root, name, Record).taken, context.words("taken")
    version, _, commit = known.version.partition("+g")
    of = words["commit"].format(version=version, commit=commit) if commit else version
    when = day(date.fromisoformat(known.date), context.lang)
    return words["taken"].format(date=when, version=of, **known.machine)
