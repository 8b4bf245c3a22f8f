"""What is on record of the clients, for the page reference/compatibility."""

from __future__ import annotations

import dataclasses
import tempfile
from typing import Any

import trustme

from evidence.clients.client import Account, Client
from evidence.clients.drivers import CLIENTS
from evidence.clients.matrix import ROWS, Labs, Outcome, observe, verifies
from evidence.program import Failed
from minipop.lab.clients import Transport
from minipop.lab.realm import missing

PLAIN, STLS, TLS = Transport


def as_recorded(outcome: Outcome) -> dict[str, str]:
    """Return an outcome without what is empty in it."""
    return {name: value for name, value in dataclasses.asdict(outcome).items() if value}


_COMPANY = Account(
    "mail.muster.example", 995, "anna@muster.example", "<password>", "/home/anna/ca.pem", messages=9
)
_CLOUD = dataclasses.replace(
    _COMPANY, host="outlook.office365.com", secret="<token>", ca="/etc/ssl/certs/ca-certificates.crt"
)

#: What the page shows of a configuration, by heading; no mechanism: a password, whatever carries it.
EXAMPLES: dict[str, tuple[Account, str | None, Transport]] = {
    "995": (_COMPANY, None, TLS),
    "110+STLS": (dataclasses.replace(_COMPANY, port=110), None, STLS),
    "XOAUTH2": (_CLOUD, "XOAUTH2", TLS),
}


def example(client: Client) -> dict[str, list[str]]:
    """Return the lines of the client's configuration that matter, with placeholders; see `EXAMPLES`.

    A reader who copies them keeps the mail: they end with the lines that leave it on the server. What was not
    tried is not shown.
    """
    password = "USER" if "PLAIN" in client.lacks else "PLAIN"
    return {
        heading: [*client.connection(account, mechanism or password, transport), *client.keeps]
        for heading, (account, mechanism, transport) in EXAMPLES.items()
        if not {transport.value, mechanism} & {*client.lacks, *client.untried}
    }


def take(client: Client, labs: Labs, foreign_ca: str, *, short: bool = False) -> dict[str, Any]:
    """Try everything with a client, and return what came of it; in the short form a slow one on 995 alone.

    Raises:
        Failed: it fetched something else than what is stored.
    """
    transports = [TLS] if short and client.slow else [*Transport]
    outcomes: dict[str, dict[str, dict[str, str]]] = {}
    for row in ROWS:
        outcomes[row] = {}
        for transport in transports:
            outcome, done = observe(client, labs, row, transport)
            if done and outcome.word in ("works", "another") and done.intact != done.stored:
                lost = f"fetched {done.intact} of {done.stored} messages intact"
                raise Failed(f"{client.name}, {row}, {transport.value}: {lost} {done.damaged}")
            outcomes[row][transport.value] = as_recorded(outcome)
    certificates = {
        told: {
            transport.value: verifies(client, labs, transport, ca)
            for transport in transports
            if transport is not PLAIN
        }
        for told, ca in (("another authority", foreign_ca), ("no authority", ""))
    }
    return {
        "version": client.version(),
        "package": client.package,
        "configuration": example(client),
        "outcomes": outcomes,
        "verifies": certificates,
    }


def take_all(*, short: bool = False) -> dict[str, Any]:
    """Try everything with every client.

    Raises:
        Failed: a client or Kerberos is not installed, or a message was lost.
    """
    for client in CLIENTS.values():
        if client.program is None:
            raise Failed(client.absent)
    if lacks := missing():
        raise Failed(lacks)
    with Labs() as labs, tempfile.TemporaryDirectory() as folder:
        foreign_ca = f"{folder}/ca.pem"
        trustme.CA().cert_pem.write_to_path(foreign_ca)
        clients = {name: take(client, labs, foreign_ca, short=short) for name, client in CLIENTS.items()}
    return {"clients": clients}
