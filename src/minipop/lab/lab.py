"""The Lab: a whole little Exchange for one notebook cell, one test, or one command."""

import sys
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from minipop.exchange import DEFAULT, Account, ExchangePolicy, Settings
from minipop.mailbox import Mailbox, StoredMessage
from minipop.wire import Transcript, Wire

from . import errors, exercises, outlook, session, stage
from .backup import Backup
from .data import texts
from .exercises import Feedback
from .imap import Imap
from .options import Options
from .organization import LabStopped, Organization
from .pop_service import PopService
from .realm import Realm
from .records import Records
from .session import Session
from .shell import Shell
from .stage import Startable

if TYPE_CHECKING:
    from .issuer import Issuer

T = TypeVar("T")


class Lab(Startable):
    """A POP3 server with sample mailboxes, beside the clients in the same process, on loopback.

    Use it in a ``with`` statement, or call `start` and `stop`. It is ready when `start` returns. Nothing
    in it varies from run to run but the ports.

    Args:
        edition: which Exchange it imitates: ``2000`` up to ``se``, ``online``, or ``rfc`` for a plain RFC
            1939 server.
        options: everything else that it can be told, as keywords; see `Options`.

    Attributes:
        lang: the language of what it prints.
        organization: settings, directory, mailboxes and clock, which the service works on.
        clock: the time in the Lab.
        records: what is kept of the sessions.
        attackers: who has attacked this Lab; an `Attacker` adds itself.
        shell: the Exchange Management Shell, which administers this Lab.

    Raises:
        TypeError: there is no such option.
        SettingsError: a setting does not exist or does not fit the edition.
        AccountsError: the accounts file cannot be used.
        MaildirError: the directory for the mail cannot be used.
        RealmError: MIT Kerberos is not there; the text says what to install.
    """

    __signature__ = signature(Options)  # so that notebooks and `help` show and complete the options

    def __init__(self, edition: str = DEFAULT, **options: Any) -> None:
        self._options = Options.of(edition, **options)
        self.lang = self._options.lang
        self.organization = Organization(self._options)
        self.clock = self.organization.clock
        self.records = Records(self._options, self.organization)
        self.attackers = self.records.attackers
        self._service = PopService(self._options, self.organization, self.records)
        self.shell = Shell(self.organization)

    def __repr__(self) -> str:
        """Name the edition, and whether Microsoft supports it; no ports, which vary."""
        edition = self.settings.edition
        return f"Lab({edition.name!r})  # {edition.with_support(self.lang)}"

    # -- starting and stopping --------------------------------------------------------------------

    def start(self) -> Self:
        """Start the server; it answers on both ports when this returns.

        Raises:
            AddressError: a port is taken, the host is none of this machine's, or it is public and that was
                not allowed.
            RuntimeError: it is running already.
        """
        self._service.start()
        errors.remember(self.records)
        if "IPython" in sys.modules:
            from .notebook import install  # here, because only a notebook needs it

            install(self.lang)
        return self

    def stop(self) -> None:
        """Stop the server: sessions that are open end without deleting anything. May be called twice."""
        self._service.stop()

    def restart(self) -> None:
        """Restart the service, so that changed settings take effect.

        Both ports stay the same. What clients have sent is dealt with; open sessions end and delete nothing.
        """
        self._service.restart()

    def renew_certificate(self, certificate: str | Path = "valid") -> None:
        """Replace the certificate of the service while it runs, on 995 and for STLS.

        Open connections go on with the old one; NTLM is bound to the one that its connection has shown.

        Args:
            certificate: the one of the names that `Lab` knows, issued anew; or a PEM file of one's own, with
                the key and the chain in it.

        Raises:
            SettingsError: there is no such certificate, or it cannot be used; the old one stays in service.
        """
        self._service.renew_certificate(certificate)

    # -- where it is ------------------------------------------------------------------------------

    @property
    def host(self) -> str:
        """The address that it listens on."""
        return self._options.host

    @property
    def port(self) -> int:
        """The port that stands for 110: plain, with STLS."""
        return self._service.port

    @property
    def tls_port(self) -> int:
        """The port that stands for 995: TLS from the first byte."""
        return self._service.tls_port

    @property
    def ca_file(self) -> str:
        """The CA certificate, for ``ssl.create_default_context(cafile=...)``."""
        return str(stage.current().authority().ca_file)

    # -- what is in it ----------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        """What is set, whether or not it is in effect already."""
        return self.organization.settings

    @property
    def policy(self) -> ExchangePolicy:
        """The rules of the service, for sessions without a server."""
        return self._service.policy

    @property
    def accounts(self) -> list[Account]:
        """The accounts of the world, as they are now."""
        return self.organization.accounts

    def mailbox(self, alias: str) -> Mailbox:
        """Return a mailbox as it is once everything that clients have sent is dealt with.

        Raises:
            KeyError: no account has that alias.
        """
        return self.organization.mailbox(alias)

    def fast_forward(self, days: float) -> None:
        """Let days pass at once: what is kept for a time only is destroyed if that time is over.

        Args:
            days: how many; the clock of the Lab stands still otherwise.
        """
        self.organization.fast_forward(days)

    def recover_deleted_items(
        self, alias: str, subject_contains: str = "", *, dumpster_always_on: bool = False
    ) -> list[StoredMessage]:
        """Do what a user does with “Recover Deleted Items” in Outlook.

        Since Exchange 2010 the messages then lie in Deleted Items, where POP3 does not see them; before, in
        the folder from which they had been deleted.

        Args:
            alias: whose mailbox.
            subject_contains: what stands in the subject, capitals or not; empty for all that is shown.
            dumpster_always_on: DumpsterAlwaysOn in the registry of a PC with Outlook 2003 or older; matters
                before Exchange 2010 alone.

        Returns:
            the messages that came back.

        Raises:
            KeyError: no account has that alias.
            SettingsError: the edition keeps nothing.
        """
        return outlook.recover(self.organization, alias, subject_contains, always_on=dumpster_always_on)

    def purge_deleted_items(
        self, alias: str, subject_contains: str = "", *, dumpster_always_on: bool = False
    ) -> list[StoredMessage]:
        """Do what a user does with “Purge” there: destroy, unless single item recovery is on.

        Args:
            alias: whose mailbox.
            subject_contains: as in `recover_deleted_items`.
            dumpster_always_on: as in `recover_deleted_items`.

        Returns:
            the messages that are out of the user's reach now.

        Raises:
            KeyError: no account has that alias.
            SettingsError: the edition keeps nothing.
        """
        return outlook.purge(self.organization, alias, subject_contains, always_on=dumpster_always_on)

    def backup(self) -> Backup:
        """Back up all mailboxes as they are now."""
        return Backup(self.organization)

    def imap(self) -> Imap:
        """Return an IMAP4 server for the same mailboxes; use it in a ``with`` statement.

        It is pymap, another mail server, on the same Maildirs, and ends with the Lab at the latest.

        Raises:
            LabStopped: the Lab is not running.
            RuntimeError: it keeps its mail in memory.
        """
        return self._service.imap()

    @property
    def transcript(self) -> Transcript:
        """All dialogues so far, passwords masked.

        Raises:
            RuntimeError: this Lab keeps none.
        """
        return self.records.transcript

    def session(self, client: object) -> Session:
        """Return a client's own session, with its `transcript` and its `wire`.

        Take it right after connecting; it stays good when the client has closed its connection.

        Args:
            client: a `poplib.POP3`, a `poplib.POP3_SSL`, or the socket of a client.

        Raises:
            LabStopped: the Lab is not running.
            ValueError: the client has closed its connection, or never had one to this Lab.
            TypeError: it is no client.
        """
        if not self._service.running:
            raise LabStopped(self.lang)
        said = texts(self.lang, "errors")["lab"]
        end = session.end_of(client)
        if end is None:
            raise ValueError(said["closed"])
        if (found := self.records.session(end)) is None:
            raise ValueError(said["unknown"])
        return found

    @property
    def protocol_log(self) -> str:
        """The protocol log of the service so far, passwords masked; empty as long as it is off.

        Its fields are those that Microsoft documents for 2013; what exactly stands in `data` is our own. Its
        times are the Lab's, its ports 110 and 995.
        """
        return self.records.protocol_log

    @property
    def wire(self) -> Wire:
        """All bytes that have crossed the wire so far: ciphertext where TLS is.

        They are shown by ``reveal()`` alone, and only those of the built-in world, whose passwords are
        public; `minipop.wire.read` searches them.

        Raises:
            RuntimeError: this Lab does not record.
        """
        return self.records.wire

    @property
    def realm(self) -> Realm:
        """The Kerberos realm, which hands out tickets; RuntimeError without ``kerberos=True``."""
        return _there(self._service.realm, "Kerberos realm", "kerberos")

    @property
    def issuer(self) -> "Issuer":
        """The issuer of tokens, in the part of Microsoft Entra ID; RuntimeError without ``issuer=True``."""
        return _there(self._service.issuer, "issuer of tokens", "issuer")

    def check(self, lesson: str) -> Feedback:
        """Check the exercise of a lesson on the state of the server.

        Args:
            lesson: the number of the lesson, such as ``"01"``.

        Raises:
            KeyError: that lesson has no exercise.
        """
        return exercises.check(lesson, self.organization, self.records, self.lang)

    def description(self) -> dict[str, Any]:
        """Return what ``minipop serve --json`` prints."""
        login_type, support = self.settings.login_type, self.settings.edition.support.value
        issuer, realm = self._service.issuer, self._service.realm
        return {
            "edition": self.settings.edition.name,
            "host": self.host,
            "port": self.port,
            "tls_port": self.tls_port,
            "ca_file": self.ca_file,
            "accounts": [a.as_json(reveal=self.organization.built_in) for a in self.accounts],
            "login_type": login_type and login_type.value,
            "issuer": issuer and issuer.description(),
            "krb5": realm and {"realm": realm.name, "config": str(realm.config), "service": realm.service},
            "support": support and support.as_json(),
        }


def _there(wanted: T | None, what: str, option: str) -> T:
    if wanted is None:
        raise RuntimeError(f"this Lab has no {what}; start it with Lab(..., {option}=True)")
    return wanted
