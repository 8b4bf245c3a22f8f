"""So many log-ons may fail on one connection; it ends with the last of them."""

import pytest

from tests.support import FakePolicy, connect, send

LAST = b"-ERR Too many failed log-ons. Connection is closed.\r\n"
REFUSED = b"-ERR Unknown user name or bad password.\r\n"
NO_BASE64 = b"-ERR The authentication data is not valid base64.\r\n"

# Typed by hand: base64 of NUL mrose NUL wrong; of mrose; of wrong.
FAILING = {
    "PASS": (b"USER mrose\r\nPASS wrong\r\n", b"+OK\r\n", REFUSED),
    "AUTH PLAIN": (b"AUTH PLAIN AG1yb3NlAHdyb25n\r\n", b"", REFUSED),
    "AUTH LOGIN": (b"AUTH LOGIN bXJvc2U=\r\nd3Jvbmc=\r\n", b"+ UGFzc3dvcmQ6\r\n", REFUSED),
    "no base64": (b"AUTH PLAIN\r\n!\r\n", b"+ \r\n", NO_BASE64),
    "no base64 at once": (b"AUTH PLAIN !\r\n", b"", NO_BASE64),
}

#: What fails, too, but tries nobody's password.
HARMLESS = [
    b"AUTH PLAIN\r\n*\r\n",
    b"AUTH LOGIN bXJvc2U=\r\n*\r\n",
    b"AUTH X-NEVER\r\n",
    b"AUTH\r\n",
    b"PASS wrong\r\n",
    b"APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\n",
    b"USER mrose\r\n",
]


@pytest.mark.parametrize("way", FAILING)
def test_the_last_log_on_that_may_fail_ends_the_session(way: str) -> None:
    said, before, reply = FAILING[way]
    session = connect(FakePolicy(failed_logons=3))
    for _ in range(2):
        assert send(session, said) == before + reply
        assert not session.finished
    assert send(session, said + b"CAPA\r\n") == before + LAST
    assert session.finished


def test_all_ways_count_together() -> None:
    session = connect(FakePolicy(failed_logons=len(FAILING)))
    replies = b"".join(send(session, said) for said, _, _ in FAILING.values())
    assert replies.count(b"-ERR") == len(FAILING)
    assert replies.endswith(LAST)
    assert session.finished


def test_pipelined_guesses_behind_the_last_one_are_not_even_looked_at() -> None:
    policy = FakePolicy(failed_logons=3)
    session = connect(policy)
    said = b"".join(b"USER mrose\r\nPASS %d\r\n" % n for n in range(50)) + b"USER mrose\r\nPASS secret\r\n"
    assert send(session, said).endswith(LAST)
    assert policy.attempts == [("mrose", "0"), ("mrose", "1"), ("mrose", "2")]


@pytest.mark.parametrize("said", HARMLESS)
def test_what_tries_no_password_does_not_count(said: bytes) -> None:
    session = connect(FakePolicy(failed_logons=1))
    for _ in range(30):
        assert b"Too many" not in send(session, said)
    assert send(session, b"USER mrose\r\nPASS secret\r\n").count(b"+OK") == 2


def test_tls_gives_no_new_chances() -> None:
    session = connect(FakePolicy(failed_logons=2))
    send(session, b"USER mrose\r\nPASS wrong\r\n")
    send(session, b"STLS\r\n")
    session.tls_established()
    assert send(session, b"USER mrose\r\nPASS wrong\r\n").endswith(LAST)


def test_whoever_gets_in_in_time_stays_in() -> None:
    session = connect(FakePolicy(failed_logons=2))
    send(session, b"USER mrose\r\nPASS wrong\r\n")
    assert send(session, b"USER mrose\r\nPASS secret\r\nSTAT\r\n").endswith(b"+OK 3 365\r\n")
