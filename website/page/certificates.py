"""The certificates and keys of the Lab in a page, made while the site is built; trustme issues the former.

The keys are published with the site. That does no harm, because nothing outside the page trusts their
authority. So they may as well be the same in every build: the address of the bundle stays the same with
them, and readers need not download it anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256, shake_256
from itertools import count
from pathlib import Path
from unittest.mock import patch

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from minipop.page.stage import ISSUES, SIGNING_KEYS
from minipop.server import CERTIFICATES

#: Who issues certificates in the lessons: minipop's own authority, and an attacker's.
ORGANIZATIONS = ("minipop", "Mallory")

#: What the primes of the signing keys follow from. They were found by trying, which takes a second.
_SEEDS = (175, 209, 432, 643)


def certificates() -> dict[str, bytes]:
    """Issue all certificates, and make all keys.

    Returns:
        PEM files by their names: ``minipop/ca.pem``, and ``minipop/valid-0.pem`` and so on with a key each;
        and the file with the keys that sign access tokens.
    """
    files = {SIGNING_KEYS: signing_keys()}
    for organization in ORGANIZATIONS:
        with _repeatable(organization):
            ca = trustme.CA(organization_name=organization, organization_unit_name="Muster GmbH")
            files[f"{organization}/ca.pem"] = ca.cert_pem.bytes()
            for which, says in CERTIFICATES.items():
                for issue in range(ISSUES):
                    leaf = ca.issue_cert(*says.names, common_name=says.names[0], not_after=says.not_after)
                    files[f"{organization}/{which}-{issue}.pem"] = leaf.private_key_and_cert_chain_pem.bytes()
    return files


def signing_keys() -> bytes:
    """Return two RSA keys of 2048 bits as `minipop.page.libraries` wants them: in JSON, two primes each."""
    primes = [f"{_prime(seed):x}" for seed in _SEEDS]
    return json.dumps([primes[:2], primes[2:]], indent=1).encode()


def _prime(seed: int) -> int:
    """Return a number of 1024 bits that follows from a seed; of `_SEEDS`, a prime."""
    number = int.from_bytes(shake_256(f"signing key {seed}".encode()).digest(128), "big")
    return number | 3 << 1022 | 1  # odd, and large enough for the product of two to have 2048 bits


def issue(folder: Path) -> None:
    """Fill a folder with certificates, as `minipop.page.stage.ISSUED` wants them.

    Args:
        folder: is made if it is not there.
    """
    for name, pem in certificates().items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(pem)


@contextmanager
def _repeatable(seed: str) -> Iterator[None]:
    """Let what is random in trustme's certificates follow from a seed: keys, numbers, names, signatures."""
    numbers = (int.from_bytes(sha256(f"{seed} {n}".encode()).digest()) for n in count())

    def key(_: object) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(next(numbers) >> 1, ec.SECP256R1())  # below the order of the curve

    sign = partial(x509.CertificateBuilder.sign, ecdsa_deterministic=True)
    with (
        patch.object(trustme.KeyType, "_generate_key", key),
        patch.object(trustme, "random_text", lambda: f"{next(numbers):x}"[:16]),
        patch.object(x509, "random_serial_number", lambda: next(numbers) >> 97),  # 159 bits
        patch.object(x509.CertificateBuilder, "sign", lambda self, **given: sign(self, **given)),
    ):
        yield
