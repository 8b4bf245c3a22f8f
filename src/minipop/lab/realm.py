"""A throw-away Kerberos realm of MIT's own programs, on loopback: what Active Directory is to Exchange.

`kdb5_util` makes the database, `kadmin.local` the principals, `krb5kdc` answers on one TCP port. All files
lie in one temporary folder. The KDC never outlives this process, see `minipop.lab.subprocesses`.
"""

import importlib.util
import itertools
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Self

from minipop.exchange import Account

from .data import template, texts
from .subprocesses import ATTEMPTS, PATIENCE, ChildProcess, free_port, spawn, terminate

#: The DNS domain in capitals, as Active Directory names its realm.
REALM = "MUSTER.EXAMPLE"

#: The first part of the service's principal; Exchange registers it in Active Directory, clients ask for it.
SERVICE = "pop"

#: Each program and the Debian package that holds it.
PROGRAMS = {
    "krb5kdc": "krb5-kdc",
    "kdb5_util": "krb5-kdc",
    "kadmin.local": "krb5-admin-server",
    "kinit": "krb5-user",
}

#: Where administrators' programs are; searched as well, because an ordinary user's PATH often lacks these.
SBIN = ("/usr/local/sbin", "/usr/sbin", "/sbin")


class RealmError(RuntimeError):
    """The realm cannot be started, or gives no ticket; the text says why in one line, without passwords."""


def missing(lang: str = "en") -> str | None:
    """Say in one sentence what Kerberos needs and is not installed; None if everything is there.

    Args:
        lang: the reader's language, ``de`` or ``en``.
    """
    remedies = []
    absent = [name for name in PROGRAMS if _program(name) is None]
    if absent:
        remedies.append(f"apt install {' '.join(dict.fromkeys(PROGRAMS[name] for name in absent))}")
    if importlib.util.find_spec("gssapi") is None:
        absent.append("Python's gssapi")
        remedies += ["apt install libkrb5-dev gcc python3-dev", "python -m pip install gssapi"]
    if not absent:
        return None
    words = texts(lang)["kerberos"]
    if sys.platform != "linux":  # because what follows is for Debian, and nobody builds MIT's KDC for Windows
        return words["elsewhere"]
    return words["missing"].format(absent=", ".join(absent), remedies=" && ".join(remedies))


class Realm(ChildProcess):
    """The realm MUSTER.EXAMPLE: a principal for each account, one for the POP3 service, a KDC that answers.

    Use it in a ``with`` statement, or call `start` and `stop`. Two may run at once. Encryption is
    AES-256 and the client has to prove its password first (pre-authentication), both as in Active Directory.
    Unlike there, the names of principals are case-sensitive.

    Args:
        accounts: those with a sAMAccountName and a password become principals, such as
            ``anna@MUSTER.EXAMPLE``.
        service_host: the host in the service's principal ``pop/<host>``, as the clients write it.
    """

    #: The realm's name.
    name = REALM

    def __init__(self, accounts: Iterable[Account], *, service_host: str = "localhost") -> None:
        super().__init__()
        self._passwords = {a.sam: a.password for a in accounts if a.sam and a.password is not None}
        self._host = service_host
        self._tickets = itertools.count(1)

    # -- starting and stopping --------------------------------------------------------------------

    def start(self) -> Self:
        """Make the realm and start its KDC, which answers when this returns.

        Raises:
            RealmError: something is not installed, a name or password cannot be used, or a program failed.
        """
        if self._folder:
            raise RealmError("this realm is running already; stop() ends it")
        lacks = missing()
        if lacks:
            raise RealmError(lacks)
        commands = self._commands()
        self._set_up("minipop-realm-", self._configure, partial(self._create, commands), self._serve)
        return self

    # -- what clients and the service need --------------------------------------------------------

    @property
    def config(self) -> Path:
        """The ``krb5.conf`` of the realm, for KRB5_CONFIG."""
        return self._started() / "krb5.conf"

    @property
    def keytab(self) -> Path:
        """The key of the service, for `minipop.exchange.mechanisms.gssapi`."""
        return self._started() / "keytab"

    @property
    def service(self) -> str:
        """The service's principal without the realm, such as ``pop/localhost``."""
        return f"{SERVICE}/{self._host}"

    def environment(self, cache: Path | None = None) -> dict[str, str]:
        """Return the environment variables that point a client's Kerberos to this realm.

        Args:
            cache: the credential cache that `ticket` returned; None for a client that has none.
        """
        tickets = cache or self._started() / "no-ticket"
        return {"KRB5_CONFIG": str(self.config), "KRB5CCNAME": f"FILE:{tickets}"}

    def ticket(self, name: str, password: str) -> Path:
        """Fetch a ticket-granting ticket with MIT's `kinit`, as a log-on at a Windows workstation does.

        Args:
            name: the sAMAccountName.
            password: goes to `kinit` through a pipe, never onto its command line.

        Returns:
            The credential cache, a file; each call makes a new one.

        Raises:
            RealmError: wrong password, unknown name.
        """
        cache = self._started() / f"ticket-{next(self._tickets)}"
        done = self._run("kinit", "-c", f"FILE:{cache}", "--", f"{name}@{REALM}", says=f"{password}\n")
        if done.returncode:
            said = done.stderr.strip().removeprefix("kinit: ").partition(" while ")[0]
            raise RealmError(f"no ticket for {name}: {said}")
        return cache

    # -- inside -----------------------------------------------------------------------------------

    def _commands(self) -> list[str]:
        """Return the commands for `kadmin.local`, one for each principal."""
        for sam, password in self._passwords.items():
            if _has_control(sam) or set(sam) & set("/@\\"):
                raise RealmError(f"{sam!r} cannot be the name of a Kerberos principal")
            if _has_control(password):
                raise RealmError(f"{sam}: Kerberos takes no password with control characters")
        accounts = [
            f"addprinc -clearpolicy -pw {_quoted(password)} {_quoted(sam)}"
            for sam, password in self._passwords.items()
        ]
        return [*accounts, f"addprinc -clearpolicy -randkey {_quoted(self.service)}"]

    def _configure(self, folder: Path) -> None:
        values = {"realm": REALM, "folder": folder, "host": self._host, "port": free_port()}
        self.config.write_text(template("krb5.conf").substitute(values), "utf-8")

    def _create(self, commands: list[str], _: Path) -> None:
        """Make database, principals and keytab; passwords go through pipes."""
        master = secrets.token_hex(32)
        done = self._run("kdb5_util", "create", "-s", says=f"{master}\n{master}\n")
        if done.returncode:
            raise RealmError(f"kdb5_util failed: {_last_line(done.stderr)}")
        export = f"ktadd -k {_quoted(str(self.keytab))} -norandkey {_quoted(self.service)}"
        done = self._run("kadmin.local", says="\n".join([*commands, export, ""]))
        # Its exit status is 0 whatever happened, and its standard output may not be shown, because it repeats
        # the passwords.
        if done.stdout.count(f'@{REALM}" created.') != len(commands) or not self.keytab.exists():
            raise RealmError(f"kadmin.local failed: {_last_line(done.stderr)}")

    def _serve(self, folder: Path) -> None:
        """Start the KDC; on another port if another program has taken the free one meanwhile."""
        for _ in range(ATTEMPTS):
            command = [str(_program("krb5kdc")), "-n"]
            supervisor = spawn(folder, command, self._environment(), stderr=subprocess.PIPE)
            if _is_ready(supervisor):
                self._supervisor = supervisor
                return
            terminate(supervisor, keep=True)
            self._configure(folder)
        log = (folder / "log").read_text("utf-8")
        raise RealmError(f"krb5kdc failed: {_last_line(log).rpartition('): ')[2]}")

    def _run(self, program: str, *arguments: str, says: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(_program(program)), *arguments],
            input=says,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            env=self._environment(),
            timeout=PATIENCE,
            check=False,
        )

    def _environment(self) -> dict[str, str]:
        """Return the environment of MIT's programs: this realm alone, and messages in English."""
        return {**os.environ, **self.environment(), "KRB5_KDC_PROFILE": os.devnull, "LC_ALL": "C"}

    def _started(self) -> Path:
        if self._folder is None:
            raise RealmError("the realm is not started: use it in a with statement, or call start()")
        return self._folder


def _program(name: str) -> str | None:
    folders = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    return shutil.which(name, path=os.pathsep.join([*folders, *SBIN]))


def _is_ready(supervisor: subprocess.Popen[str]) -> bool:
    """Wait until the KDC writes that its port is open, or ends."""
    assert supervisor.stderr
    with supervisor.stderr as stderr:
        return any(line.endswith(": starting...\n") for line in stderr)


def _quoted(word: str) -> str:
    """Quote a word for `kadmin.local`, in which a quotation mark is doubled."""
    doubled = word.replace('"', '""')
    return f'"{doubled}"'


def _has_control(text: str) -> bool:
    return any(ord(c) < 32 or ord(c) == 127 for c in text)


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2]
