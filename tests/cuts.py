"""A client that is gone after a certain byte, sent or read; in clear or inside TLS."""

import socket
import ssl
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from evidence.patience import PATIENCE
from evidence.raw import context

#: Commands whose reply has many lines.
MANY = (b"UIDL\r\n", b"RETR")


class Gone(Exception):
    """The client is gone."""


class How(Enum):
    """How a client goes."""

    FIN = "has said all, and reads what is left"
    CLOSE = "closes: by FIN, or by RST if it leaves anything unread"
    RST = "breaks off"


class Channel(Protocol):
    """What carries the client's bytes."""

    def send(self, data: bytes) -> None:
        """Send, as far as the client gets."""

    def receive(self) -> bytes:
        """Return what has come, at least a byte; empty at the end of the connection."""


@dataclass
class Cut:
    """When a client is gone.

    Args:
        sent: after how many bytes sent; None for never.
        read: after how many bytes read; None for never.
        how: how.
    """

    sent: int | None = None
    read: int | None = None
    how: How = How.FIN


class Line:
    """A connection that is cut.

    Args:
        port: on 127.0.0.1.
        cut: when.
    """

    def __init__(self, port: int, cut: Cut) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.cut = cut
        self.sent = self.read = 0

    def send(self, data: bytes) -> None:
        """Send, as far as the client gets."""
        most = len(data) if self.cut.sent is None else self.cut.sent - self.sent
        self.socket.sendall(data[:most])
        self.sent += min(most, len(data))
        if most < len(data):
            raise Gone

    def receive(self) -> bytes:
        """Return what has come, at least a byte; empty at the end of the connection."""
        if self.sent == self.cut.sent or self.read == self.cut.read:
            raise Gone
        data = self.socket.recv(65_536 if self.cut.read is None else min(65_536, self.cut.read - self.read))
        self.read += len(data)
        return data

    def go(self) -> None:
        """Be gone, in the way that the cut says."""
        if self.cut.how is How.FIN:
            self.socket.shutdown(socket.SHUT_WR)
            while self.socket.recv(65_536):
                pass
        elif self.cut.how is How.RST:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class Tls:
    """TLS on such a connection: it is cut between any two bytes of the ciphertext."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context().wrap_bio(self._in, self._out, server_hostname="localhost")
        shaken = False
        while not shaken:
            try:
                self._tls.do_handshake()
                shaken = True
            except ssl.SSLWantReadError:
                self._line.send(self._out.read())
                self._feed()
        self._line.send(self._out.read())

    def send(self, data: bytes) -> None:
        """Send, as far as the client gets."""
        self._tls.write(data)
        self._line.send(self._out.read())

    def receive(self) -> bytes:
        """Return what has come, at least a byte; empty at the end of the connection."""
        while True:
            try:
                return self._tls.read(65_536)
            except ssl.SSLWantReadError:
                self._feed()
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""

    def _feed(self) -> None:
        data = self._line.receive()
        if data:
            self._in.write(data)
        else:
            self._in.write_eof()


@dataclass
class Outcome:
    """How far a client got.

    Args:
        sent: bytes that it sent.
        read: bytes that it read.
        asked: whether all its commands left it whole, QUIT as the last.
        told: whether it has read the reply to QUIT to its end.
    """

    sent: int
    read: int
    asked: bool = False
    told: bool = False


def play(
    port: int, commands: Sequence[bytes], cut: Cut, *, pipelined: bool = False, tls: str = ""
) -> Outcome:
    """Let a client play a session until it is gone.

    Args:
        port: on 127.0.0.1.
        commands: what it says, line ends included; QUIT comes last.
        cut: when it is gone.
        pipelined: whether it sends everything at once and then reads, or waits for each reply.
        tls: ``995``, ``STLS``, or empty for none.
    """
    line = Line(port, cut)
    outcome = Outcome(0, 0)
    try:
        channel: Channel = Tls(line) if tls == "995" else line
        _reply(channel, b"")
        if tls == "STLS":
            line.send(b"STLS\r\n")
            _reply(line, b"STLS")
            channel = Tls(line)
        for command in [b"".join(commands)] if pipelined else commands:
            channel.send(command)
            outcome.asked = command.endswith(b"QUIT\r\n")
            if not pipelined:
                _reply(channel, command)
        while pipelined and channel.receive():
            pass
        outcome.told = True
    except Gone:
        pass
    finally:
        outcome.sent, outcome.read = line.sent, line.read
        line.go()
    return outcome


def _reply(channel: Channel, command: bytes) -> None:
    """Read the reply to a command."""
    end = b"\r\n.\r\n" if command.startswith(MANY) else b"\r\n"
    reply = b""
    while not reply.endswith(end):
        data = channel.receive()
        assert data, f"the server has closed the connection after {reply!r}"
        reply += data
    assert reply.startswith(b"+OK")
