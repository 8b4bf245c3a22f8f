"""The page on limits: the tests that it names are there, and both languages name the same."""

from __future__ import annotations

import re

from tests.site.projects import ROOT


def named(lang: str) -> list[str]:
    return re.findall(
        r"`(\w+/test_\w+\.py)` \|$", (ROOT / f"docs/{lang}/about/limits.md").read_text("utf-8"), re.M
    )


def test_every_limit_names_a_test_that_is_there() -> None:
    assert len(named("en")) == 16
    assert named("de") == named("en")
    assert [name for name in named("en") if not (ROOT / "tests" / name).is_file()] == []
