"""The error decoder has every reply, in both languages, and its search finds what somebody pastes."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import Tag
from playwright.sync_api import Browser, Page

from minipop.exchange import EDITIONS
from tests.known import ACCEPTED, REFUSED, editions
from tests.site import checks
from tests.site.projects import ROOT
from website.pages import replies

PAGES = {"de": "reference/replies/index.html", "en": "en/reference/replies/index.html"}

TOLD = {
    "server-unavailable": "-ERR Server Unavailable. 21",
    "protocol-error": "-ERR Protocol error. 19",
    "ntlm-disabled": "The NTLM Authentication package has been disabled for this protocol.",
    "other-greetings": "+OK Microsoft Exchange Server 2007 POP3 service ready",
    "no-reply": "",
}

#: How many entries the decoder has; a line that asks for more is one.
ENTRIES = len(REFUSED) + len(ACCEPTED) + len(TOLD) + 1

#: What minipop does as well: hanging up when time is up.
TIME_OUT = ("Zeitlimit: alle Editionen", "time-out: all editions")

FAILURE = "-ERR Logon failure: unknown user name or bad password."
GREETING_2003 = "+OK Microsoft Exchange Server 2003 POP3 server version"
NO_SOURCE = {"de": "erfunden", "en": "invented"}
RE_ENACTED = {"de": "nachgestellt", "en": "re-enacted"}

#: Rows of the page, typed from the sources: entry, wording, who sends it, how sure that is.
ROWS = [
    ("logon-failure", FAILURE, "2003", RE_ENACTED),
    ("logon-failure", FAILURE, "2007 – se", NO_SOURCE),  # taken over from 2003 and Online
    ("logon-failure", FAILURE, "online", RE_ENACTED),
    ("authentication-failure", FAILURE, "2003", RE_ENACTED),
    (
        "authentication-failure",
        "-ERR Authentication failure: unknown user name or bad password.",
        "online",
        RE_ENACTED,
    ),
    ("line-too-long", "-ERR Protocol error. Connection is closed. 10", "online", RE_ENACTED),
    ("begin-tls", "+OK Begin TLS negotiation.", "2007 – se", RE_ENACTED),
    ("address-not-allowed", "-ERR Your address may not connect to this server.", "2000 – 2003", NO_SOURCE),
    ("too-many-of-user", "-ERR Too many connections of this user.", "2007 – se", NO_SOURCE),
    ("too-many-failures", "-ERR Too many failed log-ons. Connection is closed.", "2000 – online", NO_SOURCE),
    ("apop", "-ERR Command is not implemented.", "2000 – online", NO_SOURCE),
    ("challenge", "+ OK", "2000", RE_ENACTED),
]

#: What somebody may paste or type, and an entry that has to be among few.
PASTED = [
    (FAILURE, "logon-failure"),
    (f"  {FAILURE}   ", "logon-failure"),
    (FAILURE.upper(), "logon-failure"),
    (f"poplib.error_proto: b'{FAILURE}'", "logon-failure"),
    ('pass,*****,"R=""-ERR Server Unavailable. 21"";RpcL=-1', "server-unavailable"),
    (f"{GREETING_2003} 6.5.7226.0 (ex01.firma.example) ready.", "greeting"),
    ("+OK The Microsoft Exchange POP3 service is ready. [SABFADEAUABSADAAMQ==]", "greeting"),
    ("+OK Microsoft Exchange Server 2019 POP3 server signing off. ", "farewell"),
    ("+OK Microsoft Exchange POP3 server ready (tcpproxy/15.20.9999.1). [RgBS", "other-greetings"),
    ("-ERR RETR: there is no message 812; the maildrop has 7.", "no-such-message"),
    ("+OK 9023 709284210", "stat"),
    ("MAXCOMMANDSIZE", "line-too-long"),
]


def entries(site: Path, language: str) -> dict[str, Tag]:
    """Return the entries of the page by their anchors, without reply-."""
    article = checks.article(checks.page(site, PAGES[language]))
    found = {}
    for entry in article.select("section.reply"):
        heading = entry.select_one("h3")
        assert heading
        found[str(heading["id"]).removeprefix("reply-")] = entry
    return found


def rows(entry: Tag) -> list[list[str]]:
    return [[cell.get_text() for cell in row.select("td")] for row in entry.select("tbody tr")]


# --- The data --------------------------------------------------------------------------------


def test_every_reply_stands_in_the_section_of_its_status_word() -> None:
    known = replies.load(ROOT)
    assert set(known["refused"]) - set(TOLD) == REFUSED
    assert set(known["accepted"]) - set(TOLD) == ACCEPTED
    assert set(known["asked"]) == {"challenge"}
    assert set(known["silent"]) == {"no-reply"}


def test_only_what_minipop_does_not_say_is_told_of_others() -> None:
    known = replies.load(ROOT)
    assert {name for section in known.values() for name in section if section[name].told} == {*TOLD}


def test_who_cannot_send_a_reply_is_not_among_its_senders() -> None:
    since_2007 = editions("2007")
    assert [name for name, _ in replies.sent("begin_tls")] == [*since_2007, "online", "rfc"]
    assert [name for name, _ in replies.sent("in_use")] == ["rfc"]
    assert [name for name, _ in replies.sent("address_not_allowed")] == ["2000", "2003"]
    assert [name for name, _ in replies.sent("too_many_connections")] == since_2007
    assert "online" not in dict(replies.sent("logged_on"))
    assert list(dict(replies.sent("user"))) == list(EDITIONS)


# --- The page --------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_page_has_every_text_that_an_edition_sends(site: Path, language: str) -> None:
    shown = entries(site, language)
    assert len(shown) == ENTRIES
    for name in REFUSED | ACCEPTED:
        status = "-ERR" if name in REFUSED else "+OK"
        texts = {row[0] for row in rows(shown[name.replace("_", "-")])}
        for _, fact in replies.sent(name):
            assert f"{status} {fact.value}".strip() in texts, name


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_row_says_who_sends_it_and_on_whose_word(site: Path, language: str) -> None:
    shown = entries(site, language)
    for name, text, who, kind in ROWS:
        assert (text, who, kind[language]) in {(row[0], row[1], row[2]) for row in rows(shown[name])}, name
    assert ["MailKit, issue 391" in row[3] for row in rows(shown["logon-failure"])] == [
        *(False, True, True, False, False),
    ]


@pytest.mark.parametrize("language", ["de", "en"])
def test_no_two_entries_have_the_same_heading(site: Path, language: str) -> None:
    headings = [str(entry.select("h3")[0].get_text()) for entry in entries(site, language).values()]
    assert len(set(headings)) == len(headings) == ENTRIES
    assert "+OK {count} {octets} (STAT)#" in headings
    assert "-ERR Protocol error. Connection is closed. 10 (STLS)#" in headings


@pytest.mark.parametrize(("language", "narrated"), [("de", "erzählt"), ("en", "narrated")])
def test_what_minipop_does_not_say_is_narrated(site: Path, language: str, narrated: str) -> None:
    shown = entries(site, language)
    for name, text in TOLD.items():
        found = rows(shown[name])
        assert {row[2] for row in found if row[1] not in TIME_OUT} == {narrated}, name
        assert all(row[3] for row in found), name
        assert not text or text in {row[0] for row in found}, name
    others = [row for name, entry in shown.items() if name not in TOLD for row in rows(entry)]
    assert narrated not in {row[2] for row in others}


def test_the_data_is_no_page_of_the_site(site: Path) -> None:
    assert not list(site.rglob("replies.yml"))


# --- The search ------------------------------------------------------------------------------


def visible(page: Page) -> list[str]:
    """Return the anchors of the entries that can be seen, without reply-."""
    shown = page.locator(".reply:visible h3").evaluate_all("found => found.map(heading => heading.id)")
    return [name.removeprefix("reply-") for name in shown]


@pytest.mark.parametrize(("pasted", "wanted"), PASTED)
def test_what_is_pasted_finds_its_entry(page: Page, address: str, pasted: str, wanted: str) -> None:
    page.goto(f"{address}reference/replies/")
    page.get_by_label("Antwort einfügen").fill(pasted)
    assert wanted in visible(page)
    assert len(visible(page)) <= 4


def test_typing_filters_announces_and_can_be_shared(page: Page, address: str) -> None:
    page.goto(f"{address}en/reference/replies/")
    status = page.get_by_role("status")
    everything = len(visible(page))
    assert everything == ENTRIES
    page.get_by_label("Paste a reply").focus()
    page.keyboard.type("APOP")
    assert visible(page) == ["apop"]
    assert status.inner_text() == "One reply matches."
    page.keyboard.type(" is a yellow fish")
    assert visible(page) == []
    assert status.inner_text().startswith("No reply matches.")
    page.get_by_label("Paste a reply").fill("-ERR Logon failure")
    assert visible(page) == ["logon-failure", "authentication-failure"]
    assert status.inner_text() == "2 replies match."
    page.get_by_label("Paste a reply").fill("APOP is a yellow fish")

    shared = str(page.evaluate("location.href"))  # page.url is late
    assert shared.endswith("?reply=APOP+is+a+yellow+fish")
    page.goto(shared.replace("APOP+is+a+yellow+fish", "server+unavailable"))
    assert page.get_by_label("Paste a reply").input_value() == "server unavailable"
    assert "server-unavailable" in visible(page)
    assert len(visible(page)) < 5

    page.keyboard.press("Tab")  # wherever the focus is: a link to what is hidden shows it
    page.evaluate("location.hash = 'reply-dele'")
    page.wait_for_function("document.querySelector('#reply-dele').checkVisibility()")
    assert len(visible(page)) == everything
    assert page.get_by_label("Paste a reply").input_value() == ""
    assert "?reply=" not in page.evaluate("location.href")


def test_without_scripts_everything_is_there_and_no_dead_box(browser: Browser, address: str) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{address}reference/replies/")
    assert page.locator("section.reply:visible").count() == ENTRIES
    assert page.locator("article input").count() == 0
    page.context.close()


def test_only_the_decoder_loads_the_script(site: Path) -> None:
    loading = {
        name
        for name, soup in checks.pages(site).items()
        if soup.select_one('script[src$="assets/replies.js"]')
    }
    assert loading == set(PAGES.values())
