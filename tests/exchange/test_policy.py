"""LoginType and the transport; settings; that a log-on gives nothing away."""

import hmac

import pytest

from minipop.exchange import Settings, SettingsError
from minipop.protocol import Session
from tests.exchange.muster import EDITIONS, WITH_LOGIN_TYPE, connect, policy
from tests.support import send

# Typed by hand: base64 of NUL anna@muster.example NUL Sommer2026, and of its two parts.
PLAIN = b"AGFubmFAbXVzdGVyLmV4YW1wbGUAU29tbWVyMjAyNg=="
NAME, PASSWORD = b"YW5uYUBtdXN0ZXIuZXhhbXBsZQ==", b"U29tbWVyMjAyNg=="

WAYS = {
    "USER and PASS": b"USER anna@muster.example\r\nPASS Sommer2026\r\n",
    "AUTH PLAIN": b"AUTH PLAIN\r\n" + PLAIN + b"\r\n",
    "AUTH PLAIN at once": b"AUTH PLAIN " + PLAIN + b"\r\n",
    "AUTH LOGIN": b"AUTH LOGIN\r\n" + NAME + b"\r\n" + PASSWORD + b"\r\n",
    "AUTH LOGIN at once": b"AUTH LOGIN " + NAME + b"\r\n" + PASSWORD + b"\r\n",
}


def logged_on(session: Session, way: str) -> bool:
    for line in WAYS[way].splitlines(keepends=True):
        send(session, line)
    return send(session, b"STAT\r\n").startswith(b"+OK")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("edition", WITH_LOGIN_TYPE)
def test_before_tls_only_plain_text_login_takes_a_password(edition: str, way: str) -> None:
    assert logged_on(connect(edition, "PlainTextLogin"), way)
    assert not logged_on(connect(edition, "PlainTextAuthentication"), way)
    assert not logged_on(connect(edition, "SecureLogin"), way)
    assert not logged_on(connect(edition), way)  # SecureLogin is the default


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("login_type", ["PlainTextLogin", "PlainTextAuthentication", "SecureLogin", None])
@pytest.mark.parametrize("edition", WITH_LOGIN_TYPE)
def test_inside_tls_the_login_type_forbids_nothing(edition: str, login_type: str | None, way: str) -> None:
    assert logged_on(connect(edition, login_type, tls=True), way)
    session = connect(edition, login_type)
    send(session, b"STLS\r\n")
    session.tls_established()
    assert logged_on(session, way)


@pytest.mark.parametrize("edition", ["2000", "2003"])
@pytest.mark.parametrize("tls", [False, True])
def test_2000_and_2003_take_user_and_pass_everywhere_and_neither_plain_nor_login(
    edition: str, tls: bool
) -> None:
    accepted = [way for way in WAYS if logged_on(connect(edition, tls=tls), way)]
    assert accepted == ["USER and PASS"]


def test_the_rfc_server_takes_every_way_everywhere() -> None:
    assert all(logged_on(connect("rfc", tls=tls), way) for tls in (False, True) for way in WAYS)


@pytest.mark.parametrize("tls", [False, True])
def test_online_takes_no_password_in_any_way(tls: bool) -> None:
    assert not any(logged_on(connect("online", tls=tls), way) for way in WAYS)


@pytest.mark.parametrize("edition", WITH_LOGIN_TYPE)
def test_a_password_sent_in_clear_against_the_rules_is_not_even_looked_at(
    edition: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = policy(edition)
    monkeypatch.setattr(rules, "log_on", lambda *_: pytest.fail("the password was looked at"))
    session = Session(rules)
    for data in WAYS.values():
        assert b"successfully" not in send(session, data)


@pytest.fixture
def comparisons(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What passwords were compared with."""
    seen: list[bytes] = []
    genuine = hmac.compare_digest

    def compare(known: bytes, given: bytes) -> bool:
        seen.append(given)
        return genuine(known, given)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    return seen


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize(
    "name",
    [
        "anna@muster.example",
        "nobody@muster.example",
        "bernd.mueller",
        "dora@muster.example",
        "info",
        r"MUSTER\anna\info",
        r"MUSTER\anna\nobody",
        "@@",
    ],
)
@pytest.mark.parametrize("password", ["Sommer2026", "wrong", "Grüße"])
def test_every_log_on_compares_exactly_one_password(
    edition: str, name: str, password: str, comparisons: list[bytes]
) -> None:
    send(connect(edition, tls=True), f"USER {name}\r\nPASS {password}\r\n".encode())
    assert comparisons == [password.encode()]


@pytest.mark.parametrize("edition", EDITIONS)
def test_unknown_name_wrong_password_and_no_mailbox_get_the_same_reply(edition: str) -> None:
    attempts = ("nobody", "anna@muster.example", "dora@muster.example", "info", r"MUSTER\anna\nobody")
    replies = {
        send(connect(edition, tls=True), f"USER {name}\r\nPASS wrong\r\n".encode()) for name in attempts
    }
    assert len(replies) == 1


def test_an_exclusive_maildrop_lets_one_session_in_and_says_so_to_the_next() -> None:
    # RFC 1939, section 4; RFC 2449, section 8.1.1, gives the response code
    rules = policy("rfc", exclusive=True)
    first, second = Session(rules), Session(rules)
    assert b"-ERR" not in send(first, b"USER anna\r\nPASS Sommer2026\r\n")
    assert send(second, b"USER anna\r\nPASS Sommer2026\r\n").splitlines()[-1].startswith(b"-ERR [IN-USE] ")
    assert send(second, b"USER anna\r\nPASS wrong\r\n").splitlines()[-1].startswith(b"-ERR Unknown user")
    first.connection_lost()
    assert b"-ERR" not in send(second, b"USER anna\r\nPASS Sommer2026\r\n")


@pytest.mark.parametrize("edition", ["", "2005", "2016 ", "SE", "Online", "exchange"])
def test_an_edition_that_does_not_exist_is_named_and_the_known_ones_listed(edition: str) -> None:
    with pytest.raises(SettingsError) as error:
        Settings.of(edition)
    assert repr(edition) in str(error.value)
    assert all(known in str(error.value) for known in EDITIONS)


@pytest.mark.parametrize("login_type", ["", "plaintextlogin", "1", "SecureLogin "])
def test_a_login_type_that_does_not_exist_is_named_and_the_known_ones_listed(login_type: str) -> None:
    with pytest.raises(SettingsError, match="PlainTextLogin, PlainTextAuthentication, SecureLogin"):
        Settings.of("2016", login_type)


@pytest.mark.parametrize("edition", ["2000", "2003", "online", "rfc"])
@pytest.mark.parametrize("login_type", ["PlainTextLogin", "SecureLogin", "nonsense"])
def test_a_login_type_for_an_edition_that_has_none_is_an_error(edition: str, login_type: str) -> None:
    with pytest.raises(SettingsError, match=f"'{edition}' has no LoginType"):
        Settings.of(edition, login_type)
