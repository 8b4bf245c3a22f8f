"""MkDocs hook: what soak and fuzzer have come to, drawn from bench/reliability.json.

- ``<!-- reliability soak -->``: the figures of the last `make soak`;
- ``<!-- reliability fuzz -->``: those of the last `make fuzz`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

DATA = Path("bench", "reliability.json")

_MARK = re.compile(r"^<!-- reliability (?P<what>soak|fuzz) -->$", re.MULTILINE)

#: Figures of a run, German and English, and how each is read from it.
ROWS: dict[str, tuple[tuple[str, str, Callable[[dict[str, Any]], list[float]]], ...]] = {
    "soak": (
        ("Dauer in Sekunden", "length in seconds", lambda run: [run["seconds"]]),
        ("Sitzungen", "sessions", lambda run: [sum(run["visits"].values())]),
        (
            "davon durch einen Abbruch oder eine Störung gekürzt",
            "besides, cut short by a kill or a fault",
            lambda run: [sum(run["excused"].values())],
        ),
        (
            "Server beendet und neu gestartet: SIGKILL, SIGTERM",
            "server ended and started again: SIGKILL, SIGTERM",
            lambda run: [run["restarts"]["SIGKILL"], run["restarts"]["SIGTERM"]],
        ),
        (
            "Eingriffe eines anderen Programms, Störungen eingeschlossen",
            "deeds of another program, faults included",
            lambda run: [sum(run["done"].values())],
        ),
        (
            "Nachrichten: zugestellt, abgeholt",
            "messages: delivered, fetched",
            lambda run: [run["messages"]["delivered"], run["messages"]["fetched"]],
        ),
        (
            "Löschungen, die mit `+OK` auf `QUIT` zugesagt wurden",
            "deletions promised by `+OK` to `QUIT`",
            lambda run: [run["messages"]["deletions promised"]],
        ),
        (
            "Nachrichten: verloren, doppelt, am falschen Ort, unbekannt",
            "messages: lost, doubled, in the wrong place, unknown",
            lambda run: [run["messages"][name] for name in ("lost", "doubled", "misplaced", "unknown")],
        ),
        (
            "Speicher in MB: am Anfang, im zweiten, im letzten Drittel",
            "memory in MB: at the start, in the second, in the last third",
            lambda run: [run[part]["memory"] / 1e6 for part in ("start", "warm", "last")],
        ),
        (
            "Offene Handles: am Anfang, im zweiten, im letzten Drittel, am Ende",
            "open handles: at the start, in the second, in the last third, at the end",
            lambda run: [run[part]["handles"] for part in ("start", "warm", "last", "rest")],
        ),
        (
            "Threads: am Anfang, am Ende",
            "threads: at the start, at the end",
            lambda run: [run[part]["threads"] for part in ("start", "rest")],
        ),
    ),
    "fuzz": (
        ("Dauer in Sekunden", "length in seconds", lambda run: [run["seconds"]]),
        ("Eingaben", "inputs", lambda run: [run["executions"]]),
        ("Eingaben je Sekunde", "inputs per second", lambda run: [run["executions_per_second"]]),
        ("Erreichte Kanten des Codes", "edges of the code reached", lambda run: [run["edges"]]),
        ("Eingaben im Bestand", "inputs in the corpus", lambda run: [run["corpus"]]),
        ("Fehler", "failures", lambda _: [0]),  # a run that finds one is not kept
    ),
}

WORDS = {
    "de": ("| Was | Wert |", "Lauf vom {date}: {processor}, {cores} Kerne, {system}, Python {python}."),
    "en": ("| what | value |", "Run of {date}: {processor}, {cores} cores, {system}, Python {python}."),
}


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill in the marks of the page."""
    if not _MARK.search(markdown):
        return markdown
    lang = str(page.file.locale)  # type: ignore[attr-defined]  # set by mkdocs-static-i18n
    runs = json.loads((Path(config.config_file_path).parent / DATA).read_text("utf-8"))

    def drawn(found: re.Match[str]) -> str:
        if found["what"] not in runs:
            raise PluginError(f"{DATA} has no figures of {found['what']}; make {found['what']} takes them")
        return "\n".join(_table(found["what"], runs[found["what"]], lang))

    return _MARK.sub(drawn, markdown)


def _table(what: str, run: dict[str, Any], lang: str) -> Iterator[str]:
    head, machine = WORDS[lang]
    yield from (head, "| --- | ---: |")
    for german, english, values in ROWS[what]:
        numbers = ", ".join(_number(value, lang) for value in values(run))
        yield f"| {german if lang == 'de' else english} | {numbers} |"
    yield from ("", machine.format(date=run["date"], **run["machine"]))


def _number(value: float, lang: str) -> str:
    """Write a figure without decimals, its thousands parted as the reader does."""
    text = f"{value:,.0f}"
    return text.replace(",", ".") if lang == "de" else text
