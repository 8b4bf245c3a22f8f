"""Which command is valid in which state (RFC 1939, sections 4 to 7; RFC 2449, 2595, 5034)."""

import pytest

from minipop.protocol import Session, State
from tests import known
from tests.support import FakePolicy, Prepare, connect, log_on, send


def fresh() -> Session:
    return connect()


def named() -> Session:
    session = connect()
    assert send(session, b"USER mrose\r\n") == b"+OK\r\n"
    return session


def inside_tls() -> Session:
    session = connect()
    assert send(session, b"STLS\r\n").startswith(b"+OK")
    session.tls_established()
    return session


def after_quit() -> Session:
    session = connect()
    assert send(session, b"QUIT\r\n").startswith(b"+OK")
    return session


STATES: dict[str, Prepare] = {
    "new": fresh,
    "after USER": named,
    "in TLS": inside_tls,
    "logged on": log_on,
    "after QUIT": after_quit,
}

#   command                              new   USER  TLS   log-on QUIT    + allowed, - refused, . silence
MATRIX = """
    CAPA                                  +     +     +     +     .
    STLS                                  +     +     -     -     .
    USER mrose                            +     +     +     -     .
    PASS secret                           -     +     -     -     .
    APOP mrose c4c9334bac560ecc979e58001b3e22fb -  -  -     -     .
    AUTH                                  +     +     +     -     .
    AUTH PLAIN                            c     c     c     -     .
    AUTH LOGIN                            c     c     c     -     .
    AUTH CRAM-MD5                         -     -     -     -     .
    STAT                                  -     -     -     +     .
    LIST                                  -     -     -     +     .
    LIST 1                                -     -     -     +     .
    UIDL                                  -     -     -     +     .
    UIDL 1                                -     -     -     +     .
    RETR 1                                -     -     -     +     .
    TOP 1 0                               -     -     -     +     .
    DELE 1                                -     -     -     +     .
    RSET                                  -     -     -     +     .
    NOOP                                  -     -     -     +     .
    QUIT                                  +     +     +     +     .
    XTND                                  -     -     -     -     .
"""

ROWS = [line.rsplit(maxsplit=5) for line in MATRIX.strip().splitlines()]
CASES = [
    pytest.param(row[0].strip(), state, mark, id=f"{row[0].strip()}, {state}")
    for row in ROWS
    for state, mark in zip(STATES, row[1:], strict=True)
]


@pytest.mark.parametrize(("command", "state", "mark"), CASES)
def test_each_command_is_valid_in_its_states_and_refused_in_all_others(
    command: str, state: str, mark: str
) -> None:
    reply = send(STATES[state](), command.encode() + b"\r\n")
    expected = {"+": b"+OK", "-": b"-ERR ", "c": b"+ ", ".": b""}[mark]
    assert reply[: len(expected) or None] == expected


@pytest.mark.parametrize(("command", "state", "_"), [case for case in CASES if case.values[2] == "-"])
def test_a_refused_command_changes_nothing(command: str, state: str, _: str) -> None:
    session = STATES[state]()
    before = session.state
    send(session, command.encode() + b"\r\n")
    assert session.state is before
    assert not session.deleted
    assert send(session, b"QUIT\r\n").startswith(b"+OK")


def test_the_matrix_above_tries_every_command_of_rfc_1939() -> None:
    rows = {row[0].split()[0] for row in ROWS}
    lacking = {verb for verb, row in known.COMMANDS.items() if row.rfc == 1939} - rows
    assert not lacking, f"tests/protocol/test_states.py: MATRIX lacks {lacking}; write a row there"


def test_a_session_goes_from_authorization_over_transaction_to_closed() -> None:
    session = connect()
    states: list[State] = [session.state]
    for line in (b"USER mrose\r\n", b"PASS secret\r\n", b"QUIT\r\n"):
        send(session, line)
        states.append(session.state)
    assert states == [State.AUTHORIZATION, State.AUTHORIZATION, State.TRANSACTION, State.CLOSED]
    assert session.finished


def test_the_session_is_finished_only_when_its_last_reply_has_been_taken() -> None:
    session = connect()
    session.receive_data(b"QUIT\r\n")
    assert not session.finished
    assert session.data_to_send().startswith(b"+OK")
    assert session.finished
    assert session.data_to_send() == b""


def test_bytes_after_the_end_of_the_session_are_ignored() -> None:
    session = connect()
    send(session, b"QUIT\r\n")
    assert send(session, b"CAPA\r\n") == b""
    assert not session._input


def test_a_service_without_stls_refuses_it() -> None:
    session = connect(FakePolicy(stls=False))
    assert send(session, b"STLS\r\n") == b"-ERR Command is not valid in this state.\r\n"
    assert not session.wants_tls


def test_the_greeting_is_the_first_thing_that_the_server_says() -> None:
    session = Session(FakePolicy())
    assert session.data_to_send().startswith(b"+OK ")
    assert session.data_to_send() == b""
