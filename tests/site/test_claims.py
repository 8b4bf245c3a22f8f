"""Every claim of the article has its place on the site, with verdict, present fact, source and evidence."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from bs4 import BeautifulSoup, Tag

from tests.site import checks
from tests.site.article import HEADINGS, PARAGRAPHS
from tests.site.drawing import drawn
from tests.site.projects import ROOT
from website.data import Problem, Text, fitted
from website.pages.claims import Claim, load, problems

# Typed by hand from the fact check of the article.
_FOR_ALL_EDITIONS = {
    "confirmed": ("C01 C02 C03 C06 C09 C12 C15 C19 C20 C22 C23 C28 C32 C33 C34 C35 C46 C49 C51 C53 C59 C60"),
    "refined": "C10 C16 C17 C18 C21 C24 C27 C29 C39 C54 C56",
    "outdated": "C05 C08 C11 C13 C37 C38 C40 C41 C52 C61",
    "contradicted": "C04 C36",
    "disagree": "C30",
    "opinion": "C07 C14 C25 C26 C55 C57 C58",
    "none": "C50 C62",
    "background": "X01 X02 X03 X04 X05 X06 X07 X08 X09 X10 X11 X12 X13 X14 X15 X16",
}
VERDICTS = {
    **{claim: {"": verdict} for verdict, claims in _FOR_ALL_EDITIONS.items() for claim in claims.split()},
    "C31": {"2003": "refined", "2007–SE": "confirmed"},
    "C42": {"2000–2003": "confirmed", "2007–2010": "unverified"},
    "C43": {"2000–2003": "confirmed", "2007–2010": "unverified"},
    "C44": {"2000–2003": "confirmed", "2007–2010": "unverified"},
    "C45": {"2000–2003": "confirmed", "2007–2010": "disagree"},
    "C47": {"2000–2010": "confirmed", "2013–SE": "unverified"},
    "C48": {"2000–2010": "confirmed", "2013–SE": "unverified"},
}
PAGES = {
    "guide/should-you-use-pop3": (
        "C10 C11 C13 C14 C15 C16 C17 C18 C21 C22 C23 C24 C25 C26 C55 C56 C57 C58 C59 C60"
    ),
    "guide/what-pop3-is": "C01 C20 X01 X02 X03 X05 X10",
    "guide/ports-and-encryption": "C19 C27 C28 C29 C34 C35 C36 C37 C54 C61 X12 X13",
    "guide/log-on-names": "C42 C43 C44 C45 C46 C47 C48 C49 C50 C51 C52 C53 X15",
    "guide/mechanisms-and-login-type": "C30 C31 C32 C33 X04 X16",
    "guide/modern-authentication": "C38 C39 C40 C41 X11",
    "guide/deletion-and-recovery": "C02 C03 C04 C05 C06 X06 X07",
    "guide/administration": "C07 C08 C09 C12 X08 X09 X14",
    "about/source": "C62",
}
WORDS = {
    "de": {
        "contradicted": "widerlegt",
        "outdated": "überholt",
        "disagree": "Quellen uneins",
        "refined": "präzisiert",
        "unverified": "nicht belegt",
        "confirmed": "bestätigt",
        "opinion": "Meinung",
        "background": "Hintergrund",
        "none": "keine Behauptung",
    },
    "en": {
        "contradicted": "contradicted",
        "outdated": "outdated",
        "disagree": "sources disagree",
        "refined": "refined",
        "unverified": "unverified",
        "confirmed": "confirmed",
        "opinion": "opinion",
        "background": "background",
        "none": "no claim",
    },
}
CLAIMS = [f"C{number:02}" for number in range(1, 63)] + [f"X{number:02}" for number in range(1, 17)]


def page(site: Path, lang: str, name: str) -> BeautifulSoup:
    """Return a page as it was built."""
    return checks.page(site, f"{'en/' if lang == 'en' else ''}{name}/index.html")


def said(lang: str, verdict: dict[str, str]) -> str:
    """Return a verdict as the site words it."""
    return ", ".join(
        WORDS[lang][v] + (f" ({editions})" if editions else "") for editions, v in verdict.items()
    )


def text(tag: Tag) -> str:
    """Return a tag's text with single blanks."""
    return " ".join(tag.get_text(" ").split()).replace(" ,", ",")


def test_the_expectations_name_every_claim_once() -> None:
    assert sorted(load(ROOT).claims) == sorted(CLAIMS), "enter it in tests/site/test_claims.py: CLAIMS"
    assert sorted(VERDICTS) == sorted(CLAIMS), "enter it in tests/site/test_claims.py: VERDICTS"
    named = sorted(" ".join(PAGES.values()).split())
    assert named == sorted(CLAIMS), "enter it in tests/site/test_claims.py: PAGES"


def test_the_data_are_whole() -> None:
    assert list(problems(load(ROOT), ROOT)) == []


@pytest.mark.parametrize("lang", checks.LANGUAGES)
def test_every_claim_stands_on_its_page_with_its_verdict(site: Path, lang: str) -> None:
    for name, claims in PAGES.items():
        boxes = {str(box["id"]): box for box in page(site, lang, name).select("div.statement")}
        assert sorted(boxes) == sorted(claims.lower().split()), name
        for claim in claims.split():
            box = boxes[claim.lower()]
            verdict = text(box.select("p")[0]).partition(" ")[2]
            assert verdict.endswith(said(lang, VERDICTS[claim])), f"{claim}: {verdict}"
            assert len(box.select("dt")) == 4, claim  # the article, today, evidence, source
            assert all(text(dd) for dd in box.select("dd")), claim


@pytest.mark.parametrize("lang", checks.LANGUAGES)
def test_the_list_of_claims_has_all_of_them_with_their_standing(site: Path, lang: str) -> None:
    tables = page(site, lang, "about/claims").select("article table")
    rows = [row.select("td") for row in tables[-1].select("tbody tr")]
    assert [text(row[0]) for row in rows] == CLAIMS
    for row in rows:
        claim = text(row[0])
        place = next(name for name, claims in PAGES.items() if claim in claims.split())
        link = row[0].select_one("a")
        assert link
        assert str(link["href"]).endswith(f"/{place.rpartition('/')[2]}/#{claim.lower()}")
        assert text(row[2]) == said(lang, VERDICTS[claim])
        assert text(row[3])


@pytest.mark.parametrize("lang", checks.LANGUAGES)
def test_the_counts_are_those_of_the_fact_check(site: Path, lang: str) -> None:
    expected = {
        "contradicted": 2,
        "outdated": 10,
        "disagree": 1,
        "refined": 12,  # C31 is refined for 2003, and counts here
        "confirmed": 28,  # with C42 to C45, C47 and C48, for the editions that the article tested
        "opinion": 7,
        "background": 16,
        "none": 2,
    }
    rows = page(site, lang, "about/claims").select("article table")[0].select("tbody tr")
    assert [[text(td) for td in row.select("td")] for row in rows] == [
        [WORDS[lang][verdict], str(number)] for verdict, number in expected.items()
    ]
    assert sum(expected.values()) == len(CLAIMS)


@pytest.mark.parametrize("lang", checks.LANGUAGES)
def test_the_source_page_leads_from_every_paragraph_to_its_claims(site: Path, lang: str) -> None:
    source = page(site, lang, "about/source")
    number = 0
    for heading in HEADINGS:
        title = source.select_one(f"article h3#{heading}")
        assert title, heading
        table = title.find_next("table")
        assert isinstance(table, Tag)
        expected = [claims for of, _, claims in PARAGRAPHS if of == heading]
        found = []
        for row in table.select("tbody tr"):
            number += 1
            cells = row.select("td")
            assert text(cells[0]) == str(number)
            found.append(text(cells[2]))
            for link in cells[2].select("a"):
                claim = text(link)
                assert str(link["href"]).endswith(f"#{claim.lower()}")
        assert found == expected
    assert number == len(PARAGRAPHS) == 37


def test_no_line_of_the_article_belongs_to_two_paragraphs() -> None:
    lines = [line for _, lines, _ in PARAGRAPHS for line in lines]
    assert lines == sorted({*lines})
    told = {claim for _, _, claims in PARAGRAPHS for claim in claims.split()}
    assert told == {*CLAIMS}, "enter it in tests/site/article.py: PARAGRAPHS"


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("today", {"en": "There are three."}, "C27: today is not in both languages; write {de: …, en: …}"),
        ("says", "There are two.", "C27: says is not in both languages"),
        ("remark", {}, "C27: nothing is called remark; there are about, today, verdict, sources"),
    ],
)
def test_an_entry_that_is_not_whole_is_refused(key: str, value: object, says: str) -> None:
    whole = yaml.safe_load((ROOT / "docs/claims.yml").read_text("utf-8"))["claims"]["C27"]
    with pytest.raises(Problem, match=f"^{re.escape(says)}"):
        fitted({**whole, key: value}, Claim, "C27")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"says": Text()}, "C is what the article says (`says`), X what it does not mention"),
        ({"verdict": "probably"}, "'probably' is no verdict; write one of contradicted, outdated, disagree"),
        ({"sources": []}, "without source or evidence"),
        ({"evidence": []}, "without source or evidence"),
        ({"evidence": ["measured"]}, "measured, without a place that shows it"),
        ({"evidence": ["guessed"]}, "'guessed' is no kind of evidence"),
        ({"evidence": [{"measured": "learn/99-no"}]}, "there is no learn/99-no"),
        ({"evidence": [{"measured": "tests/raw.py::no"}]}, "there is no tests/raw.py::no"),
    ],
)
def test_the_check_sees_what_is_wrong_with_a_claim(change: dict[str, Any], says: str) -> None:
    whole = load(ROOT)
    claims = {**whole.claims, "C27": replace(whole.claims["C27"], **change)}
    found = problems(replace(whole, claims=claims), ROOT)
    assert any(problem.startswith(f"claim C27: {says}") for problem in found)


@pytest.mark.parametrize(
    ("lang", "places", "says"),
    [
        ("en", [], "marked 0 times in docs/en, not once"),
        ("de", ["index", "about/source"], "marked 2 times in docs/de, not once: index, about/source"),
    ],
)
def test_the_check_sees_where_a_claim_is_marked(lang: str, places: list[str], says: str) -> None:
    whole = load(ROOT)
    marked = {**whole.places, lang: {**whole.places[lang], "C27": places}}
    found = list(problems(replace(whole, places=marked), ROOT))
    assert any(problem.startswith(f"claim C27: {says}") for problem in found)
    assert "the two languages mark claims on different pages" in found


def test_the_check_sees_a_claim_that_no_paragraph_makes() -> None:
    whole = load(ROOT)
    without = [
        replace(part, paragraphs=[one for one in part.paragraphs if "C27" not in one.claims])
        for part in whole.headings
    ]
    found = problems(replace(whole, headings=without), ROOT)
    assert "claim C27: in no paragraph of docs/article.yml" in list(found)


def test_a_page_cannot_mark_a_claim_that_there_is_not() -> None:
    with pytest.raises(Problem, match=r"docs/en/guide/x\.md:1: <!-- evidence C99 -->: there is no claim C99"):
        drawn("evidence C99", "en", page="guide/x.md")
