"""The page on compatibility says what the clients did; expected here by hand, for some cells of each kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.site import checks

#: Column, client, and what the cell says in German and in English.
CELLS = [
    ("AUTH GSSAPI", "fetchmail", "geht", "works"),
    ("AUTH NTLM", "mutt", "abgelehnt", "refused"),
    ("AUTH LOGIN", "curl", "gibt auf", "gives up"),
    ("AUTH NTLM", "neomutt", "nimmt USER", "uses USER"),
    ("AUTH NTLM", "thunderbird", "abgelehnt", "refused"),
    ("AUTH XOAUTH2, Exchange Online", "alpine", "nicht probiert", "not tried"),
    ("AUTH PLAIN", "fetchmail", "–", "–"),
    (
        "AUTH XOAUTH2, Exchange Online",
        "getmail",
        "110, 995: geht110+STLS: –",
        "110, 995: works110+STLS: –",
    ),
]


@pytest.mark.parametrize(("page", "column"), [("reference", 2), ("en/reference", 3)])
def test_the_page_says_what_the_clients_did(site: Path, page: str, column: int) -> None:
    table = checks.article(checks.page(site, f"{page}/compatibility/index.html")).find("table")
    assert table
    head, *rows = [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in table.find_all("tr")]
    said = {row[0]: dict(zip(head, row, strict=True)) for row in rows}
    assert [said[cell[1]][cell[0]] for cell in CELLS] == [cell[column] for cell in CELLS]
