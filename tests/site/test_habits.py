"""The page on habits says what the clients did; expected here by hand, for some rows of each kind."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import Tag

from tests.site import checks

#: First cell of a row, in German and in English, and the other cells.
ROWS = [
    (("fetchmail: Standard", "fetchmail: default"), ["10, 10", "0", "10", "1", "0"]),
    (("fetchmail: keep", "fetchmail: keep"), ["10, 10", "10", "0", "1", "10"]),
    (("poplib: RETR, DELE, Abbruch", "poplib: RETR, DELE, dropped"), ["10, 10", "10", "0", "11", "10"]),
]
DEVICES = [
    ("fetchmail: Standard", "mpop: keep on", "10, dann 1", "0, dann 0", "0"),
    ("fetchmail: default", "mpop: keep on", "10, then 1", "0, then 0", "0"),
]


def rows(table: Tag) -> list[list[str]]:
    """Return the cells of a table."""
    return [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in table.find_all("tr")]


@pytest.mark.parametrize(("page", "language"), [("reference", 0), ("en/reference", 1)])
def test_the_page_says_what_the_clients_did(site: Path, page: str, language: int) -> None:
    soup = checks.article(checks.page(site, f"{page}/client-habits/index.html"))
    left, _, said, devices, numbers = map(rows, soup.find_all("table"))
    by_name = {row[0]: row[1:] for row in left}
    assert [by_name[names[language]] for names, _ in ROWS] == [cells for _, cells in ROWS]
    assert ["mpop: keep on", "STAT LIST UIDL RETR QUIT"] in said
    assert devices[1] == list(DEVICES[language])
    assert numbers[1:] == [["1", "101", "–", "–"], ["2", "102", "1", "102"], ["3", "103", "2", "103"]]
