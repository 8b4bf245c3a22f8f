"""The recorder: a relay between clients and server that keeps every byte as it crosses the socket.

Of a TLS connection it keeps ciphertext, because it has no keys. Neither side is to notice it: bytes, end of
stream, reset and a peer that does not read are passed on as they come, and the server sees the client's own
address.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from typing import Literal

from .capture import Capture, Endpoint, Who, Wire

#: SO_LINGER on, for no time at all: closing then sends a reset (RST) instead of an orderly end (FIN).
_RESET = struct.pack("ii", 1, 0)


class Recorder:
    """Makes a relay for each connection; see `minipop.server.Relay`.

    Args:
        wire: takes what is recorded.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._sides: set[_Side] = set()
        self._connecting: set[asyncio.Task[None]] = set()

    def relay(self, behind: tuple[str, int], *, tls: bool) -> asyncio.Protocol:
        """Return the protocol for a client that is about to be accepted.

        Args:
            behind: address and port of the server.
            tls: whether the client begins with TLS, as on port 995.
        """

        def connect(client: _Side) -> None:
            # Nothing is read before the server is there, because it would have to be stored.
            client.transport.pause_reading()
            capture = client.capture = self._wire.begin(tls, _endpoint(client, "peername"))
            server = _Side("S", self._sides, lambda _: client.transport.resume_reading())
            server.capture, server.other, client.other = capture, client, server
            task = asyncio.get_running_loop().create_task(_connect(client, server, behind))
            self._connecting.add(task)
            task.add_done_callback(self._connecting.discard)

        return _Side("C", self._sides, connect)

    async def close(self) -> None:
        """End every connection at once."""
        tasks = tuple(self._connecting)
        for task in tasks:
            task.cancel()
        for side in tuple(self._sides):
            side.transport.abort()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Side(asyncio.Protocol):
    """One of the two connections of a relay: what it receives, the other sends.

    Args:
        who: who is at its other end.
        sides: holds every side while it is open.
        opened: called when the connection is there.
    """

    capture: Capture
    other: "_Side"
    transport: asyncio.Transport

    def __init__(self, who: Who, sides: "set[_Side]", opened: "Callable[[_Side], None]") -> None:
        self._who = who
        self._sides = sides
        self._opened = opened
        self._ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._sides.add(self)
        self._opened(self)

    def data_received(self, data: bytes) -> None:
        self.capture.add(self._who, data)
        self.other.transport.write(data)

    def eof_received(self) -> bool:
        """Pass the end of this direction on; the other direction stays open until it ends, too."""
        self._ended = True
        if self.other._ended:
            self.other.transport.close()
            return False
        self.other.transport.write_eof()
        return True

    def pause_writing(self) -> None:
        """Stop reading from the other side, because this side's peer does not take what it is sent."""
        self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        self.other.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the other side in the same way, by a reset or in order."""
        self._sides.discard(self)
        if self.other not in self._sides:  # gone as well, or never reached
            return
        if exc:
            self.other.reset()
        else:
            self.other.transport.close()

    def reset(self) -> None:
        """End this connection by a reset, because the other side ended so."""
        with contextlib.suppress(OSError):
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.transport.abort()


async def _connect(client: _Side, server: _Side, behind: tuple[str, int]) -> None:
    """Connect from the client's own address, which works because it is a loopback address."""
    address = client.transport.get_extra_info("peername")[0]
    try:
        await asyncio.get_running_loop().create_connection(lambda: server, *behind, local_addr=(address, 0))
    except OSError:
        client.reset()
    else:
        client.capture.seen = _endpoint(server, "sockname")


def _endpoint(side: _Side, which: Literal["peername", "sockname"]) -> Endpoint | None:
    """Return one end of a connection; None if it is gone already."""
    found = side.transport.get_extra_info(which)
    return (found[0], found[1]) if found else None
