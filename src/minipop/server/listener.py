"""A port of its own beside the service's two: for the issuer's https, and for an attacker."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Iterable
from weakref import WeakSet

#: Seconds that a client may take for the TLS handshake.
HANDSHAKE_TIMEOUT = 10.0

#: How many clients may wait to be accepted.
BACKLOG = 64

#: Turns of the event loop after which a connection that is just being accepted is known.
_ACCEPTING_TURNS = 5


async def stop_listening(servers: Iterable[asyncio.Server]) -> None:
    """Close servers; afterwards all their connections are known, because none is being accepted any more.

    A connection that is being accepted while its server closes would stay open for ever. So first nothing
    more is accepted, then those that are under way get time to arrive, then the servers close.
    """
    loop = asyncio.get_running_loop()
    for server in servers:
        for listener in server.sockets:
            with contextlib.suppress(NotImplementedError):  # Windows' own event loop
                loop.remove_reader(listener.fileno())
    for _ in range(_ACCEPTING_TURNS):
        await asyncio.sleep(0)
    for server in servers:
        server.close()


class Listener:
    """A free port whose connections can all be ended at once, those in the middle of a handshake included.

    asyncio's own server does not know its connections before Python 3.13 (`Server.abort_clients`).

    Args:
        protocol: makes what serves a client.
        context: TLS from the first byte; None for none.
    """

    def __init__(
        self, protocol: Callable[[], asyncio.Protocol], context: ssl.SSLContext | None = None
    ) -> None:
        self._protocol = protocol
        self._context = context
        self._server: asyncio.Server | None = None
        self._open: WeakSet[asyncio.Transport] = WeakSet()  # weak, so that closed ones drop out
        self._handshakes: set[asyncio.Task[None]] = set()

    async def start(self, host: str) -> int:
        """Listen on an address; return the port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Accepted(self._begin), host, 0, backlog=BACKLOG)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        """Close the port and end every connection at once."""
        if self._server is None:
            return
        await stop_listening([self._server])
        for transport in tuple(self._open):
            transport.abort()
        await asyncio.gather(*self._handshakes, return_exceptions=True)
        await self._server.wait_closed()

    def _begin(self, transport: asyncio.Transport) -> None:
        self._open.add(transport)
        if self._context is None:
            protocol = self._protocol()
            transport.set_protocol(protocol)
            protocol.connection_made(transport)
            return
        transport.pause_reading()  # what comes next is for the handshake
        handshake = asyncio.get_running_loop().create_task(self._start_tls(transport, self._context))
        self._handshakes.add(handshake)
        handshake.add_done_callback(self._handshakes.discard)

    async def _start_tls(self, transport: asyncio.Transport, context: ssl.SSLContext) -> None:
        with contextlib.suppress(OSError):  # a client that does not trust the certificate is no error
            await begin_tls(transport, self._protocol, context, server_side=True)


async def begin_tls(
    transport: asyncio.Transport,
    protocol: Callable[[], asyncio.BaseProtocol],
    context: ssl.SSLContext,
    *,
    server_side: bool = False,
    server_hostname: str | None = None,
) -> asyncio.Transport | None:
    """Do the handshake on a connection, and then tell a protocol that it is there.

    Args:
        transport: the connection, of which nothing has been read.
        protocol: makes what is told of everything from then on.
        context: this side of TLS.
        server_side: whether this is the server's side.
        server_hostname: at the client's side, the name that the certificate must bear.

    Returns:
        the encrypted connection; None if the peer went away during the handshake.

    Raises:
        OSError: the handshake failed.
    """
    early = _Early()
    secure = await asyncio.get_running_loop().start_tls(
        transport,
        early,
        context,
        server_side=server_side,
        server_hostname=server_hostname,
        ssl_handshake_timeout=HANDSHAKE_TIMEOUT,
    )
    if not isinstance(secure, asyncio.Transport) or early.lost:
        return None
    told = protocol()
    secure.set_protocol(told)
    told.connection_made(secure)
    if early.data and isinstance(told, asyncio.Protocol):
        told.data_received(bytes(early.data))
    return secure


class _Accepted(asyncio.Protocol):
    """The protocol of a connection until `Listener` has decided about TLS."""

    def __init__(self, begin: Callable[[asyncio.Transport], None]) -> None:
        self._begin = begin

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._begin(transport)


class _Early(asyncio.Protocol):
    """Keeps what arrives together with the end of the handshake, because asyncio delivers it before that."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.lost = False

    def data_received(self, data: bytes) -> None:
        self.data += data

    def connection_lost(self, _: Exception | None) -> None:
        self.lost = True


class OneAnswer(asyncio.Protocol):
    """Receives a request, sends one answer, and closes the connection; also if the client falls silent.

    Args:
        receive: takes what came in; returns the answer once the request is complete, None before.
        timeout: seconds that the client may be silent in the middle of its request.
    """

    _transport: asyncio.Transport
    _timer: asyncio.TimerHandle

    def __init__(self, receive: Callable[[bytes], bytes | None], timeout: float) -> None:
        self._receive = receive
        self._timeout = timeout

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._set_timer()

    def data_received(self, data: bytes) -> None:
        self._timer.cancel()
        answer = self._receive(data)
        if answer is None:
            self._set_timer()
        else:
            self._transport.write(answer)
            self._transport.close()

    def connection_lost(self, _: Exception | None) -> None:
        self._timer.cancel()

    def _set_timer(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._timeout, self._transport.abort)
