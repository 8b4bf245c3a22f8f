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
from .mechanisms import COLUMNS, READABLE, in_clear, spoken
from .observation import NO, PLAIN, STLS, UNKNOWN, YES, Endpoint, LogOn, Observation, TlsState
from .software import implementation, version
from .tls import OLD, VERSIONS

ENCRYPTED, NOT_OFFERED, NOT_REACHED = "all-encrypted", "not-offered", "not-reached"

#: What the table says of an endpoint of which nothing was seen, by the kind of trouble.
_UNSEEN = {
    "no-stls": NOT_OFFERED,
    "client-certificate": "client-certificate",
    "limited": UNKNOWN,
    "deadline": UNKNOWN,
}

#: Days before its end from which on a certificate is a finding. certbot renews 30 days before the end, so
#: fewer often mean that renewal does not work.
SOON = 30

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
        return _UNSEEN.get(endpoint.trouble.kind, NOT_REACHED)
    if endpoint.that_are(YES, column):
        return READABLE[column] if endpoint.tls is None else ENCRYPTED
    return UNKNOWN if endpoint.that_are(UNKNOWN, column) else NOT_OFFERED


def findings(seen: Observation) -> list[Finding]:
    """Return all findings, the worst first; those that say the same of several endpoints are one."""
    merged: dict[object, Finding] = {}
    for rule in _RULES:
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
        if (trouble := endpoint.trouble) and trouble.kind not in ("deadline", "limited"):
            yield Finding(f"port-{trouble.kind}", (endpoint.name,), {"detail": trouble.detail}, exception)
    for endpoint in (plain, over_tls):
        if endpoint.turned_away:
            # A notice if waiting helped, because then nothing stayed unknown.
            overcome = None if endpoint.limited else Severity.NOTICE
            yield Finding("port-limited", (endpoint.name,), {"times": endpoint.turned_away}, overcome)
    if seen.out_of_time:
        yield Finding("deadline", (), {"seconds": f"{seen.target.deadline:g}"})


def _offered(seen: Observation) -> Iterator[Finding]:
    """Find what may be logged on with, and what could not be found out."""
    plain = seen.endpoints[0]
    ways: dict[str, list[str]] = {}
    if plain.trouble is None:
        for name in plain.that_are(YES):
            ways.setdefault(in_clear(name), []).append(spoken(name))
        yield from (Finding(code, (PLAIN,), {"ways": ", ".join(named)}) for code, named in ways.items())
        if not plain.that_are(YES, "password"):
            unknown = plain.that_are(UNKNOWN, "password")
            yield Finding("password-unknown" if unknown else "no-password-in-clear", (PLAIN,))
        if plain.lists("USER") and plain.offers("USER") == NO:
            yield Finding("user-listed", (PLAIN,))
    for endpoint in seen.endpoints:
        if endpoint.trouble:
            continue
        if endpoint.offers("ANONYMOUS") == YES:
            yield Finding("anonymous-offered", (endpoint.name,))
        unknown = endpoint.that_are(UNKNOWN)
        if endpoint is plain and not plain.that_are(YES, "password"):
            unknown = [name for name in unknown if name not in COLUMNS["password"]]
        if unknown:
            yield Finding("offer-unknown", (endpoint.name,), {"ways": ", ".join(map(spoken, unknown))})


def _stls(seen: Observation) -> Iterator[Finding]:
    plain, stls, _ = seen.endpoints
    if plain.trouble:
        return
    if stls.trouble:
        if stls.trouble.kind == "no-stls":
            yield Finding("no-stls", (PLAIN,), {"reply": stls.trouble.detail})
        return
    if plain.capabilities is not None and not plain.lists("STLS"):
        yield Finding("stls-unlisted", (PLAIN,))
    codes = {"answered": "stls-injection", "not-answered": "stls-sound"}
    yield Finding(codes.get(stls.injection, "stls-unknown"), (STLS,))


def _tls_versions(seen: Observation) -> Iterator[Finding]:
    for endpoint in seen.endpoints:
        if endpoint.tls is None:
            continue
        accepted, refused = endpoint.tls.that_are("accepted"), endpoint.tls.that_are("refused")
        old = [version for version in accepted if version in OLD]
        if all(version in refused for version in VERSIONS if version not in OLD):
            yield Finding("tls-no-new", (endpoint.name,))
        only_new = all(version in refused for version in OLD)
        for code, versions in (
            ("tls-old", old),
            ("tls-new", accepted if only_new else []),
            ("tls-untestable", endpoint.tls.that_are("untestable")),
            ("tls-unanswered", endpoint.tls.that_are("unanswered")),
        ):
            if versions:
                named = ", ".join(f"TLS {version}" for version in versions)
                yield Finding(code, (endpoint.name,), {"versions": named})


def _certificates(seen: Observation) -> Iterator[Finding]:
    for endpoint in seen.endpoints:
        if endpoint.tls and endpoint.tls.negotiated and endpoint.tls.certificate is None:
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
        code = "certificate-name"
        if not cert.names and cert.fits_by_common_name(seen.target.name):
            code = "certificate-name-in-cn"
        found[code] = {"name": seen.target.name, "names": ", ".join(cert.names) or "-"}
    if tls.trust_error and in_time:  # because out of time no client trusts it anyway
        found[_untrusted(tls, cert)] = {"error": tls.trust_error, "issuer": cert.issuer}
    if cert.weak:
        found["certificate-weak"] = {"key": cert.key, "signature": cert.signature or "-"}
    return found or {"certificate-good": {"date": end, "days": days}}


def _untrusted(tls: TlsState, cert: Certificate) -> str:
    """Return the code of what is wrong with a certificate that is not trusted."""
    if cert.self_signed:
        return "certificate-self-signed"
    # One that says where its issuer's lies was hardly issued by a root, so the one in between is missing.
    return "certificate-chain" if tls.chain == 1 and cert.issuer_url else "certificate-untrusted"


def _disclosed(seen: Observation) -> Iterator[Finding]:
    """Find what the server discloses to any client."""
    greetings: dict[str, str] = {}  # by the version, because a greeting may hold a number of the session
    for endpoint in seen.endpoints:
        if endpoint.ntlm:
            told = ", ".join(dict.fromkeys(value for value in vars(endpoint.ntlm).values() if value))
            yield Finding("ntlm-tells", (endpoint.name,), {"told": told})
        if told := version(endpoint.greeting):
            greeting = greetings.setdefault(told, endpoint.greeting)
            yield Finding("greeting-tells", (endpoint.name,), {"greeting": greeting})
        if version(implementation(endpoint)):
            told = implementation(endpoint)
            yield Finding("implementation-tells", (endpoint.name,), {"implementation": told})
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


#: What a refusal is found to be, by its response code (RFC 2449, section 8.1; RFC 3206).
_REFUSALS = {
    "IN-USE": "logon-in-use",
    "LOGIN-DELAY": "logon-delayed",
    "SYS/TEMP": "logon-server-trouble",
    "SYS/PERM": "logon-server-trouble",
}


def _logons(seen: Observation) -> Iterator[Finding]:
    if seen.logon_trouble:
        yield Finding("logon-not-tried", (), {"reason": seen.logon_trouble})
    another_works = any(tried.accepted for tried in seen.logons)
    for tried in seen.logons:
        exception = Severity.NOTICE if another_works and not tried.accepted else None
        values: dict[str, str | int] = {"mechanism": tried.mechanism, "reply": tried.reply}
        yield Finding(_logon(tried), (tried.way,), values, exception)


def _logon(tried: LogOn) -> str:
    if tried.accepted:
        return "logon-works"
    if tried.reply.startswith("LOGIN-DELAY"):
        return "logon-delayed"
    if tried.code in _REFUSALS:
        return _REFUSALS[tried.code]
    return "logon-refused" if tried.sent else "logon-not-offered"


_RULES = (_reachable, _offered, _stls, _tls_versions, _certificates, _disclosed, _logons)
