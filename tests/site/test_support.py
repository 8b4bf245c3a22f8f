"""Pages that compare versions say which of them Microsoft supports; a lesson says it of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.site import drawing
from tests.site.projects import ROOT
from website.pages import support

#: The pages that compare versions.
COMPARE = (
    "guide/administration",
    "guide/deletion-and-recovery",
    "guide/log-on-names",
    "guide/mechanisms-and-login-type",
    "guide/ports-and-encryption",
    "guide/should-you-use-pop3",
    "how-to/check-your-server",
    "how-to/get-mail-back",
    "reference/settings",
)

SAID = {
    "de": (
        "Von Microsoft unterstützt: Exchange Server Subscription Edition und Exchange Online. "
        "Support beendet: Exchange 2016 und Exchange 2019 am 14. Oktober 2025, "
        "Exchange 2013 am 11. April 2023 (alle Termine)."
    ),
    "en": (
        "Supported by Microsoft: Exchange Server Subscription Edition and Exchange Online. "
        "Support ended: Exchange 2016 and Exchange 2019 on 14 October 2025, "
        "Exchange 2013 on 11 April 2023 (all dates)."
    ),
}


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_line_names_what_is_supported_and_what_ended_last(lang: str) -> None:
    text = re.sub(r"\[(.*?)\]\(.*?\)|\n.*", r"\1", drawing.drawn("support", lang))
    assert text == SAID[lang]


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize("page", COMPARE)
def test_a_page_that_compares_versions_has_the_line(page: str, lang: str) -> None:
    assert "\n<!-- support -->\n" in (ROOT / "docs" / lang / f"{page}.md").read_text("utf-8")


#: Where a lesson begins on another edition than 2016.
ELSEWHERE = {"07": "This lesson runs on Exchange Online: supported by Microsoft."}
USUAL = (
    "This lesson runs on Exchange Server 2016: "
    "support ended on 14 October 2025 (paid updates until October 2026)."
)


@pytest.mark.parametrize(
    "lesson", sorted((ROOT / "notebooks/en").glob("*.ipynb")), ids=lambda path: path.stem
)
def test_a_lesson_says_whether_its_version_is_supported(lesson: Path) -> None:
    assert support.lesson(lesson, "en") == ELSEWHERE.get(lesson.name[:2], USUAL)
