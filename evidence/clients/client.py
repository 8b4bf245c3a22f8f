"""A real POP3 client: how it is configured, run once, and what it may change in a message.

Every client has a configuration file, a template; what differs between transports and mechanisms is a line
or two that is filled in. The page reference/compatibility shows the same templates with placeholders.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evidence.patience import PATIENCE
from minipop.lab.clients import Transport

PLAIN, STLS, TLS = Transport

#: Where every client puts what it has fetched, below its home.
OUT = "out"


@dataclass(frozen=True)
class Account:
    """What a client is told besides its mechanism.

    Args:
        host: the server.
        port: its port.
        user: the name to log on with.
        secret: the password, or the access token.
        ca: the file with the certificate authority to trust; empty to tell the client nothing about that.
        home: the client's home, where its files are.
        messages: how many messages there are; only curl has to be told.
    """

    host: str
    port: int
    user: str
    secret: str
    ca: str
    home: str = "~"
    messages: int = 1


class Client(ABC):
    """A client that fetches all messages of a maildrop once, and leaves them there."""

    #: Its name, which is also its program's.
    name: str
    #: The Debian package; empty if it comes from PyPI.
    package: str = ""
    #: What prints its version, and where it stands in there.
    asks_version: tuple[str, ...]
    finds_version: str
    #: Its configuration file.
    file: str
    #: What it has no setting for: mechanism or transport, and the reason's name on the page.
    lacks: Mapping[str, str] = {}
    #: The lines of its configuration that say what it fetches, and what it leaves: here everything, and
    #: everything. Without them it does what it does by default; see `evidence.clients.habits`.
    habit: tuple[str, ...] = ()
    #: Lines to show behind those of `connection`, because without them it deletes, or asks.
    keeps: tuple[str, ...] = ()
    #: What there is a setting for, but could not be tried: as in `lacks`.
    untried: Mapping[str, str] = {}
    #: Whether a run takes seconds, so that the short form tries it on 995 alone.
    slow: bool = False
    #: What it prints when it is done, if it does not end by itself then.
    done: tuple[bytes, ...] = ()

    @property
    def program(self) -> str | None:
        """Where it is installed; None if it is not."""
        return shutil.which(self.name)

    @property
    def absent(self) -> str:
        """Say how to install it."""
        return f"{self.name} is not installed; on Debian or Ubuntu: apt install {self.package}"

    def version(self) -> str:
        """Ask it for its version."""
        own = self.asks_version[0].startswith("-")
        command = [*[str(self.program)] * own, *self.asks_version]
        said = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE
        )
        found = re.search(self.finds_version, said.stdout, re.MULTILINE)
        assert found, f"{self.name} does not say its version: {said.stdout[:200]}"
        return found[1]

    @abstractmethod
    def connection(self, account: Account, mechanism: str, transport: Transport) -> list[str]:
        """Return the lines of its configuration that say where the server is and how to log on."""

    @abstractmethod
    def the_rest(self, account: Account) -> list[str]:
        """Return the other lines: fetch everything once, delete nothing, ask nobody, change no message."""

    @abstractmethod
    def arguments(self, home: str) -> list[str]:
        """Return its arguments; its configuration is in its home."""

    def command(self, home: str) -> list[str]:
        """Return what is run: the program with its arguments, unless it needs something around it."""
        return [str(self.program), *self.arguments(home)]

    def answers(self, account: Account) -> Mapping[bytes, bytes] | None:  # noqa: ARG002
        """Return what is typed, by what it prints (a pattern), once each; None if it needs no terminal."""
        return None

    def files(self, account: Account) -> Mapping[str, str]:  # noqa: ARG002
        """Return the texts of the files that it needs besides its configuration, by their names."""
        return {}

    def environment(self, account: Account) -> Mapping[str, str]:  # noqa: ARG002
        """Return the variables that it is told something by."""
        return {}

    def configuration(self, account: Account, mechanism: str, transport: Transport) -> str:
        """Return what stands in its configuration file."""
        return "\n".join([*self.connection(account, mechanism, transport), *self.the_rest(account), ""])

    def stored(self, home: Path) -> list[Path]:
        """Return the files in which it has stored messages."""
        return [file for file in (home / OUT).rglob("*") if file.is_file()]

    def messages(self, file: bytes) -> list[bytes]:
        """Return the messages in such a file."""
        return [file]

    # -- what a client may change in a message; everything else has to be byte for byte what is stored ------

    def expected(self, stored: bytes) -> bytes:
        """Return a message as this client stores it: with LF at the ends of lines, as Unix programs do."""
        return stored.replace(b"\r\n", b"\n")

    def comparable(self, fetched: bytes) -> bytes:
        """Take off a fetched message what this client adds; unless told otherwise, that is nothing."""
        return fetched
