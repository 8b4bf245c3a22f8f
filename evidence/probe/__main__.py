"""Put the probe to Dovecot, Courier and Cyrus in several set-ups: ``python -m evidence.probe [--short]``.

It fails if the probe misses what is typed here by hand, or finds anything worse than that. The short form
looks at all of them, too.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import trustme

from evidence import dovecot, record
from evidence.dovecot import HOST
from evidence.patience import PATIENCE
from evidence.probe.servers import courier, cyrus
from evidence.program import Failed, parser, run


class Listening(Protocol):
    """Where a server listens."""

    @property
    def port(self) -> int:
        """The port that begins in clear."""

    @property
    def tls_port(self) -> int:
        """The port that begins with TLS."""


@dataclass(frozen=True)
class Case:
    """A server as it is set up, and what the probe must find: typed by hand.

    Args:
        start: runs it, with a certificate of an authority.
        software: what the probe must call it.
        password: what can be read of a password on 110.
        challenge: the same of APOP, CRAM and their kin.
        bad: the dangers and warnings, all of them.
        perhaps: what is bad in some versions of the package alone.
    """

    start: Callable[[trustme.CA], AbstractContextManager[Listening]]
    software: str
    password: str
    challenge: str
    bad: tuple[str, ...]
    perhaps: tuple[str, ...] = ()


NO, READABLE, HASH = "not-offered", "password-and-mail-readable", "hash-and-mail-readable"

#: Cyrus without a password in clear, as it is delivered; with APOP, CRAM-MD5 and DIGEST-MD5.
_CHALLENGES = {"allowplaintext": "no", "allowapop": "yes", "sasl_mech_list": "PLAIN CRAM-MD5 DIGEST-MD5"}
_NEW_TLS = {"tls_versions": "tls1_2 tls1_3"}

#: What Courier does before 1.1.5 (CVE-2021-38084). It takes old versions of TLS as it is delivered.
_FLAW = ("stls-injection",)

CASES = {
    "dovecot": Case(lambda ca: dovecot.dovecot("yes", ca=ca), "dovecot", NO, NO, ()),
    "dovecot, plaintext": Case(
        lambda ca: dovecot.dovecot("no", ca=ca), "dovecot", READABLE, NO, ("password-in-clear",)
    ),
    "cyrus": Case(
        lambda ca: cyrus(
            ca, {"allowplaintext": "no", "allowapop": "no", "sasl_mech_list": "PLAIN", **_NEW_TLS}
        ),
        "cyrus",
        NO,
        NO,
        (),
    ),
    "cyrus, challenges": Case(
        lambda ca: cyrus(ca, {**_CHALLENGES, **_NEW_TLS}), "cyrus", NO, HASH, ("challenge-in-clear",)
    ),
    "courier": Case(
        lambda ca: courier(ca, {"POP3AUTH": "LOGIN CRAM-MD5"}),
        "courier",
        READABLE,
        HASH,
        ("challenge-in-clear", "password-in-clear", "tls-old"),
        _FLAW,
    ),
    "courier, one connection": Case(
        lambda ca: courier(ca, {"POP3AUTH": ""}, per_address=1),
        "courier",
        READABLE,
        NO,
        ("password-in-clear", "tls-old"),
        _FLAW,
    ),
    "courier, TLS required": Case(
        lambda ca: courier(ca, {"POP3_TLS_REQUIRED": "1"}), "courier", NO, NO, ("tls-old",), _FLAW
    ),
}

#: What its record must list.
LISTED = {"probe": {"servers": list(CASES)}}


def probed(case: Case) -> dict[str, Any]:
    """Start a server, run the probe as an administrator would, and return its report.

    Raises:
        Failed: the probe gave none.
    """
    ca = trustme.CA()
    with _file(ca) as ca_file, case.start(ca) as server:
        command = [
            sys.executable,
            "-m",
            "minipop",
            "probe",
            HOST,
            "--json",
            "--ca-file",
            ca_file,
        ]
        command += ["--port", str(server.port), "--tls-port", str(server.tls_port)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10 * PATIENCE)
    if not done.stdout:
        raise Failed(f"no report: {done.stderr}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def found_in(report: dict[str, Any]) -> dict[str, Any]:
    """Return what of a report is compared and kept."""
    plain = report["verdict"]["plain"]
    bad = {f["code"] for f in report["findings"] if f["severity"] in ("danger", "warning")}
    return {
        "software": report["server"],
        "password": plain["password"],
        "challenge": plain["challenge"],
        "bad": sorted(bad),
    }


def main() -> None:
    """Probe them all, compare, and keep what was found."""
    options = parser("probe", __doc__).parse_args()
    servers = {}
    for name, case in CASES.items():
        report = probed(case)
        found = servers[name] = found_in(report)
        expected = {key: getattr(case, key) for key in ("software", "password", "challenge")}
        bad = set(found["bad"]) - set(case.perhaps)
        if {**found, "bad": bad} != {**expected, "bad": set(case.bad)}:
            raise Failed(f"{name}: {found}")
        print(f"{name:24} {report['severity']:8} {', '.join(found['bad']) or '-'}")
    if not options.short:
        record.keep("probe", {"servers": servers})


@contextmanager
def _file(ca: trustme.CA) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="minipop-ca-") as folder:
        file = Path(folder, "ca.pem")
        ca.cert_pem.write_to_path(file)
        yield str(file)


if __name__ == "__main__":
    run("probe", main)
