"""XOAUTH2's message, unfolded: what a token claims, never the token."""

import base64
import json
import random
from functools import partial

import jwt
import pytest

from minipop.wire.unfold import Unfolded, unfold_challenge, unfold_response

response = partial(unfold_response, "XOAUTH2", 0)

CLAIMS = {
    "aud": "https://outlook.office.com",
    "iss": "https://localhost:45123/11111111-2222-3333-4444-555555555555/v2.0",
    "iat": 1_780_000_000,
    "nbf": 1_780_000_000,
    "exp": 1_780_003_600,
    "tid": "11111111-2222-3333-4444-555555555555",
    "scp": "POP.AccessAsUser.All openid",
    "upn": "anna@muster.example",
    "appid": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
    "jti": "unique-jti",
    "sub": "a-subject",
}


def part(value: object) -> bytes:
    """Return a part of a token (RFC 7515, section 2)."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def token(claims: object = CLAIMS, header: object = None, signature: bytes = b"\xa5" * 256) -> bytes:
    """Return a token with any signature."""
    header = {"alg": "RS256", "typ": "JWT", "kid": "key-number-1"} if header is None else header
    return b".".join([part(header), part(claims), part(signature)])


def message(bearer: bytes, user: bytes = b"anna@muster.example", scheme: bytes = b"Bearer") -> bytes:
    """Return XOAUTH2's message."""
    return b"user=" + user + b"\x01auth=" + scheme + b" " + bearer + b"\x01\x01"


def test_a_users_token_tells_what_it_claims() -> None:
    assert response(message(token())) == Unfolded(
        (
            ("user", "anna@muster.example"),
            ("scheme", "Bearer"),
            ("alg", "RS256"),
            ("typ", "JWT"),
            ("aud", "https://outlook.office.com"),
            ("iss", "https://localhost/11111111-2222-3333-4444-555555555555/v2.0"),
            ("tid", "11111111-2222-3333-4444-555555555555"),
            ("scp", "POP.AccessAsUser.All openid"),
            ("upn", "anna@muster.example"),
            ("appid", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"),
            ("lifetime", "3600"),
            ("signature-octets", "256"),
        ),
        "<bearer token>",
    )


def test_an_applications_token_has_roles_and_no_user() -> None:
    claims = {"aud": "x", "appid": "app", "roles": ["POP.AccessAsApp", "Mail.Read"]}
    assert response(message(token(claims))).fields[4:] == (
        ("aud", "x"),
        ("roles", "POP.AccessAsApp Mail.Read"),
        ("appid", "app"),
        ("signature-octets", "256"),
    )


def test_a_token_without_a_signature_says_so() -> None:
    fields = response(message(token(header={"alg": "none"}, signature=b""))).fields
    assert fields[2:4] == (("alg", "none"), ("typ", ""))
    assert fields[-1] == ("signature-octets", "0")


def test_a_token_of_pyjwt_is_read() -> None:
    made = jwt.encode(CLAIMS, "k" * 32, algorithm="HS256").encode()
    fields = dict(response(message(made)).fields)
    assert (fields["alg"], fields["scp"], fields["signature-octets"]) == (
        "HS256", "POP.AccessAsUser.All openid", "32",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("unreadable", "length"),
    [
        (b"Sommer2026", "< 64"),
        (b"", "< 64"),
        (b"a.b", "< 64"),
        (b"a.b.c", "< 64"),
        (b"a.b.c.d.e", "< 64"),
        (b"eyJ" * 30, "< 1024"),
        (b"x" * 1024, "< 8192"),
        (b"x" * 20_000, "≥ 8192"),
        (token(["no", "object"]), "< 1024"),
        (token(header="text"), "< 1024"),
        (token(b"{" * 60), "< 1024"),
        pytest.param(token(b"[" * 40_000), "≥ 8192", id="nested deeply"),
        (token(b'{"iat":' + b"9" * 5_000 + b"}"), "< 8192"),
        (token(b"\xff\xfe"), "< 1024"),
        (token() + b"!", "< 1024"),
        (token({"iss": "https://[::"}), "< 1024"),
    ],
)
def test_a_token_that_cannot_be_read_is_told_by_the_class_of_its_length(
    unreadable: bytes, length: str
) -> None:
    assert response(message(unreadable)).fields == (
        ("user", "anna@muster.example"),
        ("scheme", "Bearer"),
        ("token-octets", length),
    )


def test_claims_of_the_wrong_kind_are_left_empty() -> None:
    claims = {"aud": ["a", 1, None, "b"], "iss": 7, "tid": {"x": "y"}, "upn": None, "iat": "1", "exp": 2}
    assert response(message(token(claims))).fields[4:-1] == (
        ("aud", "a b"),
        ("iss", ""),
        ("tid", ""),
        ("upn", ""),
    )
    assert "lifetime" not in dict(response(message(token({"iat": 0, "exp": 10**12}))).fields)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x01",
        b"Sommer2026",
        b"user=anna\x01auth=Sommer2026\x01\x01secret\x01\x01",
        b"auth=Bearer x\x01user=anna\x01\x01",
        b"user=anna\x01Sommer2026\x01\x01",
        b"anna\x01auth=Bearer x\x01\x01",
    ],
)
def test_a_message_of_another_form_is_told_by_its_length(data: bytes) -> None:
    assert response(data) == Unfolded((("octets", str(len(data))),))


@pytest.mark.parametrize(
    ("auth", "scheme"),
    [
        (b"Bearer x", "Bearer"),
        (b"BEARER x", "BEARER"),
        (b"Basic YW5uYTpTb21tZXIyMDI2", "Basic"),
        (b"Sommer2026", "********"),
        (b"Winter ist kalt 7", "********"),
        (b"Bearer", "********"),
        (b"", "********"),
    ],
)
def test_a_secret_in_the_place_of_the_scheme_is_masked(auth: bytes, scheme: str) -> None:
    unfolded = response(b"user=anna\x01auth=" + auth + b"\x01\x01")
    assert unfolded.fields == (("user", "anna"), ("scheme", scheme), ("token-octets", "< 64"))


def test_no_field_holds_the_token_or_what_makes_it_this_very_one() -> None:
    made = token()
    text = str(response(message(made)))
    for secret in (*made.split(b"."), b"key-number-1", b"unique-jti", b"1780003600", b"1780000000", b"45123"):
        assert secret.decode() not in text


def test_what_a_stranger_claims_is_a_line_of_text_and_not_endless() -> None:
    fields = dict(
        response(message(token({"upn": "a\r\nS: +OK\x1b[2J\u202e", "scp": "x" * 900}), b"\xff\n")).fields
    )
    assert (fields["user"], fields["upn"], fields["scp"]) == ("\ufffd?", "a??S: +OK?[2J?", "x" * 80)


def test_servers_send_mere_prompts() -> None:
    assert unfold_challenge("XOAUTH2", 0, b"") == Unfolded()


def test_whatever_comes_there_is_no_error_and_each_field_is_a_line() -> None:
    whole = message(token())
    pieces = [whole[:length] for length in range(len(whole))]
    dice = random.Random(2026)
    pieces += [dice.randbytes(dice.randrange(200)) for _ in range(1_000)]
    for _ in range(6_000):
        changed = bytearray(whole)
        for _ in range(dice.randint(1, 8)):
            changed[dice.randrange(len(changed))] = dice.choice([0, 1, 46, 255, dice.randrange(256)])
        pieces.append(bytes(changed))
    for data in pieces:
        unfolded = response(data)
        assert len(unfolded.fields) < 25
        assert all(value.isprintable() and len(value) <= 120 for _, value in unfolded.fields)
