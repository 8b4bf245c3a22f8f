"""sslyze, in an environment of its own, looks for weak protocols and ciphers on both ports."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evidence.patience import PATIENCE
from minipop import Lab
from minipop.server.tls import authority

pytestmark = pytest.mark.slow

SSLYZE = Path(sys.prefix) / "scan" / "bin" / "python"

#: Protocols that nobody should speak any more (RFC 7568, RFC 8996).
OLD = ("ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1")

#: What an authenticated, forward-secret suite of TLS 1.2 is called (Mozilla's “intermediate” configuration).
GOOD = ("_GCM_SHA", "_CHACHA20_POLY1305_")

#: Each flaw: the scan, the field of its result, and the value that it must have.
FLAWS = (
    ("tls_compression", "supports_compression", False),
    ("openssl_ccs_injection", "is_vulnerable_to_ccs_injection", False),
    ("heartbleed", "is_vulnerable_to_heartbleed", False),
    ("session_renegotiation", "is_vulnerable_to_client_renegotiation_dos", False),
    ("session_renegotiation", "supports_secure_renegotiation", True),
    ("tls_fallback_scsv", "supports_fallback_scsv", True),
    ("tls_extended_master_secret", "supports_ems_extension", True),
)

SCANS = (
    "--sslv2 --sslv3 --tlsv1 --tlsv1_1 --tlsv1_2 --tlsv1_3 --heartbleed --openssl_ccs --compression --reneg"
)


def scan(port: int, *options: str) -> dict[str, Any]:
    """Scan a port of this machine; return the result of each scan by its name."""
    if not SSLYZE.exists():
        pytest.skip("sslyze is not installed: make test does that")
    command = [str(SSLYZE), "-m", "sslyze", *SCANS.split(), "--robot", "--fallback", "--ems"]
    run = subprocess.run(
        [*command, "--mozilla_config=disable", "--json_out=-", *options, f"127.0.0.1:{port}"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    )
    (result,) = json.loads(run.stdout)["server_scan_results"]
    assert (result["scan_status"], result["connectivity_status"]) == ("COMPLETED", "COMPLETED")
    return {name: told["result"] for name, told in result["scan_result"].items() if told and told["result"]}


def suites(results: dict[str, Any], protocol: str) -> list[str]:
    accepted = results[f"{protocol}_cipher_suites"]["accepted_cipher_suites"]
    return [suite["cipher_suite"]["name"] for suite in accepted]


def weaknesses(results: dict[str, Any]) -> list[str]:
    """Say what is weak; nothing if all is well."""
    found = [f"{protocol}: {suite}" for protocol in OLD for suite in suites(results, protocol)]
    found += [
        f"weak suite: {suite}"
        for suite in suites(results, "tls_1_2")
        if not suite.startswith("TLS_ECDHE_") or not any(good in suite for good in GOOD)
    ]
    found += [f"{name}: {field}" for name, field, wanted in FLAWS if results[name][field] is not wanted]
    if not results["robot"]["robot_result"].startswith("NOT_VULNERABLE"):
        found.append("robot")
    return found


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab() as started:
        yield started


@pytest.mark.parametrize("way", ["995", "110 after STLS"])
def test_no_weak_protocol_or_cipher_is_spoken(way: str, lab: Lab) -> None:
    results = scan(lab.tls_port) if way == "995" else scan(lab.port, "--starttls=pop3")
    assert suites(results, "tls_1_2")  # it was TLS that was scanned
    assert suites(results, "tls_1_3")
    assert weaknesses(results) == []


def test_the_scan_finds_a_weak_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    weak = authority().server_context()
    weak.set_ciphers("ECDHE+AES")  # OpenSSL's name for a set that holds CBC
    monkeypatch.setattr("minipop.server.tls.Authority.server_context", lambda *_: weak)
    with Lab() as broken:
        found = weaknesses(scan(broken.tls_port))
    assert "weak suite: TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384" in found
    assert all(finding.startswith("weak suite: ") for finding in found)
