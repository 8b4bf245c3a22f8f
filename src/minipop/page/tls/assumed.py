"""TLS that is only assumed, for a page whose tlslite-ng did not come: nothing of it withstands an attacker.

It has the records of TLS, shows and verifies certificates, and refuses with the same alerts and errors, so
that clients, servers and lessons run. In the place of the key exchange there are two random numbers, in the
place of encryption a mask that follows from them. It does not ask whether the server holds the key of its
certificate, and notices neither a wrong signature nor octets that were changed on the way. What both sides
send first says so in clear text, for those who look at the wire.
"""

import hashlib
import secrets
import ssl
from typing import Any

from minipop.wire.capture import ASSUMED

from .certificate import pem_blocks
from .context import server_files
from .errors import alert_error, unexpected_end, want_read
from .records import HEADER
from .side import Side
from .verification import verify

#: Types of records (RFC 8446, section 5.1), and alerts (section 6).
ALERT, HANDSHAKE, DATA = 21, 22, 23
_CLOSE_NOTIFY = b"\x01\x00"
_REFUSED = {18: 48, 20: 48, 10: 45}  # by OpenSSL's number for the reason; 42 for any other
_NAMES = {42: "bad_certificate", 45: "certificate_expired", 48: "unknown_ca"}

#: Octets in a record at most, and of the random number of each side.
_LONGEST, _RANDOM = 16_384, 32


class Assumed(Side):
    """One side of a connection; see `Side`."""

    kind = "assumed"

    def _begin(self) -> None:
        self._own = secrets.token_bytes(_RANDOM)
        self._key = b""
        self._numbers = {False: 0, True: 0}  # of records, by whether they are the server's
        self._certificate: bytes | None = None
        self._done = self._closing = self._closed = False
        self._files = server_files(self.context) if self.server_side else None
        if not self.server_side:
            self._send(HANDSHAKE, ASSUMED + self._own)

    def do_handshake(self) -> None:
        if not self._key:
            hello = self._expect_handshake().removeprefix(ASSUMED)
            self._key = bytes(a ^ b for a, b in zip(self._own, hello, strict=False))
            if self._files:
                shown = pem_blocks(self._files[0])[0]
                self._send(HANDSHAKE, ASSUMED + self._own + shown)
            else:
                self._certificate = hello[_RANDOM:]
                self._verify(self._certificate)
                self._send(HANDSHAKE, ASSUMED)
        if self.server_side:
            self._expect_handshake()
        self._done = True

    def write(self, data: Any) -> int:
        octets = bytes(data)
        for at in range(0, len(octets), _LONGEST):
            self._send(DATA, self._masked(octets[at : at + _LONGEST], self.server_side))
        return len(octets)

    def unwrap(self) -> None:
        if not self._closing:
            self._closing = True
            self._send(ALERT, _CLOSE_NOTIFY)
        while not self._closed:
            self._closed = self._next()[0] == ALERT

    def version(self) -> str | None:
        return "assumed" if self._done else None

    def cipher(self) -> tuple[str, str, int] | None:
        return ("assumed", "assumed", 0) if self._done else None

    # -- inside -----------------------------------------------------------------------------------

    def _receive(self) -> bytes:
        if self._closed:
            return b""
        kind, content = self._next()
        if kind == DATA:
            return self._masked(content, not self.server_side)
        self._closed = True
        return b""

    def _shown(self) -> bytes | None:
        return self._certificate

    def _verify(self, certificate: bytes) -> None:
        try:
            verify(self.context, [certificate], self.server_hostname, lambda *_: True)
        except ssl.SSLCertVerificationError as refusal:
            self._send(ALERT, bytes([2, _REFUSED.get(refusal.verify_code, 42)]))
            raise

    def _expect_handshake(self) -> bytes:
        kind, content = self._next()
        if kind == ALERT:
            raise alert_error(content[1], _NAMES[content[1]])
        return content

    def _next(self) -> tuple[int, bytes]:
        """Return the type and the content of the next record."""
        try:
            header = self._records.recv(HEADER)
        except BlockingIOError:
            raise want_read() from None
        if len(header) < HEADER:
            raise unexpected_end()
        return header[0], self._records.recv(int.from_bytes(header[3:], "big"))

    def _send(self, kind: int, content: bytes) -> None:
        self._records.send(bytes([kind, 3, 3]) + len(content).to_bytes(2, "big") + content)

    def _masked(self, data: bytes, by_server: bool) -> bytes:
        number = self._numbers[by_server]
        self._numbers[by_server] += 1
        seed = b"%b%d %d" % (self._key, by_server, number)
        mask = hashlib.shake_128(seed).digest(len(data))
        return (int.from_bytes(data, "big") ^ int.from_bytes(mask, "big")).to_bytes(len(data), "big")
