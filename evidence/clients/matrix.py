"""One attempt of a client to log on and fetch a mailbox, and what came of it.

That is read off the server's transcript and the messages that the client has stored; what a client was told
proves nothing.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any, Self

from evidence.clients.client import Account, Client
from evidence.clients.running import prepare, run
from evidence.patience import PATIENCE
from minipop import Lab
from minipop.lab.clients import Transport
from minipop.wire import Conversation
from minipop.wire.entry import Entry

PLAIN, STLS, TLS = Transport

#: How many seconds a client has in its first attempts; the last has all the patience there is.
HASTY = (45, 90)

#: The Labs, by the name that a setting has in the table.
SETTINGS: dict[str, dict[str, Any]] = {
    "2016": {"edition": "2016", "login_type": "PlainTextLogin"},
    "2016+v1": {"edition": "2016", "login_type": "PlainTextLogin", "ntlm_v1": True},
    "2016+krb": {"edition": "2016", "login_type": "PlainTextLogin", "kerberos": True},
    "2003": {"edition": "2003", "ntlm_v1": True},
    "online": {"edition": "online", "issuer": True},
    "rfc": {"edition": "rfc", "issuer": True},
}


@dataclass(frozen=True)
class Row:
    """A row of the table: a mechanism at a server.

    Args:
        mechanism: its name.
        setting: the server, by its name in `SETTINGS`.
        on_110: another server for 110 without TLS, empty for none.
        stls: whether the server knows STLS.
    """

    mechanism: str
    setting: str
    on_110: str = ""
    stls: bool = True

    def setting_on(self, transport: Transport) -> str:
        """Return the name of the server that is asked over a transport."""
        return self.on_110 or self.setting if transport is PLAIN else self.setting


#: Every row by its name. Exchange 2016 takes AUTH LOGIN without listing it; Exchange 2003 answers AUTH NTLM
#: by +OK; Exchange Online takes no log-on on 110 before TLS.
ROWS = {
    "USER": Row("USER", "2016"),
    "PLAIN": Row("PLAIN", "2016"),
    "LOGIN": Row("LOGIN", "2016"),
    "LOGIN, listed": Row("LOGIN", "rfc"),
    "NTLM": Row("NTLM", "2016"),
    "NTLM, v1 allowed": Row("NTLM", "2016+v1"),
    "NTLM, 2003": Row("NTLM", "2003", stls=False),
    "GSSAPI": Row("GSSAPI", "2016+krb"),
    "XOAUTH2": Row("XOAUTH2", "online", on_110="rfc"),
}

#: The names in `Replies` of the two replies that let somebody in.
ACCEPTED = {"logged_on", "authenticated"}

USER_NAME, PASSWORD = "anna@muster.example", "Sommer2026"

#: What the built-in mail lacks: 8-bit text, lines that are special in mbox files, empty lines at the end.
AWKWARD = (
    "From: Bernd =?utf-8?q?M=C3=BCller?= <bernd.mueller@muster.example>\r\n"
    "To: anna.arndt@muster.example\r\n"
    "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
    "Date: Fri, 20 Nov 2026 16:30:00 +0100\r\n"
    "Message-ID: <20261120.1630.bmueller@muster.example>\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: 8bit\r\n"
    "\r\n"
    "Grüße aus dem Zug, 3 € für den Kaffee.\r\n"
    "From here on there is no signal.\r\n"
    ">From me, too.\r\n"
    ".\r\n"
    "..\r\n"
    "\r\n"
    "\r\n"
).encode()


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt.

    Args:
        word: ``works``; ``refused``: the server said no; ``gives up``: the client ended before that;
            ``another``: it logged on by another mechanism than it was told. Without an attempt: ``lacks``:
            the client has no setting for that; ``untried``: it could not be tried; ``not offered``: the
            server has no STLS.
        said: how it began to log on, such as ``AUTH NTLM``; empty if it did not.
        reply: the server's last line to the log-on, if that failed.
        reason: why the server refused, see `minipop.exchange.refusals`, with ``another`` an attempt before;
            with ``lacks`` and ``untried``, the reason's name on the page.
    """

    word: str
    said: str = ""
    reply: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Run:
    """What a client did.

    Args:
        code: its exit code.
        printed: what it printed.
        stored: how many messages there are.
        intact: how many it fetched that are what is stored.
        damaged: the first lines of those that are not.
        conversations: its dialogues.
    """

    code: int
    printed: str
    stored: int
    intact: int
    damaged: list[str]
    conversations: list[Conversation]


class Labs:
    """One Lab for each setting, started when it is asked for first. Use it in a ``with`` statement."""

    def __init__(self) -> None:
        self._labs: dict[str, Lab] = {}

    def __getitem__(self, setting: str) -> Lab:
        if setting not in self._labs:
            self._labs[setting] = lab = Lab(**SETTINGS[setting]).start()
            lab.mailbox("anna").deliver(AWKWARD)
        return self._labs[setting]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for lab in self._labs.values():
            lab.stop()


def observe(client: Client, labs: Labs, name: str, transport: Transport) -> tuple[Outcome, Run | None]:
    """Try one cell of the table: what came of it, and what the client did unless there was nothing to try."""
    row = ROWS[name]
    if transport is STLS and not row.stls:
        return Outcome("not offered"), None
    reason = client.lacks.get(row.mechanism) or client.lacks.get(transport.value)
    if reason:
        return Outcome("lacks", reason=reason), None
    if reason := client.untried.get(row.mechanism):
        return Outcome("untried", reason=reason), None
    done = attempt(client, labs[row.setting_on(transport)], row.mechanism, transport)
    return outcome(done, row.mechanism), done


def attempt(
    client: Client,
    lab: Lab,
    mechanism: str,
    transport: Transport,
    *,
    ca: str | None = None,
    user: str = USER_NAME,
) -> Run:
    """Let a client fetch Anna's Inbox.

    One that is played by keys begins anew if it has not ended: it throws keys away that come before it asks,
    and waits for them for ever. That says nothing about POP3.

    Args:
        client: the client.
        lab: the server.
        mechanism: how to log on.
        transport: how to reach it.
        ca: another certificate authority than the Lab's; empty for none.
        user: the name to log on with.

    Raises:
        TimeoutError: it never ended.
    """
    for patience in HASTY:
        with suppress(TimeoutError):
            return _attempt(client, lab, mechanism, transport, ca, user, patience)
    return _attempt(client, lab, mechanism, transport, ca, user, PATIENCE)


def _attempt(
    client: Client,
    lab: Lab,
    mechanism: str,
    transport: Transport,
    ca: str | None,
    user: str,
    patience: float,
) -> Run:
    stored = [b"".join(message.open()) for message in lab.mailbox("anna").inbox]
    before = len(lab.transcript)
    kerberos = {}
    if mechanism == "GSSAPI":
        kerberos = lab.realm.environment(lab.realm.ticket("anna", PASSWORD))
    with tempfile.TemporaryDirectory(prefix="minipop-client-") as home:
        account = Account(
            host="localhost",
            port=lab.tls_port if transport is TLS else lab.port,
            user=user,
            secret=lab.issuer.issue(user) if mechanism == "XOAUTH2" else PASSWORD,
            ca="" if transport is PLAIN else lab.ca_file if ca is None else ca,
            home=home,
            messages=len(stored),
        )
        prepare(client, account, mechanism, transport)
        code, printed = run(client, account, kerberos, patience)
        intact, damaged = compare(client, home, stored)
    return Run(code, printed, len(stored), intact, damaged, lab.transcript[before:])


def compare(client: Client, home: str, stored: list[bytes]) -> tuple[int, list[str]]:
    """Count the fetched messages that are what is stored; show how those begin that are not."""
    files = (file.read_bytes() for file in client.stored(Path(home)))
    fetched = Counter(client.comparable(message) for file in files for message in client.messages(file))
    expected = Counter(client.expected(message) for message in stored)
    damaged = [message[:300].decode("utf-8", "replace") for message in (fetched - expected)]
    return (expected & fetched).total(), damaged


def outcome(done: Run, mechanism: str) -> Outcome:
    """Read off the transcript what came of an attempt."""
    said = reply = reason = ""
    for entry in (entry for conversation in done.conversations for entry in conversation.entries):
        if begins := beginning(entry):
            said, reply = begins, ""
        elif entry.who == "S" and entry.name in ACCEPTED:
            works = said == saying(mechanism)
            return Outcome("works", said) if works else Outcome("another", said, reason=reason)
        elif entry.who == "S" and said and not reply.startswith("-ERR"):
            reply, reason = entry.text, entry.refusal.reason if entry.refusal else ""
    return Outcome("refused" if reply.startswith("-ERR") else "gives up", said, reply, reason)


def beginning(entry: Entry) -> str:
    """Return how a log-on begins with this line, such as ``AUTH NTLM``; empty if none begins with it."""
    words = entry.text.upper().split()
    if entry.name == "AUTH":  # alone it asks for a list
        return " ".join(words[:2]) if len(words) > 1 else ""
    return entry.name if entry.name in ("USER", "APOP") else ""


def saying(mechanism: str) -> str:
    """Return how a client begins to log on by a mechanism."""
    return "USER" if mechanism == "USER" else f"AUTH {mechanism}"


def reached(done: Run) -> Transport:
    """Tell how the client had reached the service when it began to log on, by what the transcript shows."""
    session = next(c for c in done.conversations if any(map(beginning, c.entries)))
    if "995" in session.title:
        return TLS
    before = takewhile(lambda entry: not beginning(entry), session.entries)
    return STLS if any(entry.name == "tls" for entry in before) else PLAIN


def verifies(client: Client, labs: Labs, transport: Transport, ca: str) -> str:
    """Tell whether a client keeps its password from a server whose certificate it cannot verify.

    Args:
        client: the client.
        labs: the servers.
        transport: STLS or 995.
        ca: a certificate authority that has nothing to do with the server; empty if the client is told of
            none and has only those of its system.

    Returns:
        ``yes``, ``no``, or ``lacks`` if it cannot use the transport at all.
    """
    if transport.value in client.lacks:
        return "lacks"
    said = outcome(attempt(client, labs["2016"], "USER", transport, ca=ca), "USER").said
    return "no" if said else "yes"
