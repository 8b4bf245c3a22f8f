"""The page on limits: the tests that it names are there, both languages name the same, and so do the data."""

from __future__ import annotations

import re

import pytest

from tests.site.projects import ROOT
from website.marks import Context, fill


def page(lang: str) -> str:
    return (ROOT / f"docs/{lang}/reference/limits.md").read_text("utf-8")


def named(lang: str) -> list[str]:
    return re.findall(r"`(\w+/test_\w+\.py)` \|$", page(lang), re.M)


def drawn(lang: str) -> str:
    return fill(page(lang), Context(lang, ROOT, "reference/limits.md"))


def test_every_limit_names_a_test_that_is_there() -> None:
    assert len(named("en")) == 16
    assert named("de") == named("en")
    assert [name for name in named("en") if not (ROOT / "tests" / name).is_file()] == []


@pytest.mark.parametrize(
    ("lang", "row"),
    [
        (
            "en",
            '| 2007 | 2000 in all, 20 per address, 10 per user | kind-modelled">modelled</span> |',
        ),
        ("en", '| 2000 – Exchange Online | 10 | kind-assumed">assumed</span> |'),
        ("en", '| 2000 – 2003 | 600 s | kind-modelled">modelled</span> |'),
        ("en", '| rfc | 255 bytes | kind-measured">measured</span> |'),
        (
            "de",
            '| 2007 | insgesamt 2000, je Adresse 20, je Benutzer 10 | kind-modelled">nachgestellt</span> |',
        ),
        ("de", '| 2000 – Exchange Online | 10 | kind-assumed">Annahme</span> |'),
        ("de", '| 2000 – 2003 | 600 s | kind-modelled">nachgestellt</span> |'),
        ("de", '| rfc | 255 Bytes | kind-measured">gemessen</span> |'),
    ],
)
def test_the_defaults_are_drawn_from_the_data(lang: str, row: str) -> None:
    assert row in drawn(lang).replace('<span class="kind ', "")
    assert drawn(lang).count("\n| --- | --- | --- | --- |\n") == 4 + 5  # typed and drawn
    assert "<!-- edition" not in drawn(lang)
