"""A client that says lines, whatever they are, and notes what the server makes of each."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass, field

from evidence.patience import PATIENCE

#: Replies that have one line alone; any other +OK to these commands begins a list. A bare AUTH lists too, and
#: whether a server takes an AUTH for bare is seen by what it says when it lets somebody in.
_ONE = {
    "LIST": re.compile(rb"\+OK \d+ \d+"),
    "UIDL": re.compile(rb"\+OK \d+ [!-~]{1,70}"),
    "AUTH": re.compile(rb"\+OK (Maildrop has|Logged in).*"),
}

#: Commands whose +OK always begins several lines.
_ALWAYS = {"RETR", "TOP", "CAPA"}

#: Begins a line that is not said: instead, somebody else tries to log on, to the mailbox that follows.
SECOND = b"second log-on: "


@dataclass
class Reply:
    """What a server answered to a line.

    Args:
        status: ``+OK``, ``-ERR``, ``+`` for a challenge, ``closed`` if the connection had ended,
            ``silent`` if nothing came; anything else is what came instead.
        text: what stood behind the status.
        body: the lines behind the first one, dots undone; None if the reply has one line.
    """

    status: str
    text: str = ""
    body: bytes | None = None


@dataclass
class Visit:
    """What a client says between connecting and leaving.

    Args:
        lines: what it says, line ends included.
        pipelined: whether all go out at once, before any reply is read.
    """

    lines: list[bytes] = field(default_factory=list)
    pipelined: bool = False


def verb(line: bytes) -> str:
    """Return the keyword of a line, in capitals."""
    return line.rstrip(b"\r\n").partition(b" ")[0].decode("latin-1").upper()


class Client:
    """One connection.

    Args:
        address: of the server.
        password: of every user.
    """

    def __init__(self, address: tuple[str, int], password: str) -> None:
        self._address = address
        self._password = password
        self._socket = socket.create_connection(address, PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""

    def say(self, visit: Visit) -> list[Reply]:
        """Say all lines, leave, and return the greeting and a reply for each line, and what came after.

        The client leaves by closing its side; after a QUIT that was accepted the server has to close first.
        """
        with self._socket:
            replies = [self._reply(b"")]
            if visit.pipelined:
                self._send(b"".join(visit.lines))
            for line in visit.lines:
                if line.startswith(SECOND):
                    replies.append(self._second(line.removeprefix(SECOND)))
                    continue
                if not visit.pipelined:
                    self._send(line)
                replies.append(self._reply(line))
                if replies[-1].status not in ("+OK", "-ERR", "+"):
                    break
            left = replies[-1].status == "+OK" and verb(visit.lines[-1]) == "QUIT"
            if not left:
                self._send(None)
            replies.append(self._rest())
        return replies

    def _second(self, name: bytes) -> Reply:
        """Return what is answered to the password of a second client."""
        lines = [b"USER " + name, f"PASS {self._password}\r\n".encode(), b"QUIT\r\n"]
        return Client(self._address, self._password).say(Visit(lines))[2]

    def _send(self, data: bytes | None) -> None:
        """Send bytes, or close this side; what the server no longer takes shows in its replies."""
        try:
            if data is None:
                self._socket.shutdown(socket.SHUT_WR)
            else:
                self._socket.sendall(data)
        except OSError:
            pass

    def _reply(self, line: bytes) -> Reply:
        try:
            first = self._until(b"\r\n")
            if first is None:
                return Reply("closed")
            status, _, text = first.decode("latin-1").partition(" ")
            reply = Reply(status, text)
            if status == "+OK" and _has_body(line, first):
                body = self._until(b"\r\n.\r\n", b"\r\n")
                if body is None:
                    return Reply("closed", "inside a reply")
                reply.body = (b"\r\n" + body).replace(b"\r\n.", b"\r\n")[2:]
        except TimeoutError:
            return Reply("silent")
        return reply

    def _rest(self) -> Reply:
        try:
            while self._receive():
                pass
        except TimeoutError:
            return Reply("silent")
        return Reply("closed", self._buffer.decode("latin-1"))

    def _until(self, end: bytes, before: bytes = b"") -> bytes | None:
        """Return what comes up to an end, with a line end before it so that a lone dot may come first."""
        self._buffer = before + self._buffer
        searched = 0
        while (at := self._buffer.find(end, searched)) < 0:
            searched = max(0, len(self._buffer) - len(end))
            if not self._receive():
                return None
        found, self._buffer = self._buffer[len(before) : at + 2], self._buffer[at + len(end) :]
        return found if before else found[:-2]

    def _receive(self) -> bool:
        try:
            data = self._socket.recv(1 << 18)
        except ConnectionError:
            return False
        self._buffer += data
        return bool(data)


def _has_body(line: bytes, first: bytes) -> bool:
    keyword = verb(line)
    if keyword in _ONE:
        return not _ONE[keyword].fullmatch(first)
    return keyword in _ALWAYS
