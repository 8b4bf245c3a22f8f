"""Checks who has signed a certificate, by tlslite-ng, which has ECDSA from the library ecdsa."""

from functools import lru_cache

from .certificate import Certificate
from .library import X509

#: The hash of each signature that is looked at, by its object identifier: ECDSA, then RSA (PKCS #1).
DIGESTS = {
    "2a:86:48:ce:3d:04:03:02": "sha256",
    "2a:86:48:ce:3d:04:03:03": "sha384",
    "2a:86:48:ce:3d:04:03:04": "sha512",
    "2a:86:48:86:f7:0d:01:01:0b": "sha256",
    "2a:86:48:86:f7:0d:01:01:0c": "sha384",
    "2a:86:48:86:f7:0d:01:01:0d": "sha512",
}


def signed_by(certificate: Certificate, issuer: Certificate) -> bool:
    """Tell whether a certificate bears the signature of another one's key; False for any other algorithm."""
    digest = DIGESTS.get(certificate.algorithm)
    return digest is not None and _fits(certificate.signature, certificate.signed, issuer.der, digest)


@lru_cache(32)  # because the same few certificates are looked at in every handshake
def _fits(signature: bytes, signed: bytes, issuer: bytes, digest: str) -> bool:
    certificate = X509()
    certificate.parseBinary(issuer)
    return bool(certificate.publicKey.hashAndVerify(bytearray(signature), bytearray(signed), "PKCS1", digest))
