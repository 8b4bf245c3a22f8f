"""The two tables of `minipop.lab.logon_matrix` as plain text in German or English, and as data for JSON."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from minipop.exchange import EDITIONS

from .data import texts
from .logon_matrix import NameCell, Overheard, PortCell


def ports_as_text(cells: Sequence[PortCell], edition: str, lang: str) -> str:
    """Return the table of ports: a line for each way in and mechanism, a column for each LoginType."""
    words = texts(lang)["logon-matrix"]
    replies: list[str] = []  # of refusals, in the order of their notes
    login_types = dict.fromkeys(cell.login_type or words["no_login_type"] for cell in cells)
    table = [[words["transport"], words["mechanism"], *login_types]]
    for (transport, mechanism), row in groupby(cells, lambda cell: (cell.transport, cell.mechanism)):
        table.append([transport.value, mechanism, *(_outcome(cell, replies, words) for cell in row)])
    found = [[words["mechanism"], *(words[name] for name in Overheard._fields)]]
    for cell in cells:
        if cell.overheard and cell.overheard.readable():
            line = [cell.mechanism, *(", ".join(_local(r.found_in, lang)) or "-" for r in cell.overheard)]
            if line not in found:
                found.append(line)
    parts = [
        words["ports"].format(edition=EDITIONS[edition].title),
        words["ports_about"].format(count=len(cells)),
        "",
        _columns(table),
        "",
        *(f"({note}) {reply}" for note, reply in enumerate(replies, 1)),
    ]
    if any(cell.accepted for cell in cells):
        parts += [*([""] if replies else []), words["control"]]
    if len(found) > 1:
        parts += ["", words["found"], "", _columns(found)]
    return "\n".join(parts)


def names_as_text(cells: Sequence[NameCell], lang: str) -> str:
    """Return the table of names: a line for each name, a column for each edition."""
    words = texts(lang)["logon-matrix"]
    editions = list(dict.fromkeys(cell.edition for cell in cells))
    table = [[words["form"], words["logon"], *editions, words["opened"]]]
    for logon, row in groupby(cells, lambda cell: cell.logon):
        outcomes = list(row)
        opened = dict.fromkeys(cell.opened for cell in outcomes if cell.opened)
        marks = ["+" if cell.accepted else "-" for cell in outcomes]
        table.append([*_local([logon.form], lang), logon.name, *marks, ", ".join(opened)])
    about = words["names_about"].format(count=len(cells))
    return "\n".join([words["names"], about, "", _columns(table)])


def as_json(ports: Sequence[PortCell], names: Sequence[NameCell], edition: str) -> dict[str, Any]:
    """Return both tables as data: cells with what was accepted, the server's reply, what was readable."""
    return {
        "edition": edition,
        "ports": [
            {
                "transport": cell.transport.value,
                "mechanism": cell.mechanism,
                "login_type": cell.login_type,
                "accepted": cell.accepted,
                "reply": cell.reply,
                "readable": cell.overheard
                and {name: reading.found_in for name, reading in cell.overheard._asdict().items()},
            }
            for cell in ports
        ],
        "names": [
            {
                "edition": cell.edition,
                "account": cell.logon.account,
                "form": cell.logon.form,
                "name": cell.logon.name,
                "accepted": cell.accepted,
                "reply": cell.reply,
                "opened": cell.opened,
            }
            for cell in names
        ],
    }


def _outcome(cell: PortCell, replies: list[str], words: dict[str, str]) -> str:
    """Say what became of a session; a refusal refers to its reply, which is added if it is new."""
    if cell.overheard is None:
        if cell.reply not in replies:
            replies.append(cell.reply)
        return words["refused"].format(note=replies.index(cell.reply) + 1)
    readable = cell.overheard.readable()
    if not readable:
        return words["nothing"]
    if len(readable) == len(Overheard._fields):
        return words["everything"]
    return ", ".join(words[name] for name in readable)


def _local(labels: Sequence[str], lang: str) -> list[str]:
    """Return what a form or an encoding is called in a language; many are called the same."""
    known = texts(lang)["labels"]
    return [known.get(label, label) for label in labels]


def _columns(table: Sequence[Sequence[str]]) -> str:
    """Set a table in columns as wide as their widest cell; a rule follows the head."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [table[0], ["-" * width for width in widths], *table[1:]]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
