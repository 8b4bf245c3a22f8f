"""What a probe observes, as data: three endpoints, and what each of them shows."""

from dataclasses import dataclass, field
from datetime import datetime

from .certificate import Certificate
from .client import ProbeError
from .logon import LogOn
from .ntlm import NtlmTargetInfo

#: The endpoints: 110 as it is, 110 after STLS, 995.
PLAIN, STLS, TLS = "plain", "stls", "tls"


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
    """

    host: str
    name: str
    port: int = 110
    tls_port: int = 995
    ca_file: str | None = None
    timeout: float = 10.0


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


@dataclass
class TlsState:
    """What an endpoint shows of TLS.

    Args:
        versions: for each of `tls.VERSIONS`: ``accepted``, ``refused``, ``unanswered``, or ``untestable``
            where this machine's OpenSSL cannot speak it.
        negotiated: the version when both sides may choose, such as ``TLSv1.3``.
        cipher: the cipher suite then.
        certificate: the certificate, None if it cannot be read.
        trust_error: why a client would not trust it, empty if it would; names are judged apart.
        fits: whether it holds the name expected.
    """

    versions: dict[str, str] = field(default_factory=dict)
    negotiated: str = ""
    cipher: str = ""
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
        greeting: the server's first line; after STLS there is none.
        capabilities: the lines of CAPA, None if it is not answered.
        listed: the SASL mechanisms that CAPA lists.
        auth_listed: those that a bare AUTH lists.
        answers: by ``USER`` or mechanism: what came back when it was begun.
        ntlm: what NTLM's challenge discloses.
        tls: TLS, None in clear.
        injection: what became of a command sent in clear in the same packet as STLS: ``answered`` inside TLS
            (CVE-2011-0411), ``not-answered``, or ``unknown``; empty where there is no STLS.
    """

    name: str
    port: int
    trouble: ProbeError | None = None
    greeting: str = ""
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

    def takes(self, questions: tuple[str, ...]) -> list[str]:
        """Return which of these log-ons were begun without refusal."""
        return [name for name in questions if name in self.answers and self.answers[name].accepted]


@dataclass
class Observation:
    """All that was observed.

    Args:
        target: the server.
        when: when, in UTC.
        endpoints: the three endpoints, in the order of their names above.
        logons: the log-ons that were tried, if a name was given.
        logon_trouble: why no log-on was tried although a name was given.
    """

    target: Target
    when: datetime
    endpoints: list[Endpoint]
    logons: list[LogOn] = field(default_factory=list)
    logon_trouble: str = ""

    @property
    def answered(self) -> bool:
        """Whether there is a POP3 server on any port."""
        return any(endpoint.trouble is None for endpoint in self.endpoints)
