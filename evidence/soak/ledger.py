"""What is known of every message: so a client can judge what it gets, and the end what is left.

A message is known by its checksum. Who may touch it depends on its kind: so nobody's doing hides a loss.
"""

import hashlib
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

#: How many sentences about what is wrong are kept; one is enough to fail.
MOST_WRONG = 20


class Kind(Enum):
    """Who may touch a message."""

    SAMPLE = "sample"  # nobody
    LETTER = "letter"  # clients delete it
    WANDERER = "wanderer"  # another program moves it to another folder and back
    PASSING = "passing"  # another program destroys it


class Fate(Enum):
    """What has become of a message."""

    KEPT = "kept"  # nobody has asked for its deletion
    ASKED = "asked"  # a client has, and has not heard whether it was done
    DELETED = "deleted"  # QUIT was answered by +OK
    DESTROYED = "destroyed"  # by another program


#: Where a message may be, by its kind and fate; a folder is called as its directory is.
PLACES: dict[tuple[Kind, Fate], set[str]] = {
    (Kind.SAMPLE, Fate.KEPT): {"Inbox", ".Sent Items", ".Deleted Items", ".Projekt Faxabl&APY-sung"},
    (Kind.LETTER, Fate.KEPT): {"Inbox"},
    (Kind.LETTER, Fate.ASKED): {"Inbox", "Deletions"},
    (Kind.LETTER, Fate.DELETED): {"Deletions"},
    (Kind.WANDERER, Fate.KEPT): {"Inbox", ".Deleted Items"},
    (Kind.PASSING, Fate.KEPT): {"Inbox"},
    (Kind.PASSING, Fate.DESTROYED): set(),
}


class Wrong(Exception):
    """The server did what it must not; no fault excuses it."""


@dataclass
class Known:
    """A message that was delivered.

    Args:
        name: how it is called in a sentence.
        kind: who may touch it.
        fate: what has become of it.
        uid: its UID once a client has fetched it.
    """

    name: str
    kind: Kind
    fate: Fate = Fate.KEPT
    uid: str = ""


@dataclass
class Ledger:
    """All messages by mailbox and checksum, and what was found to be wrong; threads may share it."""

    known: dict[str, dict[str, Known]] = field(default_factory=lambda: defaultdict(dict))
    uids: dict[str, dict[str, Known]] = field(default_factory=lambda: defaultdict(dict))
    wrong: list[str] = field(default_factory=list)
    fetched: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, alias: str, content: bytes, kind: Kind) -> Known:
        """Note a message that is about to be delivered."""
        with self._lock:
            known = Known(f"{alias}: {kind.value} {len(self.known[alias]) + 1}", kind)
            assert checksum(content) not in self.known[alias]
            self.known[alias][checksum(content)] = known
        return known

    def count(self, alias: str, kind: Kind) -> int:
        """Return how many messages of a kind are kept in a mailbox."""
        return len(self.of(alias, kind, Fate.KEPT))

    def of(self, alias: str, kind: Kind, fate: Fate) -> list[Known]:
        """Return the messages of a mailbox with that kind and fate."""
        with self._lock:
            return [k for k in self.known[alias].values() if (k.kind, k.fate) == (kind, fate)]

    def judge(self, alias: str, uid: str, content: bytes) -> None:
        """Compare a message that was fetched with what is known.

        Raises:
            Wrong: nobody has delivered it, or its UID names another or is another.
        """
        with self._lock:
            known = self.known[alias].get(checksum(content))
            if known is None:
                raise Wrong(f"{alias}: UID {uid} brings {len(content)} octets that nobody has delivered")
            if self.uids[alias].setdefault(uid, known) is not known:
                raise Wrong(f"{known.name} has UID {uid}, which was that of {self.uids[alias][uid].name}")
            if known.uid not in ("", uid):
                raise Wrong(f"{known.name} has UID {uid}, which was {known.uid}")
            known.uid = uid
            self.fetched += 1

    def may_be_gone(self, alias: str, uid: str) -> bool:
        """Tell whether somebody else may have taken a message that a session has listed."""
        with self._lock:
            known = self.uids[alias].get(uid)
            return known is None or known.kind in (Kind.WANDERER, Kind.PASSING) or known.fate is not Fate.KEPT

    def letters(self, alias: str, uids: Iterable[str]) -> list[Known]:
        """Return those of some UIDs that are letters, which alone a client may delete."""
        with self._lock:
            found = (self.uids[alias].get(uid) for uid in uids)
            return [known for known in found if known and known.kind is Kind.LETTER]

    def mark(self, messages: Iterable[Known], fate: Fate) -> None:
        """Note the fate of messages; what is deleted stays deleted."""
        with self._lock:
            for known in messages:
                if known.fate is not Fate.DELETED:
                    known.fate = fate

    def tally(self) -> dict[str, int]:
        """Count what was delivered, fetched and deleted."""
        fates = Counter(known.fate for messages in self.known.values() for known in messages.values())
        return {
            "delivered": fates.total(),
            "fetched": self.fetched,
            "deletions promised": fates[Fate.DELETED],
            "deletions asked for": fates[Fate.ASKED],
            "destroyed by another program": fates[Fate.DESTROYED],
        }

    def deny(self, sentence: str) -> None:
        """Note that something is wrong."""
        with self._lock:
            if len(self.wrong) < MOST_WRONG:
                self.wrong.append(sentence)

    def examine(self, directory: Path) -> Counter[str]:
        """Look where every message is, once nobody serves the Maildirs any more; what is wrong is noted.

        Returns:
            How many are ``lost``, ``doubled``, ``misplaced`` (a deletion undone, or done unasked) and
            ``unknown``.
        """
        counts: Counter[str] = Counter(lost=0, doubled=0, misplaced=0, unknown=0)
        for alias, messages in self.known.items():
            found: dict[str, list[str]] = defaultdict(list)
            for place, content in stored(directory, alias):
                found[checksum(content)].append(place)
            for unknown in found.keys() - messages.keys():
                counts["unknown"] += 1
                self.deny(f"{alias}: in {found[unknown]} lies what nobody has delivered")
            for key, known in messages.items():
                places, allowed = found.get(key, []), PLACES[known.kind, known.fate]
                verdict = (
                    "doubled"
                    if len(places) > 1
                    else "lost"
                    if allowed and not places
                    else "misplaced"
                    if {*places} - allowed
                    else ""
                )
                if verdict:
                    counts[verdict] += 1
                    self.deny(f"{known.name}, {known.fate.value}, is {verdict}: {places}")
        return counts


def checksum(content: bytes) -> str:
    """Return what a message is known by, whatever its line ends and whether its last line has one."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n").removesuffix(b"\n")).hexdigest()


def stored(directory: Path, alias: str) -> Iterator[tuple[str, bytes]]:
    """Give place and content of each message in a mailbox, Recoverable Items included."""
    inbox, hidden = directory / alias, directory / ".recoverable" / alias
    places = {"Inbox": inbox, **{p.name: p for p in (*inbox.glob(".*"), *hidden.iterdir()) if p.is_dir()}}
    for place, path in places.items():
        for part in ("new", "cur"):
            for file in sorted((path / part).iterdir()):
                if file.is_file() and not file.is_symlink():
                    yield place, file.read_bytes()
