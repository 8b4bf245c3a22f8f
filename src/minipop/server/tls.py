"""Certificates for this machine: throw-away CAs of trustme, and the contexts that servers use."""

import atexit
import datetime
import ssl
import tempfile
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import trustme

#: The names that a certificate of this machine holds.
NAMES = ("localhost", "127.0.0.1", "::1")


class CertificateError(ValueError):
    """A file holds no certificate that a server could show; the text says which file and why."""


@dataclass(frozen=True)
class TlsIdentity:
    """What a server shows of itself.

    Args:
        context: its side of TLS.
        certificate: the certificate in that context, in DER.
    """

    context: ssl.SSLContext
    certificate: bytes


@dataclass(frozen=True)
class CertificateSpec:
    """What a server certificate is to say.

    Args:
        names: the host names and addresses that it holds; fetchmail and others look at the common name,
            too, which is the first of them.
        not_after: until when it is valid; None for as long as trustme likes.
    """

    names: tuple[str, ...]
    not_after: datetime.datetime | None = None


#: The certificates that a server can be given: one that is right, and those that are wrong in one way each.
CERTIFICATES = {
    "valid": CertificateSpec(NAMES),
    "other-name": CertificateSpec(("pop.muster.example",)),
    "expired": CertificateSpec(NAMES, not_after=datetime.datetime(2020, 10, 13, tzinfo=datetime.UTC)),
}


#: Of TLS 1.2 the AEAD suites alone, because OpenSSL's default still has CBC among its suites.
SUITES = "ECDHE+AESGCM:ECDHE+CHACHA20"


class Authority:
    """A certificate authority for the length of the process.

    Args:
        organization: what it calls itself in its own certificate.
    """

    def __init__(self, organization: str = "minipop") -> None:
        from trustme import CA  # here, because it takes 0.1 s and loads cryptography

        self._ca = CA(organization_name=organization, organization_unit_name="Muster GmbH")
        self._issued: dict[str, trustme.LeafCert] = {}

    def server_context(self, which: str = "valid") -> ssl.SSLContext:
        """Return a context for the server's side: TLS 1.2 and later.

        Args:
            which: the one of `CERTIFICATES` that the server shows.

        Raises:
            KeyError: there is no such certificate.
        """
        context = _bare_context()
        self._leaf(which).configure_cert(context)
        return context

    def certificate(self, which: str = "valid") -> bytes:
        """Return one of `CERTIFICATES`, as the server shows it, in DER.

        Raises:
            KeyError: there is no such certificate.
        """
        return ssl.PEM_cert_to_DER_cert(self._leaf(which).cert_chain_pems[0].bytes().decode())

    def identity(self, which: str = "valid") -> TlsIdentity:
        """Return a context and the certificate in it.

        Raises:
            KeyError: there is no such certificate.
        """
        return TlsIdentity(self.server_context(which), self.certificate(which))

    def renew(self, which: str = "valid") -> None:
        """Issue one of `CERTIFICATES` anew; contexts that were made before keep the old one."""
        self._issued.pop(which, None)

    def read_identity(self, file: Path) -> TlsIdentity:
        return read_identity(file)

    @cached_property
    def ca_file(self) -> Path:
        """The CA certificate as a PEM file that clients can be pointed at; removed with the process."""
        folder = tempfile.TemporaryDirectory(prefix="minipop-")
        atexit.register(folder.cleanup)
        file = Path(folder.name) / "ca.pem"
        self._ca.cert_pem.write_to_path(file)
        return file

    def _leaf(self, which: str) -> "trustme.LeafCert":
        """Return a certificate with its key; each is issued when it is first wanted, and once."""
        if which not in self._issued:
            says = CERTIFICATES[which]
            self._issued[which] = self._ca.issue_cert(
                *says.names, common_name=says.names[0], not_after=says.not_after
            )
        return self._issued[which]


def read_identity(file: Path) -> TlsIdentity:
    """Read a certificate, its key and the chain behind it from a PEM file.

    Raises:
        CertificateError: it cannot be read, the key is missing, encrypted, or another certificate's.
    """
    context = _bare_context()
    try:
        context.load_cert_chain(file, password=b"")  # because OpenSSL would ask on the terminal
        first, end, _ = file.read_text("ascii").partition(ssl.PEM_FOOTER)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise CertificateError(f"{file}: no certificate with its key: {error}") from error
    return TlsIdentity(context, ssl.PEM_cert_to_DER_cert(first[first.index(ssl.PEM_HEADER) :] + end))


def _bare_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(SUITES)
    return context


def authority(organization: str = "minipop") -> Authority:
    """Return the authority of an organization in this process; it is made once, because that takes time."""
    return _authority(organization)


_authority = cache(Authority)
