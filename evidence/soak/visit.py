"""A visit to the server: who comes, over which transport, and what a visitor checks in any case."""

import poplib
import random
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from evidence.patience import PATIENCE
from evidence.raw import Raw
from evidence.soak.ledger import Fate, Kind, Known, Ledger, Wrong
from evidence.soak.server import Address

TRANSPORTS = ("110", "STLS", "995")


@dataclass(frozen=True)
class Account:
    """One of the world's accounts: alias, log-on name, sAMAccountName and password."""

    alias: str
    name: str
    sam: str
    password: str


#: Whose mail is fetched and deleted. Clara's mailbox is left to those who come in a crowd.
ACCOUNTS = (
    Account("anna", "anna@muster.example", "anna", "Sommer2026"),
    Account("bernd.mueller", "bmueller@muster.example", "bmueller", "Winter ist kalt 7"),
    Account("fax", "svc-fax@muster.example", "svc-fax", "Faxe2026"),
)
CROWDED = Account("cweiss", "clara.weiss@muster.example", "cweiss", "Grüße4Clara")


@dataclass(frozen=True)
class Listed:
    """What a session has been told of its messages: sizes and UIDs by number."""

    sizes: dict[int, int]
    uids: dict[int, str]


@dataclass
class Visit:
    """One client's visit.

    Args:
        address: where the server listens.
        account: who comes.
        chance: decides what the client does.
        ledger: what is known of the messages.
        pause: waits that many seconds, or until the run ends.
    """

    address: Address
    account: Account
    chance: random.Random
    ledger: Ledger
    pause: Callable[[float], object]
    deleted_before: set[str] = field(default_factory=set)
    kept_before: list[Known] = field(default_factory=list)

    @property
    def alias(self) -> str:
        """The mailbox."""
        return self.account.alias

    def remember(self) -> None:
        """Note what a log-on from now on must show, and must not."""
        self.deleted_before = {k.uid for k in self.ledger.of(self.alias, Kind.LETTER, Fate.DELETED)}
        self.kept_before = [k for k in self.ledger.of(self.alias, Kind.LETTER, Fate.KEPT) if k.uid]

    @contextmanager
    def poplib(self) -> Iterator[poplib.POP3]:
        """Log on with Python's own client, over any transport; the certificate is verified."""
        transport, where = self.chance.choice(TRANSPORTS), self.address
        self.remember()
        kind = poplib.POP3_SSL if transport == "995" else poplib.POP3
        pop = kind.__new__(kind)
        # In two steps, since poplib leaves its socket open when the greeting does not come.
        try:
            if isinstance(pop, poplib.POP3_SSL):
                poplib.POP3_SSL.__init__(
                    pop, "127.0.0.1", where.tls_port, timeout=PATIENCE, context=where.context
                )
            else:
                poplib.POP3.__init__(pop, "127.0.0.1", where.port, timeout=PATIENCE)
            if transport == "STLS":
                pop.stls(where.context)
            pop.user(self.account.name)
            pop.pass_(self.account.password)
            yield pop
        finally:
            with suppress(OSError, AttributeError):  # the latter if there never was a connection
                pop.close()

    def raw(self, transport: str = "", *, window: int | None = None) -> Raw:
        """Return a bare connection over a transport, any if it is empty, whose greeting was read."""
        transport = transport or self.chance.choice(TRANSPORTS)
        if transport == "995":
            client = Raw(self.address.tls_port, tls=True, window=window)
        else:
            client = Raw(self.address.port, window=window)
        try:
            expect(client.line(), b"+OK")
            if transport == "STLS":
                expect(client.ask(b"STLS"), b"+OK")
                client.start_tls()
        except BaseException:
            client.close()
            raise
        return client

    def log_on(self, client: Raw) -> None:
        """Log on with USER and PASS."""
        self.remember()
        expect(client.ask(b"USER " + self.account.name.encode()), b"+OK")
        expect(client.ask(b"PASS " + self.account.password.encode()), b"+OK")

    def listed(self, sizes: list[bytes], uids: list[bytes]) -> Listed:
        """Check what LIST and UIDL say.

        Raises:
            Wrong: they do not agree, a UID stands there twice, a deleted message is there or another not.
        """
        found = Listed(
            {int(number): int(size) for number, size in map(bytes.split, sizes)},
            {int(number): uid.decode() for number, uid in map(bytes.split, uids)},
        )
        seen = {*found.uids.values()}
        if found.sizes.keys() != found.uids.keys() or len(seen) != len(found.uids):
            raise Wrong(f"{self.alias}: LIST and UIDL do not agree, or a UID stands there twice")
        if back := seen & self.deleted_before:
            raise Wrong(f"{self.alias}: UIDs {sorted(back)} are listed though they were deleted")
        if missed := [k.name for k in self.kept_before if k.fate is Fate.KEPT and k.uid not in seen]:
            raise Wrong(f"{self.alias}: {missed} are not listed though nobody deleted them")
        return found

    def judge(self, listed: Listed, number: int, content: bytes) -> None:
        """Check a message that was fetched, its lines ended by CRLF.

        Raises:
            Wrong: its size is not what LIST said, or it is not what was delivered.
        """
        if len(content) != listed.sizes[number]:
            raise Wrong(f"{self.alias}: {listed.sizes[number]} octets announced, {len(content)} sent")
        self.ledger.judge(self.alias, listed.uids[number], content)

    def letters(self, listed: Listed, most: int) -> dict[int, Known]:
        """Return some letters by their numbers, for deletion."""
        numbers = self.chance.sample(sorted(listed.uids), len(listed.uids))
        found = {n: k for n in numbers for k in self.ledger.letters(self.alias, [listed.uids[n]])}
        return dict(list(found.items())[:most])


def expect(line: bytes, start: bytes) -> bytes:
    """Return a reply that begins as it must.

    Raises:
        ConnectionError: it does not, or there is none; a fault may be the reason.
    """
    if not line.startswith(start):
        raise ConnectionError(f"{line!r} instead of {start!r}")
    return line


def lines(text: bytes) -> list[bytes]:
    """Return the lines of a multi-line reply."""
    return text.removesuffix(b"\r\n").split(b"\r\n") if text.strip() else []


def unstuffed(text: bytes) -> bytes:
    """Return a message without the dots that the protocol has put before its own (RFC 1939, section 3)."""
    return re.sub(rb"^\.", b"", text, flags=re.MULTILINE)


#: Lets one crowd in at a time: it counts how many sessions a user gets.
ONE_CROWD = threading.Lock()
