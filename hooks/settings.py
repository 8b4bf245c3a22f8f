"""MkDocs hook: the page reference/settings, drawn from docs/settings.yml.

- ``<!-- settings server -->``: `Set-PopSettings`, the defaults of each version;
- ``<!-- settings mailbox -->``: what `Set-CASMailbox` sets;
- ``<!-- settings others -->``: settings elsewhere that bear on POP3;
- ``<!-- settings sources -->``: the list of sources, to whose numbers the tables refer.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from hooks import sources

DATA = Path("docs", "settings.yml")

#: The columns of the first table: a version of the data and what stands over it, German and English.
VERSIONS = {
    "2007": ("2007", "2007"),
    "2010": ("2010", "2010"),
    "2013": ("2013", "2013"),
    "2016": ("2016 bis SE", "2016 to SE"),
}

#: Values that are no code.
VALUES = {
    "absent": ("fehlt", "absent"),
    "unstated": ("–", "–"),
    "unlimited": ("unbegrenzt", "unlimited"),
    "empty": ("leer", "empty"),
    "config": ("Datei `.config`", "file `.config`"),
}

WORDS = {
    "parameter": ("Parameter", "parameter"),
    "values": ("Werte und Hinweise", "values and notes"),
    "default": ("Vorgabe", "default"),
    "own": ("nur mit `PopUseProtocolDefaults $false`", "only with `PopUseProtocolDefaults $false`"),
    "where": ("wo", "where"),
    "note": ("Hinweis", "note"),
    "what": ("wovon", "of what"),
    "sources": ("Quellen", "sources"),
    "or": (" oder ", " or "),
    "to": (" bis ", " to "),
}

_MARK = re.compile(r"^<!-- settings (?P<what>server|mailbox|others|sources) -->$", re.MULTILINE)

#: What the file holds of one setting.
Setting = dict[str, Any]


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill in the marks of the page."""
    if not _MARK.search(markdown):
        return markdown
    lang = str(page.file.locale)  # type: ignore[attr-defined]  # set by mkdocs-static-i18n
    data = read(Path(config.config_file_path).parent)
    return _MARK.sub(lambda found: draw(data, found["what"], lang), markdown)


def read(root: Path) -> dict[str, Any]:
    """Return what the file holds, and under ``sources`` those that it cites.

    Args:
        root: the project's folder.
    """
    data: dict[str, Any] = yaml.safe_load((root / DATA).read_text("utf-8"))
    cited = {key for part in data.values() for setting in part.values() for key in setting["sources"]}
    return {**data, "sources": sorted(cited)}


def draw(data: dict[str, Any], what: str, lang: str) -> str:
    """Draw a table, or the list of sources.

    Args:
        data: what the file holds.
        what: a part of the file.
        lang: the reader's language.
    """
    at = 0 if lang == "de" else 1
    if what == "sources":
        return "\n".join(_sources(data["sources"], lang))
    numbers = {key: number for number, key in enumerate(data["sources"], 1)}
    head, rows = {"server": _server, "mailbox": _mailbox, "others": _others}[what](data[what], at, lang)
    table = [[*head, WORDS["sources"][at]], ["---"] * (len(head) + 1)]
    for setting, row in zip(data[what].values(), rows, strict=True):
        links = ", ".join(f"[{numbers[key]}](#source-{numbers[key]})" for key in setting["sources"])
        table.append([*row, links])
    return "\n".join(f"| {' | '.join(row)} |" for row in table)


Table = tuple[list[str], Iterable[list[str]]]


def _server(settings: dict[str, Setting], at: int, lang: str) -> Table:
    head = [WORDS["parameter"][at], *(titles[at] for titles in VERSIONS.values()), WORDS["values"][at]]
    rows = (
        [
            _code(name),
            *(_value(setting["default"][version], at) for version in VERSIONS),
            "<br>".join(filter(None, (_typed(setting, at), _said(setting, "note", lang)))),
        ]
        for name, setting in settings.items()
    )
    return head, rows


def _mailbox(settings: dict[str, Setting], at: int, lang: str) -> Table:
    rows = (
        [
            _code(name),
            _value(setting["default"], at),
            *(_said(setting, key, lang) for key in ("own", "where", "note")),
        ]
        for name, setting in settings.items()
    )
    return [WORDS[key][at] for key in ("parameter", "default", "own", "where", "note")], rows


def _others(settings: dict[str, Setting], at: int, lang: str) -> Table:
    rows = (
        [
            _code(name),
            _said(setting, "what", lang),
            _value(setting["default"], at) if "default" in setting else "–",
            _said(setting, "note", lang),
        ]
        for name, setting in settings.items()
    )
    return [WORDS[key][at] for key in ("parameter", "what", "default", "note")], rows


def _code(value: object) -> str:
    """Write code that a narrow column breaks between its words, ``Max`` and ``Connections``."""
    words = re.sub(
        "(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "<wbr>", html.escape(str(value), quote=False)
    )
    return f'<code style="overflow-wrap: normal">{words}</code>'


def _value(value: object, at: int) -> str:
    """Write a value; a list holds what the sources disagree on."""
    if isinstance(value, list):
        return WORDS["or"][at].join(_value(one, at) for one in value)
    return VALUES[str(value)][at] if value in VALUES else _code(value)


def _typed(setting: Setting, at: int) -> str:
    """Write what may be typed: one of several values, or anything from one to another."""
    for key, between in (("range", ", "), ("ends", WORDS["to"][at])):
        if key in setting:
            return between.join(map(_code, setting[key]))
    return ""


def _said(setting: Setting, key: str, lang: str) -> str:
    return str(setting[key][lang]) if key in setting else ""


def _sources(cited: list[str], lang: str) -> Iterable[str]:
    for number, key in enumerate(cited, 1):
        yield f'{number}. <span id="source-{number}">{sources.cite(key, lang)}</span>'
