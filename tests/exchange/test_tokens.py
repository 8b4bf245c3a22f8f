"""Tokens: what is genuine and permits POP is taken; everything else is refused, each for its own reason.

The tokens are made here, with keys of our own: the issuer of the lessons has no part in it.
"""

import base64
import hashlib
import hmac
import json
import time
import traceback
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from minipop.exchange.tokens import Token, TokenVerifier
from minipop.protocol import LogonRefused

ISSUER = "https://login.example/muster/v2.0"
AUDIENCES = ["https://outlook.office.com", "https://outlook.office365.com"]
TENANT = "7e4a47a0-0000-4000-8000-000000000001"
APP = "7e4a47a0-0000-4000-8000-0000000000fa"


@cache
def private_key(owner: str) -> RSAPrivateKey:  # noqa: ARG001 - whose key it is
    return generate_private_key(65537, 2048)


def key_set() -> dict[str, Any]:
    public = jwt.algorithms.RSAAlgorithm.to_jwk(private_key("issuer").public_key(), as_dict=True)
    return {"keys": [{**public, "kid": "key-1", "use": "sig", "alg": "RS256"}]}


def claims(**changes: object) -> dict[str, Any]:
    """Return the claims of Anna's good token with some changed; None leaves one out."""
    now = int(time.time())
    good: dict[str, Any] = {
        "iss": ISSUER,
        "aud": "https://outlook.office365.com",
        "tid": TENANT,
        "iat": now,
        "nbf": now,
        "exp": now + 3600,
        "upn": "anna@muster.example",
        "scp": "POP.AccessAsUser.All",
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def of_the_app(**changes: object) -> dict[str, Any]:
    return claims(**{"upn": None, "scp": None, "appid": APP, "roles": ["POP.AccessAsApp"], **changes})


def signed(content: dict[str, Any], *, kid: str | None = "key-1", key: str = "issuer") -> str:
    headers = {"kid": kid} if kid else {}
    return jwt.encode(content, private_key(key), "RS256", headers)


def segment(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def verify(token: str) -> Token:
    return TokenVerifier(key_set, ISSUER, AUDIENCES, TENANT).verify(token)


def reason(token: str) -> str:
    with pytest.raises(LogonRefused) as refused:
        verify(token)
    return refused.value.reason


def test_a_delegated_token_names_the_person_who_signed_in() -> None:
    assert verify(signed(claims())) == Token(upn="anna@muster.example", app=None)


def test_an_app_only_token_names_the_application() -> None:
    assert verify(signed(of_the_app())) == Token(upn=None, app=APP)


def test_a_token_is_for_either_of_the_services_names() -> None:
    assert verify(signed(claims(aud="https://outlook.office.com"))).upn
    assert verify(signed(claims(aud="https://outlook.office365.com"))).upn
    assert verify(signed(of_the_app(aud="https://outlook.office.com"))).app


def test_other_permissions_beside_the_one_for_pop_do_no_harm() -> None:
    assert verify(signed(claims(scp="IMAP.AccessAsUser.All POP.AccessAsUser.All"))).upn
    assert verify(signed(of_the_app(roles=["IMAP.AccessAsApp", "POP.AccessAsApp"]))).app


def test_the_clocks_may_differ_by_half_a_minute_and_not_by_two() -> None:
    now = int(time.time())
    assert verify(signed(claims(exp=now - 10))).upn
    assert verify(signed(claims(nbf=now + 20, iat=now + 20))).upn
    assert reason(signed(claims(exp=now - 120))) == "token-expired"
    assert reason(signed(claims(nbf=now + 120))) == "token-expired"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"exp": 1_700_000_000}, "token-expired"),
        ({"nbf": 4_000_000_000}, "token-expired"),
        ({"iat": 4_000_000_000}, "token-expired"),
        ({"aud": "https://graph.microsoft.com"}, "token-audience"),
        ({"aud": ["https://graph.microsoft.com"]}, "token-audience"),
        ({"aud": 7}, "token-audience"),
        ({"aud": "https://outlook.office.com.example"}, "token-audience"),
        ({"iss": "https://login.example/other/v2.0"}, "token-tenant"),
        ({"tid": "7e4a47a0-0000-4000-8000-000000000002"}, "token-tenant"),
        ({"tid": None}, "token-tenant"),
        ({"scp": "IMAP.AccessAsUser.All"}, "token-scope"),
        ({"scp": ""}, "token-scope"),
        ({"scp": None}, "token-scope"),
        ({"scp": "pop.accessasuser.all"}, "token-scope"),
        ({"scp": "POP.AccessAsUser.Allow"}, "token-scope"),
        ({"scp": ["POP.AccessAsUser.All"]}, "token-scope"),
        ({"scp": "POP.AccessAsApp"}, "token-scope"),
        ({"exp": None}, "token"),
        ({"exp": "tomorrow"}, "token"),
        ({"iss": None}, "token"),
        ({"aud": None}, "token"),
        ({"upn": None}, "token"),
        ({"upn": ["anna@muster.example"]}, "token"),
    ],
)
def test_a_genuine_token_is_refused_for_what_it_says(changes: dict[str, object], expected: str) -> None:
    assert reason(signed(claims(**changes))) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"roles": None}, "token-scope"),
        ({"roles": []}, "token-scope"),
        ({"roles": ["IMAP.AccessAsApp"]}, "token-scope"),
        ({"roles": "POP.AccessAsApp"}, "token-scope"),
        ({"roles": ["POP.AccessAsUser.All"]}, "token-scope"),
        ({"appid": None}, "token"),
    ],
)
def test_an_app_only_token_needs_the_role(changes: dict[str, object], expected: str) -> None:
    assert reason(signed(of_the_app(**changes))) == expected


def test_the_roles_of_a_person_do_not_make_an_application() -> None:
    token = signed(claims(scp="IMAP.AccessAsUser.All", roles=["POP.AccessAsApp"], appid=APP))
    assert reason(token) == "token-scope"


def test_a_tampered_payload_is_refused() -> None:
    header, _, signature = signed(claims()).split(".")
    assert reason(f"{header}.{segment(claims(upn='clara.weiss@muster.example'))}.{signature}") == "token"


def test_a_tampered_signature_is_refused() -> None:
    signing_input, _, signature = signed(claims()).rpartition(".")
    other = "A" if signature[0] != "A" else "B"
    assert reason(f"{signing_input}.{other}{signature[1:]}") == "token"


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", None, 7, ["RS256"]])
def test_a_token_whose_header_asks_for_no_signature_is_refused(alg: object) -> None:
    assert reason(f"{segment({'alg': alg, 'kid': 'key-1'})}.{segment(claims())}.") == "token"


def test_an_unsigned_token_is_refused() -> None:
    assert reason(signed(claims()).rpartition(".")[0] + ".") == "token"
    assert reason(signed(claims()).rpartition(".")[0]) == "token"
    assert reason(jwt.encode(claims(), "", algorithm="none", headers={"kid": "key-1"})) == "token"


@pytest.mark.parametrize("encoding", ["PEM", "DER"])
def test_hs256_keyed_with_the_public_key_is_refused(encoding: str) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    # PyJWT would not sign with a PEM, so by hand.
    key, form = private_key("issuer").public_key(), PublicFormat.SubjectPublicKeyInfo
    public = key.public_bytes(getattr(Encoding, encoding), form)
    signing_input = f"{segment({'alg': 'HS256', 'kid': 'key-1'})}.{segment(claims())}"
    mac = hmac.new(public, signing_input.encode(), hashlib.sha256).digest()
    assert reason(f"{signing_input}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}") == "token"


@pytest.mark.parametrize("algorithm", ["RS512", "PS256"])
def test_another_algorithm_with_the_right_key_is_refused(algorithm: str) -> None:
    assert reason(jwt.encode(claims(), private_key("issuer"), algorithm, {"kid": "key-1"})) == "token"


def test_only_rs256_is_taken_even_if_the_issuer_has_keys_for_more() -> None:
    [rsa] = key_set()["keys"]
    secret = {"kty": "oct", "k": "c2VjcmV0" * 8, "kid": "key-2", "alg": "HS256"}
    keys = {"keys": [{**rsa, "alg": "RS512"}, secret]}
    verifier = TokenVerifier(lambda: keys, ISSUER, AUDIENCES, TENANT)
    for token in (
        jwt.encode(claims(), private_key("issuer"), "RS512", {"kid": "key-1"}),
        jwt.encode(claims(), base64.b64decode(secret["k"]), "HS256", {"kid": "key-2"}),
    ):
        with pytest.raises(LogonRefused) as refused:
            verifier.verify(token)
        assert refused.value.reason == "token"


def test_a_token_of_somebody_else_is_refused_whatever_key_id_it_names() -> None:
    assert reason(signed(claims(), kid="key-2", key="stranger")) == "token"
    assert reason(signed(claims(), kid="key-1", key="stranger")) == "token"
    assert reason(signed(claims(), kid="key-2")) == "token"
    assert reason(signed(claims(), kid=None)) == "token"


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        ".",
        "..",
        "...",
        "garbage",
        "a.b.c",
        "e30.e30.e30",
        "W10.e30.AA",
        "bnVsbA.e30.AA",
        "Grüße",
        "\udcff\udcfe.\udcff.\udcff",
        "\0.\0.\0",
        "{}.{}.{}",
        "." * 100_000,
        "A" * 1_000_000,
        base64.urlsafe_b64encode(b"[" * 30_000).decode() + ".e30.AA",
        f"{segment({'alg': 'RS256', 'kid': 7})}.e30.AA",
        f"{segment({'alg': 'RS256', 'kid': ['key-1']})}.e30.AA",
        f"{segment({'alg': 'RS256', 'kid': 'key-1', 'crit': ['x'], 'x': 1})}.e30.AA",
        f"{segment({'alg': 'RS256', 'kid': 'key-1', 'crit': ['b64'], 'b64': False})}..AA",
    ],
    ids=lambda garbage: ascii(garbage[:24]),
)
def test_garbage_is_refused(garbage: str) -> None:
    assert reason(garbage) == "token"


@pytest.mark.parametrize(
    "payload", [b"", b"[]", b"null", b"7", b"\xff", b"{", pytest.param(b"[" * 10_000, id="nested deeply")]
)
def test_a_signed_payload_that_is_no_object_is_refused(payload: bytes) -> None:
    assert reason(jwt.api_jws.encode(payload, private_key("issuer"), "RS256", {"kid": "key-1"})) == "token"


def test_a_million_permissions_are_no_problem() -> None:
    assert verify(signed(claims(scp="x " * 500_000 + "POP.AccessAsUser.All"))).upn


@pytest.mark.parametrize(
    "keys", [{}, {"keys": []}, {"keys": ["key-1"]}, {"keys": [{"kty": "oct", "k": "AAAA", "kid": "key-1"}]}]
)
def test_an_issuer_without_a_usable_key_has_signed_nothing(keys: dict[str, Any]) -> None:
    with pytest.raises(LogonRefused) as refused:
        TokenVerifier(lambda: keys, ISSUER, AUDIENCES, TENANT).verify(signed(claims()))
    assert refused.value.reason == "token"


@pytest.mark.parametrize("changes", [{"exp": 1}, {"aud": "x"}, {"iss": "x"}, {"scp": "x"}, {"nbf": "x"}])
@pytest.mark.parametrize("key", ["issuer", "stranger"])
def test_nothing_of_the_token_is_in_the_exception_or_what_it_came_from(
    changes: dict[str, object], key: str, caplog: pytest.LogCaptureFixture
) -> None:
    token = signed(claims(**changes), key=key)
    with pytest.raises(LogonRefused) as refused:
        verify(token)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None
    text = "".join(traceback.format_exception(refused.value)) + caplog.text
    assert not any(part in text for part in token.split("."))
