"""The table of the ways back, expected by hand from what Microsoft says of each edition."""

import pytest

from minipop.lab.recovery_matrix import ways_back
from tests.known import EDITIONS

EXPECTED = {name: row.ways_back for name, row in EDITIONS.items() if name != "rfc"}


@pytest.mark.slow
def test_each_edition_has_the_ways_that_microsoft_gave_it() -> None:
    assert {edition: list(row.values()) for edition, row in ways_back().items()} == EXPECTED


def test_an_rfc_server_has_no_way_at_all() -> None:
    assert set(ways_back(["rfc"])["rfc"].values()) == {"–"}


def test_the_table_has_a_line_for_each_edition_and_fits_on_a_page() -> None:
    lines = str(ways_back(["2003", "online"])).splitlines()
    assert [line.split()[0] for line in lines] == ["Outlook", "2003", "online"]
    assert lines[1] == "2003   · · ·        ● · ·        –            –            ● ● ●"
    assert all(len(line) <= 72 for line in lines)
