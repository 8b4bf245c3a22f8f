"""Another program in the same Maildirs, and what may befall files: mail comes, moves and goes; things break.

It knows nothing of minipop. It delivers with Python's `mailbox`, and moves by renames as mail programs do.
Every fault works for root as well, to whom permissions mean nothing, and is mended after a few visits.
"""

import mailbox
import os
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from evidence.soak.ledger import Fate, Kind, Known, Ledger

#: How many messages of a kind a mailbox may hold; the rest waits until some are gone.
MOST = {Kind.LETTER: 30, Kind.WANDERER: 6, Kind.PASSING: 4}

#: How often a message is looked for before it counts as lost, which the end of the run will tell.
TRIES = 10_000

#: Longest line and most lines of what is delivered.
WIDTH, LINES = 900, 60


@dataclass
class Faults:
    """Which mailboxes are broken just now, and how often each has been."""

    _begun: Counter[str] = field(default_factory=Counter)
    _open: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def at(self, alias: str) -> Iterator[None]:
        """Let a mailbox be broken for as long as the block lasts."""
        with self._lock:
            self._begun[alias] += 1
            self._open[alias] += 1
        try:
            yield
        finally:
            with self._lock:
                self._open[alias] -= 1

    def mark(self, alias: str) -> tuple[int, int]:
        """Return what changes with every fault: how many have begun, how many are open."""
        with self._lock:
            return self._begun[alias], self._open[alias]

    def excuse(self, alias: str, mark: tuple[int, int]) -> bool:
        """Tell whether a mailbox was broken at any time since a mark, or at the mark."""
        return mark[1] > 0 or self.mark(alias)[0] > mark[0]


@dataclass
class Postman:
    """Brings mail, moves it and breaks things.

    Args:
        directory: holds the Maildirs.
        aside: a place on the same file system, outside of them.
        aliases: whose mailboxes.
        chance: decides what happens.
        ledger: is told of everything before it happens.
        faults: is told of every fault.
        pause: waits until so many more visits are over, or the run is.
    """

    directory: Path
    aside: Path
    aliases: tuple[str, ...]
    chance: random.Random
    ledger: Ledger
    faults: Faults
    pause: Callable[[int], object]
    done: Counter[str] = field(default_factory=Counter)
    _names: dict[str, list[tuple[str, Known]]] = field(default_factory=dict)  # the keys of each mailbox
    _number: int = 0

    # -- mail -------------------------------------------------------------------------------------

    def deliver(self, alias: str, kind: Kind) -> None:
        """Bring a message, unless there are enough."""
        if self.ledger.count(alias, kind) >= MOST[kind]:
            return
        self._number += 1
        words = (
            b"." * self.chance.randrange(3) + b"x" * self.chance.randrange(WIDTH)
            for _ in range(self.chance.randrange(LINES))
        )
        content = b"\n".join((b"Subject: %b %d" % (kind.value.encode(), self._number), b"", *words, b""))
        known = self.ledger.add(alias, content, kind)
        key = mailbox.Maildir(self.directory / alias, create=False).add(content)
        self._names.setdefault(alias, []).append((key, known))
        self.done[f"{kind.value} delivered"] += 1

    def wander(self, alias: str) -> None:
        """Move a message to Deleted Items, or back, under the name that it has."""
        while found := self._find(alias, Kind.WANDERER):
            elsewhere = self.directory / alias
            if found.parent.parent == elsewhere:
                elsewhere /= ".Deleted Items"
            if self._rename(found, elsewhere / "cur" / found.name, "message moved"):
                return

    def flag(self, alias: str) -> None:
        """Set or clear the flag “replied”, which is a rename."""
        while found := self._find(alias, Kind.WANDERER):
            key, _, info = found.name.partition(":2,")
            info = info.replace("R", "") if "R" in info else "".join(sorted("R" + info))
            if self._rename(found, found.parent.parent / "cur" / f"{key}:2,{info}", "flag changed"):
                return

    def destroy(self, alias: str) -> None:
        """Destroy a message."""
        for known in self.ledger.of(alias, Kind.PASSING, Fate.KEPT)[:1]:
            key = next(key for key, other in self._names[alias] if other is known)
            self.ledger.mark([known], Fate.DESTROYED)
            while found := self._files(alias, key) or self._files(alias, key):  # the server may rename it
                found[0].unlink(missing_ok=True)
            self._names[alias].remove((key, known))
            self.done["message destroyed"] += 1

    # -- faults -----------------------------------------------------------------------------------

    def replace_by_directory(self, alias: str) -> None:
        """Put a directory where a message was."""
        while found := self._find(alias, Kind.WANDERER):
            hidden = self.aside / found.name
            if not self._rename(found, hidden, ""):
                continue
            with self.faults.at(alias):
                found.mkdir()
                self.done["message replaced by a directory"] += 1
                self._wait()
                for obstacle in self._files(alias, found.name.partition(":")[0]):
                    obstacle.rmdir()  # who has had the message open may have renamed it: a read flag
                hidden.rename(found)
            return

    def take_away_new(self, alias: str) -> None:
        """Take the directory ``new`` away."""
        new = self.directory / alias / "new"
        with self.faults.at(alias):
            new.rename(self.aside / "new")
            self.done["directory new taken away"] += 1
            self._wait()
            (self.aside / "new").rename(new)

    def block_uids(self, alias: str) -> None:
        """Keep the file of the UIDs from being written, by a directory where its copy goes."""
        obstacle = self.directory / alias / "minipop-uids.tmp"
        with self.faults.at(alias):
            while not self._made(obstacle):
                pass
            self.done["file of UIDs not writable"] += 1
            self.deliver(alias, Kind.LETTER)  # something to write
            self._wait()
            obstacle.rmdir()

    def strew(self, alias: str) -> None:
        """Leave what is no message among the messages: a pipe, a link to nowhere, a directory."""
        cur = self.directory / alias / "cur"
        pipe, link, folder = (cur / f"{self._number}.soak.{what}" for what in ("pipe", "link", "folder"))
        os.mkfifo(pipe)
        link.symlink_to("nowhere")
        folder.mkdir()
        self.done["pipe, link and directory among the messages"] += 1
        self._wait()
        pipe.unlink()
        link.unlink()
        folder.rmdir()

    # -- inside -----------------------------------------------------------------------------------

    def act(self, deed: "Deed") -> None:
        """Do something in some mailbox."""
        deed(self, self.chance.choice(self.aliases))

    def _wait(self) -> None:
        self.pause(self.chance.randrange(4, 16))

    def _made(self, obstacle: Path) -> bool:
        """Make a directory; tell whether that was possible, since the file may be written at this moment."""
        try:
            obstacle.mkdir()
        except FileExistsError:
            return False
        return True

    def _find(self, alias: str, kind: Kind) -> Path | None:
        """Return the file of some message of a kind, None if there is no message of it."""
        keys = [key for key, known in self._names.get(alias, []) if known.kind is kind]
        if not keys:
            return None
        key = self.chance.choice(keys)
        for _ in range(TRIES):  # because the server may be renaming it at this moment
            if found := self._files(alias, key):
                return found[0]
        return None

    def _files(self, alias: str, key: str) -> list[Path]:
        """Return where a message lies; nowhere if it is being renamed just now."""
        inbox = self.directory / alias
        parts = (folder / part for folder in (inbox, inbox / ".Deleted Items") for part in ("new", "cur"))
        return [file for part in parts for file in part.iterdir() if file.name.partition(":")[0] == key]

    def _rename(self, file: Path, to: Path, deed: str) -> bool:
        """Rename a file; tell whether it was still there."""
        try:
            file.rename(to)
        except FileNotFoundError:  # the server has renamed it meanwhile
            return False
        if deed:
            self.done[deed] += 1
        return True


Deed = Callable[[Postman, str], None]


def _letter(postman: Postman, alias: str) -> None:
    postman.deliver(alias, Kind.LETTER)


def _wanderer(postman: Postman, alias: str) -> None:
    postman.deliver(alias, Kind.WANDERER)


def _passing(postman: Postman, alias: str) -> None:
    postman.deliver(alias, Kind.PASSING)


#: All deeds, and how many of each are in a round.
DEEDS: dict[Deed, int] = {
    _letter: 24,
    _wanderer: 3,
    _passing: 4,
    Postman.wander: 8,
    Postman.flag: 4,
    Postman.destroy: 4,
    Postman.replace_by_directory: 1,
    Postman.take_away_new: 1,
    Postman.block_uids: 1,
    Postman.strew: 1,
}
