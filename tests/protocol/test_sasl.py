"""AUTH (RFC 5034, section 4): initial responses, challenges, the cancelling ``*``, base64."""

from collections.abc import Generator, Mapping
from typing import ClassVar

import pytest

from minipop.protocol import LogonRefused, Maildrop, Mechanism, Session
from minipop.wire.transcript import Conversation
from tests.support import FakePolicy, connect, send, talk

# Typed by hand: base64 of NUL mrose NUL secret, of "mrose", of "secret".
PLAIN = "AG1yb3NlAHNlY3JldA=="
NAME = "bXJvc2U="
PASSWORD = "c2VjcmV0"


def test_auth_plain_in_two_lines() -> None:
    talk(
        connect(),
        f"""
        C: AUTH PLAIN
        S: +␠
        C: {PLAIN}
        S: +OK ...
        C: STAT
        S: +OK 3 365
        """,
    )


def test_auth_plain_with_an_initial_response() -> None:
    talk(
        connect(),
        f"""
        C: AUTH PLAIN {PLAIN}
        S: +OK ...
        C: STAT
        S: +OK 3 365
        """,
    )


def test_auth_login_asks_for_the_name_and_then_for_the_password() -> None:
    # VXNlcm5hbWU6 is "Username:" and UGFzc3dvcmQ6 is "Password:".
    talk(
        connect(),
        f"""
        C: AUTH LOGIN
        S: + VXNlcm5hbWU6
        C: {NAME}
        S: + UGFzc3dvcmQ6
        C: {PASSWORD}
        S: +OK ...
        C: STAT
        S: +OK 3 365
        """,
    )


def test_auth_login_takes_the_name_as_its_initial_response() -> None:
    talk(
        connect(),
        f"""
        C: AUTH LOGIN {NAME}
        S: + UGFzc3dvcmQ6
        C: {PASSWORD}
        S: +OK ...
        """,
    )


@pytest.mark.parametrize("line", ["auth plain", "Auth Plain", "AUTH  PLAIN", "AUTH PLAIN "])
def test_keyword_and_mechanism_are_the_same_in_small_letters(line: str) -> None:
    assert send(connect(), line.encode() + b"\r\n") == b"+ \r\n"


def test_an_equals_sign_is_an_initial_response_that_is_present_but_empty() -> None:
    policy = FakePolicy()
    assert send(connect(policy), b"AUTH PLAIN =\r\n").startswith(b"-ERR ")
    assert policy.attempts == [("", "")]


def test_an_empty_name_is_a_response_too() -> None:
    policy = FakePolicy()
    talk(
        connect(policy),
        """
        C: AUTH LOGIN =
        S: + UGFzc3dvcmQ6
        C:
        S: -ERR ...
        """,
    )
    assert policy.attempts == [("", "")]


@pytest.mark.parametrize("start", ["AUTH PLAIN", "AUTH LOGIN", f"AUTH LOGIN {NAME}"])
def test_an_asterisk_cancels_and_the_client_may_log_on_otherwise(start: str) -> None:
    session = connect()
    assert send(session, start.encode() + b"\r\n").startswith(b"+ ")
    assert send(session, b"*\r\n").startswith(b"-ERR ")
    assert send(session, b"USER mrose\r\nPASS secret\r\n").count(b"+OK") == 2


@pytest.mark.parametrize(
    "junk",
    [
        "!",
        "AG1yb3NlAHNlY3JldA",
        "AG1yb3NlAHNlY3JldA=",
        "=AG1=",
        "AG1y b3Nl",
        "**",
        "* ",
        "Grüße",
        "\0",
        "QUIT!",
    ],
)
def test_bad_base64_ends_the_exchange_by_a_reply_that_says_so(junk: str) -> None:
    policy = FakePolicy()
    session = connect(policy)
    send(session, b"AUTH PLAIN\r\n")
    reply = send(session, junk.encode() + b"\r\n")
    assert reply.startswith(b"-ERR ")
    assert b"base64" in reply
    assert not policy.attempts
    assert send(session, b"USER mrose\r\nPASS secret\r\n").count(b"+OK") == 2


@pytest.mark.parametrize("junk", ["!", "AG1yb3Nl=", "*", "=="])
def test_bad_base64_in_an_initial_response_is_refused_likewise(junk: str) -> None:
    policy = FakePolicy()
    session = connect(policy)
    reply = send(session, f"AUTH PLAIN {junk}\r\n".encode())
    assert reply.startswith(b"-ERR ")
    assert b"base64" in reply
    assert not policy.attempts
    assert send(session, b"USER mrose\r\nPASS secret\r\n").count(b"+OK") == 2


def test_an_initial_response_has_no_second_part() -> None:
    reply = send(connect(), f"AUTH PLAIN {PLAIN} {PLAIN}\r\n".encode())
    assert reply.startswith(b"-ERR AUTH: ")
    assert b"unexpected" in reply


@pytest.mark.parametrize("line", ["AUTH", "AUTH ", "AUTH   ", "auth"])
def test_a_bare_auth_lists_the_mechanisms_and_changes_nothing(line: str) -> None:
    session = connect()
    lines = send(session, line.encode() + b"\r\n").split(b"\r\n")
    assert lines[0].startswith(b"+OK")
    assert sorted(lines[1:3]) == [b"LOGIN", b"PLAIN"]
    assert lines[3:] == [b".", b""]
    assert send(session, b"USER mrose\r\nPASS secret\r\n").count(b"+OK") == 2


def test_a_bare_auth_lists_nothing_where_nothing_is_offered() -> None:
    reply = send(connect(FakePolicy(plaintext=False)), b"AUTH\r\n")
    assert reply.startswith(b"+OK")
    assert reply.split(b"\r\n")[1:] == [b".", b""]


@pytest.mark.parametrize("name", ["CRAM-MD5", "NTLM", "XOAUTH2", "PLAINX", "PLAI", "*", "=", "\xff"])
def test_an_unknown_mechanism_is_refused_at_once(name: str) -> None:
    session = connect()
    assert send(session, f"AUTH {name}\r\n".encode()).startswith(b"-ERR ")
    assert send(session, b"USER mrose\r\nPASS secret\r\n").count(b"+OK") == 2


def test_no_mechanism_takes_a_password_where_it_must_not_cross_the_line_in_clear() -> None:
    policy = FakePolicy(plaintext=False)
    session = connect(policy)
    assert send(session, f"AUTH PLAIN {PLAIN}\r\n".encode()).startswith(b"-ERR ")
    assert send(session, b"AUTH LOGIN\r\n").startswith(b"-ERR ")
    assert not policy.attempts


def test_a_wrong_password_ends_the_exchange_and_the_session_goes_on() -> None:
    talk(
        connect(),
        f"""
        C: AUTH LOGIN
        S: + VXNlcm5hbWU6
        C: {NAME}
        S: + UGFzc3dvcmQ6
        C: {NAME}
        S: -ERR ...
        C: CAPA
        S: +OK ...
        S: TOP
        S: UIDL
        S: X-TLS False
        S: X-LOGGED-ON False
        S: .
        C: AUTH PLAIN {PLAIN}
        S: +OK ...
        """,
    )


def test_a_command_inside_the_exchange_is_taken_as_a_response_and_not_executed() -> None:
    policy = FakePolicy()
    session = connect(policy)
    send(session, b"AUTH PLAIN\r\n")
    assert send(session, b"QUIT\r\n").startswith(b"-ERR ")
    assert not session.finished


@pytest.mark.parametrize("octets", [256, 3_000, 60_000])
def test_a_response_may_be_longer_than_a_command(octets: int) -> None:
    policy = FakePolicy(line_limit=255)
    session = connect(policy)
    send(session, b"AUTH PLAIN\r\n")
    assert send(session, b"AAAA" * (octets // 4) + b"\r\n").startswith(b"-ERR ")
    assert len(policy.attempts) == 1
    assert not session.finished


def test_a_response_without_an_end_is_not_stored_for_ever() -> None:
    session = connect()
    send(session, b"AUTH PLAIN\r\n")
    reply = b""
    for _ in range(64):
        reply += send(session, b"A" * 4_096)
    assert reply.startswith(b"-ERR ")
    assert reply.count(b"\r\n") == 1
    assert session.finished
    assert not session._input


def test_a_connection_lost_inside_the_exchange_closes_it() -> None:
    session = connect()
    send(session, b"AUTH LOGIN\r\n")
    session.connection_lost()
    assert session.finished
    assert send(session, NAME.encode() + b"\r\n") == b""


def test_auth_takes_back_the_name_of_an_earlier_user_command() -> None:
    session = connect()
    send(session, b"USER mrose\r\nAUTH PLAIN\r\n*\r\n")
    assert send(session, b"PASS secret\r\n") == b"-ERR Command is not valid in this state.\r\n"


class RefusesAtOnce(FakePolicy):
    """A service whose one mechanism refuses before it has asked anything."""

    def mechanisms(self, *, tls: bool) -> Mapping[str, Mechanism]:
        """Return that mechanism."""
        return {"X-NEVER": self._never} if self.allows_user(tls=tls) else {}

    def _never(self) -> Generator[bytes, bytes, Maildrop]:
        raise LogonRefused("never")
        yield b""


@pytest.mark.parametrize("line", ["AUTH X-NEVER", f"AUTH X-NEVER {NAME}"])
def test_a_mechanism_that_refuses_at_once_is_answered_with_or_without_an_initial_response(line: str) -> None:
    session = connect(RefusesAtOnce())
    assert send(session, f"{line}\r\nCAPA\r\n".encode()).startswith(
        b"-ERR Unknown user name or bad password.\r\n+OK"
    )


class Asking(FakePolicy):
    """A service whose only mechanism asks by a line that is none of RFC 5034's, then by a challenge."""

    def mechanisms(self, *, tls: bool) -> Mapping[str, Mechanism]:  # noqa: ARG002
        """Return that mechanism."""
        return {"OWN": self._own}

    def _own(self) -> Generator[bytes | str, bytes, Maildrop]:
        yield "+OK"
        yield b"more"
        return self.maildrop


def test_a_mechanism_may_ask_by_a_whole_line_that_is_sent_as_it_is() -> None:
    # as Exchange 2003 did after AUTH NTLM; bW9yZQ== is "more"
    session = connect(Asking())
    talk(
        session,
        f"C: AUTH OWN\nS: +OK\nC: {NAME}\nS: + bW9yZQ==\nC: {NAME}\nS: +OK ...\nC: STAT\nS: +OK 3 365",
    )


def test_an_observer_hears_of_each_challenge_and_each_response_of_which_mechanism_it_is() -> None:
    class Watching(Conversation):
        heard: ClassVar[list[tuple[str, str, bytes]]] = []

        def challenge(self, mechanism: str, challenge: bytes) -> None:
            self.heard.append(("S", mechanism, challenge))

        def response(self, mechanism: str, response: bytes) -> None:
            self.heard.append(("C", mechanism, response))

    session = Session(Asking(), observers=[Watching("", "en")])
    send(session, f"AUTH OWN\r\n{NAME}\r\n{NAME}\r\n".encode())
    assert Watching.heard == [("C", "OWN", b"mrose"), ("S", "OWN", b"more"), ("C", "OWN", b"mrose")]
