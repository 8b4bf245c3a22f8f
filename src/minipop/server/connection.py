"""One connection: an asyncio protocol that carries bytes between a transport and a `Session`.

STLS goes through `loop.start_tls` with a buffer of our own. `StreamWriter.start_tls` would keep plain text
that came in the same packet as STLS and answer it inside TLS (the flaw of CVE-2011-0411).
"""

import asyncio
import logging
import ssl
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from minipop.protocol import Lost, Observer, Policy, ReplyName, Session, State
from minipop.protocol.session import CHUNK

from .limits import ConnectionLimiter

log = logging.getLogger(__name__)

#: Seconds that a client may take for the TLS handshake. Fewer than asyncio's 60, because until then it holds
#: a connection and has not said a word of POP3.
HANDSHAKE_TIMEOUT = 20.0

#: Octets that may wait for a client before nothing more is pulled for it. asyncio would let 512 KiB wait
#: inside TLS, which is too much for each of many slow clients.
UNSENT = CHUNK


#: A host and a port.
Endpoint = tuple[str, int]


@dataclass(frozen=True)
class Timeouts:
    """How long a connection may take; seconds.

    Args:
        logon: from the connection to the log-on; no command resets it.
        idle: once logged on, without a whole command, or for taking what waits (`UNSENT`): neither half a
            command nor a few octets taken now and then give new time.
    """

    logon: float = 60.0
    idle: float = 1800.0


class Connection(asyncio.BufferedProtocol):
    """The transport's side of a session.

    Args:
        serving: returns the rules of the service and its TLS context, which are asked for anew at each
            handshake.
        timeouts: when to close a connection.
        open_connections: holds every connection while it is open.
        observers: called with whether TLS came first, and where the client is (host and port; None if it is
            gone already); returns what records the dialogue.
        limiter: says whether this connection is one too many.
        incoming: where the event loop puts what it has received. One for all connections is enough: it is
            taken from there at once. (`asyncio.Protocol` would have 256 KB allocated for every few bytes.)
        implicit_tls: whether TLS comes first, as on port 995.
    """

    def __init__(
        self,
        serving: Callable[[], tuple[Policy, ssl.SSLContext]],
        timeouts: Timeouts,
        open_connections: "set[Connection]",
        observers: Callable[[bool, Endpoint | None], Sequence[Observer]],
        limiter: ConnectionLimiter,
        incoming: memoryview,
        *,
        implicit_tls: bool,
    ) -> None:
        self._serving = serving
        self._policy, self._context = serving()
        self._timeouts = timeouts
        self._open = open_connections
        self._observers = observers
        self._limiter = limiter
        self._incoming = incoming
        self._loop = asyncio.get_running_loop()
        self._client: Endpoint | None = None
        self._turned_away: ReplyName | None = None  # the reply if this connection is one too many
        self._implicit_tls = implicit_tls
        self._transport: asyncio.Transport | None = None  # while there is a connection
        self._session: Session | None = None
        self._early = bytearray()  # came in together with the end of the first handshake
        self._writable = True
        self._handshake: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._deadline = 0.0

    # -- called by asyncio ------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet, after the handshake where TLS comes first."""
        assert isinstance(transport, asyncio.Transport)
        self._use(transport)
        self._open.add(self)
        peer = transport.get_extra_info("peername")
        self._client = peer and peer[:2]
        self._turned_away = self._limiter.admit(self, peer[0] if peer else "")
        self._grant(self._timeouts.logon)
        if self._implicit_tls:
            self._begin_tls()
        else:
            self._greet()

    def get_buffer(self, _: int) -> memoryview:
        return self._incoming

    def buffer_updated(self, count: int) -> None:
        """Hand that many bytes to the session and send what it answers."""
        data = bytes(self._incoming[:count])
        if self._session:
            self._session.receive_data(data)
            self._pump()
        else:
            self._early += data

    def pause_writing(self) -> None:
        """Stop pulling and reading: the client does not take what it asked for."""
        self._writable = False
        if self._transport:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Go on where `pause_writing` stopped."""
        self._writable = True
        self._pump()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the session without deleting anything; may be called twice."""
        if exc:
            log.info("connection lost: %s", exc)
        self._open.discard(self)
        self._limiter.leave(self)
        self._stop_timer()
        if self._handshake:
            self._handshake.cancel()
        if self._session:
            self._session.connection_lost()
        # asyncio's TLS holds this protocol and a buffer of 256 KiB. Without this reference back to it, both
        # are freed at once; in a cycle they would wait for the garbage collector, hundreds of connections.
        self._transport = None

    # -- inside -----------------------------------------------------------------------------------

    def close(self, why: Lost) -> None:
        """End the connection from the server's side, at once; nothing is deleted."""
        if self._session:
            self._session.connection_lost(why)
        if self._transport:
            self._transport.abort()

    def _use(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        transport.set_write_buffer_limits(high=UNSENT)

    def _greet(self) -> None:
        self._session = Session(
            self._policy,
            tls=self._implicit_tls,
            observers=self._observers(self._implicit_tls, self._client),
            turned_away=self._turned_away,
        )
        self._session.receive_data(bytes(self._early))
        self._pump()

    def _pump(self) -> None:
        """Move what the session has to say to the transport, as long as that can take it.

        One chunk in each turn of the loop, because other connections need their turn, and because a client
        that went away in the middle of a message must be noticed before the QUIT that it had sent along is
        executed. Until all is sent, nothing more is read.
        """
        session, transport = self._session, self._transport
        if session is None or transport is None or transport.is_closing():
            return
        if self._handshake or not self._writable:
            return
        logged_on = session.state is State.TRANSACTION
        data = session.data_to_send()
        transport.write(data)
        # A client is not idle if it has sent a whole command, or has taken what was sent before this.
        if data and (logged_on or session.state is State.TRANSACTION):
            self._grant(self._timeouts.idle)
        if len(data) >= CHUNK:
            transport.pause_reading()
            self._loop.call_soon(self._pump)
        elif session.finished:
            transport.close()
        elif session.wants_tls and self._writable:  # `write` above may have called `pause_writing`
            self._begin_tls()
        elif self._writable:
            transport.resume_reading()

    def _begin_tls(self) -> None:
        # Nothing may be read in clear between the reply to STLS and the handshake.
        assert self._transport
        self._transport.pause_reading()
        self._policy, self._context = self._serving()
        self._handshake = self._loop.create_task(self._start_tls())

    async def _start_tls(self) -> None:
        assert self._transport
        try:
            transport = await self._loop.start_tls(
                self._transport,
                self,
                self._context,
                server_side=True,
                ssl_handshake_timeout=HANDSHAKE_TIMEOUT,
            )
        except OSError as error:  # ssl.SSLError is one
            # Its frames hold the error itself (a reference cycle) and the buffer.
            traceback.clear_frames(error.__traceback__)
            self._handshake = None
            if self._transport:
                self._transport.abort()
            self.connection_lost(error)  # because asyncio does not always call it during a handshake
            return
        self._handshake = None
        if not isinstance(transport, asyncio.Transport):  # the client went away during the handshake
            self.connection_lost(None)
            return
        self._use(transport)
        if self._session is None:
            self._greet()
        else:
            self._session.tls_established(self._policy)
            self._pump()  # commands may have come in together with the end of the handshake

    def _grant(self, seconds: float) -> None:
        """Set the deadline so many seconds from now.

        The timer is not set again each time, because a busy session moves its deadline with every packet:
        when it fires, `_ring` looks at the deadline. Only a timer that would fire too late is replaced.
        """
        self._deadline = self._loop.time() + seconds
        if self._timer is None or self._timer.when() > self._deadline:
            self._stop_timer()
            self._timer = self._loop.call_at(self._deadline, self._ring)

    def _ring(self) -> None:
        """Close the connection if its time is up, else look again when it will be (RFC 1939, section 3)."""
        if self._loop.time() >= self._deadline:
            logged_on = self._session is not None and self._session.state is State.TRANSACTION
            self.close(Lost.IDLE if logged_on else Lost.NO_LOGON)
        else:
            self._timer = self._loop.call_at(self._deadline, self._ring)

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
