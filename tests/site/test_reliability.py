"""The page on reliability has the figures of the last long runs, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.site import checks
from tests.site.projects import ROOT
from website.data import Problem
from website.marks import Context
from website.records import reliability

MACHINE = {"processor": "A processor", "cores": 2, "system": "Linux", "python": "3.11.7"}
SOAK = {
    "date": "2026-11-29",
    "machine": MACHINE,
    "seconds": 600.0,
    "visits": {"fetch": 20_000, "vanish": 3_456},
    "excused": {"fetch": 12},
    "done": {"message moved": 400},
    "restarts": {"SIGKILL": 7, "SIGTERM": 3},
    "messages": {
        **{"delivered": 3_100, "fetched": 31_000, "deletions promised": 2_500},
        **{"lost": 0, "doubled": 0, "misplaced": 0, "unknown": 0},
    },
    "start": {"memory": 43_500_000, "handles": 9, "threads": 2},
    "warm": {"memory": 78_400_000, "handles": 12, "threads": 2},
    "last": {"memory": 78_800_000, "handles": 11, "threads": 2},
    "rest": {"memory": 80_000_000, "handles": 9, "threads": 2},
}


def test_the_figures_of_a_soak_are_shown_as_the_reader_writes_them() -> None:
    german, english = (reliability.drawn(Context(lang, ROOT), "soak", SOAK) for lang in ("de", "en"))
    assert "| Sitzungen | 23.456 |" in german
    assert "| sessions | 23,456 |" in english
    assert "| messages: lost, doubled, in the wrong place, unknown | 0, 0, 0, 0 |" in english
    assert "| memory in MB: at the start, in the second, in the last third | 44, 78, 79 |" in english
    assert english.endswith("Run of 2026-11-29: A processor, 2 cores, Linux, Python 3.11.7.")


def test_a_figure_that_the_record_lacks_is_named_with_what_takes_it() -> None:
    less = {name: taken for name, taken in SOAK.items() if name != "visits"}
    with pytest.raises(
        Problem, match=r"^bench/reliability\.json lacks visits; run: make soak, and make fuzz$"
    ):
        reliability.drawn(Context("en", ROOT), "soak", less)


@pytest.mark.parametrize(("page", "heads"), [("about", ["Was", "Wert"]), ("en/about", ["what", "value"])])
def test_both_tables_are_on_the_page(site: Path, page: str, heads: list[str]) -> None:
    tables = checks.article(checks.page(site, f"{page}/reliability/index.html")).select("table")
    assert [[head.text for head in table.select("th")] for table in tables] == [heads, heads]
    assert [len(table.select("tbody tr")) for table in tables] == [6, 11]
