"""The accounts of Muster GmbH, typed by hand, and sessions with a server of any edition that knows them."""

from pathlib import Path
from typing import Any

from minipop.exchange import Account, Directory, ExchangePolicy, Lockout, Settings, Trust
from minipop.exchange.lockout import NO_LOCKOUT
from minipop.exchange.tokens import Token
from minipop.mailbox import Mailbox
from minipop.protocol import Session
from tests.known import editions
from tests.support import drain

#: The client id of an application that may open the shared mailbox.
APP = "11111111-2222-3333-4444-555555555555"

ACCOUNTS = (
    Account(
        name="Anna Arndt",
        alias="anna",
        domain="MUSTER",
        sam="anna",
        upn="anna@muster.example",
        primary="anna.arndt@muster.example",
        proxies=("a.arndt@muster.example",),
        password="Sommer2026",
    ),
    Account(
        name="Bernd Müller",
        alias="bernd.mueller",
        domain="MUSTER",
        sam="bmueller",
        upn="bmueller@muster.example",
        primary="bernd.mueller@muster.example",
        proxies=("bm@muster.example",),
        password="Winter ist kalt 7",
    ),
    Account(
        name="Clara Weiß",
        alias="cweiss",
        domain="MUSTER",
        sam="cweiss",
        upn="clara.weiss@muster.example",
        primary="clara.weiss@muster.example",
        password="Grüße4Clara",
    ),
    Account(
        name="Dora Denk",
        alias="dora",
        domain="MUSTER",
        sam="dora",
        upn="dora@muster.example",
        primary="dora.denk@muster.example",
        password="Herbst2026",
        pop_enabled=False,
    ),
    Account(name="Info", alias="info", primary="info@muster.example", full_access=("anna", APP)),
)

WITH_LOGIN_TYPE = editions("2007")


#: Tokens of the tests: what each of them is worth to the service.
TOKENS = {
    "annas": Token("anna@muster.example", None),
    "bernds": Token("bmueller@muster.example", None),
    "doras": Token("dora@muster.example", None),
    "strangers": Token("nobody@muster.example", None),
    "app": Token(None, APP),
    "other app": Token(None, "99999999-2222-3333-4444-555555555555"),
}

NOBODY = Trust()

#: A realm and an issuer, as far as the rules ask: a key that nothing can be read from, and six tokens.
TRUST = Trust(keytab=Path("/nowhere/keytab"), verify=TOKENS.__getitem__)


def policy(
    edition: str,
    login_type: str | None = None,
    *,
    exclusive: bool = False,
    trust: Trust = NOBODY,
    lockout: Lockout = NO_LOCKOUT,
    **settings: Any,
) -> ExchangePolicy:
    """Return the rules of a service; each mailbox holds one message, the alias its subject."""
    read = Settings.of(edition, login_type, **settings)
    mailboxes = {account.alias: Mailbox(account.alias, exclusive=exclusive) for account in ACCOUNTS}
    for alias, mailbox in mailboxes.items():
        mailbox.deliver(f"Subject: {alias}\r\n\r\n".encode())
    return ExchangePolicy(read, Directory(ACCOUNTS), mailboxes, trust, lockout)


def connect(edition: str, login_type: str | None = None, *, tls: bool = False, **rest: Any) -> Session:
    """Return a session whose greeting has been read; the rest is for `policy`."""
    session = Session(policy(edition, login_type, **rest), tls=tls)
    assert drain(session).startswith(b"+OK")
    return session
