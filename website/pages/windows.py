"""TLS as Windows gives it to Exchange: its versions, and the certificate that set-up leaves behind.

Exchange has no settings for TLS; it speaks what Windows speaks (Microsoft, *Exchange Server TLS configuration
best practices*). Windows itself cannot run while the site is built, so minipop is given the same versions.
"""

from __future__ import annotations

import datetime
import ssl
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from minipop.lab import stage
from minipop.server.thread import ThreadStage
from minipop.server.tls import Authority, TlsIdentity

#: What the server is called in its certificate.
HOST = "ex01.muster.example"

#: The versions of TLS that Windows switches on by itself, by the edition that runs on it: Windows Server 2003
#: has nothing newer than TLS 1.0; Windows Server 2012 R2 and 2016 have 1.0 to 1.2 on, and no 1.3.
VERSIONS = {
    "2003": (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1),
    "2016": (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_2),
}

#: When the certificate of set-up begins; it is valid for five years.
_BEGIN = datetime.datetime(2026, 3, 2, tzinfo=datetime.UTC)


class _WindowsAuthority(Authority):
    """Gives every server the certificate that vouches for itself, and the TLS of its Windows."""

    def __init__(self, edition: str) -> None:
        super().__init__()
        self._edition = edition

    def identity(self, which: str = "valid") -> TlsIdentity:  # noqa: ARG002 - there is one alone
        """Return the context and the certificate of set-up, whichever is wanted."""
        pem = _self_signed()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("ECDHE+AESGCM:ECDHE+AES:AES:@SECLEVEL=0")
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # because old versions are wanted here
            context.minimum_version, context.maximum_version = VERSIONS[self._edition]
            file = Path(folder, "server.pem")
            file.write_bytes(pem)
            context.load_cert_chain(file)
        return TlsIdentity(context, ssl.PEM_cert_to_DER_cert(pem[pem.index(b"-----BEGIN CERT") :].decode()))


class _WindowsStage(ThreadStage):
    def __init__(self, edition: str) -> None:
        self._authority = _WindowsAuthority(edition)

    def authority(self, organization: str = "minipop") -> Authority:  # noqa: ARG002 - there is one alone
        return self._authority


@contextmanager
def windows(edition: str) -> Iterator[None]:
    """Let Labs that start inside the ``with`` statement have the TLS of an edition's Windows."""
    before = stage.current()
    stage.use(_WindowsStage(edition))
    try:
        yield
    finally:
        stage.use(before)


@cache
def _self_signed() -> bytes:
    """Return a key and a certificate as Exchange's set-up makes it, in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "EX01")])
    names = x509.SubjectAlternativeName([x509.DNSName("EX01"), x509.DNSName(HOST)])
    made = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key())
        .serial_number(1)
        .not_valid_before(_BEGIN)
        .not_valid_after(_BEGIN.replace(year=_BEGIN.year + 5))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    return key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem)
