"""The terminal's model, on the stage of a page: what a reader types, and what the page is told of it."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from minipop.lab import stage
from minipop.page import desk
from minipop.page.install import patches
from minipop.page.loop import PageLoop
from minipop.page.stage import PageStage
from website.page import certificates

View = dict[str, Any]

#: One for all, as in a page: it is never closed.
LOOP = PageLoop()

OPEN_LOGIN = {"transport": "110", "login": "PlainTextLogin"}


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    certificates.issue(folder)
    return folder


@pytest.fixture(autouse=True)
def page(monkeypatch: pytest.MonkeyPatch, issued: Path) -> Iterator[None]:
    for owner, name, value in patches(LOOP):
        monkeypatch.setattr(owner, name, value, raising=False)
    monkeypatch.setattr(stage, "_stage", PageStage(LOOP, issued))
    yield
    call("terminal.close")
    LOOP.settle()


def call(name: str, **arguments: str) -> View:
    view: View = json.loads(desk.call(name, json.dumps(arguments)))
    return view


def opened(edition: str = "2016", **chosen: str) -> View:
    return call("terminal.open", edition=edition, **chosen)


def line(text: str) -> View:
    return call("terminal.line", text=text)


def log_on(view: View) -> View:
    while view["logon"] and view["state"] == "AUTHORIZATION":
        view = line(view["logon"])
        if view["entries"][-1]["text"].startswith("-ERR"):
            break
    return view


def texts(view: View) -> list[str]:
    return [f"{entry['who']}: {entry['text']}" for entry in view["entries"]]


def subjects(view: View, folder: str) -> list[str]:
    found = next(one for one in view["mailbox"]["folders"] if one["name"] == folder)
    return [message["subject"] for message in found["messages"]]


def changed(view: View) -> list[tuple[str, str]]:
    return [
        (folder["name"], message["subject"])
        for folder in view["mailbox"]["folders"]
        for message in folder["messages"]
        if message["changed"]
    ]


# -- the dialogue -----------------------------------------------------------------------------------------


def test_a_connection_begins_with_the_greeting_and_says_what_to_type() -> None:
    view = opened(**OPEN_LOGIN, lang="de")
    assert view["title"] == "Sitzung, Port 110"
    assert texts(view) == ["S: +OK The Microsoft Exchange POP3 service is ready."]
    assert view["state"] == "AUTHORIZATION"
    assert view["suggestions"] == ["USER anna@muster.example", "CAPA", "STLS", "QUIT"]
    assert "spricht zuerst" in view["entries"][0]["sentences"][0]


def test_a_password_is_masked_in_the_dialogue() -> None:
    opened(**OPEN_LOGIN)
    line("USER anna")
    assert texts(line("PASS Sommer2026")) == ["C: PASS ********", "S: +OK User successfully logged on."]


def test_only_what_is_new_is_told() -> None:
    view = log_on(opened(**OPEN_LOGIN))
    assert view["state"] == "TRANSACTION"
    assert texts(line("STAT")) == ["C: STAT", "S: +OK 10 2045733"]
    assert texts(line("NOOP")) == ["C: NOOP", "S: +OK"]


def test_mail_that_was_retrieved_is_shown_up_to_a_limit() -> None:
    log_on(opened(**OPEN_LOGIN, lang="de"))
    shown = line("RETR 1")["entries"][2]
    assert shown["content"].endswith("\n\nBis gleich\nDora\n")
    assert (shown["octets"], shown["left"]) == (424, 0)
    large = line("RETR 9")["entries"][2]
    assert len(large["content"]) == 3000
    assert large["left"] > 1_900_000


def test_a_line_that_begins_with_a_dot_is_shown_as_it_was_written() -> None:
    log_on(opened(**OPEN_LOGIN, lang="de"))
    assert "\n.\n..\n.hidden\n.profile\n" in line("RETR 4")["entries"][2]["content"]


def test_a_line_to_a_closed_connection_goes_nowhere_until_it_is_opened_again() -> None:
    opened(**OPEN_LOGIN)
    assert line("QUIT")["state"] == "closed"
    view = line("NOOP")
    assert (view["state"], view["entries"], view["suggestions"]) == ("closed", [], [])
    assert opened(**OPEN_LOGIN)["state"] == "AUTHORIZATION"


# -- ways to log on ---------------------------------------------------------------------------------------


def test_the_login_type_refuses_a_password_on_110_and_tls_cures_that() -> None:
    view = log_on(opened(transport="110"))
    assert texts(view) == ["C: USER anna@muster.example", "S: -ERR Command is not valid in this state."]
    assert log_on(opened(transport="995"))["state"] == "TRANSACTION"


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize("account", ["anna", "bernd.mueller", "cweiss", "fax"])
def test_every_account_that_may_use_pop3_logs_on_as_suggested(account: str, lang: str) -> None:
    assert log_on(opened(account=account, lang=lang, **OPEN_LOGIN))["state"] == "TRANSACTION"


@pytest.mark.parametrize("edition", ["2003", "2007", "2010", "2016", "rfc"])
def test_a_password_opens_the_mailbox_on_995(edition: str) -> None:
    assert log_on(opened(edition))["state"] == "TRANSACTION"


def test_stls_is_sent_at_once_where_it_is_chosen() -> None:
    view = opened(transport="stls")
    assert texts(view)[1:] == ["C: STLS", "S: +OK Begin TLS negotiation.", ": (encrypted from here on)"]
    assert "STLS" not in view["suggestions"]
    assert log_on(view)["state"] == "TRANSACTION"


def test_stls_can_be_typed_as_well() -> None:
    opened(transport="110")
    line("stls")
    view = line("CAPA")
    assert view["wire"]["encrypted"]
    assert log_on(view)["state"] == "TRANSACTION"


def test_an_edition_without_stls_refuses_it_and_stays_readable() -> None:
    view = opened("2003", transport="stls")
    assert view["entries"][-1]["text"].startswith("-ERR")
    assert not view["wire"]["encrypted"]
    assert log_on(view)["state"] == "TRANSACTION"


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "NTLM"])
def test_sasl_responses_are_suggested(mechanism: str) -> None:
    assert log_on(opened("2016", mechanism=mechanism, **OPEN_LOGIN))["state"] == "TRANSACTION"


@pytest.mark.parametrize("edition", ["2000", "2003"])
def test_ntlm_works_where_the_first_challenge_is_no_base64(edition: str) -> None:
    assert log_on(opened(edition, mechanism="NTLM", transport="110"))["state"] == "TRANSACTION"


def test_exchange_online_takes_a_token_and_no_password() -> None:
    refused = log_on(opened("online"))
    assert refused["entries"][-1]["text"].startswith("-ERR")
    view = log_on(opened("online", mechanism="XOAUTH2"))
    assert view["state"] == "TRANSACTION"
    assert view["entries"][0]["text"] == "<bearer token>"


# -- the wire ---------------------------------------------------------------------------------------------


def test_an_eavesdropper_reads_the_password_on_110() -> None:
    opened(**OPEN_LOGIN)
    before = line("USER anna")["wire"]
    assert before["found"] == []
    view = line("PASS Sommer2026")
    assert view["wire"]["lines"][0] == {
        "who": "C",
        "text": "PASS Sommer2026",
        "secret": "Sommer2026",
        "decoded": "",
    }
    assert view["wire"]["found"] == ["UTF-8"]
    assert view["wire"]["password"] == "Sommer2026"


def test_base64_hides_nothing() -> None:
    wire = log_on(opened("2016", mechanism="PLAIN", **OPEN_LOGIN))["wire"]
    assert wire["lines"][0]["decoded"] == "<00>anna@muster.example<00>Sommer2026"
    assert wire["lines"][0]["secret"] == wire["lines"][0]["text"]
    assert wire["found"] == ["UTF-8 in base64"]


def test_a_wrong_password_is_marked_as_well() -> None:
    opened(**OPEN_LOGIN)
    line("USER anna")
    assert line("PASS x")["wire"]["lines"][0]["secret"] == "x"


def test_ntlm_sends_no_password() -> None:
    wire = log_on(opened("2016", mechanism="NTLM", **OPEN_LOGIN))["wire"]
    assert (wire["encrypted"], wire["found"]) == (False, [])


def test_of_tls_the_records_are_shown_with_their_lengths() -> None:
    first = opened(transport="995")["wire"]
    assert first["lines"][0]["record"] == "handshake"
    assert first["lines"][0]["head"].startswith("16 03 01")
    wire = log_on(line("CAPA"))["wire"]
    assert {one["record"] for one in wire["lines"]} == {"application-data"}
    assert (wire["encrypted"], wire["found"]) == (True, [])


def test_of_much_the_beginning_is_shown() -> None:
    log_on(opened(**OPEN_LOGIN))
    wire = line("RETR 9")["wire"]
    assert len(wire["lines"]) == 40
    assert wire["left"] > 1000
    assert wire["octets"] > 2_000_000


# -- the mailbox ------------------------------------------------------------------------------------------


def test_a_deletion_is_seen_in_the_folders() -> None:
    view = log_on(opened(**OPEN_LOGIN))
    assert len(subjects(view, "Inbox")) == 10
    assert changed(view) == []
    marked = line("DELE 1")
    assert [m["marked"] for m in marked["mailbox"]["folders"][0]["messages"]] == [True] + [False] * 9
    assert changed(marked) == [("Inbox", "Welcome!")]
    after = line("QUIT")
    assert changed(after) == [("Deletions", "Welcome!")]
    assert (len(subjects(after, "Inbox")), after["mailbox"]["keeps"]) == (9, "recoverable-items")
    assert opened(**OPEN_LOGIN)["mailbox"]["folders"][-1]["name"] == "Deletions"


def test_rset_takes_the_mark_away_and_a_broken_connection_deletes_nothing() -> None:
    log_on(opened(**OPEN_LOGIN))
    line("DELE 1")
    assert not any(message["marked"] for message in line("RSET")["mailbox"]["folders"][0]["messages"])
    line("DELE 1")
    assert len(subjects(opened(**OPEN_LOGIN), "Inbox")) == 10


def test_numbers_mean_what_they_meant_at_the_log_on() -> None:
    log_on(opened(**OPEN_LOGIN))
    line("DELE 1")
    line("DELE 3")
    marked = line("NOOP")["mailbox"]["folders"][0]["messages"]
    assert [number for number, message in enumerate(marked, 1) if message["marked"]] == [1, 3]
    assert not line("DELE 99")["entries"][-1]["text"].startswith("+OK")


@pytest.mark.parametrize(
    ("edition", "keeps", "hidden"),
    [("2007", "dumpster", ["Inbox"]), ("2010", "recoverable-items", ["Deletions"]), ("rfc", "nothing", [])],
)
def test_what_is_kept_lies_where_the_edition_keeps_it(edition: str, keeps: str, hidden: list[str]) -> None:
    log_on(opened(edition))
    line("DELE 1")
    mailbox = line("QUIT")["mailbox"]
    assert mailbox["keeps"] == keeps
    assert [folder["name"] for folder in mailbox["folders"] if folder["hidden"]] == hidden
    assert mailbox["gone"] == (0 if hidden else 1)


def test_retr_marks_a_message_as_read() -> None:
    log_on(opened(**OPEN_LOGIN))
    assert line("RETR 1")["mailbox"]["folders"][0]["messages"][0]["read"]


# -- mail stays, unless ------------------------------------------------------------------------------------


def test_mail_stays_for_another_connection_and_comes_back_with_reset_or_another_server() -> None:
    log_on(opened(**OPEN_LOGIN))
    line("DELE 1")
    line("QUIT")
    assert len(subjects(opened(account="bernd.mueller", **OPEN_LOGIN), "Inbox")) > 0
    assert len(subjects(opened(transport="995", login="PlainTextLogin"), "Inbox")) == 9
    assert len(subjects(call("terminal.reset"), "Inbox")) == 10
    log_on(opened(**OPEN_LOGIN))
    line("DELE 1")
    line("QUIT")
    other = opened("2010", **OPEN_LOGIN)
    assert (len(subjects(other, "Inbox")), other["replaced"]) == (10, True)
    assert not opened("2010", **OPEN_LOGIN)["replaced"]


# -- a link -----------------------------------------------------------------------------------------------


def test_a_link_holds_no_secret() -> None:
    opened(**OPEN_LOGIN)
    for typed in ("USER anna", "PASS Sommer2026", "Sommer2026", "STAT Sommer2026", "RETR 1"):
        view = line(typed)
    assert view["share"] == ["USER anna", "PASS", "RETR 1"]


def test_a_log_on_by_sasl_is_shared_as_a_word() -> None:
    assert log_on(opened(mechanism="PLAIN"))["share"] == ["LOGON"]
    opened(mechanism="PLAIN")
    assert line("AUTH PLAIN AGFubmEAU29tbWVyMjAyNg==")["share"] == ["LOGON"]


def test_what_does_not_exist_is_refused() -> None:
    with pytest.raises(KeyError):
        call("terminal.explode")
    with pytest.raises(ValueError, match="LoginType"):
        opened("2003", login="PlainTextLogin")


def test_the_terminal_leaves_the_sockets_of_python_alone() -> None:
    assert socket.socket.__name__ == "PageSocket"  # by this module's fixture alone
