"""Real TLS for the page: TLS 1.2 and 1.3 of tlslite-ng, with the interface of `ssl.SSLObject`.

asyncio's own TLS layer runs on it at the server's side, `TlsSocket` at the client's. tlslite-ng does not look
at the issuer, the names and the dates of a certificate: `verification` does, between Certificate and
Finished, so that a client that refuses sends an alert, and the server never has a session.

Left out: certificates of clients, resumption, ALPN.
"""

import contextlib
import ssl
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from . import ciphers, signatures
from .context import server_files, tls_versions
from .errors import alert_error, tls_error, unexpected_end, want_read
from .library import (
    AlertDescription,
    CipherSuite,
    HandshakeSettings,
    TLSAbruptCloseError,
    TLSClosedConnectionError,
    TLSConnection,
    TLSLocalAlert,
    TLSRemoteAlert,
    X509CertChain,
    read_key,
)
from .side import Side
from .verification import address, verify

ciphers.use_javascript()

#: The alert of a client that refuses a certificate, by OpenSSL's number for the reason; 42 for any other.
_ALERTS = {
    7: AlertDescription.decrypt_error,
    10: AlertDescription.certificate_expired,
    18: AlertDescription.unknown_ca,
    20: AlertDescription.unknown_ca,
}

#: OpenSSL's names of the suites, and their versions.
_SUITES = {
    CipherSuite.TLS_CHACHA20_POLY1305_SHA256: "TLS_CHACHA20_POLY1305_SHA256",
    CipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-ECDSA-CHACHA20-POLY1305",
    CipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-RSA-CHACHA20-POLY1305",
}
_VERSIONS = {(3, 3): "TLSv1.2", (3, 4): "TLSv1.3"}


class Engine(Side):
    """One side of a connection; see `Side`."""

    kind = "real"

    def _begin(self) -> None:
        self._failed: ssl.SSLError | None = None
        self._tls = _Connection(self._records)
        self._tls.closeSocket = False
        # Each is kept until it is at its end, because a new one would begin anew.
        self._handshake = self._accept() if self.server_side else self._connect()
        self._closing: Iterator[Any] | None = None

    def do_handshake(self) -> None:
        self._run(self._handshake)

    def write(self, data: Any) -> int:
        octets = bytes(data)
        self._run(self._tls.writeAsync(octets))
        return len(octets)

    def unwrap(self) -> None:
        if self._closing is None:
            self._take_in()
            self._closing = self._tls.closeAsync()
        self._run(self._closing)

    def version(self) -> str | None:
        return _VERSIONS.get(self._tls.version) if self._tls.session else None

    def cipher(self) -> tuple[str, str, int] | None:
        if not self._tls.session:
            return None
        return _SUITES[self._tls.session.cipherSuite], self.version() or "", 256

    # -- inside -----------------------------------------------------------------------------------

    def _receive(self) -> bytes:
        return self._run(self._tls.readAsync(min=1)) or b""

    def _take_in(self) -> None:
        """Decrypt what has come in; tlslite-ng's way to close would not expect a session ticket in it."""
        with contextlib.suppress(ssl.SSLWantReadError):
            while data := self._receive():
                self._clear += data

    def _shown(self) -> bytes | None:
        chain = None if self.server_side else self._tls.session.serverCertChain
        return bytes(chain.x509List[0].bytes) if chain else None

    def _settings(self) -> HandshakeSettings:
        settings = HandshakeSettings()
        settings.minVersion, settings.maxVersion = tls_versions(self.context)
        settings.cipherNames = ["chacha20-poly1305"]  # alone: a server prefers AES, which is slow in a page
        settings.keyShares = ["x25519"]
        settings.ticket_count = 0
        settings.use_heartbeat_extension = False
        return settings

    def _accept(self) -> Iterator[Any]:
        chain, key = _server_identity(*server_files(self.context))
        steps: Iterator[Any] = self._tls.handshakeServerAsync(
            certChain=chain, privateKey=key, settings=self._settings()
        )
        return steps

    def _connect(self) -> Iterator[Any]:
        name = self.server_hostname
        self._tls.verify = lambda chain: verify(self.context, chain, name, signatures.signed_by)
        steps: Iterator[Any] = self._tls.handshakeClientCert(
            serverName=None if address(name) else name,  # an address is no server name (RFC 6066, section 3)
            settings=self._settings(),
            async_=True,
        )
        return steps

    def _run(self, steps: Iterator[Any]) -> Any:
        """Take tlslite-ng's steps to their end; return its result if there is one.

        Raises:
            ssl.SSLWantReadError: more must come in first.
            ssl.SSLError: the connection has failed.
        """
        if self._failed:
            raise self._failed  # because a generator that has failed would just be at its end
        step = None
        try:
            for step in steps:
                if step == 0:  # tlslite-ng's way to ask for more
                    raise want_read()
        except ssl.SSLWantReadError:
            raise
        except Exception as error:  # of nonsense, tlslite-ng's parsers make errors of almost any kind
            self._failed = _as_ssl_error(error)
            raise self._failed from None
        return step


class _Connection(TLSConnection):  # type: ignore[misc]  # tlslite-ng has no types
    """A connection whose certificate is verified."""

    verify: Callable[[list[bytes]], None] | None = None

    def _check_certchain_with_settings(self, cert_chain: X509CertChain, settings: HandshakeSettings) -> Any:
        """Refuse the server's certificate, if `verify` does; tlslite-ng calls this when it has come."""
        try:
            if self.verify:
                self.verify([bytes(one.bytes) for one in cert_chain.x509List])
        except ssl.SSLCertVerificationError as refusal:
            alert = _ALERTS.get(refusal.verify_code, AlertDescription.bad_certificate)
            try:
                yield from self._sendError(alert)
            except TLSLocalAlert:
                raise refusal from None
        yield from super()._check_certchain_with_settings(cert_chain, settings)


@lru_cache(8)
def _server_identity(shown: str, key: str) -> tuple[X509CertChain, Any]:
    """Return a server's certificates and its key from PEM."""
    chain = X509CertChain()
    chain.parsePemList(shown)
    return chain, read_key(key[key.index("-----BEGIN") :], private=True)


def _as_ssl_error(error: Exception) -> ssl.SSLError:
    if isinstance(error, ssl.SSLError):
        return error
    if isinstance(error, TLSAbruptCloseError):
        return unexpected_end()
    if isinstance(error, TLSRemoteAlert):
        return alert_error(error.description, AlertDescription.toStr(error.description))
    if isinstance(error, TLSLocalAlert):
        if error.description == AlertDescription.bad_record_mac:
            return tls_error("DECRYPTION_FAILED_OR_BAD_RECORD_MAC")
        return tls_error(AlertDescription.toStr(error.description).upper())
    if isinstance(error, TLSClosedConnectionError):
        return tls_error("PROTOCOL_IS_SHUTDOWN")
    return tls_error("INTERNAL_ERROR")
