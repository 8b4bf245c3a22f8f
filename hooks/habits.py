"""MkDocs hook: the page reference/client-habits, drawn from what tests/clients/test_habits.py has committed.

- ``<!-- habits table -->``: what each client leaves on the server, and what it fetches again;
- ``<!-- habits said -->``: which commands it said;
- ``<!-- habits devices -->``: what two devices at one mailbox get;
- ``<!-- habits numbers -->``: message numbers and UIDs before and after a deletion.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

DATA = Path("tests", "clients", "habits.json")

#: The columns of the first table: what of the data stands in them, German and English.
COLUMNS = {
    "{first}, {read}": ("geholt, gelesen", "fetched, read"),
    "{left}": ("bleiben", "stay"),
    "{recoverable}": ("wieder\u00adherstellbar", "recoverable"),
    "{second}": ("zweiter Lauf", "second run"),
    "{moved}": ("nach Umzug", "after move"),
}

WORDS = {
    "client": ("Client und Einstellung", "client and setting"),
    "default": ("Standard", "default"),
    "dropped": ("Abbruch", "dropped"),
    "aged": ("{left}, später {aged}", "{left}, later {aged}"),
    "says": ("sagt", "says"),
    "first device": ("erstes Gerät", "first device"),
    "second device": ("zweites Gerät", "second device"),
    "gets first": ("erstes holt", "first fetches"),
    "gets second": ("zweites holt", "second fetches"),
    "left": ("bleiben im Posteingang", "stay in the Inbox"),
    "then": ("{}, dann {}", "{}, then {}"),
    "number before": ("Nummer vorher", "number before"),
    "number after": ("Nummer nachher", "number after"),
    "uid before": ("Kennung vorher", "UID before"),
    "uid after": ("Kennung nachher", "UID after"),
}

_MARK = re.compile(r"^<!-- habits (?P<what>[a-z]+) -->$", re.MULTILINE)

#: What is committed of one habit.
Row = dict[str, Any]


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill in the marks of the page."""
    if not _MARK.search(markdown):
        return markdown
    at = 0 if str(page.file.locale) == "de" else 1  # type: ignore[attr-defined]  # set by mkdocs-static-i18n
    record = json.loads((Path(config.config_file_path).parent / DATA).read_text("utf-8"))
    return _MARK.sub(lambda found: "\n".join(_table(_PARTS[found["what"]](record, at))), markdown)


def _table(rows: Iterable[Iterable[object]]) -> Iterable[str]:
    """Write rows, of which the first is the head."""
    for number, row in enumerate(rows):
        cells = [str(cell) for cell in row]
        yield f"| {' | '.join(cells)} |"
        if not number:
            yield f"|{' --- |' * len(cells)}"


def _habits(record: Row, at: int) -> Iterable[list[object]]:
    yield [WORDS["client"][at], *(titles[at] for titles in COLUMNS.values())]
    for row in record["habits"].values():
        if "aged" in row:
            row |= {"left": WORDS["aged"][at].format(**row)}
        yield [_name(row, at), *(column.format(**row) for column in COLUMNS)]


def _name(row: Row, at: int) -> str:
    """Write a client and its setting; commands said by hand end with QUIT, or the connection drops."""
    lines = [f"`{line}`" for line in row["lines"]]
    if row["client"] == "poplib" and "QUIT" not in row["lines"]:
        lines.append(WORDS["dropped"][at])
    return f"{row['client']}: {', '.join(lines) or WORDS['default'][at]}"


def _said(record: Row, at: int) -> Iterable[list[object]]:
    yield [WORDS["client"][at], WORDS["says"][at]]
    for row in record["habits"].values():
        if row["client"] != "poplib":
            yield [_name(row, at), " ".join(f"`{command}`" for command in row["said"])]


def _devices(record: Row, at: int) -> Iterable[list[object]]:
    heads = ("first device", "second device", "gets first", "gets second", "left")
    yield [WORDS[head][at] for head in heads]
    for row in record["devices"]:
        names = [_name(record["habits"][name], at) for name in row["names"]]
        rounds = [WORDS["then"][at].format(*row[device]) for device in ("first", "second")]
        yield [*names, *rounds, row["left"]]


def _numbers(record: Row, at: int) -> Iterable[list[object]]:
    heads = ("number before", "uid before", "number after", "uid after")
    yield [WORDS[head][at] for head in heads]
    for row in record["numbers"]:
        yield [cell or "–" for cell in row]


_PARTS: dict[str, Callable[[Row, int], Iterable[list[object]]]] = {
    "table": _habits,
    "said": _said,
    "devices": _devices,
    "numbers": _numbers,
}
