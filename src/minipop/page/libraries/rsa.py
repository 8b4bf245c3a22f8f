"""RSA signatures of tokens (RFC 8017, RSASSA-PKCS1-v1_5), with the names that `cryptography` has for them."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle
from pathlib import Path

#: What stands before a hash that is signed (RFC 8017, section 9.2, note 1), without the hash's length.
_HASHES = {
    "sha256": "3031300d060960864801650304020105000420",
    "sha384": "3041300d060960864801650304020205000430",
    "sha512": "3051300d060960864801650304020305000440",
}


class InvalidSignature(Exception):
    """A signature is not that of the key, or of other data."""


class UnsupportedAlgorithm(Exception):
    """A page does not have that."""


class HashAlgorithm:
    """A hash function, as `hashlib` names it."""

    name: str


class SHA256(HashAlgorithm):
    """SHA-2 with 256 bits."""

    name = "sha256"


class SHA384(HashAlgorithm):
    """SHA-2 with 384 bits."""

    name = "sha384"


class SHA512(HashAlgorithm):
    """SHA-2 with 512 bits."""

    name = "sha512"


class PKCS1v15:
    """The padding of RS256 and its siblings; there is no other."""


@dataclass(frozen=True)
class RSAPublicNumbers:
    """The numbers of a public key: exponent and modulus."""

    e: int
    n: int

    def public_key(self) -> "RSAPublicKey":
        return RSAPublicKey(self)


@dataclass(frozen=True)
class RSAPrivateNumbers:
    """The numbers of a private key (RFC 8017, section 3.2): primes, exponent, and what makes it quicker."""

    p: int
    q: int
    d: int
    dmp1: int
    dmq1: int
    iqmp: int
    public_numbers: RSAPublicNumbers

    def private_key(self) -> "RSAPrivateKey":
        return RSAPrivateKey(self)


class RSAPublicKey:
    """Verifies signatures."""

    def __init__(self, numbers: RSAPublicNumbers) -> None:
        self._numbers = numbers

    def public_numbers(self) -> RSAPublicNumbers:
        return self._numbers

    @property
    def key_size(self) -> int:
        """The length of the modulus in bits."""
        return self._numbers.n.bit_length()

    def verify(self, signature: bytes, data: bytes, padding: object, algorithm: HashAlgorithm) -> None:
        """Verify a signature (RFC 8017, section 8.2.2).

        Raises:
            InvalidSignature: it is wrong.
        """
        expected = _padded(data, padding, algorithm, self.key_size)
        value, (e, n) = int.from_bytes(signature, "big"), (self._numbers.e, self._numbers.n)
        if len(signature) != len(expected) or value >= n:
            raise InvalidSignature
        if not hmac.compare_digest(pow(value, e, n).to_bytes(len(expected), "big"), expected):
            raise InvalidSignature


class RSAPrivateKey:
    """Signs."""

    def __init__(self, numbers: RSAPrivateNumbers) -> None:
        self._numbers = numbers

    def private_numbers(self) -> RSAPrivateNumbers:
        return self._numbers

    def public_key(self) -> RSAPublicKey:
        return self._numbers.public_numbers.public_key()

    @property
    def key_size(self) -> int:
        """The length of the modulus in bits."""
        return self._numbers.public_numbers.n.bit_length()

    def sign(self, data: bytes, padding: object, algorithm: HashAlgorithm) -> bytes:
        """Sign data (RFC 8017, sections 8.2.1 and 5.1.2 with both primes, which is three times as quick)."""
        padded = _padded(data, padding, algorithm, self.key_size)
        value, key = int.from_bytes(padded, "big"), self._numbers
        by_q = pow(value, key.dmq1, key.q)
        rest = (pow(value, key.dmp1, key.p) - by_q) * key.iqmp % key.p
        return (by_q + key.q * rest).to_bytes(len(padded), "big")


def _padded(data: bytes, padding: object, algorithm: HashAlgorithm, bits: int) -> bytes:
    """Return what is signed of data (RFC 8017, section 9.2).

    Raises:
        UnsupportedAlgorithm: another padding or hash function is wanted.
    """
    if not isinstance(padding, PKCS1v15) or algorithm.name not in _HASHES:
        raise UnsupportedAlgorithm("a page signs with PKCS #1 v1.5 and SHA-2 alone")
    told = bytes.fromhex(_HASHES[algorithm.name]) + hashlib.new(algorithm.name, data).digest()
    return b"\0\1" + b"\xff" * ((bits + 7) // 8 - len(told) - 3) + b"\0" + told


def rsa_crt_dmp1(private_exponent: int, p: int) -> int:
    """Return the exponent modulo p - 1."""
    return private_exponent % (p - 1)


#: The same for the other prime.
rsa_crt_dmq1 = rsa_crt_dmp1


def rsa_crt_iqmp(p: int, q: int) -> int:
    """Return the inverse of q modulo p."""
    return pow(q, -1, p)


class PublishedKeys:
    """RSA keys that were made with the site, because making one takes seconds in a page.

    Everyone can download them, so a signature proves nothing. That does no harm, because nothing outside the
    page trusts them.

    Args:
        file: JSON, a list of pairs of primes in hexadecimal digits; see `website.page.certificates`.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    @cached_property
    def _primes(self) -> Iterator[tuple[str, str]]:
        return cycle(json.loads(self._file.read_text("utf-8")))

    def generate_private_key(
        self, public_exponent: int, key_size: int, backend: object = None
    ) -> RSAPrivateKey:
        """Return the next of them; after the last, the first again.

        Args:
            public_exponent: that of the key.
            key_size: the length of the modulus in bits: 2048, as all of them have it.
            backend: whatever there is.
        """
        del backend
        p, q = (int(digits, 16) for digits in next(self._primes))
        d = pow(public_exponent, -1, (p - 1) * (q - 1))
        public = RSAPublicNumbers(public_exponent, p * q)
        key = RSAPrivateNumbers(
            p, q, d, rsa_crt_dmp1(d, p), rsa_crt_dmq1(d, q), rsa_crt_iqmp(p, q), public
        ).private_key()
        if key.key_size != key_size:
            raise UnsupportedAlgorithm(f"a page has no key of {key_size} bits")
        return key
