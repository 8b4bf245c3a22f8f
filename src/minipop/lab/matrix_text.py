"""The two tables of `minipop.lab.matrix` as plain text in German or English, and as data for JSON."""

from collections.abc import Sequence
from dataclasses import fields
from itertools import groupby
from typing import Any

from minipop.exchange import EDITIONS

from .matrix import NameCell, Overheard, PortCell

WORDS = {
    "de": {
        "ports": "Ports und Mechanismen, {edition}",
        "ports_about": "Was jemand, der mitliest, in den Bytes auf der Leitung findet; {count} Sitzungen.",
        "transport": "Port",
        "mechanism": "Mechanismus",
        "no_login_type": "(kein LoginType)",
        "refused": "abgelehnt ({note})",
        "everything": "alles lesbar",
        "nothing": "nichts lesbar",
        "control": "Alles: Benutzername, Kennwort (bei XOAUTH2 das Token) und eine Zeile der Nachricht.\n"
        "Was nicht lesbar war, hat dieselbe Suche in einer Kontrollsitzung ohne TLS gefunden.",
        "found": "In welcher Kodierung es lesbar war",
        "name": "Name",
        "password": "Kennwort",
        "message": "Nachricht",
        "names": "Anmeldenamen auf Port 995 (TLS), Kennwort richtig",
        "names_about": "+ angenommen, - abgelehnt; {count} Sitzungen.",
        "form": "Form",
        "logon": "Name",
        "opened": "öffnet",
    },
    "en": {
        "ports": "Ports and mechanisms, {edition}",
        "ports_about": "What an eavesdropper finds in the bytes on the wire; {count} sessions.",
        "transport": "port",
        "mechanism": "mechanism",
        "no_login_type": "(no LoginType)",
        "refused": "refused ({note})",
        "everything": "all readable",
        "nothing": "nothing readable",
        "control": "All: user name, password (with XOAUTH2 the token) and a line of the message.\n"
        "What was not readable, the same search found in a control session without TLS.",
        "found": "In which encoding it was readable",
        "name": "name",
        "password": "password",
        "message": "message",
        "names": "Log-on names on port 995 (TLS), with the right password",
        "names_about": "+ accepted, - refused; {count} sessions.",
        "form": "form",
        "logon": "name",
        "opened": "opens",
    },
}

#: What German calls a form and an encoding otherwise.
_GERMAN = {
    "alias": "Alias",
    "primary address": "primäre Adresse",
    "proxy address": "weitere Adresse",
    "DOMAIN\\sam\\mailbox": "DOMAIN\\sam\\Postfach",
    "DOMAIN/alias/mailbox": "DOMAIN/alias/Postfach",
    "DOMAIN/alias/mailbox-UPN": "DOMAIN/alias/Postfach-UPN",
    "UPN/mailbox": "UPN/Postfach",
    "UPN/mailbox-UPN": "UPN/Postfach-UPN",
    "UPN\\mailbox": "UPN\\Postfach",
    "UTF-8 in base64": "UTF-8 in Base64",
    "Latin-1 in base64": "Latin-1 in Base64",
    "UTF-16LE in base64": "UTF-16LE in Base64",
}


def ports_as_text(cells: Sequence[PortCell], edition: str, lang: str) -> str:
    """Return the table of ports: a line for each way in and mechanism, a column for each LoginType."""
    words = WORDS[lang]
    replies: list[str] = []  # of refusals, in the order of their notes
    login_types = [cell.login_type or words["no_login_type"] for cell in _first_row(cells)]
    table = [[words["transport"], words["mechanism"], *login_types]]
    for (transport, mechanism), row in groupby(cells, lambda cell: (cell.transport, cell.mechanism)):
        table.append([transport.value, mechanism, *(_outcome(cell, replies, words) for cell in row)])
    found = [[words["mechanism"], *(words[field.name] for field in fields(Overheard))]]
    for cell in cells:
        if cell.overheard and cell.overheard.readable():
            readings = (getattr(cell.overheard, field.name) for field in fields(Overheard))
            line = [cell.mechanism, *(", ".join(_local(r.found_in, lang)) or "-" for r in readings)]
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
    words = WORDS[lang]
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
                and {field.name: getattr(cell.overheard, field.name).found_in for field in fields(Overheard)},
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


def _first_row(cells: Sequence[PortCell]) -> list[PortCell]:
    return [c for c in cells if (c.transport, c.mechanism) == (cells[0].transport, cells[0].mechanism)]


def _outcome(cell: PortCell, replies: list[str], words: dict[str, str]) -> str:
    """Say what became of a session; a refusal refers to its reply, which is added if it is new."""
    if cell.overheard is None:
        if cell.reply not in replies:
            replies.append(cell.reply)
        return words["refused"].format(note=replies.index(cell.reply) + 1)
    readable = cell.overheard.readable()
    if not readable:
        return words["nothing"]
    if len(readable) == len(fields(Overheard)):
        return words["everything"]
    return ", ".join(words[name] for name in readable)


def _local(labels: Sequence[str], lang: str) -> list[str]:
    return [_GERMAN.get(label, label) if lang == "de" else label for label in labels]


def _columns(table: Sequence[Sequence[str]]) -> str:
    """Set a table in columns as wide as their widest cell; a rule follows the head."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [table[0], ["-" * width for width in widths], *table[1:]]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
