"""The accounts of Muster GmbH, typed by hand, and sessions with a server of any edition that knows them."""

from minipop.exchange import Account, Directory, ExchangePolicy, Settings
from minipop.mailbox import Mailbox
from minipop.protocol import Session
from tests.support import drain

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
    Account(name="Info", alias="info", primary="info@muster.example", full_access=("anna",)),
)

EDITIONS = ["2000", "2003", "2007", "2010", "2013", "2016", "2019", "se", "online", "rfc"]
WITH_LOGIN_TYPE = ["2007", "2010", "2013", "2016", "2019", "se"]


def policy(edition: str, login_type: str | None = None, *, exclusive: bool = False) -> ExchangePolicy:
    """Return the rules of a service; each mailbox holds one message, the alias its subject."""
    settings = Settings.of(edition, login_type)
    mailboxes = {account.alias: Mailbox(account.alias, exclusive=exclusive) for account in ACCOUNTS}
    for alias, mailbox in mailboxes.items():
        mailbox.deliver(f"Subject: {alias}\r\n\r\n".encode())
    return ExchangePolicy(settings, Directory(ACCOUNTS), mailboxes)


def connect(edition: str, login_type: str | None = None, *, tls: bool = False) -> Session:
    """Return a session whose greeting has been read."""
    session = Session(policy(edition, login_type), tls=tls)
    assert drain(session).startswith(b"+OK")
    return session
