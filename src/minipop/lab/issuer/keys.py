"""The key that signs tokens, and its public half as the issuer publishes it."""

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from typing import Any


class SigningKey:
    """A key to sign tokens with: RSA of 2048 bits, which takes about 0.1 s to make."""

    def __init__(self) -> None:
        from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
        from jwt.algorithms import RSAAlgorithm

        self._private = generate_private_key(65537, 2048)
        jwk = RSAAlgorithm.to_jwk(self._private.public_key(), as_dict=True)
        public = {name: jwk[name] for name in ("e", "kty", "n")}
        #: Names the key: its thumbprint (RFC 7638).
        self.kid = base64url(hashlib.sha256(canonical(public)).digest())
        #: The public half as a JSON Web Key (RFC 7517).
        self.public: dict[str, Any] = {**public, "use": "sig", "alg": "RS256", "kid": self.kid}

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return a token that says this."""
        import jwt

        return jwt.encode(dict(claims), self._private, "RS256", {"kid": self.kid})


@cache
def process_key() -> SigningKey:
    """Return the key of this process; making one takes time, so it is made once."""
    return SigningKey()


def canonical(content: dict[str, Any]) -> bytes:
    """Return JSON without a choice: members sorted, no white space (RFC 7638, section 3)."""
    return json.dumps(content, separators=(",", ":"), sort_keys=True).encode()


def base64url(data: bytes) -> str:
    """Return base64 as tokens have it (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
