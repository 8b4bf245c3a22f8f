"""The probe against a server that is none of ours: Dovecot, as an ordinary process on loopback."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence import dovecot as running
from evidence.dovecot import HOST
from tests.probe import servers
from tests.probe.running import probe


@pytest.fixture(params=["yes", "no"])
def dovecot(request: pytest.FixtureRequest) -> Iterator[tuple[str, int, int]]:
    """Start Dovecot; give disable_plaintext_auth and both ports."""
    if not running.installed():
        pytest.skip(running.ABSENT)
    with running.dovecot(request.param, ca=servers.authority()) as server:
        yield request.param, server.port, server.tls_port


def test_dovecot_is_seen_as_it_is_set_up(
    dovecot: tuple[str, int, int],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disabled, port, tls_port = dovecot
    monkeypatch.setattr("sys.stdin", io.StringIO("Sommer2026\n"))
    ca = ["--ca-file", servers.ca_file(tmp_path)]
    found = probe(capsys, port, tls_port, *ca, "--user", "anna", "--password-stdin", host=HOST)
    plain = found.way("plain")
    taken = {name for name, answer in plain["answers"].items() if answer["accepted"]}
    assert taken == (set() if disabled == "yes" else {"USER", "PLAIN", "LOGIN"})
    clear = "not-offered" if disabled == "yes" else "password-and-mail-readable"
    assert [found.row(way)[0] for way in ("plain", "stls", "tls")] == [
        clear,
        "all-encrypted",
        "all-encrypted",
    ]
    assert found.way("stls")["auth_listed"] == ["PLAIN", "LOGIN"]
    assert found.way("stls")["injection"] == "not-answered"
    versions = {"1.0": "refused", "1.1": "refused", "1.2": "accepted", "1.3": "accepted"}
    assert found.way("stls")["tls"]["versions"] == versions
    assert found.way("tls")["tls"]["versions"] == versions
    assert [logon["accepted"] for logon in found.data["logons"]] == [True, True]
    assert found.status == (0 if disabled == "yes" else 3)
    assert found.codes("warning") == {}
