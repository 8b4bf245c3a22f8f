"""What binds a log-on to a TLS server: the hash of its certificate, by the algorithm of its signature."""

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from minipop.exchange.mechanisms.channel_binding import tls_server_end_point

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


def certificate(algorithm: hashes.SHA256 | hashes.SHA384 | hashes.SHA512 | None) -> bytes:
    """Return a certificate whose signature uses a hash; Ed25519 has none of its own."""
    key = ec.generate_private_key(ec.SECP256R1()) if algorithm else ed25519.Ed25519PrivateKey.generate()
    return signed(key, algorithm)


def signed(
    key: PrivateKey,
    algorithm: hashes.SHA256 | hashes.SHA384 | hashes.SHA512 | None,
    pss: padding.PSS | None = None,
) -> bytes:
    """Return a certificate signed by its own key."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ex01.muster.example")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
        .sign(key, algorithm, rsa_padding=pss)
    )
    return built.public_bytes(Encoding.DER)


def digest(algorithm: hashes.HashAlgorithm, data: bytes) -> bytes:
    """Return a hash."""
    running = hashes.Hash(algorithm)
    running.update(data)
    return running.finalize()


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (hashes.SHA256(), hashes.SHA256()),
        (hashes.SHA384(), hashes.SHA384()),
        (hashes.SHA512(), hashes.SHA512()),
        (None, hashes.SHA256()),
    ],
    ids=["SHA-256", "SHA-384", "SHA-512", "Ed25519"],
)
def test_the_binding_is_the_certificates_hash_by_its_own_signatures_algorithm(
    own: hashes.SHA256 | None, expected: hashes.HashAlgorithm
) -> None:
    der = certificate(own)
    assert tls_server_end_point(der) == b"tls-server-end-point:" + digest(expected, der)


def test_of_rsa_pss_the_hash_of_the_certificate_counts_not_that_of_the_mask() -> None:
    key = rsa.generate_private_key(65537, 2048)
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=48)
    der = signed(key, hashes.SHA384(), pss)
    assert tls_server_end_point(der) == b"tls-server-end-point:" + digest(hashes.SHA384(), der)


def test_md5_and_sha_1_give_way_to_sha_256() -> None:
    # No library signs with them any more. sha256WithRSAEncryption is 1.2.840.113549.1.1.11, MD5 and SHA-1
    # are 4 and 5 at its end; the signature is then wrong, but nobody asks for it.
    key = rsa.generate_private_key(65537, 2048)
    modern = signed(key, hashes.SHA256())
    oid = bytes.fromhex("2a864886f70d0101")
    assert modern.count(oid + b"\x0b") == 2
    for old in (b"\x04", b"\x05"):
        der = modern.replace(oid + b"\x0b", oid + old)
        assert tls_server_end_point(der) == b"tls-server-end-point:" + digest(hashes.SHA256(), der)
