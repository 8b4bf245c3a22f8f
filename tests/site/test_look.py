"""Ways and look, measured in the browser: menus, tables, sizes of text."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, ViewportSize

from tests.site import checks
from tests.site.projects import ROOT
from website.pages.ways import menu

#: Tables that are wider than their place, and those of them that do not say so.
WIDE = """() => [...document.querySelectorAll(".md-typeset__scrollwrap")]
    .filter((wrap) => wrap.scrollWidth > wrap.clientWidth + 1)
    .map((wrap) => wrap.querySelector("table"))
    .map((table) => [table.querySelector("th").textContent, getComputedStyle(table, "::before").content])"""
#: Texts in cells that are smaller than 14 px.
SMALL = """() => [...document.querySelectorAll(".md-typeset :is(td, th), .md-typeset :is(td, th) *")]
    .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    .filter((element) => parseFloat(getComputedStyle(element).fontSize) < 14)
    .map((element) => element.outerHTML.slice(0, 80))"""

#: By page and width: the wide tables with what stands before them, and what is small in cells.
Looks = dict[tuple[str, int], tuple[list[list[str]], list[str]]]


@pytest.fixture(scope="module")
def looks(browser: Browser, address: str, site: Path) -> Looks:
    """Every page in two widths: its wide tables with what stands before them, and what is small in cells."""
    found = {}
    for width in (360, 1280):
        context = browser.new_context(viewport=ViewportSize(width=width, height=800))
        page = context.new_page()
        for name in checks.lasting_pages(site):
            page.goto(address + name)
            if page.locator("article table").count():
                page.locator(".md-typeset__scrollwrap").first.wait_for(state="attached")
            found[name, width] = page.evaluate(WIDE), page.evaluate(SMALL)
        context.close()
    return found


def test_every_table_fits_a_screen_of_1280_pixels(looks: Looks) -> None:
    assert {name: wide for (name, width), (wide, _) in looks.items() if width == 1280 and wide} == {}


def test_a_table_that_is_wider_than_a_phone_says_so(looks: Looks) -> None:
    wide = {name: tables for (name, width), (tables, _) in looks.items() if width == 360 and tables}
    assert len(wide) > 20
    for name, tables in wide.items():
        says = "Swipe" if checks.language_of(name) == "en" else "schieben"
        assert [head for head, hint in tables if says not in hint] == [], name


def test_no_text_in_a_cell_is_smaller_than_14_pixels(looks: Looks) -> None:
    assert {key: small for key, (_, small) in looks.items() if small} == {}


def test_every_page_shows_the_menu_of_its_section_and_the_way_to_it(site: Path) -> None:
    for name, soup in checks.pages(site).items():
        if name == "404.html" or not soup.select_one("article h1") or soup.select_one("link[rel=moved]"):
            continue
        assert not soup.select("[hidden].md-sidebar--primary, .md-sidebar--primary[hidden]"), name
        active = soup.select("nav.md-tabs .md-tabs__item--active")
        depth = name.removeprefix("en/").count("/")
        if depth == 2:
            assert len(active) == 1, name
            assert soup.select_one("nav.md-path"), name


def test_a_section_has_a_page_that_names_all_its_pages_and_what_each_answers(site: Path) -> None:
    for lang in checks.LANGUAGES:
        below = "en/" if lang == "en" else ""
        for section, names in menu(ROOT).items():
            landing = checks.page(site, f"{below}{section}/index.html")
            article = landing.select_one("article")
            assert article
            listed = {str(link["href"]).strip("./").partition("/")[0] for link in article.select("li a")}
            assert listed >= {name.rpartition("/")[2] for name in names}, f"{lang}: {section}"
            for name in names:
                page: BeautifulSoup = checks.page(site, f"{below}{name}/index.html")
                described = page.select_one("meta[name=description]")
                assert described, name


def test_the_start_page_leads_to_every_lesson_with_minutes_and_level(site: Path) -> None:
    for name, level in (("index.html", "Vertiefung"), ("en/index.html", "advanced")):
        steps = checks.page(site, name).select("article ol > li")
        assert len(steps) == 10
        assert all("min" in step.get_text().lower() for step in steps)
        assert level in steps[9].get_text()


@pytest.mark.parametrize("name", ["reference/editions/", "en/reference/editions/"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "none"])
def test_the_end_of_long_contents_can_be_reached(
    browser: Browser, address: str, name: str, scripts: bool
) -> None:
    context = browser.new_context(viewport=ViewportSize(width=1280, height=800), java_script_enabled=scripts)
    page = context.new_page()
    page.goto(address + name)
    contents = page.locator(".md-sidebar--secondary .md-sidebar__scrollwrap")
    if scripts:
        page.wait_for_function("document.documentElement.classList.contains('js')")
    box = contents.bounding_box()
    assert box
    assert box["y"] + box["height"] <= 800
    contents.hover()
    page.mouse.wheel(0, 10_000)
    last = contents.locator("a").last
    page.wait_for_timeout(300)  # the wheel answers before the page has moved
    place = last.bounding_box()
    assert place
    assert 0 <= place["y"] <= place["y"] + place["height"] <= 800
    assert page.locator("article h1").bounding_box()["y"] > 0  # type: ignore[index]  # only the contents moved
    context.close()


@pytest.mark.parametrize("name", ["reference/editions/index.html", "en/reference/editions/index.html"])
def test_no_heading_of_the_editions_is_a_name_of_our_code(site: Path, name: str) -> None:
    headings = [
        str(heading.get_text()) for heading in checks.article(checks.page(site, name)).select("h2, h3")
    ]
    assert [heading for heading in headings if "_" in heading] == []
    assert "-ERR Logon failure: unknown user name or bad password.#" in headings
    assert "+OK {count} {octets} (STAT)#" in headings


@pytest.mark.parametrize("name", ["guide/log-on-names/", "en/learn/05-deletion/"])
def test_on_a_phone_the_contents_are_one_tap_away(browser: Browser, address: str, name: str) -> None:
    page = browser.new_page(viewport=ViewportSize(width=360, height=740))
    page.goto(address + name)
    first = page.locator("article .contents a").first
    assert not first.is_visible()
    page.locator("article .contents summary").click()
    first.wait_for(state="visible")
    target = str(first.get_attribute("href"))
    first.click()
    page.wait_for_url(f"**{target}")
    page.close()
