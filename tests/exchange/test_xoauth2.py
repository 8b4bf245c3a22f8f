"""AUTH XOAUTH2, the mechanism alone: one empty challenge, one response, no second chance."""

import base64
from collections.abc import Mapping
from functools import partial

import pytest

from minipop.exchange.mechanisms.xoauth2 import xoauth2
from minipop.exchange.tokens import Token
from minipop.protocol import LogonRefused, Maildrop, Mechanism
from tests.support import FakePolicy, connect, send, talk, three_messages

ANNA = Token(upn="anna@muster.example", app=None)
DROP = three_messages()


class Service:
    """Takes the token ``eyJ.good.token`` as Anna's; remembers what was asked for."""

    def __init__(self) -> None:
        self.verified: list[str] = []
        self.opened: list[tuple[Token, str]] = []

    def verify(self, token: str) -> Token:
        """Take the one good token."""
        self.verified.append(token)
        if token != "eyJ.good.token":
            raise LogonRefused("token")
        return ANNA

    def open_(self, token: Token, user: str) -> Maildrop:
        """Open the maildrop to whoever comes this far."""
        self.opened.append((token, user))
        return DROP


class Online(FakePolicy):
    """A service that takes XOAUTH2 alone."""

    def mechanisms(self, *, tls: bool) -> Mapping[str, Mechanism]:  # noqa: ARG002
        service = Service()
        return {"XOAUTH2": partial(xoauth2, service.verify, service.open_)}


def answer(service: Service, response: bytes) -> Maildrop:
    """Play the dialogue and return what the log-on opened."""
    run = xoauth2(service.verify, service.open_)
    assert next(run) == b""
    with pytest.raises(StopIteration) as end:
        run.send(response)
    drop: Maildrop = end.value.value
    return drop


def refusal(service: Service, response: bytes) -> str:
    """Play the dialogue; a refusal comes at once, without another challenge."""
    run = xoauth2(service.verify, service.open_)
    assert next(run) == b""
    with pytest.raises(LogonRefused) as refused:
        run.send(response)
    return refused.value.reason


def test_the_dialogue_is_the_one_that_microsoft_documents() -> None:
    # base64 of user=anna@muster.example^Aauth=Bearer eyJ.good.token^A^A
    talk(
        connect(Online()),
        """
        C: AUTH XOAUTH2
        S: +␠
        C: dXNlcj1hbm5hQG11c3Rlci5leGFtcGxlAWF1dGg9QmVhcmVyIGV5Si5nb29kLnRva2VuAQE=
        S: +OK ...
        C: STAT
        S: +OK 3 365
        """,
    )


def test_a_failure_is_one_line_and_the_client_may_try_again() -> None:
    session = connect(Online())
    for token in (b"wrong", b"w" * 40_000):
        assert send(session, b"AUTH XOAUTH2\r\n") == b"+ \r\n"
        response = base64.b64encode(b"user=anna@muster.example\x01auth=Bearer " + token + b"\x01\x01")
        said = send(session, response + b"\r\n")
        assert said.startswith(b"-ERR ")
        assert said.count(b"\r\n") == 1
        assert token[:5] not in said


def test_user_and_token_reach_the_service() -> None:
    service = Service()
    response = b"user=info@muster.example\x01auth=Bearer eyJ.good.token\x01\x01"
    assert answer(service, response) is DROP
    assert service.verified == ["eyJ.good.token"]
    assert service.opened == [(ANNA, "info@muster.example")]


@pytest.mark.parametrize("scheme", [b"bearer", b"BEARER", b"bEaReR"])
def test_the_name_of_the_scheme_is_indifferent_to_case(scheme: bytes) -> None:
    response = b"user=anna@muster.example\x01auth=" + scheme + b" eyJ.good.token\x01\x01"
    assert answer(Service(), response) is DROP


def test_a_name_beyond_ascii_is_read_as_utf_8() -> None:
    service = Service()
    answer(service, b"user=Gr\xc3\xbc\xc3\x9fe\x01auth=Bearer eyJ.good.token\x01\x01")
    assert service.opened == [(ANNA, "Grüße")]


def test_a_token_that_fails_is_refused_at_once_and_opens_nothing() -> None:
    service = Service()
    assert refusal(service, b"user=anna@muster.example\x01auth=Bearer wrong\x01\x01") == "token"
    assert service.opened == []


@pytest.mark.parametrize(
    "response",
    [
        b"",
        b"\x01",
        b"\x01\x01",
        b"anna@muster.example",
        b"eyJ.good.token",
        b"user=anna@muster.example",
        b"user=anna@muster.example auth=Bearer eyJ.good.token",
        b"user=anna@muster.example\x01auth=Bearer eyJ.good.token",
        b"user=anna@muster.example\x01auth=Bearer eyJ.good.token\x01",
        b"user=anna@muster.example\x01auth=Bearer eyJ.good.token\x01\x01\x01",
        b"user=anna@muster.example\x01auth=Bearer eyJ.good.token\x01\x01\r\n",
        b"user=anna@muster.example\x01auth=Bearer eyJ.good.token^A^A",
        b"user=anna@muster.example^Aauth=Bearer eyJ.good.token^A^A",
        b"user=anna@muster.example\x01\x01auth=Bearer eyJ.good.token\x01\x01",
        b"auth=Bearer eyJ.good.token\x01\x01",
        b"auth=Bearer eyJ.good.token\x01user=anna@muster.example\x01\x01",
        b"user=\x01auth=Bearer eyJ.good.token\x01\x01",
        b"User=anna@muster.example\x01auth=Bearer eyJ.good.token\x01\x01",
        b" user=anna@muster.example\x01auth=Bearer eyJ.good.token\x01\x01",
        b"user=anna@muster.example\x01user=info@muster.example\x01auth=Bearer eyJ.good.token\x01\x01",
        b"user=anna@muster.example\x01auth=Bearer eyJ.good.token\x01auth=Bearer eyJ.good.token\x01\x01",
        b"user=anna@muster.example\x01host=x\x01auth=Bearer eyJ.good.token\x01\x01",
        b"user=anna@muster.example\x01auth=Bearer eyJ.good.token\x01host=x\x01\x01",
        b"user=anna@muster.example\x01auth=Bearer\x01\x01",
        b"user=anna@muster.example\x01auth=Bearer \x01\x01",
        b"user=anna@muster.example\x01auth=BearereyJ.good.token\x01\x01",
        b"user=anna@muster.example\x01auth=eyJ.good.token\x01\x01",
        b"user=anna@muster.example\x01auth=Basic YW5uYTpTb21tZXIyMDI2\x01\x01",
        b"user=anna@muster.example\x01auth=MAC eyJ.good.token\x01\x01",
        b"user=Gr\xfc\xdfe\x01auth=Bearer eyJ.good.token\x01\x01",
        b"user=anna@muster.example\x01auth=Bearer \xff\xfe\x01\x01",
        b"n,a=anna@muster.example,\x01auth=Bearer eyJ.good.token\x01\x01",
    ],
)
def test_a_malformed_response_is_refused_and_nothing_is_verified(response: bytes) -> None:
    service = Service()
    assert refusal(service, response) == "malformed"
    assert service.verified == []
