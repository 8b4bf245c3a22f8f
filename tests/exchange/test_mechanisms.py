"""AUTH PLAIN (RFC 4616) and AUTH LOGIN, against a server that knows Anna, Bernd and Clara."""

import base64

import pytest

from tests.exchange.muster import connect
from tests.support import send, talk

FAILURE = "-ERR Authentication failure: unknown user name or bad password."


def encoded(*parts: str) -> str:
    return base64.b64encode("\0".join(parts).encode()).decode()


def answer(data: bytes, mechanism: str = "PLAIN") -> str:
    session = connect("2016", tls=True)
    assert send(session, f"AUTH {mechanism}\r\n".encode()).startswith(b"+ ")
    return send(session, base64.b64encode(data) + b"\r\n").decode().rstrip("\r\n")


def test_auth_login_with_an_umlaut_in_the_password() -> None:
    # Q2xhcmE... is typed by hand: clara.weiss@muster.example and Grüße4Clara in UTF-8.
    talk(
        connect("2016", tls=True),
        """
        C: AUTH LOGIN
        S: + VXNlcm5hbWU6
        C: Y2xhcmEud2Vpc3NAbXVzdGVyLmV4YW1wbGU=
        S: + UGFzc3dvcmQ6
        C: R3LDvMOfZTRDbGFyYQ==
        S: +OK User successfully authenticated.
        """,
    )


@pytest.mark.parametrize("authzid", ["", "bmueller@muster.example", "BMueller@Muster.Example"])
def test_auth_plain_takes_nobody_or_oneself_as_the_authorization_identity(authzid: str) -> None:
    text = f"{authzid}\0bmueller@muster.example\0Winter ist kalt 7"
    assert answer(text.encode()) == "+OK User successfully authenticated."


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"anna@muster.example",
        b"anna@muster.example\0Sommer2026",
        b"\0anna@muster.example\0Sommer2026\0",
        b"\0anna@muster.example\0Sommer2026\0extra",
        b"\0\0",
        b"\0anna@muster.example\0",
        b"\0anna@muster.example\0sommer2026",
        b"\0nobody\0Sommer2026",
        b"bmueller@muster.example\0anna@muster.example\0Sommer2026",
        b"info\0anna@muster.example\0Sommer2026",
        b"\0info\0",
        b"\0clara.weiss@muster.example\0Gr\xfc\xdfe4Clara",
        b"\xff\0anna@muster.example\0Sommer2026",
        b"\0anna@muster.example\r\n\0Sommer2026",
    ],
)
def test_a_malformed_auth_plain_is_refused_like_a_wrong_password(data: bytes) -> None:
    assert answer(data) == FAILURE


@pytest.mark.parametrize("name", [b"", b"\xff", b"nobody", b"info", b"anna@muster.example\0"])
def test_auth_login_asks_for_the_password_whatever_the_name_and_then_refuses(name: bytes) -> None:
    session = connect("2016", tls=True)
    send(session, b"AUTH LOGIN\r\n")
    assert send(session, base64.b64encode(name) + b"\r\n") == b"+ UGFzc3dvcmQ6\r\n"
    assert send(session, b"U29tbWVyMjAyNg==\r\n").decode() == f"{FAILURE}\r\n"


def test_a_password_that_is_no_utf_8_is_refused() -> None:
    session = connect("2016", tls=True)
    send(session, b"AUTH LOGIN\r\nYW5uYUBtdXN0ZXIuZXhhbXBsZQ==\r\n")
    assert send(session, base64.b64encode(b"\xff") + b"\r\n").decode() == f"{FAILURE}\r\n"


def test_after_a_failure_the_client_may_log_on_in_another_way() -> None:
    session = connect("2016", tls=True)
    assert send(session, f"AUTH PLAIN {encoded('', 'anna', 'x')}\r\n".encode()).startswith(b"-ERR ")
    assert send(session, b"USER anna\r\nPASS Sommer2026\r\n").endswith(
        b"+OK User successfully logged on.\r\n"
    )
