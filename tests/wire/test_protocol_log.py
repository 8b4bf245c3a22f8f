"""The protocol log: its form, what it hides, how sessions end in it, and that nobody can forge a line."""

import csv
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from evidence.raw import Raw
from minipop import Lab
from minipop.exchange import SettingsError
from minipop.lab.clients import MECHANISMS, Transport, session
from minipop.protocol import LogonRefused, ReplyName, Session
from minipop.wire import ProtocolLog
from tests.support import FakePolicy, drain, send

FIELDS = "#Fields: date-time,connector-id,session-id,sequence-number,"
FIELDS += "local-endpoint,remote-endpoint,event,data,context"
BOTH = ["MSExchangePOP3", "MSExchangePOP3BE"]


def noon() -> datetime:
    return datetime(2026, 3, 2, 12, 0, 0, 7_000, tzinfo=UTC)


def logged(log: ProtocolLog, *, tls: bool = True, turned_away: ReplyName | None = None) -> Session:
    """Begin a session of the policy that the tests share."""
    observer = log.begin("192.0.2.1", "2001:db8::7", tls=tls)
    started = Session(FakePolicy(), tls=tls, observers=[observer], turned_away=turned_away)
    drain(started)
    return started


def rows(text: str) -> list[list[str]]:
    """Return event and data of each line."""
    head, *lines = text.splitlines()
    assert head == FIELDS
    return [row[6:8] for row in csv.reader(lines)]


def test_a_session_is_written_in_the_documented_form() -> None:
    log = ProtocolLog(noon)
    assert str(log) == ""
    assert send(logged(log, tls=False), b"QUIT\r\n")
    when = "2026-03-02T12:00:00.007Z,,0000000000000001"
    ends = "192.0.2.1:110,[2001:db8::7]:50001"
    assert str(log).splitlines() == [
        FIELDS,
        f"{when},0,{ends},+,,",
        f"{when},1,{ends},>,+OK minipop POP3 server ready,",
        f"{when},2,{ends},<,QUIT,",
        f"{when},3,{ends},>,+OK minipop POP3 server signing off,",
        f"{when},4,{ends},-,,",
    ]


def test_sessions_have_numbers_of_their_own_and_995_is_shown_for_tls() -> None:
    log = ProtocolLog(noon)
    first, second = logged(log), logged(log)
    send(second, b"NOOP\r\n")
    send(first, b"NOOP\r\n")
    seen = [row[2:6] for row in csv.reader(str(log).splitlines()[1:])]
    assert [(session[-1], number) for session, number, _, _ in seen] == [
        *[("1", "0"), ("1", "1"), ("2", "0"), ("2", "1")],
        *[("2", "2"), ("2", "3"), ("1", "2"), ("1", "3")],
    ]
    assert {(session[-1], server, client) for session, _, server, client in seen} == {
        ("1", "192.0.2.1:995", "[2001:db8::7]:50001"),
        ("2", "192.0.2.1:995", "[2001:db8::7]:50002"),
    }


# -- what it hides --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in MECHANISMS if "GSSAPI" not in name])
def test_no_secret_is_in_the_log_and_every_user_is(name: str) -> None:
    online = "XOAUTH2" in name
    with Lab("online" if online else "2016", issuer=online, protocol_log=False) as lab:
        lab.records.logging = (
            True  # Exchange Online has no log of one's own; its tokens must be hidden all the same
        )
        mechanism, account = MECHANISMS[name], lab.accounts[0]
        secret = mechanism.secret(lab, account)
        with session(lab, Transport.TLS, lambda pop: mechanism.log_on(pop, lab, account, secret)):
            pass
        log = lab.protocol_log
    said = [data for event, data in rows(log) if event == "<"]
    assert said == {
        "USER/PASS": ["USER anna@muster.example", "PASS *****", "QUIT"],
        "AUTH PLAIN": ["AUTH PLAIN", "*****", "QUIT"],
        "AUTH LOGIN": ["AUTH LOGIN", "*****", "*****", "QUIT"],
        "AUTH NTLM": ["AUTH NTLM", "*****", "*****", "QUIT"],
        "AUTH XOAUTH2": ["AUTH XOAUTH2", "*****", "QUIT"],
    }.get(name)
    assert (["*", "User anna@muster.example"] in rows(log)) == (name != "USER/PASS")
    assert [">", "+ *****"] in rows(log) or name not in ("AUTH LOGIN", "AUTH NTLM")
    assert "TlRMTVNTU" not in log  # NTLMSSP in base64
    assert secret not in log


def test_who_is_refused_is_not_named_as_a_user() -> None:
    with Lab("2016", login_type="PlainTextLogin", protocol_log=True) as lab, Raw(lab.port) as raw:
        raw.line()
        assert raw.ask(b"AUTH LOGIN").startswith(b"+ ")
        raw.ask(b"U29tbWVyMjAyNg==")  # the password where the name belongs
        assert raw.ask(b"YW5uYQ==").startswith(b"-ERR")
        assert "Sommer" not in lab.protocol_log
        assert "User" not in lab.protocol_log


# -- forged lines ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "data"),
    [
        (
            b"USER a\r2026-03-02T08:00:00.000Z,,1,0,x,y,+",
            "USER a\\x0d2026-03-02T08:00:00.000Z,,1,0,x,y,+",
        ),
        (b'USER a","b', 'USER a","b'),
        ("USER a\u2028b\x85c".encode(), "USER a\\x2028b\\x85c"),
        (b"USER a\x1b[2J", "USER a\\x1b[2J"),
        (b"#Fields: x", "***** *****"),
    ],
)
def test_a_client_cannot_write_a_line_of_their_own(said: bytes, data: str) -> None:
    log = ProtocolLog(noon)
    send(logged(log), said + b"\r\n")
    assert len(str(log).splitlines()) == 1 + len(rows(str(log)))
    assert ["<", data] in rows(str(log))
    assert all(row[0].startswith("2026-03-02T12") for row in csv.reader(str(log).splitlines()[1:]))


def test_the_log_itself_lets_no_control_character_through() -> None:
    log = ProtocolLog(noon)
    log.begin("::1", "::1", tls=True).line("S", "+OK a\r\nb\0")
    assert rows(str(log))[1] == [">", "+OK a\\x0d\\x0ab\\x00"]


# -- how sessions end -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "end",
    [
        lambda s: send(s, b"QUIT\r\n"),
        lambda s: send(s, b"x" * 600),
        lambda s: send(s, b"STLS\r\nNOOP\r\n"),
        lambda s: send(s, b"AUTH PLAIN !\r\n" * 10),
        lambda s: s.connection_lost(),
    ],
    ids=["QUIT", "line too long", "data after STLS", "failed log-ons", "broken off"],
)
def test_each_end_is_one_minus_and_nothing_follows_it(end: Callable[[Session], object]) -> None:
    log = ProtocolLog(noon)
    started = logged(log, tls=False)
    end(started)
    started.connection_lost()  # as the transport says in any case
    assert [event for event, _ in rows(str(log))].count("-") == 1
    assert rows(str(log))[-1] == ["-", ""]


@pytest.mark.parametrize(
    "reply",
    [ReplyName.ADDRESS_NOT_ALLOWED, ReplyName.TOO_MANY_CONNECTIONS, ReplyName.TOO_MANY_FROM_ADDRESS],
)
def test_one_who_is_turned_away_is_in_the_log(reply: ReplyName) -> None:
    log = ProtocolLog(noon)
    logged(log, turned_away=reply)
    assert [event for event, _ in rows(str(log))] == ["+", ">", "-"]


def test_a_refusal_that_ends_the_session_is_followed_by_its_end() -> None:
    log = ProtocolLog(noon)
    observer = log.begin("::1", "::1", tls=True)
    observer.refused(LogonRefused("x"))
    observer.line("S", "-ERR no", "logon_failure")
    observer.refused(LogonRefused("x", ReplyName.TOO_MANY_OF_USER))
    observer.line("S", "-ERR too many", "too_many_of_user")
    observer.ended()
    assert [event for event, _ in rows(str(log))] == ["+", ">", ">", "-"]


# -- in the Lab -----------------------------------------------------------------------------------------


def visit(lab: Lab) -> None:
    """Connect and go."""
    with Raw(lab.port) as raw:
        raw.line()
        raw.ask(b"QUIT")


def test_it_is_off_until_it_is_set_and_the_service_is_started_again() -> None:
    with Lab("2016") as lab:
        visit(lab)
        lab.shell.set_pop_settings(protocol_log_enabled=True)
        assert lab.shell.get_pop_settings().protocol_log_enabled is True
        visit(lab)
        assert lab.protocol_log == ""
        lab.shell.restart_service(BOTH)
        visit(lab)
        once = rows(lab.protocol_log)
        assert [event for event, _ in once] == ["+", ">", "<", ">", "-"]
        lab.shell.set_pop_settings(protocol_log_enabled=False)
        lab.shell.restart_service(BOTH)
        visit(lab)
        assert rows(lab.protocol_log) == once
        assert len(lab.transcript) == 4  # with the log or without
        assert lab.shell.lines[0] == "Set-PopSettings -ProtocolLogEnabled $true"


def test_it_tells_the_clients_address_and_the_times_of_the_lab() -> None:
    with Lab("2016", protocol_log=True) as lab:
        visit(lab)
        lab.fast_forward(days=1)
        visit(lab)
    first, second = (line.split(",") for line in lab.protocol_log.splitlines()[1::5])
    assert (first[0], second[0]) == ("2026-11-23T08:00:00.000Z", "2026-11-24T08:00:00.000Z")
    assert first[4:6] == ["127.0.0.1:110", "127.0.0.1:50001"]


def test_a_message_is_told_by_its_size_and_its_text_is_not_in_the_log() -> None:
    with Lab("2016", login_type="PlainTextLogin", protocol_log=True) as lab, Raw(lab.port) as raw:
        for line in (b"USER anna@muster.example", b"PASS Sommer2026"):
            raw.line()
            raw.send(line + b"\r\n")
        raw.line()
        raw.ask(b"RETR 1")
        log = lab.protocol_log
    octets = lab.mailbox("anna").inbox[0].octets
    assert ["*", f"Message of {octets} octets"] in rows(log)
    assert "Subject" not in log


@pytest.mark.parametrize("edition", ["2000", "2003", "online", "rfc"])
def test_an_edition_without_the_setting_says_so(edition: str) -> None:
    with pytest.raises(SettingsError, match=f"edition '{edition}' has no ProtocolLogEnabled"):
        Lab(edition, protocol_log=True)


def test_2007_has_the_log_but_no_parameter_for_it() -> None:
    lab = Lab("2007", protocol_log=True)
    assert lab.shell.get_pop_settings().protocol_log_enabled is None
    with pytest.raises(SettingsError, match="no Set-PopSettings -ProtocolLogEnabled, only 2010"):
        lab.shell.set_pop_settings(protocol_log_enabled=True)
