"""Sessions that nobody has thought of, from a grammar and a number: the same number, the same session."""

from __future__ import annotations

import base64
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from evidence.differential.dialogue import SECOND, Visit
from evidence.differential.mail import BOXES

T = TypeVar("T")

SESSIONS = 3_000

PASSWORD = "two  words "  # PASS takes the rest of the line, every space of it (RFC 1939, section 7)


@dataclass
class Session:
    """One or two visits to a mailbox.

    Args:
        user: whose mailbox it is.
        visits: what the client says, visit by visit.
    """

    user: str
    visits: list[Visit]


class Dice:
    """Random choices that depend on a seed alone, whatever the version of Python."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def number(self, below: int) -> int:
        """Return a number from 0 on."""
        return int(self._random.random() * below)

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of the choices."""
        return choices[self.number(len(choices))]

    def one_in(self, times: int) -> bool:
        """Say yes once in so many times."""
        return self.number(times) == 0


def session(number: int, client: int) -> Session:
    """Return the session with that number.

    Args:
        number: which one.
        client: who leads it; each client has mailboxes of its own.
    """
    dice = Dice(f"POP3 {number}")
    box = dice.pick(("full", "full", "full", "full", "one", "none"))
    user = f"{box}{client}"
    visits = [_visit(dice, user, len(BOXES[box])) for _ in range(1 + dice.one_in(3))]
    return Session(user, visits)


def _visit(dice: Dice, name: str, count: int) -> Visit:
    lines = []
    if dice.one_in(3):
        lines += [_before(dice, name) for _ in range(1 + dice.number(4))]
    if not dice.one_in(8):
        lines += dice.pick((_user_pass, _user_pass, _user_pass, _initial, _asked, _disordered))(dice, name)
    lines += [_inside(dice, count) for _ in range(dice.number(11))]
    pipelined = dice.one_in(4)
    if not pipelined and dice.one_in(20):
        lines.append(f"{SECOND.decode()}{name}")
    lines.append(
        dice.pick(("QUIT", "QUIT", "quit", "CAPA"))
    )  # CAPA: who is still there answers, and hangs up
    ends = dice.pick((("\r\n",), ("\r\n",), ("\r\n", "\n")))
    written = [f"{line}{dice.pick(ends)}".encode("utf-8", "surrogateescape") for line in lines]
    return Visit(written, pipelined)


# -- before the log-on ----------------------------------------------------------------------------


def _user_pass(_: Dice, name: str) -> list[str]:
    return [f"USER {name}", f"PASS {PASSWORD}"]


def _initial(_: Dice, name: str) -> list[str]:
    return [f"AUTH PLAIN {_plain(name)}"]


def _asked(_: Dice, name: str) -> list[str]:
    return ["AUTH PLAIN", _plain(name)]


def _disordered(dice: Dice, name: str) -> list[str]:
    """Return a log-on whose PASS does not come right after USER, or comes twice."""
    between = dice.pick((["CAPA"], ["NOOP"], ["STAT"], ["AUTH X"], ["PASS wrong"], [""]))
    return [f"USER {name}", *between, f"PASS {PASSWORD}"]


def _plain(name: str, password: str = PASSWORD, acting: str = "") -> str:
    return base64.b64encode(f"{acting}\0{name}\0{password}".encode()).decode()


def _before(dice: Dice, name: str) -> str:
    """Return a line that has its place before the log-on, or none at all; see `_ODD`."""
    choices = (
        *(f"USER {name}", f"user {name}", f"USER  {name}", f"USER {name} ", "USER nobody", "USER", "USER "),
        *("USER grüße", "USER \udcff", f"USER\t{name}", f"USER {name} {name}"),
        *(
            f"PASS {PASSWORD}",
            f"Pass {PASSWORD}",
            "PASS wrong",
            "PASS",
            "PASS ",
            "PASS \udcff",
            f"PASS  {PASSWORD}",
        ),
        *("AUTH", "auth", "AUTH PLAIN", "AUTH plain", "AUTH LOGIN", "AUTH CRAM-MD5", "AUTH X", "AUTH "),
        *(
            f"AUTH PLAIN {_plain(name, 'wrong')}",
            f"AUTH PLAIN {_plain('nobody')}",
            f"auth plain {_plain(name)}",
        ),
        *(
            "AUTH PLAIN =",
            "AUTH PLAIN *",
            "AUTH PLAIN !!!!",
            "AUTH PLAIN YWJj",
            "AUTH PLAIN YW",
            "AUTH LOGIN =",
        ),
        *(f"AUTH PLAIN {_plain(name, acting=name)}", f"AUTH PLAIN {_plain(name, acting='nobody')}"),
        *(f"AUTH  PLAIN {_plain(name)}", f"AUTH PLAIN  {_plain(name)}", f"AUTH PLAIN {_plain(name)} x"),
        *(
            "*",
            "=",
            "YWJj",
            "!!!!",
            _plain(name),
            _plain(name, "wrong"),
            base64.b64encode(name.encode()).decode(),
        ),
        *("CAPA", "capa", "CAPA x", "CAPA ", "STLS x", "APOP", f"APOP {name}", f"APOP {name} {'0' * 32}"),
        *("STAT", "LIST", "RETR 1", "DELE 1", "TOP 1 0", "UIDL", "RSET", "NOOP", "LAST", *_UNKNOWN),
    )
    return dice.pick(choices)


# -- after the log-on -----------------------------------------------------------------------------

#: What no server knows.
_UNKNOWN = (
    *(
        "",
        " ",
        "\t",
        "HELP",
        "XTND",
        "EHLO x",
        "A1 NOOP",
        "STATUS",
        "RET 1",
        "RETRX 1",
        "QUITX",
        "\udcff\udcfe",
    ),
    *(" NOOP", "  STAT", "\tSTAT", "NOOP\t", "LIST\t1", "STAT\r", "LI ST", "X" * 200, "NOOP" * 60),
    *("X" * 300, "NOOP" + " " * 300),
)

#: Numbers that are none, or no message's; see RFC 1939, section 3, for what an argument may be.
_NO_NUMBER = (
    *(
        "0",
        "00",
        "-1",
        "+1",
        "01",
        "001",
        "0001",
        "1.0",
        "1,",
        "0x1",
        "1x",
        "x",
        "one",
        "٢",
        "²",
        "*",
        "1-2",
        "1:2",
    ),
    *(
        "99",
        "2147483648",
        "4294967295",
        "4294967296",
        "4294967297",
        "18446744073709551616",
        "18446744073709551617",
    ),
    *("9" * 40, "\t1", "1\t", '"1"', "<1>", "\udcff"),
)

_WITH_NUMBER = ("LIST", "UIDL", "RETR", "DELE", "DELE", "DELE")
_ALONE = ("STAT", "STAT", "LIST", "LIST", "UIDL", "UIDL", "RSET", "NOOP", "CAPA")
_OUT_OF_PLACE = ("USER anna", "PASS x", "AUTH", "AUTH PLAIN", "APOP x y", "STLS", "LAST", "QUIT x", "QUIT ")

#: How many lines of the body TOP asks for.
_LINES = (
    *("0", "0", "1", "1", "2", "3", "4", "5", "1000", "20000"),
    *("-1", "+1", "01", "x", "1x", "", "4294967296", "18446744073709551616", "9" * 40, "1 1", "0 x", "1\t"),
)


def _inside(dice: Dice, count: int) -> str:
    """Return a line that has its place after the log-on, or none at all."""
    what = dice.number(20)
    if what < 5:
        return _spelt(dice, dice.pick(_ALONE))
    if what < 11:
        return _spelt(dice, f"{dice.pick(_WITH_NUMBER)} {_message(dice, count)}")
    if what < 15:
        return _spelt(dice, f"TOP {_message(dice, count)} {dice.pick(_LINES)}")
    if what < 16:
        return _spelt(
            dice, dice.pick(("RETR", "DELE", "TOP", "TOP 1", "LIST 1 2", "UIDL 1 x", "RETR 1 1", "DELE 1 2"))
        )
    if what < 17:
        return _spelt(dice, dice.pick(("STAT x", "NOOP x", "RSET 1", "CAPA x", "STAT 1", "NOOP ", "RSET  ")))
    if what < 18:
        return dice.pick(_OUT_OF_PLACE)
    return dice.pick(_UNKNOWN)


def _message(dice: Dice, count: int) -> str:
    """Return a message number, mostly of a message that there is."""
    if dice.one_in(4):
        return dice.pick(_NO_NUMBER)
    return str(1 + dice.number(count + dice.one_in(6)))


def _spelt(dice: Dice, line: str) -> str:
    """Write a command in one of the ways in which people and programs write it."""
    how = dice.number(12)
    keyword, _, rest = line.partition(" ")
    if how == 0:
        return f"{keyword.lower()} {rest}".rstrip(" ")
    if how == 1:
        return f"{keyword.capitalize()} {rest}".rstrip(" ")
    if how == 2:
        return line.replace(" ", "  ")
    if how == 3:
        return f"{line} "
    return line
