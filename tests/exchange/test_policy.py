"""LoginType and the transport; settings; that a log-on gives nothing away."""

import base64
import hmac
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from minipop.exchange import Lockout, LockoutPolicy, Settings, SettingsError, Trust
from minipop.protocol import Session
from tests.exchange.muster import TRUST, WITH_LOGIN_TYPE, connect, policy
from tests.known import EDITIONS
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


@pytest.mark.parametrize("password", ["Sommer2026", "wrong"])
def test_a_locked_account_has_exactly_one_password_compared_as_well(
    password: str, comparisons: list[bytes]
) -> None:
    lockout = Lockout(LockoutPolicy(threshold=1), lambda: datetime(2026, 3, 2, tzinfo=UTC))
    send(connect("2016", tls=True, lockout=lockout), b"USER anna\r\nPASS first\r\n")
    session = connect("2016", tls=True, lockout=lockout)
    assert send(session, f"USER anna\r\nPASS {password}\r\n".encode()).count(b"-ERR") == 1
    assert comparisons == [b"first", password.encode()]


@pytest.mark.parametrize("edition", EDITIONS)
def test_unknown_name_wrong_password_and_no_mailbox_get_the_same_reply(edition: str) -> None:
    attempts = ("nobody", "anna@muster.example", "dora@muster.example", "info", r"MUSTER\anna\nobody")
    replies = {
        send(connect(edition, tls=True), f"USER {name}\r\nPASS wrong\r\n".encode()) for name in attempts
    }
    assert len(replies) == 1


def test_an_exclusive_maildrop_lets_one_session_in_and_says_so_to_the_next() -> None:
    # RFC 1939, section 4; RFC 2449, section 8.1.2, gives the response code
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


# -- NTLM and Kerberos before TLS: the table of LoginType and EnableGSSAPIAndNTLMAuth ------------------


@pytest.mark.parametrize(
    ("login_type", "secure_login", "switch", "allowed"),
    [
        ("PlainTextLogin", None, None, True),
        ("PlainTextAuthentication", None, None, True),
        ("SecureLogin", None, None, False),
        ("SecureLogin", "documented", None, False),
        ("SecureLogin", "observed", None, True),
        (None, None, None, False),
        (None, "observed", None, True),
        ("PlainTextLogin", None, True, True),
        ("SecureLogin", "observed", True, True),
        ("PlainTextLogin", None, False, False),
        ("PlainTextAuthentication", None, False, False),
        ("SecureLogin", "documented", False, False),
        ("SecureLogin", "observed", False, False),
    ],
)
@pytest.mark.parametrize("edition", WITH_LOGIN_TYPE)
def test_ntlm_and_kerberos_before_tls(
    edition: str,
    login_type: str | None,
    secure_login: str | None,
    switch: bool | None,
    allowed: bool,
) -> None:
    if edition == "2007" and switch is not None:
        with pytest.raises(SettingsError):
            Settings.of(edition, gssapi_ntlm=switch)
        return
    rules = policy(edition, login_type, secure_login=secure_login, gssapi_ntlm=switch, trust=TRUST)
    assert {"NTLM", "GSSAPI"} & rules.mechanisms(tls=False).keys() == (
        {"NTLM", "GSSAPI"} if allowed else set()
    )
    assert {"NTLM", "GSSAPI"} <= rules.mechanisms(tls=True).keys()


@pytest.mark.parametrize(("edition", "prompt"), [("2000", b"+ OK"), ("2003", b"+OK"), ("2016", b"+ ")])
def test_auth_ntlm_is_answered_as_on_record(edition: str, prompt: bytes) -> None:
    # the NTLM paper by E. Glass; MailKit issue 391; [MS-OXPOP3] 2.2.1
    session = connect(edition, tls=True)
    assert send(session, b"AUTH NTLM\r\n") == prompt + b"\r\n"
    assert send(session, b"CAPA\r\n").startswith(b"-ERR")  # MailKit issue 391: three octets of base64
    assert send(session, b"STAT\r\n") == b"-ERR Command is not valid in this state.\r\n"


@pytest.mark.parametrize("edition", ["online", "rfc"])
def test_online_and_rfc_have_neither_ntlm_nor_kerberos(edition: str) -> None:
    for tls in (False, True):
        offered = policy(edition, trust=TRUST).mechanisms(tls=tls).keys()
        assert {"NTLM", "GSSAPI"} & offered == set()


# -- XOAUTH2 ----------------------------------------------------------------------------------------------


def with_token(session: Session, user: str, token: str) -> bytes:
    assert send(session, b"AUTH XOAUTH2\r\n") == b"+ \r\n"
    response = f"user={user}\x01auth=Bearer {token}\x01\x01"
    return send(session, base64.b64encode(response.encode()) + b"\r\n")


@pytest.mark.parametrize(
    ("user", "token", "opened"),
    [
        ("anna@muster.example", "annas", "anna"),
        ("ANNA@Muster.Example", "annas", "anna"),
        ("info@muster.example", "annas", "info"),  # a shared mailbox: its address, her token
        ("info@muster.example", "app", "info"),
        ("info@muster.example", "bernds", None),
        ("info@muster.example", "other app", None),
        ("anna@muster.example", "bernds", None),
        ("bmueller@muster.example", "annas", None),
        ("anna@muster.example", "app", None),
        ("dora@muster.example", "doras", None),  # POP3 is off
        ("nobody@muster.example", "strangers", None),
        ("anna@muster.example", "strangers", None),
        ("anna", "annas", None),
        ("", "annas", None),
    ],
)
def test_a_token_opens_its_users_own_mailbox_or_one_with_full_access(
    user: str, token: str, opened: str | None
) -> None:
    session = connect("online", tls=True, trust=TRUST)
    reply = with_token(session, user, token)
    if opened:
        assert reply == b"+OK User successfully authenticated.\r\n"
        assert f"Subject: {opened}".encode() in send(session, b"RETR 1\r\n")
    else:
        assert reply == b"-ERR Authentication failure: unknown user name or bad password.\r\n"
        assert send(session, b"STAT\r\n") == b"-ERR Command is not valid in this state.\r\n"


def test_xoauth2_on_one_line_is_too_long_with_a_real_token() -> None:
    # getmail6 issue 256: the limit is that of a command, 512 octets
    session = connect("online", tls=True, trust=TRUST)
    response = base64.b64encode(b"user=anna@muster.example\1auth=Bearer " + b"x" * 900 + b"\1\1")
    answer = send(session, b"AUTH XOAUTH2 " + response + b"\r\n")
    assert answer == b"-ERR Protocol error. Connection is closed. 10\r\n"
    assert session.finished


# -- settings that an edition does not have ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("edition", "setting", "missing"),
    [
        ("2003", {"secure_login": "observed"}, "LoginType"),
        ("2003", {"gssapi_ntlm": True}, "EnableGSSAPIAndNTLMAuth"),
        ("2007", {"gssapi_ntlm": False}, "EnableGSSAPIAndNTLMAuth"),
        ("2007", {"extended_protection": "Require"}, "ExtendedProtectionPolicy"),
        ("online", {"ntlm_v1": True}, "NTLM"),
        ("rfc", {"ntlm_v1": True}, "NTLM"),
    ],
)
def test_a_setting_that_the_edition_does_not_have_is_named(
    edition: str, setting: dict[str, Any], missing: str
) -> None:
    with pytest.raises(SettingsError, match=f"edition '{edition}' has no {missing}"):
        Settings.of(edition, **setting)


@pytest.mark.parametrize(
    ("setting", "known"),
    [
        ({"secure_login": "maybe"}, "documented, observed"),
        ({"extended_protection": "require"}, "None, Allow, Require"),
    ],
)
def test_a_value_that_does_not_exist_is_named_and_the_known_ones_listed(
    setting: dict[str, Any], known: str
) -> None:
    with pytest.raises(SettingsError, match=f"choose one of {known}"):
        Settings.of("2016", **setting)


def test_a_principal_of_another_realm_is_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    handed: dict[str, Any] = {}
    monkeypatch.setattr(
        "minipop.exchange.policy.gssapi", lambda _, find, open_: handed.update(find=find, open=open_)
    )
    trust = Trust(keytab=Path("/nowhere/keytab"), realm="MUSTER.EXAMPLE")
    policy("2016", trust=trust).mechanisms(tls=True)["GSSAPI"]()
    assert handed["find"]("MUSTER.EXAMPLE", "anna").alias == "anna"
    assert handed["find"]("ANDERE.EXAMPLE", "anna") is None
    assert handed["find"]("MUSTER.EXAMPLE", "nobody") is None
