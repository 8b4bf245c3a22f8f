"""What an observation means: the table of who can read what, and findings with their severities.

All is data without a language here; `minipop.probe.report` finds the words by the codes.
"""

import base64
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cache
from importlib.resources import files

from .certificate import Certificate
from .observation import PLAIN, STLS, Endpoint, Observation, TlsState
from .tls import OLD

#: The columns of the table, and the log-ons that belong to each.
COLUMNS = {
    "password": ("USER", "PLAIN", "LOGIN"),
    "ntlm": ("NTLM",),
    "kerberos": ("GSSAPI", "GSS-SPNEGO"),
    "modern": ("XOAUTH2", "OAUTHBEARER"),
}

#: What an eavesdropper can read, where a log-on of that column is offered without TLS.
READABLE = {
    "password": "password-and-mail-readable",
    "ntlm": "password-protected",
    "kerberos": "password-protected",
    "modern": "token-readable",
}

ENCRYPTED, NOT_OFFERED, NOT_REACHED = "all-encrypted", "not-offered", "not-reached"

#: Days before its end from which on a certificate is a finding. certbot renews 30 days before the end, so
#: fewer often mean that renewal does not work.
SOON = 30

#: A version or a year in a greeting; not the time stamp of APOP (RFC 1939, section 7).
_VERSION = re.compile(r"\d+\.\d+|\b20[0-3]\d\b")
_TIMESTAMP = re.compile(r"<[^<>]*>")

#: What Exchange Online's greeting ends with: the name of the front-end server in UTF-16LE and base64.
_BRACKET = re.compile(r"\[([A-Za-z0-9+/]{8,}=*)\]$")


class Severity(IntEnum):
    """How bad a finding is."""

    OK = 0
    NOTICE = 1
    WARNING = 2
    DANGER = 3


#: The exit status by the worst severity; 2 is for bad input and for servers that do not answer.
EXIT = {Severity.OK: 0, Severity.NOTICE: 0, Severity.WARNING: 1, Severity.DANGER: 3}


@cache
def severities() -> dict[str, Severity]:
    """Return every finding of ``findings.toml`` with its severity."""
    lists = tomllib.loads((files(__package__) / "findings.toml").read_text("utf-8"))
    return {code: Severity[name] for name, codes in lists.items() for code in codes}


@dataclass(frozen=True)
class Finding:
    """Something that was found.

    Args:
        code: what it is, a key for its words.
        where: the names of the endpoints that it concerns, in their order.
        values: what fills the braces of its words.
        exception: its severity where that is not the one of the table.
    """

    code: str
    where: tuple[str, ...]
    values: dict[str, str | int] = field(default_factory=dict)
    exception: Severity | None = None

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return severities()[self.code] if self.exception is None else self.exception


def cells(seen: Observation) -> dict[str, dict[str, str]]:
    """Return the table: for each endpoint and each column what was observed."""
    return {e.name: {column: _cell(e, column) for column in COLUMNS} for e in seen.endpoints}


def _cell(endpoint: Endpoint, column: str) -> str:
    if endpoint.trouble:
        return NOT_OFFERED if endpoint.trouble.kind == "no-stls" else NOT_REACHED
    if not endpoint.takes(COLUMNS[column]):
        return NOT_OFFERED
    return READABLE[column] if endpoint.tls is None else ENCRYPTED


def findings(seen: Observation) -> list[Finding]:
    """Return all findings, the worst first; those that say the same of several endpoints are one."""
    merged: dict[object, Finding] = {}
    for rule in (_reachable, _in_clear, _stls, _tls_versions, _certificates, _disclosed, _logons):
        for finding in rule(seen):
            key = finding.code, tuple(sorted(finding.values.items()))
            before = merged[key].where if key in merged else ()
            merged[key] = replace(finding, where=before + finding.where)
    return sorted(merged.values(), key=lambda finding: -finding.severity)


def worst(found: list[Finding]) -> Severity:
    """Return the worst severity of some findings."""
    return max((finding.severity for finding in found), default=Severity.OK)


def _reachable(seen: Observation) -> Iterator[Finding]:
    plain, stls, over_tls = seen.endpoints
    concerned: list[tuple[Endpoint, Severity | None]] = [(plain, None), (over_tls, None)]
    if plain.trouble is None and stls.trouble and stls.trouble.kind != "no-stls":
        concerned.append((stls, Severity.WARNING))
    for endpoint, exception in concerned:
        if trouble := endpoint.trouble:
            yield Finding(f"port-{trouble.kind}", (endpoint.name,), {"detail": trouble.detail}, exception)


def _in_clear(seen: Observation) -> Iterator[Finding]:
    plain = seen.endpoints[0]
    if plain.trouble:
        return
    taken = {column: plain.takes(names) for column, names in COLUMNS.items()}
    for column, code in (("password", "password-in-clear"), ("modern", "token-in-clear")):
        if taken[column]:
            named = ", ".join(name if name == "USER" else f"AUTH {name}" for name in taken[column])
            yield Finding(code, (PLAIN,), {"ways": named})
    if not taken["password"]:
        heard = all(plain.answers[name].trouble in ("", "hung-up") for name in COLUMNS["password"])
        yield Finding("no-password-in-clear" if heard else "password-unknown", (PLAIN,))
    if plain.lists("USER") and "USER" not in taken["password"]:
        yield Finding("user-listed", (PLAIN,))
    for column in ("ntlm", "kerberos"):
        if taken[column]:
            yield Finding(f"{column}-in-clear", (PLAIN,))


def _stls(seen: Observation) -> Iterator[Finding]:
    plain, stls, _ = seen.endpoints
    if plain.trouble:
        return
    if stls.trouble:
        if stls.trouble.kind == "no-stls":
            yield Finding("no-stls", (PLAIN,), {"reply": stls.trouble.detail})
        return
    if not plain.lists("STLS"):
        yield Finding("stls-unlisted", (PLAIN,))
    codes = {"answered": "stls-injection", "not-answered": "stls-sound"}
    yield Finding(codes.get(stls.injection, "stls-unknown"), (STLS,))


def _tls_versions(seen: Observation) -> Iterator[Finding]:
    for endpoint in seen.endpoints:
        if endpoint.tls is None:
            continue
        accepted = endpoint.tls.that_are("accepted")
        old = [version for version in accepted if version in OLD]
        if old == accepted:
            yield Finding("tls-no-new", (endpoint.name,))
        for code, versions in (
            ("tls-old", old),
            ("tls-new", [] if old else accepted),
            ("tls-untestable", endpoint.tls.that_are("untestable")),
            ("tls-unanswered", endpoint.tls.that_are("unanswered")),
        ):
            if versions:
                named = ", ".join(f"TLS {version}" for version in versions)
                yield Finding(code, (endpoint.name,), {"versions": named})


def _certificates(seen: Observation) -> Iterator[Finding]:
    for endpoint in seen.endpoints:
        if endpoint.tls and endpoint.tls.certificate is None:
            yield Finding("certificate-unreadable", (endpoint.name,))
        elif endpoint.tls and endpoint.tls.certificate:
            found = _certificate(seen, endpoint.tls, endpoint.tls.certificate)
            yield from (Finding(code, (endpoint.name,), values) for code, values in found.items())


def _certificate(seen: Observation, tls: TlsState, cert: Certificate) -> dict[str, dict[str, str | int]]:
    """Return what is to be said of a certificate, by code, with its values."""
    found: dict[str, dict[str, str | int]] = {}
    days, end = cert.days_left(seen.when), cert.not_after.date().isoformat()
    in_time = cert.not_before <= seen.when <= cert.not_after
    if seen.when > cert.not_after:
        found["certificate-expired"] = {"date": end, "days": -days}
    elif seen.when < cert.not_before:
        found["certificate-not-yet-valid"] = {"date": cert.not_before.date().isoformat()}
    elif days < SOON:
        found["certificate-ends-soon"] = {"date": end, "days": days}
    if not tls.fits:
        found["certificate-name"] = {"name": seen.target.name, "names": ", ".join(cert.names) or "-"}
    if tls.trust_error and in_time:  # because out of time no client trusts it anyway
        code = "certificate-self-signed" if cert.self_signed else "certificate-untrusted"
        found[code] = {"error": tls.trust_error, "issuer": cert.issuer}
    if cert.weak:
        found["certificate-weak"] = {"key": cert.key, "signature": cert.signature or "-"}
    return found or {"certificate-good": {"date": end, "days": days}}


def _disclosed(seen: Observation) -> Iterator[Finding]:
    """Find what the server discloses to any client."""
    for endpoint in seen.endpoints:
        if endpoint.ntlm:
            told = ", ".join(dict.fromkeys(value for value in vars(endpoint.ntlm).values() if value))
            yield Finding("ntlm-tells", (endpoint.name,), {"told": told})
        if _VERSION.search(_TIMESTAMP.sub("", endpoint.greeting)):
            yield Finding("greeting-tells", (endpoint.name,), {"greeting": endpoint.greeting})
        if server := _server_named(endpoint.greeting):
            yield Finding("greeting-names", (endpoint.name,), {"server": server})


def _server_named(greeting: str) -> str:
    """Return the name that hides in a greeting, empty if there is none."""
    found = _BRACKET.search(greeting)
    try:
        name = base64.b64decode(found[1], validate=True).decode("utf-16-le") if found else ""
    except ValueError:
        return ""
    return name if name.isascii() and name.isprintable() else ""


def _logons(seen: Observation) -> Iterator[Finding]:
    if seen.logon_trouble:
        yield Finding("logon-not-tried", (), {"reason": seen.logon_trouble})
    another_works = any(tried.accepted for tried in seen.logons)
    for tried in seen.logons:
        code = "logon-works" if tried.accepted else "logon-refused" if tried.sent else "logon-not-offered"
        exception = Severity.NOTICE if another_works and not tried.accepted else None
        yield Finding(code, (tried.way,), {"mechanism": tried.mechanism, "reply": tried.reply}, exception)
