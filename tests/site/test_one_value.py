"""What stands on several pages is drawn from one value, so that no two pages contradict each other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from tests.site import drawing, prose
from tests.site.projects import ROOT
from website.content import text_cells

LANGUAGES = ("de", "en")
MECHANISMS = "guide/mechanisms-and-login-type.md"


def pages(lang: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each page and lesson of a language."""
    for path in sorted((ROOT / "docs" / lang).rglob("*.md")):
        yield path.relative_to(ROOT / "docs" / lang).as_posix(), path.read_text("utf-8")
    for path in sorted((ROOT / "notebooks" / lang).glob("*.ipynb")):
        yield path.name, "\n\n".join(text_cells(path))


def cells(mark: str, columns: int) -> list[list[str]]:
    """Return the first columns of the table that a mark draws, without its head."""
    return [row[:columns] for row in drawing.rows(drawing.drawn(mark, "en"))[1:]]


# -- LoginType, NTLM before TLS -----------------------------------------------------------------------


def test_the_defaults_of_login_type_are_drawn_from_the_editions() -> None:
    assert cells("login-type", 3) == [
        ["2000 – 2003", "none", "none"],
        ["2007", "`SecureLogin`", "none"],
        ["2010", "`SecureLogin`", "`$true`"],
        ["2013 – SE", "`SecureLogin`", "`$true`"],
        ["Exchange Online", "none", "none"],
    ]


def test_where_the_sources_disagree_on_ntlm_both_pages_say_so() -> None:
    assert cells("ntlm-before-tls", 2) == [
        ["2000", "yes"],
        ["2003", "yes"],
        ["2007", "no"],
        ["2010 – SE", "open; minipop: no"],
        ["Exchange Online", "no"],
    ]
    editions = drawing.rows(drawing.drawn("edition negotiated_before_tls", "en"))
    (row,) = [row for row in editions if row[0] == "2010 – SE"]
    assert row[1] == "no"
    assert "sources disagree: the help says no" in row[3]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_guide_types_neither_of_them_by_hand(lang: str) -> None:
    text = (ROOT / "docs" / lang / MECHANISMS).read_text("utf-8")
    assert "\n<!-- login-type -->\n" in text
    assert "\n<!-- ntlm-before-tls -->\n" in text
    assert not re.search(r"^\| 20\d\d", text, re.MULTILINE)


# -- sentences that pages share -----------------------------------------------------------------------

#: The pages that hold a shared sentence.
SHARED = {
    "security-defaults": (
        "guide/administration.md",
        "guide/modern-authentication.md",
        "how-to/fax-to-exchange-online.md",
        "how-to/find-and-switch-off.md",
    ),
    "oauth-on-premises": ("guide/modern-authentication.md",),
}
DEFAULTS = {
    "de": ("Sicherheitsstandards", ("Kennwort", "Standardauthentifizierung")),
    "en": ("security defaults", ("password", "Basic authentication", "POP3 with OAuth")),
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", SHARED)
def test_a_shared_sentence_is_drawn_on_each_of_its_pages(name: str, lang: str) -> None:
    with_it = tuple(page for page, text in pages(lang) if f"\n<!-- sentence {name} -->\n" in text)
    assert with_it == SHARED[name]


def test_the_security_defaults_block_basic_authentication_and_not_oauth() -> None:
    said = drawing.drawn("sentence security-defaults", "en")
    assert "block Basic authentication" in said
    assert "still sign in with a password and MFA" in said
    assert "do not block POP3 with OAuth" in said
    assert '<span class="kind kind-assumed">assumed</span>' in said  # nobody has tried it for us


def test_no_other_text_lets_the_security_defaults_shut_pop3_itself() -> None:
    for file, _, lang, text in prose.texts(ROOT):
        term, what = DEFAULTS[lang]
        for sentence in re.split(r"(?<=[.;:]) ", text):
            if term in sentence and not file.endswith("glossary.yml"):
                assert any(word in sentence for word in what), f"{file}: {sentence}"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_only_one_page_says_whether_pop3_takes_tokens_on_premises(lang: str) -> None:
    lead = (ROOT / "docs" / lang / "guide/modern-authentication.md").read_text("utf-8").split("\n## ")[0]
    assert {"de": "[keine Token](#on-premises)", "en": "[no tokens](#on-premises)"}[lang] in lead


# -- the day of the check -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "said"), [("de", "Stand: 30. November 2026."), ("en", "As of 30 November 2026.")]
)
def test_the_day_of_the_check_is_drawn(lang: str, said: str) -> None:
    assert drawing.drawn("checked", lang) == said


def test_no_text_types_the_day_of_the_check() -> None:
    typed = re.compile(r"(?:Stand|[Aa]s of|State of|on)\W+(?:vom )?\d+\.? November 2026")
    found = [
        f"{file}: {match[0]}" for file, _, _, text in prose.texts(ROOT) for match in typed.finditer(text)
    ]
    assert found == []


# -- the order of lessons -----------------------------------------------------------------------------

LESSONS = [
    "01-first-session",
    "02-only-the-inbox",
    "03-log-on-names",
    "04-ports-and-mechanisms",
    "05-deletion",
    "06-ways-back",
    "07-modern-authentication",
    "08-administration",
    "09-ntlm-and-kerberos",
    "10-certificates-and-stls",
]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_start_page_lists_the_lessons_in_order(lang: str) -> None:
    assert "\n<!-- path -->\n" in (ROOT / "docs" / lang / "index.md").read_text("utf-8")
    assert re.findall(r"learn/([\w-]+)\.ipynb\)", drawing.drawn("path", lang)) == LESSONS


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_lesson_that_names_the_next_names_the_one_that_follows(lang: str) -> None:
    found = {}
    for lesson in LESSONS:
        text = "\n".join(text_cells(ROOT / "notebooks" / lang / f"{lesson}.ipynb"))
        if go_on := re.search(r"(?:Weiter geht es mit|Go on with) \[.*?\]\(([\w-]+)\.ipynb\)", text):
            found[lesson] = go_on[1]
    assert found
    assert all(LESSONS.index(after) == LESSONS.index(lesson) + 1 for lesson, after in found.items())


def test_the_menu_has_the_lessons_in_order() -> None:
    menu = (ROOT / "mkdocs.yml").read_text("utf-8")
    assert re.findall(r"^ *- learn/([\w-]+)\.ipynb$", menu, re.MULTILINE) == LESSONS


# -- log-on names -------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_rule_of_short_names_is_shown_where_it_is_on_record(lang: str) -> None:
    lesson = json.loads((ROOT / "notebooks" / lang / "03-log-on-names.ipynb").read_text("utf-8"))
    code = {cell["id"]: "".join(cell["source"]) for cell in lesson["cells"]}
    assert 'old = Lab(edition="2010", lang=LANG).start()' in code["start"]
    assert "answer(old, user, password)" in code["short"]
    guide = (ROOT / "docs" / lang / "guide/log-on-names.md").read_text("utf-8")
    assert "```pop3 2010\nUSER bmueller\n" in guide
    assert {"de": "**Ab 2013 probieren Sie es aus.**", "en": "**From 2013 on, try it.**"}[lang] in guide


# -- retention ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_days_are_typed_with_the_switch_for_retention(lang: str) -> None:
    typed = [
        line.strip()
        for _, text in pages(lang)
        for block in re.findall(r"```powershell\n(.*?)```", text, re.DOTALL)
        for line in block.splitlines()
        if "-RetainDeletedItemsFor" in line
    ]
    switch = "-UseDatabaseRetentionDefaults $false -RetainDeletedItemsFor 30"
    online = "Set-Mailbox -Identity bernd.mueller -SingleItemRecoveryEnabled $true -RetainDeletedItemsFor 30"
    assert [switch in line for line in typed].count(True) == 3
    assert [line for line in typed if switch not in line] == [online, online]  # which has no such switch


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("page", ["guide/deletion-and-recovery.md", "how-to/get-mail-back.md"])
def test_the_days_that_apply_are_read_before_they_are_changed(lang: str, page: str) -> None:
    """By default the database's value applies; fewer days than that destroy mail."""
    text = dict(pages(lang))[page]
    assert text.index("| Format-List Name,DeletedItemRetention\n") < text.index("-RetainDeletedItemsFor 30\n")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nobody_is_told_to_touch_the_switch_for_quotas(lang: str) -> None:
    saying = [page for page, text in pages(lang) if "UseDatabaseQuotaDefaults" in text]
    assert saying == ["guide/deletion-and-recovery.md"]
