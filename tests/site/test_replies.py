"""The error decoder has every reply, in both languages, and its search finds what somebody pastes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bs4 import Tag
from playwright.sync_api import Browser, Page

from minipop.exchange import EDITIONS
from minipop.explain import catalogue
from tests.explain import lines
from tests.known import ACCEPTED, REFUSED, editions
from tests.site import checks
from tests.site.projects import ROOT
from website import sources
from website.pages import replies

PAGES = {"de": "reference/replies/index.html", "en": "en/reference/replies/index.html"}
#: Where the wordings of the entries stand, with who sends each and on whose word.
WORDINGS = {"de": "reference/wordings/index.html", "en": "en/reference/wordings/index.html"}

TOLD = {
    "server-unavailable": "-ERR Server Unavailable. 21",
    "protocol-error": "-ERR Protocol error. 19",
    "ntlm-disabled": "The NTLM Authentication package has been disabled for this protocol.",
    "other-greetings": "+OK Microsoft Exchange Server 2007 POP3 service ready",
    "no-reply": "",
    "login-limit": "-ERR Exceeded the login limit for a 15 minute period."
    " Reduce the frequency of requests to the POP3 server.",
    "tls-too-old": "TLS 1.0 and 1.1 are not supported. Please upgrade/update your client to support TLS 1.2."
    " Visit https://aka.ms/popimap_tls.",
    "response-codes": "-ERR [AUTH] {text}",
}

#: What programs, other protocols and Exchange's log say, by section.
PROGRAMS = {
    "clients": {
        *("login-denied", "command-refused", "program-log", "no-common-mechanism", "no-oauth-on-android"),
        *("token-not-issued", "connection-lost", "no-answer-in-time", "cannot-connect", "tls-failed"),
        *("certificate-refused", "poplib-line-too-long", "poplib-refuses", "no-uidl", "maildrop-busy"),
        *("empty-answer", "substitute-message", "gmail-fetcher", "kerberos-first", "ntlm-answer"),
        *("hello-unanswered", "fetch-failed", "program-named", "token-refused", "older-server"),
        *("password-online", "downloaded-again", "pop3-off", "proxy-stalled"),
    },
    "elsewhere": {"imap-greeting", "smtp-greeting", "unexpected-greeting", "not-connected", "smtp-refused"},
    "log": {"protocol-log", "log-proxy", "pop-proxy", "service-crashed", "event-log"},
}
SAID = {name for names in PROGRAMS.values() for name in names}

#: Refusals that a real Exchange is on record with; all others are our choice.
ON_RECORD = {
    *("logon_failure", "authentication_failure", "not_in_this_state", "line_too_long", "server-unavailable"),
    *("login-limit", "tls-too-old", "protocol-error", "ntlm-disabled"),
}

#: How many entries the decoder has; a line that asks for more is one.
ENTRIES = len(REFUSED) + len(ACCEPTED) + len(TOLD) + len(SAID) + 1

#: What minipop does as well: hanging up when time is up.
TIME_OUT = ("Zeitlimit: alle Editionen", "time-out: all editions")

FAILURE = "-ERR Logon failure: unknown user name or bad password."
GREETING_2003 = "+OK Microsoft Exchange Server 2003 POP3 server version"
#: What a browser says once something has been pasted.
PASTING = "box => box.dispatchEvent(new InputEvent('input', {inputType: 'insertFromPaste'}))"
NO_SOURCE = {"de": "Annahme", "en": "assumed"}
MODELLED = {"de": "nachgestellt", "en": "modelled"}

#: Rows of the page, typed from the sources: entry, wording, who sends it, how sure that is.
ROWS = [
    ("logon-failure", FAILURE, "2003", MODELLED),
    ("logon-failure", FAILURE, "2007 – SE", NO_SOURCE),  # taken over from 2003 and Online
    ("logon-failure", FAILURE, "Exchange Online", MODELLED),
    ("authentication-failure", FAILURE, "2003", MODELLED),
    (
        "authentication-failure",
        "-ERR Authentication failure: unknown user name or bad password.",
        "Exchange Online",
        MODELLED,
    ),
    ("line-too-long", "-ERR Protocol error. Connection is closed. 10", "Exchange Online", MODELLED),
    ("begin-tls", "+OK Begin TLS negotiation.", "2007 – SE", MODELLED),
    ("address-not-allowed", "-ERR Your address may not connect to this server.", "2000 – 2003", NO_SOURCE),
    ("too-many-of-user", "-ERR Too many connections of this user.", "2007 – SE", NO_SOURCE),
    (
        "too-many-failures",
        "-ERR Too many failed log-ons. Connection is closed.",
        "2000 – Exchange Online",
        NO_SOURCE,
    ),
    ("apop", "-ERR Command is not implemented.", "2000 – Exchange Online", NO_SOURCE),
    ("challenge", "+ OK", "2000", MODELLED),
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
    ("port 993", "imap-greeting"),
    ("account locked", "logon-failure"),
    ("MaxConnectionsPerUser", "too-many-of-user"),
    ("ProtocolLogEnabled", "server-unavailable"),
    ("POP.AccessAsApp", "authentication-failure"),
    # What is said beside the wordings alone:
    ("OTRS", "login-denied"),
    ("CVE-2011-0411", "data-after-stls"),
    ("EnableExactRFC822Size", "stat"),
    ("Platte voll", "update-failed"),
]


def entries(site: Path, language: str, pages: dict[str, str] = PAGES) -> dict[str, Tag]:
    """Return the entries of a page by their anchors, without reply-."""
    article = checks.article(checks.page(site, pages[language]))
    found = {}
    for entry in article.select("section.reply"):
        heading = entry.select_one("h3")
        assert heading
        found[str(heading["id"]).removeprefix("reply-")] = entry
    return found


def rows(entry: Tag) -> list[list[str]]:
    """Return what the table says, a row for each that sends a wording."""
    return [[cell.get_text() for cell in row.select("td")] for row in entry.select("tbody tr")]


# --- The data --------------------------------------------------------------------------------


def test_every_reply_stands_in_the_section_of_its_status_word() -> None:
    known = replies.load(ROOT)
    assert set(known["refused"]) == ON_RECORD
    assert set(known["assumed"]) == REFUSED - ON_RECORD | {"response-codes"}
    assert set(known["accepted"]) - set(TOLD) == ACCEPTED
    assert {name: set(known[name]) for name in PROGRAMS} == PROGRAMS
    assert set(known["asked"]) == {"challenge"}
    assert set(known["silent"]) == {"no-reply"}


def test_only_what_minipop_does_not_say_is_told_of_others() -> None:
    known = replies.load(ROOT)
    for section in known.values():
        for name, entry in section.items():
            said = entry.said("en")
            assert bool(entry.told) == (name in {*TOLD, *SAID}), name
            assert bool(said.title) == (name in SAID), name


def test_who_cannot_send_a_reply_is_not_among_its_senders() -> None:
    since_2007 = editions("2007")
    assert [name for name, _ in catalogue.sent("begin_tls")] == [*since_2007, "online", "rfc"]
    assert [name for name, _ in catalogue.sent("in_use")] == ["rfc"]
    assert [name for name, _ in catalogue.sent("address_not_allowed")] == ["2000", "2003"]
    assert [name for name, _ in catalogue.sent("too_many_connections")] == since_2007
    assert "online" not in dict(catalogue.sent("logged_on"))
    assert list(dict(catalogue.sent("user"))) == list(EDITIONS)


# --- The page --------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["de", "en"])
def test_an_entry_and_its_wordings_lead_to_each_other(site: Path, language: str) -> None:
    decoder, wordings = entries(site, language), entries(site, language, WORDINGS)
    assert list(decoder) == list(wordings)
    for name in decoder:
        there, back = decoder[name].select("a")[-1], wordings[name].select("a:not(.headerlink)")[0]
        assert str(there["href"]) == f"../wordings/#reply-{name}"
        assert str(back["href"]) == f"../replies/#reply-{name}"


@pytest.mark.parametrize("language", ["de", "en"])
def test_an_entry_says_what_it_means_and_a_refusal_what_to_do(site: Path, language: str) -> None:
    """Two pages say it all: what is missing in the decoder stands with the wordings, and nothing twice."""
    terms = {"de": ["Bedeutung", "Ursachen", "Abhilfe"], "en": ["Meaning", "Causes", "What to do"]}[language]
    good = {"de": ["Wann", "Was nun"], "en": ["When", "What next"]}[language]
    here, there = (
        {name: [term.get_text() for term in entry.select("dt")] for name, entry in shown.items()}
        for shown in (entries(site, language), entries(site, language, WORDINGS))
    )
    meaning, causes, remedy = terms
    for name in here:
        if name.replace("-", "_") in ACCEPTED or name in ("other-greetings", "challenge"):
            assert (here[name], there[name]) == ([meaning], good), name
        elif name.replace("-", "_") in REFUSED - ON_RECORD or name == "response-codes":
            assert (here[name], there[name]) == ([meaning, remedy], [causes]), name
        else:
            assert (here[name], there[name]) == (terms, []), name


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_page_has_every_text_that_an_edition_sends(site: Path, language: str) -> None:
    shown = entries(site, language, WORDINGS)
    assert len(shown) == ENTRIES
    for name in REFUSED | ACCEPTED:
        status = "-ERR" if name in REFUSED else "+OK"
        texts = {row[0] for row in rows(shown[name.replace("_", "-")])}
        for _, fact in catalogue.sent(name):
            assert f"{status} {fact.value}".strip() in texts, name


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_row_says_who_sends_it_and_on_whose_word(site: Path, language: str) -> None:
    shown = entries(site, language, WORDINGS)
    for name, text, who, kind in ROWS:
        assert (text, who, kind[language]) in {(row[0], row[1], row[2]) for row in rows(shown[name])}, name
        # Whose word it is stands in the table of editions.
        if links := shown[name].select("table ~ p a"):
            assert [str(link["href"]) for link in links] == [
                "../editions/#" + ("ntlm-prompt" if name == "challenge" else f"reply-{name}")
            ]
    assert shown["logon-failure"].select("table ~ p a")
    editions = checks.article(checks.page(site, PAGES[language].replace("replies", "editions")))
    heading = editions.select_one("#reply-logon_failure, #reply-logon-failure")
    assert heading
    wordings = heading.find_next("table")
    assert wordings
    assert ["MailKit, issue 391" in str(row) for row in wordings.select("tbody tr")] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("language", ["de", "en"])
def test_no_two_entries_have_the_same_heading(site: Path, language: str) -> None:
    headings, others = (
        [str(entry.select("h3")[0].get_text()) for entry in entries(site, language, pages).values()]
        for pages in (PAGES, WORDINGS)
    )
    assert len(set(headings)) == len(headings) == ENTRIES
    assert others == headings
    assert "+OK {count} {octets} (STAT)#" in headings
    assert "-ERR Protocol error. Connection is closed. 10 (STLS)#" in headings


@pytest.mark.parametrize(("language", "cited"), [("de", "laut Quelle"), ("en", "cited")])
def test_what_minipop_does_not_say_is_cited(site: Path, language: str, cited: str) -> None:
    shown = entries(site, language, WORDINGS)
    for name, text in TOLD.items():
        found = rows(shown[name])
        assert {row[2] for row in found if row[1] not in TIME_OUT} == {cited}, name
        assert all(row[3] for row in found), name
        assert not text or text in {row[0] for row in found}, name
    programs = [(name, row) for name in SAID for row in rows(shown[name])]
    assert {name for name, row in programs if row[2] == cited} >= SAID - {"log-proxy", "no-uidl"}
    own = {"eigene Kenntnis, ohne öffentliche Quelle", "our own knowledge, no public source"}
    assert all((row[2] == NO_SOURCE[language]) == (row[3] in own) for _, row in programs)
    others = [row for name, entry in shown.items() if name not in {*TOLD, *SAID} for row in rows(entry)]
    assert cited not in {row[2] for row in others}


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_source_of_a_wording_is_cited(site: Path, language: str) -> None:
    """What a source is called, and its address, are data; here counts that no row lost its own."""
    shown = entries(site, language, WORDINGS)
    cited = sources.load(ROOT)
    for section in replies.load(ROOT).values():
        for name, entry in section.items():
            row = [str(link["href"]) for link in shown[name.replace("_", "-")].select("td:nth-child(4) a")]
            for one in entry.told:
                known = cited.get(one.source)
                wanted = (
                    [cited[key].url for key in known.of]
                    if known and known.of
                    else [known.url if known else ""]
                )
                assert {url for url in wanted if url} <= {*row}, (name, one.source)


def test_the_data_is_no_page_of_the_site(site: Path) -> None:
    assert not list(site.rglob("replies.yml"))


# --- The search ------------------------------------------------------------------------------


def visible(page: Page) -> list[str]:
    """Return the anchors of the entries that can be seen, without reply-."""
    shown = page.locator(".reply:visible h3").evaluate_all("found => found.map(heading => heading.id)")
    return [name.removeprefix("reply-") for name in shown]


LABELS = {"de": "Fügen Sie ein, was Sie haben", "en": "Paste what you have"}

ENGLISH = "en/reference/replies/"


@pytest.mark.parametrize(("pasted", "wanted"), PASTED)
def test_what_is_pasted_finds_its_entry(page: Page, address: str, pasted: str, wanted: str) -> None:
    page.goto(f"{address}reference/replies/")
    page.get_by_label(LABELS["de"]).fill(pasted)
    assert wanted in visible(page)
    assert len(visible(page)) <= 6


def test_the_box_is_the_first_field_of_the_page_and_takes_many_lines(page: Page, address: str) -> None:
    page.goto(address + ENGLISH)
    box = page.locator("main article").locator("input, textarea").first
    assert box.evaluate("box => box.tagName") == "TEXTAREA"
    box.fill("line one\n-ERR Unknown command.\ncurl: (67) Login denied\n-ERR out of cheese")
    assert visible(page) == [
        *("logon-failure", "authentication-failure", "login-denied", "kerberos-first", "program-log"),
        "unknown-command",
    ]
    listed = page.locator(".reply-hits li").all_inner_texts()
    assert [line.partition(":")[0] for line in listed] == ["Line 2", "Line 3", "Line 4"]
    assert "-ERR Unknown command. → -ERR Unknown command." in listed[0]
    assert listed[1].endswith("How to make a program show what the server says")
    assert listed[2].endswith("a refusal that is not known here")
    page.locator(".reply-hits a").first.click()
    assert page.evaluate("location.hash") == "#reply-unknown-command"


def test_every_line_of_the_list_shows_its_entries_in_the_page(page: Page, address: str) -> None:
    """The page's own patterns find what the command line finds."""
    page.goto(address + ENGLISH)
    box = page.get_by_label(LABELS["en"])
    for paste, wanted in lines.rows():
        names = {name.replace("_", "-") for reply in wanted for name in reply}
        if names:
            box.fill(paste)
            assert set(visible(page)) == names, paste


def test_the_patterns_of_the_page_are_those_of_the_command(site: Path) -> None:
    written, _ = (site / "assets/patterns.js").read_text("utf-8").splitlines()
    assert json.loads(written.removeprefix("export const known = ").removesuffix(";")) == catalogue.patterns()


def test_typing_filters_announces_and_can_be_shared(page: Page, address: str) -> None:
    page.goto(address + ENGLISH)
    box = page.get_by_label(LABELS["en"])
    status = page.get_by_role("status")
    everything = len(visible(page))
    assert everything == ENTRIES
    box.focus()
    page.keyboard.type("APOP")
    assert visible(page) == ["apop"]
    assert status.inner_text() == "One entry matches."
    assert page.get_by_role("heading", name="Accepted", exact=False).count() == 0  # nothing stands below it
    page.keyboard.type(" is a yellow fish")
    assert visible(page) == []
    assert status.inner_text().startswith("Nothing here matches.")
    box.fill("-ERR Logon failure")
    assert visible(page) == ["logon-failure", "authentication-failure"]
    assert status.inner_text() == "2 entries match."
    box.fill("server")
    assert len(visible(page)) == 6
    assert status.inner_text().endswith("entries contain this; the best six are shown.")
    box.fill("APOP is a yellow fish")

    shared = str(page.evaluate("location.href"))  # page.url is late
    assert shared.endswith("?reply=APOP+is+a+yellow+fish")
    page.goto(shared.replace("APOP+is+a+yellow+fish", "server+unavailable"))
    assert box.input_value() == "server unavailable"
    assert "server-unavailable" in visible(page)
    assert len(visible(page)) < 5

    page.keyboard.press("Tab")  # wherever the focus is: a link to what is hidden shows it
    page.evaluate("location.hash = 'reply-dele'")
    page.wait_for_function("document.querySelector('#reply-dele').checkVisibility()")
    assert len(visible(page)) == everything
    assert box.input_value() == ""
    assert "?reply=" not in page.evaluate("location.href")


@pytest.mark.parametrize(
    "secret",
    [
        "C: PASS Sommer2026",
        "password=Sommer2026",
        "C: dXNlcj1hbm5hAWF1dGg9QmVhcmVyIHg=",
        "one line\nand another",
    ],
)
def test_a_log_and_what_may_be_a_secret_do_not_get_into_the_address(
    page: Page, address: str, secret: str
) -> None:
    page.goto(address + ENGLISH)
    page.get_by_label(LABELS["en"]).fill(secret)
    assert "?" not in page.evaluate("location.href")


def test_nothing_is_loaded_for_what_is_pasted(page: Page, address: str) -> None:
    page.goto(address + ENGLISH)
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_label(LABELS["en"]).fill("\n".join(paste for paste, _ in lines.rows()))
    assert len(visible(page)) > 40
    assert asked == []


def test_a_megabyte_is_taken(page: Page, address: str) -> None:
    page.goto(address + ENGLISH)
    paste = "C: NOOP\nS: +OK\n" * 70_000 + "S: -ERR Server Unavailable. 21"
    page.get_by_label(LABELS["en"]).evaluate(
        "(box, text) => { box.value = text; box.dispatchEvent(new Event('input')); }", paste
    )
    page.wait_for_function("document.querySelector('#reply-noop').checkVisibility()")
    page.wait_for_function("!document.querySelector('#reply-dele').checkVisibility()")
    assert visible(page) == ["server-unavailable", "noop"]


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (360, 740)])
def test_the_answer_is_on_the_screen_on_which_the_question_was_asked(
    browser: Browser, address: str, width: int, height: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(address + ENGLISH)
    page.get_by_label(LABELS["en"]).fill(FAILURE)
    page.get_by_label(LABELS["en"]).evaluate(PASTING)
    page.evaluate("() => new Promise(requestAnimationFrame)")
    box = page.locator(".reply:visible h3").first.bounding_box()
    assert box
    assert box["y"] + box["height"] < height
    page.get_by_label(LABELS["en"]).fill("")
    assert page.locator("#explain").is_visible()  # what was in between is back
    page.close()


def test_without_scripts_everything_is_there_and_no_dead_box(browser: Browser, address: str) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{address}reference/replies/")
    assert page.locator("section.reply:visible").count() == ENTRIES
    assert page.locator("article").locator("input, textarea").count() == 0
    page.context.close()


def test_only_the_decoder_loads_the_script(site: Path) -> None:
    loading = {
        name
        for name, soup in checks.pages(site).items()
        if soup.select_one('script[src$="assets/replies.js"]')
    }
    assert loading == set(PAGES.values())
