"""Certificates of any kind, made by the library cryptography, for what trustme does not make."""

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

Key: TypeAlias = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
Digest: TypeAlias = hashes.SHA256 | hashes.SHA384 | hashes.SHA512 | hashes.SHA3_256

PAST = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
LONG_AGO = datetime.datetime(2020, 10, 13, 9, 8, 7, tzinfo=datetime.UTC)
FUTURE = datetime.datetime(2099, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True)
class Issued:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def pem(self, *, key: bool = True) -> str:
        """Return it as PEM, the key behind it."""
        encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        pem = self.certificate.public_bytes(encoding)
        if key:
            pem += self.key.private_bytes(encoding, form, serialization.NoEncryption())
        return pem.decode()

    def write(self, file: Path, *, key: bool = True) -> Path:
        """Write it as PEM."""
        file.write_text(self.pem(key=key))
        return file


def elliptic() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def with_rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def issue(
    name: str,
    issuer: Issued | None = None,
    *,
    names: tuple[str, ...] = (),
    key: Key | None = None,
    before: datetime.datetime = PAST,
    after: datetime.datetime = FUTURE,
    key_id: bytes | None = None,
    digest: Digest | None = None,
) -> Issued:
    """Issue a certificate; without names it is an authority's, without an issuer it is self-signed.

    Args:
        name: the common name.
        issuer: who signs it.
        names: the host names and addresses in it.
        key: its key; one on P-256 if there is none.
        before: from when it is valid.
        after: until when.
        key_id: what it calls its key, if that is not the hash of it.
        digest: the hash that is signed; SHA-256 if there is none.
    """
    key = key or elliptic()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    own = x509.SubjectKeyIdentifier(key_id) if key_id else identifier
    builder = (
        x509.CertificateBuilder(subject_name=subject, public_key=key.public_key())
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .serial_number(x509.random_serial_number())
        .not_valid_before(before)
        .not_valid_after(after)
        .add_extension(x509.BasicConstraints(ca=not names, path_length=None), critical=True)
        .add_extension(own, critical=False)
    )
    if issuer:
        of_issuer = issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        authority = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(of_issuer)
        builder = builder.add_extension(authority, critical=False)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(list(map(_name, names))), critical=False)
    signed = builder.sign(issuer.key if issuer else key, digest or hashes.SHA256())
    return Issued(signed, key)


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
