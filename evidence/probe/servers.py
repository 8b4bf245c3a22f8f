"""Courier and Cyrus as ordinary processes on loopback; none of them as root."""

import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import trustme

from evidence.dovecot import HOST, free_port
from evidence.patience import PATIENCE
from evidence.probe.packages import environment, unpacked
from evidence.program import Failed


class Ports(NamedTuple):
    """Where a server listens."""

    port: int
    tls_port: int


_IMAPD_CONF = """\
configdirectory: {folder}/lib
partition-default: {folder}/spool
defaultpartition: default
cyrus_user: {user}
cyrus_group: {group}
servername: {host}
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {folder}/sasldb2
tls_server_cert: {pem}
tls_server_key: {pem}
tls_client_ca_dir: /etc/ssl/certs
"""

_CYRUS_CONF = """\
START {{
}}
SERVICES {{
  pop3 cmd="{pop3d} -C {conf}" listen="{host}:{port}" prefork=0
  pop3s cmd="{pop3d} -s -C {conf}" listen="{host}:{tls_port}" prefork=0
}}
EVENTS {{
}}
"""


@contextmanager
def courier(ca: trustme.CA, settings: Mapping[str, str], *, per_address: int = 4) -> Iterator[Ports]:
    """Run Courier's POP3 server without its authdaemon, so that nobody can log on.

    Args:
        ca: who issues its certificate.
        settings: variables of ``pop3d`` and ``pop3d-ssl`` that differ from those that are delivered.
        per_address: its MAXPERIP.
    """
    root, ports = unpacked("courier"), Ports(free_port(), free_port())
    with _folder(ca) as folder, ExitStack() as running:
        tls = root / "usr/bin/couriertls"
        inner = [
            str(root / "usr/lib/courier/courier" / name) for name in ("courierpop3login", "courierpop3d")
        ]
        variables = {
            "POP3AUTH_TLS": "LOGIN PLAIN",
            "POP3_STARTTLS": "YES",
            "COURIERTLS": str(tls),
            "TLS_CERTFILE": str(folder / "server.pem"),
            "TLS_VERIFYPEER": "NONE",
            **settings,
        }
        for port, way in ((ports.port, []), (ports.tls_port, [str(tls), "-server", "-tcpd"])):
            limits = ["-maxprocs=40", f"-maxperip={per_address}", "-nodnslookup", "-noidentlookup"]
            command = [str(root / "usr/sbin/couriertcpd"), f"-address={HOST}", *limits, str(port), *way]
            env = {**environment(root), **variables, **_known_user(root, folder, "courier")}
            running.enter_context(_process([*command, *inner, "Maildir"], env, folder, port))
        yield ports


@contextmanager
def cyrus(ca: trustme.CA, settings: Mapping[str, str]) -> Iterator[Ports]:
    """Run Cyrus' POP3 server without mailboxes.

    Args:
        ca: who issues its certificate.
        settings: of ``imapd.conf``.
    """
    root, ports = unpacked("cyrus"), Ports(free_port(), free_port())
    with _folder(ca) as folder:
        for name in ("lib/db", "lib/socket", "lib/proc", "spool"):
            (folder / name).mkdir(parents=True)
        conf, services = folder / "imapd.conf", folder / "cyrus.conf"
        user = _user()
        values = {
            "folder": folder,
            "user": user,
            "group": _group(user),
            "host": HOST,
            "pem": folder / "server.pem",
        }
        lines = "".join(f"{name}: {value}\n" for name, value in settings.items())
        conf.write_text(_IMAPD_CONF.format(**values) + lines, "utf-8")
        pop3d = root / "usr/lib/cyrus/bin/pop3d"
        services.write_text(_CYRUS_CONF.format(pop3d=pop3d, conf=conf, host=HOST, **ports._asdict()), "utf-8")
        _give_away(folder)
        master = [str(root / "usr/lib/cyrus/bin/master"), "-D", "-M", str(services), "-C", str(conf)]
        master += ["-p", str(folder / "pid")]
        with _process(master, environment(root), folder, ports.tls_port):
            yield ports


@contextmanager
def _folder(ca: trustme.CA) -> Iterator[Path]:
    """Give a folder that holds ``server.pem``, for the user that the server runs as."""
    folder = Path(tempfile.mkdtemp(prefix="minipop-probe-"))
    try:
        leaf = ca.issue_cert(HOST)
        pem = leaf.private_key_pem.bytes() + b"".join(blob.bytes() for blob in leaf.cert_chain_pems)
        (folder / "server.pem").write_bytes(pem)
        _give_away(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> str:
    """Return who the servers run as: oneself, but nobody in place of root."""
    return pwd.getpwuid(os.getuid()).pw_name if os.getuid() else "nobody"


def _known_user(root: Path, folder: Path, name: str) -> dict[str, str]:
    """Return variables that let a program find a user whom only the package would have made.

    Courier looks that user up for STLS, and gives up where there is none.
    """
    me, passwd, group = pwd.getpwnam(_user()), folder / "passwd", folder / "group"
    passwd.write_text(f"{name}:x:{me.pw_uid}:{me.pw_gid}::{folder}:/bin/false\n", "ascii")
    group.write_text(f"{name}:x:{me.pw_gid}:\n", "ascii")
    library = next(root.glob("usr/lib/*/libnss_wrapper.so"))
    return {
        "LD_PRELOAD": str(library),
        "NSS_WRAPPER_PASSWD": str(passwd),
        "NSS_WRAPPER_GROUP": str(group),
    }


def _group(user: str) -> str:
    return grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name


def _give_away(folder: Path) -> None:
    if os.getuid():
        return
    nobody = pwd.getpwnam("nobody")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)


@contextmanager
def _process(command: list[str], env: Mapping[str, str], folder: Path, port: int) -> Iterator[None]:
    """Run a server until the ``with`` statement ends; it listens when this begins.

    Raises:
        Failed: it does not start.
    """
    log = folder / f"{port}.log"
    user = _user() if not os.getuid() else None
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env=dict(env),
            cwd=folder,
            stdout=output,
            stderr=output,
            user=user,
            group=_group(user) if user else None,
            extra_groups=[] if user else None,
        )
    try:
        while not _listens(port):
            if process.poll() is not None:
                raise Failed(f"{Path(command[0]).name} does not start: {log.read_text('utf-8', 'replace')}")
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _listens(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(PATIENCE)
        return client.connect_ex((HOST, port)) == 0
