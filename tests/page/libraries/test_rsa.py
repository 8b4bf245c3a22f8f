"""RSA of the page beside that of the library cryptography: each takes what the other signs."""

import json
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from minipop.page.libraries import rsa as page
from minipop.page.stage import SIGNING_KEYS

DATA = b"eyJhbGciOiJSUzI1NiJ9.e30"

#: Of each hash the class of cryptography's, and that of the page.
HASHES = [
    (hashes.SHA256(), page.SHA256()),
    (hashes.SHA384(), page.SHA384()),
    (hashes.SHA512(), page.SHA512()),
]


@pytest.fixture(scope="session")
def file(certificates: Path) -> Path:
    return certificates / SIGNING_KEYS


@pytest.fixture
def key(file: Path) -> page.RSAPrivateKey:
    """The first of the published keys."""
    return page.PublishedKeys(file).generate_private_key(65537, 2048)


@pytest.fixture(scope="session")
def real(file: Path) -> rsa.RSAPrivateKey:
    """The same one, which cryptography checks: whether its primes are primes, and its numbers fit."""
    p, q = (int(digits, 16) for digits in json.loads(file.read_text())[0])
    d = rsa.rsa_recover_private_exponent(65537, p, q)
    public = rsa.RSAPublicNumbers(65537, p * q)
    crt = rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q)
    return rsa.RSAPrivateNumbers(p, q, d, *crt, public).private_key()


@pytest.mark.parametrize(("theirs", "ours"), HASHES, ids=lambda algorithm: algorithm.name)
def test_both_sign_the_same_and_each_verifies_it(
    theirs: hashes.HashAlgorithm, ours: page.HashAlgorithm, key: page.RSAPrivateKey, real: rsa.RSAPrivateKey
) -> None:
    signature = key.sign(DATA, page.PKCS1v15(), ours)
    assert signature == real.sign(DATA, padding.PKCS1v15(), theirs)
    key.public_key().verify(signature, DATA, page.PKCS1v15(), ours)


def test_a_signature_that_begins_with_a_zero_keeps_it(
    key: page.RSAPrivateKey, real: rsa.RSAPrivateKey
) -> None:
    numbered = (f"{DATA!r} {number}".encode() for number in range(10_000))
    short = next(data for data in numbered if not key.sign(data, page.PKCS1v15(), page.SHA256())[0])
    signature = key.sign(short, page.PKCS1v15(), page.SHA256())
    assert len(signature) == 256
    real.public_key().verify(signature, short, padding.PKCS1v15(), hashes.SHA256())
    with pytest.raises(page.InvalidSignature):
        key.public_key().verify(signature[1:], short, page.PKCS1v15(), page.SHA256())


def test_what_cryptography_refuses_is_refused(key: page.RSAPrivateKey, real: rsa.RSAPrivateKey) -> None:
    good = real.sign(DATA, padding.PKCS1v15(), hashes.SHA256())
    n, value = key.public_key().public_numbers().n, int.from_bytes(good, "big")
    wrong = [
        b"",
        bytes(256),
        good[:-1],
        good + b"\0",
        good[:-1] + bytes([good[-1] ^ 1]),
        (n - value).to_bytes(256, "big"),  # of which the power is minus what it should be
        real.sign(DATA, padding.PKCS1v15(), hashes.SHA512()),
        real.sign(DATA, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256()),
        b"\xff" * 256,
    ]
    for signature in wrong:
        with pytest.raises(InvalidSignature):
            real.public_key().verify(signature, DATA, padding.PKCS1v15(), hashes.SHA256())
        with pytest.raises(page.InvalidSignature):
            key.public_key().verify(signature, DATA, page.PKCS1v15(), page.SHA256())


def test_a_signature_by_other_numbers_for_the_same_value_is_refused(key: page.RSAPrivateKey) -> None:
    """A value above the modulus would be the same signature in another form (RFC 8017, 5.2.2)."""
    n = key.public_key().public_numbers().n
    signature = key.sign(DATA, page.PKCS1v15(), page.SHA256())
    larger = int.from_bytes(signature, "big") + n
    if larger < 1 << 2048:
        with pytest.raises(page.InvalidSignature):
            key.public_key().verify(larger.to_bytes(256, "big"), DATA, page.PKCS1v15(), page.SHA256())


def test_other_paddings_are_not_taken_for_ours(key: page.RSAPrivateKey) -> None:
    with pytest.raises(page.UnsupportedAlgorithm):
        key.sign(DATA, object(), page.SHA256())


def test_there_are_two_keys_and_they_come_round(file: Path) -> None:
    keys = page.PublishedKeys(file)
    first, second, third = (keys.generate_private_key(65537, 2048) for _ in range(3))
    assert first.private_numbers() == third.private_numbers()
    assert first.public_key().public_numbers().n != second.public_key().public_numbers().n
    assert {key.key_size for key in (first, second)} == {2048}


def test_no_key_of_another_size_is_pretended(file: Path) -> None:
    with pytest.raises(page.UnsupportedAlgorithm, match="no key of 4096 bits"):
        page.PublishedKeys(file).generate_private_key(65537, 4096)
