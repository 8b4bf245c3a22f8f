"""The clients of the load: non-blocking sockets, on which each plays a script step by step."""

import select
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter as clock
from typing import NamedTuple

#: Looks at what has come: the length of the reply, 0 as long as it is not whole. Raises `Failed`.
Reply = Callable[[bytearray], int]

_READ = 262_144  # octets at a time


class Step(NamedTuple):
    """What a client sends, None for a new connection, and the reply that it waits for."""

    data: bytes | None
    reply: Reply


#: What a client does, step by step.
Script = Iterator[Step]


class Failed(Exception):
    """Something was not as it should be; the text says what."""


def line(buffer: bytearray) -> int:
    """See `Reply`: one line, which must be a ``+OK``."""
    end = buffer.find(b"\r\n")
    if end < 0:
        return 0
    if not buffer.startswith(b"+OK"):
        raise Failed(f"the server said {bytes(buffer[:end])!r}")
    return end + 2


class Client:
    """One client: its connection, and what came in on it.

    Args:
        address: host and port of the server.
        context: for TLS from the first byte; None for none.
    """

    def __init__(self, address: tuple[str, int], context: ssl.SSLContext | None = None) -> None:
        self._address = address
        self._context = context
        self._socket: socket.socket | None = None
        self._script: Script = iter(())
        self._step = Step(b"", line)
        self._shaking = False  # hands, that is
        self._buffer = bytearray()

    def begin(self, script: Script, poll: select.epoll, clients: "dict[int, Client]") -> bool:
        """Take the first step of a script; tell whether there is more to do.

        Args:
            script: what to do.
            poll: where the client has its socket watched.
            clients: where it is to be found by the number of its socket.
        """
        self._script, self._poll, self._clients = script, poll, clients
        if self._socket:
            self._register()
        return self._take()

    def ready(self) -> bool:
        """Deal with what has come; tell whether there is more to do."""
        connection = self._socket
        assert connection
        try:
            if self._shaking:
                assert isinstance(connection, ssl.SSLSocket)
                connection.do_handshake()
                self._shaking = False
                self._poll.modify(connection, select.EPOLLIN)
            while data := connection.recv(_READ):
                self._buffer += data
                if not self._context:  # what is left makes the socket ready again; TLS may hold some back
                    break
        except (BlockingIOError, ssl.SSLWantReadError):
            data = b"-"
        except ssl.SSLWantWriteError:
            return True
        except OSError as error:
            raise Failed(f"{self._doing()}: {error}") from error
        while length := self._step.reply(self._buffer):
            del self._buffer[:length]
            if not self._take():
                return False
        if not data and self._socket is connection:
            raise Failed(f"{self._doing()}: the server closed the connection")
        return True

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._socket:
            self._clients.pop(self._socket.fileno(), None)
            self._socket.close()
            self._socket = None

    def _take(self) -> bool:
        """Take the next step."""
        step = next(self._script, None)
        if step is None:
            assert self._socket
            self._poll.unregister(self._socket)
            del self._clients[self._socket.fileno()]
            return False
        self._step = step
        if step.data is None:
            self._connect()
        elif step.data:
            assert self._socket
            try:
                sent = self._socket.send(step.data)
            except OSError as error:
                raise Failed(f"{self._doing()}: {error}") from error
            if sent < len(step.data):
                raise Failed(f"{self._doing()}: the server does not take what it is sent")
        return True

    def _connect(self) -> None:
        self.close()
        self._buffer = bytearray()
        connection = socket.socket()
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.connect_ex(self._address)  # whether it worked shows when it is ready
        self._shaking = self._context is not None
        if self._context:
            connection = self._context.wrap_socket(connection, do_handshake_on_connect=False)
        self._socket = connection
        self._register()

    def _register(self) -> None:
        assert self._socket
        self._poll.register(self._socket, select.EPOLLOUT if self._shaking else select.EPOLLIN)
        self._clients[self._socket.fileno()] = self

    def _doing(self) -> str:
        sent = (self._step.data or b"connecting").decode().split(" ")[0].strip()
        return "PASS" if sent == "PASS" else sent or "RETR"


def drive(clients: Sequence[Client], scripts: Sequence[Script], limit: float) -> None:
    """Let every client play its script to the end.

    Raises:
        Failed: something was not as it should be, or is not over when the clock shows `limit`.
    """
    waiting: dict[int, Client] = {}
    with select.epoll() as poll:
        left = sum(
            client.begin(script, poll, waiting) for client, script in zip(clients, scripts, strict=True)
        )
        while left:
            events = poll.poll(max(0.0, limit - clock()))
            if not events:
                raise Failed(f"{left} of {len(clients)} clients were still waiting when the time was up")
            for number, _ in events:
                if number in waiting and not waiting[number].ready():
                    left -= 1
