"""The stand-ins by the names under which they are imported."""

import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, NoReturn

from . import rc4, rsa

#: What PyJWT imports of `cryptography` for keys that no token here has, by module.
_UNUSED_KEYS = {
    "ec": """
        ECDSA SECP256K1 SECP256R1 SECP384R1 SECP521R1 EllipticCurve EllipticCurvePrivateKey
        EllipticCurvePrivateNumbers EllipticCurvePublicKey EllipticCurvePublicNumbers
    """,
    "ed25519": "Ed25519PrivateKey Ed25519PublicKey",
    "ed448": "Ed448PrivateKey Ed448PublicKey",
}

_CRYPTOGRAPHY = "cryptography"
_PRIMITIVES = f"{_CRYPTOGRAPHY}.hazmat.primitives"
_ASYMMETRIC = f"{_PRIMITIVES}.asymmetric"


def install(keys: Path) -> None:
    """Let imports find the stand-ins, where `cryptography` is missing; elsewhere nothing changes.

    Args:
        keys: see `rsa.PublishedKeys`.
    """
    if find_spec(_CRYPTOGRAPHY) is None:
        sys.modules |= modules(keys)


def modules(keys: Path) -> dict[str, ModuleType]:
    """Return the stand-ins by their names; see `install`."""
    arc4 = SimpleNamespace(ARC4=rc4.ARC4)
    numbers = (rsa.RSAPrivateKey, rsa.RSAPrivateNumbers, rsa.RSAPublicKey, rsa.RSAPublicNumbers)
    chinese_remainders = (rsa.rsa_crt_dmp1, rsa.rsa_crt_iqmp)
    content: dict[str, dict[str, Any]] = {
        _CRYPTOGRAPHY: {},
        f"{_CRYPTOGRAPHY}.exceptions": _named(rsa.InvalidSignature, rsa.UnsupportedAlgorithm),
        f"{_CRYPTOGRAPHY}.x509": {"load_der_x509_certificate": _refuse},
        f"{_CRYPTOGRAPHY}.hazmat": {},
        f"{_CRYPTOGRAPHY}.hazmat.backends": {"default_backend": lambda: None},
        f"{_CRYPTOGRAPHY}.hazmat.decrepit": {},
        f"{_CRYPTOGRAPHY}.hazmat.decrepit.ciphers": {"algorithms": arc4},
        _PRIMITIVES: {},
        f"{_PRIMITIVES}.ciphers": {"Cipher": rc4.Cipher},
        f"{_PRIMITIVES}.hashes": _named(rsa.HashAlgorithm, rsa.SHA256, rsa.SHA384, rsa.SHA512),
        f"{_PRIMITIVES}.serialization": {
            **_placeholders("Encoding NoEncryption PrivateFormat PublicFormat"),
            **dict.fromkeys(("load_der_public_key", "load_pem_private_key"), _refuse),
            **dict.fromkeys(("load_pem_public_key", "load_ssh_public_key"), _refuse),
        },
        _ASYMMETRIC: {},
        f"{_ASYMMETRIC}.padding": _named(rsa.PKCS1v15),
        f"{_ASYMMETRIC}.rsa": {
            **_named(*numbers, *chinese_remainders),
            "rsa_crt_dmq1": rsa.rsa_crt_dmq1,
            "rsa_recover_prime_factors": _refuse,
            "generate_private_key": rsa.PublishedKeys(keys).generate_private_key,
        },
        f"{_ASYMMETRIC}.utils": dict.fromkeys(("decode_dss_signature", "encode_dss_signature"), _refuse),
        **{f"{_ASYMMETRIC}.{name}": _placeholders(names) for name, names in _UNUSED_KEYS.items()},
        # urllib3 would put the browser's own requests in the place of its connections, which the page has.
        "urllib3.contrib.emscripten": {"inject_into_urllib3": lambda: None},
    }
    made = {name: ModuleType(name, "A stand-in; see `minipop.page.libraries`.") for name in content}
    for name, module in made.items():
        module.__dict__.update(content[name], __path__=[])
        parent, _, last = name.rpartition(".")
        if parent in made:
            setattr(made[parent], last, module)
    return made


def _named(*things: Any) -> dict[str, Any]:
    return {thing.__name__: thing for thing in things}


def _placeholders(names: str) -> dict[str, type]:
    """Return a class of its own for each name, of which nothing is ever made."""
    return {name: type(name, (), {}) for name in names.split()}


def _refuse(*_: object, **__: object) -> NoReturn:
    raise rsa.UnsupportedAlgorithm("a page has no keys of this kind")
