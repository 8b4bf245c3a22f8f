"""The first use of a glossary term on a page is a link whose meaning opens on hover, on focus and at a tap.

The expected links are typed by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page, expect

from tests.site import axe, checks
from tests.site.projects import ROOT
from website.build import terms
from website.data import Problem
from website.pages import glossary

GUIDE = "guide/ports-and-encryption/"


def link(content: str, lang: str = "en", page: str = "guide/x.md") -> str:
    """Return what is linked of a text, as [words](term)."""
    made = terms.link(content, ROOT, lang, page, "../g/")
    soup = BeautifulSoup(made, "html.parser")
    for tag in soup.select("a.term"):
        tag.replace_with(f"[{tag.get_text()}]({str(tag['href']).removeprefix('../g/#')})")
    return str(soup)


# --- What is linked ----------------------------------------------------------------------------


def test_only_the_first_use_is_linked() -> None:
    assert link("<p>A maildrop. Two maildrops.</p><p>maildrop</p>") == (
        "<p>A [maildrop](maildrop). Two maildrops.</p><p>maildrop</p>"
    )


def test_the_title_is_the_meaning_as_plain_text() -> None:
    made = terms.link("<p>Use STLS.</p>", ROOT, "en", "guide/x.md", "../g/")
    assert made == (
        '<p>Use <a class="term" href="../g/#stls" title="The POP3 command that switches an open connection '
        'on port 110 to TLS (opportunistic TLS). IMAP4 and SMTP call it STARTTLS.">STLS</a>.</p>'
    )


@pytest.mark.parametrize(
    "content",
    [
        "<h2>Maildrop</h2>",
        "<p><a href='x'>the maildrop</a></p>",
        "<p><code>maildrop</code></p>",
        "<details><summary>maildrop</summary></details>",
        '<details class="evidence"><p>maildrop</p></details>',
        '<p>It is so <span class="kind kind-assumed">maildrop</span></p>',
        "<svg><p>maildrop</p></svg>",
        "<table><tr><td><p>maildrop</p></td></tr></table>",
        "<p><em>The maildrop</em>, a title</p>",
        '<p title="maildrop">x <!-- maildrop --></p>',
        "<p>maildrop-like, submaildrop, maildropped</p>",
        "maildrop in no paragraph",
    ],
)
def test_nothing_but_running_text_is_linked(content: str) -> None:
    assert terms.link(content, ROOT, "en", "guide/x.md", "../g/") == content


@pytest.mark.parametrize("page", ["reference/glossary.md", "reference/api.md", "about/contributing.md"])
def test_some_pages_have_no_links(page: str) -> None:
    assert "term" not in link("<p>maildrop</p>", page=page)


@pytest.mark.parametrize(
    ("lang", "text", "linked"),
    [
        ("de", "des Maildrops", "des [Maildrops](maildrop)"),
        ("de", "freigegebenen Postfachs", "[freigegebenen Postfachs](shared-mailbox)"),
        ("de", "in freigegebenen Postfächern", "in [freigegebenen Postfächern](shared-mailbox)"),
        ("de", "mit moderner Authentifizierung", "mit [moderner Authentifizierung](modern-authentication)"),
        ("de", "Moderne Authentifizierung", "[Moderne Authentifizierung](modern-authentication)"),
        ("de", "viele Mechanismen", "viele [Mechanismen](mechanism)"),
        ("en", "authentication\npolicies", "[authentication\npolicies](authentication-policy)"),
        ("en", "shared mailboxes", "[shared mailboxes](shared-mailbox)"),
        ("en", "Single item recovery", "[Single item recovery](single-item-recovery)"),
        ("en", "a mailbox database", "a [mailbox database](mailbox-database)"),
        ("en", "a token", "a [token](access-token)"),
        ("en", "mail of a client", "mail of a client"),  # words that every reader knows
    ],
)
def test_inflected_forms_are_linked_and_the_longest_term_wins(lang: str, text: str, linked: str) -> None:
    assert link(f"<p>{text}</p>", lang) == f"<p>{linked}</p>"


def test_a_page_has_at_most_ten_links() -> None:
    many = "maildrop UID STLS TLS SASL NTLM Kerberos SPN UPN XOAUTH2 tenant dumpster"
    made = link(f"<p>{many}</p>")
    assert made.count("](") == 10
    assert made.endswith("tenant dumpster</p>")


def test_drawings_stay_as_they_are() -> None:
    drawing = '<svg viewBox="0 0 1 1"><path d="M0 0"/><text>maildrop</text></svg>'
    assert link(f"<p>x</p>{drawing}<p>a maildrop</p>").endswith("<p>a [maildrop](maildrop)</p>")
    assert drawing in terms.link(f"{drawing}<p>a maildrop</p>", ROOT, "en", "guide/x.md", "g")


@pytest.mark.parametrize(
    ("forms", "problem"),
    [
        ("{de: [Mialdrops]}", r"maildrop: forms: 'Mialdrops' does not begin as a word of 'Maildrop' does"),
        ("{en: [box]}", r"maildrop: forms: 'box' does not begin as a word of 'maildrop' does"),
    ],
)
def test_a_misspelt_form_is_refused(tmp_path: Path, forms: str, problem: str) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "glossary.yml").write_text(
        "terms:\n  maildrop: {de: Maildrop, en: maildrop, means: {de: X., en: X.}, forms: " + forms + "}\n"
        "exceptions: {de: {}, en: {}}\n",
        encoding="utf-8",
    )
    with pytest.raises(Problem, match=problem):
        glossary.load(tmp_path)


# --- On the site -------------------------------------------------------------------------------


def test_every_page_of_the_guide_explains_a_term(site: Path) -> None:
    found = {
        name: [str(tag["href"]).rpartition("/")[2] for tag in checks.article(soup).select("a.term")]
        for name, soup in checks.pages(site).items()
    }
    guide = {name: links for name, links in found.items() if "guide/" in name}
    assert len(guide) >= 16
    assert [name for name, links in guide.items() if not links] == []
    for name, links in found.items():
        assert len(links) == len({*links}) <= 10, name
    lessons = {name for name, links in found.items() if links and "learn/0" in name}
    assert len(lessons) >= 16


# --- In a browser ------------------------------------------------------------------------------


@pytest.fixture
def term(page: Page, address: str) -> Page:
    """A page with a mouse and a keyboard, at rest."""
    page.goto(address + GUIDE)
    page.wait_for_load_state("networkidle")
    return page


def test_hover_opens_the_meaning_and_one_may_move_onto_it(term: Page) -> None:
    link, tip = term.locator("a.term").first, term.locator("[role=tooltip].term-tip")
    means = link.get_attribute("title")
    assert means
    link.hover()
    expect(tip).to_have_text(means)
    assert link.get_attribute("aria-describedby") == tip.get_attribute("id")
    assert link.get_attribute("title") is None  # or the browser would show a second one
    tip.hover()
    term.wait_for_timeout(500)  # longer than the tooltip takes to close
    expect(tip).to_be_visible()
    term.mouse.move(5, 5)
    expect(tip).to_have_count(0)
    assert link.get_attribute("title") == means


def test_focus_opens_it_and_escape_closes_it(term: Page) -> None:
    link, tip = term.locator("a.term").first, term.locator(".term-tip")
    link.focus()
    expect(tip).to_be_visible()
    term.keyboard.press("Escape")
    expect(tip).to_have_count(0)
    assert term.evaluate("document.activeElement.matches('a.term')")
    link.blur()
    link.focus()
    expect(tip).to_be_visible()
    term.keyboard.press("Tab")
    assert term.locator(".term-tip").count() == term.locator("a.term:focus").count()
    link.focus()
    term.keyboard.press("Enter")
    term.wait_for_url("**/reference/glossary/#*")


@pytest.fixture
def phone(browser: Browser, address: str) -> Iterator[Page]:
    """A page on a narrow screen that is touched."""
    context = browser.new_context(has_touch=True, is_mobile=True, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(address + GUIDE)
    page.wait_for_load_state("networkidle")
    yield page
    context.close()


def test_the_first_tap_opens_it_and_the_second_follows_the_link(phone: Page, address: str) -> None:
    # The last, because the meaning of the first may lie on the one below it.
    first, second = phone.locator("a.term").first, phone.locator("a.term").last
    tip = phone.locator(".term-tip")
    first.tap()
    expect(tip).to_be_visible()
    assert phone.url == address + GUIDE
    box = tip.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    phone.locator("article h1").tap()
    expect(tip).to_have_count(0)
    first.tap()
    second.tap()
    expect(tip).to_have_count(1)
    assert second.get_attribute("aria-describedby") == tip.get_attribute("id")
    assert phone.url == address + GUIDE
    second.tap()
    phone.wait_for_url("**/reference/glossary/#*")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_open_meaning_meets_wcag(term: Page, scheme: str) -> None:
    if not axe.SCRIPT.exists():
        pytest.skip("no npm packages here: install Node.js and npm, then make test")
    term.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    term.locator("a.term").first.focus()
    expect(term.locator(".term-tip")).to_be_visible()
    assert axe.violations(term) == []


def test_without_scripts_it_is_a_link_and_on_paper_it_is_text(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + GUIDE)
    link = page.locator("a.term").first
    assert link.get_attribute("title")
    line = "link => getComputedStyle(link).textDecorationLine"
    assert link.evaluate(line) == "underline"
    page.emulate_media(media="print")
    assert link.evaluate(line) == "none"
    page.emulate_media(media="screen")
    link.click()
    page.wait_for_url("**/reference/glossary/#*")
    context.close()


@pytest.mark.parametrize(("lang", "there", "missing"), [("de", "ABZ", "QY"), ("en", "ABX", "JQYZ")])
def test_the_letters_lead_to_the_first_term_of_each(
    page: Page, address: str, lang: str, there: str, missing: str
) -> None:
    page.goto(f"{address}{'en/' if lang == 'en' else ''}reference/glossary/")
    letters = page.locator(".letters")
    assert letters.inner_text().split() == list("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    shown = page.locator(".by-name dt [id]").all_inner_texts()
    for letter in there:
        letters.locator("a", has_text=letter).click()
        anchor = page.url.rpartition("#")[2]
        first = page.locator(f"[id={anchor}]").inner_text()
        assert first[0].upper() == letter
        assert shown[shown.index(first) - 1][0].upper() != letter
    assert [letter for letter in missing if letters.locator("a", has_text=letter).count()] == []
