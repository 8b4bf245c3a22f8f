"""Deletion (RFC 1939, sections 5 and 6): marks, RSET, and that only QUIT removes anything."""

import pytest

from minipop.protocol import MaildropError, State
from tests.support import FakeMaildrop, FakeMessage, connect, drain, log_on, send, talk, three_messages


def test_marked_messages_are_gone_from_stat_list_uidl_retr_and_top() -> None:
    talk(
        log_on(),
        """
        C: DELE 2
        S: +OK ...2...
        C: STAT
        S: +OK 2 165
        C: LIST
        S: +OK 2 messages (165 octets)
        S: 1 120
        S: 3 45
        S: .
        C: UIDL
        S: +OK
        S: 1 uid-1
        S: 3 uid-3
        S: .
        C: LIST 2
        S: -ERR LIST: ...2...deleted...
        C: UIDL 2
        S: -ERR UIDL: ...2...deleted...
        C: RETR 2
        S: -ERR RETR: ...2...deleted...
        C: TOP 2 0
        S: -ERR TOP: ...2...deleted...
        C: DELE 2
        S: -ERR DELE: ...2...deleted...
        C: LIST 3
        S: +OK 3 45
        """,
    )


def test_rset_takes_every_mark_back() -> None:
    drop = three_messages()
    talk(
        log_on(drop),
        """
        C: DELE 1
        S: +OK ...
        C: DELE 3
        S: +OK ...
        C: RSET
        S: +OK ...
        C: STAT
        S: +OK 3 365
        C: RETR 1
        S: +OK ...
        S: Subject: one
        S:␠
        S: one
        S: .
        C: QUIT
        S: +OK ...
        """,
    )
    assert drop.deleted == []


def test_quit_removes_the_marked_messages_once_and_closes() -> None:
    drop = three_messages()
    session = log_on(drop)
    send(session, b"DELE 3\r\nDELE 1\r\nNOOP\r\n")
    assert (drop.commits, drop.closed) == (0, 0)
    assert send(session, b"QUIT\r\n").startswith(b"+OK")
    assert drop.deleted == ["uid-1", "uid-3"]
    assert (drop.commits, drop.closed) == (1, 1)
    session.connection_lost()
    assert (drop.commits, drop.closed) == (1, 1)


def test_quit_without_marks_removes_nothing() -> None:
    drop = three_messages()
    send(log_on(drop), b"DELE 1\r\nRSET\r\nQUIT\r\n")
    assert drop.deleted == []
    assert drop.closed == 1


def test_quit_before_the_log_on_removes_nothing() -> None:
    session = connect()
    assert send(session, b"DELE 1\r\nQUIT\r\n").startswith(b"-ERR ")
    assert session.state is State.CLOSED


@pytest.mark.parametrize(
    "last",
    [
        b"",
        b"QUIT",
        b"Q" * 10_000,
        b"Q" * 10_000 + b"\r\nQUIT\r\n",
    ],
    ids=["nothing", "half a QUIT", "an endless line", "a line too long"],
)
def test_a_session_that_ends_without_quit_removes_nothing(last: bytes) -> None:
    drop = three_messages()
    session = log_on(drop)
    send(session, b"DELE 1\r\nDELE 2\r\n" + last)
    session.connection_lost()
    assert session.finished
    assert (drop.commits, drop.closed) == (0, 1)
    assert send(session, b"QUIT\r\n") == b""
    assert drop.commits == 0


def test_a_quit_that_was_received_but_not_executed_removes_nothing() -> None:
    drop = three_messages()
    session = log_on(drop)
    send(session, b"DELE 1\r\n")
    session.receive_data(b"QUIT\r\n")
    session.connection_lost()
    assert drain(session) == b""
    assert (drop.commits, drop.closed) == (0, 1)


@pytest.mark.parametrize("failure", [MaildropError("gone"), OSError(28, "No space left on device")])
def test_a_commit_that_fails_is_answered_by_err_and_the_session_closes(failure: Exception) -> None:
    drop = three_messages()
    drop.fails = failure
    session = log_on(drop)
    reply = send(session, b"DELE 1\r\nQUIT\r\n").split(b"\r\n")[1]
    assert reply.startswith(b"-ERR ")
    assert session.finished
    assert drop.closed == 1


def test_message_numbers_hold_when_mail_arrives_during_the_session() -> None:
    drop = three_messages()
    session = log_on(drop)
    drop.messages = [FakeMessage(b"new", "uid-9"), *drop.messages]
    assert send(session, b"UIDL 1\r\nSTAT\r\n") == b"+OK 1 uid-1\r\n+OK 3 365\r\n"


def test_message_numbers_hold_when_messages_are_marked() -> None:
    assert send(log_on(), b"DELE 1\r\nUIDL 2\r\n").endswith(b"+OK 2 uid-2\r\n")


def test_a_message_that_another_session_removed_is_refused_and_the_session_goes_on() -> None:
    session = log_on(FakeMaildrop([FakeMessage(gone=True), FakeMessage(b"Subject: b\r\n\r\n", "uid-2")]))
    for command in (b"RETR 1\r\n", b"TOP 1 0\r\n"):
        reply = send(session, command)
        assert reply.startswith(b"-ERR ")
        assert reply.count(b"\r\n") == 1
    assert send(session, b"RETR 2\r\n").endswith(b"\r\nSubject: b\r\n\r\n.\r\n")


@pytest.mark.parametrize("error", [MaildropError, OSError])
@pytest.mark.parametrize("breaks_after", [0, 1, 100, 90_000])
def test_a_message_that_breaks_off_ends_the_session_without_the_closing_dot(
    error: type[Exception], breaks_after: int
) -> None:
    stored = b"Subject: a\r\n\r\n" + b"text\r\n" * 20_000
    drop = FakeMaildrop([FakeMessage(stored, chunk=50, breaks_after=breaks_after, error=error)])
    session = log_on(drop)
    out = send(session, b"DELE 1\r\nRSET\r\nRETR 1\r\nDELE 1\r\nQUIT\r\n")
    assert b"\r\n.\r\n" not in out
    assert out.count(b"+OK") == 3
    assert b"-ERR" not in out
    assert session.finished
    assert drop.commits == 0
    assert drop.closed == 1


def test_an_empty_maildrop_is_no_error() -> None:
    talk(
        log_on(FakeMaildrop([])),
        """
        C: STAT
        S: +OK 0 0
        C: LIST
        S: +OK 0 messages (0 octets)
        S: .
        C: UIDL
        S: +OK
        S: .
        C: RETR 1
        S: -ERR RETR: ...no message 1...0...
        C: QUIT
        S: +OK ...
        """,
    )
    assert drain(log_on(FakeMaildrop([]))) == b""
