"""Mail programs with windows: Claws Mail on a display that is not there, Thunderbird without any."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from evidence.clients.client import OUT, PLAIN, STLS, TLS, Account, Client
from minipop.lab.clients import Transport


class ClawsMail(Client):
    """Claws Mail fetches once it has started, if it is told to; its password file takes a plain password."""

    name = package = "claws-mail"
    asks_version = ("--version",)
    finds_version = r"^Claws Mail version (\S+)"
    file = ".claws-mail/accountrc"
    habit = ("remove_mail=0",)
    keeps = habit
    lacks: Mapping[str, str] = dict.fromkeys(("PLAIN", "LOGIN", "NTLM", "GSSAPI"), "claws-auth")
    untried: Mapping[str, str] = {"XOAUTH2": "claws-oauth"}
    slow = True
    #: The session is over, or it asks about a certificate.
    done = (b"): destroyed", b"Creating alert panel window")

    def connection(self, account: Account, mechanism: str, transport: Transport) -> list[str]:  # noqa: ARG002
        """See `Client`."""
        return [
            "[Account: 1]",
            "protocol=0",  # POP3
            f"receive_server={account.host}",
            f"set_popport=1\npop_port={account.port}",
            f"ssl_pop={[PLAIN, TLS, STLS].index(transport)}",
            f"user_id={account.user}",
        ]

    def the_rest(self, account: Account) -> list[str]:  # noqa: ARG002
        """See `Client`."""
        return [
            "account_name=muster\nis_default=1\nname=Anna",
            "address=anna@muster.example\nsmtp_server=localhost",
            "ssl_certs_auto_accept=1",  # else it asks about those that it can verify, too
            "receive_at_get_all=1\ninbox=#mh/Mailbox/inbox",
            *self.habit,
        ]

    def files(self, account: Account) -> Mapping[str, str]:
        """See `Client`."""
        folders = {"inbox": "inbox", "sent": "outbox", "draft": "draft", "queue": "queue", "trash": "trash"}
        items = "".join(f'<folderitem name="{n}" path="{n}" type="{kind}"/>' for n, kind in folders.items())
        tree = f'<folder type="mh" name="Mailbox" path="{OUT}">{items}</folder>'
        return {
            ".claws-mail/clawsrc": "[Common]\nconfig_version=4\nno_receive_error_panel=1\n",
            ".claws-mail/passwordstorerc": f"[account:1]\nrecv {account.secret}\n",
            ".claws-mail/folderlist.xml": f'<?xml version="1.0"?><folderlist>{tree}</folderlist>',
            **{f"{OUT}/{name}/.mh_sequences": "" for name in folders},
        }

    def arguments(self, home: str) -> list[str]:  # noqa: ARG002
        """See `Client`."""
        return ["--debug", "--receive-all"]

    def command(self, home: str) -> list[str]:
        """See `Client`."""
        return ["xvfb-run", "--auto-servernum", *super().command(home)]

    def environment(self, account: Account) -> Mapping[str, str]:
        """See `Client`; it has no setting for the authority."""
        return {"SSL_CERT_FILE": account.ca} if account.ca else {}

    def stored(self, home: Path) -> list[Path]:
        """See `Client`; the files of MH are numbered."""
        return list((home / OUT / "inbox").glob("[0-9]*"))


#: What Thunderbird notes about a message, at the head of its file.
NOTES = re.compile(rb"^(From - [^\n]*\n)?((X-Account-Key|X-UIDL|X-Mozilla-\w+):[^\n]*\n)+")


class Thunderbird(Client):
    """Thunderbird without a window, driven by its own remote protocol; see `evidence.clients.marionette`."""

    name = package = "thunderbird"
    asks_version = ("--version",)
    finds_version = r"Mozilla Thunderbird (\S+)"
    file = "profile/user.js"
    habit = ('user_pref("mail.server.server1.leave_on_server", true);',)
    keeps = habit
    slow = True
    lacks: Mapping[str, str] = {"USER": "thunderbird-auth", "LOGIN": "thunderbird-auth"}

    def connection(self, account: Account, mechanism: str, transport: Transport) -> list[str]:
        """See `Client`."""
        return _user_js(
            "mail.server.server1.",
            type="pop3",
            hostname=account.host,
            port=account.port,
            socketType={PLAIN: 0, STLS: 2, TLS: 3}[transport],
            authMethod={"GSSAPI": 5, "NTLM": 6, "XOAUTH2": 10}.get(mechanism, 3),
            userName=account.user,
        )

    def the_rest(self, account: Account) -> list[str]:
        """See `Client`."""
        return [
            *_user_js("mail.accountmanager.", accounts="account1", defaultaccount="account1"),
            *_user_js("mail.account.account1.", identities="id1", server="server1"),
            *_user_js("mail.identity.id1.", fullName="Anna", useremail="anna@muster.example", valid=True),
            *_user_js(
                "mail.server.server1.",
                name="muster",
                directory=f"{account.home}/{OUT}",
                storeContractID="@mozilla.org/msgstore/maildirstore;1",
                login_at_startup=False,
                check_new_mail=False,
            ),
            *_user_js("marionette.", port=0),
            *_user_js("app.", **{"update.enabled": False, "donation.eoy.version.viewed": 999}),
            *_user_js("mail.", **{"rights.version": 1, "shell.checkDefaultClient": False}),
            *self.habit,
        ]

    def arguments(self, home: str) -> list[str]:
        """See `Client`."""
        return ["--headless", "--marionette", "--remote-allow-system-access", "--profile", f"{home}/profile"]

    def command(self, home: str) -> list[str]:
        """See `Client`."""
        return [sys.executable, "-m", "evidence.clients.marionette", home, *super().command(home)]

    def environment(self, account: Account) -> Mapping[str, str]:
        """See `Client`; the authority is for `evidence.clients.marionette`."""
        root = Path(__file__).resolve().parents[2]
        return {"PYTHONPATH": str(root), "MINIPOP_CA_FILE": account.ca}

    def stored(self, home: Path) -> list[Path]:
        """See `Client`."""
        return list((home / OUT / "Inbox" / "cur").glob("*"))

    def comparable(self, fetched: bytes) -> bytes:
        """See `Client`."""
        return NOTES.sub(b"", fetched)


def _user_js(prefix: str, **settings: str | int) -> list[str]:
    """Return lines of a user.js."""
    return [f"user_pref({json.dumps(prefix + name)}, {json.dumps(to)});" for name, to in settings.items()]
