"""MkDocs hook: the page about/performance, drawn from bench/results.json, which `make bench` writes.

- ``<!-- figures -->``: what a contributor and a classroom wait for, with the machine;
- ``<!-- servers values -->``: minipop beside its peers, the median of each figure by server;
- ``<!-- servers ratios -->``: what minipop on Maildir comes to beside the others, with the targets;
- ``<!-- servers settings -->``: what the tuned Dovecot is set to, and why;
- ``<!-- servers machine -->``: on what, when and how long the servers were measured.

Plots of the same figures are drawn by hooks/figures/servers.py.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

sys.path.append(str(Path(__file__).resolve().parents[1]))  # MkDocs loads a hook by its path alone

from bench import verdicts
from bench.reckoning import Spread
from bench.rows import LIMIT, OTHER, PEER, SERVERS
from bench.tuned import TUNED
from bench.verdicts import Verdict

RESULTS = Path("bench", "results.json")

#: The parts that are figures of the project itself; the others are told in ways of their own.
PROJECT = ("lab", "maildir", "site", "notebooks", "test")

WORDS: dict[str, dict[str, str]] = {
    "de": {
        "figures": "| Was | Median | kleinster bis größter Wert | n |",
        "machine": "Gemessen am {date}: {processor}, {cores} Kerne, {system}, Python {python}.",
        "lab_first_start": "Erster Start des Labs in einem Prozess, mit Zertifizierungsstelle",
        "lab_start": "Start des Labs",
        "maildir_first_log_on": "Erste Anmeldung nach dem Start an einem Maildir mit 100.000 Nachrichten",
        "maildir_log_on": "Jede weitere Anmeldung daran",
        "site_build": "Bau der Website in beiden Sprachen",
        "page_size": "HTML einer Seite",
        "notebook_page_size": "HTML einer Lektion",
        "lighthouse_performance": "Lighthouse, Performance: Startseite, Leitfaden, Lektion (von 100)",
        "notebooks": "Alle Notebooks als Test, zwei Prozesse",
        "make_test": "`make test`, wenn alles installiert ist",
        "minipop-memory": "minipop, Speicher",
        "minipop-maildir": "minipop, Maildir",
        "dovecot": "Dovecot, Vorgaben",
        "dovecot-tuned": "Dovecot, eingestellt",
        "twisted": "Twisted",
        "bare": "Grenze",
        "figure": "Wert",
        "sessions": "Sitzungen je Sekunde, Clients: {clients}",
        "p50": "Dauer einer Sitzung in ms, Median, Clients: {clients}",
        "p99": "Dauer einer Sitzung in ms, 99. Perzentil, Clients: {clients}",
        "retr-1": "RETR 2 kB, Nachrichten je Sekunde, 1 Verbindung",
        "retr-8": "RETR 2 kB, Nachrichten je Sekunde, 8 Verbindungen",
        "retr-pipelined": "RETR 2 kB, Nachrichten je Sekunde, 100 Befehle auf einmal",
        "retr-large": "RETR 1 MB, MB je Sekunde",
        "log-ons-tls": "Anmeldungen über TLS je Sekunde, Clients: 8",
        "idle-memory": "Speicher je ruhender Verbindung in kB, 500 Verbindungen",
        "idle-memory-many": "Speicher je ruhender Verbindung in kB, 10.000 Verbindungen",
        "to": "zu {server}",
        "target": "Ziel",
        "met": "erreicht",
        "least": "mindestens {bound}",
        "most": "höchstens {bound}",
        "yes": "ja",
        "no": "**nein**",
        "setting": "Einstellung",
        "why": "Grund",
        "rounds": "Je Wert {rounds} Runden zu {seconds} s, beim Speicher {holding}. Dovecot {dovecot}, "
        "Twisted {twisted}.",
        "gap": "{server} fehlt bei „{figure}“: Nicht alle Clients kamen durch.",
    },
    "en": {
        "figures": "| what | median | smallest to largest value | n |",
        "machine": "Measured on {date}: {processor}, {cores} cores, {system}, Python {python}.",
        "lab_first_start": "First start of the Lab in a process, certificate authority included",
        "lab_start": "Start of the Lab",
        "maildir_first_log_on": "First log-on after a start to a Maildir of 100,000 messages",
        "maildir_log_on": "Every further log-on to it",
        "site_build": "Build of the site in both languages",
        "page_size": "HTML of a page",
        "notebook_page_size": "HTML of a lesson",
        "lighthouse_performance": "Lighthouse, performance: start page, guide, lesson (of 100)",
        "notebooks": "All notebooks as a test, two processes",
        "make_test": "`make test` once everything is installed",
        "minipop-memory": "minipop, memory",
        "minipop-maildir": "minipop, Maildir",
        "dovecot": "Dovecot, defaults",
        "dovecot-tuned": "Dovecot, tuned",
        "twisted": "Twisted",
        "bare": "limit",
        "figure": "figure",
        "sessions": "sessions per second, clients: {clients}",
        "p50": "duration of a session in ms, median, clients: {clients}",
        "p99": "duration of a session in ms, 99th percentile, clients: {clients}",
        "retr-1": "RETR 2 kB, messages per second, 1 connection",
        "retr-8": "RETR 2 kB, messages per second, 8 connections",
        "retr-pipelined": "RETR 2 kB, messages per second, 100 commands at once",
        "retr-large": "RETR 1 MB, MB per second",
        "log-ons-tls": "log-ons over TLS per second, clients: 8",
        "idle-memory": "memory per idle connection in kB, 500 connections",
        "idle-memory-many": "memory per idle connection in kB, 10,000 connections",
        "to": "to {server}",
        "target": "target",
        "met": "met",
        "least": "at least {bound}",
        "most": "at most {bound}",
        "yes": "yes",
        "no": "**no**",
        "setting": "setting",
        "why": "reason",
        "rounds": "For each figure {rounds} rounds of {seconds} s, for memory {holding}. Dovecot {dovecot}, "
        "Twisted {twisted}.",
        "gap": "{server} is missing in “{figure}”: not all clients got through.",
    },
}

_MARK = re.compile(r"^<!-- (?P<what>figures|servers (?:values|ratios|settings|machine)) -->$", re.MULTILINE)

#: What stands in the file, by part.
Parts = Mapping[str, Any]


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill in the marks of a page."""
    lang = str(page.file.locale)  # type: ignore[attr-defined]  # set by mkdocs-static-i18n
    try:
        return fill(markdown, lang, Path(config.config_file_path).parent)
    except ValueError as error:
        raise PluginError(f"{page.file.src_uri}: {error}") from error


def fill(markdown: str, lang: str, root: Path) -> str:
    """Replace the marks in a text.

    Raises:
        ValueError: the results hold nothing of what is asked for.
    """
    return _MARK.sub(lambda found: _DRAWN[found["what"]](read(root), lang), markdown)


def read(root: Path) -> Parts:
    """Return what `make bench` has written.

    Raises:
        ValueError: there is no such file, or a part is missing.
    """
    path = root / RESULTS
    parts: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    if missing := [part for part in ("servers", "growth", *PROJECT) if part not in parts]:
        raise ValueError(f"{RESULTS.as_posix()} has no part {', '.join(missing)}; run: make bench")
    return parts


def named(name: str, lang: str) -> str:
    """Return what a figure of the servers is called."""
    words = WORDS[lang]
    what, _, clients = name.partition("-")
    if what != "sessions":
        return words[name]
    clients, _, part = clients.partition("-")
    return words[part or what].format(clients=clients)


def number(value: float, lang: str) -> str:
    """Write a figure with three digits that count, as the reader writes numbers."""
    digits = max(0, 2 - len(str(int(abs(value))))) + (abs(value) < 100)
    text = f"{value:,.{digits}f}"
    return text.translate(str.maketrans(",.", ".,")) if lang == "de" else text


# -- the project --------------------------------------------------------------------------------------


def _figures(parts: Parts, lang: str) -> str:
    """Return a table for each machine and day, mostly one."""
    words = WORDS[lang]
    tables = []
    for machine, same in groupby((parts[name] for name in PROJECT), lambda part: part["machine"]):
        rows = [
            f"| {words[name]} | {_short(f['median'], lang)} {f['unit']} "
            f"| {_short(f['min'], lang)} – {_short(f['max'], lang)} {f['unit']} | {f['n']} |"
            for part in same
            for name, f in part["figures"].items()
        ]
        table = "\n".join([words["figures"], "| --- | ---: | ---: | ---: |", *rows])
        tables.append(f"{table}\n\n{words['machine'].format(**machine)}")
    return "\n\n".join(tables)


def _short(value: float, lang: str) -> str:
    """Write a figure with two digits that count, with the reader's decimal sign."""
    text = f"{value:.0f}" if value >= 10 else f"{value:.1f}"
    return text.replace(".", ",") if lang == "de" else text


# -- the servers --------------------------------------------------------------------------------------


def _values(parts: Parts, lang: str) -> str:
    words = WORDS[lang]
    rows = [
        [named(verdict.name, lang)]
        + [
            number(verdict.values[server].median, lang) if server in verdict.values else "–"
            for server in SERVERS
        ]
        for verdict in verdicts.read(parts["servers"])
    ]
    return _table([words["figure"], *(words[server] for server in SERVERS)], rows)


def _ratios(parts: Parts, lang: str) -> str:
    words = WORDS[lang]
    others = (PEER, OTHER, LIMIT)
    to_peer, to_other, to_limit = (words["to"].format(server=words[server]) for server in others)
    head = [words["figure"], to_peer, words["target"], words["met"], to_other, to_limit]
    return _table(head, [_ratio_row(verdict, lang) for verdict in verdicts.read(parts["servers"])])


def _ratio_row(verdict: Verdict, lang: str) -> list[str]:
    words = WORDS[lang]
    target = verdict.figure.target
    bound = "–"
    if target:
        bound = words["least" if target.more_is_better else "most"].format(bound=number(target.bound, lang))
    told = {None: "–", True: words["yes"], False: words["no"]}
    to_peer, to_other, to_limit = (
        _ratio(verdict.ratios.get(server), lang) for server in (PEER, OTHER, LIMIT)
    )
    behind = f", {words['no']}" if verdict.ahead is False else ""
    return [named(verdict.name, lang), to_peer, bound, told[verdict.met], to_other + behind, to_limit]


def _ratio(found: Spread | None, lang: str) -> str:
    if not found:
        return "–"
    return f"{number(found.median, lang)} ({number(found.least, lang)} – {number(found.most, lang)})"


def _settings(_: Parts, lang: str) -> str:
    words = WORDS[lang]
    rows = [[f"`{' '.join(setting.lines.split())}`", setting.why[lang]] for setting in TUNED]
    return _table([words["setting"], words["why"]], rows, "---")


def _machine(parts: Parts, lang: str) -> str:
    words, servers = WORDS[lang], parts["servers"]
    rounds = [len(verdict.values) and _rounds(servers, verdict.name) for verdict in verdicts.read(servers)]
    told = words["rounds"].format(
        rounds=rounds[0], holding=rounds[-1], seconds=f"{servers['seconds']:g}", **servers["versions"]
    )
    gaps = [
        words["gap"].format(server=words[server], figure=named(name, lang))
        for name, by_server in servers["failed"].items()
        for server in by_server
        if "-p" not in name  # told with the figure itself
    ]
    return " ".join([words["machine"].format(**servers["machine"]), told, *gaps])


def _rounds(servers: Mapping[str, Any], name: str) -> int:
    return max(map(len, servers["values"][name].values()))


def _table(head: list[str], rows: list[list[str]], column: str = "---:") -> str:
    lines = [head, ["---", *[column] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


_DRAWN: dict[str, Callable[[Parts, str], str]] = {
    "figures": _figures,
    "servers values": _values,
    "servers ratios": _ratios,
    "servers settings": _settings,
    "servers machine": _machine,
}
