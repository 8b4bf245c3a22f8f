"""Programs that fetch mail without a person: curl, fdm, fetchmail, getmail, mpop."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from evidence.clients.client import OUT, PLAIN, STLS, TLS, Account, Client
from minipop.lab.clients import Transport


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


class Fdm(Client):
    """fdm hands each message to a program; here that is `cat`."""

    name = package = "fdm"
    asks_version = ("dpkg-query", "--show", "fdm")  # it does not say it itself
    finds_version = r"^fdm\t([^-]+)"
    file = "fdm.conf"
    habit = ("keep",)
    keeps = ("  keep",)
    lacks: Mapping[str, str] = dict.fromkeys(("PLAIN", "LOGIN", "NTLM", "GSSAPI", "XOAUTH2"), "fdm-auth")

    def connection(self, account: Account, mechanism: str, transport: Transport) -> list[str]:  # noqa: ARG002
        """See `Client`."""
        return [
            *["set verify-certificates"] * (transport is not PLAIN),
            f'account "muster" {"pop3s" if transport is TLS else "pop3"}',
            f'  server "{account.host}" port {account.port}',
            f'  user "{account.user}" pass "{account.secret}"',
            *["  starttls"] * (transport is STLS),
        ]

    def the_rest(self, account: Account) -> list[str]:
        """See `Client`."""
        return [
            *(f"  {line}" for line in self.habit),
            "set timeout 60",
            "set no-received",
            f"""action "store" pipe "cat >$(mktemp {account.home}/{OUT}/XXXXXX)\"""",
            'match all action "store"',
        ]

    def arguments(self, home: str) -> list[str]:
        """See `Client`."""
        return ["-f", f"{home}/{self.file}", "-v", "fetch"]

    def environment(self, account: Account) -> Mapping[str, str]:
        """See `Client`; it has no setting for the authority."""
        if not account.ca:
            return {}
        # A copy, because as root fdm becomes somebody else before it reads the file.
        copy = shutil.copyfile(account.ca, f"{account.home}/ca.pem")
        Path(copy).chmod(0o644)
        Path(account.home).chmod(0o711)
        return {"SSL_CERT_FILE": copy}


class Fetchmail(Client):
    """fetchmail hands each message to a program; here that is `cat`."""

    name = package = "fetchmail"
    asks_version = ("--version",)
    finds_version = r"This is fetchmail release (\d[\d.]*)"
    file = "fetchmailrc"
    habit = ("keep", "fetchall")
    keeps = ("  keep",)
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
    keeps = ("[options]", "delete = false")
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
    keeps = ("keep on",)

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
