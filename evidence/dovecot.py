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
from typing import NamedTuple

import trustme

from evidence.patience import PATIENCE

DOVECOT = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

ABSENT = "Dovecot is not installed; on Debian or Ubuntu: apt install dovecot-pop3d"

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
mail_location = maildir:{mail}/%n
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
  args = uid={uid} gid={gid} home={mail}/%n
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
    """Return a port of `HOST` that is free just now."""
    with socket.create_server((HOST, 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


class Running(NamedTuple):
    """Where Dovecot listens, and its first process."""

    port: int
    tls_port: int
    pid: int


@contextmanager
def dovecot(disable: str, maildirs: Path | None = None, ca: trustme.CA | None = None) -> Iterator[Running]:
    """Run Dovecot with Anna's account.

    Args:
        disable: its disable_plaintext_auth, ``yes`` or ``no``.
        maildirs: holds a Maildir for each user, of which it serves a copy; None for empty ones.
        ca: who issues its certificate, None for somebody unknown.
    """
    with tempfile.TemporaryDirectory(prefix="minipop-mail-") as temporary:
        mail = Path(temporary, "mail")
        if maildirs:
            shutil.copytree(maildirs, mail)
        else:
            mail.mkdir()
        with running(mail, {"anna": "Sommer2026"}, disable=disable, ca=ca) as server:
            yield server


def installed() -> bool:
    """Tell whether the Debian package dovecot-pop3d is there."""
    return DOVECOT is not None and Path("/usr/lib/dovecot/pop3").exists()


def version() -> str:
    """Return Dovecot's version, such as ``2.3.19.1``.

    Raises:
        RuntimeError: it is not installed.
    """
    if DOVECOT is None:
        raise RuntimeError(ABSENT)
    told = subprocess.run(
        [DOVECOT, "--version"], capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    return told.stdout.split()[0]


@contextmanager
def running(
    mail: Path,
    passwords: Mapping[str, str],
    *,
    disable: str = "no",
    settings: str = "",
    ca: trustme.CA | None = None,
) -> Iterator[Running]:
    """Run Dovecot on Maildirs.

    Args:
        mail: holds a Maildir for each user, named as what stands before an ``@`` in the user's name. For
            root, whose mail Dovecot does not serve, they are given to another user.
        passwords: the passwords by the names of the users.
        disable: its disable_plaintext_auth, ``yes`` or ``no``.
        settings: lines that are added to its configuration.
        ca: who issues its certificate, None for somebody unknown.

    Raises:
        RuntimeError: it is not installed, or does not start.
    """
    if not installed():
        raise RuntimeError(ABSENT)
    temporary = tempfile.TemporaryDirectory(prefix="minipop-dovecot-")
    folder = Path(temporary.name)
    leaf = (ca or trustme.CA()).issue_cert(HOST)
    pem = leaf.private_key_pem.bytes() + b"".join(blob.bytes() for blob in leaf.cert_chain_pems)
    (folder / "server.pem").write_bytes(pem)
    users = "".join(f"{name}:{{PLAIN}}{password}\n" for name, password in passwords.items())
    (folder / "users").write_text(users, "utf-8")
    port, tls_port = free_port(), free_port()
    values = dict(
        _users(folder, mail),
        host=HOST,
        folder=folder,
        mail=mail,
        disable=disable,
        port=port,
        tls_port=tls_port,
    )
    conf = folder / "dovecot.conf"
    conf.write_text(CONF.format(**values) + settings, "utf-8")
    process = subprocess.Popen(
        [str(DOVECOT), "-c", str(conf), "-F"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        for each in (port, tls_port):
            _wait(process, each, folder / "log")
        yield Running(port, tls_port, process.pid)
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)
        temporary.cleanup()


def _users(folder: Path, mail: Path) -> dict[str, object]:
    """Say who the processes run as: oneself, or, as Dovecot insists for root, the users of its package."""
    if os.getuid():
        me, group = getpass.getuser(), grp.getgrgid(os.getgid()).gr_name
        return {"user": me, "login_user": me, "group": group, "uid": os.getuid(), "gid": os.getgid()}
    nobody = pwd.getpwnam("nobody")
    for path in (folder, mail.parent):
        path.chmod(0o755)
    for path in (mail, *mail.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    uid, gid = nobody.pw_uid, nobody.pw_gid
    return {"user": "dovecot", "login_user": "dovenull", "group": "dovecot", "uid": uid, "gid": gid}


def _wait(process: "subprocess.Popen[str]", port: int, log: Path) -> None:
    """Try the port until Dovecot listens there, or has ended."""
    while process.poll() is None:
        with socket.socket() as client:
            client.settimeout(PATIENCE)
            if client.connect_ex((HOST, port)) == 0:
                return
    told = log.read_text("utf-8") if log.exists() else ""
    raise RuntimeError(f"{process.communicate()[1]}\n{told}")
