"""What a probe sees, as data: three ways in, and what is to be seen on each."""

from dataclasses import dataclass, field
from datetime import datetime

from .certificate import Certificate
from .connection import Trouble
from .logon import LogOn
from .ntlm import Told

#: The ways in: 110 as it is, 110 after STLS, 995.
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
        trouble: the kind of `Trouble` that came instead.
    """

    reply: str
    trouble: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the server said yes, or went on."""
        return self.reply.startswith("+")


@dataclass
class Seal:
    """What is to be seen of TLS on a way in.

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

    def speaks(self, *versions: str) -> list[str]:
        """Return which of these versions are accepted."""
        return [version for version in versions if self.versions.get(version) == "accepted"]


@dataclass
class Way:
    """What is to be seen on one way in.

    Args:
        name: `PLAIN`, `STLS` or `TLS`.
        port: its port.
        trouble: why nothing is to be seen.
        greeting: the server's first line; after STLS there is none.
        capabilities: the lines of CAPA, None if it is not answered.
        listed: the SASL mechanisms that CAPA lists.
        auth_listed: those that a bare AUTH lists.
        answers: by ``USER`` or mechanism: what came back when it was begun.
        told: what NTLM's challenge told.
        seal: TLS, None in clear.
        injection: what became of a command sent in clear in the same packet as STLS: ``answered`` inside TLS
            (CVE-2011-0411), ``not-answered``, or ``unknown``; empty where there is no STLS.
    """

    name: str
    port: int
    trouble: Trouble | None = None
    greeting: str = ""
    capabilities: tuple[str, ...] | None = None
    listed: tuple[str, ...] = ()
    auth_listed: tuple[str, ...] = ()
    answers: dict[str, Answer] = field(default_factory=dict)
    told: Told | None = None
    seal: Seal | None = None
    injection: str = ""

    def takes(self, *questions: str) -> list[str]:
        """Return which of these ways to log on were begun without refusal."""
        return [
            question for question in questions if question in self.answers and self.answers[question].accepted
        ]


@dataclass
class Observation:
    """Everything that was seen.

    Args:
        target: where.
        when: when, in UTC.
        ways: the three ways in, in their order.
        logons: the log-ons that were tried, if a name was given.
        logon_trouble: why no log-on was tried although a name was given.
    """

    target: Target
    when: datetime
    ways: list[Way]
    logons: list[LogOn] = field(default_factory=list)
    logon_trouble: str = ""

    @property
    def answered(self) -> bool:
        """Whether there is a POP3 server on any port."""
        return any(way.trouble is None for way in self.ways)
