"""The service: both ports at once, on one event loop."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from minipop.protocol import Lost, Observer, Policy

from .address import AddressError, Exposure, admitted
from .connection import Connection, Endpoint, Timeouts
from .limits import UNLIMITED, ConnectionLimiter, Limits
from .listener import stop_listening

#: Octets that are taken from a connection at a time.
INCOMING = 65_536

#: How many clients may wait to be accepted. asyncio's own 100 is too few when a class begins, because the
#: system of a client that finds no room tries again only a second later.
BACKLOG = 1_024

#: How many of them are accepted at a time, before those that were accepted are served. Few, because from then
#: on a connection with TLS takes 256 KiB, while one that waits costs the server nothing.
AT_ONCE = 16


class Relay(Protocol):
    """What stands between the clients and the ports, such as `minipop.wire.recorder.Recorder`."""

    def relay(self, behind: tuple[str, int], *, tls: bool) -> asyncio.Protocol:
        """Return the protocol for a client that is about to be accepted.

        Args:
            behind: address and port where the service itself listens.
            tls: whether TLS comes first.
        """

    async def close(self) -> None:
        """End every connection at once."""


class Service:
    """A POP3 service on two ports, 110-style (plain, STLS) and 995-style (TLS from the first byte).

    Args:
        policy: the rules of the service.
        context: the TLS context of the server.
        timeouts: when to close a connection.
        observers: called at each connection with whether it is encrypted from the start, and where the
            client is; returns what records its dialogue.
        relay: stands in front of both ports: clients reach it there, and it reaches the service on two
            more ports. None for nothing.
        limits: who may connect.
    """

    def __init__(
        self,
        policy: Policy,
        context: ssl.SSLContext,
        timeouts: Timeouts,
        observers: Callable[[bool, Endpoint | None], Sequence[Observer]] = lambda *_: (),
        relay: Relay | None = None,
        limits: Limits = UNLIMITED,
    ) -> None:
        self._policy = policy
        self._context = context
        self._timeouts = timeouts
        self._observers = observers
        self._relay = relay
        self._limiter = ConnectionLimiter(limits)
        self._connections: set[Connection] = set()
        self._incoming = memoryview(bytearray(INCOMING))
        self._servers: list[asyncio.Server] = []
        self._addresses: list[str] = []
        self.host = ""
        self.port = 0
        self.tls_port = 0

    async def start(
        self, host: str = "127.0.0.1", port: int = 0, tls_port: int = 0, within: Exposure = Exposure.INTERNET
    ) -> None:
        """Listen on both ports; 0 takes any free one, found in `port` and `tls_port` afterwards.

        Args:
            host: a name or an address of this machine.
            port: the 110-style port.
            tls_port: the 995-style port.
            within: from how far away the service may be reached.

        Raises:
            AddressError: a port is taken, the host is none of this machine's, or it could be reached from
                farther away.
        """
        self.host = host
        try:
            with self._listening(port):
                self._addresses = await admitted(host, within)
            self.port = await self._listen(port, implicit_tls=False)
            self.tls_port = await self._listen(tls_port, implicit_tls=True)
        except AddressError:
            await self.stop()
            raise

    def renew(self, policy: Policy, context: ssl.SSLContext) -> None:
        """Show another certificate at every handshake from now on; connections go on.

        Args:
            policy: the rules of the service, which know the certificate.
            context: the TLS context that holds it.
        """
        self._policy, self._context = policy, context

    def restart(self, policy: Policy, timeouts: Timeouts, limits: Limits) -> None:
        """End every connection and go on by new rules, on the same ports; nothing is deleted.

        Args:
            policy: the rules of the service from now on.
            timeouts: when to close a connection from now on.
            limits: who may connect from now on.
        """
        self._policy, self._timeouts = policy, timeouts
        self._limiter = ConnectionLimiter(limits)
        self._cut(Lost.RESTARTED)

    async def stop(self) -> None:
        """Close both ports and every connection; sessions end without deleting anything."""
        await stop_listening(self._servers)
        self._cut(Lost.STOPPED)
        if self._relay:
            await self._relay.close()
        await asyncio.gather(*(server.wait_closed() for server in self._servers))
        self._servers.clear()

    def _cut(self, why: Lost) -> None:
        """End every connection at once."""
        for connection in tuple(self._connections):
            connection.close(why)

    async def _listen(self, port: int, *, implicit_tls: bool) -> int:
        """Listen on a port, with the relay in front of it if there is one; return the port for clients."""

        def connection() -> Connection:
            return Connection(
                lambda: (self._policy, self._context),
                self._timeouts,
                self._connections,
                self._observers,
                self._limiter,
                self._incoming,
                implicit_tls=implicit_tls,
            )

        relay = self._relay
        if relay is None:
            return (await self._bind(connection, port))[1]
        behind = await self._bind(connection, 0)
        return (await self._bind(lambda: relay.relay(behind, tls=implicit_tls), port))[1]

    async def _bind(self, accepted: Callable[[], asyncio.BaseProtocol], port: int) -> tuple[str, int]:
        """Listen on a port, 0 for any free one; return the address and the port."""
        with self._listening(port):
            server = await asyncio.get_running_loop().create_server(
                accepted, self._addresses, port, backlog=AT_ONCE
            )
            self._servers.append(server)
            for listener in server.sockets:
                if listener.fileno() < 0:  # an event loop without real sockets, as in a browser page
                    continue
                with socket.fromfd(listener.fileno(), listener.family, listener.type) as same:
                    same.listen(BACKLOG)  # because asyncio lets only as many wait as it accepts at a time
        bound: tuple[str, int] = server.sockets[0].getsockname()[:2]
        return bound

    @contextlib.contextmanager
    def _listening(self, port: int) -> Iterator[None]:
        """Say what was tried if it fails."""
        try:
            yield
        except AddressError:
            raise
        except (OSError, OverflowError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise AddressError(
                f"cannot listen on {self.host} port {port}: {why}; choose another address or port, 0 for any"
                " free port"
            ) from error
