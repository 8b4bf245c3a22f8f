"""The probe against servers that offer each way to log on, and what NTLM and the greeting tell."""

import base64
from pathlib import Path

import pytest

from tests.probe import servers
from tests.probe.running import probe
from tests.probe.servers import STLS, Pop3, Server, closed_port

# -- ways to log on -------------------------------------------------------------------------------

#   the reply that is not -ERR, what is listed, the row of 110, what is found, the exit status
OFFERS = [
    ({"USER": "+OK"}, (), ("password-and-mail-readable", "-", "-", "-"), {"password-in-clear"}, 3),
    ({"AUTH PLAIN": "+ "}, (), ("password-and-mail-readable", "-", "-", "-"), {"password-in-clear"}, 3),
    ({"AUTH LOGIN": "+ "}, (), ("password-and-mail-readable", "-", "-", "-"), {"password-in-clear"}, 3),
    ({"AUTH NTLM": "+OK"}, ("NTLM",), ("-", "password-protected", "-", "-"), {"ntlm-in-clear"}, 1),
    ({"AUTH GSSAPI": "+ "}, ("GSSAPI",), ("-", "-", "password-protected", "-"), {"kerberos-in-clear"}, 0),
    ({"AUTH XOAUTH2": "+ "}, ("XOAUTH2",), ("-", "-", "-", "token-readable"), {"token-in-clear"}, 3),
    ({"AUTH OAUTHBEARER": "+"}, ("OAUTHBEARER",), ("-", "-", "-", "token-readable"), {"token-in-clear"}, 3),
    ({"AUTH NTLM": "-ERR no"}, ("NTLM",), ("-", "-", "-", "-"), set(), 0),
]


@pytest.mark.parametrize("listed_by", ["CAPA", "AUTH"])
@pytest.mark.parametrize(("replies", "listed", "row", "codes", "status"), OFFERS)
def test_the_table_tells_what_was_offered_before_and_inside_tls(
    replies: dict[str, str],
    listed: tuple[str, ...],
    row: tuple[str, ...],
    codes: set[str],
    status: int,
    listed_by: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    context = servers.context()
    capabilities = (*STLS, f"SASL {' '.join(listed)}") if listed and listed_by == "CAPA" else STLS
    auth = listed if listed_by == "AUTH" else None
    given = {"replies": replies, "inside": replies, "context": context}
    with (
        Server(Pop3(capabilities=capabilities, auth=auth, **given)) as plain,  # type: ignore[arg-type]
        Server(Pop3(capabilities=capabilities, auth=auth, at_once=True, **given)) as tls,  # type: ignore[arg-type]
    ):
        found = probe(capsys, plain.port, tls.port, "--ca-file", servers.ca_file(tmp_path))
    expected = ["not-offered" if cell == "-" else cell for cell in row]
    assert found.row("plain") == expected
    inside = ["not-offered" if cell == "-" else "all-encrypted" for cell in row]
    assert (found.row("stls"), found.row("tls")) == (inside, inside)
    assert {*found.codes()} - {*found.codes("ok")} == codes
    assert found.status == status


HASH, MAIL = "hash-and-mail-readable", "mail-readable"

#   what is listed, its cell of 110, the column, what is found
MECHANISMS = [
    ("CRAM-MD5", HASH, "challenge", {"challenge-in-clear"}),
    ("DIGEST-MD5", HASH, "challenge", {"challenge-in-clear"}),
    ("CRAM-SHA256", HASH, "challenge", {"challenge-in-clear"}),
    ("SCRAM-SHA-1", HASH, "challenge", {"scram-in-clear"}),
    ("SCRAM-SHA-256-PLUS", HASH, "challenge", {"scram-in-clear"}),
    ("GS2-KRB5", "password-protected", "kerberos", {"kerberos-in-clear"}),
    ("EXTERNAL", MAIL, "other", {"other-in-clear"}),
    ("ANONYMOUS", MAIL, "other", {"other-in-clear", "anonymous-offered"}),
    ("OTP", MAIL, "other", {"other-in-clear"}),
    ("X-NOBODY-KNOWS", MAIL, "other", {"other-in-clear"}),
]


@pytest.mark.parametrize("listed_by", ["CAPA", "AUTH"])
@pytest.mark.parametrize(("mechanism", "cell", "column", "codes"), MECHANISMS)
def test_every_mechanism_that_is_listed_is_judged(
    mechanism: str,
    cell: str,
    column: str,
    codes: set[str],
    listed_by: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    context, replies = servers.context(), {f"AUTH {mechanism}": "+ "}
    capabilities = (*STLS, f"SASL {mechanism}") if listed_by == "CAPA" else STLS
    auth = (mechanism,) if listed_by == "AUTH" else None
    script = Pop3(capabilities=capabilities, auth=auth, replies=replies, inside=replies, context=context)
    with Server(script) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed, "--ca-file", servers.ca_file(tmp_path))
    assert (found.cell("plain", column), found.cell("stls", column)) == (cell, "all-encrypted")
    bad = {**found.codes("danger"), **found.codes("warning"), **found.codes("notice")}
    assert set(bad) == {*codes, "port-refused"}
    ways = ["plain", "stls"] if mechanism == "ANONYMOUS" else ["plain"]
    assert [bad[code] for code in codes if code == "anonymous-offered"] in ([], [ways])
    assert found.status == (0 if codes == {"kerberos-in-clear"} else 1)


#   the greeting, and whether it offers APOP (RFC 1939, section 7)
STAMPS = [
    ("+OK ready <1.2@host>", True),
    ("+OK POP3 server ready <1896.697170952@mail.muster.example>", True),
    ("+OK ready", False),
    ("+OK <ready>", False),
    ("+OK anna@muster.example ready", False),
]


@pytest.mark.parametrize(("greeting", "offered"), STAMPS)
def test_a_time_stamp_in_the_greeting_offers_apop(
    greeting: str, offered: bool, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    script = Pop3(greeting=greeting, capabilities=STLS, context=servers.context())
    with Server(script) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed, "--ca-file", servers.ca_file(tmp_path))
    cells = (found.cell("plain", "challenge"), found.cell("stls", "challenge"))
    assert cells == ((HASH, "all-encrypted") if offered else ("not-offered", "not-offered"))
    assert ("challenge-in-clear" in found.codes("warning")) is offered
    assert found.status == int(offered)
    assert not any(line.startswith("APOP") for _, line in script.heard)  # it would be a failed log-on


def test_what_is_no_name_of_a_mechanism_is_not_sent_back(capsys: pytest.CaptureFixture[str]) -> None:
    listed = "SASL ../.. CRAM-MD5; {7} X-LONGER-THAN-TWENTY-CHARACTERS A_1"
    script = Pop3(capabilities=(listed,))
    with Server(script) as plain, closed_port() as closed:
        probe(capsys, plain.port, closed)
    sent = {line for _, line in script.heard if line.startswith("AUTH ")}
    assert sent == {"AUTH PLAIN", "AUTH LOGIN", "AUTH A_1"}


def test_user_in_capa_that_is_refused_is_a_notice(capsys: pytest.CaptureFixture[str]) -> None:
    with Server(Pop3(capabilities=("USER", "STLS"))) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed)
    assert found.codes("notice")["user-listed"] == ["plain"]


def test_what_ntlm_tells_before_anybody_has_logged_on(capsys: pytest.CaptureFixture[str]) -> None:
    from spnego._ntlm_raw.messages import AvId, Challenge, NegotiateFlags, TargetInfo, Version

    names = TargetInfo()
    names[AvId.nb_domain_name] = "MUSTER"
    names[AvId.nb_computer_name] = "EX01"
    names[AvId.dns_domain_name] = "muster.example"
    names[AvId.dns_computer_name] = "ex01.muster.example"
    flags = NegotiateFlags.unicode | NegotiateFlags.ntlm
    type_2 = Challenge(flags, b"12345678", "MUSTER", names, Version(10, 0, 17763))
    challenge = f"+ {base64.b64encode(type_2.pack()).decode()}"
    script = Pop3(auth=("NTLM",), replies={"AUTH NTLM": "+ ", "TlRMTVNTUAAB": challenge})
    with Server(script) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed)
    assert found.way("plain")["ntlm"] == {
        "netbios_computer": "EX01",
        "netbios_domain": "MUSTER",
        "dns_computer": "ex01.muster.example",
        "dns_domain": "muster.example",
        "dns_forest": "",
        "build": "10.0.17763",
    }
    assert found.codes("notice")["ntlm-tells"] == ["plain"]
    at = [line for _, line in script.heard].index("AUTH NTLM")
    assert script.heard[at + 1][1].startswith("TlRMTVNTUAAB")  # type 1
    assert script.heard[at + 2][1] == "*"


@pytest.mark.parametrize("challenge", ["+ ", "+ !", "+ TlRMTVNTUAACAAAA", "+ AAAA", "-ERR", "+OK"])
def test_a_challenge_that_is_none_tells_nothing(challenge: str, capsys: pytest.CaptureFixture[str]) -> None:
    script = Pop3(auth=("NTLM",), replies={"AUTH NTLM": "+ ", "TlRMTVNTUAAB": challenge})
    with Server(script) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed)
    assert found.way("plain")["ntlm"] is None
    assert found.row("plain")[1] == "password-protected"


GREETINGS = [
    ("+OK ready", []),
    ("+OK POP3 server ready <1896.697170952@mail.muster.example>", []),
    ("+OK Microsoft Exchange Server 2003 POP3 server ready.", ["greeting-tells"]),
    ("+OK Qpopper (version 4.0.5) ready <1896.697170952@mail.muster.example>", ["greeting-tells"]),
    ("+OK ready [not/base64]", []),
    ("+OK ready [AAAAAAAAAAAA]", []),
    ("+OK POP3 ready on 192.0.2.17", []),
    ("+OK [2001:db8::10] ready", []),
    ("+OK 203.0.113.9 ready", []),
    ("+OK mail2.office365.example ready", []),
    ("+OK pop3-7.srv2016.example POP3 ready 2026-11-30 13:00:05", []),
    ("+OK ready Mon, 30 Nov 2026 13:00:05 +0000", []),
    ("+OK ready 30.11.2026", []),
    ("+OK Dovecot 2.3.19.1 ready.", ["greeting-tells"]),
    ("+OK mail.muster.example Cyrus POP3 3.6.1-Debian-3.6.1-4+deb12u5 server ready", ["greeting-tells"]),
    ("+OK Microsoft Exchange POP3 server version 5.5.2653.23 ready", ["greeting-tells"]),
    (
        "+OK Microsoft Exchange 2000 POP3 server version 6.0.6249.0 (ex1.muster.example) ready.",
        ["greeting-tells"],
    ),
    ("+OK ArGoSoft Mail Server, Version 1.8 (1.8.9.1)", ["greeting-tells"]),
]


@pytest.mark.parametrize(("greeting", "codes"), GREETINGS)
def test_a_greeting_tells_the_version_or_not(
    greeting: str, codes: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with Server(Pop3(greeting=greeting)) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed)
    assert [code for code in found.codes() if code.startswith("greeting-")] == codes


def test_a_greeting_with_a_number_of_the_session_is_complained_of_once(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    context = servers.context()
    plain_server = Pop3(greeting="+OK Cyrus 3.6.1 ready <1.2@host>", capabilities=STLS, context=context)
    tls_server = Pop3(greeting="+OK Cyrus 3.6.1 ready <3.4@host>", context=context, at_once=True)
    with Server(plain_server) as plain, Server(tls_server) as tls:
        found = probe(capsys, plain.port, tls.port, "--ca-file", servers.ca_file(tmp_path))
    told = [f["where"] for f in found.data["findings"] if f["code"] == "greeting-tells"]
    assert told == [["plain", "tls"]]


IMPLEMENTATIONS = [
    ("IMPLEMENTATION Cyrus POP3 server v3.6.1", True),
    ("implementation Qpopper-4.0.5", True),
    ("IMPLEMENTATION Dovecot", False),
]


@pytest.mark.parametrize(("line", "tells"), IMPLEMENTATIONS)
def test_implementation_in_capa_is_judged_like_a_greeting(
    line: str, tells: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with Server(Pop3(capabilities=("TOP", line))) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed)
    assert ("implementation-tells" in found.codes("notice")) is tells
