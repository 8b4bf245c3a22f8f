"""What is checked of every client; each has a file with a table of what is expected of it, typed by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from minipop.lab.clients import Transport
from minipop.lab.realm import missing
from tests.clients.drivers import CLIENTS, Client
from tests.clients.matrix import ROWS, Labs, observe, reached, verifies
from tests.clients.record import FILE, as_recorded, example

PLAIN, STLS, TLS = Transport


def committed(client: str) -> dict[str, Any]:
    """Return what is committed of a client, from which the page is drawn."""
    record: dict[str, Any] = json.loads(FILE.read_text("utf-8"))["clients"][client]
    return record


def cells(table: str) -> dict[str, dict[str, str]]:
    """Read a table whose columns are two spaces apart: a word by row and column."""
    head, *rows = (
        re.split(r"\s{2,}", line.strip()) for line in table.strip("\n").splitlines() if line.strip()
    )
    return {name: dict(zip(head, words, strict=True)) for name, *words in rows}


class Checks:
    """The tests. A subclass gives the client's name and two tables.

    Attributes:
        name: the client.
        expected: for each row of `matrix.ROWS` and each transport a word; see `matrix.Outcome`.
        verifies: whether the client keeps its password from a server whose certificate it cannot verify,
            because it was told to trust another authority, or of none but those of its system; ``lacks``
            where it cannot use the transport.
    """

    name: str
    expected: str
    verifies: str

    @pytest.fixture
    def client(self) -> Client:
        """The client, if it is installed."""
        client = CLIENTS[self.name]
        if client.program is None:
            pytest.skip(client.absent)
        return client

    @pytest.mark.parametrize("transport", list(Transport), ids=lambda t: t.value)
    @pytest.mark.parametrize("row", ROWS)
    def test_fetches_mail_as_expected_and_as_the_page_says(
        self, client: Client, labs: Labs, row: str, transport: Transport
    ) -> None:
        """The word is that of the table; the page's data say the same, with all particulars."""
        if "krb" in ROWS[row].setting and (lacks := missing()):
            pytest.skip(lacks)
        outcome, done = observe(client, labs, row, transport)
        assert outcome.word == cells(self.expected)[row][transport.value], done
        assert committed(self.name)["outcomes"][row][transport.value] == as_recorded(outcome)
        if done and outcome.said:
            assert reached(done) is transport
        if done and outcome.word in ("works", "another"):
            assert (done.code, done.stored, done.intact, done.damaged) == (0, 11, 11, [])
        elif done:
            assert (done.intact, done.damaged) == (0, [])

    @pytest.mark.parametrize("told", ["another authority", "no authority"])
    @pytest.mark.parametrize("transport", [STLS, TLS], ids=lambda t: t.value)
    def test_verifies_the_certificate_as_expected_and_as_the_page_says(
        self, client: Client, labs: Labs, transport: Transport, told: str, foreign_ca: Path
    ) -> None:
        """A client that verifies says nothing at all over such a connection."""
        ca = str(foreign_ca) if told == "another authority" else ""
        found = verifies(client, labs, transport, ca)
        assert found == cells(self.verifies)[told][transport.value]
        assert found == committed(self.name)["verifies"][told][transport.value]

    def test_the_page_shows_the_configuration_that_was_used(self) -> None:
        """With placeholders, drawn from the driver."""
        assert committed(self.name)["configuration"] == example(CLIENTS[self.name])

    def test_the_page_has_no_other_rows(self) -> None:
        """What the table does not have, the page does not have."""
        assert set(committed(self.name)["outcomes"]) == set(cells(self.expected)) == set(ROWS)
