"""What comes in of a TLS connection, cut into records (RFC 8446, section 5.1)."""

import errno
import ssl

from .errors import tls_error

#: Octets before the content of a record: its type, its version, its length.
HEADER = 5

#: The types that a record can have, from change_cipher_spec to heartbeat.
_TYPES = range(20, 25)


class Records:
    """A buffer that hands on whole records alone.

    For tlslite-ng it is the socket. That waits for the rest of a record in a generator, and what it has of
    the record would be lost with the generator; so it never sees a part of one.

    Args:
        incoming: where the octets of the peer arrive.
        outgoing: where those of this side go.
    """

    def __init__(self, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO) -> None:
        self._incoming, self._outgoing = incoming, outgoing
        self._raw = bytearray()
        self._whole = 0  # how much of `_raw` is the rest of a record that is there to its end

    def recv(self, count: int) -> bytes:
        """Return octets of one record; empty at the end of the connection.

        Raises:
            BlockingIOError: the next record is not there to its end.
            ssl.SSLError: what came in is not TLS.
        """
        if not self._whole:
            self._whole = self._next()
        data = bytes(self._raw[: min(count, self._whole)])
        del self._raw[: len(data)]
        self._whole -= len(data)
        return data

    def send(self, data: bytes) -> int:
        return self._outgoing.write(data)

    def sendall(self, data: bytes) -> None:
        self._outgoing.write(data)

    def close(self) -> None:
        """Do nothing, because the connection is not tlslite-ng's to close."""

    def _next(self) -> int:
        """Return the length of the next record; at the end of the connection, of what is there."""
        self._raw += self._incoming.read()
        raw = self._raw
        if (raw and raw[0] not in _TYPES) or (len(raw) > 1 and raw[1] != 3):
            raise tls_error("WRONG_VERSION_NUMBER")
        if len(raw) >= HEADER and len(raw) >= (length := HEADER + int.from_bytes(raw[3:HEADER], "big")):
            return length
        if self._incoming.eof:
            return len(raw)
        raise BlockingIOError(errno.EWOULDBLOCK, "the rest of the record has not come yet")
