"""What an observation means: the table of who can read what, and findings with their severities.

Everything here is data without a language; `minipop.probe.report` finds the words by the codes.
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

from . import tls
from .certificate import Certificate
from .observation import PLAIN, STLS, Observation, Seal, Way

#: The columns of the table: which ways to log on stand in each.
COLUMNS = {
    "password": ("USER", "PLAIN", "LOGIN"),
    "ntlm": ("NTLM",),
    "kerberos": ("GSSAPI", "GSS-SPNEGO"),
    "modern": ("XOAUTH2", "OAUTHBEARER"),
}

#: What somebody who listens can read, where a way to log on is offered without TLS.
READABLE = {
    "password": "password-and-mail-readable",
    "ntlm": "password-protected",
    "kerberos": "password-protected",
    "modern": "token-readable",
}

ENCRYPTED, NOT_OFFERED, NOT_REACHED = "all-encrypted", "not-offered", "not-reached"

#: Days before its end from which on a certificate is complained of.
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


#: Every finding with its severity. The exceptions are where it is given out: STLS fails where 110 answered
#: (a warning, whatever the trouble), and a log-on that fails while another works (a notice).
FINDINGS: dict[str, Severity] = {
    "password-in-clear": Severity.DANGER,
    "token-in-clear": Severity.DANGER,
    "stls-injection": Severity.DANGER,
    "tls-old": Severity.DANGER,
    "certificate-expired": Severity.DANGER,
    "certificate-not-yet-valid": Severity.DANGER,
    "ntlm-in-clear": Severity.WARNING,
    "no-stls": Severity.WARNING,
    "tls-no-new": Severity.WARNING,
    "certificate-name": Severity.WARNING,
    "certificate-self-signed": Severity.WARNING,
    "certificate-untrusted": Severity.WARNING,
    "certificate-ends-soon": Severity.WARNING,
    "certificate-weak": Severity.WARNING,
    "certificate-unreadable": Severity.WARNING,
    "logon-refused": Severity.WARNING,
    "logon-not-offered": Severity.WARNING,
    "logon-not-tried": Severity.WARNING,
    "port-hung-up": Severity.WARNING,
    "port-silent": Severity.WARNING,
    "port-endless": Severity.WARNING,
    "port-garbage": Severity.WARNING,
    "port-rejected": Severity.WARNING,
    "port-not-pop3": Severity.WARNING,
    "port-no-tls": Severity.WARNING,
    "port-handshake": Severity.WARNING,
    "kerberos-in-clear": Severity.NOTICE,
    "ntlm-tells": Severity.NOTICE,
    "greeting-tells": Severity.NOTICE,
    "greeting-names": Severity.NOTICE,
    "user-listed": Severity.NOTICE,
    "stls-unlisted": Severity.NOTICE,
    "stls-unknown": Severity.NOTICE,
    "password-unknown": Severity.NOTICE,
    "tls-untestable": Severity.NOTICE,
    "tls-unanswered": Severity.NOTICE,
    "port-refused": Severity.NOTICE,  # nobody listens there, or a firewall stands before it
    "port-filtered": Severity.NOTICE,
    "port-unreachable": Severity.NOTICE,
    "port-unknown-host": Severity.NOTICE,
    "no-password-in-clear": Severity.OK,
    "stls-sound": Severity.OK,
    "tls-new": Severity.OK,
    "certificate-good": Severity.OK,
    "logon-works": Severity.OK,
}

#: The exit status by the worst severity; 2 is for bad input and for servers that do not answer.
EXIT = {Severity.OK: 0, Severity.NOTICE: 0, Severity.WARNING: 1, Severity.DANGER: 3}


@dataclass(frozen=True)
class Finding:
    """Something that was found.

    Args:
        code: what it is, a key for its words.
        severity: how bad.
        where: the ways in that it concerns, in their order.
        values: what fills the braces of its words.
    """

    code: str
    severity: Severity
    where: tuple[str, ...]
    values: dict[str, str | int] = field(default_factory=dict)


def _finding(
    code: str,
    where: tuple[str, ...],
    values: dict[str, str | int] | None = None,
    severity: Severity | None = None,
) -> Finding:
    """Return a finding, with the severity of the table if none is given."""
    return Finding(code, FINDINGS[code] if severity is None else severity, where, values or {})


def cells(seen: Observation) -> dict[str, dict[str, str]]:
    """Return the table: for each way in and each column what was observed."""
    return {way.name: {column: _cell(way, column) for column in COLUMNS} for way in seen.ways}


def _cell(way: Way, column: str) -> str:
    if way.trouble:
        return NOT_OFFERED if way.trouble.kind == "no-stls" else NOT_REACHED
    if not way.takes(*COLUMNS[column]):
        return NOT_OFFERED
    return READABLE[column] if way.seal is None else ENCRYPTED


def findings(seen: Observation) -> list[Finding]:
    """Return all findings, the worst first."""
    found = [
        *_reachable(seen),
        *_in_clear(seen),
        *_stls(seen),
        *_tls_versions(seen),
        *_certificates(seen),
        *_told(seen),
        *_logons(seen),
    ]
    return sorted(_merged(found), key=lambda finding: -finding.severity)


def worst(found: list[Finding]) -> Severity:
    """Return the worst severity of some findings."""
    return max((finding.severity for finding in found), default=Severity.OK)


def _merged(found: list[Finding]) -> list[Finding]:
    """Make one finding of those that say the same of several ways in."""
    merged: dict[object, Finding] = {}
    for finding in found:
        key = finding.code, tuple(sorted(finding.values.items()))
        before = merged[key].where if key in merged else ()
        merged[key] = Finding(finding.code, finding.severity, before + finding.where, finding.values)
    return list(merged.values())


def _reachable(seen: Observation) -> Iterator[Finding]:
    plain, stls, over_tls = seen.ways
    for way in (plain, over_tls):
        if way.trouble:
            yield _trouble(way)
    if plain.trouble is None and stls.trouble and stls.trouble.kind != "no-stls":
        yield _trouble(stls, Severity.WARNING)


def _trouble(way: Way, severity: Severity | None = None) -> Finding:
    assert way.trouble
    return _finding(f"port-{way.trouble.kind}", (way.name,), {"detail": way.trouble.detail}, severity)


def _in_clear(seen: Observation) -> Iterator[Finding]:
    plain = seen.ways[0]
    if plain.trouble:
        return
    taken = {column: plain.takes(*names) for column, names in COLUMNS.items()}
    if taken["password"]:
        named = ", ".join(name if name == "USER" else f"AUTH {name}" for name in taken["password"])
        yield _finding("password-in-clear", (PLAIN,), {"ways": named})
    elif all(plain.answers[name].trouble in ("", "hung-up") for name in COLUMNS["password"]):
        yield _finding("no-password-in-clear", (PLAIN,))
    else:
        yield _finding("password-unknown", (PLAIN,))
    if "USER" in map(str.upper, plain.capabilities or ()) and "USER" not in taken["password"]:
        yield _finding("user-listed", (PLAIN,))
    if taken["modern"]:
        named = ", ".join(f"AUTH {name}" for name in taken["modern"])
        yield _finding("token-in-clear", (PLAIN,), {"ways": named})
    if taken["ntlm"]:
        yield _finding("ntlm-in-clear", (PLAIN,))
    if taken["kerberos"]:
        yield _finding("kerberos-in-clear", (PLAIN,))


def _stls(seen: Observation) -> Iterator[Finding]:
    plain, stls, _ = seen.ways
    if plain.trouble:
        return
    if stls.trouble:
        if stls.trouble.kind == "no-stls":
            yield _finding("no-stls", (PLAIN,), {"reply": stls.trouble.detail})
        return
    if "STLS" not in map(str.upper, plain.capabilities or ()):
        yield _finding("stls-unlisted", (PLAIN,))
    known = {"answered": "stls-injection", "not-answered": "stls-sound"}
    yield _finding(known.get(stls.injection, "stls-unknown"), (STLS,))


def _sealed(seen: Observation) -> Iterator[tuple[Way, Seal]]:
    """Give the ways where TLS was spoken, even if no POP3 was heard inside it."""
    for way in seen.ways:
        if way.seal:
            yield way, way.seal


def _tls_versions(seen: Observation) -> Iterator[Finding]:
    for way, seal in _sealed(seen):
        where = (way.name,)
        old = seal.speaks(*tls.OLD)
        if old:
            yield _finding("tls-old", where, {"versions": _versions(old)})
        new = seal.speaks("1.2", "1.3")
        if not new:
            yield _finding("tls-no-new", where)
        elif not old:
            yield _finding("tls-new", where, {"versions": _versions(new)})
        untestable = [version for version, outcome in seal.versions.items() if outcome == "untestable"]
        if untestable:
            yield _finding("tls-untestable", where, {"versions": _versions(untestable)})
        mute = [version for version, outcome in seal.versions.items() if outcome == "unanswered"]
        if mute:
            yield _finding("tls-unanswered", where, {"versions": _versions(mute)})


def _versions(versions: list[str]) -> str:
    return ", ".join(f"TLS {version}" for version in versions)


def _certificates(seen: Observation) -> Iterator[Finding]:
    for way, seal in _sealed(seen):
        if seal.certificate is None:
            yield _finding("certificate-unreadable", (way.name,))
        else:
            yield from _certificate(seen, seal, seal.certificate, (way.name,))


def _certificate(
    seen: Observation, seal: Seal, cert: Certificate, where: tuple[str, ...]
) -> Iterator[Finding]:
    days = cert.days_left(seen.when)
    date = cert.not_after.date().isoformat()
    in_time = cert.not_before <= seen.when <= cert.not_after
    if seen.when > cert.not_after:
        yield _finding("certificate-expired", where, {"date": date, "days": -days})
    elif seen.when < cert.not_before:
        begin = cert.not_before.date().isoformat()
        yield _finding("certificate-not-yet-valid", where, {"date": begin})
    elif days < SOON:
        yield _finding("certificate-ends-soon", where, {"date": date, "days": days})
    if not seal.fits:
        names = ", ".join(cert.names) or "-"
        values: dict[str, str | int] = {"name": seen.target.name, "names": names}
        yield _finding("certificate-name", where, values)
    if seal.trust_error and in_time:  # out of time, nobody trusts it anyway
        code = "certificate-self-signed" if cert.self_signed else "certificate-untrusted"
        yield _finding(code, where, {"error": seal.trust_error, "issuer": cert.issuer})
    if cert.weak:
        values = {"key": cert.key, "signature": cert.signature or "-"}
        yield _finding("certificate-weak", where, values)
    if in_time and seal.fits and not seal.trust_error and not cert.weak and days >= SOON:
        yield _finding("certificate-good", where, {"date": date, "days": days})


def _told(seen: Observation) -> Iterator[Finding]:
    """Find what the server tells anybody who asks."""
    for way in seen.ways:
        if way.told:
            told = ", ".join(dict.fromkeys(value for value in vars(way.told).values() if value))
            yield _finding("ntlm-tells", (way.name,), {"told": told})
        if _VERSION.search(_TIMESTAMP.sub("", way.greeting)):
            yield _finding("greeting-tells", (way.name,), {"greeting": way.greeting})
        if server := _server_named(way.greeting):
            yield _finding("greeting-names", (way.name,), {"server": server})


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
        yield _finding("logon-not-tried", (), {"reason": seen.logon_trouble})
    another_works = any(tried.accepted for tried in seen.logons)
    for tried in seen.logons:
        values: dict[str, str | int] = {"mechanism": tried.mechanism, "reply": tried.reply}
        if tried.accepted:
            yield _finding("logon-works", (tried.way,), values)
        else:
            code = "logon-refused" if tried.sent else "logon-not-offered"
            yield _finding(code, (tried.way,), values, Severity.NOTICE if another_works else None)
