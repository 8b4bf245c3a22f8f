"""Replies as a client reads them, by RFC 1939 alone: nothing here comes from the server's code."""

import re
from dataclasses import dataclass

#: A status line is so long at most, CRLF included (RFC 1939, section 3).
LONGEST = 512

#: Commands that are answered by several lines, by how many arguments they then have (RFC 1939, 2449, 5034).
SEVERAL_LINES = {"CAPA": {0}, "LIST": {0}, "UIDL": {0}, "RETR": {1}, "TOP": {2}, "AUTH": {0}}

_STATUS = re.compile(rb"(\+OK|-ERR)(?: ([^\0\r\n]*))?")
_CHALLENGE = re.compile(rb"\+ [A-Za-z0-9+/]*=*")


@dataclass(frozen=True)
class Reply:
    """What a server says to one line.

    Args:
        status: ``+OK``, ``-ERR``, or ``+`` for a challenge.
        text: what stands behind that.
        content: of a reply of several lines, what it holds, without the dots that were put before others.
    """

    status: str
    text: str
    content: bytes | None = None


def read(line: bytes, reply: bytes) -> Reply:
    """Read what answers one line, and see to it that nothing is wrong with its form.

    Args:
        line: the client's line, without its end.
        reply: all that came back.
    """
    first, end, rest = reply.partition(b"\r\n")
    assert end, f"no line end in {reply[:80]!r}"
    if _CHALLENGE.fullmatch(first):
        assert not rest, f"more than a challenge: {rest[:80]!r}"
        return Reply("+", first[2:].decode())
    status = _STATUS.fullmatch(first)
    assert status, f"no status line: {first[:80]!r}"
    assert len(first) + 2 <= LONGEST, f"{len(first) + 2} octets"
    content = None
    words = line.decode("latin-1").upper().split(" ")
    arguments = [word for word in words[1:] if word]
    if status[1] == b"+OK" and len(arguments) in SEVERAL_LINES.get(words[0], set()):
        content = unstuffed(rest)
    else:
        assert not rest, f"more than one line: {rest[:80]!r}"
    return Reply(status[1].decode(), (status[2] or b"").decode("utf-8"), content)


def unstuffed(rest: bytes) -> bytes:
    """Return what a reply of several lines holds: up to the line with a dot alone, other dots taken away."""
    content = []
    assert rest.endswith(b"\r\n"), f"no line end in {rest[-80:]!r}"
    *lines, last = rest.removesuffix(b"\r\n").split(b"\r\n")
    assert last == b".", f"no closing dot, but {last[:80]!r}"
    for line in lines:
        assert line != b".", "a closing dot in the middle"
        assert b"\n" not in line, f"a line that ends with LF alone: {line[:80]!r}"
        assert not line.startswith(b".") or line.startswith(b".."), f"a dot alone before {line[:80]!r}"
        content.append((line[1:] if line.startswith(b".") else line) + b"\r\n")
    return b"".join(content)
