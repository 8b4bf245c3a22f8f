"""The figure `timeline` and the table of the same data, docs/timeline.yml.

The file holds ``events``: ``date``, perhaps ``until``, ``what`` and ``protocols`` in both languages,
``kind``, ``source`` (a key of the list of sources). A date is a year, a month or a day: ``"2022-10-01"``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hooks import sources

from .svg import LINE, WIDTH, Picture, figure, width, wrap

NAME = "timeline"
DATA = Path("docs", "timeline.yml")

#: The day as of which the site's statements are checked.
CHECKED = "2026-11-24"

KINDS = ("announced", "postponed", "happened", "planned")

WORDS: dict[str, dict[str, str]] = {
    "de": {
        "title": "Zeitachse: die Anmeldung an Exchange Online",
        "announced": "angekündigt",
        "postponed": "verschoben",
        "happened": "geschehen",
        "planned": "geplant",
        "checked": "Stand: {date}",
        "event": "{date}, {kind}: {what} ({protocols}).",
        "to": " bis ",
        "day": "{day}. {month}",
        "months": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "head": "| Zeitpunkt | Was | Protokolle | Art | Quelle |",
        "caption": "Wie Exchange Online die Kennwörter abschaffte und was noch aussteht. Voller Kreis: "
        "geschehen; leerer Kreis: angekündigt; Raute: verschoben; gestricheltes Quadrat: geplant.",
        "evidence": "Erzählt",
        "proof": "alle Termine, jeder nach einer Quelle; ausgeführt wurde hier nichts.",
    },
    "en": {
        "title": "Timeline: logging on to Exchange Online",
        "announced": "announced",
        "postponed": "postponed",
        "happened": "happened",
        "planned": "planned",
        "checked": "State of {date}",
        "event": "{date}, {kind}: {what} ({protocols}).",
        "to": " to ",
        "day": "{day} {month}",
        "months": "January February March April May June July August September October November December",
        "head": "| when | what | protocols | kind | source |",
        "caption": "How Exchange Online gave up passwords, and what is still to come. Full circle: "
        "happened; empty circle: announced; diamond: postponed; dashed square: planned.",
        "evidence": "Narrated",
        "proof": "all dates, each after a source; nothing was run here.",
    },
}

_DATE = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")


@dataclass(frozen=True)
class Event:
    """An event in one language; `source` is Markdown."""

    date: str
    until: str
    what: str
    kind: str
    protocols: str
    source: str


def load(root: Path, lang: str) -> list[Event]:
    """Read the events, in order of date.

    Raises:
        ValueError: the file is missing, or what stands in it is not as it must be.
    """
    path = root / DATA
    if not path.is_file():
        raise ValueError(f"the page asks for the timeline, but there is no {DATA.as_posix()}")
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
        events = [_event(entry, lang) for entry in data["events"]]
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{DATA.as_posix()}: {type(error).__name__}: {error}") from error
    return sorted(events, key=lambda event: event.date)


def _event(entry: dict[str, Any], lang: str) -> Event:
    date, until = str(entry["date"]), str(entry.get("until", ""))
    for given in filter(None, (date, until)):
        if not _DATE.fullmatch(given):
            raise ValueError(f"{given!r} is not a date")
    if until and until < date:
        raise ValueError(f"{date} is not before {until}")
    if entry["kind"] not in KINDS:
        raise ValueError(f"no kind {entry['kind']!r}; there are {', '.join(KINDS)}")
    source = sources.cite(entry["source"], lang)
    return Event(date, until, entry["what"][lang], entry["kind"], entry["protocols"][lang], source)


# -- in words -------------------------------------------------------------------------------------


def table(lang: str, root: Path) -> str:
    """Return the events as a table in Markdown."""
    words = WORDS[lang]
    rows = [
        (_when(event, lang), event.what, event.protocols, words[event.kind], event.source)
        for event in load(root, lang)
    ]
    lines = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join([words["head"], "| --- | --- | --- | --- | --- |", *lines])


def _when(event: Event, lang: str) -> str:
    """Write a date or a span of time."""
    until = _date(event.until, lang) if event.until else ""
    if not until:
        return _date(event.date, lang)
    begin = _date(event.date, lang)
    if event.date[:4] == event.until[:4]:
        begin = begin.removesuffix(f" {event.date[:4]}")  # the year is told once
    return f"{begin}{WORDS[lang]['to']}{until}"


def _date(date: str, lang: str) -> str:
    year, *rest = date.split("-")
    if not rest:
        return year
    month = WORDS[lang]["months"].split()[int(rest[0]) - 1]
    if len(rest) == 2:
        month = WORDS[lang]["day"].format(day=int(rest[1]), month=month)
    return f"{month} {year}"


def _plain(markdown: str) -> str:
    """Return a text without the marks of Markdown."""
    return re.sub(r"[`*]|\[([^]]*)\]\([^)]*\)", lambda found: found[1] or "", markdown)


# -- drawn ----------------------------------------------------------------------------------------

_AXIS, _TEXT = 54, 74
_ROOM = WIDTH - _TEXT


def draw(lang: str, root: Path) -> str:
    """Draw the figure."""
    words = WORDS[lang]
    picture = Picture(f"figure-{NAME}")
    events = load(root, lang)
    below: list[Event | None] = [event for event in events if event.date <= CHECKED]
    rows: list[Event | None] = [*below, None, *(event for event in events if event.date > CHECKED)]

    y, year, last = 10.0, "", ""
    marks: list[tuple[float, str]] = []
    turn = 0.0
    for event in rows:
        if event is None:
            turn = _checked(picture, y, words["checked"].format(date=_date(CHECKED, lang)))
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
            date=_when(event, lang),
            kind=words[event.kind],
            what=_plain(event.what),
            protocols=event.protocols,
        )
        if event
        else f"{words['checked'].format(date=_date(CHECKED, lang))}."
        for event in rows
    )
    return figure(
        NAME, [picture.svg(words["title"], said)], words["caption"], words["evidence"], words["proof"]
    )


def _entry(picture: Picture, y: float, event: Event, words: dict[str, str], lang: str) -> float:
    """Write an event; return where the next one may begin."""
    y = picture.lines(_TEXT, y, wrap(_when(event, lang), _ROOM, "strong"), "strong") + 2
    concerns = f"{words[event.kind]} · {_plain(event.protocols)}"
    y = picture.lines(_TEXT, y, wrap(concerns, _ROOM, "small"), "small", tone="pale") + 2
    return picture.lines(_TEXT, y, wrap(_plain(event.what), _ROOM, "small"), "small")


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
