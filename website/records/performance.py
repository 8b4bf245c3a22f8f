"""The page about/performance: minipop beside other servers, and what contributors and classes wait for."""

from __future__ import annotations

from dataclasses import dataclass

from website.marks import Context, mark
from website.records import record
from website.tables import number, table

#: The figures that the page shows; the record has all.
SHOWN = (
    *("sessions-1", "sessions-50", "sessions-500", "sessions-500-p99"),
    *("retr-1", "retr-8", "retr-pipelined", "retr-large", "log-ons-tls", "idle-memory"),
)

#: Whose figures are shown, and to whom they are compared.
OURS, OTHERS = "minipop-maildir", ("dovecot-tuned", "dovecot", "twisted", "bare")


@dataclass(frozen=True)
class Compared:
    """A figure of the servers: median, least and most of values and ratios, by server."""

    unit: str
    more_is_better: bool
    values: dict[str, list[float]]
    ratios: dict[str, list[float]]


@dataclass(frozen=True)
class Servers:
    """The record of minipop beside its peers; a load lasts so many seconds."""

    seconds: float
    versions: dict[str, str]
    figures: dict[str, Compared]


@dataclass(frozen=True)
class Figure:
    """A figure of the project itself: median, least and most of so many values."""

    unit: str
    values: list[float]
    count: int


@dataclass(frozen=True)
class Project:
    """The record of what people wait for."""

    figures: dict[str, Figure]


@mark("servers")
def servers(context: Context) -> str:
    """Draw what minipop on Maildir comes to, and its ratios to the others with their spread."""
    words, figures = context.words("servers"), record(context.root, "servers", Servers).figures
    rows = []
    for name in SHOWN:
        figure = figures[name]
        called = words[name] if figure.more_is_better else words["less"].format(figure=words[name])
        value = f"{number(figure.values[OURS][0], context.lang, 3)} {figure.unit}".replace(" 1/s", "/s")
        ratios = (_spread(figure.ratios.get(other), context.lang) for other in OTHERS)
        rows.append((called, value, *ratios))
    return table(words["head"], rows, "lr" + "r" * len(OTHERS))


@mark("project")
def project(context: Context) -> str:
    """Draw how long the Lab, the site and the tests take."""
    words, lang = context.words("project"), context.lang
    rows = []
    for name, figure in record(context.root, "project", Project).figures.items():
        middle, least, most = (number(value, lang, 2) for value in figure.values)
        rows.append((words[name], f"{middle} {figure.unit}", f"{least} – {most} {figure.unit}", figure.count))
    return table(words["head"], rows, "lrrr")


def _spread(values: list[float] | None, lang: str) -> str:
    if not values:
        return "–"
    median, least, most = (number(value, lang, 3) for value in values)
    return f"{median} ({least} – {most})"
