"""What a probe observes, as data: three endpoints, and what each of them shows."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from .certificate import Certificate
from .client import ProbeError
from .mechanisms import COLUMNS, column
from .ntlm import NtlmTargetInfo

#: The endpoints: 110 as it is, 110 after STLS, 995.
PLAIN, STLS, TLS = "plain", "stls", "tls"

#: Whether something is offered: *unknown* is no *no*.
YES, NO, UNKNOWN = "yes", "no", "unknown"

#: Response codes of a refusal that says nothing of tomorrow (RFC 2449, section 8.1; RFC 3206).
_PASSING = ("[IN-USE]", "[LOGIN-DELAY]", "[SYS/TEMP]")

_RESPONSE_CODE = re.compile(r"-ERR \[([A-Z0-9/-]+)\]")


@dataclass(frozen=True)
class Target:
    """What is probed, and how.

    Args:
        host: name or address to connect to.
        name: the name to expect in the certificate.
        port: the 110-style port.
        tls_port: the 995-style port.
        ca_file: PEM file of the authorities to trust, None for the system's.
        timeout: seconds for each reply and each handshake.
        pause: seconds between two connections.
        deadline: seconds for the whole run.
        cert: PEM file of the certificate that the probe shows, with its chain; None for none.
        key: PEM file of its key; None if it is in the same file.
    """

    host: str
    name: str
    port: int = 110
    tls_port: int = 995
    ca_file: str | None = None
    timeout: float = 10.0
    pause: float = 0.0
    deadline: float = 60.0
    cert: str | None = None
    key: str | None = None


@dataclass(frozen=True)
class Answer:
    """What came back for a question.

    Args:
        reply: the server's line, for display; empty if none came.
        trouble: the kind of `ProbeError` that came instead.
    """

    reply: str
    trouble: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the reply was positive or a challenge."""
        return self.reply.startswith("+")

    @property
    def refused(self) -> bool:
        """Whether the reply was a no that will still hold tomorrow."""
        return self.reply.startswith("-") and not any(code in self.reply.upper() for code in _PASSING)


@dataclass(frozen=True)
class LogOn:
    """A log-on that was tried.

    Args:
        way: the name of the endpoint.
        mechanism: ``USER/PASS`` or ``AUTH PLAIN``.
        accepted: whether it worked.
        reply: the server's last line, without the password should it be in it.
        sent: whether the password went out; not if the server refused before.
    """

    way: str
    mechanism: str
    accepted: bool
    reply: str
    sent: bool

    @property
    def code(self) -> str:
        """The response code of a refusal, such as ``IN-USE`` (RFC 2449, section 8); empty if it has none."""
        found = _RESPONSE_CODE.match(self.reply.upper())
        return found[1] if found else ""


@dataclass
class TlsState:
    """What an endpoint shows of TLS.

    Args:
        versions: for each of `tls.VERSIONS`: ``accepted``, ``refused``, ``unanswered``, or ``untestable``
            where this machine's OpenSSL cannot speak it.
        negotiated: the version when both sides may choose, such as ``TLSv1.3``.
        cipher: the cipher suite then.
        chain: how many certificates the server sends.
        certificate: the certificate, None if it cannot be read.
        trust_error: why a client would not trust it, empty if it would; names are judged apart.
        fits: whether it holds the name expected.
    """

    versions: dict[str, str] = field(default_factory=dict)
    negotiated: str = ""
    cipher: str = ""
    chain: int = 0
    certificate: Certificate | None = None
    trust_error: str = ""
    fits: bool = False

    def that_are(self, outcome: str) -> list[str]:
        """Return the versions with that outcome, the oldest first."""
        return [version for version, found in self.versions.items() if found == outcome]


@dataclass
class Endpoint:
    """What one of the three endpoints shows.

    Args:
        name: `PLAIN`, `STLS` or `TLS`.
        port: its port.
        trouble: why nothing can be seen.
        turned_away: how many connections the server turned away after it had let in others.
        limited: whether it still did so when the probe had waited.
        greeting: the server's first line; after STLS there is none.
        capa: what came back for CAPA.
        capabilities: the lines of CAPA, None if it is not answered with a whole list.
        auth: what came back for a bare AUTH.
        listed: the SASL mechanisms that CAPA lists.
        auth_listed: those that a bare AUTH lists.
        answers: by ``USER``, ``APOP`` or mechanism: what came back when it was begun; for APOP, the greeting
            with the time stamp.
        ntlm: what NTLM's challenge discloses.
        tls: TLS, None in clear.
        injection: what became of a command sent in clear in the same packet as STLS: ``answered`` inside TLS
            (CVE-2011-0411), ``not-answered``, or ``unknown``; empty where there is no STLS.
    """

    name: str
    port: int
    trouble: ProbeError | None = None
    turned_away: int = 0
    limited: bool = False
    greeting: str = ""
    capa: Answer = Answer("")
    auth: Answer = Answer("")
    capabilities: tuple[str, ...] | None = None
    listed: tuple[str, ...] = ()
    auth_listed: tuple[str, ...] = ()
    answers: dict[str, Answer] = field(default_factory=dict)
    ntlm: NtlmTargetInfo | None = None
    tls: TlsState | None = None
    injection: str = ""

    def lists(self, capability: str) -> bool:
        """Tell whether CAPA lists a capability that has no arguments."""
        return capability in map(str.upper, self.capabilities or ())

    @property
    def login_delay(self) -> int:
        """The seconds that must lie between two log-ons (RFC 2449, section 6.5); 0 if CAPA names none."""
        words = (line.upper().split() for line in self.capabilities or ())
        found = (
            w[1]
            for w in words
            if len(w) > 1 and w[0] == "LOGIN-DELAY" and w[1].isascii() and w[1].isdecimal()
        )
        return int(next(found, "0")[:9])

    def offers(self, name: str) -> str:
        """Return whether a log-on is offered: `YES`, `NO` or `UNKNOWN`."""
        answer = self.answers.get(name)
        if answer is None:
            return NO if self.trouble is None else UNKNOWN
        if answer.accepted:
            return YES
        # A server that talks, and hangs up when it is asked for this, has refused it.
        hung_up = answer.trouble == "hung-up" and any(a.reply for a in self._all_answers())
        return NO if answer.refused or hung_up else UNKNOWN

    def that_are(self, outcome: str, of: str | None = None) -> list[str]:
        """Return the log-ons that are offered, refused or unknown.

        Args:
            outcome: `YES`, `NO` or `UNKNOWN`.
            of: a row of the table, None for all rows.
        """
        asked = sorted(self.answers, key=lambda name: name != "USER")  # stable
        order = [*COLUMNS.get(of or "", ()), *asked]
        found = [name for name in asked if self.offers(name) == outcome and of in (None, column(name))]
        return sorted(found, key=order.index)

    def _all_answers(self) -> list[Answer]:
        return [self.capa, self.auth, *(a for name, a in self.answers.items() if name != "APOP")]


@dataclass
class Observation:
    """All that was observed.

    Args:
        target: the server.
        when: when, in UTC.
        endpoints: the three endpoints, in the order of their names above.
        logons: the log-ons that were tried, if a name was given.
        logon_trouble: why no log-on was tried although a name was given.
        out_of_time: whether the time for the whole run was over before all was seen.
        software: the server program that greeting and CAPA name, see `minipop.probe.software`; empty if none.
    """

    target: Target
    when: datetime
    endpoints: list[Endpoint]
    logons: list[LogOn] = field(default_factory=list)
    logon_trouble: str = ""
    out_of_time: bool = False
    software: str = ""

    @property
    def answered(self) -> bool:
        """Whether there is a POP3 server on any port, or one that this probe may not look at."""
        kinds = [endpoint.trouble and endpoint.trouble.kind for endpoint in self.endpoints]
        return any(kind in (None, "client-certificate", "limited") for kind in kinds)
