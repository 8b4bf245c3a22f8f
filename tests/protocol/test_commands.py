"""Commands as RFC 1939 and RFC 2449 show them in use."""

import pytest

from tests.support import connect, log_on, send, talk


@pytest.mark.parametrize("written", ["STAT", "stat", "Stat", "sTaT"])
def test_keywords_are_the_same_in_capitals_and_small_letters(written: str) -> None:
    assert send(log_on(), written.encode() + b"\r\n") == b"+OK 3 365\r\n"


def test_the_session_of_the_rfc_runs_as_printed() -> None:
    talk(
        log_on(),
        """
        C: STAT
        S: +OK 3 365
        C: LIST
        S: +OK 3 messages (365 octets)
        S: 1 120
        S: 2 200
        S: 3 45
        S: .
        C: RETR 1
        S: +OK 120 octets
        S: Subject: one
        S:␠
        S: one
        S: .
        C: DELE 1
        S: +OK ...1...
        C: RETR 2
        S: +OK 200 octets
        S: Subject: two
        S:␠
        S: two
        S: .
        C: DELE 2
        S: +OK ...2...
        C: QUIT
        S: +OK ...
        """,
    )


def test_list_and_uidl_with_a_number_answer_in_one_line() -> None:
    talk(
        log_on(),
        """
        C: LIST 2
        S: +OK 2 200
        C: UIDL 2
        S: +OK 2 uid-2
        C: UIDL
        S: +OK
        S: 1 uid-1
        S: 2 uid-2
        S: 3 uid-3
        S: .
        """,
    )


def test_capa_is_told_whether_the_line_is_encrypted_and_the_client_logged_on() -> None:
    session = connect()
    talk(
        session,
        """
        C: CAPA
        S: +OK ...
        S: TOP
        S: UIDL
        S: X-TLS False
        S: X-LOGGED-ON False
        S: .
        C: STLS
        S: +OK ...
        """,
    )
    session.tls_established()
    talk(
        session,
        """
        C: USER mrose
        S: +OK
        C: PASS secret
        S: +OK ...
        C: CAPA
        S: +OK ...
        S: TOP
        S: UIDL
        S: X-TLS True
        S: X-LOGGED-ON True
        S: .
        """,
    )
