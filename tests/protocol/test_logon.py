"""USER, PASS and APOP (RFC 1939, section 7)."""

import pytest

from minipop.protocol import Session
from tests.support import FakePolicy, connect, send, talk


def test_user_and_pass_open_the_maildrop() -> None:
    talk(
        connect(),
        """
        C: USER mrose
        S: +OK
        C: PASS secret
        S: +OK ...
        C: STAT
        S: +OK 3 365
        """,
    )


def test_a_wrong_password_and_an_unknown_name_get_the_same_reply() -> None:
    wrong = send(connect(), b"USER mrose\r\nPASS Secret\r\n")
    unknown = send(connect(), b"USER nobody\r\nPASS secret\r\n")
    assert wrong == unknown
    assert wrong.startswith(b"+OK\r\n-ERR ")


def test_after_a_wrong_password_the_client_may_try_again_with_user() -> None:
    talk(
        connect(),
        """
        C: USER mrose
        S: +OK
        C: PASS wrong
        S: -ERR ...
        C: PASS secret
        S: -ERR Command is not valid in this state.
        C: USER mrose
        S: +OK
        C: PASS secret
        S: +OK ...
        """,
    )


@pytest.mark.parametrize("between", ["CAPA", "STAT", "AUTH", "XTND", "USER", "APOP x y", "", " ", "\0"])
def test_pass_is_valid_only_immediately_after_user(between: str) -> None:
    policy = FakePolicy()
    session = connect(policy)
    send(session, b"USER mrose\r\n")
    send(session, between.encode() + b"\r\n")
    assert send(session, b"PASS secret\r\n") == b"-ERR Command is not valid in this state.\r\n"
    assert not policy.attempts


@pytest.mark.parametrize("broken", [b"PASS", b"PASS ", b"PASS \xff", b"PASS a\0b"])
def test_a_pass_that_cannot_be_read_uses_up_the_name(broken: bytes) -> None:
    policy = FakePolicy()
    session = connect(policy)
    send(session, b"USER mrose\r\n")
    assert send(session, broken + b"\r\n").startswith(b"-ERR ")
    assert send(session, b"PASS secret\r\n") == b"-ERR Command is not valid in this state.\r\n"
    assert not policy.attempts


def test_the_last_user_command_counts() -> None:
    policy = FakePolicy()
    send(connect(policy), b"USER nobody\r\nUSER mrose\r\nPASS secret\r\n")
    assert policy.attempts == [("mrose", "secret")]


@pytest.mark.parametrize(
    "password",
    [
        "Winter ist kalt 7",
        " leading",
        "trailing ",
        "  both  ",
        " ",
        "Grüße4Clara",
        "пароль",
        "a\tb",
        "=",
        "*",
    ],
)
def test_a_password_is_the_rest_of_the_line_with_every_space_in_it(password: str) -> None:
    policy = FakePolicy(password=password)
    reply = send(connect(policy), b"USER mrose\r\nPASS " + password.encode() + b"\r\n")
    assert policy.attempts == [("mrose", password)]
    assert reply.count(b"+OK") == 2


def test_a_name_may_hold_spaces_but_not_end_with_them() -> None:
    policy = FakePolicy()
    send(connect(policy), "USER Bernd Müller  \r\nPASS x\r\n".encode())
    assert policy.attempts == [("Bernd Müller", "x")]


def test_a_name_that_does_not_exist_is_not_given_away_before_pass() -> None:
    assert send(connect(), b"USER nobody\r\n") == send(connect(), b"USER mrose\r\n")


def test_user_is_refused_where_passwords_must_not_cross_the_line_in_clear() -> None:
    policy = FakePolicy(plaintext=False)
    talk(
        connect(policy),
        """
        C: USER mrose
        S: -ERR Command is not valid in this state.
        C: PASS secret
        S: -ERR Command is not valid in this state.
        """,
    )
    assert not policy.attempts


@pytest.mark.parametrize(
    "line", ["APOP mrose c4c9334bac560ecc979e58001b3e22fb", "APOP mrose", "APOP", "apop x y"]
)
def test_apop_is_refused_however_it_is_written(line: str) -> None:
    session = connect()
    assert send(session, line.encode() + b"\r\n").startswith(b"-ERR ")
    assert send(session, b"USER mrose\r\nPASS secret\r\n").count(b"+OK") == 2


def test_the_greeting_holds_no_apop_timestamp() -> None:
    # RFC 1939, section 7: a timestamp in angle brackets would announce APOP.
    assert b"<" not in Session(FakePolicy()).data_to_send()


@pytest.mark.parametrize("again", ["USER mrose", "PASS secret", "AUTH PLAIN", "STLS", "APOP a b"])
def test_once_logged_on_there_is_no_second_log_on(again: str) -> None:
    session = connect()
    send(session, b"USER mrose\r\nPASS secret\r\n")
    assert send(session, again.encode() + b"\r\n") == b"-ERR Command is not valid in this state.\r\n"
    assert send(session, b"STAT\r\n") == b"+OK 3 365\r\n"
