"""The probe against a server that is none of ours: Dovecot, as an ordinary process on loopback."""

import getpass
import grp
import io
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.probe import servers
from tests.probe.running import probe

DOVECOT = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

CONF = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = pop3
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{folder}/mail/%u
ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.pem
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = {disable}
auth_mechanisms = plain login
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {port}
  }}
  inet_listener pop3s {{
    port = {tls_port}
  }}
}}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


@pytest.fixture(params=["yes", "no"])
def dovecot(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, int, int]]:
    """Start Dovecot; give disable_plaintext_auth and both ports."""
    if DOVECOT is None or not Path("/usr/lib/dovecot/pop3").exists():
        pytest.skip("the Debian package dovecot-pop3d is not installed")
    servers.authority()
    leaf = servers.authority().issue_cert("127.0.0.1")
    pem = leaf.private_key_pem.bytes() + b"".join(blob.bytes() for blob in leaf.cert_chain_pems)
    (tmp_path / "server.pem").write_bytes(pem)
    (tmp_path / "users").write_text("anna:Sommer2026\n", "utf-8")
    values = {
        "folder": tmp_path,
        "user": getpass.getuser(),
        "group": grp.getgrgid(os.getgid()).gr_name,
        "uid": os.getuid(),
        "gid": os.getgid(),
        "disable": request.param,
        "port": free_port(),
        "tls_port": free_port(),
    }
    conf = tmp_path / "dovecot.conf"
    conf.write_text(CONF.format(**values), "utf-8")
    process = subprocess.Popen(
        [DOVECOT, "-c", str(conf), "-F"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        for port in (values["port"], values["tls_port"]):
            _wait(process, int(port), tmp_path / "log")
        yield request.param, int(values["port"]), int(values["tls_port"])
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _wait(process: "subprocess.Popen[str]", port: int, log: Path) -> None:
    """Try the port until Dovecot listens there, or has ended."""
    while process.poll() is None:
        with socket.socket() as client:
            client.settimeout(20)
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
    told = log.read_text("utf-8") if log.exists() else ""
    raise AssertionError(f"{process.communicate()[1]}\n{told}")


def test_dovecot_is_seen_as_it_is_set_up(
    dovecot: tuple[str, int, int],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disabled, port, tls_port = dovecot
    monkeypatch.setattr("sys.stdin", io.StringIO("Sommer2026\n"))
    ca = ["--ca-file", servers.ca_file(tmp_path)]
    found = probe(capsys, port, tls_port, *ca, "--user", "anna", "--password-stdin")
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
