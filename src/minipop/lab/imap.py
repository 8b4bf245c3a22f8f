"""An IMAP4 server on the Lab's own Maildirs: pymap, a mail server in Python, in a process of its own.

POP3 cannot put a message back, IMAP4 can (APPEND). The server listens on 127.0.0.1 without TLS: a password
never leaves this machine, but a program that may capture the loopback interface can read it. (Exchange would
want TLS here as well.) What is deleted by IMAP4 is gone at once; in Exchange, EXPUNGE leads to where POP3's
deletions go.

It never outlives this process, see `minipop.lab.subprocesses`; the mail stays.
"""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from minipop.exchange import Account
from minipop.mailbox.maildir.filesystem import SEPARATOR

from .subprocesses import ATTEMPTS, ChildProcess, free_port, spawn, terminate

#: Rounds of PBKDF2: few, because the file of hashes is gone with the server, and only this user can read it.
_ROUNDS = 10_000

# pymap reports to systemd when it is ready; here it has to report to the pipe. And names of folders have to
# be checked, because pymap takes any: the directory of "." or "/" would be "..", which holds the Maildirs of
# all accounts, and DELETE would remove them. On Windows, moreover, a rename would not replace a file of that
# name, and the event loop takes no signals, of which pymap needs none here. (Its own --colon is that of the
# Inbox alone.)
_PYMAP = """\
import asyncio, mailbox, os, sys

mailbox.Maildir.colon = sys.argv.pop(1)
os.rename = os.replace

import pymap.main
from pymap.backend.maildir.layout import DefaultLayout
from pymap.exceptions import NotAllowedError

split = DefaultLayout._split.__func__

def checked(cls, name, delimiter):
    parts = split(cls, name, delimiter)
    if not all(part.strip(".") and part.isprintable() for part in parts):
        raise NotAllowedError("This is no name of a folder.")
    return parts

DefaultLayout._split = classmethod(checked)

def ready():
    asyncio.get_running_loop().add_signal_handler = lambda *_: None
    print("ready", flush=True)

pymap.main.notify_ready = ready
pymap.main.main()
"""

#: What else pymap would start if it is installed: none of it is wanted.
_OTHER_SERVICES = ("admin", "managesieve", "swim")


class ImapError(RuntimeError):
    """The IMAP4 server cannot be started; the text says why in one line, without passwords."""


class Imap(ChildProcess):
    """The IMAP4 server; use it in a ``with`` statement, or call `start` and `stop`.

    Users log on with UPN or sAMAccountName and the password, as by POP3, by LOGIN or AUTHENTICATE PLAIN.

    Args:
        maildirs: the directory that holds a Maildir for each account.
        accounts: those of them that have a password may log on.

    Attributes:
        host: the address, 127.0.0.1.
        port: the port; 0 until it is started.
    """

    def __init__(self, maildirs: Path, accounts: Iterable[Account]) -> None:
        super().__init__()
        self.host, self.port = "127.0.0.1", 0
        self._maildirs = maildirs.resolve()
        self._accounts = list(accounts)

    def start(self) -> Self:
        """Start the server; it answers when this returns.

        Raises:
            ImapError: pymap is not installed, or does not start.
        """
        if self._supervisor:
            raise ImapError("this IMAP4 server is running already; stop() ends it")
        if importlib.util.find_spec("pymap") is None:
            raise ImapError("the IMAP4 server is pymap, which is not installed: python -m pip install pymap")
        self._set_up("minipop-imap-", self._write_users, self._serve)
        return self

    # -- inside -----------------------------------------------------------------------------------

    def _write_users(self, folder: Path) -> None:
        """Write the accounts and the paths of their Maildirs, in which a backslash goes before a colon."""
        from pysasl.hashing import BuiltinHash

        hashing = BuiltinHash(hash_name="sha256", rounds=_ROUNDS)
        users, hashes = [], []
        for account in self._accounts:
            if account.password is None:
                continue
            path = str(self._maildirs / account.alias).replace(":", r"\:")
            hashed = hashing.hash(account.password)
            for name in dict.fromkeys(name for name in (account.upn, account.sam) if name):
                users.append(f"{name}:x:1000:1000::{path}:\n")
                hashes.append(f"{name}:{hashed}:::::::\n")
        (folder / "pymap-etc-passwd").write_text("".join(users), "utf-8")
        (folder / "pymap-etc-shadow").write_text("".join(hashes), "utf-8")

    def _serve(self, folder: Path) -> None:
        """Start pymap; on another port if another program has taken the free one meanwhile."""
        skip = [argument for name in _OTHER_SERVICES for argument in ("--no-service", name)]
        for _ in range(ATTEMPTS):
            port = free_port()
            listen = ["--host", self.host, "--port", str(port), "--no-tls"]
            command = [
                sys.executable,
                "-X",
                "utf8",
                "-c",
                _PYMAP,
                SEPARATOR,
                *skip,
                *listen,
                "maildir",
                str(folder),
            ]
            with (folder / "log").open("w", encoding="utf-8") as log:
                environment = {**os.environ, "TZ": "UTC0"}
                supervisor = spawn(folder, command, environment, stdout=subprocess.PIPE, stderr=log)
            assert supervisor.stdout
            if supervisor.stdout.readline() == "ready\n":
                self.port, self._supervisor = port, supervisor
                return
            terminate(supervisor, keep=True)
        reason = (folder / "log").read_text("utf-8", "replace").strip().rpartition("\n")[2]
        raise ImapError(f"pymap does not start: {reason}")
