"""Command lines: a keyword and its arguments (RFC 1939, section 3; RFC 2449, section 4).

command  = keyword *(SP argument) CRLF
keyword  = 3*4 letters, upper and lower case alike
argument = 1*40 printable characters; PASS alone takes the rest of the line, spaces included
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from .replies import ReplyName

#: At most 640 digits, because `int` reads so many whatever bound Python is given; no line may be as long.
_NUMBER = re.compile(rb"[0-9]{1,640}")


class Kind(Enum):
    """What an argument may be."""

    NUMBER = "number"  #: digits only, no sign
    WORD = "word"  #: up to the next space
    TEXT = "text"  #: the rest of the line as UTF-8, spaces at its end dropped
    SECRET = "secret"  #: the rest of the line as UTF-8, every space kept (RFC 1939, section 7, PASS)


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument in the table of commands.

    Args:
        name: its name in replies and on the command page.
        kind: what it may be.
        optional: whether it may be left out.
        masked: whether transcripts and logs mask it.
        known: values, in capitals, that are shown all the same.
    """

    name: str
    kind: Kind
    optional: bool = False
    masked: bool = False
    known: frozenset[str] = frozenset()

    def split(self, rest: bytes) -> tuple[bytes, bytes]:
        """Part a line into this argument, empty if it is missing, and what is left for the next one."""
        if self.kind is Kind.SECRET:
            return rest, b""
        if self.kind is Kind.TEXT:
            return rest.rstrip(b" "), b""
        word, _, rest = rest.lstrip(b" ").partition(b" ")
        return word, rest

    def may_be_shown(self, word: bytes) -> bool:
        """Tell whether a transcript may show this value."""
        return not self.masked or word.decode("ascii", "replace").upper() in self.known


class ArgumentError(ValueError):
    """The client asked for something that the grammar or the maildrop does not allow.

    Args:
        reply: what the client is told.
        values: what fills the braces of that text.
    """

    def __init__(self, reply: ReplyName, **values: object) -> None:
        super().__init__(reply, values)
        self.reply = reply
        self.values = values


def split_keyword(line: bytes) -> tuple[str, bytes]:
    """Split a line without its CRLF into the keyword, in capitals, and everything after one space."""
    keyword, _, rest = line.partition(b" ")
    return keyword.decode("ascii", "replace").upper(), rest


def parse(arguments: Sequence[Argument], rest: bytes) -> list[int | str]:
    """Read `rest`, the line behind the keyword, by the grammar of one command.

    Returns:
        The arguments that were given, in order; optional ones that were left out are missing.

    Raises:
        ArgumentError: an argument is missing, of the wrong kind, or one too many.
    """
    values: list[int | str] = []
    for argument in arguments:
        word, rest = argument.split(rest)
        if not word:
            if argument.optional:
                break
            raise ArgumentError(ReplyName.MISSING_ARGUMENT, argument=argument.name)
        values.append(_value(argument, word))
    if rest.strip(b" "):
        raise ArgumentError(ReplyName.SURPLUS_ARGUMENT)
    return values


def _value(argument: Argument, word: bytes) -> int | str:
    if argument.kind is Kind.NUMBER:
        if not _NUMBER.fullmatch(word):
            raise ArgumentError(ReplyName.NOT_A_NUMBER, argument=argument.name)
        return int(word)
    try:
        return word.decode("utf-8")
    except UnicodeDecodeError:
        pass
    # Not inside the except clause, because the caught error holds the bytes, perhaps a password, and would be
    # kept as the context of this one.
    raise ArgumentError(ReplyName.NOT_TEXT, argument=argument.name)
