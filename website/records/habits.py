"""The page reference/client-habits: what clients leave on the server, and what they fetch again."""

from __future__ import annotations

from dataclasses import dataclass

from website.marks import Context, mark
from website.records import record
from website.tables import table


@dataclass(frozen=True)
class Habit:
    """What a client did with one setting; the numbers are messages.

    Args:
        client: its name.
        lines: its setting, or the commands that were said by hand.
        said: the commands that it said.
        first: fetched in the first run.
        read: marked as read after it.
        left: left in the Inbox.
        recoverable: left in Recoverable Items.
        second: fetched in the second run.
        moved: fetched after the mailbox moved.
        aged: left in the Inbox later on, if that differs.
    """

    client: str
    lines: list[str]
    said: list[str]
    first: int
    read: int
    left: int
    recoverable: int
    second: int
    moved: int
    aged: int | None = None


@dataclass(frozen=True)
class Devices:
    """What two devices at one mailbox fetched, in turns: the habits of both by name, and what was left."""

    names: list[str]
    first: list[int]
    second: list[int]
    left: int


@dataclass(frozen=True)
class Habits:
    """The record; ``numbers``: message number and UID before and after a deletion, empty if it is gone."""

    habits: dict[str, Habit]
    devices: list[Devices]
    numbers: list[list[str]]


def _load(context: Context) -> Habits:
    return record(context.root, "habits", Habits)


@mark("habits table")
def left(context: Context) -> str:
    """Draw what each client leaves on the server, and what it fetches again."""
    words = context.words("habits")
    rows = [
        (
            _name(habit, context),
            f"{habit.first}, {habit.read}",
            habit.left if habit.aged is None else words["aged"].format(habit.left, habit.aged),
            habit.recoverable,
            habit.second,
            habit.moved,
        )
        for habit in _load(context).habits.values()
    ]
    return table(words["table"], rows)


@mark("habits said")
def said(context: Context) -> str:
    """Draw which commands each client said."""
    rows = [
        (_name(habit, context), " ".join(f"`{command}`" for command in habit.said))
        for habit in _load(context).habits.values()
        if habit.client != "poplib"
    ]
    return table(context.words("habits")["said"], rows)


@mark("habits devices")
def devices(context: Context) -> str:
    """Draw what two devices at one mailbox get."""
    known, words = _load(context), context.words("habits")
    rows = [
        (
            *(_name(known.habits[name], context) for name in both.names),
            *(words["then"].format(*fetched) for fetched in (both.first, both.second)),
            both.left,
        )
        for both in known.devices
    ]
    return table(words["devices"], rows)


@mark("habits numbers")
def numbers(context: Context) -> str:
    """Draw message numbers and UIDs before and after a deletion."""
    rows = [[cell or "–" for cell in row] for row in _load(context).numbers]
    return table(context.words("habits")["numbers"], rows)


def _name(habit: Habit, context: Context) -> str:
    """Write a client and its setting; commands said by hand end with QUIT, or the connection drops.

    A comment of Thunderbird's stands for the settings of a new account.
    """
    words = context.words("habits")
    lines = [words["new"] if line.startswith("//") else f"`{line}`" for line in habit.lines]
    if habit.client == "poplib" and "QUIT" not in habit.lines:
        lines.append(words["dropped"])
    return f"{habit.client}: {', '.join(lines) or words['default']}"
