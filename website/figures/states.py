"""The figure `states`: the states of a session, the commands in each, and what leads from one to another.

It is drawn from the tables that the session follows: commands and transitions. That the session does follow
them is tried: it is given every command in every state.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from minipop import Lab
from minipop.exchange import EDITIONS
from minipop.protocol import COMMANDS, Session
from minipop.protocol.grammar import Kind
from minipop.protocol.states import TRANSITIONS, Event, State
from website.data import Problem
from website.figures.svg import LINE, WIDTH, Picture, figure, width
from website.marks import Context, mark
from website.words import Section

NAME = "states"

#: What is not a command: the connection ends.
LOST = "(lost)"

USER = "anna"

#: The protocol without an Exchange's habits, and the commands that it has.
EDITION = "rfc"
_VERBS = [verb for verb in COMMANDS if verb in EDITIONS[EDITION].commands.value]


@dataclass(frozen=True)
class Move:
    """What one command in one state led to.

    Args:
        state: where the session stood.
        verb: what it was given, or `LOST`.
        path: the states that it then went through, in order; empty if it stayed.
        deleted: how many messages the mailbox lost, of one that was marked.
        refused: whether the answer was ``-ERR``.
    """

    state: State
    verb: str
    path: tuple[State, ...]
    deleted: int
    refused: bool


class _Watched(Session):
    """A session that writes down every state it enters."""

    def __setattr__(self, name: str, value: object) -> None:
        changed = name == "state" and value is not getattr(self, name, None)
        super().__setattr__(name, value)
        if changed:
            self.__dict__.setdefault("path", []).append(value)

    def take_path(self) -> tuple[State, ...]:
        """Return the states entered since the last time."""
        taken, self.__dict__["path"] = tuple(self.__dict__["path"]), []
        return taken


@cache
def moves() -> tuple[Move, ...]:
    """Give every command in every state to a session, and let the connection break in every state."""
    return tuple(
        _try(state, verb) for state in (State.AUTHORIZATION, State.TRANSACTION) for verb in [*_VERBS, LOST]
    )


def _try(state: State, verb: str) -> Move:
    lab = Lab(EDITION)
    account = next(account for account in lab.accounts if account.alias == USER)
    session = _Watched(lab.policy)
    before = len(lab.mailbox(USER).inbox)
    plain = base64.b64encode(f"\0{USER}\0{account.password}".encode()).decode()
    log_on = [f"USER {USER}", f"PASS {account.password}"]
    if state is State.TRANSACTION:
        _say(session, *log_on, "DELE 1")
    elif verb == "PASS":  # valid only behind USER
        _say(session, log_on[0])
    assert session.state is state
    session.take_path()
    reply = b""
    if verb == LOST:
        session.connection_lost()
    else:
        given = {"USER": log_on[0], "PASS": log_on[1], "AUTH": f"AUTH PLAIN {plain}"}
        needed = [argument for argument in COMMANDS[verb].arguments if not argument.optional]
        arguments = ["2" if argument.kind is Kind.NUMBER else "x" for argument in needed]
        reply = _say(session, given.get(verb, " ".join([verb, *arguments])))
    deleted = before - len(lab.mailbox(USER).inbox)
    return Move(state, verb, session.take_path(), deleted, reply.startswith(b"-ERR"))


def _say(session: Session, *lines: str) -> bytes:
    """Say lines to a session; return the answer to the last one."""
    session.data_to_send()  # the greeting
    answer = b""
    for line in lines:
        session.receive_data(f"{line}\r\n".encode())
        answer = b"".join(iter(session.data_to_send, b""))
    return answer


def verbs(state: State) -> list[str]:
    """Return the commands that are valid in a state."""
    return [verb for verb in _VERBS if state in COMMANDS[verb].states]


def refused(state: State) -> list[str]:
    """Return the commands that are valid in a state and were refused all the same."""
    return [
        move.verb for move in moves() if move.refused and move.state is state and move.verb in verbs(state)
    ]


def leading(state: State, event: Event) -> list[str]:
    """Return what makes an event happen in a state: commands, or `LOST`.

    Raises:
        Problem: nothing does, so that the picture would not be true.
    """
    goal = TRANSITIONS[state][event]
    found = [
        move.verb
        for move in moves()
        if move.state is state and move.path[:1] == (goal,) and (move.verb == LOST) == (event is Event.ENDED)
    ]
    if not found:
        raise Problem(f"{event.value} does not lead from {state.value} to {goal.value}")
    return found


#: The ways from state to state that the picture shows.
_ARROWS = {
    (State.AUTHORIZATION, State.TRANSACTION),
    (State.AUTHORIZATION, State.CLOSED),
    (State.TRANSACTION, State.UPDATE),
    (State.TRANSACTION, State.CLOSED),
    (State.UPDATE, State.CLOSED),
}


@mark("figure states")
def draw(context: Context) -> str:
    """Draw the figure."""
    words = context.words("figure states")
    first, second, third = State.AUTHORIZATION, State.TRANSACTION, State.UPDATE
    on, leave, quits = (
        leading(first, Event.LOGGED_ON),
        leading(first, Event.QUIT),
        leading(second, Event.QUIT),
    )
    _demand_that_nothing_is_left_out()
    _demand_safety(quits)

    either = words["or"].join
    picture = Picture(f"figure-{NAME}")
    middle = WIDTH / 2
    picture.text(middle, 14, words["begin"], "small", anchor="middle")
    picture.arrow([(middle, 20), (middle, 44)])
    y = _state(picture, 44, first, words, {*on, *leave})
    exits = [44 + 30.0]
    picture.arrow([(middle, y), (middle, y + 44)])
    picture.text(middle + 12, y + 26, either(on), "code strong")
    exits.append(y + 44 + 30)
    y = _state(picture, y + 44, second, words, set(quits))
    picture.arrow([(middle, y), (middle, y + 52)])
    picture.text(middle - 12, y + 30, either(quits), "code strong", anchor="end")
    picture.lines(_RIGHT - 12, y + 22, words["lost"].splitlines(), "small", anchor="end")
    picture.box(_LEFT, y + 52, _RIGHT - _LEFT, 48, "box strong")
    picture.text(middle, y + 72, third.value, "head", anchor="middle")
    picture.text(middle, y + 72 + LINE + 2, words["UPDATE"], "small", anchor="middle")
    y += 100
    picture.arrow([(middle, y), (middle, y + 28)])
    y += 28
    picture.box(_LEFT, y, _RIGHT - _LEFT, 34, "box", round=17)
    picture.text(middle, y + 22, words["end"], "", anchor="middle")
    picture.arrow([(_LEFT, exits[0]), (_LEFT - 24, exits[0]), (_LEFT - 24, y + 17), (_LEFT, y + 17)])
    label = either(leave)
    wide = width(label, "code strong") + 6
    picture.box(_LEFT - 24 - wide / 2, exits[1] - 15, wide, 20, "ground", round=0)
    picture.text(_LEFT - 24, exits[1], label, "code strong", anchor="middle")
    picture.line([(_RIGHT, exits[1]), (_RIGHT + 24, exits[1])], "line dashed")
    around = [(_RIGHT, exits[0]), (_RIGHT + 24, exits[0]), (_RIGHT + 24, y + 17), (_RIGHT, y + 17)]
    picture.arrow(around, "line dashed")

    names = {"first": first.value, "second": second.value, "third": third.value}
    valid = {"before": _listed(verbs(first), words["and"]), "after": _listed(verbs(second), words["and"])}
    ways = {"on": either(on), "quit": either(quits), "leave": either(leave)}
    never = ", ".join([*refused(first), *refused(second)])
    description = words["desc"].format(**names, **valid, **ways, refused=never)
    return figure(NAME, [picture.svg(words["title"], description)], words)


_LEFT, _RIGHT = 44, WIDTH - 44


def _state(picture: Picture, y: float, state: State, words: Section, leading_on: set[str]) -> float:
    """Draw a state with its commands; return where it ends."""
    rows = list(_rows(verbs(state)))
    height = 54 + 28 * len(rows)
    picture.box(_LEFT, y, _RIGHT - _LEFT, height, "box strong")
    picture.text(WIDTH / 2, y + 20, state.value, "head", anchor="middle")
    picture.text(WIDTH / 2, y + 20 + LINE + 2, words[state.value], "small", anchor="middle")
    top = y + 50
    for row in rows:
        x = WIDTH / 2 - (len(row) * _CHIP + (len(row) - 1) * _GAP) / 2
        for verb in row:
            strong = " strong" if verb in leading_on else ""
            dashed = " dashed" if verb in refused(state) else ""
            picture.box(x, top, _CHIP, 22, f"chip{strong}{dashed}", round=4)
            picture.text(x + _CHIP / 2, top + 15.5, verb, f"code{strong}", anchor="middle")
            x += _CHIP + _GAP
        top += 28
    return y + height


_CHIP, _GAP = 50, 8


def _rows(names: list[str]) -> Iterable[list[str]]:
    """Give rows of four at most, about equally long."""
    count = -(-len(names) // 4)
    size = -(-len(names) // count)
    return (names[at : at + size] for at in range(0, len(names), size))


def _demand_that_nothing_is_left_out() -> None:
    """See to it that picture, table of transitions and session agree.

    Raises:
        Problem: one of them has a way that another has not.
    """
    table = {(state, to) for state, ways in TRANSITIONS.items() for to in ways.values() if to is not state}
    gone = {step for move in moves() for step in pairwise((move.state, *move.path))}
    if odd := (gone ^ table) | (table ^ _ARROWS):
        ways = ", ".join(f"{state.value} to {to.value}" for state, to in odd)
        raise Problem(f"picture, table of transitions and session do not agree on: {ways}")


def _demand_safety(quits: list[str]) -> None:
    """See to it that what deletes is what the picture says.

    Raises:
        Problem: something else deletes.
    """
    deleting = [(move.state, move.verb) for move in moves() if move.deleted]
    if deleting != [(State.TRANSACTION, verb) for verb in quits]:
        raise Problem(f"messages are deleted by {deleting}")


def _listed(names: list[str], last: str) -> str:
    return f"{', '.join(names[:-1])}{last}{names[-1]}"
