"""A client that is not let in at all, and a refusal that ends the connection."""

from minipop.protocol import LogonRefused, Maildrop, ReplyName, Session
from tests.support import FakePolicy, connect, drain, send


def test_a_client_that_is_turned_away_is_told_why_in_place_of_the_greeting() -> None:
    session = Session(FakePolicy(), turned_away=ReplyName.TOO_MANY_CONNECTIONS)
    assert drain(session) == b"-ERR Too many connections to this server.\r\n"
    assert session.finished


def test_whatever_it_says_nothing_of_it_is_executed() -> None:
    policy = FakePolicy()
    session = Session(policy, turned_away=ReplyName.ADDRESS_NOT_ALLOWED)
    assert send(session, b"USER mrose\r\nPASS secret\r\nQUIT\r\n").count(b"\r\n") == 1
    assert policy.attempts == []


class Closing(FakePolicy):
    """Refuses everybody, and ends the connection of those who know the password."""

    def log_on(self, name: str, password: str) -> Maildrop:
        """Refuse."""
        raise LogonRefused(name, ReplyName.TOO_MANY_OF_USER if password == "secret" else ReplyName.IN_USE)


def test_a_refusal_may_end_the_connection_and_then_nothing_more_is_executed() -> None:
    session = connect(Closing())
    said = send(session, b"USER mrose\r\nPASS secret\r\nCAPA\r\n")
    assert said == b"+OK\r\n-ERR Too many connections of this user.\r\n"
    assert session.finished


def test_so_may_a_refusal_by_sasl() -> None:
    session = connect(Closing())
    said = send(session, b"AUTH LOGIN\r\nbXJvc2U=\r\nc2VjcmV0\r\nCAPA\r\n")
    assert said.endswith(b"\r\n-ERR Too many connections of this user.\r\n")
    assert session.finished


def test_other_refusals_leave_the_connection_open() -> None:
    session = connect(Closing())
    send(session, b"USER mrose\r\nPASS other\r\n")
    assert not session.finished
    assert send(session, b"CAPA\r\n").startswith(b"+OK")
