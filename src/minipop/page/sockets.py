"""What stands in for `socket.socket`: a client that blocks turns the loop until its octets are there."""

import errno
import socket
from collections import deque
from collections.abc import Callable
from typing import IO, Any, Self

from .loop import PageLoop, address_of
from .transport import Address, End

#: Python's own, whose way to make files this one shares.
_SOCKET = socket.socket


class PageSocket:
    """A blocking TCP socket of the page.

    Each call that sends or closes something ends when the servers have dealt with it, as far as they can.

    Attributes:
        loop: the loop of the page; `minipop.page.install` sets it.
    """

    loop: PageLoop
    _end: End | None = None

    def __init__(
        self,
        family: int = socket.AF_INET,
        type: int = socket.SOCK_STREAM,
        proto: int = 0,
        fileno: int | None = None,
    ) -> None:
        if type != socket.SOCK_STREAM or fileno is not None:
            raise OSError(errno.EPROTONOSUPPORT, "a page has TCP clients alone")
        self.loop = self.loop  # this one's own, whatever is installed later
        self.family, self.type, self.proto = family, type, proto
        self._timeout = socket.getdefaulttimeout()
        self._source: Address | None = None
        self._options: dict[tuple[int, int], Any] = {}
        self._listening = False
        self._accepted: deque[End] = deque()
        self._closed = False
        self._io_refs = 0  # files made of it that are still open; Python's name, for `makefile`

    # -- connecting -------------------------------------------------------------------------------

    def bind(self, address: Any) -> None:
        """Be at this address when it connects or listens; a port of 0 is any."""
        host, port = address[:2]
        self._source = address_of(host or "0.0.0.0"), port or self.loop.free_port()

    def connect(self, address: Any) -> None:
        self._check_open()
        if self._end:
            raise OSError(errno.EISCONN, "Transport endpoint is already connected")
        self._end = self.loop.dial(address[0], address[1], self._source)
        for (level, option), value in self._options.items():
            self._end.set_option(level, option, value)
        self.loop.settle()

    def getsockname(self) -> Address:
        self._check_open()
        return self._end.own if self._end else (self._source or ("0.0.0.0", 0))

    def getpeername(self) -> Address:
        return self._connected(alive=True).peer

    def fileno(self) -> int:
        """Return what a closed socket returns, because there is no descriptor that one could wait on."""
        return -1

    # -- serving ----------------------------------------------------------------------------------

    def listen(self, backlog: int = 0) -> None:
        """Take connections, as many as come; each waits for `accept`."""
        del backlog
        if self._source is None:
            self.bind(("", 0))
        assert self._source
        self.loop.listen([self._source], self._accepted.append)
        self._listening = True

    def accept(self) -> tuple[Self, Address]:
        """Return the next connection, and where its client is."""
        self._check_open()
        self._wait(lambda: bool(self._accepted))
        server = type(self)(self.family)
        server._end = self._accepted.popleft()
        return server, server._end.peer

    # -- options ----------------------------------------------------------------------------------

    @property
    def timeout(self) -> float | None:
        return self._timeout

    def gettimeout(self) -> float | None:
        return self._timeout

    def settimeout(self, seconds: float | None) -> None:
        self._timeout = seconds

    def setblocking(self, flag: bool) -> None:
        self._timeout = None if flag else 0.0

    def setsockopt(self, level: int, option: int, value: Any) -> None:
        self._options[level, option] = value
        if self._end:
            self._end.set_option(level, option, value)

    # -- sending ----------------------------------------------------------------------------------

    def sendall(self, data: bytes | bytearray | memoryview) -> None:
        rest = memoryview(data).cast("B")
        while rest:
            rest = rest[self.send(rest) :]

    def send(self, data: bytes | bytearray | memoryview) -> int:
        end = self._connected()
        self._wait(lambda: end.writable)
        sent = end.send(data)
        self.loop.settle()
        return sent

    # -- receiving --------------------------------------------------------------------------------

    def waiting(self) -> int:
        """Return how many octets can be read at once, when all that can be dealt with is dealt with."""
        end = self._connected()
        self.loop.settle()
        return len(end.inbox)

    def recv(self, count: int, flags: int = 0) -> bytes:
        end = self._connected()
        self._wait(lambda: end.readable)
        if flags & socket.MSG_PEEK:
            return bytes(end.inbox[:count])
        return end.take(count)

    def recv_into(self, buffer: Any, count: int = 0) -> int:
        room = memoryview(buffer).cast("B")
        data = self.recv(count or len(room))
        room[: len(data)] = data
        return len(data)

    def makefile(self, mode: str = "r", buffering: int | None = None, **text: Any) -> IO[Any]:
        return _SOCKET.makefile(self, mode, buffering, **text)  # type: ignore[call-overload, no-any-return]

    def _wait(self, until: Callable[[], bool]) -> None:
        if self._timeout == 0 and not until():
            self.loop.settle()
            if not until():
                raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        self.loop.turn(until, self._timeout)

    # -- closing ----------------------------------------------------------------------------------

    def shutdown(self, how: int) -> None:
        end = self._connected(alive=True)
        if how != socket.SHUT_RD:
            end.shut_down()
            self.loop.settle()
        if how != socket.SHUT_WR:
            end.ended = True

    def close(self) -> None:
        """Close it when the files made of it are closed as well."""
        self._closed = True
        if self._io_refs <= 0:
            self._real_close()

    def detach(self) -> int:
        self._closed = True
        return -1

    def _decref_socketios(self) -> None:
        """Take note that a file made of it is closed; `socket.SocketIO` calls this."""
        self._io_refs -= 1
        if self._closed:
            self.close()

    def _real_close(self) -> None:
        if self._listening and self._source:
            self.loop.forget(self._source)
        for end in (self._end, *self._accepted):
            if end:
                end.close()
        self.loop.settle()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        """Let the peer of one that was forgotten see its end, as the system would."""
        if self._end and not self.loop.is_closed():
            self._end.close()

    # -- inside -----------------------------------------------------------------------------------

    def _check_open(self) -> None:
        if self._closed and self._io_refs <= 0:
            raise OSError(errno.EBADF, "Bad file descriptor")

    def _connected(self, *, alive: bool = False) -> End:
        """Return its end of the connection, which may be over by now unless it is to be alive."""
        self._check_open()
        if self._end is None or (alive and not self._end.connected):
            raise OSError(errno.ENOTCONN, "Transport endpoint is not connected")
        return self._end
