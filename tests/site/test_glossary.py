"""One glossary governs the terms: it is whole, in order, and every heading keeps to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.site import checks, prose
from tests.site.projects import ROOT
from website.data import Text
from website.pages import glossary
from website.pages.glossary import Term

#: Some terms, typed by hand: anchor, German, English, Microsoft's German, a German word to avoid.
TERMS = [
    ("maildrop", "Maildrop", "maildrop", None, None),
    ("mailbox", "Postfach", "mailbox", "Postfach", "Mailbox"),
    ("password", "Kennwort", "password", "Kennwort", "Passwort"),
    ("log-on", "Anmeldung", "log-on", "Anmeldung", "Login"),
    ("inbox", "Posteingang", "Inbox", "Posteingang", "Inbox"),
    ("deleted-items", "Gelöschte Elemente", "Deleted Items", "Gelöschte Elemente", "Papierkorb"),
    (
        "recoverable-items",
        "Wiederherstellbare Elemente",
        "Recoverable Items",
        "Wiederherstellbare Elemente",
        "Recoverable Items",
    ),
    (
        "retention",
        "Aufbewahrungszeit",
        "deleted item retention",
        "Aufbewahrungszeit für gelöschte Elemente",
        "Retention",
    ),
    ("tenant", "Mandant", "tenant", "Mandant", "Tenant"),
    ("service-principal", "Dienstprinzipal", "service principal", "Dienstprinzipal", "Service Principal"),
    (
        "basic-authentication",
        "Standardauthentifizierung",
        "Basic authentication",
        "Standardauthentifizierung",
        "Basic Auth",
    ),
]

PAGES = {"de": "reference/glossary/index.html", "en": "en/reference/glossary/index.html"}


# --- The glossary itself ---------------------------------------------------------------------


def test_the_glossary_has_its_terms() -> None:
    terms = glossary.load(ROOT).terms
    assert 60 <= len(terms) <= 90
    for name, german, english, microsoft, avoided in TERMS:
        term = terms[name]
        assert (term.de, term.en) == (german, english)
        assert term.microsoft["de"] == (microsoft or ""), name
        words = [word.rstrip("*") for word in term.avoid.get("de", [])]
        assert avoided is None or avoided in words, name


def test_every_term_is_told_in_both_languages_in_a_sentence_or_two() -> None:
    for name, term in glossary.load(ROOT).terms.items():
        for lang in ("de", "en"):
            assert term.said(lang), name
            assert term.means[lang].endswith("."), name
            assert len(term.means[lang]) < 240, name


def test_terms_stand_in_the_order_of_the_reader_s_language() -> None:
    terms = {
        "a": Term("Ordner", "folder", Text()),
        "b": Term("öffentliche Ordner", "public folders", Text()),
        "c": Term("Zustand", "state", Text()),
        "d": Term("Anmeldung", "log-on", Text()),
    }
    assert glossary.in_order(terms, "de") == ["d", "b", "a", "c"]
    assert glossary.in_order(terms, "en") == ["a", "d", "b", "c"]


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_page_has_every_term_with_its_anchor(site: Path, lang: str) -> None:
    terms = glossary.load(ROOT).terms
    article = checks.article(checks.page(site, PAGES[lang]))
    shown = {str(tag["id"]): tag.get_text() for tag in article.select(".by-name dt [id]")}
    assert shown == {name: term.said(lang) for name, term in terms.items()}
    assert list(shown) == glossary.in_order(terms, lang)
    assert len(article.select(".by-name dd a[href]")) == sum(bool(term.see) for term in terms.values())


def test_a_term_names_its_counterpart_and_what_it_is_called_elsewhere(site: Path) -> None:
    found = checks.pages(site)
    german = checks.article(found[PAGES["de"]]).select_one("dt:has(#mailbox) + dd")
    english = checks.article(found[PAGES["en"]]).select_one("dt:has(#mailbox) + dd")
    assert german
    assert english
    assert "Englisch: mailbox · Microsoft: Postfach / mailbox · auch: Mailbox" in german.get_text()
    assert [tag.get_text() for tag in german.select("[lang=en]")] == ["mailbox", "mailbox"]
    assert "Microsoft" not in english.get_text()  # it says the same


def test_an_english_page_has_no_german_words_but_the_words_that_readers_type(site: Path) -> None:
    article = checks.article(checks.page(site, PAGES["en"]))
    assert article.select("[lang=de]") == []
    stls = article.select_one("dt:has(#stls) + dd")
    timeout = article.select_one("dt:has(#time-out) + dd")
    assert stls
    assert timeout
    assert "Microsoft: STARTTLS · also: STARTTLS, opportunistic TLS" in stls.get_text()
    assert "also: time-out, idle timeout" in timeout.get_text()
    assert "Fachw" not in article.get_text()
    assert "Zeitlimit" not in article.get_text()


def test_the_data_is_no_page_of_the_site(site: Path) -> None:
    assert not list(site.rglob("glossary.yml"))


# --- What it governs -------------------------------------------------------------------------


def test_no_heading_says_a_word_that_the_glossary_avoids() -> None:
    wrong = prose.wrong_words(ROOT)
    assert not wrong, "\n".join(wrong)


def test_quotation_marks_are_those_of_the_language() -> None:
    wrong = prose.wrong_quotes(ROOT)
    assert not wrong, "\n".join(wrong)


def test_every_kind_of_text_is_looked_at() -> None:
    files = {text.file for text in prose.texts(ROOT)}
    assert {
        "docs/de/index.md",
        "docs/en/reference/replies.md",
        "notebooks/de/01-first-session.ipynb",
        "src/minipop/wire/replies.toml",
        "docs/glossary.yml",
        "website/words/de.yml",
        "website/words/en.yml",
        "src/minipop/wire/explanations.toml",
        "src/minipop/probe/report.toml",
    } <= files


# --- Break it on purpose ---------------------------------------------------------------------

GLOSSARY = """\
terms:
  password: {de: Kennwort, en: password, means: {de: X., en: X.}, avoid: {de: [Passwort*], en: [passcode]}}
  log-on: {de: Anmeldung, en: log-on, means: {de: X., en: X.}, avoid: {de: [Login], en: [login]}}
exceptions:
  de: {Passwort-Manager X: name of a product}
  en: {}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A glossary and a German page that keeps to it."""
    (tmp_path / "docs" / "de").mkdir(parents=True)
    (tmp_path / "docs" / "glossary.yml").write_text(GLOSSARY, encoding="utf-8")
    write(tmp_path, "## Mit Passwort-Manager X\n")
    return tmp_path


def write(project: Path, text: str) -> None:
    head = "---\ntitle: Login\n---\n# Titel „Eins“ {#login}\n"
    (project / "docs" / "de" / "page.md").write_text(head + text, encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    [
        '`Passwort` und ``Login`` und\n\n```text\nPasswort "x"\n```\n',
        '[hier](Login.md "Login") und <a href="login">da</a> <code>Login</code> <!-- Login -->\n',
        "## *Login options*, `USER`, LOGIN, LoginType, --login und https://login.example/\n",
        "Ihr Passwort, der Login: Wörter der Leser.\n\n- Passwort\n",
    ],
)
def test_what_is_no_prose_may_say_anything(project: Path, text: str) -> None:
    write(project, f"## Passwort-Manager X\n\n{text}")
    assert prose.wrong_words(project) == []
    assert prose.wrong_quotes(project) == []


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("Zeile\n## Das Passwort fehlt\n", "docs/de/page.md:6: “Passwort” (Passwort*): Kennwort"),
        ("### Die Passwortregel\n", "docs/de/page.md:5: “Passwortregel” (Passwort*): Kennwort"),
        ("## **Login**\n", "docs/de/page.md:5: “Login” (Login): Anmeldung"),
        ("## „Ihr login“ {#x}\n", "docs/de/page.md:5: “login” (Login): Anmeldung"),
    ],
)
def test_an_avoided_word_is_found_with_its_line_and_the_right_one(
    project: Path, text: str, finding: str
) -> None:
    write(project, f"{text}\n## Passwort-Manager X\n")
    assert prose.wrong_words(project) == [finding]


def test_an_exception_that_nothing_needs_is_found(project: Path) -> None:
    write(project, "Nichts.\n")
    assert prose.wrong_words(project) == ["docs/glossary.yml: no text needs “Passwort-Manager X”"]


def test_an_avoided_word_is_found_in_lessons(project: Path) -> None:
    folder = project / "notebooks" / "en"
    folder.mkdir(parents=True)
    cell = '{"cell_type": "markdown", "source": [\n"# Title\\n",\n"## Your login\\n"\n]}'
    code = '{"cell_type": "code", "source": [\n"login()"\n]}'
    (folder / "01.ipynb").write_text(f'{{"cells": [\n{code},\n{cell}\n]}}\n', encoding="utf-8")
    assert prose.wrong_words(project) == [
        "notebooks/en/01.ipynb:7: “login” (login): log-on",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('Er sagt "ja".', "\" in 'Er sagt"),
        ("Er sagt “ja”.", "“ in"),
        ("Er sagt „ja”.", "” in"),
        ("Er sagt „ja.", "„ stays open"),
        ("- „eins\n- zwei“", "„ stays open"),
        ("Er sagt «ja».", "« in"),
    ],
)
def test_wrong_quotation_marks_are_found(project: Path, text: str, problem: str) -> None:
    write(project, f"\n{text}\n")
    (finding, *_) = prose.wrong_quotes(project)
    assert finding.startswith(f"docs/de/page.md:6: {problem}")


def test_english_quotes_otherwise(project: Path) -> None:
    (project / "docs" / "en").mkdir()
    page = project / "docs" / "en" / "page.md"
    page.write_text("He says “yes”\nand “no”.\n", encoding="utf-8")
    assert prose.wrong_quotes(project) == []
    page.write_text("He says „yes“.\n", encoding="utf-8")
    assert [finding[:20] for finding in prose.wrong_quotes(project)] == ["docs/en/page.md:1: „"]
