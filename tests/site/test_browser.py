"""The built site in a real browser, on a narrow screen, with every other host out of reach."""

from __future__ import annotations

import functools
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, sync_playwright

from tests.site import checks

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",  # as root there is none; the pages are our own
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
WIDER_THAN_THE_SCREEN = """() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    return [...document.querySelectorAll("article *")]
        .filter(element => element.getBoundingClientRect().right > room + 1)
        .map(element => element.outerHTML.slice(0, 90));
}"""


class Visit:
    """What one page asks for and says while it loads."""

    def __init__(self, page: Page) -> None:
        self.asked: list[str] = []
        self.failed: list[str] = []
        self.errors: list[str] = []
        self.too_wide: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("requestfailed", lambda request: self.failed.append(request.url))
        page.on("response", self._answered)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.failed.append(response.url)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files without a line per request."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    handler = functools.partial(QuietHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


# For this module only: Playwright's event loop would be in the way of tests that run their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("no Chromium on this machine (Debian's package is in apt.txt)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def visits(browser: Browser, address: str, site: Path) -> dict[str, Visit]:
    """Every page of the site, loaded once on a narrow screen."""
    context = browser.new_context(viewport={"width": 360, "height": 740})
    found: dict[str, Visit] = {}
    for name in checks.page_files(site):
        page = context.new_page()
        visit = found[name] = Visit(page)
        page.goto(address + name.removesuffix("index.html"), wait_until="networkidle")
        visit.too_wide = page.evaluate(WIDER_THAN_THE_SCREEN)
        page.close()
    context.close()
    return found


def test_no_page_asks_another_host(visits: dict[str, Visit], address: str) -> None:
    local = (address, "data:", "blob:")
    foreign = {name: [url for url in v.asked if not url.startswith(local)] for name, v in visits.items()}
    assert {name: urls for name, urls in foreign.items() if urls} == {}


def test_everything_a_page_asks_for_is_there(visits: dict[str, Visit]) -> None:
    assert {name: v.failed for name, v in visits.items() if v.failed} == {}


def test_no_page_reports_an_error(visits: dict[str, Visit]) -> None:
    assert {name: v.errors for name, v in visits.items() if v.errors} == {}


def test_no_page_is_wider_than_a_narrow_screen(visits: dict[str, Visit]) -> None:
    assert {name: v.too_wide for name, v in visits.items() if v.too_wide} == {}


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_the_language_switch_stays_on_the_page(
    browser: Browser, address: str, site: Path, scripts: bool
) -> None:
    page = browser.new_context(java_script_enabled=scripts).new_page()
    notebook = next(site.glob("learn/*/index.html")).parent.relative_to(site).as_posix()
    for path in ("", "reference/commands/", f"{notebook}/"):
        page.goto(address + path)
        for language, expected in (("en", f"en/{path}"), ("de", path)):
            page.hover(".md-header .md-select")
            page.click(f".md-header a[hreflang={language}]")
            page.wait_for_url(address + expected)
            assert page.get_attribute("html", "lang") == language
    page.context.close()


@pytest.mark.parametrize(("system", "scheme"), [("light", "default"), ("dark", "slate")])
def test_colours_follow_the_system(browser: Browser, address: str, system: str, scheme: str) -> None:
    page = browser.new_page(color_scheme=system)  # type: ignore[arg-type]
    page.goto(address)
    page.wait_for_selector(f"body[data-md-color-scheme={scheme}]")
    page.close()


@pytest.mark.parametrize("start", ["", "en/"], ids=["de", "en"])
def test_the_search_finds_something(page: Page, address: str, start: str) -> None:
    page.goto(address + start)
    page.click(".md-search__input")
    page.type(".md-search__input", "POP3")
    page.wait_for_selector(".md-search-result__item")
