"""One connection: an asyncio protocol that carries bytes between a transport and a `Session`.

STLS goes through `loop.start_tls` with a buffer of our own. `StreamWriter.start_tls` would keep plain text
that came in the same packet as STLS and answer it inside TLS (the flaw of CVE-2011-0411).
"""

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from minipop.protocol import Observer, Policy, Session, State

log = logging.getLogger(__name__)

#: Seconds that a client may take for the TLS handshake.
HANDSHAKE_TIMEOUT = 20.0


@dataclass(frozen=True)
class Timeouts:
    """How long a connection may take; seconds.

    Args:
        logon: from the connection to the log-on; no command resets it.
        idle: without a command, once logged on.
    """

    logon: float = 60.0
    idle: float = 1800.0


class Connection(asyncio.Protocol):
    """The transport's side of a session.

    Args:
        policy: the rules of the service.
        context: for STLS, and for implicit TLS, which the listener has begun already.
        timeouts: when to close a connection.
        open_connections: holds every connection while it is open.
        observer: is told the dialogue.
        implicit_tls: whether the transport is encrypted from its first byte.
    """

    def __init__(
        self,
        policy: Policy,
        context: ssl.SSLContext,
        timeouts: Timeouts,
        open_connections: "set[Connection]",
        observer: Callable[[bool], Observer] | None,
        *,
        implicit_tls: bool,
    ) -> None:
        self._policy = policy
        self._context = context
        self._timeouts = timeouts
        self._open = open_connections
        self._observer = observer
        self._implicit_tls = implicit_tls
        self._transport: asyncio.Transport
        self._session: Session
        self._writable = True
        self._upgrade: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._deadline = 0.0

    # -- called by asyncio ------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._open.add(self)
        observer = self._observer(self._implicit_tls) if self._observer else None
        self._session = Session(self._policy, tls=self._implicit_tls, observer=observer)
        loop = asyncio.get_running_loop()
        self._deadline = loop.time() + self._timeouts.logon
        self._timer = loop.call_at(self._deadline, self._expired)
        self._pump()

    def data_received(self, data: bytes) -> None:
        """Hand bytes to the session and send what it answers."""
        self._session.receive_data(data)
        if self._session.state is State.TRANSACTION:
            self._deadline = asyncio.get_running_loop().time() + self._timeouts.idle
        self._pump()

    def pause_writing(self) -> None:
        """Stop pulling and reading: the client does not take what it asked for."""
        self._writable = False
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Go on where `pause_writing` stopped."""
        self._writable = True
        self._transport.resume_reading()
        self._pump()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the session without deleting anything."""
        if exc:
            log.info("connection lost: %s", exc)
        self._open.discard(self)
        if self._timer:
            self._timer.cancel()
        if self._upgrade:
            self._upgrade.cancel()
        self._session.connection_lost()

    # -- inside -----------------------------------------------------------------------------------

    def close(self) -> None:
        """End the connection from the server's side, at once; nothing is deleted."""
        self._session.connection_lost()
        self._transport.abort()

    def _pump(self) -> None:
        """Move what the session has to say to the transport, as long as that can take it."""
        session = self._session
        was_logged_on = session.state is State.TRANSACTION
        while self._writable and (data := session.data_to_send()):
            self._transport.write(data)
        if session.wants_tls and self._upgrade is None:
            # Nothing may be read in clear between the reply and the handshake.
            self._transport.pause_reading()
            self._upgrade = asyncio.get_running_loop().create_task(self._start_tls())
        elif session.finished:
            self._transport.close()
        elif session.state is State.TRANSACTION and not was_logged_on:
            self._deadline = asyncio.get_running_loop().time() + self._timeouts.idle

    async def _start_tls(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            transport = await loop.start_tls(
                self._transport,
                self,
                self._context,
                server_side=True,
                ssl_handshake_timeout=HANDSHAKE_TIMEOUT,
            )
        except (OSError, ssl.SSLError) as error:
            log.info("STLS: handshake failed: %s", error)
            self._transport.abort()
            return
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._session.tls_established()
        self._pump()  # commands may have come in together with the end of the handshake

    def _expired(self) -> None:
        """Close the connection if its time is up, else look again when it will be (RFC 1939, section 3)."""
        loop = asyncio.get_running_loop()
        if loop.time() >= self._deadline:
            self.close()
        else:
            self._timer = loop.call_at(self._deadline, self._expired)
