"""The page on performance and reliability is drawn from records: small ones, typed by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.site import checks
from tests.site.drawing import drawn, rows
from tests.site.projects import ROOT
from website.data import Problem
from website.marks import Context
from website.records import reliability
from website.tables import number

TAKEN = {
    "date": "2026-11-29",
    "version": "0.1.0+gabcdef0",
    "machine": {"processor": "Abacus", "cores": 2, "system": "Linux", "python": "3.11.7"},
}
OTHERS = ("dovecot-tuned", "dovecot", "twisted", "bare")
SHOWN = {
    **{"sessions-1": True, "sessions-50": True, "sessions-500": True, "sessions-500-p99": False},
    **{"retr-1": True, "retr-8": True, "retr-pipelined": True, "retr-large": True},
    **{"log-ons-tls": True, "idle-memory": False},
}
SERVERS: dict[str, Any] = {
    "taken": TAKEN,
    "seconds": 2.0,
    "versions": {"dovecot": "2.3.19", "twisted": "26.10"},
    "figures": {
        name: {
            "unit": "1/s",
            "more_is_better": more,
            "values": {"minipop-maildir": [4182.0, 4000.0, 4300.0]},
            "ratios": {other: [2.25, 2.0, 12.5] for other in OTHERS},
        }
        for name, more in SHOWN.items()
    },
}
del SERVERS["figures"]["log-ons-tls"]["ratios"]["twisted"]
PROJECT = {
    "taken": TAKEN,
    "figures": {
        "lab_first_start": {"unit": "ms", "values": [62.2, 62.2, 62.2], "count": 1},
        "lab_start": {"unit": "ms", "values": [6.84, 6.8, 14.0], "count": 20},
    },
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "evidence" / "records"
    folder.mkdir(parents=True)
    for name, record in (("servers", SERVERS), ("project", PROJECT)):
        (folder / f"{name}.json").write_text(json.dumps(record), "utf-8")
    return tmp_path


def table(mark: str, lang: str, root: Path) -> dict[str, list[str]]:
    return {first: rest for first, *rest in rows(drawn(mark, lang, root))}


def test_the_table_of_servers_has_the_value_and_the_ratios_with_their_spread(root: Path) -> None:
    english, german = table("servers", "en", root), table("servers", "de", root)
    assert len(english) == 1 + 10
    assert english["figure"] == [
        *("minipop", "to Dovecot, tuned", "to Dovecot, defaults", "to Twisted", "to the limit")
    ]
    assert english["sessions, 50 clients"] == ["4,182/s", *["2.25 (2.00 – 12.5)"] * 4]
    assert german["Sitzungen, 50 Clients"] == ["4.182/s", *["2,25 (2,00 – 12,5)"] * 4]
    assert german["Anmeldungen über TLS, 8 Clients"][3] == "–"
    assert "memory per idle connection, 500 connections (less is better)" in english


def test_what_people_wait_for_is_shown_with_its_spread(root: Path) -> None:
    assert table("project", "de", root)["Start des Labs"] == ["6,8 ms", "6,8 – 14 ms", "20"]
    assert table("project", "en", root)["Start of the Lab"] == ["6.8 ms", "6.8 – 14 ms", "20"]


@pytest.mark.parametrize(
    ("version", "said"),
    [
        (
            "0.1.0+gabcdef0",
            "Taken on 29 November 2026 from minipop 0.1.0 (commit abcdef0), with 2 cores (Abacus), Linux and "
            "Python 3.11.7.",
        ),
        (
            "0.1.0",
            "Taken on 29 November 2026 from minipop 0.1.0, with 2 cores (Abacus), Linux and Python 3.11.7.",
        ),
    ],
)
def test_a_record_says_when_and_from_what_it_was_taken(version: str, said: str, root: Path) -> None:
    record = {**PROJECT, "taken": {**TAKEN, "version": version}}
    (root / "evidence/records/project.json").write_text(json.dumps(record), "utf-8")
    assert drawn("taken project", "en", root) == said


def test_a_record_that_does_not_exist_is_named(root: Path) -> None:
    with pytest.raises(Problem, match="no record bench; there are clients, habits, "):
        drawn("taken bench", "en", root)
    with pytest.raises(Problem, match=r"there is no evidence/records/soak\.json; run: make evidence$"):
        drawn("taken soak", "en", root)


@pytest.mark.parametrize(
    ("value", "german", "english"),
    [
        (0.0, "0,00", "0.00"),
        (0.345, "0,34", "0.34"),
        (1.2, "1,20", "1.20"),
        (12.34, "12,3", "12.3"),
        (123.4, "123", "123"),
        (12345.6, "12.346", "12,346"),
    ],
)
def test_numbers_are_written_as_the_reader_writes_them(value: float, german: str, english: str) -> None:
    assert (number(value, "de", 3), number(value, "en", 3)) == (german, english)


# -- soak and fuzzer ----------------------------------------------------------------------------------

SOAK = {
    "taken": TAKEN,
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
    assert "| messages: lost, duplicated, in the wrong place, unknown | 0, 0, 0, 0 |" in english
    assert "| memory in MB: at the start, in the second, in the last third | 44, 78, 79 |" in english


def test_a_figure_that_the_record_lacks_is_named_with_what_takes_it() -> None:
    less = {name: taken for name, taken in SOAK.items() if name != "visits"}
    with pytest.raises(Problem, match=r"^evidence/records/soak\.json lacks visits; run: make evidence$"):
        reliability.drawn(Context("en", ROOT), "soak", less)


# -- the page -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["about", "en/about"])
def test_all_tables_are_on_the_page_and_each_says_when_it_was_taken(site: Path, page: str) -> None:
    article = checks.article(checks.page(site, f"{page}/performance/index.html"))
    assert [len(one.select("tbody tr")) for one in article.select("table")] == [11, 5, 10, 4]
    assert article.get_text().count("minipop 0.1.0 (") == 4


@pytest.mark.parametrize("page", ["about", "en/about"])
def test_a_page_whose_address_has_ended_leads_on_with_and_without_scripts(site: Path, page: str) -> None:
    soup = checks.page(site, f"{page}/reliability/index.html")
    (link,) = soup.select('link[rel="moved"]')
    (refresh,) = soup.select('noscript meta[http-equiv="refresh"]')
    assert (link["href"], refresh["content"]) == ("../performance/", "0; url=../performance/")
    assert checks.article(soup).select_one('a[href="../performance/"]')
