"""One run: clients and a postman on a server for so many seconds, and a report of what came of it."""

import random
import signal
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import TypeVar

from minipop.lab import world
from tests.soak.clients import CLIENTS
from tests.soak.figures import Figures
from tests.soak.ledger import Kind, Ledger, Wrong
from tests.soak.postman import DEEDS, Faults, Postman
from tests.soak.server import PATIENCE, Address, Sample, Server
from tests.soak.visit import ACCOUNTS, Visit

SEED = 20260302

#: Clients at a time, and the longest that each rests between two visits, in seconds.
WORKERS = 8
REST = 0.2

#: The longest that the postman rests, in seconds.
PACE = 0.15

#: How the server is ended, again and again in the first third; later it runs through, and is measured.
ENDS = (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL)

#: What the server may say on standard error, and only because of a fault.
KNOWN_ERRORS = (
    "minipop-uids.tmp'",  # not writable
    "/new'",  # taken away
    "[Errno 2] No such file or directory: '",  # taken away while it was about to be read
    "is no plain file",  # replaced by a directory
)

NOTHING = Sample(0, 0, 0)

T = TypeVar("T")


@dataclass
class Report:
    """What came of a run.

    Args:
        seconds: how long it lasted.
        visits: how many clients of each kind came to an end.
        excused: how many were cut by a kill or a fault instead.
        done: what the postman did, faults included.
        restarts: how often the server was ended and started again, by signal.
        messages: how many were delivered and fetched, how many deletions were promised and how many only
            asked for, and what was found at the end: ``lost``, ``doubled``, ``misplaced``, ``unknown``.
        start: the figures before the first client, `warm` the medians of the second third, `last` those of
            the last, `rest` when all clients are gone.
        wrong: what must not be, as sentences.
    """

    seconds: float = 0
    visits: Counter[str] = field(default_factory=Counter)
    excused: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    restarts: Counter[str] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    start: Sample = NOTHING
    warm: Sample = NOTHING
    last: Sample = NOTHING
    rest: Sample = NOTHING
    wrong: list[str] = field(default_factory=list)


class Soak:
    """A run that has not begun.

    Args:
        seconds: how long it is to last.
        folder: an empty folder for all of it.
        say: is told once a minute how it goes.
    """

    def __init__(self, seconds: float, folder: Path, say: Callable[[str], None] = lambda _: None) -> None:
        self.report = Report(seconds)
        self._say = say
        self._server = Server(folder)
        self._ledger = Ledger()
        self._faults = Faults()
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._deals = dealt(CLIENTS, random.Random(SEED))
        (folder / "aside").mkdir()
        self._postman = Postman(
            self._server.directory,
            folder / "aside",
            tuple(account.alias for account in ACCOUNTS),
            random.Random(SEED + 1),
            self._ledger,
            self._faults,
            self._over.wait,
        )
        self._figures = Figures(seconds)
        self._begin = 0.0

    def run(self) -> Report:
        """Run, look at what is left, and return the report."""
        self._know_the_samples()
        self._server.start()
        self._begin = time.monotonic()
        tasks = [lambda n=n: self._come_and_go(random.Random(SEED + 2 + n)) for n in range(WORKERS)]
        threads = [threading.Thread(target=self._kept(task)) for task in (*tasks, self._measure)]
        try:
            for thread in threads:
                thread.start()
            self._kept(self._befall)()
        finally:
            self._over.set()
            for thread in threads:
                thread.join(PATIENCE)
        self._look_at_the_end()
        return self.report

    # -- while it runs ----------------------------------------------------------------------------

    def _elapsed(self) -> float:
        return time.monotonic() - self._begin

    def _befall(self) -> None:
        """Let the postman act and end the server, each in its turn, so that no fault meets a kill."""
        third = self.report.seconds / 3
        kills = max(len(ENDS), round(third / 20))
        due = iter([(third * (n + 1) / (kills + 1), how) for n, how in enumerate(islice(cycle(ENDS), kills))])
        at, how = next(due)
        minutes = 1
        for deed in dealt(DEEDS, self._postman.chance):
            if self._elapsed() >= self.report.seconds or self._ledger.wrong:
                return
            self._postman.act(deed)
            self._over.wait(self._postman.chance.uniform(0, PACE))
            if self._elapsed() >= at:
                self._end(how)
                self._server.start()
                self.report.restarts[how.name] += 1
                at, how = next(due, (float("inf"), how))
            if self._elapsed() >= 60 * minutes:
                self._say(self._line(minutes))
                minutes += 1

    def _end(self, how: signal.Signals) -> None:
        """End the server; one that was asked to must say goodbye with 0."""
        expected = -how if how is signal.SIGKILL else 0
        status = self._server.end(how)
        if status != expected:
            self._ledger.deny(f"{how.name} ends the server with {status} instead of {expected}")

    def _come_and_go(self, chance: random.Random) -> None:
        """Be one client after the other."""
        while not self._over.wait(chance.uniform(0, REST)):
            with self._lock:
                client = next(self._deals)
            address = self._server.address()
            if address:
                account = chance.choice(ACCOUNTS)
                visit = Visit(address, account, chance, self._ledger, self._over.wait)
                mark = self._faults.mark(account.alias)
                self._visit(client, visit, address, mark)

    def _visit(
        self, client: Callable[[Visit], None], visit: Visit, address: Address, mark: tuple[int, int]
    ) -> None:
        """Be one client, and judge how it ended."""
        name, alias = client.__name__, visit.alias
        try:
            client(visit)
        except Wrong as error:
            self._ledger.deny(f"{name}: {error}")
        except Exception as error:
            if self._server.still(address) and not self._faults.excuse(alias, mark):
                where = traceback.extract_tb(error.__traceback__)[-1]
                self._ledger.deny(f"{name}, {alias}: {error!r} in {where.name}, line {where.lineno}")
            self._count(self.report.excused, name)
        else:
            self._count(self.report.visits, name)

    def _count(self, counter: Counter[str], name: str) -> None:
        with self._lock:
            counter[name] += 1

    def _measure(self) -> None:
        """Take figures a hundred times."""
        while not self._over.wait(self.report.seconds / 100):
            with suppress(OSError):  # it is just being started again
                self._figures.add(self._elapsed(), self._server.sample())

    def _kept(self, task: Callable[[], None]) -> Callable[[], None]:
        """Return a task whose mishap is noted, not lost with its thread."""

        def run() -> None:
            try:
                task()
            except Exception:
                self._ledger.deny(traceback.format_exc())

        return run

    def _line(self, minutes: int) -> str:
        sample, visits = self._server.sample(), sum(self.report.visits.values())
        return (
            f"{minutes:3} min  {visits:6} sessions  {self._ledger.fetched:6} messages fetched"
            f"  {self.report.restarts.total():2} restarts  {sample}"
        )

    # -- before and after -------------------------------------------------------------------------

    def _know_the_samples(self) -> None:
        """Note the sample mail, with which the server fills its Maildirs at its first start."""
        for account in world.accounts():
            for _, content in world.mail(account.alias):
                self._ledger.add(account.alias, content, Kind.SAMPLE)

    def _look_at_the_end(self) -> None:
        """Look at the server without clients, and then at what it has left."""
        report, ledger = self.report, self._ledger
        patience = time.monotonic() + PATIENCE
        report.start = report.rest = self._server.first
        with suppress(OSError):
            report.rest = self._server.sample()
            while report.rest.handles > report.start.handles and time.monotonic() < patience:
                time.sleep(0.05)  # nobody tells when the kernel has handed over the last farewell
                report.rest = self._server.sample()
        if report.rest.handles != report.start.handles:
            ledger.deny(f"{report.start.handles} handles at the start, {report.rest.handles} at the end")
        self._end(signal.SIGTERM)
        if not ledger.wrong:  # else the run was broken off, and there are no thirds
            report.warm, report.last = self._figures.median(1), self._figures.median(2)
            for sentence in self._figures.growth():
                ledger.deny(sentence)
        report.messages = ledger.examine(self._server.directory)
        report.messages.update(ledger.tally())
        for line in self._server.errors.read_text("utf-8").splitlines():
            if not any(known in line for known in KNOWN_ERRORS):
                ledger.deny(f"the server says: {line}")
        report.done = self._postman.done
        report.wrong = ledger.wrong


def dealt(cards: dict[T, int], chance: random.Random) -> Iterator[T]:
    """Give cards without end, one shuffled deck after the other: in each round there is each of them."""
    deck = [card for card, count in cards.items() for _ in range(count)]
    while True:
        yield from chance.sample(deck, len(deck))


def soak(seconds: float, say: Callable[[str], None] = lambda _: None) -> Report:
    """Run in a temporary folder; see `Soak`."""
    with tempfile.TemporaryDirectory(prefix="minipop-soak-") as folder:
        return Soak(seconds, Path(folder), say).run()
