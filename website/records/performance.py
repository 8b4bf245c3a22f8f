"""The page about/performance: minipop beside other servers, and what contributors and classes wait for."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from website.marks import Context, mark
from website.records import record
from website.tables import number, table
from website.words import words

Machine = dict[str, object]


class Spread(NamedTuple):
    """The middle of several values and how far they reach."""

    median: float
    least: float
    most: float


@dataclass(frozen=True)
class Figure:
    """A figure of the project itself."""

    unit: str
    median: float
    min: float
    max: float
    n: int


@dataclass(frozen=True)
class Part:
    """Figures that were taken together, by name."""

    machine: Machine
    figures: dict[str, Figure]


@dataclass(frozen=True)
class Compared:
    """A figure of the servers, as bench/verdicts.py keeps it: by server, spreads of values and of ratios."""

    more_is_better: bool
    target: float | None
    met: bool | None
    ahead: bool | None
    values: dict[str, list[float]]
    ratios: dict[str, list[float]]

    def value(self, server: str) -> Spread | None:
        """Return the values of a server, if it got through."""
        return Spread(*self.values[server]) if server in self.values else None


@dataclass(frozen=True)
class Servers:
    """Minipop beside its peers; see `bench.verdicts.kept`.

    Args:
        machine: what they ran on, and the day.
        seconds: how long a load lasted.
        versions: of the peers.
        values: what each round gave, by figure and server.
        failed: why a server did not get through, by figure and server.
        roles: which server is ``ours``, ``peer``, ``other`` and ``limit``.
        servers: all of them, in order.
        tuned: the settings of the tuned Dovecot.
        figures: the figures by name.
    """

    machine: Machine
    seconds: float
    versions: dict[str, str]
    values: dict[str, dict[str, list[float]]]
    failed: dict[str, dict[str, str]]
    roles: dict[str, str]
    servers: list[str]
    tuned: list[str]
    figures: dict[str, Compared]


@dataclass(frozen=True)
class Growth:
    """Milliseconds of log-ons and listings by number of messages."""

    log_on: dict[str, list[float]]
    listing: dict[str, list[float]]


@dataclass(frozen=True)
class Results:
    """The record."""

    servers: Servers
    growth: Growth
    lab: Part
    maildir: Part
    site: Part
    notebooks: Part
    test: Part


def load(root: Path) -> Results:
    """Return what `make bench` has written.

    Raises:
        Problem: it is missing, or a part of it.
    """
    return record(root, "performance", Results)


def named(name: str, lang: str) -> str:
    """Return what a figure of the servers is called; ``sessions-50-p99`` holds the number of clients."""
    known = words(lang, "servers")
    what, _, rest = name.partition("-")
    if what != "sessions":
        return known[name]
    clients, _, part = rest.partition("-")
    return known[part or what].format(clients=clients)


@mark("figures")
def figures(context: Context) -> str:
    """Draw the figures of the project, a table for each machine and day, mostly one."""
    lang, known, called = context.lang, context.words("performance"), context.words("project-figures")
    results = load(context.root)
    parts = (results.lab, results.maildir, results.site, results.notebooks, results.test)
    tables = []
    for machine, same in groupby(parts, lambda part: part.machine):
        rows = []
        for name, figure in (one for part in same for one in part.figures.items()):
            unit, taken = figure.unit, (figure.median, figure.min, figure.max)
            middle, least, most = (number(value, lang, 2) for value in taken)
            rows.append((called[name], f"{middle} {unit}", f"{least} – {most} {unit}", figure.n))
        tables.append(f"{table(known['figures'], rows, 'lrrr')}\n\n{known['machine'].format(**machine)}")
    return "\n\n".join(tables)


@mark("servers values")
def values(context: Context) -> str:
    """Draw minipop beside its peers: the median of each figure by server."""
    servers, called = load(context.root).servers, context.words("servers")
    rows = []
    for name, compared in servers.figures.items():
        found = (compared.value(server) for server in servers.servers)
        medians = (number(spread.median, context.lang, 3) if spread else "–" for spread in found)
        rows.append([named(name, context.lang), *medians])
    head = [context.words("performance")["figure"], *(called[server] for server in servers.servers)]
    return table("|".join(head), rows, "l" + "r" * len(servers.servers))


@mark("servers ratios")
def ratios(context: Context) -> str:
    """Draw what minipop on Maildir comes to beside the others, with the targets."""
    servers, known = load(context.root).servers, context.words("performance")
    called = context.words("servers")
    to = {role: known["to"].format(server=called[server]) for role, server in servers.roles.items()}
    head = [known["figure"], to["peer"], known["target"], known["met"], to["other"], to["limit"]]
    rows = [
        [named(name, context.lang), *_ratios(compared, servers.roles, context)]
        for name, compared in servers.figures.items()
    ]
    return table("|".join(head), rows, "lrrrrr")


def _ratios(compared: Compared, roles: dict[str, str], context: Context) -> list[str]:
    lang, known = context.lang, context.words("performance")
    told = {None: "–", True: known["yes"], False: known["no"]}
    bound = "–"
    if compared.target is not None:
        kind = known["least" if compared.more_is_better else "most"]
        bound = kind.format(bound=number(compared.target, lang, 3))
    to = {role: _ratio(compared.ratios.get(server), lang) for role, server in roles.items()}
    behind = f", {known['no']}" if compared.ahead is False else ""
    return [to["peer"], bound, told[compared.met], to["other"] + behind, to["limit"]]


def _ratio(found: list[float] | None, lang: str) -> str:
    if not found:
        return "–"
    median, least, most = (number(value, lang, 3) for value in found)
    return f"{median} ({least} – {most})"


@mark("servers settings")
def settings(context: Context) -> str:
    """Draw what the tuned Dovecot is set to, and why."""
    why = context.words("dovecot-settings")
    rows = []
    for lines in load(context.root).servers.tuned:
        name, _, _ = lines.replace("{", "=").partition(" =")
        rows.append((f"`{' '.join(lines.split())}`", why[name]))
    return table(context.words("performance")["settings"], rows)


@mark("servers machine")
def machine(context: Context) -> str:
    """Say on what, when and how long the servers were measured, and who did not get through."""
    known, servers = context.words("performance"), load(context.root).servers
    rounds = [max(map(len, servers.values[name].values())) for name in servers.figures]
    told = known["rounds"].format(
        rounds=rounds[0], holding=rounds[-1], seconds=f"{servers.seconds:g}", **servers.versions
    )
    gaps = [
        known["gap"].format(server=context.words("servers")[server], figure=named(name, context.lang))
        for name, by_server in servers.failed.items()
        for server in by_server
        if "-p" not in name  # told with the figure itself
    ]
    return " ".join([known["machine"].format(**servers.machine), told, *gaps])
