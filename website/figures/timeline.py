"""The figure `timeline` and the table of the same dates, docs/timeline.yml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from website import sources
from website.data import Problem, Text, read
from website.figures.svg import LINE, WIDTH, Picture, figure, width, wrap
from website.marks import Context, mark
from website.tables import table
from website.words import Section

NAME = "timeline"
DATA = "docs/timeline.yml"

#: The day as of which the site's statements are checked.
CHECKED = "2026-11-30"

_DATE = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")


@dataclass(frozen=True)
class Event:
    """A date, or a span of time until another; a date is a year, a month or a day: ``2022-10-01``."""

    date: str
    what: Text
    kind: Literal["announced", "postponed", "happened", "planned"]
    protocols: Text
    source: str
    until: str = ""


def load(root: Path) -> list[Event]:
    """Return the events in order of date.

    Args:
        root: the project's folder.

    Raises:
        Problem: the file is missing, or what stands in it is not as it must be.
    """
    events = read(root, DATA, dict[str, list[Event]])["events"]
    for event in events:
        for date in filter(None, (event.date, event.until)):
            if not _DATE.fullmatch(date):
                raise Problem(f"{DATA}: {date!r} is not a date; write 2022, 2022-10 or 2022-10-01")
        if event.until and event.until < event.date:
            raise Problem(f"{DATA}: {event.date} is not before {event.until}")
    return sorted(events, key=lambda event: event.date)


@mark("checked")
def checked(context: Context) -> str:
    """Draw as of which day the site's statements are checked."""
    words = context.words("figure timeline")
    return f"{words['checked'].format(date=_date(CHECKED, words))}."


# -- in words -------------------------------------------------------------------------------------------


@mark("timeline")
def dates(context: Context) -> str:
    """Draw the events as a table."""
    words, lang, events = context.words("figure timeline"), context.lang, load(context.root)
    cited = sources.load(context.root)
    rows = [
        (
            _when(event, words),
            event.what[lang],
            event.protocols[lang],
            words[event.kind],
            cited.cite(event.source, lang),
        )
        for event in events
    ]
    return table(words["head"], ([cell.replace("|", r"\|") for cell in row] for row in rows))


def _when(event: Event, words: Section) -> str:
    """Write a date or a span of time."""
    begin = _date(event.date, words)
    if not event.until:
        return begin
    if event.date[:4] == event.until[:4]:
        begin = begin.removesuffix(f" {event.date[:4]}")  # the year is told once
    return f"{begin}{words['to']}{_date(event.until, words)}"


def _date(date: str, words: Section) -> str:
    year, *rest = date.split("-")
    if not rest:
        return year
    month = words["months"].split()[int(rest[0]) - 1]
    if len(rest) == 2:
        month = words["day"].format(day=int(rest[1]), month=month)
    return f"{month} {year}"


def _plain(markdown: str) -> str:
    """Return a text without the marks of Markdown."""
    return re.sub(r"[`*]|\[([^]]*)\]\([^)]*\)", lambda found: found[1] or "", markdown)


# -- drawn ----------------------------------------------------------------------------------------------

_AXIS, _TEXT = 54, 74
_ROOM = WIDTH - _TEXT


@mark("figure timeline")
def draw(context: Context) -> str:
    """Draw the figure."""
    words, lang = context.words("figure timeline"), context.lang
    picture = Picture(f"figure-{NAME}")
    events = load(context.root)
    below: list[Event | None] = [event for event in events if event.date <= CHECKED]
    rows: list[Event | None] = [*below, None, *(event for event in events if event.date > CHECKED)]
    checked = words["checked"].format(date=_date(CHECKED, words))

    y, year, last = 10.0, "", ""
    marks: list[tuple[float, str]] = []
    turn = 0.0
    for event in rows:
        if event is None:
            turn = _checked(picture, y, checked)
            y, last = turn + 30, CHECKED
            continue
        y += _gap(last, event.date) if last and last != CHECKED else 0
        last = event.date
        if event.date[:4] != year:
            year = event.date[:4]
            picture.text(0, y + 5, year, "head")
        marks.append((y, event.kind))
        y = _entry(picture, y + 5, event, words, lang)
    end = y - LINE
    picture.line([(_AXIS, 2), (_AXIS, turn)], "line axis")
    picture.line([(_AXIS, turn), (_AXIS, end)], "line axis dashed")
    for at, kind in marks:
        _mark(picture, at, kind)
    said = " ".join(
        words["event"].format(
            date=_when(event, words),
            kind=words[event.kind],
            what=_plain(event.what[lang]),
            protocols=event.protocols[lang],
        )
        if event
        else f"{checked}."
        for event in rows
    )
    return figure(NAME, [picture.svg(words["title"], said)], words)


def _entry(picture: Picture, y: float, event: Event, words: Section, lang: str) -> float:
    """Write an event; return where the next one may begin."""
    y = picture.lines(_TEXT, y, wrap(_when(event, words), _ROOM, "strong"), "strong") + 2
    concerns = f"{words[event.kind]} · {_plain(event.protocols[lang])}"
    y = picture.lines(_TEXT, y, wrap(concerns, _ROOM, "small"), "small", tone="pale") + 2
    return picture.lines(_TEXT, y, wrap(_plain(event.what[lang]), _ROOM, "small"), "small")


def _gap(before: str, after: str) -> float:
    """Return the room between two events: the longer the time, the more, within bounds."""
    return 12 + min(24.0, 0.8 * (_months(after) - _months(before)))


def _months(date: str) -> int:
    year, month, *_ = [*map(int, date.split("-")), 1]
    return 12 * year + month


def _checked(picture: Picture, y: float, label: str) -> float:
    """Draw the day of the check as a line across; return where it is."""
    y += 10
    picture.line([(0, y), (WIDTH, y)], "line strong")
    wide = width(label, "small strong") + 16
    picture.box(WIDTH - wide - 1, y - 11, wide, 22, "box strong", round=11)
    picture.text(WIDTH - wide / 2 - 1, y + 4, label, "small strong", anchor="middle")
    return y


def _mark(picture: Picture, y: float, kind: str) -> None:
    """Draw what stands for a kind on the axis."""
    at = (_AXIS, y)
    if kind == "happened":
        picture.shape("M-6 0A6 6 0 1 1 6 0A6 6 0 1 1 -6 0Z", "ground", at)
        picture.shape("M-6.5 0A6.5 6.5 0 1 1 6.5 0A6.5 6.5 0 1 1 -6.5 0Z", "dot", at)
    elif kind == "announced":
        picture.shape("M-6 0A6 6 0 1 1 6 0A6 6 0 1 1 -6 0Z", "mark", at)
    elif kind == "postponed":
        picture.shape("M0 -8L8 0L0 8L-8 0Z", "mark", at)
    else:
        picture.shape("M-6 -6H6V6H-6Z", "mark short", at)
