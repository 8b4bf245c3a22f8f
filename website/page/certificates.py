"""The certificates that the Lab shows in a page; trustme issues them while the site is built.

Their keys are published with the site. That does no harm, because nothing outside the page trusts their
authority. So they may as well be the same in every build: the address of the bundle stays the same with
them, and readers need not download it anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from itertools import count
from pathlib import Path
from unittest.mock import patch

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from minipop.page.stage import ISSUES
from minipop.server import CERTIFICATES

#: Who issues certificates in the lessons: minipop's own authority, and an attacker's.
ORGANIZATIONS = ("minipop", "Mallory")


def certificates() -> dict[str, bytes]:
    """Issue all certificates.

    Returns:
        PEM files by their names: ``minipop/ca.pem``, and ``minipop/valid-0.pem`` and so on with a key each.
    """
    files = {}
    for organization in ORGANIZATIONS:
        with _repeatable(organization):
            ca = trustme.CA(organization_name=organization, organization_unit_name="Muster GmbH")
            files[f"{organization}/ca.pem"] = ca.cert_pem.bytes()
            for which, says in CERTIFICATES.items():
                for issue in range(ISSUES):
                    leaf = ca.issue_cert(*says.names, common_name=says.names[0], not_after=says.not_after)
                    files[f"{organization}/{which}-{issue}.pem"] = leaf.private_key_and_cert_chain_pem.bytes()
    return files


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
