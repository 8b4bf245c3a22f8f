"""What `ssl` does with a server's own files, where Pyodide's takes whatever it is given, or does nothing."""

import ssl
from pathlib import Path
from typing import Any

from .certificate import OCTET_STRING, SEQUENCE, Certificate, Value, pem_blocks, values
from .errors import pem_error, tls_error

#: The headings of private keys that are not encrypted: PKCS #8, and OpenSSL's own two.
_KEYS = "(?:EC |RSA )?PRIVATE KEY"

_load_cert_chain = ssl.SSLContext.load_cert_chain


def load_cert_chain(
    context: ssl.SSLContext, certfile: Any, keyfile: Any = None, password: Any = None
) -> None:
    """Load a certificate with its key; see `ssl.SSLContext.load_cert_chain`.

    Raises:
        OSError: the files cannot be read, or hold no certificate, no key or an encrypted one, or the key of
            another certificate; in all but the first case it is an `ssl.SSLError`.
    """
    keyfile = keyfile or certfile  # always given, because Pyodide would remember the one before
    check(Path(certfile).read_text(), Path(keyfile).read_text())
    _load_cert_chain(context, certfile, keyfile, password)


def check(shown: str, key: str) -> None:
    """Look whether a key is that of a certificate; of Ed25519, only whether both are there.

    Args:
        shown: a PEM file with the certificate, first of several.
        key: one with the key.

    Raises:
        ssl.SSLError: see `load_cert_chain`.
    """
    try:
        certificate = Certificate(pem_blocks(shown)[0])
        public = _public_half(pem_blocks(key, _KEYS)[0])
    except (IndexError, ValueError):
        raise pem_error() from None
    if not certificate.key.endswith(public):
        raise tls_error("KEY_VALUES_MISMATCH")


def get_server_certificate(
    addr: tuple[str, int],
    ssl_version: int = ssl.PROTOCOL_TLS_CLIENT,
    ca_certs: Any = None,
    timeout: Any = None,
) -> str:
    """Return the certificate of a server as PEM; see `ssl.get_server_certificate`."""
    import socket  # here, because that is replaced as well

    context = ssl.SSLContext(ssl_version)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED if ca_certs else ssl.CERT_NONE
    if ca_certs:
        context.load_verify_locations(ca_certs)
    with (
        socket.create_connection(addr, timeout) as sock,
        context.wrap_socket(sock, server_hostname=addr[0]) as secure,
    ):
        return ssl.DER_cert_to_PEM_cert(secure.getpeercert(True) or b"")


def _public_half(key: bytes) -> bytes:
    """Return what the public key ends with; nothing for a private key that does not hold it."""
    (whole,) = values(key)
    # PKCS #8 (RFC 5958, section 2): version, algorithm, the key.
    if len(whole.parts) == 3 and whole.parts[2].tag == OCTET_STRING:
        (whole,) = values(whole.parts[2].content)
    if whole.tag != SEQUENCE:
        return b""  # Ed25519 (RFC 8410, section 7)
    if len(whole.parts) >= 9:  # RSA (RFC 8017, appendix A.1.2): modulus and exponent are second and third
        return whole.parts[1].whole + whole.parts[2].whole
    return b"".join(_point(part) for part in whole.parts)


def _point(part: Value) -> bytes:
    """Return the public key that stands in a private one (RFC 5915, section 3), if this part is it."""
    return part.parts[0].content[1:] if part.tag == 0xA1 else b""
