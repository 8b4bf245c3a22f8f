"""What real and assumed TLS have in common: the interface of `ssl.SSLObject`, as far as it is used."""

import ssl
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Literal

from .certificate import Certificate
from .records import Records


class Side(ABC):
    """One side of a connection.

    Args:
        context: what this side was told.
        incoming: where the octets of the peer arrive.
        outgoing: where those of this side go.
        server_side: whether it is the server.
        server_hostname: at the client's side, whom it means to connect to.

    Raises:
        ValueError: the context wants to check the name, and there is none.
        ssl.SSLError: the context fits nothing that is offered here, or a server's has no certificate.

    Attributes:
        kind: whether it is real TLS.
    """

    kind: ClassVar[Literal["real", "assumed"]]
    session = None
    session_reused = False

    def __init__(
        self,
        context: ssl.SSLContext,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool,
        server_hostname: str | None,
    ) -> None:
        if not server_side and context.check_hostname and not server_hostname:
            raise ValueError("check_hostname requires server_hostname")
        self.context, self.server_side, self.server_hostname = context, server_side, server_hostname
        self._records = Records(incoming, outgoing)
        self._clear = bytearray()  # was decrypted and is not read yet
        self._begin()

    # -- what the engines differ in ---------------------------------------------------------------

    @abstractmethod
    def _begin(self) -> None:
        """Prepare the handshake; a client may say its first words."""

    @abstractmethod
    def do_handshake(self) -> None:
        """Go on with the handshake as far as what has come in allows."""

    @abstractmethod
    def write(self, data: Any) -> int:
        """Send octets; return how many."""

    @abstractmethod
    def unwrap(self) -> None:
        """Say that this side sends nothing more, and wait until the peer says so, too."""

    @abstractmethod
    def version(self) -> str | None:
        """Return the version, None before the handshake."""

    @abstractmethod
    def cipher(self) -> tuple[str, str, int] | None:
        """Return the suite, its version and the length of its key in bits; None before the handshake."""

    @abstractmethod
    def _receive(self) -> bytes:
        """Return what the peer sent next; empty at its end."""

    @abstractmethod
    def _shown(self) -> bytes | None:
        """Return the certificate of the peer in DER, None if it has shown none."""

    # -- what they share --------------------------------------------------------------------------

    def read(self, count: int = 1024, buffer: Any = None) -> Any:
        """Return what the peer has sent, or how much of it was put into a buffer; nothing at its end."""
        if not self._clear:
            self._clear += self._receive()
        count = count if buffer is None else min(count, len(buffer))
        data = bytes(self._clear[:count])
        del self._clear[:count]
        if buffer is None:
            return data
        buffer[: len(data)] = data
        return len(data)

    def pending(self) -> int:
        """Return how many octets can be read although nothing more comes in."""
        return len(self._clear)

    def getpeercert(self, binary_form: bool = False) -> Any:
        """Return the peer's certificate, in DER or as a dictionary, which is empty if it was not verified.

        Raises:
            ValueError: the handshake is not done.
        """
        if self.version() is None:
            raise ValueError("handshake not done yet")
        certificate = self._shown()
        if certificate is None or binary_form:
            return certificate
        return {} if self.context.verify_mode == ssl.CERT_NONE else Certificate(certificate).described()

    def compression(self) -> str | None:
        """Return None, because nothing is compressed."""
        return None

    def selected_alpn_protocol(self) -> str | None:
        """Return None, because ALPN is left out."""
        return None
