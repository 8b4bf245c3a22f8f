"""The service: both ports at once, on one event loop."""

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections.abc import Callable

from minipop.protocol import Observer, Policy

from .connection import Connection, Timeouts

#: Turns of the event loop after which a connection that is just being accepted is known.
_ACCEPTING_TURNS = 5


class AddressError(OSError):
    """A port or address cannot be used; the text says which and why."""


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address means this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Service:
    """A POP3 service on two ports, 110-style (plain, STLS) and 995-style (TLS from the first byte).

    Args:
        policy: the rules of the service.
        context: the TLS context of the server.
        timeouts: when to close a connection.
        observer: called at each connection with whether it is encrypted from the start; returns what is
            told its dialogue.
    """

    def __init__(
        self,
        policy: Policy,
        context: ssl.SSLContext,
        timeouts: Timeouts,
        observer: Callable[[bool], Observer] | None = None,
    ) -> None:
        self._policy = policy
        self._context = context
        self._timeouts = timeouts
        self._observer = observer
        self._connections: set[Connection] = set()
        self._servers: list[asyncio.Server] = []
        self.host = ""
        self.port = 0
        self.tls_port = 0

    async def start(self, host: str = "127.0.0.1", port: int = 0, tls_port: int = 0) -> None:
        """Listen on both ports; 0 takes any free one, found in `port` and `tls_port` afterwards.

        Raises:
            AddressError: a port is taken, or the host is none of this machine's.
        """
        self.host = host
        self.port = await self._listen(host, port, implicit_tls=False)
        try:
            self.tls_port = await self._listen(host, tls_port, implicit_tls=True)
        except AddressError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Close both ports and every connection; sessions end without deleting anything."""
        loop = asyncio.get_running_loop()
        for server in self._servers:
            for listener in server.sockets:
                # A connection that is being accepted while its server closes would stay open for ever:
                # first accept nothing more, then let those that are under way arrive, then close.
                with contextlib.suppress(NotImplementedError):  # Windows' own event loop
                    loop.remove_reader(listener.fileno())
        for _ in range(_ACCEPTING_TURNS):
            await asyncio.sleep(0)
        for server in self._servers:
            server.close()
        for connection in tuple(self._connections):
            connection.close()
        await asyncio.gather(*(server.wait_closed() for server in self._servers))
        self._servers.clear()

    async def _listen(self, host: str, port: int, *, implicit_tls: bool) -> int:
        def connection() -> Connection:
            return Connection(
                self._policy,
                self._context,
                self._timeouts,
                self._connections,
                self._observer,
                implicit_tls=implicit_tls,
            )

        try:
            server = await asyncio.get_running_loop().create_server(
                connection,
                host,
                port,
                family=socket.AF_INET6 if ":" in host else socket.AF_INET,
            )
        except (OSError, OverflowError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise AddressError(f"cannot listen on {host} port {port}: {why}") from error
        self._servers.append(server)
        bound: int = server.sockets[0].getsockname()[1]
        return bound
