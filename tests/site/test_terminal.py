"""The POP3 terminal in Chromium: a reader logs on, deletes, finds again, and reads along."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from evidence.patience import PATIENCE
from tests.site import axe

expect.set_options(timeout=1000 * PATIENCE)

LANGUAGES = {"de": "", "en": "en/"}

#: What the mail and the folders of the world are called.
WELCOME = {"de": "Willkommen!", "en": "Welcome!"}
READABLE = {"de": "Mitgelesen: das Kennwort Sommer2026", "en": "Intercepted: the password Sommer2026"}
HIDDEN = {"de": "Verschlüsselt: Zu sehen sind nur Längen", "en": "Encrypted: only lengths can be seen"}
RECOVERABLE = {"de": "Wiederherstellbare Elemente: Deletions", "en": "Recoverable Items: Deletions"}
OPEN_LOGIN = "edition=2016&transport=110&login=PlainTextLogin"

SETTLED = """count => {
    const terminal = document.querySelector("pop3-terminal");
    return terminal.dataset.state === "failed"
        || terminal.dataset.state === "ready" && terminal.querySelectorAll("[role=log] > *").length > count;
}"""


class Terminal:
    """The terminal of a page, as a reader uses it.

    Args:
        page: the page that is open.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.element = page.locator("pop3-terminal")
        self.input = page.locator("input[name=line]")

    @classmethod
    def at(cls, page: Page, address: str, lang: str = "de", fragment: str = "") -> Terminal:
        """Open the terminal's own page, and start it."""
        page.goto(f"{address}{LANGUAGES[lang]}play/{fragment and '#'}{fragment}")
        terminal = cls(page)
        terminal.press("start")
        return terminal

    def press(self, name: str) -> None:
        """Press one of the terminal's own buttons, and wait until something was said."""
        before = self.page.locator("[role=log] > *").count()
        self.page.locator(f"[data-do={name}]").click()
        self.settle(before)

    def send(self, line: str) -> None:
        """Type a line and send it."""
        before = self.page.locator("[role=log] > *").count()
        self.input.fill(line)
        self.input.press("Enter")
        self.settle(before)

    def choose(self, **chosen: str) -> None:
        """Choose, as by hand; that connects anew."""
        for name, value in chosen.items():
            before = self.page.locator("[role=log] > *").count()
            self.page.locator(f"select[name={name}]").select_option(value)
            self.settle(before)

    def settle(self, before: int) -> None:
        """Wait until the log is longer and nothing is on its way."""
        self.page.wait_for_function(SETTLED, arg=before)
        failure = self.page.locator(".terminal-failure")
        assert not failure.is_visible(), failure.inner_text()

    @property
    def log(self) -> list[str]:
        """The lines of the session."""
        return self.page.locator("[role=log] > * code:not(details > p code)").all_inner_texts()

    @property
    def wire(self) -> str:
        return self.page.locator("[data-pane=wire]").inner_text()

    def folder(self, begins: str) -> str:
        """Return a folder of the mailbox with its messages."""
        found = self.page.locator("[data-pane=mailbox] details").filter(has=self.page.get_by_text(begins))
        return found.first.inner_text()

    def suggest(self, line: str) -> None:
        """Press a suggestion."""
        before = self.page.locator("[role=log] > *").count()
        self.page.locator(f".terminal-suggestions [data-line^='{line}']").first.click()
        self.settle(before)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on which no script fails."""
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []


# -- what readers do, in both languages and five versions ------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_2016_refuses_a_password_on_110_and_takes_it_on_995(page: Page, address: str, lang: str) -> None:
    terminal = Terminal.at(page, address, lang, "edition=2016&transport=110&account=anna")
    terminal.send("USER anna@muster.example")
    assert terminal.log[-1] == "S: -ERR Command is not valid in this state."
    terminal.choose(transport="995")
    terminal.suggest("USER")
    terminal.suggest("PASS")
    assert terminal.log[-2:] == ["C: PASS ********", "S: +OK User successfully logged on."]
    assert HIDDEN[lang] in terminal.wire
    assert "Sommer2026" not in terminal.wire


@pytest.mark.parametrize("lang", LANGUAGES)
def test_2010_begins_tls_with_stls(page: Page, address: str, lang: str) -> None:
    terminal = Terminal.at(page, address, lang, "edition=2010&transport=110")
    terminal.suggest("STLS")
    assert terminal.log[-2] == "S: +OK Begin TLS negotiation."
    terminal.send("USER anna@muster.example")
    terminal.send("PASS Sommer2026")
    assert terminal.log[-1] == "S: +OK User successfully logged on."
    assert HIDDEN[lang] in terminal.wire


@pytest.mark.parametrize("lang", LANGUAGES)
def test_exchange_online_takes_a_token_instead_of_a_password(page: Page, address: str, lang: str) -> None:
    terminal = Terminal.at(page, address, lang, "edition=online&transport=995")
    terminal.send("USER anna@muster.example")
    terminal.send("PASS Sommer2026")
    assert terminal.log[-1].startswith("S: -ERR")
    terminal.choose(mechanism="XOAUTH2")
    terminal.suggest("AUTH XOAUTH2")
    terminal.suggest("dXNlcj")
    assert terminal.log[-2] == "C: <bearer token>"
    assert terminal.log[-1].startswith("S: +OK")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_2007_keeps_what_was_deleted_in_the_dumpster_of_the_inbox(
    page: Page, address: str, lang: str
) -> None:
    terminal = Terminal.at(page, address, lang, "edition=2007&transport=110&login=PlainTextLogin&do=LOGON")
    terminal.press("run")
    page.wait_for_function(SETTLED, arg=4)
    terminal.send("DELE 1")
    inbox = {"de": "Posteingang", "en": "Inbox"}[lang]
    assert {"de": "zum Löschen vorgemerkt", "en": "marked for deletion"}[lang] in terminal.folder(inbox)
    terminal.send("QUIT")
    assert WELCOME[lang] in terminal.folder(
        {"de": "Dumpster von: Posteingang", "en": "Dumpster of: Inbox"}[lang]
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_2003_lets_an_eavesdropper_read_the_password(page: Page, address: str, lang: str) -> None:
    terminal = Terminal.at(page, address, lang, "edition=2003&transport=110")
    assert page.locator("select[name=login]").is_disabled()
    terminal.suggest("USER")
    terminal.suggest("PASS")
    assert terminal.log[-2] == "C: PASS ********"
    assert READABLE[lang] in terminal.wire
    assert page.locator("[data-pane=wire] .wire-lines mark").all_inner_texts() == ["Sommer2026"]


# -- the first minute ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "play/", "en/", "en/play/"])
def test_a_newcomer_needs_one_button_alone(page: Page, address: str, path: str) -> None:
    page.goto(address + path)
    terminal = Terminal(page)
    terminal.press("start")
    lang = "en" if path.startswith("en") else "de"
    for step in range(1, 9):
        expect(page.locator(".terminal-tour strong")).to_contain_text(str(step))
        page.locator("[data-do=tour]").click()
        page.wait_for_function(
            "step => !document.querySelector('.terminal-tour strong')?.textContent.includes(step)",
            arg=str(step),
        )
        if step == 6:
            kept = {"de": "Wiederherstellbare Elemente: Deletions", "en": "Recoverable Items: Deletions"}[
                lang
            ]
            assert WELCOME[lang] in terminal.folder(kept)
        if step == 7:
            assert READABLE[lang] in terminal.wire
    expect(page.locator("[data-do=tour]")).to_have_count(0)
    expect(page.locator("[data-pane=wire]")).to_contain_text(HIDDEN[lang])


# -- keyboard, touch, paste ------------------------------------------------------------------------------


def test_by_keyboard_alone(page: Page, address: str) -> None:
    page.goto(f"{address}play/")
    page.locator("[data-do=start]").focus()
    page.keyboard.press("Enter")
    terminal = Terminal(page)
    terminal.settle(0)
    expect(terminal.input).to_be_focused()
    page.keyboard.type("USER anna")
    page.keyboard.press("Enter")
    terminal.settle(2)
    page.keyboard.type("PASS Sommer2026")
    page.keyboard.press("Enter")
    terminal.settle(4)
    assert terminal.log[-1] == "S: +OK User successfully logged on."
    page.keyboard.press("Shift+Tab")  # the last suggestion
    assert page.evaluate("document.activeElement.dataset.line") == "CAPA"
    page.keyboard.press("Enter")
    terminal.settle(6)
    assert "C: CAPA" in terminal.log
    assert page.evaluate("document.activeElement.dataset.line") == "LIST"


def test_the_arrows_go_through_what_was_typed(page: Page, address: str) -> None:
    terminal = Terminal.at(page, address)
    terminal.send("CAPA")
    terminal.send("USER anna")
    for key, value in (
        ("Up", "USER anna"),
        ("Up", "CAPA"),
        ("Up", "CAPA"),
        ("Down", "USER anna"),
        ("Down", ""),
    ):
        terminal.input.press(f"Arrow{key}")
        assert terminal.input.input_value() == value


def test_ctrl_c_clears_the_line_and_copies_what_is_selected(page: Page, address: str) -> None:
    terminal = Terminal.at(page, address)
    terminal.input.fill("PASS Sommer")
    terminal.input.press("Control+a")
    terminal.input.press("Control+c")
    assert terminal.input.input_value() == "PASS Sommer"
    terminal.input.press("End")
    terminal.input.press("Control+c")
    assert terminal.input.input_value() == ""
    assert len(terminal.log) == 1


PASTE = """([input, text]) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text", text);
    input.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
}"""


def test_lines_that_are_pasted_go_out_one_by_one_and_the_last_waits_for_its_end(
    page: Page, address: str
) -> None:
    terminal = Terminal.at(page, address)
    page.evaluate(PASTE, [terminal.input.element_handle(), "USER anna\r\nPASS Sommer2026\nSTAT\nRETR"])
    page.wait_for_function(SETTLED, arg=7)
    assert [line for line in terminal.log if line.startswith("C:")] == [
        "C: USER anna",
        "C: PASS ********",
        "C: STAT",
    ]
    assert terminal.input.input_value() == "RETR"


def test_by_touch_on_a_narrow_screen(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{address}play/")
    page.locator("[data-do=start]").tap()
    terminal = Terminal(page)
    terminal.settle(0)
    expect(terminal.input).not_to_be_focused()  # the keyboard of the screen would cover the log
    for line in ("USER", "PASS", "LIST", "RETR", "DELE", "QUIT"):
        before = page.locator("[role=log] > *").count()
        page.locator(f".terminal-suggestions [data-line^='{line}']").first.tap()
        terminal.settle(before)
    assert WELCOME["de"] in terminal.folder("Wiederherstellbare Elemente")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    small = page.evaluate("""() =>
        [...document.querySelectorAll("pop3-terminal :is(button, input, select, summary)")]
            .filter(one => one.offsetHeight && one.offsetHeight < 24).map(one => one.outerHTML)""")
    assert small == []
    context.close()


# -- links, copies, reset --------------------------------------------------------------------------------


def test_a_link_presets_and_waits_to_be_run(page: Page, address: str) -> None:
    terminal = Terminal.at(page, address, fragment="edition=2010&transport=995&account=anna&do=CAPA;STAT")
    assert page.locator("select[name=edition]").input_value() == "2010"
    assert page.locator("select[name=transport]").input_value() == "995"
    assert terminal.log == ["S: +OK The Microsoft Exchange POP3 service is ready."]
    assert page.locator(".terminal-preset code").all_inner_texts() == ["CAPA", "STAT"]
    terminal.press("run")
    page.wait_for_function("() => document.querySelector('[role=log]').innerText.includes('C: STAT')")
    assert page.locator(".terminal-preset").is_hidden()


def test_a_link_and_a_copy_hold_no_secret(context: BrowserContext, page: Page, address: str) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    terminal = Terminal.at(page, address, fragment=OPEN_LOGIN)
    for line in ("USER anna", "PASS Sommer2026", "Sommer2026", "RETR 1"):
        terminal.send(line)
    page.locator("[data-do=share]").click()
    expect(page.locator(".terminal-status")).to_contain_text("Link ist in der Zwischenablage")
    link = page.evaluate("navigator.clipboard.readText()")
    assert page.locator("input[name=link]").input_value() == link
    assert "Sommer" not in link
    assert parse_qs(urlsplit(link).fragment, separator="&")["do"] == ["USER anna;PASS;RETR 1"]
    page.locator("[data-do=copy]").click()
    expect(page.locator(".terminal-status")).to_contain_text("Sitzung ist in der Zwischenablage")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "Sommer" not in copied
    assert "C: PASS ********\nS: +OK User successfully logged on." in copied
    page.goto("about:blank")
    page.goto(link)
    again = Terminal(page)
    again.press("start")
    again.press("run")
    page.wait_for_function("() => document.querySelector('[role=log]').innerText.includes('C: RETR 1')")
    assert "S: +OK User successfully logged on." in again.log


def test_reset_brings_the_mail_back(page: Page, address: str) -> None:
    terminal = Terminal.at(page, address, fragment=OPEN_LOGIN)
    for line in ("USER anna", "PASS Sommer2026", "DELE 1", "QUIT"):
        terminal.send(line)
    assert WELCOME["de"] not in terminal.folder("Posteingang")
    page.locator("[data-do=reset]").click()
    page.wait_for_function("() => document.querySelectorAll('[role=log] > :not(p)').length === 1")
    terminal.settle(0)
    assert WELCOME["de"] in terminal.folder("Posteingang")


# -- stopping, failing, loading --------------------------------------------------------------------------


def test_stop_ends_what_runs_and_begins_anew(page: Page, address: str) -> None:
    terminal = Terminal.at(page, address, fragment=OPEN_LOGIN)
    for line in ("USER anna", "PASS Sommer2026"):
        terminal.send(line)
    # In one go, because a reader on a fast machine would have to be quick.
    page.evaluate("""() => {
        const terminal = document.querySelector("pop3-terminal");
        terminal.querySelector("input[name=line]").value = "RETR 9";
        terminal.querySelector("form").requestSubmit();
        terminal.querySelector("[data-do=stop]").click();
    }""")
    expect(page.locator(".terminal-status")).to_contain_text("Angehalten")
    terminal.settle(0)
    terminal.send("USER anna")
    assert terminal.log[-1] == "S: +OK"


@pytest.mark.parametrize("file", ["engine.js", "worker.js", "pyodide.asm.wasm", "minipop.zip.gz"])
def test_a_download_that_breaks_says_what_and_can_be_tried_again(page: Page, address: str, file: str) -> None:
    page.route(f"**/{file}*", lambda route: route.abort())
    page.goto(f"{address}play/")
    page.locator("[data-do=start]").click()
    expect(page.locator("pop3-terminal")).to_have_attribute("data-state", "failed")
    expect(page.locator(".terminal-failure")).to_contain_text(f"{file} ließ sich nicht laden")
    page.unroute(f"**/{file}*")
    terminal = Terminal(page)
    terminal.press("retry")
    assert len(terminal.log) == 1


def test_a_slow_download_tells_how_far_it_is(page: Page, address: str) -> None:
    held: list[Route] = []
    page.route("**/minipop.zip.gz", lambda route: held.append(route))
    page.goto(f"{address}play/")
    page.locator("[data-do=start]").click()
    said = page.locator(".terminal-loading p")
    expect(said).to_have_text(re.compile(r"^\d,\d von \d,\d MB geladen$"))
    expect(page.locator("pop3-terminal")).to_have_attribute("data-state", "loading")
    page.wait_for_function("() => document.querySelector('pop3-terminal progress').value > 0.5")
    while not held:
        page.wait_for_timeout(50)
    held[0].continue_()
    Terminal(page).settle(0)


def test_before_start_nothing_of_the_lab_is_loaded_and_nothing_leaves_the_server(
    page: Page, address: str
) -> None:
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}play/", wait_until="networkidle")
    assert [url for url in asked if "/lab/" in url] == []
    terminal = Terminal(page)
    terminal.press("start")
    terminal.send("CAPA")
    assert any("/lab/" in url for url in asked)
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []


# -- for everyone ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "scheme"), [("de", "light"), ("en", "dark")])
def test_axe_finds_nothing_before_and_while_it_runs(
    browser: Browser, address: str, lang: str, scheme: str
) -> None:
    context = browser.new_context(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{address}{LANGUAGES[lang]}play/")
    assert axe.violations(page) == []
    terminal = Terminal(page)
    terminal.press("start")
    assert axe.violations(page) == []
    for line in ("USER anna", "PASS Sommer2026", "LIST", "RETR 1", "DELE 1", "QUIT"):
        terminal.send(line)
    page.locator("[role=log] summary").first.click()
    page.locator("[data-do=share]").click()
    assert axe.violations(page) == []
    context.close()


def test_the_log_tells_status_lines_alone(page: Page, address: str) -> None:
    terminal = Terminal.at(page, address)
    for line in ("USER anna", "PASS Sommer2026", "LIST", "RETR 1"):
        terminal.send(line)
    assert page.locator("[role=log]").get_attribute("aria-live") in (None, "polite")
    told = page.locator("[role=log] > :not([aria-live=off])").all_inner_texts()
    assert [line.strip() for line in told if line.startswith("S:")] == [
        "S: +OK The Microsoft Exchange POP3 service is ready.",
        "S: +OK",
        "S: +OK User successfully logged on.",
        "S: +OK 10 2045949",
        "S: +OK",
    ]
    assert page.locator("[role=log] > [aria-live=off]").count() > 10


def test_nothing_moves_where_motion_is_reduced(browser: Browser, address: str) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    terminal = Terminal.at(page, address, fragment=OPEN_LOGIN)
    for line in ("USER anna", "PASS Sommer2026", "RETR 1"):
        terminal.send(line)
    assert page.locator("[data-pane=mailbox] .changed").count() == 1
    assert page.evaluate("document.getAnimations().length") == 0
    context.close()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_scripts_the_page_says_what_is_missing(browser: Browser, address: str, lang: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}{LANGUAGES[lang]}play/#edition=2016&do=CAPA")
    assert "JavaScript" in page.locator(".terminal noscript").inner_text()
    assert page.locator("pop3-terminal").is_hidden()
    context.close()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_choice_has_a_label(page: Page, address: str, lang: str) -> None:
    page.goto(f"{address}{LANGUAGES[lang]}play/")
    names = ["edition", "account", "transport", "login", "mechanism"]
    labelled = page.evaluate(
        """() => [...document.querySelectorAll("pop3-terminal select")].filter(one => one.labels.length === 1
        && one.labels[0].firstChild.textContent.trim()).map(one => one.name)"""
    )
    assert labelled == names


# -- links from other pages ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "edition"),
    [
        ("guide/what-pop3-is/", "2016"),
        ("en/guide/log-on-names/", "2010"),
        ("reference/replies/", "2016"),
        ("en/reference/commands/", "2016"),
    ],
)
def test_try_it_leads_to_a_preset(page: Page, address: str, path: str, edition: str) -> None:
    page.goto(address + path)
    links = page.locator("a.try-it")
    assert links.count() > 0
    target = links.first.evaluate("link => link.href")
    page.goto(target)
    assert urlsplit(page.url).path == ("/en/play/" if path.startswith("en/") else "/play/")
    assert page.locator("select[name=edition]").input_value() == edition
    for link in re.findall(r'href="[^"]*play/#([^"]*)"', page.content()):
        assert "Sommer" not in link
