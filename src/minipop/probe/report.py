"""A probe's report as text in German or English, and as data for JSON."""

import textwrap
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import zip_longest
from typing import Any

from . import support, verdict
from .client import ProbeError
from .observation import Endpoint, Observation, TlsState
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
    report, ports = _Report(seen, lang), (seen.endpoints[0], seen.endpoints[2])
    why = "; ".join(f"{report.label(port)}: {report.why(port.trouble)}" for port in ports if port.trouble)
    line: str = texts(lang)["words"]["unanswered"]
    return line.format(host=seen.target.host, why=why)


def as_json(seen: Observation) -> dict[str, Any]:
    """Return the report as data: codes instead of words, dates in ISO 8601, nothing localized.

    Keys: ``host``, ``name``, ``ca_file``, ``observed``; ``verdict`` (by endpoint and column, the codes of
    `minipop.probe.verdict.cells`); ``findings`` (``code``, ``severity``, ``where``, ``values``); ``severity``
    (the worst) and ``exit_status``; ``ways``, the endpoints ``plain``, ``stls`` and ``tls`` (``way``):

    - ``port``; ``trouble`` (null, or ``kind`` and ``detail``, see `minipop.probe.client.ProbeError`);
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
            {"code": f.code, "severity": f.severity.name.lower(), "where": f.where, "values": f.values}
            for f in found
        ],
        "ways": [_endpoint_as_json(seen, endpoint) for endpoint in seen.endpoints],
        "logons": [vars(logon) for logon in seen.logons],
        "logon_trouble": seen.logon_trouble or None,
    }


def _endpoint_as_json(seen: Observation, endpoint: Endpoint) -> dict[str, Any]:
    return {
        "way": endpoint.name,
        "port": endpoint.port,
        "trouble": endpoint.trouble and {"kind": endpoint.trouble.kind, "detail": endpoint.trouble.detail},
        "greeting": endpoint.greeting,
        "capabilities": endpoint.capabilities,
        "listed": endpoint.listed,
        "auth_listed": endpoint.auth_listed,
        "answers": {
            name: {"accepted": answer.accepted, "reply": answer.reply, "trouble": answer.trouble or None}
            for name, answer in endpoint.answers.items()
        },
        "ntlm": vars(endpoint.ntlm) if endpoint.ntlm else None,
        "tls": endpoint.tls and _tls_as_json(seen, endpoint.tls),
        "injection": endpoint.injection or None,
    }


def _tls_as_json(seen: Observation, tls: TlsState) -> dict[str, Any]:
    cert = tls.certificate
    return {
        "versions": tls.versions,
        "negotiated": tls.negotiated,
        "cipher": tls.cipher,
        "trust_error": tls.trust_error,
        "name_fits": tls.fits,
        "certificate": cert
        and {
            **vars(cert),
            "not_before": cert.not_before.isoformat(),
            "not_after": cert.not_after.isoformat(),
            "days_left": cert.days_left(seen.when),
        },
    }


class _Report:
    def __init__(self, seen: Observation, lang: str) -> None:
        self._seen, self._lang = seen, lang
        self._texts = texts(lang)
        self._words: dict[str, str] = self._texts["words"]
        self._timeout = f"{seen.target.timeout:g}"

    def lines(self) -> Iterator[str]:
        seen, words, found = self._seen, self._words, verdict.findings(self._seen)
        yield words["title"].format(host=seen.target.host, when=f"{seen.when:%Y-%m-%d %H:%M}")
        store = seen.target.ca_file or words["system"]
        yield from _wrapped(words["name"].format(name=seen.target.name, store=store), "")
        if supported := support.said(seen.endpoints, self._lang):
            yield from _wrapped(supported, "")
        yield from ("", words["table"], "")
        yield from self._table()
        yield from ("", words["findings"].format(counts=", ".join(self._counts(found))))
        for finding in found:
            yield ""
            yield from self._finding(finding)
        yield from ("", words["seen"])
        for endpoint in seen.endpoints:
            yield from ("", self.label(endpoint))
            for name, text in self._rows(endpoint):
                yield from _wrapped(text, f"  {name:<20}" if name is not None else "  ")

    def label(self, endpoint: Endpoint) -> str:
        return self._words[endpoint.name].format(port=endpoint.port)

    def why(self, trouble: ProbeError) -> str:
        text: str = self._texts["troubles"][trouble.kind]
        return text.format(detail=trouble.detail or "-", timeout=self._timeout)

    # -- the table --------------------------------------------------------------------------------

    def _table(self) -> Iterator[str]:
        """Set the table, its cells broken into lines where they are long."""
        table = [["", *self._texts["columns"].values()]]
        for endpoint, cells in zip(self._seen.endpoints, verdict.cells(self._seen).values(), strict=True):
            table.append([self.label(endpoint), *(self._texts["cells"][cell] for cell in cells.values())])
        for number, row in enumerate(table):
            if number:
                yield "  ".join("-" * width for width in COLUMNS) if number == 1 else ""
            broken = [textwrap.wrap(cell, width) for cell, width in zip(row, COLUMNS, strict=True)]
            for parts in zip_longest(*broken, fillvalue=""):
                yield "  ".join(map(str.ljust, parts, COLUMNS)).rstrip()

    # -- the findings -----------------------------------------------------------------------------

    def _counts(self, found: list[Finding]) -> Iterator[str]:
        for severity in reversed(Severity):
            number = sum(finding.severity is severity for finding in found)
            if number:
                yield f"{number} {self._texts['severities'][severity.name][number > 1]}"

    def _finding(self, finding: Finding) -> Iterator[str]:
        values = {**finding.values, "timeout": self._timeout}
        if values.get("reason") in self._texts["troubles"]:
            values["reason"] = self.why(ProbeError(str(values["reason"])))
        what, *todo = (text.format(**values) for text in self._texts["findings"][finding.code])
        head = f"{self._texts['severities'][finding.severity.name][0]:<11}"
        labels = {endpoint.name: self.label(endpoint) for endpoint in self._seen.endpoints}
        where = ", ".join(labels[name] for name in finding.where)
        yield from _wrapped(f"{where}: {what}" if where else what, head)
        for text in todo:
            yield from _wrapped(self._words["todo"] + text, " " * len(head))

    # -- what was seen ----------------------------------------------------------------------------

    def _rows(self, endpoint: Endpoint) -> Iterator[tuple[str | None, str]]:
        """Give names and texts of the rows on an endpoint; None for a text that has no name."""
        words = self._words
        if endpoint.trouble:
            yield None, words["nothing"].format(why=self.why(endpoint.trouble))
        if endpoint.greeting:
            yield words["greeting"], endpoint.greeting
        if not endpoint.trouble:
            capa = words["no_answer"] if endpoint.capabilities is None else ", ".join(endpoint.capabilities)
            yield words["capa"], capa or words["none"]
            yield words["auth"], " ".join(endpoint.auth_listed) or words["none"]
            for number, answers in enumerate(self._answers(endpoint)):
                yield "" if number else words["answers"], answers
        if endpoint.ntlm:
            names: dict[str, str] = self._texts["told"]
            told = (names[key].format(value=value) for key, value in vars(endpoint.ntlm).items() if value)
            yield words["ntlm"], ", ".join(told)
        if endpoint.tls:
            yield from self._tls_rows(endpoint.tls)

    def _answers(self, endpoint: Endpoint) -> Iterator[str]:
        """Say which log-ons were accepted and which refused, and how: those alike in one line."""
        alike: dict[str, list[str]] = {}
        for name, answer in sorted(endpoint.answers.items(), key=lambda row: row[0] != "USER"):  # stable
            outcome = self._words["taken"]
            if not answer.accepted:
                why = answer.reply or self.why(ProbeError(answer.trouble))
                outcome = f"{self._words['refused']} ({why})"
            alike.setdefault(outcome, []).append(name if name == "USER" else f"AUTH {name}")
        return (f"{', '.join(names)}: {outcome}" for outcome, names in alike.items())

    def _tls_rows(self, tls: TlsState) -> Iterator[tuple[str, str]]:
        words, cert = self._words, tls.certificate
        versions = (f"{v} {self._texts['versions'][outcome]}" for v, outcome in tls.versions.items())
        yield words["tls_versions"], ", ".join(versions)
        yield words["chosen"], f"{tls.negotiated}, {tls.cipher}"
        if cert is None:
            return
        days = cert.days_left(self._seen.when)
        dates = words["dates"] if days >= 0 else words["over"]
        start, end = cert.not_before.date(), cert.not_after.date()
        key = ", ".join(part for part in (cert.key, cert.signature) if part)
        yield words["certificate"], f"{cert.subject} ({key})"
        yield f"  {words['names']}", ", ".join(cert.names) or words["none"]
        yield f"  {words['issuer']}", cert.issuer
        yield f"  {words['valid']}", dates.format(start=start, end=end, days=abs(days))
        trust = words["trust_no"].format(error=tls.trust_error) if tls.trust_error else words["trust_yes"]
        yield f"  {words['trusted']}", trust


def _wrapped(text: str, head: str) -> Iterator[str]:
    """Break a text into lines that stand under each other behind a head."""
    indent = " " * len(head)
    wrap = textwrap.TextWrapper(WIDTH, head, indent, break_on_hyphens=False, break_long_words=False)
    yield from wrap.wrap(text) or [head.rstrip()]
