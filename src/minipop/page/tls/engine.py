"""Real TLS for the page: TLS 1.2 and 1.3 of tlslite-ng (pure Python), with the interface of `ssl.SSLObject`.

tlslite-ng does not look at names, dates or issuers: `page_tls.verify` does, between Certificate and Finished.
"""

import errno
import importlib.util
import ssl
import sys
import types

from . import verification as page_tls

# Its own __init__ would import dbm, smtplib and xmlrpc, which no page has.
_package = types.ModuleType("tlslite")
_package.__path__ = list(importlib.util.find_spec("tlslite").submodule_search_locations)
sys.modules.setdefault("tlslite", _package)
from tlslite.constants import AlertDescription  # noqa: E402
from tlslite.errors import TLSAbruptCloseError, TLSError  # noqa: E402
from tlslite.handshakesettings import HandshakeSettings  # noqa: E402
from tlslite.tlsconnection import TLSConnection  # noqa: E402
from tlslite.utils.keyfactory import parsePEMKey  # noqa: E402
from tlslite.x509certchain import X509CertChain  # noqa: E402


class _Pipe:
    """The socket that tlslite-ng believes to have."""

    def __init__(self, incoming, outgoing):
        self._in, self._out = incoming, outgoing

    def recv(self, count):
        if not self._in.pending and not self._in.eof:
            raise OSError(errno.EWOULDBLOCK, "wait")
        return self._in.read(count)

    def send(self, data):
        return self._out.write(data)

    sendall, close = send, lambda self: None


class _Connection(TLSConnection):
    verify = None

    def _check_certchain_with_settings(self, cert_chain, settings):
        if self.verify:
            try:
                self.verify([bytes(one.bytes) for one in cert_chain.x509List])
            except ssl.SSLCertVerificationError as error:
                self.refused = error
                unknown = error.verify_code == 20
                yield from self._sendError(
                    AlertDescription.unknown_ca if unknown else AlertDescription.bad_certificate
                )
        yield from super()._check_certchain_with_settings(cert_chain, settings)


class Engine:
    """One side of a TLS connection."""

    def __init__(self, context, incoming, outgoing, server_side, server_hostname):
        self.context, self.server_side, self.server_hostname = context, server_side, server_hostname
        self._in, self._out = incoming, outgoing
        self._tls = _Connection(_Pipe(incoming, outgoing))
        self._tls.closeSocket, self._tls.ignoreAbruptClose = False, True
        self._tls.refused = self._steps = self._reading = None
        self._told, self._clear = False, bytearray()

    def do_handshake(self):
        if self._steps is None:
            settings = HandshakeSettings()
            settings.minVersion = (3, 3)
            settings.keyShares, settings.ticket_count = ["x25519"], 0
            settings.cipherNames = ["chacha20-poly1305"]  # the fastest here; no AES instructions in a page
            if self.server_side:
                pem, chain = self.context._certfile_data, X509CertChain()
                chain.parsePemList(pem)
                key = parsePEMKey(pem[pem.index("-----BEGIN") :], private=True)
                self._steps = self._tls.handshakeServerAsync(
                    certChain=chain, privateKey=key, settings=settings
                )
            else:
                self._tls.verify = lambda chain: page_tls.verify(self.context, chain, self.server_hostname)
                name = self.server_hostname
                sni = None if not name or page_tls._is_address(name) else name  # RFC 6066: no addresses
                self._steps = self._tls.handshakeClientCert(settings=settings, serverName=sni, async_=True)
        self._go(self._steps, None)

    def read(self, count=65536, room=None):
        if not self._clear and not self._tls.closed:
            # Kept while it waits: half a record is in it.
            self._reading = self._reading or self._tls.readAsync(max=65536, min=1)
            self._clear += self._go(self._reading, b"") or b""
            self._reading = None
        data = bytes(self._clear[: min(count, len(room)) if room is not None else count])
        del self._clear[: len(data)]
        if room is not None:
            room[: len(data)] = data
        return data if room is None else len(data)

    def write(self, data):
        self._go(self._tls.writeAsync(bytes(data)), None)
        return len(data)

    def unwrap(self):
        if not self._told and not self._tls.closed:
            self._told = True
            next(self._tls.closeAsync(), None)  # sends close_notify; then it would wait for the other's
        if not self._in.pending and not self._in.eof:
            raise ssl.SSLWantReadError(2, "The operation did not complete (read)")
        self._in.read()

    pending, compression = (lambda self: len(self._clear)), (lambda self: None)

    def getpeercert(self, binary_form=False):
        chain = self._tls.session.serverCertChain  # at the client's side alone
        return None if not chain else bytes(chain.x509List[0].bytes) if binary_form else {}

    def version(self):
        return {(3, 3): "TLSv1.2", (3, 4): "TLSv1.3"}.get(self._tls.version)

    def cipher(self):
        return (self._tls.getCipherName(), self.version(), 256)

    def _go(self, steps, result):
        """Take the steps as far as what has come in goes; 0 means that more is wanted."""
        try:
            for result in steps:
                if result == 0 and not isinstance(result, (bytes, bytearray)):
                    raise ssl.SSLWantReadError(2, "The operation did not complete (read)")
            return result
        except TLSAbruptCloseError:
            raise ssl.SSLEOFError(8, "EOF occurred in violation of protocol") from None
        except TLSError as error:
            raise self._tls.refused or ssl.SSLError(1, f"[SSL] {error}") from None
