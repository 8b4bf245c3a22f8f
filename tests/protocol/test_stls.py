"""STLS (RFC 2595, section 4): what was said in clear must count for nothing inside TLS."""

import pytest

from tests.support import FakePolicy, connect, log_on, send, talk

PROTOCOL_ERROR = b"-ERR Protocol error. Connection is closed. 10\r\n"


def test_stls_says_ok_and_then_nothing_until_tls_is_there() -> None:
    session = connect()
    assert send(session, b"STLS\r\n") == b"+OK Begin TLS negotiation.\r\n"
    assert session.wants_tls
    assert send(session, b"CAPA\r\n") == b""


def test_commands_that_come_with_the_end_of_the_handshake_are_answered_inside_tls() -> None:
    session = connect()
    send(session, b"STLS\r\n")
    assert send(session, b"USER mrose\r\nPASS secret\r\n") == b""
    session.tls_established()
    assert not session.wants_tls
    assert send(session, b"STAT\r\n").endswith(b"+OK 3 365\r\n")


@pytest.mark.parametrize(
    "injected",
    [b"\r\n", b"\n", b"U", b"CAPA\r\n", b"USER mrose\r\nPASS secret\r\nDELE 1\r\nQUIT\r\n", b"\x16\x03\x01"],
)
def test_bytes_in_the_packet_of_stls_end_the_session_and_are_not_executed(injected: bytes) -> None:
    policy = FakePolicy()
    session = connect(policy)
    assert send(session, b"STLS\r\n" + injected) == PROTOCOL_ERROR
    assert session.finished
    assert not session.wants_tls
    assert not session._input
    assert not policy.attempts
    assert policy.maildrop.commits == 0
    assert send(session, b"CAPA\r\n") == b""


def test_bytes_that_came_one_by_one_before_stls_was_executed_count_as_well() -> None:
    session = connect()
    for byte in b"STLS\r\nCAPA":
        session.receive_data(bytes([byte]))
    assert session.data_to_send() == PROTOCOL_ERROR


def test_commands_before_stls_in_its_packet_are_executed() -> None:
    session = connect()
    assert send(session, b"XTND\r\nSTLS\r\n") == b"-ERR Unknown command.\r\n+OK Begin TLS negotiation.\r\n"


def test_the_name_given_before_stls_is_forgotten() -> None:
    policy = FakePolicy()
    session = connect(policy)
    send(session, b"USER mrose\r\nSTLS\r\n")
    session.tls_established()
    assert send(session, b"PASS secret\r\n") == b"-ERR Command is not valid in this state.\r\n"
    assert not policy.attempts


def test_the_server_does_not_greet_again_inside_tls() -> None:
    # RFC 2595, section 4: the session goes on in the AUTHORIZATION state.
    session = connect()
    send(session, b"STLS\r\n")
    session.tls_established()
    assert session.data_to_send() == b""


def test_stls_is_refused_inside_tls() -> None:
    session = connect()
    send(session, b"STLS\r\n")
    session.tls_established()
    talk(session, "C: STLS\nS: -ERR Command is not valid in this state.")
    talk(connect(tls=True), "C: STLS\nS: -ERR Command is not valid in this state.")


def test_stls_is_refused_after_the_log_on() -> None:
    session = log_on()
    talk(session, "C: STLS\nS: -ERR Command is not valid in this state.\nC: STAT\nS: +OK 3 365")
    assert not session.wants_tls


@pytest.mark.parametrize("line", [b"STLS now\r\n", b"STLS\0\r\n"])
def test_stls_with_an_argument_is_refused_and_starts_nothing(line: bytes) -> None:
    session = connect()
    assert send(session, line).startswith(b"-ERR ")
    assert not session.wants_tls
    assert send(session, b"CAPA\r\n").startswith(b"+OK")


def test_passwords_that_were_refused_in_clear_are_taken_inside_tls() -> None:
    session = connect(FakePolicy(plaintext=False))
    talk(session, "C: USER mrose\nS: -ERR Command is not valid in this state.\nC: STLS\nS: +OK ...")
    session.tls_established()
    talk(session, "C: USER mrose\nS: +OK\nC: PASS secret\nS: +OK ...")


def test_a_connection_lost_before_tls_is_there_ends_the_session() -> None:
    session = connect()
    send(session, b"STLS\r\n")
    session.connection_lost()
    assert session.finished
