"""The mail of the benchmark: accounts and Maildirs, the same for every server.

A message stands once on the disk; each mailbox of each server holds hard links to it. Names tell the sizes
(``,S=``, ``,W=``), as Dovecot's own delivery and minipop write them, and that the message is read: so no
server has to count octets, or to rename a file while it is fetched.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

#: An account may have 16 connections with minipop, as in Exchange: together they may have 10,240.
ACCOUNTS = 640
PASSWORD = "bench"
DOMAIN = "bench.example"
MESSAGES = 100
OCTETS = 2_000  #: Of a message, line ends being CRLF.
LARGE = "large"  #: Whose messages have `LARGE_OCTETS`.
LARGE_MESSAGES, LARGE_OCTETS = 10, 1_000_000

_LINE = 78  # octets with CRLF


class Box(NamedTuple):
    """How many messages a mailbox holds, and how long each is."""

    messages: int = MESSAGES
    octets: int = OCTETS


def user(number: int) -> str:
    """Return the alias of an account."""
    return f"user{number:04}"


def log_on_name(alias: str) -> str:
    """Return the name with which an account logs on, with every server."""
    return f"{alias}@{DOMAIN}"


#: The mailboxes.
BOXES: Mapping[str, Box] = {
    **{user(n): Box() for n in range(ACCOUNTS)},
    LARGE: Box(LARGE_MESSAGES, LARGE_OCTETS),
}


def message(number: int, octets: int) -> bytes:
    """Return a message that has so many octets once its line ends are CRLF; no line begins with a dot."""
    head = f"From: bench@{DOMAIN}\nSubject: message {number:05}\n\n"
    rest = octets - len(head) - head.count("\n")
    if rest < 2 * _LINE:
        raise ValueError(f"{octets} octets are too few for a message")
    full, last = divmod(rest - _LINE, _LINE)  # the last two lines share what is left over
    short = _LINE // 2
    lines = [*[_line(_LINE)] * full, _line(short), _line(last + _LINE - short)]
    return (head + "".join(lines)).encode()


def _line(octets: int) -> str:
    return "x" * (octets - 2) + "\n"


class World:
    """A folder with everything that servers are started with.

    Args:
        folder: an empty folder; all Maildirs lie in it, so on one file system.
        boxes: the mailboxes, by alias.
    """

    def __init__(self, folder: Path, boxes: Mapping[str, Box] = BOXES) -> None:
        self.folder = folder
        self.boxes = boxes
        #: minipop's accounts file.
        self.accounts = folder / "accounts.toml"
        self.accounts.write_text("".join(map(_table, boxes)), "utf-8")

    def maildirs(self, owner: str) -> Path:
        """Return a folder of a server's own that holds the Maildirs; they are made the first time."""
        path = self.folder / owner
        if not path.exists():
            for alias, box in self.boxes.items():
                for part in ("new", "tmp", "cur"):
                    (path / alias / part).mkdir(parents=True)
                for number in range(box.messages):
                    os.link(self._file(number, box.octets), path / alias / "cur" / _name(number, box.octets))
        return path

    def _file(self, number: int, octets: int) -> Path:
        """Return the file of a message; a hundred differ, as a file can have some ten thousand names only."""
        path = self.folder / f"message-{octets}-{number % 100}"
        if not path.exists():
            path.write_bytes(message(number % 100, octets))
        return path


def _name(number: int, octets: int) -> str:
    size = len(message(number % 100, octets))
    return f"{1_700_000_000 + number}.M1P1.bench,S={size},W={octets}:2,S"


def _table(alias: str) -> str:
    name = log_on_name(alias)
    keys = {"name": alias, "alias": alias, "sam": alias, "upn": name, "primary": name, "password": PASSWORD}
    return "\n".join(["[[accounts]]", *(f'{key} = "{value}"' for key, value in keys.items()), "\n"])
