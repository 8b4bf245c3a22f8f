"""Phones and ticket systems, on the page that sets up clients; expected here by hand, from the sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.site import checks

#: Program, what is said of OAuth 2 with POP3 in German and in English, and what the source is called.
ROWS = [
    ("Apple Mail (iOS, macOS)", "nein;", "no;", "com.apple.mail.managed"),
    ("K-9 Mail, Thunderbird for Android", "nein, nur bei IMAP4", "no, with IMAP4 only", "issue 7358"),
    ("Znuny", "ja", "yes", "Configure Mailbox Collection"),
    ("osTicket", "ja, mit", "yes, with", "Microsoft Authorization Guide"),
    ("FreeScout", "beschrieben nur für IMAP4", "described for IMAP4 only", "issue 222"),
]


@pytest.mark.parametrize(("page", "column"), [("how-to", 1), ("en/how-to", 2)])
def test_the_page_says_which_program_gets_into_exchange_online(site: Path, page: str, column: int) -> None:
    article = checks.article(checks.page(site, f"{page}/set-up-clients/index.html"))
    heading = article.find(id="phones-and-tickets")
    assert heading
    table = heading.find_next("table")
    assert table
    cells = ([cell.get_text() for cell in row.find_all(["th", "td"])] for row in table.find_all("tr"))
    said = {row[0]: row for row in cells}
    for row in ROWS:
        name, source = row[0], row[3]
        assert said[name][2].startswith(row[column]), name
        assert source in said[name][4], name


@pytest.mark.parametrize(("page", "words"), [("how-to", "nur auf dem PC"), ("en/how-to", "desktop only")])
def test_thunderbirds_oauth_is_for_the_desktop_only(site: Path, page: str, words: str) -> None:
    assert words in checks.article(checks.page(site, f"{page}/set-up-clients/index.html")).get_text()
