"""The essentials: everything on one page. It prints on two sheets, and its table says what the facts say."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.site import checks

BOTH = pytest.mark.parametrize("lang", checks.LANGUAGES)

#: The answers for each form of the name: 2000 and 2003, 2007 and 2010, 2013 and 2016, 2019 and SE.
ANSWERS = [
    ["yes", "yes", "yes", "yes, assumed"],
    ["if equal", "if equal", "try", "try"],
    ["if equal", "if equal", "try", "try"],
    ["if equal", "if equal", "if equal", "if equal, assumed"],
    ["yes", "no", "yes, assumed", "yes, assumed"],
    ["no", "no", "no, assumed", "no, assumed"],
    ["no", "no", "no, assumed", "no, assumed"],
]
WORDS = {
    "de": {
        "ja": "yes",
        "nein": "no",
        "wenn Alias = Konto": "if equal",
        "ausprobieren": "try",
        "Annahme": "assumed",
    },
    "en": {
        "yes": "yes",
        "no": "no",
        "if alias = account": "if equal",
        "try it": "try",
        "assumed": "assumed",
    },
}


def address_of(lang: str) -> str:
    return "essentials/" if lang == "de" else "en/essentials/"


@BOTH
def test_the_table_of_names_says_what_the_facts_say(site: Path, lang: str) -> None:
    table = checks.article(checks.page(site, f"{address_of(lang)}index.html")).select("table")[1]
    rows = [
        [cell.get_text(" ", strip=True) for cell in row.select("td")[1:]] for row in table.select("tr")[1:]
    ]
    said = [[answer(cell, WORDS[lang]) for cell in row] for row in rows]
    assert said == ANSWERS


def answer(cell: str, words: dict[str, str]) -> str:
    """Return what a cell says in the words of `ANSWERS`."""
    assumed = next(word for word, meaning in words.items() if meaning == "assumed")
    value = cell.removesuffix(assumed)
    return words[value.strip()] + (", assumed" if value != cell else "")


@BOTH
def test_it_has_ten_numbered_paragraphs_and_the_one_about_lost_mail_first(site: Path, lang: str) -> None:
    article = checks.article(checks.page(site, f"{address_of(lang)}index.html"))
    leads = [lead.get_text() for lead in article.select("p > strong:first-child")]
    assert [lead.partition(".")[0] for lead in leads] == [str(n) for n in range(1, 11)]
    assert {"de": "löschen", "en": "delete"}[lang] in leads[0]


@BOTH
def test_it_prints_on_two_sheets(browser: Browser, address: str, lang: str) -> None:
    page = browser.new_page()
    page.goto(address + address_of(lang))
    printed = page.pdf(format="A4")
    page.close()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 2
