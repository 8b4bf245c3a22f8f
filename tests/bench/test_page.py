"""The page on performance is drawn from results: small ones, typed by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import results
from tests.site.drawing import drawn
from website.data import Problem
from website.tables import number


@pytest.fixture
def root(tmp_path: Path) -> Path:
    results.write(tmp_path)
    return tmp_path


def rows(mark: str, lang: str, root: Path) -> dict[str, list[str]]:
    lines = drawn(mark, lang, root).splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {first: rest for first, *rest in cells}


def test_the_table_of_values_has_a_column_for_each_server(root: Path) -> None:
    table = rows("servers values", "en", root)
    head = ["minipop, memory", "minipop, Maildir", "Dovecot, defaults", "Dovecot, tuned", "Twisted", "limit"]
    assert table["figure"] == head
    assert table["sessions per second, clients: 1"] == ["30.0", "30.0", "5.00", "13.0", "10.0", "90.0"]
    assert table["sessions per second, clients: 500"][2] == "–"
    assert table["log-ons over TLS per second, clients: 8"][4] == "–"
    assert len(table) == 2 + 16


def test_the_table_of_ratios_tells_targets_and_whether_they_are_met(root: Path) -> None:
    table = rows("servers ratios", "de", root)
    assert table["Sitzungen je Sekunde, Clients: 1"] == [
        *("2,25 (2,00 – 2,50)", "mindestens 1,20", "ja", "3,00 (2,00 – 4,00)", "0,35 (0,20 – 0,50)")
    ]
    assert table["RETR 2 kB, Nachrichten je Sekunde, 1 Verbindung"][:4] == [
        *("0,60 (0,50 – 0,70)", "mindestens 0,80", "**nein**", "0,75 (0,70 – 0,80), **nein**")
    ]
    assert table["Speicher je ruhender Verbindung in kB, 500 Verbindungen"][:3] == [
        *("0,25 (0,25 – 0,25)", "höchstens 0,50", "ja")
    ]
    assert table["Speicher je ruhender Verbindung in kB, 10.000 Verbindungen"][:3] == ["–", "–", "–"]


def test_the_machine_is_named_and_what_is_missing(root: Path) -> None:
    told = drawn("servers machine", "en", root)
    assert told == (
        "Measured on 2026-11-29: Abacus, 2 cores, Linux, Python 3.11.7. For each figure 2 rounds of 2 s, "
        "for memory 2. Dovecot 2.3.19, Twisted 26.10. Dovecot, defaults is missing in “sessions per second, "
        "clients: 500”: not all clients got through."
    )


def test_each_setting_of_dovecot_has_its_reason(root: Path) -> None:
    table = rows("servers settings", "de", root)
    assert table["`mail_max_userip_connections = 16`"] == ["So viele Verbindungen je Konto wie bei Exchange."]
    assert all(reason != [""] for reason in table.values())


def test_figures_of_another_day_stand_in_a_table_of_their_own(root: Path) -> None:
    page = drawn("figures", "de", root)
    first, second = page.split("Gemessen am 2026-11-29")
    assert "| Start des Labs | 6,8 s | 6,8 – 14 s | 3 |" in first
    assert "make test" not in first
    assert "| `make test`, wenn alles installiert ist | 270 s | 270 – 540 s | 3 |" in second
    assert "Gemessen am 2026-11-01: Abacus" in second


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


@pytest.mark.parametrize("part", ["servers", "growth", "test"])
def test_a_missing_part_stops_the_build_with_a_clear_line(part: str, tmp_path: Path) -> None:
    results.write(tmp_path, {name: held for name, held in results.RESULTS.items() if name != part})
    with pytest.raises(Problem, match=rf"bench/results\.json lacks {part}; run: make bench$"):
        drawn("figures", "de", tmp_path)
