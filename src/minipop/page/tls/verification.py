"""Whether a client trusts a certificate: the checks of OpenSSL, its order, its numbers and its texts.

This is for the authorities of the lessons and for one's own certificate, and no general verifier. It checks
the issuer, the signature, the names and the dates. It knows no intermediate certificates (a server's is
issued by one that the client trusts, or is trusted itself) and no wildcards; it looks neither at basic
constraints, key usage and name constraints, nor for revocation. So it refuses some certificates that OpenSSL
accepts, and accepts some that OpenSSL refuses, such as one of a trusted certificate that is no authority's.
Nothing outside a page may rely on it.
"""

import contextlib
import ssl
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address

from .certificate import Certificate, DerError
from .context import trusted
from .errors import verification_error

#: Tells whether the first certificate bears the signature of the second one's key.
SignedBy = Callable[[Certificate, Certificate], bool]


def verify(
    context: ssl.SSLContext, chain: Sequence[bytes], hostname: str | None, signed_by: SignedBy
) -> None:
    """Refuse a certificate if a client with this context does.

    Args:
        context: the client's side of TLS: what it trusts, whether it verifies, whether the name counts.
        chain: what the server showed, in DER, its own certificate first.
        hostname: the host name or address that the client meant to connect to.
        signed_by: checks a signature.

    Raises:
        ssl.SSLCertVerificationError: it is refused. OpenSSL's numbers: 18 and 20 unknown issuer, 62 and 64
            another name or address, 7 wrong signature, 9 and 10 not valid yet or no longer.
    """
    if context.verify_mode == ssl.CERT_NONE:
        return
    try:
        certificate = Certificate(chain[0])
    except DerError:
        raise verification_error(1, "unspecified certificate verification error") from None
    issuer = _issuer(certificate, trusted(context))
    if context.check_hostname:
        _check_name(certificate, hostname or "")
    if issuer is not certificate:
        _check_dates(issuer)
        if not signed_by(certificate, issuer):
            raise verification_error(7, "certificate signature failure")
    _check_dates(certificate)


def address(name: str | None) -> str | None:
    """Return a host's address as it is always written, None if it is a name."""
    with contextlib.suppress(ValueError):
        return str(ip_address(name or ""))
    return None


def _issuer(certificate: Certificate, roots: Sequence[Certificate]) -> Certificate:
    """Return the trusted certificate of the issuer, the certificate itself if that is trusted."""
    for root in roots:
        if root.der == certificate.der:
            return certificate
        names = certificate.authority_key, root.subject_key
        if certificate.issuer == root.subject and (None in names or names[0] == names[1]):
            return root
    if certificate.issuer == certificate.subject:
        raise verification_error(18, "self-signed certificate")
    raise verification_error(20, "unable to get local issuer certificate")


def _check_name(certificate: Certificate, hostname: str) -> None:
    wanted = address(hostname)
    kind, same = ("IP Address", wanted) if wanted else ("DNS", hostname.lower())
    if (kind, same) in {(of, name.lower()) for of, name in certificate.alternative_names}:
        return
    code, what = (64, "IP address") if wanted else (62, "Hostname")
    raise verification_error(code, f"{what} mismatch, certificate is not valid for '{hostname}'.")


def _check_dates(certificate: Certificate) -> None:
    now = datetime.now(UTC)
    if now < certificate.not_before:
        raise verification_error(9, "certificate is not yet valid")
    if now > certificate.not_after:
        raise verification_error(10, "certificate has expired")
