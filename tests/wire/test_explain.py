"""Explain this line: every line says what it means, in both languages, and no secret gets out."""

import re

import pytest

from minipop import Lab
from minipop.protocol import Session
from minipop.wire import Conversation, Transcript
from minipop.wire.explain import meanings, texts
from tests.support import send

# Typed from RFC 4616 and RFC 5034: base64 of "\0anna@muster.example\0Sommer2026", and of name and password.
PLAIN = "AGFubmFAbXVzdGVyLmV4YW1wbGUAU29tbWVyMjAyNg=="
NAME, PASSWORD = "YW5uYUBtdXN0ZXIuZXhhbXBsZQ==", "U29tbWVyMjAyNg=="


def say(*lines: str, edition: str = "2016", lang: str = "en") -> Conversation:
    """Say lines to a session on port 995 and return the transcript."""
    conversation = Transcript(lang).begin(tls=True)
    session = Session(Lab(edition, lang=lang).policy, tls=True, observers=[conversation])
    for line in lines:
        send(session, f"{line}\r\n".encode())
    return conversation


def last(conversation: Conversation) -> str:
    """Return what the last line opens into."""
    return " ".join(conversation.explain().explanations()[-1])


def test_both_languages_explain_the_same_things_in_different_words() -> None:
    german, english = ({**texts(lang), "replies": meanings(lang)} for lang in ("de", "en"))
    for kind in ("words", "commands", "replies", "reasons", "fields"):
        assert list(german[kind]) == list(english[kind])
        assert not set(german[kind].values()) & set(english[kind].values()) - {"Name"}
        for name, text in german[kind].items():
            assert re.findall(r"{\w+}", text) == re.findall(r"{\w+}", english[kind][name])


def test_a_command_names_its_meaning_its_states_and_its_rfc() -> None:
    opened = say("USER anna@muster.example").explain().explanations()[1]
    assert opened == [
        "The client sends the username. Without TLS, anyone listening in can read it.",
        "<code>USER name</code> is valid in: AUTHORIZATION. Source: RFC 1939, section 7.",
    ]


#   lines said, edition, what the explanation must name: the rule, and the name that would have worked
REFUSED = [
    (("USER bmueller", "PASS Winter ist kalt 7"), "2016", "sAMAccountName", "bmueller@muster.example"),
    (
        ("USER bm@muster.example", "PASS Winter ist kalt 7"),
        "2016",
        "proxy address",
        "bmueller@muster.example",
    ),
    (("USER MUSTER/anna/info", "PASS Sommer2026"), "2003", "DOMAIN/delegate", r"MUSTER\anna\info"),
    (("USER dora@muster.example", "PASS Herbst2026"), "2016", "PopEnabled", None),
    (("USER anna@muster.example", "PASS Sommer2026"), "online", "no passwords", None),
    (("USER nobody@muster.example", "PASS x"), "2016", "no account", None),
    (("USER anna@muster.example", "PASS x"), "2016", "password is wrong", None),
    (("AUTH PLAIN AGEAYgBj",), "2016", "does not have the form", None),
    (("AUTH PLAIN YgBhAGM=",), "2016", "act for another user", None),
]


@pytest.mark.parametrize(("lines", "edition", "rule", "instead"), REFUSED)
def test_a_refusal_says_which_rule_and_which_name_would_have_worked(
    lines: tuple[str, ...], edition: str, rule: str, instead: str | None
) -> None:
    conversation = say(*lines, edition=edition)
    assert conversation.lines[-1].startswith("S: -ERR ")
    assert "The rule: " in last(conversation)
    assert rule in last(conversation)
    assert (f"This would have worked: <code>{instead}</code>" in last(conversation)) == bool(instead)


def test_a_refusal_that_is_kept_does_not_keep_the_password_alive() -> None:
    for lines in (("USER anna@muster.example", "PASS x"), ("AUTH PLAIN AGEAYgBj",)):
        refusal = say(*lines).entries[-1].refusal
        assert refusal
        assert (refusal.__traceback__, refusal.__context__, refusal.__cause__) == (None, None, None)


def test_the_next_log_on_does_not_inherit_a_refusal() -> None:
    conversation = say("USER anna@muster.example", "PASS x", "NOOP")
    assert "The rule" not in last(conversation)


def test_auth_plain_is_unfolded_with_its_password_masked() -> None:
    for lines in ((f"AUTH PLAIN {PLAIN}",), ("AUTH PLAIN", PLAIN)):
        opened = " ".join(say(*lines).explain().explanations()[-2])
        assert (
            "Inside the base64: acts for <code>(empty)</code>; name <code>anna@muster.example</code>; "
            "password <code>********</code>" in opened
        )


def test_auth_login_is_unfolded_step_by_step() -> None:
    opened = [" ".join(line) for line in say("AUTH LOGIN", NAME, PASSWORD).explain().explanations()]
    assert "Inside the base64: name <code>anna@muster.example</code>" in opened[3]
    assert "Inside the base64: password <code>********</code>" in opened[5]
    again = say(f"AUTH LOGIN {NAME}", PASSWORD).explain().explanations()
    assert "name <code>anna@muster.example</code>" in " ".join(again[1])
    assert "password <code>********</code>" in " ".join(again[3])


def test_no_secret_gets_into_the_explanation() -> None:
    conversation = say(
        "USER anna@muster.example", "PASS Sommer2026x", f"AUTH PLAIN {PLAIN}x", f"AUTH PLAIN {PLAIN}"
    )
    shown = conversation.explain("x").html() + repr(conversation.explain()) + repr(conversation.entries)
    for secret in ("Sommer2026", PLAIN, "U29tbWVyMjAyNg", "NvbW1lcjIwMj", "Tb21tZXIyMDI2"):
        assert secret not in shown


def test_what_a_stranger_sends_is_text_and_never_markup() -> None:
    html = say("USER <script>alert(1)</script>", "XTND <b>", "PASS x").explain("x").html()
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_each_line_that_opens_has_an_address_of_its_own() -> None:
    html = say("CAPA", "USER anna@muster.example", "PASS Sommer2026", "STAT", "QUIT").explain("first").html()
    ids = re.findall(r'<details id="(first-\d+)">', html)
    assert (
        len(ids) == len(set(ids)) == 11
    )  # five commands, five status lines and the greeting, less CAPA's own
    for address in ids:
        assert f'href="#{address}"' in html


def test_a_transcript_nobody_links_to_has_no_addresses() -> None:
    assert " id=" not in say("QUIT").explain().html()
