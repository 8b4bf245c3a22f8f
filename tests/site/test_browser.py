"""The built site in a real browser, on a narrow screen, with every other host out of reach."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, Route, ViewportSize

from tests.site import axe, checks

#: What a page may ask for: itself, five style sheets, four scripts (the decoder has two of its own) and the
#: search's worker in two parts, a picture for the tab and the header. Its index waits for somebody to search.
REQUESTS = 14
BYTES = 250_000  # compressed as a server does it; half of it is Material's scripts and styles
WATCH_FOR_SHIFTS = """
    window.shifts = [];
    window.watch = new PerformanceObserver(list => list.getEntries().forEach(shift => window.shifts.push(
        shift.sources.map(source => source.node?.outerHTML?.slice(0, 90) ?? "").join(" "),
    )));
    window.watch.observe({type: "layout-shift", buffered: true});
"""
PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
AT_REST = "() => Promise.allSettled(document.getAnimations().map(animation => animation.finished))"
FORGET_SHIFTS = """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => {
    window.watch.takeRecords();
    window.shifts = [];
    done();
})))"""
WIDER_THAN_THE_SCREEN = """() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    return [...document.querySelectorAll("article *")]
        .filter(element => element.getBoundingClientRect().right > room + 1)
        .map(element => element.outerHTML.slice(0, 90));
}"""


class Visit:
    """What one page asks for and says while it loads."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.failed: list[str] = []
        self.errors: list[str] = []
        self.too_wide: list[str] = []
        self.shifts: list[str] = []
        self.violations: list[str] = []
        self.bytes = 0

    def answered(self, response: Response) -> None:
        """Note an answer."""
        if response.status >= 400:
            self.failed.append(response.url)

    def said(self, message: ConsoleMessage) -> None:
        """Note what stands in the console."""
        if message.type == "error":
            self.errors.append(message.text)


class Scripts:
    """Holds a page's scripts back until all of its text is painted, and lets them go then.

    Only what moves from then on counts, because a browser that has much else to do may paint a part of a page
    first, and the rest then moves what follows.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._held: list[Route] = []
        self._holding = False
        page.route("**/*.js", self._asked)

    def goto(self, url: str) -> None:
        """Load a page in this order."""
        self._holding = True
        self._page.goto(url, wait_until="commit")
        self._page.wait_for_selector("footer", state="attached")
        self._page.evaluate(FORGET_SHIFTS)
        self._holding = False
        for route in self._held:
            route.continue_()
        self._held.clear()
        self._page.wait_for_load_state("load")

    def _asked(self, route: Route) -> None:
        if self._holding:
            self._held.append(route)
        else:
            route.continue_()


@cache
def compressed(site: Path, address: str, url: str) -> int:
    """Return how many bytes a server sends that compresses, for one address."""
    if not url.startswith(address):
        return 0
    file = site / url.removeprefix(address).partition("?")[0]
    return len(gzip.compress((file / "index.html" if file.is_dir() else file).read_bytes()))


NARROW, WIDE = ViewportSize(width=360, height=740), ViewportSize(width=1280, height=800)


@pytest.fixture(scope="module")
def visits(browser: Browser, address: str, site: Path) -> dict[str, Visit]:
    """Every page of the site, loaded once, on a narrow screen, one after the other.

    axe judges the German ones in light colours on a wide screen, the English ones in dark colours on the
    narrow one, because colours do not depend on the width nor the rest on colours, and because another test
    compares how the pages of the two languages are built.
    """
    context = browser.new_context(viewport=NARROW)
    context.add_init_script(WATCH_FOR_SHIFTS)
    page = context.new_page()  # one for all: a new one costs as much as the visit
    visit = Visit()
    page.on("request", lambda request: visit.asked.append(request.url))
    page.on("requestfailed", lambda request: visit.failed.append(request.url))
    page.on("response", lambda response: visit.answered(response))
    page.on("console", lambda message: visit.said(message))
    page.on("pageerror", lambda error: visit.errors.append(str(error)))
    scripts = Scripts(page)
    found: dict[str, Visit] = {}
    for name in checks.lasting_pages(site):
        visit = found[name] = Visit()
        german = not name.startswith("en/")
        page.emulate_media(color_scheme="light" if german else "dark")
        scripts.goto(address + name.removesuffix("index.html"))
        page.wait_for_selector(f"body[data-md-color-scheme={'default' if german else 'slate'}]")
        visit.too_wide = page.evaluate(WIDER_THAN_THE_SCREEN)
        page.evaluate(PAINTED)
        visit.shifts = page.evaluate("window.shifts")
        visit.bytes = sum(compressed(site, address, url) for url in {*visit.asked})
        if axe.SCRIPT.exists():
            page.set_viewport_size(WIDE if german else NARROW)
            page.evaluate(PAINTED)
            page.evaluate(AT_REST)  # tabs fade in, and axe would judge them half faded
            visit.violations = axe.violations(page)
            page.set_viewport_size(NARROW)
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


def test_axe_finds_no_violation_of_wcag(visits: dict[str, Visit]) -> None:
    if not axe.SCRIPT.exists():
        pytest.skip("no npm packages here: install Node.js and npm, then make test")
    assert {name: v.violations for name, v in visits.items() if v.violations} == {}


def test_no_page_asks_for_much(visits: dict[str, Visit]) -> None:
    asked = {name: [url for url in v.asked if not url.startswith("data:")] for name, v in visits.items()}
    assert {name: urls for name, urls in asked.items() if not 1 < len(urls) <= REQUESTS} == {}
    assert {name: v.bytes for name, v in visits.items() if not 10_000 < v.bytes <= BYTES} == {}


def test_the_index_comes_once_somebody_searches(visits: dict[str, Visit], page: Page, address: str) -> None:
    assert [name for name, v in visits.items() if any("search_index" in url for url in v.asked)] == []
    page.goto(address)
    with page.expect_response(lambda response: "search_index" in response.url):
        page.click(".md-search__input")


def test_nothing_moves_when_the_scripts_of_a_page_come(visits: dict[str, Visit]) -> None:
    assert {name: v.shifts for name, v in visits.items() if v.shifts} == {}


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


@pytest.mark.parametrize(("start", "word"), [("", "Kennwort"), ("en/", "password")], ids=["de", "en"])
def test_the_search_finds_pages_in_the_readers_language(
    page: Page, address: str, start: str, word: str
) -> None:
    page.goto(address + start)
    page.click(".md-search__input")
    page.type(".md-search__input", word)
    page.wait_for_selector(".md-search-result__item")
    found = page.eval_on_selector_all(".md-search-result__link", "links => links.map(link => link.href)")
    assert len(found) > 5
    assert [url for url in found if url.startswith(f"{address}en/") != bool(start)] == []
    page.click(".md-search-result__link >> nth=0")
    page.wait_for_url(lambda url: url != address + start)
    assert page.get_attribute("html", "lang") == (start.strip("/") or "de")
    assert word.lower() in page.inner_text("article").lower()


@pytest.mark.parametrize("start", ["", "en/"], ids=["de", "en"])
def test_all_pages_can_be_read_and_reached_without_javascript(
    browser: Browser, address: str, site: Path, start: str
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    todo, seen = [address + start], set[str]()
    while todo:
        url = todo.pop()
        seen.add(url)
        page.goto(url, wait_until="domcontentloaded")
        assert page.is_visible("article h1"), url
        links = page.locator("a:visible[href]").evaluate_all("links => links.map(link => link.href)")
        near = {link.partition("#")[0] for link in links if link.startswith(address + start)}
        todo += [
            u
            for u in near - seen - {*todo}
            if u.endswith("/") and u.startswith(f"{address}en/") == bool(start)
        ]
    context.close()
    pages = {
        address + name.removesuffix("index.html") for name in checks.lasting_pages(site) if name != "404.html"
    }
    assert {url for url in pages if url.startswith(f"{address}en/") == bool(start)} - seen == set()


@pytest.mark.parametrize("start", ["", "en/"], ids=["de", "en"])
@pytest.mark.parametrize(("scripts", "fragment"), [(True, "#soak"), (False, "")], ids=["scripts", "none"])
def test_a_page_whose_address_has_ended_leads_on(
    browser: Browser, address: str, start: str, scripts: bool, fragment: str
) -> None:
    page = browser.new_context(java_script_enabled=scripts).new_page()
    page.goto(f"{address}{start}about/reliability/#soak", wait_until="commit")
    page.wait_for_url(f"{address}{start}about/performance/{fragment}")
    page.context.close()


@pytest.mark.parametrize("start", ["", "en/"], ids=["de", "en"])
def test_a_lesson_opens_its_solution_and_its_lines_without_javascript(
    browser: Browser, address: str, start: str
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}{start}learn/04-ports-and-mechanisms/")
    for details in page.locator("article details").all():
        details.locator("summary").click()
        assert details.locator("p, pre, li").first.is_visible()
    page.click("label.md-header__button[for=__drawer]")  # the menu on a narrow screen
    assert page.locator(".md-nav--primary .md-nav__link:visible").count() > 3
    context.close()


@pytest.mark.parametrize("start", ["", "en/"], ids=["de", "en"])
def test_a_printed_page_is_only_its_text_and_fits_the_paper(page: Page, address: str, start: str) -> None:
    page.set_viewport_size({"width": 718, "height": 1000})  # A4 less its margins, at 96 dpi
    page.emulate_media(media="print")
    for name in ("guide/ports-and-encryption/", "learn/04-ports-and-mechanisms/", "reference/commands/"):
        page.goto(address + start + name)
        hidden = (".md-header", ".md-tabs", ".md-footer", ".md-sidebar--primary", ".md-clipboard")
        assert [part for part in hidden if page.locator(part).locator("visible=true").count()] == []
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert page.locator("article h1").is_visible()
        # What is closed on the screen is open on paper, but for what gives a lesson's answers away.
        kept = "article details:is(.answer, .solution, .setup, .proof)"
        folded = page.locator(f"article details:not(.contents, {kept}, {kept} *)").all()
        assert all(details.locator("p, code").first.is_visible() for details in folded)
        assert not page.locator(f"{kept} > :not(summary)").locator("visible=true").count()


@pytest.mark.parametrize("start", ["", "en/"], ids=["de", "en"])
def test_a_page_can_be_used_by_keyboard(page: Page, address: str, start: str) -> None:
    page.set_viewport_size(NARROW)  # on a wide one, no table has to be scrolled
    page.goto(f"{address}{start}reference/editions/")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("Tab")
    assert "md-skip" in str(page.evaluate("document.activeElement.className"))  # first: straight to the text
    page.keyboard.press("Enter")
    page.wait_for_url("**/#*")
    for _ in range(100):
        page.keyboard.press("Tab")
        shown = page.evaluate("""() => {
            const style = getComputedStyle(document.activeElement);
            return style.outlineStyle !== "none" || style.boxShadow !== "none";
        }""")
        assert shown, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if page.evaluate("document.activeElement.matches('.md-typeset__scrollwrap')"):
            break
    else:
        pytest.fail("no wide table can be reached by keyboard")
    # Now at a wide table: the arrow keys scroll it.
    before = page.evaluate("document.activeElement.scrollLeft")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("before => document.activeElement.scrollLeft > before", arg=before)
