"""What a certificate says, and whether it fits a name."""

import ipaddress
import warnings
from dataclasses import dataclass
from datetime import datetime

#: Hashes that no signature of a certificate should use any more.
_WEAK_HASHES = ("md5", "sha1")

#: Fewest bits of an RSA key (CA/Browser Forum, since 2014).
_FEWEST_BITS = 2048


@dataclass(frozen=True)
class Certificate:
    """A server's certificate.

    Args:
        subject: whom it was issued to, in the manner of RFC 4514.
        issuer: who issued it.
        names: DNS names and addresses of subjectAltName; clients look nowhere else (RFC 9525).
        not_before: when it begins.
        not_after: when it expires.
        self_signed: whether its subject issued it.
        key: kind and length of the key, such as ``RSA 2048``.
        signature: hash of the signature, such as ``sha256``; empty if the kind of signature has none.
        fingerprint: SHA-256 of the whole, in hexadecimal digits.
        weak: whether key or signature are weaker than clients accept today.
        common_name: the CN of its subject, where clients looked once; empty if there is none.
        issuer_url: where it says that its issuer's certificate lies (RFC 5280, 4.2.2.1); empty if nowhere.
    """

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    self_signed: bool
    key: str
    signature: str
    fingerprint: str
    weak: bool
    common_name: str = ""
    issuer_url: str = ""

    def days_left(self, now: datetime) -> int:
        """Return whole days until it expires, negative if it has expired."""
        return (self.not_after - now).days

    def fits(self, name: str) -> bool:
        """Tell whether one of its names is the one wanted (RFC 9525, section 6).

        An address must be there as such; ``*`` stands for exactly one label, the first.
        """
        return _fits(name, self.names)

    def fits_by_common_name(self, name: str) -> bool:
        """Tell whether the CN alone would do, as it did before RFC 2818 was followed to the letter."""
        return _fits(name, (self.common_name,))


def _fits(name: str, names: tuple[str, ...]) -> bool:
    try:
        return str(ipaddress.ip_address(name)) in names
    except ValueError:  # a host name, then
        pass
    try:
        wanted = name.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return False
    parent = wanted.partition(".")[2]
    candidates = {wanted, f"*.{parent}"} if "." in parent else {wanted}
    return any(name.rstrip(".").lower() in candidates for name in names)


def parse_certificate(der: bytes) -> Certificate:
    """Parse a certificate in DER.

    Raises:
        ValueError: it cannot be read.
    """
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    kinds = {rsa.RSAPublicKey: "RSA", ec.EllipticCurvePublicKey: "EC", ed25519.Ed25519PublicKey: "Ed25519"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # because the oddities of old certificates are no finding
        try:
            cert = x509.load_der_x509_certificate(der)
            try:
                found = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
                names = [str(n) for n in found.get_values_for_type(x509.DNSName)]
                names += [str(a) for a in found.get_values_for_type(x509.IPAddress)]
            except x509.ExtensionNotFound:
                names = []
            try:
                access = cert.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
                urls = [a.access_location for a in access if a.access_method == x509.OID_CA_ISSUERS]
                issuer_url = next(
                    (u.value for u in urls if isinstance(u, x509.UniformResourceIdentifier)), ""
                )
            except x509.ExtensionNotFound:
                issuer_url = ""
            common = cert.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
            public = cert.public_key()
            try:
                algorithm = cert.signature_hash_algorithm
                signature = algorithm.name if algorithm else ""
            except UnsupportedAlgorithm:
                signature = ""
            bits = getattr(public, "key_size", 0)
            kind = next((name for cls, name in kinds.items() if isinstance(public, cls)), "?")
            return Certificate(
                subject=cert.subject.rfc4514_string(),
                issuer=cert.issuer.rfc4514_string(),
                names=tuple(names),
                not_before=cert.not_valid_before_utc,
                not_after=cert.not_valid_after_utc,
                self_signed=cert.subject == cert.issuer,
                key=f"{kind} {bits}" if bits else kind,
                signature=signature,
                fingerprint=cert.fingerprint(hashes.SHA256()).hex(),
                weak=(kind == "RSA" and bits < _FEWEST_BITS) or signature in _WEAK_HASHES,
                common_name=str(common[0].value) if common else "",
                issuer_url=issuer_url,
            )
        except (UnsupportedAlgorithm, TypeError) as error:
            raise ValueError(str(error)) from error
