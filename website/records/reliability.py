"""The page about/reliability: what soak and fuzzer have come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from website.marks import Context, mark
from website.records import record
from website.tables import number, table

Numbers = Mapping[str, list[float]]


@dataclass(frozen=True)
class Process:
    """What the server held at one moment: memory in bytes, handles and threads."""

    memory: int
    handles: int
    threads: int


@dataclass(frozen=True)
class Soak:
    """The last `make soak`; ``start``, ``warm``, ``last`` and ``rest`` are moments of it."""

    date: str
    machine: dict[str, object]
    seconds: float
    visits: dict[str, int]
    excused: dict[str, int]
    restarts: dict[str, int]
    done: dict[str, int]
    messages: dict[str, int]
    start: Process
    warm: Process
    last: Process
    rest: Process

    def numbers(self) -> Numbers:
        """Return what the table shows, by the words of the section `soak`."""
        thirds = (self.start, self.warm, self.last)
        return {
            "seconds": [self.seconds],
            "sessions": [sum(self.visits.values())],
            "excused": [sum(self.excused.values())],
            "restarts": [self.restarts["SIGKILL"], self.restarts["SIGTERM"]],
            "done": [sum(self.done.values())],
            "messages": [self.messages["delivered"], self.messages["fetched"]],
            "promised": [self.messages["deletions promised"]],
            "lost": [self.messages[name] for name in ("lost", "doubled", "misplaced", "unknown")],
            "memory": [moment.memory / 1e6 for moment in thirds],
            "handles": [moment.handles for moment in (*thirds, self.rest)],
            "threads": [self.start.threads, self.rest.threads],
        }


@dataclass(frozen=True)
class Fuzz:
    """The last `make fuzz`; a run that finds a failure is not kept."""

    date: str
    machine: dict[str, object]
    seconds: float
    executions: int
    executions_per_second: float
    edges: int
    corpus: int

    def numbers(self) -> Numbers:
        """Return what the table shows, by the words of the section `fuzz`."""
        return {
            "seconds": [self.seconds],
            "executions": [self.executions],
            "per second": [self.executions_per_second],
            "edges": [self.edges],
            "corpus": [self.corpus],
            "failures": [0],
        }


@dataclass(frozen=True)
class Runs:
    """The record."""

    soak: Soak
    fuzz: Fuzz


@mark("reliability soak")
def soak(context: Context) -> str:
    """Draw the figures of the last soak."""
    return drawn(context, "soak", record(context.root, "reliability", Runs).soak)


@mark("reliability fuzz")
def fuzz(context: Context) -> str:
    """Draw the figures of the last fuzzing."""
    return drawn(context, "fuzz", record(context.root, "reliability", Runs).fuzz)


def drawn(context: Context, what: str, run: Soak | Fuzz) -> str:
    """Draw the figures of a run, with the words of a section."""
    words, numbers = context.words(what), run.numbers()
    rows = [
        (words[name], ", ".join(number(value, context.lang) for value in values))
        for name, values in numbers.items()
    ]
    taken = context.words("reliability")["machine"].format(date=run.date, **run.machine)
    return f"{table(context.words('reliability')['head'], rows, 'lr')}\n\n{taken}"
