"""The client's side of TLS on a socket of the page."""

import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self, TypeVar

from minipop.page.sockets import PageSocket

from .errors import want_read

T = TypeVar("T")

#: Octets that are taken from the connection at a time.
CHUNK = 65_536


class TlsSocket(PageSocket):
    """In the place of `ssl.SSLSocket`, for clients. It takes the connection over, as that does.

    Args:
        sock: the socket; nothing can be done with it any more.
        context: what the client was told.
        server_hostname: whom it means to connect to.
        handshake: whether the handshake is done at once, or as soon as there is a connection.
        suppress_ragged_eofs: whether a connection that ends without notice looks like any other end.

    Raises:
        ssl.SSLError: the handshake failed; the connection is closed.
    """

    server_side = False
    session = None
    session_reused = False

    def __init__(
        self,
        sock: PageSocket,
        context: ssl.SSLContext,
        server_hostname: str | None = None,
        handshake: bool = True,
        suppress_ragged_eofs: bool = True,
    ) -> None:
        super().__init__(sock.family, sock.type, sock.proto)
        self.context, self.server_hostname = context, server_hostname
        self._suppress_ragged_eofs = suppress_ragged_eofs
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls: Any = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_hostname)
        self._handshake = handshake
        self._clear = bytearray()  # was decrypted by `waiting` and is not read yet
        self._end, sock._end, self._timeout = sock._end, None, sock.timeout
        sock.detach()
        if self._end and handshake:
            try:
                self.do_handshake()
            except BaseException:
                self.close()
                raise

    def connect(self, address: Any) -> None:
        super().connect(address)
        if self._handshake:
            self.do_handshake()

    def do_handshake(self) -> None:
        """Do the handshake."""
        self._turn(self._tls.do_handshake)

    def unwrap(self) -> Self:
        """End TLS in order; what follows on the connection is plain."""
        self._turn(self._tls.unwrap)
        self._tls = None
        return self

    # -- as in ssl.SSLSocket ----------------------------------------------------------------------

    def getpeercert(self, binary_form: bool = False) -> Any:
        """Return the server's certificate; see `ssl.SSLSocket.getpeercert`."""
        return self._tls.getpeercert(binary_form)

    def version(self) -> str | None:
        """Return the version of TLS, None where there is none."""
        return self._tls and self._tls.version()  # type: ignore[no-any-return]

    def cipher(self) -> tuple[str, str, int] | None:
        """Return the suite, its version and the length of its key in bits; None where there is none."""
        return self._tls and self._tls.cipher()  # type: ignore[no-any-return]

    def pending(self) -> int:
        """Return how many octets have been decrypted and wait to be read."""
        return len(self._clear) + (self._tls.pending() if self._tls else 0)

    def selected_alpn_protocol(self) -> None:
        """Return None, because ALPN is left out."""

    def compression(self) -> None:
        """Return None, because nothing is compressed."""

    # -- as in socket.socket ----------------------------------------------------------------------

    def send(self, data: bytes | bytearray | memoryview) -> int:
        if self._tls is None:
            return super().send(data)
        sent: int = self._turn(lambda: self._tls.write(data))
        return sent

    def recv(self, count: int = 1024, flags: int = 0) -> bytes:
        if self._tls is None:
            return super().recv(count, flags)
        if flags:
            raise ValueError("non-zero flags not allowed in calls to recv() on TlsSocket")
        if not self._clear:
            self._clear += self._receive(count)
        data = bytes(self._clear[:count])
        del self._clear[:count]
        return data

    read, write = recv, send

    def waiting(self) -> int:
        if self._tls is None:
            return super().waiting()
        while octets := super().waiting():
            self._incoming.write(super().recv(octets))
        with suppress(ssl.SSLError):  # there is no more; or the next call that reads will raise it again
            while data := self._tls.read(CHUNK):
                self._clear += data
        return len(self._clear)

    # -- inside -----------------------------------------------------------------------------------

    def _turn(self, action: Callable[[], T]) -> T:
        """Do something, and fetch from the connection what it wants for that."""
        self._connected()
        while True:
            try:
                return action()
            except ssl.SSLWantReadError:
                self._flush()
                self._fetch()
            finally:
                self._flush()

    def _receive(self, count: int) -> bytes:
        try:
            data: bytes = self._turn(lambda: self._tls.read(count))
        except ssl.SSLEOFError:
            if not self._suppress_ragged_eofs:
                raise
            return b""
        return data

    def _fetch(self) -> None:
        try:
            data = super().recv(CHUNK)
        except BlockingIOError:
            raise want_read() from None
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def _flush(self) -> None:
        rest = memoryview(self._outgoing.read())
        while rest:
            rest = rest[super().send(rest) :]
