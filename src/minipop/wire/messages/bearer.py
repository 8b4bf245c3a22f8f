"""The message of XOAUTH2: a user and a token; of the token what it claims, never the token itself.

The token is not verified here. ``jti``, ``kid`` and the time when it expires are left out, because they
differ from run to run.
"""

import base64
import json
from typing import Any
from urllib.parse import urlsplit

from .unfolded import MASK, Fields, Unfolded, printable, shown

#: Schemes of authorization that may be shown; any other word may be a secret typed in the wrong place.
SCHEMES = frozenset({b"bearer", b"basic"})

#: Parts of a token's header, and claims, that explain why it is accepted or not.
HEADER = ("alg", "typ")
CLAIMS = ("aud", "iss", "tid", "scp", "roles", "upn", "appid")

#: Lengths of a token that cannot be read are told by these bounds.
BOUNDS = (64, 1024, 8192)

#: A longer life, in seconds, is not shown, because it is a stranger's number and may have any length.
LONGEST_LIFE = 10**9


def xoauth2(_: int, data: bytes) -> Unfolded:
    """Unfold ``user=`` name ^A ``auth=`` scheme and token ^A ^A.

    Raises:
        ValueError: it has another form.
    """
    user, auth, *ends = data.split(b"\x01")
    if not (user.startswith(b"user=") and auth.startswith(b"auth=")) or any(ends):
        raise ValueError("another form")
    scheme, space, token = auth.removeprefix(b"auth=").partition(b" ")
    fields: Fields = (
        ("user", shown(user.removeprefix(b"user="))),
        ("scheme", shown(scheme) if space and scheme.lower() in SCHEMES else MASK),
    )
    return Unfolded(fields + _token(token), "<bearer token>")


def _token(token: bytes) -> Fields:
    """Read a JSON Web Token (RFC 7519)."""
    try:
        header, claims, signature = token.split(b".")
        read = [(name, _text(_json(header).get(name))) for name in HEADER]
        read += _claims(_json(claims))
        return (*read, ("signature-octets", str(len(_decoded(signature)))))
    except (ValueError, RecursionError):
        classes = (f"< {bound}" for bound in BOUNDS if len(token) < bound)
        return (("token-octets", next(classes, f"≥ {BOUNDS[-1]}")),)


def _claims(claims: dict[str, Any]) -> Fields:
    fields = [(name, _text(claims[name])) for name in CLAIMS if name in claims]
    begin, end = claims.get("iat"), claims.get("exp")
    if isinstance(begin, int) and isinstance(end, int) and abs(end - begin) < LONGEST_LIFE:
        fields.append(("lifetime", str(end - begin)))
    return tuple((name, _without_port(text) if name == "iss" else text) for name, text in fields)


def _json(part: bytes) -> dict[str, Any]:
    value = json.loads(_decoded(part))
    if not isinstance(value, dict):
        raise ValueError("no object")
    return value


def _decoded(part: bytes) -> bytes:
    return base64.b64decode(part + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)


def _text(value: object) -> str:
    """Return a claim that is text or a list of texts; nothing for any other."""
    words = value if isinstance(value, list) else [value]
    return printable(" ".join(word for word in words if isinstance(word, str)))


def _without_port(address: str) -> str:
    """Return an issuer's address without its port, which a lesson's issuer has a different one each time."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.hostname}{parts.path}" if parts.hostname else address
