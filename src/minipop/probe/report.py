"""A probe's report as text in German or English, and as data for JSON."""

import textwrap
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from . import verdict
from .connection import Trouble
from .observation import Observation, Seal, Way
from .verdict import Finding, Severity

#: The width of the text, in characters: that of the table, ports of five digits included.
WIDTH = 102

#: The widths of the table's columns.
COLUMNS = (18, 19, 19, 19, 19)

Texts = dict[str, dict[str, Any]]


@cache
def texts(lang: str) -> Texts:
    """Return the texts of ``report.toml`` in one language, by kind and code."""
    tables: dict[str, Texts] = tomllib.loads((files(__package__) / "report.toml").read_text("utf-8"))
    return tables[lang]


def as_text(seen: Observation, lang: str) -> str:
    """Return the report for people: the table, the findings, what was seen."""
    return "\n".join(_Report(seen, lang).lines())


def why_unanswered(seen: Observation, lang: str) -> str:
    """Say in one line why no port answered."""
    report = _Report(seen, lang)
    ways = (seen.ways[0], seen.ways[2])
    why = "; ".join(f"{report.label(way)}: {report.why(way.trouble)}" for way in ways if way.trouble)
    line: str = texts(lang)["words"]["unanswered"]
    return line.format(host=seen.target.host, why=why)


def as_json(seen: Observation) -> dict[str, Any]:
    """Return the report as data: codes instead of words, dates in ISO 8601, nothing localized.

    Keys: ``host``, ``name``, ``ca_file``, ``observed``; ``verdict`` (by way in and column, the codes of
    `minipop.probe.verdict.cells`); ``findings`` (``code``, ``severity``, ``where``, ``values``); ``severity``
    (the worst) and ``exit_status``; ``ways``, by ``way`` ``plain``, ``stls`` and ``tls``:

    - ``port``; ``trouble`` (null, or ``kind`` and ``detail``, see `minipop.probe.connection.Trouble`);
    - ``greeting``, ``capabilities`` (null if CAPA is not answered), ``listed`` and ``auth_listed`` (SASL
      mechanisms of CAPA and of a bare AUTH);
    - ``answers``: by ``USER`` or mechanism ``accepted``, ``reply``, ``trouble``;
    - ``ntlm``: null, or the names and ``build`` out of its challenge;
    - ``tls``: null in clear, or ``versions`` (``accepted``, ``refused``, ``unanswered``, ``untestable``),
      ``negotiated``, ``cipher``, ``trust_error`` (empty if trusted), ``name_fits``, ``certificate``;
    - ``injection``: null, ``answered``, ``not-answered`` or ``unknown``;

    ``logons`` (``way``, ``mechanism``, ``accepted``, ``reply``, ``sent``) and ``logon_trouble``.
    """
    found = verdict.findings(seen)
    worst = verdict.worst(found)
    return {
        "host": seen.target.host,
        "name": seen.target.name,
        "ca_file": seen.target.ca_file,
        "observed": seen.when.isoformat(timespec="seconds"),
        "severity": worst.name.lower(),
        "exit_status": verdict.EXIT[worst],
        "verdict": verdict.cells(seen),
        "findings": [
            {"code": f.code, "severity": f.severity.name.lower(), "where": list(f.where), "values": f.values}
            for f in found
        ],
        "ways": [_way_as_json(seen, way) for way in seen.ways],
        "logons": [vars(logon) for logon in seen.logons],
        "logon_trouble": seen.logon_trouble or None,
    }


def _way_as_json(seen: Observation, way: Way) -> dict[str, Any]:
    return {
        "way": way.name,
        "port": way.port,
        "trouble": {"kind": way.trouble.kind, "detail": way.trouble.detail} if way.trouble else None,
        "greeting": way.greeting,
        "capabilities": None if way.capabilities is None else list(way.capabilities),
        "listed": list(way.listed),
        "auth_listed": list(way.auth_listed),
        "answers": {
            name: {"accepted": answer.accepted, "reply": answer.reply, "trouble": answer.trouble or None}
            for name, answer in way.answers.items()
        },
        "ntlm": vars(way.told) if way.told else None,
        "tls": _seal_as_json(seen, way.seal) if way.seal else None,
        "injection": way.injection or None,
    }


def _seal_as_json(seen: Observation, seal: Seal) -> dict[str, Any]:
    cert = seal.certificate
    return {
        "versions": seal.versions,
        "negotiated": seal.negotiated,
        "cipher": seal.cipher,
        "trust_error": seal.trust_error,
        "name_fits": seal.fits,
        "certificate": cert
        and {
            **vars(cert),
            "names": list(cert.names),
            "not_before": cert.not_before.isoformat(),
            "not_after": cert.not_after.isoformat(),
            "days_left": cert.days_left(seen.when),
        },
    }


class _Report:
    def __init__(self, seen: Observation, lang: str) -> None:
        self._seen = seen
        self._texts = texts(lang)
        self._words: dict[str, str] = self._texts["words"]
        self._timeout = f"{seen.target.timeout:g}"

    def lines(self) -> Iterator[str]:
        seen, words = self._seen, self._words
        yield words["title"].format(host=seen.target.host, when=f"{seen.when:%Y-%m-%d %H:%M}")
        store = seen.target.ca_file or words["system"]
        yield from _wrapped(words["name"].format(name=seen.target.name, store=store), "")
        yield from ("", words["table"], "")
        yield from self._table()
        found = verdict.findings(seen)
        yield from ("", words["findings"].format(counts=self._counts(found)))
        for finding in found:
            yield ""
            yield from self._finding(finding)
        yield from ("", words["seen"])
        for way in seen.ways:
            yield from ("", self.label(way))
            yield from self._way(way)

    def label(self, way: Way) -> str:
        return self._words[way.name].format(port=way.port)

    def why(self, trouble: Trouble) -> str:
        text: str = self._texts["troubles"][trouble.kind]
        return text.format(detail=trouble.detail or "-", timeout=self._timeout)

    # -- the table --------------------------------------------------------------------------------

    def _table(self) -> Iterator[str]:
        """Set the table, its cells broken into lines where they are long."""
        cells = verdict.cells(self._seen)
        table = [["", *self._texts["columns"].values()]]
        table += [
            [self.label(way), *(self._texts["cells"][cell] for cell in cells[way.name].values())]
            for way in self._seen.ways
        ]
        widths = COLUMNS
        for number, row in enumerate(table):
            broken = [textwrap.wrap(cell, width) or [""] for cell, width in zip(row, widths, strict=True)]
            for line in range(max(map(len, broken))):
                parts = [cell[line] if line < len(cell) else "" for cell in broken]
                yield "  ".join(map(str.ljust, parts, widths)).rstrip()
            if number < len(table) - 1:
                yield "  ".join("-" * width for width in widths) if number == 0 else ""

    # -- the findings -----------------------------------------------------------------------------

    def _counts(self, found: Sequence[Finding]) -> str:
        counts = []
        for severity in reversed(Severity):
            number = sum(finding.severity is severity for finding in found)
            if number:
                one, many = self._texts["severities"][severity.name]
                counts.append(f"{number} {one if number == 1 else many}")
        return ", ".join(counts)

    def _finding(self, finding: Finding) -> Iterator[str]:
        labels = {way.name: self.label(way) for way in self._seen.ways}
        values = {**finding.values, "timeout": self._timeout}
        if "reason" in values:
            reason = str(values["reason"])
            values["reason"] = self.why(Trouble(reason)) if reason in self._texts["troubles"] else reason
        what, *todo = (text.format(**values) for text in self._texts["findings"][finding.code])
        head = f"{self._texts['severities'][finding.severity.name][0]:<11}"
        where = ", ".join(labels[name] for name in finding.where)
        yield from _wrapped(f"{where}: {what}" if where else what, head)
        for text in todo:
            yield from _wrapped(self._words["todo"] + text, " " * len(head))

    # -- what was seen ----------------------------------------------------------------------------

    def _way(self, way: Way) -> Iterator[str]:
        words = self._words
        if way.trouble:
            yield from _wrapped(words["nothing"].format(why=self.why(way.trouble)), "  ")
        if way.greeting:
            yield from self._row(words["greeting"], way.greeting)
        if not way.trouble:
            capa = words["no_answer"] if way.capabilities is None else ", ".join(way.capabilities)
            yield from self._row(words["capa"], capa or words["none"])
            yield from self._row(words["auth"], " ".join(way.auth_listed) or words["none"])
            for number, answers in enumerate(self._answers(way)):
                yield from self._row("" if number else words["answers"], answers)
        if way.told:
            names: dict[str, str] = self._texts["told"]
            told = (names[key].format(value=value) for key, value in vars(way.told).items() if value)
            yield from self._row(words["ntlm"], ", ".join(told))
        if way.seal:
            yield from self._seal(way.seal)

    def _answers(self, way: Way) -> Iterator[str]:
        """Say which ways to log on were accepted and which refused, and how: those alike in one line."""
        alike: dict[str, list[str]] = {}
        for name, answer in sorted(way.answers.items(), key=lambda row: row[0] != "USER"):  # stable
            outcome = self._words["taken"]
            if not answer.accepted:
                why = answer.reply or self.why(Trouble(answer.trouble))
                outcome = f"{self._words['refused']} ({why})"
            alike.setdefault(outcome, []).append(name if name == "USER" else f"AUTH {name}")
        return (f"{', '.join(names)}: {outcome}" for outcome, names in alike.items())

    def _seal(self, seal: Seal) -> Iterator[str]:
        words = self._words
        versions = (f"{v} {self._texts['versions'][outcome]}" for v, outcome in seal.versions.items())
        yield from self._row(words["tls_versions"], ", ".join(versions))
        yield from self._row(words["chosen"], f"{seal.negotiated}, {seal.cipher}")
        cert = seal.certificate
        if cert is None:
            return
        days = cert.days_left(self._seen.when)
        dates = words["dates"] if days >= 0 else words["over"]
        start, end = cert.not_before.date(), cert.not_after.date()
        key = ", ".join(part for part in (cert.key, cert.signature) if part)
        yield from self._row(words["certificate"], f"{cert.subject} ({key})")
        yield from self._row(f"  {words['names']}", ", ".join(cert.names) or words["none"])
        yield from self._row(f"  {words['issuer']}", cert.issuer)
        yield from self._row(f"  {words['valid']}", dates.format(start=start, end=end, days=abs(days)))
        trust = words["trust_no"].format(error=seal.trust_error) if seal.trust_error else words["trust_yes"]
        yield from self._row(f"  {words['trusted']}", trust)

    @staticmethod
    def _row(name: str, text: str) -> Iterator[str]:
        return _wrapped(text, f"  {name:<20}")


def _wrapped(text: str, head: str) -> Iterator[str]:
    """Break a text into lines that stand under each other behind a head."""
    yield from textwrap.wrap(
        text,
        WIDTH,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_on_hyphens=False,
        break_long_words=False,
    ) or [head.rstrip()]
