"""Dovecot, a server that is none of ours, as an ordinary process on loopback."""

import getpass
import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.probe import servers

DOVECOT = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

ABSENT = "the Debian package dovecot-pop3d is not installed"

#: Another loopback address than the client's: to a client with its own address Dovecot trusts without TLS.
HOST = "127.0.0.2"

CONF = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = pop3
listen = {host}
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {login_user}
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
{more}
"""

#: Settings for many short sessions: nobody is made to wait for a wrong password, and a process serves many.
BUSY = """\
auth_failure_delay = 0
mail_fsync = never
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service pop3-login {
  service_count = 0
  process_min_avail = 1
}
service pop3 {
  service_count = 0
  process_min_avail = 4
}
"""


def free_port() -> int:
    with socket.create_server((HOST, 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


@contextmanager
def dovecot(disable: str, maildirs: Path | None = None) -> Iterator[tuple[int, int]]:
    """Run Dovecot; give its ports for plain text and for TLS.

    Args:
        disable: its disable_plaintext_auth, ``yes`` or ``no``.
        maildirs: holds a Maildir for each user, of which it serves a copy; None for empty ones.
    """
    with tempfile.TemporaryDirectory(prefix="minipop-dovecot-") as folder:
        if maildirs:
            shutil.copytree(maildirs, Path(folder, "mail"))
        with serving(Path(folder), disable) as ports:
            yield ports


@contextmanager
def serving(
    folder: Path, disable: str, passwords: Mapping[str, str] | None = None, more: str = ""
) -> Iterator[tuple[int, int]]:
    """Run Dovecot on a folder that the caller keeps; give its ports for plain text and for TLS.

    Args:
        folder: holds everything of it, the Maildirs in ``mail``, one for each user.
        disable: its disable_plaintext_auth, ``yes`` or ``no``.
        passwords: of its users by their names; None for Anna alone.
        more: further lines of its configuration.
    """
    if DOVECOT is None or not Path("/usr/lib/dovecot/pop3").exists():
        pytest.skip(ABSENT)
    leaf = servers.authority().issue_cert(HOST)
    pem = leaf.private_key_pem.bytes() + b"".join(blob.bytes() for blob in leaf.cert_chain_pems)
    (folder / "server.pem").write_bytes(pem)
    users = passwords or {"anna": "Sommer2026"}
    (folder / "users").write_text("".join(f"{name}:{{PLAIN}}{users[name]}\n" for name in users), "utf-8")
    port, tls_port = free_port(), free_port()
    values = dict(_users(folder), host=HOST, folder=folder, disable=disable, port=port, tls_port=tls_port)
    conf = folder / "dovecot.conf"
    conf.write_text(CONF.format(more=more, **values), "utf-8")
    process = subprocess.Popen(
        [DOVECOT, "-c", str(conf), "-F"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        for each in (port, tls_port):
            _wait(process, each, folder / "log")
        yield port, tls_port
    finally:
        process.terminate()
        process.communicate(timeout=20)


def version() -> str:
    """Return Dovecot's version, such as ``2.3.19.1``."""
    if DOVECOT is None:
        raise RuntimeError(ABSENT)
    told = subprocess.run([DOVECOT, "--version"], capture_output=True, text=True, check=True, timeout=20)
    return told.stdout.split()[0]


def _users(folder: Path) -> dict[str, object]:
    """Say who the processes run as: oneself, or, as Dovecot insists for root, the users of its package."""
    mail = folder / "mail"
    mail.mkdir(exist_ok=True)
    if os.getuid():
        me, group = getpass.getuser(), grp.getgrgid(os.getgid()).gr_name
        return {"user": me, "login_user": me, "group": group, "uid": os.getuid(), "gid": os.getgid()}
    nobody = pwd.getpwnam("nobody")
    folder.chmod(0o755)
    for path in (mail, *mail.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    uid, gid = nobody.pw_uid, nobody.pw_gid
    return {"user": "dovecot", "login_user": "dovenull", "group": "dovecot", "uid": uid, "gid": gid}


def _wait(process: "subprocess.Popen[str]", port: int, log: Path) -> None:
    """Try the port until Dovecot listens there, or has ended."""
    while process.poll() is None:
        with socket.socket() as client:
            client.settimeout(20)
            if client.connect_ex((HOST, port)) == 0:
                return
    told = log.read_text("utf-8") if log.exists() else ""
    raise AssertionError(f"{process.communicate()[1]}\n{told}")
