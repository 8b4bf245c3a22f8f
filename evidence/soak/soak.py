"""One run: clients and a postman on a server for so many visits, and a report of what came of it.

Whatever happens in a run happens at a count of visits, never at a time, because a slow machine must see the
same deeds, kills and samples as a fast one.
"""

import random
import signal
import sys
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

from evidence.patience import PATIENCE
from evidence.soak.clients import CLIENTS
from evidence.soak.figures import Figures
from evidence.soak.ledger import Kind, Ledger, Wrong
from evidence.soak.postman import DEEDS, Faults, Postman
from evidence.soak.progress import Progress
from evidence.soak.server import Address, Sample, Server
from evidence.soak.visit import ACCOUNTS, Visit
from minipop.lab import world

SEED = 20260302

#: Clients at a time, and the longest that each rests between two visits, in seconds.
WORKERS = 8
REST = 0.2

#: How many visits go by from one deed of the postman to the next.
PACE = 5

#: How the server is ended, again and again in the first third; later it runs through, and is measured.
ENDS = (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL)

#: For how many visits the server lives in the first third of a run that is long enough for more than `ENDS`.
LIFE = 1_200

#: How many samples are taken of the process.
SAMPLES = 100

#: How many visits may be cut short for each one that was to come to an end, before the run is given up.
MOST_EXCUSED = 3

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
        planned: how many visits were to come to an end.
        seconds: how long that took.
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

    planned: int = 0
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
        visits: how many are to come to an end.
        folder: an empty folder for all of it.
        say: is told ten times how it goes.
    """

    def __init__(self, visits: int, folder: Path, say: Callable[[str], None] = lambda _: None) -> None:
        self.report = Report(visits)
        self._say = say
        self._server = Server(folder)
        self._ledger = Ledger()
        self._faults = Faults()
        self._over = threading.Event()
        self._progress = Progress(self.report.visits, self.report.excused, self._over)
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
            self._progress.await_more,
        )
        self._figures = Figures(visits)

    def run(self) -> Report:
        """Run, look at what is left, and return the report."""
        self._know_the_samples()
        self._server.start()
        begin = time.monotonic()
        tasks = [lambda n=n: self._come_and_go(random.Random(SEED + 2 + n)) for n in range(WORKERS)]
        threads = [threading.Thread(target=self._kept(task)) for task in (*tasks, self._measure)]
        try:
            for thread in threads:
                thread.start()
            self._kept(self._befall)()
        finally:
            self._progress.end()
            for thread in threads:
                thread.join(PATIENCE)
        self.report.seconds = round(time.monotonic() - begin, 1)
        self._look_at_the_end()
        return self.report

    # -- while it runs ----------------------------------------------------------------------------

    def _befall(self) -> None:
        """Let the postman act and end the server, each in its turn, so that no fault meets a kill."""
        planned, progress = self.report.planned, self._progress
        ends = iter(self._ends())
        at, how = next(ends)
        for number, deed in enumerate(dealt(DEEDS, self._postman.chance), 1):
            every_kind_came = len(self.report.visits) == len(CLIENTS)  # one that a kill cut comes again
            if (progress.completed >= planned and every_kind_came) or self._ledger.wrong:
                return
            if progress.count > (1 + MOST_EXCUSED) * planned:
                self._ledger.deny(f"of {progress.count} visits only {progress.completed} came to an end")
                return
            self._postman.act(deed)
            progress.await_count(PACE * number)
            if progress.count >= at:
                self._end(how)
                self._server.start()
                self.report.restarts[how.name] += 1
                at, how = next(ends, (sys.maxsize, how))

    def _ends(self) -> list[tuple[int, signal.Signals]]:
        """Return after how many visits the server is ended, and by which signal."""
        third = self.report.planned // 3
        times = max(len(ENDS), third // LIFE)
        return [(third * (n + 1) // (times + 1), how) for n, how in enumerate(islice(cycle(ENDS), times))]

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
            self._progress.note_excused(name)
        else:
            self._progress.note_completed(name)

    def _measure(self) -> None:
        """Take a sample again and again, and say ten times how it goes."""
        for number in range(1, SAMPLES):
            if not self._progress.await_completed(number * self.report.planned // SAMPLES):
                return
            with suppress(OSError):  # it is being started again at this moment
                sample = self._server.sample()
                self._figures.add(self._progress.completed, sample)
                if number % (SAMPLES // 10) == 0:
                    self._say(self._line(sample))

    def _kept(self, task: Callable[[], None]) -> Callable[[], None]:
        """Return a task whose mishap is noted, not lost with its thread."""

        def run() -> None:
            try:
                task()
            except Exception:
                self._ledger.deny(traceback.format_exc())

        return run

    def _line(self, sample: Sample) -> str:
        return (
            f"{self._progress.completed:6} visits  {self._ledger.fetched:6} messages fetched"
            f"  {self.report.restarts.total():2} restarts  {sample}"
        )

    # -- before and after -------------------------------------------------------------------------

    def _know_the_samples(self) -> None:
        """Note the sample mail, with which the server fills its Maildirs at its first start."""
        for account in world.accounts("de"):
            for _, content in world.mail(account.alias, "de"):
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


def soak(visits: int, say: Callable[[str], None] = lambda _: None) -> Report:
    """Run in a temporary folder; see `Soak`."""
    with tempfile.TemporaryDirectory(prefix="minipop-soak-") as folder:
        return Soak(visits, Path(folder), say).run()
