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
]


@pytest.mark.parametrize(("greeting", "codes"), GREETINGS)
def test_a_greeting_tells_the_version_or_not(
    greeting: str, codes: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with Server(Pop3(greeting=greeting)) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed)
    assert [code for code in found.codes() if code.startswith("greeting-")] == codes
