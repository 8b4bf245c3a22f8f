"""Mail programs for a person at a terminal, who is played by keys: Alpine, mutt, NeoMutt."""

from __future__ import annotations

import re
from collections.abc import Mapping

from evidence.clients.client import OUT, PLAIN, STLS, TLS, Account, Client
from minipop.lab.clients import Transport

#: Two lines at the end of the header.
COUNTS = re.compile(rb"^Content-Length: \d+\nLines: \d+\n\Z", re.MULTILINE)


class Mutt(Client):
    """mutt is a program for people: it is given a terminal, and keys are pressed."""

    name = package = "mutt"
    asks_version = ("-v",)
    finds_version = r"^Mutt (\S+)"
    file = "muttrc"
    keeps = ("set pop_delete = no",)
    habit = (
        *keeps,
        f"push '<tag-pattern>~A<enter><tag-prefix><copy-message>~/{OUT}<enter><quit>'",
    )

    def connection(self, account: Account, mechanism: str, transport: Transport) -> list[str]:
        """See `Client`."""
        scheme = "pops" if transport is TLS else "pop"
        return [
            f'set spoolfile = "{scheme}://{account.host}:{account.port}/"',
            f'set pop_user = "{account.user}"',
            *[f'set pop_pass = "{account.secret}"'] * (mechanism != "XOAUTH2"),
            *[f'set pop_oauth_refresh_command = "cat {account.home}/secret"'] * (mechanism == "XOAUTH2"),
            *self.authenticators(mechanism),
            f"set ssl_starttls = {'no' if transport is PLAIN else 'yes'}",
            f"set ssl_force_tls = {'no' if transport is PLAIN else 'yes'}",
            *[f'set ssl_ca_certificates_file = "{account.ca}"'] * bool(account.ca),
        ]

    def authenticators(self, mechanism: str) -> list[str]:
        """Return the line that says how to log on."""
        return [f'set pop_authenticators = "{mechanism.lower()}"']

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

    def answers(self, account: Account) -> Mapping[bytes, bytes]:  # noqa: ARG002
        """See `Client`."""
        return {
            rb"\(r\)eject": b"r",  # a certificate that it cannot verify
            b"No mailbox is open": b"q",  # the log-on failed, so the keys that were pushed went nowhere
            rb"Delete messages from server\?": b"nq",  # when it fetches; pushed keys are lost at a question
        }

    def comparable(self, fetched: bytes) -> bytes:
        """See `Client`; mutt counts octets and lines of the body, for its own list of messages."""
        head, empty, body = fetched.partition(b"\n\n")
        return COUNTS.sub(b"", head + b"\n")[:-1] + empty + body


class NeoMutt(Mutt):
    """NeoMutt has mutt's configuration, but for one line."""

    name = package = "neomutt"
    finds_version = r"^NeoMutt (\S+)"
    file = "neomuttrc"
    lacks: Mapping[str, str] = {
        "PLAIN": "neomutt-auth",
        "LOGIN": "neomutt-auth",
        "XOAUTH2": "neomutt-oauth",
    }

    def authenticators(self, mechanism: str) -> list[str]:
        """See `Mutt`; of SASL's mechanisms it takes the one that it likes best, whatever is set."""
        return ['set pop_authenticators = "user"'] * (mechanism == "USER")


#: Where a message begins in a file of Alpine's, and what Alpine notes about it.
BEGINS = re.compile(rb"^From \S+ \w{3} \w{3} [ \d]\d [\d:]{8} \d{4}[^\n]*\n", re.MULTILINE)
NOTES = re.compile(rb"^(Status|X-Status|X-Keywords|X-UID):[^\n]*\n", re.MULTILINE)


class Alpine(Client):
    """Alpine saves all messages into one file, behind a message of its own."""

    name = package = "alpine"
    asks_version = ("-v",)
    finds_version = r"^Alpine (\S+)"
    file = "pinerc"
    lacks: Mapping[str, str] = {"NTLM": "alpine-ntlm"}
    untried: Mapping[str, str] = {"XOAUTH2": "alpine-oauth"}
    slow = True
    done = (b"Yes, continue",)  # it asks about a certificate

    def connection(self, account: Account, mechanism: str, transport: Transport) -> list[str]:
        """See `Client`; what is not wanted has to be disabled."""
        way = {PLAIN: "notls", STLS: "tls", TLS: "ssl"}[transport]
        others = [name for name in ("GSSAPI", "PLAIN", "LOGIN") if name != mechanism]
        return [
            f'inbox-path={{{account.host}:{account.port}/pop3/{way}/user="{account.user}"}}INBOX',
            f"disable-these-authenticators={','.join(others)}",
        ]

    def the_rest(self, account: Account) -> list[str]:  # noqa: ARG002
        """See `Client`."""
        return [
            "user-domain=muster.example",
            "feature-list=quit-without-confirm,save-will-not-delete",
            "last-version-used=6.26",  # else it greets a new user
            *self.habit,
        ]

    def arguments(self, home: str) -> list[str]:
        """See `Client`."""
        return ["-p", f"{home}/{self.file}", "-i"]

    def environment(self, account: Account) -> Mapping[str, str]:
        """See `Client`; it has no setting for the authority."""
        return {"SSL_CERT_FILE": account.ca} if account.ca else {}

    def answers(self, account: Account) -> Mapping[bytes, bytes]:
        """See `Client`: the password, then select all, apply, save; keys that come early are lost."""
        return {
            b"PASSWORD: ": f"{account.secret}\r".encode(),
            b"Preserve password": b"n",
            b"opened with|Message 1 of": b";",
            b"SELECT criteria": b"a",
            b"messages selected": b"a",
            b"APPLY command": b"s",
            b" msgs to folder": f"{account.home}/{OUT}/fetched\r".encode(),
            rb"Create\?": b"y",
            b"messages saved|Saving DONE": b"q",
        }

    def messages(self, file: bytes) -> list[bytes]:
        """See `Client`."""
        return BEGINS.split(file)[2:]

    def comparable(self, fetched: bytes) -> bytes:
        """See `Client`; Alpine ends each message with a line more."""
        head, empty, body = fetched.partition(b"\n\n")
        return NOTES.sub(b"", head + b"\n") + empty[1:] + body.removesuffix(b"\n")
