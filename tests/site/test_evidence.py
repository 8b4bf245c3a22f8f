"""Evidence comes last and folded: one line per section, a quiet mark in the text, and a way to each claim."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser, ViewportSize

from tests.site import checks
from tests.site.projects import ROOT
from website import kinds, marks
from website.data import Problem
from website.marks import Context

PAGE = Context("en", ROOT, "guide/log-on-names.md")
KINDS = {
    "de": {"measured": "gemessen", "modelled": "nachgestellt", "cited": "laut Quelle", "assumed": "Annahme"},
    "en": {"measured": "measured", "modelled": "modelled", "cited": "cited", "assumed": "assumed"},
}
MEANS = {
    "de": {
        "measured": "Wir haben es ausprobiert.",
        "modelled": "minipop tut, was die genannte Quelle über Exchange sagt.",
        "cited": "Die genannte Quelle sagt es; auszuführen gibt es hier nichts.",
        "assumed": "Keine öffentliche Quelle sagt es. Probieren Sie es an Ihrem Server aus.",
    },
    "en": {
        "measured": "We have tried it.",
        "modelled": "minipop does what the named source says about Exchange.",
        "cited": "The named source says so; there is nothing to run here.",
        "assumed": "No public source says so. Try it on your server.",
    },
}
#: What used to be said of the four kinds, and sounded like lies, hearsay or a crime show.
GONE = ("erfunden", "erzählt", "re-enact", "narrated", "invented")
HEADINGS = ("h1", "h2", "h3", "h4")
FOLDED_SHARE = """() => {
    const folds = [...document.querySelectorAll("details.evidence")];
    const heights = folds.map((fold) => {
        const style = getComputedStyle(fold);
        return fold.offsetHeight + parseFloat(style.marginTop) + parseFloat(style.marginBottom);
    });
    return heights.reduce((sum, one) => sum + one, 0) / document.querySelector("article").offsetHeight;
}"""


def pages(site: Path) -> dict[str, BeautifulSoup]:
    return {name: soup for name, soup in checks.pages(site).items() if soup.select_one("article h1")}


def test_a_kind_is_drawn_behind_what_it_is_about_and_not_in_code() -> None:
    assert kinds.fill("yes {assumed}", "de") == 'yes <span class="kind kind-assumed">Annahme</span>'
    assert kinds.fill("yes{cited}.", "en") == 'yes <span class="kind kind-cited">cited</span>.'
    for code in ("`{assumed}`", "```\n{assumed}\n```\n", "{wanted}"):
        assert kinds.fill(code, "de") == code


@pytest.mark.parametrize("lang", checks.LANGUAGES)
def test_a_kind_says_on_hover_what_it_means(site: Path, lang: str) -> None:
    seen = set()
    for name, soup in pages(site).items():
        if checks.language_of(name) == lang:
            seen |= {(span.get_text(), str(span.get("title"))) for span in soup.select("span.kind")}
    assert seen == {(KINDS[lang][kind], means) for kind, means in MEANS[lang].items()}


def test_claims_and_the_paragraph_below_the_mark_fold_into_one_line_that_names_them() -> None:
    text = "One.\n\n<!-- evidence C42 C45 -->\n{modelled}: the rule.\n{assumed}: the rest.\n\nTwo."
    drawn = BeautifulSoup(marks.fill(text, PAGE), "html.parser")
    (fold,) = drawn.select("details.evidence")
    assert fold.summary
    assert (
        fold.summary.get_text()
        == "Evidence: C42, C45 · confirmed, unverified, sources disagree · modelled, assumed"
    )
    assert [box["id"] for box in fold.select(".statement")] == ["c42", "c45"]
    assert "{modelled}: the rule.\n{assumed}: the rest." in fold.get_text()
    assert "Two." not in fold.get_text()
    assert "Two." in drawn.get_text()


def test_a_fold_without_anything_in_it_is_refused() -> None:
    with pytest.raises(Problem, match="it folds nothing; name claims, or write a paragraph right below"):
        marks.fill("<!-- evidence -->\n\nText.", PAGE)


def test_a_section_has_at_most_one_fold_and_no_other_class_says_evidence_or_claim(site: Path) -> None:
    for name, soup in pages(site).items():
        seen: list[Tag | None] = []
        for fold in soup.select("article details.evidence"):
            section = fold.find_previous(HEADINGS)
            assert section not in seen, f"{name}: two folds below {section}"
            seen.append(section)
            assert fold.summary, name
            assert "(" not in fold.summary.get_text(), name
        for tag in soup.select("[class*=evidence], [class*=claim]"):
            assert (tag.name, tag["class"]) == ("details", ["evidence"]), f"{name}: {tag}"


@pytest.mark.parametrize("lang", checks.LANGUAGES)
def test_a_kind_is_always_one_of_four_words(site: Path, lang: str) -> None:
    found = set()
    for name, soup in pages(site).items():
        if checks.language_of(name) != lang:
            continue
        for span in soup.select("span.kind"):
            (kind,) = {*span["class"]} - {"kind"}
            found.add((kind, span.get_text()))
    assert found == {(f"kind-{kind}", word) for kind, word in KINDS[lang].items()}


@pytest.mark.parametrize("word", GONE)
def test_the_words_of_before_are_gone(site: Path, word: str) -> None:
    articles = {name: checks.article(soup).get_text().lower() for name, soup in pages(site).items()}
    assert [name for name, said in articles.items() if word in said] == []


@pytest.mark.parametrize("width", [360, 1280])
def test_folded_evidence_takes_at_most_a_tenth_of_a_guide_or_how_to_page(
    browser: Browser, address: str, site: Path, width: int
) -> None:
    context = browser.new_context(viewport=ViewportSize(width=width, height=800))
    page = context.new_page()
    shares = {}
    for name in pages(site):
        if "guide/" in name or "how-to/" in name:
            page.goto(f"{address}{name}")
            shares[name] = page.evaluate(FOLDED_SHARE)
    context.close()
    assert len(shares) >= 26
    assert any(shares.values())
    assert {name: share for name, share in shares.items() if share > 0.1} == {}


@pytest.mark.parametrize("address_of", ["guide/log-on-names/#c45", "en/guide/log-on-names/#c45"])
def test_the_address_of_a_claim_opens_its_fold(browser: Browser, address: str, address_of: str) -> None:
    page = browser.new_page()
    page.goto(address + address_of)
    page.locator("#c45").wait_for(state="visible")
    page.goto(address + address_of.replace("c45", "c46"))
    page.locator("#c46").wait_for(state="visible")
    page.close()
