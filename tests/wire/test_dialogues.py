"""A whole log-on by NTLM, Kerberos and a bearer token, in the transcript and in the explanation."""

import base64
import re

import pytest

from minipop.wire import Conversation
from minipop.wire.explain import texts
from tests.wire.dialogues import bearer_dialogue, kerberos_dialogue, ntlm_dialogue
from tests.wire.kerberos_tokens import AP_REP, AP_REQ
from tests.wire.test_unfold_bearer import message, token


@pytest.fixture(autouse=True)
def workstation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETBIOS_COMPUTER_NAME", "WS07")


def opened(conversation: Conversation, line: str) -> str:
    """Return what a line opens into."""
    return " ".join(conversation.explain().explanations()[conversation.lines.index(line)])


def test_a_dialogue_by_ntlm_shows_three_types() -> None:
    assert ntlm_dialogue().lines[1:] == [
        "C: AUTH NTLM",
        "S: + ",
        "C: <NTLM type 1>",
        "S: + <NTLM type 2>",
        "C: <NTLM type 3>",
        "S: +OK Maildrop has 3 messages (365 octets)",
    ]


def test_exchange_2003s_answer_to_auth_ntlm_stands_there_as_it_is() -> None:
    assert ntlm_dialogue(prompt="+OK").lines[1:4] == ["C: AUTH NTLM", "S: +OK", "C: <NTLM type 1>"]


def test_a_dialogue_by_kerberos_shows_tokens_and_an_empty_turn() -> None:
    assert kerberos_dialogue().lines[1:-1] == [
        "C: AUTH GSSAPI",
        "S: + ",
        "C: <Kerberos AP-REQ>",
        "S: + <Kerberos AP-REP>",
        "C: <no token>",
        "S: + <GSS wrap token>",
        "C: <GSS wrap token>",
    ]


def test_a_dialogue_by_a_bearer_token_shows_that_there_was_one() -> None:
    conversation = bearer_dialogue(message(token()), refuse=True)
    assert conversation.lines[1:4] == ["C: AUTH XOAUTH2", "S: + ", "C: <bearer token>"]
    assert conversation.lines[4].startswith("S: -ERR ")


def test_type_2_opens_into_the_servers_names() -> None:
    for lang, words in [
        ("de", ("Zielname", "NetBIOS-Name der Domäne", "DNS-Name des Servers", "Windows-Version")),
        ("en", ("target name", "NetBIOS name of the domain", "DNS name of the server", "Windows version")),
    ]:
        text = opened(ntlm_dialogue(lang), "S: + <NTLM type 2>")
        values = ("MUSTER", "MUSTER", "ex01.muster.example", "10.0.14393")
        for word, value in zip(words, values, strict=True):
            assert f"{word} <code>{value}</code>" in text


def test_type_3_opens_into_who_logs_on_and_how() -> None:
    text = opened(ntlm_dialogue("de"), "C: <NTLM type 3>")
    assert "Domäne <code>MUSTER</code>; Benutzer <code>anna</code>; Arbeitsstation <code>WS07</code>" in text
    assert "Art der Antwort <code>NTLMv2</code>" in text
    assert "Bindung an die TLS-Verbindung, Bytes: <code>(leer)</code>" in text


def test_a_refusal_by_ntlm_says_which_rule() -> None:
    conversation = ntlm_dialogue("de", "Sommer2027")
    assert "Das Kennwort stimmt nicht" in opened(conversation, conversation.lines[-1])


def test_a_ticket_opens_into_the_service_it_is_for() -> None:
    text = opened(kerberos_dialogue("de"), "C: <Kerberos AP-REQ>")
    assert "Dienst, für den das Ticket gilt <code>pop/localhost</code>" in text
    assert "Verschlüsselung des Tickets <code>aes256-cts-hmac-sha1-96</code>" in text
    text = opened(kerberos_dialogue("en"), "S: + <GSS wrap token>")
    assert "security layers as a bit mask (01: none) <code>01</code>" in text


def test_a_token_opens_into_its_claims() -> None:
    conversation = bearer_dialogue(message(token()), "de", refuse=True)
    text = opened(conversation, "C: <bearer token>")
    assert "ausgestellt für (<code>aud</code>) <code>https://outlook.office.com</code>" in text
    assert "Lebensdauer in Sekunden <code>3600</code>" in text
    assert "abgelaufen" in opened(conversation, conversation.lines[-1])


def test_what_a_token_claims_is_text_and_never_markup() -> None:
    html = bearer_dialogue(message(token({"upn": "<script>alert(1)</script>"}))).explain("x").html()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("lang", ["de", "en"])
def test_each_field_has_a_name_in_both_languages(lang: str) -> None:
    dialogues = [ntlm_dialogue(), kerberos_dialogue(), bearer_dialogue(message(token()))]
    dialogues += [bearer_dialogue(message(token({"roles": ["x"]}))), bearer_dialogue(message(b"unreadable"))]
    used = {name for dialogue in dialogues for entry in dialogue.entries for name, _ in entry.fields}
    # Those that need stranger messages: a domain of type 1, a forest, an error, SPNEGO; and what came before.
    others = {"dns-tree", "error", "mechanisms", "authzid", "authcid", "password"}
    assert used | others == set(texts(lang)["fields"])


def test_the_same_dialogue_reads_the_same_each_time() -> None:
    for dialogue in (ntlm_dialogue, kerberos_dialogue):
        first, second = dialogue("de"), dialogue("de")
        assert first.explain("x").html() == second.explain("x").html()


def test_no_secret_gets_into_transcript_or_explanation() -> None:
    made = message(token())
    for conversation in (ntlm_dialogue(), kerberos_dialogue(), bearer_dialogue(made)):
        shown = str(conversation) + conversation.explain("x").html() + repr(conversation.entries)
        for secret in (made, AP_REQ, AP_REP):
            assert base64.b64encode(secret).decode()[40:80] not in shown
        assert "Sommer2026" not in shown
        assert not re.search("[A-Za-z0-9+/]{60}|TlRMTVNTUA", shown)
