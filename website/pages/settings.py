"""The page reference/settings, drawn from docs/settings.yml."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from website import sources
from website.data import Text, read
from website.marks import Context, mark
from website.tables import table

#: The versions that have a column.
VERSIONS = ("2007", "2010", "2013", "2016")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What all settings have; the head of the file says what each key means."""

    sources: list[str]
    note: Text = field(default_factory=Text)


@dataclass(frozen=True, kw_only=True)
class Server(Setting):
    """A setting of ``Set-PopSettings``, with its default in each version."""

    default: dict[str, object]
    range: list[object] = field(default_factory=list)
    ends: list[object] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Mailbox(Setting):
    """A setting of ``Set-CASMailbox``."""

    default: object
    own: Text
    where: Text


@dataclass(frozen=True, kw_only=True)
class Other(Setting):
    """A setting elsewhere that bears on POP3."""

    what: Text
    default: object = "unstated"


@dataclass(frozen=True)
class Settings:
    """The parts of docs/settings.yml, settings by their names."""

    server: dict[str, Server]
    mailbox: dict[str, Mailbox]
    others: dict[str, Other]

    def cited(self) -> list[str]:
        """Return the keys of all sources in the order of their numbers, which begin with 1."""
        every = [*self.server.values(), *self.mailbox.values(), *self.others.values()]
        return sorted({key for setting in every for key in setting.sources})


def load(root: Path) -> Settings:
    """Return the settings.

    Args:
        root: the project's folder.
    """
    return read(root, "docs/settings.yml", Settings)


@mark("settings server")
def server(context: Context) -> str:
    """Draw what ``Set-PopSettings`` sets, the defaults of each version."""
    rows = (
        [
            *(_value(setting.default[version], context) for version in VERSIONS),
            "<br>".join(filter(None, (_typed(setting, context), setting.note[context.lang]))),
        ]
        for setting in load(context.root).server.values()
    )
    return _table(context, "server", load(context.root).server, rows)


@mark("settings mailbox")
def mailbox(context: Context) -> str:
    """Draw what ``Set-CASMailbox`` sets."""
    known, lang = load(context.root).mailbox, context.lang
    rows = ([_value(s.default, context), s.own[lang], s.where[lang], s.note[lang]] for s in known.values())
    return _table(context, "mailbox", known, rows)


@mark("settings others")
def others(context: Context) -> str:
    """Draw the settings elsewhere that bear on POP3."""
    known, lang = load(context.root).others, context.lang
    rows = ([s.what[lang], _value(s.default, context), s.note[lang]] for s in known.values())
    return _table(context, "others", known, rows)


@mark("settings sources")
def cited(context: Context) -> str:
    """Draw the list of sources, to whose numbers the tables refer."""
    known = sources.load(context.root)
    return "\n".join(
        f'{number}. <span id="source-{number}">{known.cite(key, context.lang)}</span>'
        for number, key in enumerate(load(context.root).cited(), 1)
    )


def _table(context: Context, part: str, known: Mapping[str, Setting], rows: Iterable[Sequence[str]]) -> str:
    """Draw a part, its settings with their names in front and the numbers of their sources behind."""
    numbers = {key: number for number, key in enumerate(load(context.root).cited(), 1)}
    whole = []
    for (name, setting), row in zip(known.items(), rows, strict=True):
        links = ", ".join(f"[{numbers[key]}](#source-{numbers[key]})" for key in setting.sources)
        whole.append([_code(name), *row, links])
    return table(context.words("settings")[part], whole)


def _value(value: object, context: Context) -> str:
    """Write a value; a list holds what the sources disagree on."""
    if isinstance(value, list):
        return context.words("settings")["or"].join(_value(one, context) for one in value)
    known = context.words("setting-values")
    return known[str(value)] if str(value) in known else _code(value)


def _typed(setting: Server, context: Context) -> str:
    """Write what may be typed: one of several values, or anything from one to another."""
    between = context.words("settings")["to"] if setting.ends else ", "
    return between.join(map(_code, setting.range or setting.ends))


def _code(value: object) -> str:
    """Write code that a narrow column breaks between its words, ``Max`` and ``Connections``."""
    words = re.sub(
        "(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "<wbr>", html.escape(str(value), quote=False)
    )
    return f'<code style="overflow-wrap: normal">{words}</code>'
