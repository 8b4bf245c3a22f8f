"""Connections in memory: two ends, each with what came in, and asyncio's view of an end.

A peer sees what it would see over the sockets of an operating system: how much may be on its way, what a
close and a reset look like, and what is still read after them.
"""

import asyncio
import errno
import socket
import struct
from collections.abc import Callable, Iterable
from typing import Any

#: A host and a port.
Address = tuple[str, int]

#: Octets that may wait at an end before its peer has to stop sending, unless SO_RCVBUF says another number.
WINDOW = 65_536

#: Octets that wait in a transport when it asks its protocol to pause, unless it is told another number.
HIGH_WATER = 65_536

#: SO_LINGER on, for no time at all: closing then sends a reset (RST) instead of an orderly end (FIN).
_RESET = struct.pack("ii", 1, 0)


def _nothing() -> None:
    """Be told of something and do nothing."""


class End:
    """One end of a connection.

    Attributes:
        own: where it is.
        peer: where the other end is.
        inbox: what came in and is not read yet.
        ended: whether the peer has said that it sends nothing more.
        closed: whether this end is closed.
        arrived: called when something has come in, also an end or a reset.
        drained: called when the peer has taken something, or never will.
    """

    other: "End"

    def __init__(self, own: Address, peer: Address) -> None:
        self.own, self.peer = own, peer
        self.inbox = bytearray()
        self.ended = self.closed = False
        self.arrived = self.drained = _nothing
        self._window = WINDOW
        self._shut = False  # whether this end sends nothing more
        self._broken = False  # whether there was a reset; what came in before it is still read
        self._error: OSError | None = None  # the news of that, which is told once
        self._abrupt = False  # whether SO_LINGER asks for a reset

    @classmethod
    def pair(cls, client: Address, server: Address) -> "tuple[End, End]":
        """Return both ends of a new connection."""
        one, two = cls(client, server), cls(server, client)
        one.other, two.other = two, one
        return one, two

    @property
    def connected(self) -> bool:
        """Whether there is a connection, in at least one direction."""
        return not (self._broken or (self._shut and self.ended))

    @property
    def readable(self) -> bool:
        """Whether `take` has something to say: octets, the end, or an error."""
        return bool(self.inbox) or self.ended or self._broken

    @property
    def writable(self) -> bool:
        """Whether `send` has something to do: there is room, or an error is to be told."""
        return self._room > 0 or self._shut or self._broken or self.other.closed

    @property
    def _room(self) -> int:
        return self.other._window - len(self.other.inbox)

    def send(self, data: bytes | bytearray | memoryview) -> int:
        """Send as much as there is room for; return how many octets that was.

        Raises:
            OSError: the connection was reset, or this end has been shut down.
        """
        self._tell_error()
        if self._shut or self._broken:
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")
        if self.other.closed:
            self._break()  # the answer of a closed end; that these octets are lost, is told the next time
            return len(data)
        sent = data[: max(0, self._room)]
        self.other.inbox += sent
        self.other.arrived()
        return len(sent)

    def take(self, count: int) -> bytes:
        """Return what has come in, at most so many octets; empty at the end.

        Raises:
            ConnectionResetError: the connection was reset.
        """
        if not (self.inbox or self.ended):
            self._tell_error()
        data = bytes(self.inbox[:count])
        del self.inbox[:count]
        if data:
            self.other.drained()
        return data

    def shut_down(self) -> None:
        """Send nothing more; the other direction stays open.

        Raises:
            OSError: there is no connection any more.
        """
        if not self.connected:
            raise OSError(errno.ENOTCONN, "Transport endpoint is not connected")
        if not self._shut:
            self._shut = True
            self.other.ended = True
            self.other.arrived()

    def set_option(self, level: int, option: int, value: object) -> None:
        """Take a socket option; two of them mean something here."""
        if (level, option) == (socket.SOL_SOCKET, socket.SO_LINGER):
            self._abrupt = value == _RESET
        elif (level, option) == (socket.SOL_SOCKET, socket.SO_RCVBUF) and isinstance(value, int):
            self._window = value

    def close(self) -> None:
        """Close: in order, or by a reset if something is not read or SO_LINGER asks for it."""
        if self.closed:
            return
        self.closed = True
        if self.inbox or self._abrupt:
            self.inbox.clear()
            self.other._break()
        elif self.connected:
            self.shut_down()

    def _break(self) -> None:
        if self.connected:
            reset = ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")
            self._error = BrokenPipeError(errno.EPIPE, "Broken pipe") if self.ended else reset
        self._broken = True
        self.arrived()
        self.drained()

    def _tell_error(self) -> None:
        error, self._error = self._error, None
        if error:
            raise error


class PageServer:
    """What `create_server` returns.

    Args:
        addresses: where it listens.
        forget: called with each of them when it does so no longer.
    """

    def __init__(self, addresses: Iterable[Address], forget: Callable[[Address], object]) -> None:
        self._forget = forget
        self.sockets = tuple(_Listening(address) for address in addresses)

    def close(self) -> None:
        for listening in self.sockets:
            self._forget(listening.getsockname())
        self.sockets = ()

    async def wait_closed(self) -> None:
        """Return at once, because nothing is left to be waited for."""


class _Listening:
    """An address that a server listens on, as a socket would tell it."""

    family, type = socket.AF_INET, socket.SOCK_STREAM

    def __init__(self, address: Address) -> None:
        self._address = address

    def getsockname(self) -> Address:
        return self._address

    def fileno(self) -> int:
        return -1


class _Socket:
    """The socket that a transport shows in `get_extra_info`."""

    def __init__(self, end: End) -> None:
        self._end = end

    def setsockopt(self, level: int, option: int, value: Any) -> None:
        self._end.set_option(level, option, value)

    def getsockname(self) -> Address:
        return self._end.own

    def getpeername(self) -> Address:
        return self._end.peer

    def fileno(self) -> int:
        return -1


class PageTransport(asyncio.Transport):
    """asyncio's side of an end.

    Args:
        loop: calls the protocol.
        end: its end of the connection.
        protocol: told of what happens, first that the connection is there.
    """

    #: `start_tls` of asyncio takes only transports that say so.
    _start_tls_compatible = True

    def __init__(self, loop: asyncio.AbstractEventLoop, end: End, protocol: asyncio.BaseProtocol) -> None:
        super().__init__({"peername": end.peer, "sockname": end.own, "socket": _Socket(end)})
        self._loop, self._end = loop, end
        self._protocol: Any = protocol
        self._unsent = bytearray()
        self._high, self._low = HIGH_WATER, HIGH_WATER // 4
        self._reading = True
        self._feeding = False  # whether `_feed` is about to be called
        self._closing = False  # nothing more is read, and what was written is still sent
        self._gone = False  # `connection_lost` is about to be called, or was
        self._eof_received = self._eof_wanted = self._paused = False
        end.arrived, end.drained = self._soon, self._send
        loop.call_soon(protocol.connection_made, self)
        self._soon()

    # -- called by protocols ----------------------------------------------------------------------

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        protocol: asyncio.BaseProtocol = self._protocol
        return protocol

    def is_closing(self) -> bool:
        return self._closing

    def is_reading(self) -> bool:
        return self._reading and not self._closing

    def pause_reading(self) -> None:
        self._reading = False

    def resume_reading(self) -> None:
        self._reading = True
        self._soon()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        if high is None:
            high = HIGH_WATER if low is None else 4 * low
        self._high, self._low = high, high // 4 if low is None else low
        self._ask_to_pause()

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return self._low, self._high

    def get_write_buffer_size(self) -> int:
        return len(self._unsent)

    def can_write_eof(self) -> bool:
        return True

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._eof_wanted:
            raise RuntimeError("Cannot call write() after write_eof()")
        if self._gone:
            return
        self._unsent += data
        self._send()
        self._ask_to_pause()

    def write_eof(self) -> None:
        if not self._closing:
            self._eof_wanted = True
            self._send()

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._send()

    def abort(self) -> None:
        self._force_close(None)

    def _force_close(self, error: BaseException | None) -> None:
        """End at once; asyncio's TLS layer calls this as well."""
        self._closing = True
        self._unsent.clear()
        self._lose(error)

    # -- inside -----------------------------------------------------------------------------------

    def _soon(self) -> None:
        if not self._feeding:
            self._feeding = True
            self._loop.call_soon(self._feed)

    def _feed(self) -> None:
        """Hand on what came in: octets as long as they are wanted, then the end or the reset."""
        self._feeding = False
        end = self._end
        if not self.is_reading() or self._eof_received:
            return
        try:
            if end.inbox:
                self._hand_on()
                self._soon()
            elif end.readable:
                end.take(1)  # raises the error, if this is no orderly end
                self._eof_received = True
                if not self._protocol.eof_received():
                    self.close()
        except OSError as error:
            self._force_close(error)
        except Exception as error:
            text = "Fatal error: a protocol could not take what came in."
            context = {"message": text, "exception": error, "transport": self, "protocol": self._protocol}
            self._loop.call_exception_handler(context)
            self._force_close(error)

    def _hand_on(self) -> None:
        if not isinstance(self._protocol, asyncio.BufferedProtocol):
            self._protocol.data_received(self._end.take(WINDOW))
            return
        room = memoryview(self._protocol.get_buffer(-1))
        data = self._end.take(len(room))
        room[: len(data)] = data
        self._protocol.buffer_updated(len(data))

    def _send(self) -> None:
        """Send what there is room for; when nothing is left, do what was to be done after that."""
        if self._gone:
            return
        try:
            while self._unsent and self._end.writable:
                del self._unsent[: self._end.send(self._unsent)]
        except OSError as error:
            self._force_close(error)
            return
        if self._paused and len(self._unsent) <= self._low:
            self._paused = False
            self._loop.call_soon(self._protocol.resume_writing)
        if self._unsent:
            return
        if self._closing:
            self._lose(None)
        elif self._eof_wanted:
            self._end.shut_down()

    def _ask_to_pause(self) -> None:
        if len(self._unsent) > self._high and not self._paused:
            self._paused = True
            self._protocol.pause_writing()

    def _lose(self, error: BaseException | None) -> None:
        if not self._gone:
            self._gone = True
            self._loop.call_soon(self._lost, error)

    def _lost(self, error: BaseException | None) -> None:
        try:
            self._protocol.connection_lost(error)
        finally:
            self._end.close()
