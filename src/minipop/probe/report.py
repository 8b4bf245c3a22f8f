"""A probe's report as text in German or English, and as data for JSON."""

import textwrap
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from itertools import zip_longest
from typing import Any

from . import expectations, support, verdict
from .client import ProbeError
from .mechanisms import spoken
from .observation import UNKNOWN, Answer, Endpoint, Observation, TlsState
from .verdict import Finding, Severity

#: The width of the text, in characters: that of the table.
WIDTH = 102

#: The widths of the table's columns: the ways to log on, and the three endpoints.
COLUMNS = (30, 22, 22, 22)

Texts = dict[str, dict[str, Any]]


@cache
def texts(lang: str) -> Texts:
    """Return the texts of ``report.toml`` in one language, by kind and code."""
    tables: dict[str, Texts] = tomllib.loads((files(__package__) / "report.toml").read_text("utf-8"))
    return tables[lang]


def as_text(seen: Observation, lang: str, expected: tuple[str, ...] = ()) -> str:
    """Return the report for people: the verdict in one line, the table, the findings, what was seen.

    Args:
        seen: what was seen.
        lang: ``de`` or ``en``.
        expected: the endpoints that monitoring expects; then the first line is the one that it shows.
    """
    report = _Report(seen, lang)
    return "\n".join([report.monitored(expected) if expected else report.verdict(), *report.lines()])


def why_unanswered(seen: Observation, lang: str) -> str:
    """Say in one line why no port answered."""
    report, ports = _Report(seen, lang), (seen.endpoints[0], seen.endpoints[2])
    why = "; ".join(f"{report.label(port)}: {report.why(port.trouble)}" for port in ports if port.trouble)
    line: str = texts(lang)["words"]["unanswered"]
    return line.format(host=seen.target.host, why=why)


def as_json(seen: Observation, expected: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the report as data: codes instead of words, dates in ISO 8601, nothing localized.

    ``docs/assets/probe.schema.json`` says what its keys mean.
    """
    found = verdict.findings(seen)
    worst = verdict.worst(found)
    status = verdict.EXIT[worst] if seen.answered else 2
    missing = expectations.missing(seen, expected)
    if expected:
        status = expectations.status(seen, expected)
    return {
        "host": seen.target.host,
        "name": seen.target.name,
        "ca_file": seen.target.ca_file,
        "observed": seen.when.isoformat(timespec="seconds"),
        "severity": worst.name.lower(),
        "exit_status": status,
        "verdict": verdict.cells(seen),
        "findings": [
            {"code": f.code, "severity": f.severity.name.lower(), "where": f.where, "values": f.values}
            for f in found
        ],
        "ways": [_endpoint_as_json(seen, endpoint) for endpoint in seen.endpoints],
        "logons": [{**vars(logon), "code": logon.code or None} for logon in seen.logons],
        "logon_trouble": seen.logon_trouble or None,
        "version": version("minipop"),
        "server": seen.software or None,
        "out_of_time": seen.out_of_time,
        "expected": {"ways": expected, "missing": missing, "status": expectations.NAMES[status]}
        if expected
        else None,
        "error": None if seen.answered else why_unanswered(seen, "en"),
    }


def bad_input_as_json(error: str, exit_status: int) -> dict[str, Any]:
    """Return what is printed as JSON where nothing was probed, because the command line cannot be used."""
    return {"exit_status": exit_status, "version": version("minipop"), "error": error}


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
            name: {
                "accepted": answer.accepted,
                "reply": answer.reply,
                "trouble": answer.trouble or None,
                "offered": endpoint.offers(name),
            }
            for name, answer in endpoint.answers.items()
        },
        "ntlm": vars(endpoint.ntlm) if endpoint.ntlm else None,
        "tls": endpoint.tls and _tls_as_json(seen, endpoint.tls),
        "injection": endpoint.injection or None,
        "capa": {"reply": endpoint.capa.reply, "trouble": endpoint.capa.trouble or None},
        "auth": {"reply": endpoint.auth.reply, "trouble": endpoint.auth.trouble or None},
        "turned_away": endpoint.turned_away,
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
        "chain": tls.chain,
    }


class _Report:
    def __init__(self, seen: Observation, lang: str) -> None:
        self._seen, self._lang = seen, lang
        self._texts = texts(lang)
        self._words: dict[str, str] = self._texts["words"]
        self._timeout = f"{seen.target.timeout:g}"

    def verdict(self) -> str:
        """Say in one line how bad it is, and the codes of the worst findings."""
        found = verdict.findings(self._seen)
        worst = verdict.worst(found)
        codes = [finding.code for finding in found if finding.severity is worst]
        named = f" ({', '.join(dict.fromkeys(codes))})" if worst > Severity.OK else ""
        return f"{self._seen.target.host}: {', '.join(self._counts(found))}{named}"

    def monitored(self, expected: tuple[str, ...]) -> str:
        """Return the line that monitoring shows: the status, what is missing, what was found."""
        status, missing = (
            expectations.status(self._seen, expected),
            expectations.missing(self._seen, expected),
        )
        gone = [e for e in self._seen.endpoints if e.name in missing and e.trouble]
        told = [f"{self.label(e)}: {self.why(e.trouble)}" for e in gone if e.trouble]
        return f"POP3 {expectations.NAMES[status]} - {'; '.join([*told, self.verdict()])}"

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
        cells = verdict.cells(self._seen)
        table = [["", *(self.label(endpoint) for endpoint in self._seen.endpoints)]]
        for column, name in self._texts["columns"].items():
            table.append([name, *(self._texts["cells"][cells[e.name][column]] for e in self._seen.endpoints)])
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
        what, *todo = (text.format(**values) for text in self._words_for(finding.code))
        head = f"{self._texts['severities'][finding.severity.name][0]:<11}"
        labels = {endpoint.name: self.label(endpoint) for endpoint in self._seen.endpoints}
        where = ", ".join(labels[name] for name in finding.where)
        yield from _wrapped(f"{where}: {what}" if where else what, head)
        for text in todo:
            yield from _wrapped(self._words["todo"] + text, " " * len(head))

    def _words_for(self, code: str) -> list[str]:
        """Return what is said of a finding; the remedy is that of the server program, if it has one."""
        what, *todo = self._texts["findings"][code]
        fitting = self._texts["remedies"].get(self._seen.software, {}).get(code)
        return [what, fitting] if fitting else [what, *todo]

    # -- what was seen ----------------------------------------------------------------------------

    def _rows(self, endpoint: Endpoint) -> Iterator[tuple[str | None, str]]:
        """Give names and texts of the rows on an endpoint; None for a text that has no name."""
        words = self._words
        if endpoint.trouble:
            yield None, words["nothing"].format(why=self.why(endpoint.trouble))
        if endpoint.greeting:
            yield words["greeting"], endpoint.greeting
        if not endpoint.trouble:
            capa = endpoint.capabilities
            yield words["capa"], self._listing(endpoint.capa, None if capa is None else ", ".join(capa))
            yield words["auth"], self._listing(endpoint.auth, " ".join(endpoint.auth_listed) or None)
            for number, answers in enumerate(self._answers(endpoint)):
                yield "" if number else words["answers"], answers
        if endpoint.ntlm:
            names: dict[str, str] = self._texts["told"]
            told = (names[key].format(value=value) for key, value in vars(endpoint.ntlm).items() if value)
            yield words["ntlm"], ", ".join(told)
        if endpoint.tls:
            yield from self._tls_rows(endpoint.tls)

    def _listing(self, answer: Answer, listed: str | None) -> str:
        """Return a list, or say why there is none."""
        words = self._words
        if answer.trouble:
            why = self.why(ProbeError(answer.trouble))
            return (words["unfinished"] if answer.reply else words["no_answer"]).format(why=why)
        if answer.reply.startswith("-"):
            return f"{words['refused']} ({answer.reply})"
        return listed or words["none"]

    def _answers(self, endpoint: Endpoint) -> Iterator[str]:
        """Say which log-ons were accepted and which refused, and how: those alike in one line."""
        alike: dict[str, list[str]] = {}
        for name, answer in sorted(endpoint.answers.items(), key=lambda row: row[0] != "USER"):  # stable
            outcome = self._words["announced"] if name == "APOP" else self._words["taken"]
            if not answer.accepted:
                known = self._words["unknown" if endpoint.offers(name) == UNKNOWN else "refused"]
                outcome = f"{known} ({answer.reply or self.why(ProbeError(answer.trouble))})"
            alike.setdefault(outcome, []).append(spoken(name))
        return (f"{', '.join(names)}: {outcome}" for outcome, names in alike.items())

    def _tls_rows(self, tls: TlsState) -> Iterator[tuple[str, str]]:
        words, cert = self._words, tls.certificate
        versions = (f"{v} {self._texts['versions'][outcome]}" for v, outcome in tls.versions.items())
        yield words["tls_versions"], ", ".join(versions)
        if tls.negotiated:
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
