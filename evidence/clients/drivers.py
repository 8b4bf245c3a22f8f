"""Real POP3 clients: how each is configured, run once, and what it may change in a message.

Every client has a configuration file, a template; what differs between transports and mechanisms is a line
or two that is filled in. The page about/compatibility shows the same templates, filled in with placeholders.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
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
    #: Whether it needs a terminal, and what is typed when it prints something.
    terminal: Mapping[bytes, bytes] | None = None

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
        command = [str(self.program), *self.asks_version]
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

    def configuration(self, account: Account, mechanism: str, transport: Transport) -> str:
        """Return what stands in its configuration file."""
        return "\n".join([*self.connection(account, mechanism, transport), *self.the_rest(account), ""])

    # -- what a client may change in a message; everything else has to be byte for byte what is stored ------

    def expected(self, stored: bytes) -> bytes:
        """Return a message as this client stores it: with LF at the ends of lines, as Unix programs do."""
        return stored.replace(b"\r\n", b"\n")

    def comparable(self, fetched: bytes) -> bytes:
        """Take off a fetched message what this client adds; unless told otherwise, that is nothing."""
        return fetched


class Curl(Client):
    """curl keeps every byte, and has no fetch-all: the messages are numbered in the address."""

    name = package = "curl"
    asks_version = ("--version",)
    finds_version = r"^curl (\S+)"
    file = "curlrc"

    def connection(self, account: Account, mechanism: str, transport: Transport) -> list[str]:
        """See `Client`."""
        scheme = "pop3s" if transport is TLS else "pop3"
        # With Kerberos the name is in the ticket, but curl begins to log on only if it is given one.
        secret = {"XOAUTH2": account.user, "GSSAPI": ":"}.get(mechanism, f"{account.user}:{account.secret}")
        return [
            f'url = "{scheme}://{account.host}:{account.port}/[1-{account.messages}]"',
            f'user = "{secret}"',
            *[f'oauth2-bearer = "{account.secret}"'] * (mechanism == "XOAUTH2"),
            *[f'login-options = "AUTH={mechanism}"'] * (mechanism != "USER"),
            *["ssl-reqd"] * (transport is STLS),
            *[f'cacert = "{account.ca}"'] * bool(account.ca),
        ]

    def the_rest(self, account: Account) -> list[str]:
        """See `Client`."""
        return [*self.habit, f'output = "{account.home}/{OUT}/#1"']

    def expected(self, stored: bytes) -> bytes:
        """See `Client`; curl keeps every byte."""
        return stored

    def arguments(self, home: str) -> list[str]:
        """See `Client`."""
        return ["--disable", "--silent", "--show-error", "--fail-early", "--config", f"{home}/{self.file}"]


class Fetchmail(Client):
    """fetchmail hands each message to a program; here that is `cat`."""

    name = package = "fetchmail"
    asks_version = ("--version",)
    finds_version = r"This is fetchmail release (\d[\d.]*)"
    file = "fetchmailrc"
    habit = ("keep", "fetchall")
    lacks: Mapping[str, str] = {
        "PLAIN": "fetchmail-auth",
        "LOGIN": "fetchmail-auth",
        "XOAUTH2": "fetchmail-oauth",
    }

    def connection(self, account: Account, mechanism: str, transport: Transport) -> list[str]:
        """See `Client`."""
        auth = {"USER": "password"}.get(mechanism, mechanism.lower())
        return [
            f"poll {account.host} service {account.port} protocol POP3 auth {auth} timeout 60",
            f'  user "{account.user}" password "{account.secret}"',
            *["  sslproto ''"] * (transport is PLAIN),  # else it takes STLS wherever that is offered
            *['  sslproto "TLS1.2+"'] * (transport is STLS),
            *['  ssl sslproto "TLS1.2+"'] * (transport is TLS),
            *[f'  sslcertfile "{account.ca}"'] * bool(account.ca),
        ]

    def the_rest(self, account: Account) -> list[str]:
        """See `Client`."""
        return [
            *(f"  {line}" for line in self.habit),
            "  no rewrite",  # leaves the addresses alone
            f'  mda "cat >$(mktemp {account.home}/{OUT}/XXXXXX)"',
            "set invisible",  # adds no Received line
        ]

    def arguments(self, home: str) -> list[str]:
        """See `Client`."""
        files = ["-f", f"{home}/{self.file}", "--pidfile", f"{home}/pid", "--idfile", f"{home}/ids"]
        return [*files, "--nosyslog", "-v"]


class Getmail(Client):
    """getmail6 hands each message to a program as well; here that is a shell with `cat`."""

    name = "getmail"
    asks_version = ("--version",)
    finds_version = r"^getmail (\S+)"
    file = "getmailrc"
    habit = ("read_all = true", "delete = false")
    lacks: Mapping[str, str] = {
        "PLAIN": "getmail-auth",
        "LOGIN": "getmail-auth",
        "NTLM": "getmail-auth",
        "GSSAPI": "getmail-kerberos",
        STLS.value: "getmail-stls",
    }

    @property
    def program(self) -> str | None:
        """It lies beside Python."""
        return shutil.which(self.name, path=str(Path(sys.executable).parent))

    @property
    def absent(self) -> str:
        """Say how to install it."""
        return "getmail is not installed in this Python's environment: pip install getmail6"

    def connection(self, account: Account, mechanism: str, transport: Transport) -> list[str]:
        """See `Client`."""
        return [
            "[retriever]",
            f"type = SimplePOP3{'SSL' if transport is TLS else ''}Retriever",
            f"server = {account.host}",
            f"port = {account.port}",
            f"username = {account.user}",
            f"password = {account.secret}",
            *["use_xoauth2 = true"] * (mechanism == "XOAUTH2"),
            *[f"ca_certs = {account.ca}"] * bool(account.ca),
        ]

    def the_rest(self, account: Account) -> list[str]:
        """See `Client`."""
        return [
            "timeout = 60",
            "",
            "[destination]",
            # A Maildir would do, but getmail refuses to write one as root, in a container for instance.
            "type = MDA_external",
            "path = /bin/sh",
            f"""arguments = ("-c", "cat >$(mktemp {account.home}/{OUT}/XXXXXX)")""",
            "allow_root_commands = true",
            "",
            "[options]",
            *self.habit,
            "delivered_to = false",
            "received = false",
        ]

    def arguments(self, home: str) -> list[str]:
        """See `Client`."""
        return ["--getmaildir", home, "--rcfile", self.file]

    def comparable(self, fetched: bytes) -> bytes:
        """See `Client`; POP3 does not know the envelope's sender, and getmail says so at the head."""
        return fetched.removeprefix(b"Return-Path: <unknown>\n")


class Mpop(Client):
    """mpop delivers to a Maildir."""

    name = package = "mpop"
    asks_version = ("--version",)
    finds_version = r"^mpop version (\S+)"
    file = "mpoprc"
    habit = ("keep on",)

    def connection(self, account: Account, mechanism: str, transport: Transport) -> list[str]:
        """See `Client`."""
        return [
            "account default",
            f"host {account.host}",
            f"port {account.port}",
            f"user {account.user}",
            # Not in the file: a token is longer than the 500 characters that a line may have.
            f'passwordeval "cat {account.home}/secret"',
            f"auth {mechanism.lower()}",
            f"tls {'off' if transport is PLAIN else 'on'}",
            *[f"tls_starttls {'on' if transport is STLS else 'off'}"] * (transport is not PLAIN),
            *[f"tls_trust_file {account.ca}"] * bool(account.ca),
        ]

    def the_rest(self, account: Account) -> list[str]:
        """See `Client`."""
        return [
            f"delivery maildir {account.home}/{OUT}",
            f"uidls_file {account.home}/uidls",
            *self.habit,
            "received_header off",
            "timeout 60",
        ]

    def arguments(self, home: str) -> list[str]:
        """See `Client`."""
        return ["--file", f"{home}/{self.file}"]


#: Two lines at the end of the header.
COUNTS = re.compile(rb"^Content-Length: \d+\nLines: \d+\n\Z", re.MULTILINE)


class Mutt(Client):
    """mutt is a program for people: it is given a terminal, and keys are pressed."""

    name = package = "mutt"
    asks_version = ("-v",)
    finds_version = r"^Mutt (\S+)"
    file = "muttrc"
    habit = (
        "set pop_delete = no",
        f"push '<tag-pattern>~A<enter><tag-prefix><copy-message>~/{OUT}<enter><quit>'",
    )
    terminal: Mapping[bytes, bytes] | None = {
        b"(r)eject": b"r",  # a certificate that it cannot verify
        b"No mailbox is open": b"q",  # the log-on failed, so the keys that were pushed went nowhere
        b"Delete messages from server?": b"nq",  # when it fetches; pushed keys are lost at a question
    }

    def connection(self, account: Account, mechanism: str, transport: Transport) -> list[str]:
        """See `Client`."""
        scheme = "pops" if transport is TLS else "pop"
        return [
            f'set spoolfile = "{scheme}://{account.host}:{account.port}/"',
            f'set pop_user = "{account.user}"',
            *[f'set pop_pass = "{account.secret}"'] * (mechanism != "XOAUTH2"),
            *[f'set pop_oauth_refresh_command = "cat {account.home}/secret"'] * (mechanism == "XOAUTH2"),
            f'set pop_authenticators = "{mechanism.lower()}"',
            f"set ssl_starttls = {'no' if transport is PLAIN else 'yes'}",
            f"set ssl_force_tls = {'no' if transport is PLAIN else 'yes'}",
            *[f'set ssl_ca_certificates_file = "{account.ca}"'] * bool(account.ca),
        ]

    def the_rest(self, account: Account) -> list[str]:
        """See `Client`."""
        return [
            f'set certificate_file = "{account.home}/accepted"',
            f'set folder = "{account.home}"',  # else it asks whether to make ~/Mail
            "set mbox_type = maildir",
            "set move = no",
            "set quit = yes",
            "set wait_key = no",
            "set confirmappend = no",
            "set confirmcreate = no",
            "set net_inc = 0",
            "set sleep_time = 0",
            *self.habit,
        ]

    def arguments(self, home: str) -> list[str]:
        """See `Client`."""
        return ["-n", "-F", f"{home}/{self.file}"]

    def comparable(self, fetched: bytes) -> bytes:
        """See `Client`; mutt counts octets and lines of the body, for its own list of messages."""
        head, empty, body = fetched.partition(b"\n\n")
        return COUNTS.sub(b"", head + b"\n")[:-1] + empty + body


CLIENTS: dict[str, Client] = {
    client.name: client for client in (Curl(), Fetchmail(), Getmail(), Mpop(), Mutt())
}
