"""The Lab: a whole little Exchange for one notebook cell, one test, or one command."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from minipop.exchange import (
    DEFAULT,
    Account,
    Directory,
    ExchangePolicy,
    Lockout,
    LockoutPolicy,
    Settings,
    SettingsError,
    Trust,
    read_accounts,
)
from minipop.mailbox import Mailbox, StoredMessage, base64_uid, decimal_uid
from minipop.mailbox.maildir import Maildirs, maildir_errors
from minipop.protocol import Observer
from minipop.server import (
    CERTIFICATES,
    REFUSALS,
    CertificateError,
    Front,
    Identity,
    Limits,
    Reach,
    Service,
    ServiceThread,
    Timeouts,
    authority,
    identity_from,
    is_loopback,
    networks,
)
from minipop.wire import Conversation, ProtocolLog, Transcript, Wire

from . import outlook, world
from .backup import Backup
from .clock import Clock
from .exercises import EXERCISES, Verdict
from .imap import Imap
from .issuer import Issuer
from .realm import Realm
from .shell import Shell
from .startable import Startable

if TYPE_CHECKING:
    from .attacker import Attacker

T = TypeVar("T")

LANGUAGES = ("de", "en")


class Lab(Startable):
    """A POP3 server with sample mailboxes, in a thread of its own, on loopback.

    Use it in a ``with`` statement, or call `start` and `stop`. It is ready when `start` returns. Nothing
    in it varies from run to run but the ports.

    Args:
        edition: which Exchange it imitates: ``2000 2003 2007 2010 2013 2016 2019 se online``, or ``rfc``
            for a plain RFC 1939 server.
        login_type: ``PlainTextLogin``, ``PlainTextAuthentication`` or ``SecureLogin``; None for the
            edition's own.
        secure_login: what SecureLogin means for NTLM and Kerberos on 110, where Microsoft's sources disagree:
            ``documented`` (refused) or ``observed`` (allowed); None for documented.
        gssapi_ntlm: EnableGSSAPIAndNTLMAuth, whether 110 takes both before TLS at all; None for the edition's
            own.
        ntlm_v1: whether NTLMv1 is accepted, which rests on DES and counts as broken, but is all that some
            clients know.
        extended_protection: ExtendedProtectionPolicy, whether NTLM must be bound to the TLS connection:
            ``None``, ``Allow`` or ``Require``; None for the edition's own.
        allowed: the list “Only the list below” of the POP3 virtual server, 2000 and 2003 alone: the addresses
            and subnets that may connect; None for all.
        failed_logons: how many log-ons may fail on one connection, which ends with the last of them; None for
            the edition's own.
        lockout_threshold: lockoutThreshold of the domain, the bad passwords after which an account is locked;
            0 for never.
        lockout_observation_window: lockOutObservationWindow, the minutes without a bad password after which
            counting begins anew.
        lockout_duration: lockoutDuration, for how many minutes an account stays locked, on the Lab's clock; 0
            until ``Unlock-ADAccount``.
        protocol_log: ProtocolLogEnabled, whether the service writes a protocol log, from 2007 on; see
            `protocol_log`.
        time_lapse: how many times as fast as a clock the service's timers run: with 60, a minute takes a
            second.
        kerberos: whether to start a Kerberos realm of its own, and so to offer GSSAPI; see `realm`.
        issuer: whether to start an issuer of tokens, and so to offer XOAUTH2; see `issuer`.
        lang: the language of what it prints, ``de`` or ``en``.
        host: the address to listen on.
        port: the 110-style port, 0 for any free one.
        tls_port: the 995-style port, 0 for any free one.
        accounts: a TOML file of accounts; None for the world of the lessons, which has sample mail.
        maildir: a directory for the mail, which then outlives the Lab; it holds one Maildir for each account.
            If it is new or empty, the sample mail goes in. None for memory.
        transcript: whether to keep what is said; see `transcript`. It grows with every line, so a Lab that
            runs for days is better off without.
        allow_remote: needed for a host that is not loopback.
        allow_public: needed as well for a host that can be reached from the Internet: a public address, a
            name that leads to one, or all addresses of a machine that has one or cannot tell.
        record: whether to keep every byte that crosses the wire; see `wire`. For loopback only.
        certificate: what it shows of itself: ``valid``, or one that is wrong, ``other-name`` or ``expired``.

    Raises:
        SettingsError: a setting does not exist or does not fit the edition.
        AccountsError: the accounts file cannot be used.
        MaildirError: the directory for the mail cannot be used.
        RealmError: MIT Kerberos is not there; the text says what to install.
    """

    def __init__(
        self,
        edition: str = DEFAULT,
        *,
        login_type: str | None = None,
        secure_login: str | None = None,
        gssapi_ntlm: bool | None = None,
        ntlm_v1: bool = False,
        extended_protection: str | None = None,
        allowed: Iterable[str] | None = None,
        failed_logons: int | None = None,
        lockout_threshold: int = 0,
        lockout_observation_window: int = 30,
        lockout_duration: int = 30,
        protocol_log: bool = False,
        time_lapse: float = 1,
        kerberos: bool = False,
        issuer: bool = False,
        lang: str = "en",
        host: str = "127.0.0.1",
        port: int = 0,
        tls_port: int = 0,
        accounts: Path | str | None = None,
        maildir: Path | str | None = None,
        transcript: bool = True,
        allow_remote: bool = False,
        allow_public: bool = False,
        record: bool = False,
        certificate: str = "valid",
    ) -> None:
        if lang not in LANGUAGES:
            raise SettingsError(f"unknown language {lang!r}; known are {', '.join(LANGUAGES)}")
        if not is_loopback(host) and not allow_remote:
            raise SettingsError(f"{host} {REFUSALS[Reach.NETWORK]}")
        if record and not is_loopback(host):
            raise SettingsError(f"{host} is not loopback; only what this machine itself sends is recorded")
        _must_be_known(certificate)
        self.settings = Settings.of(
            edition,
            login_type,
            secure_login=secure_login,
            gssapi_ntlm=gssapi_ntlm,
            ntlm_v1=ntlm_v1,
            extended_protection=extended_protection,
            allowed=allowed,
            failed_logons=failed_logons,
            protocol_log=protocol_log,
        )
        if time_lapse <= 0:
            raise SettingsError("time_lapse must be greater than 0")
        self._time_lapse = time_lapse
        try:
            self._allowed = None if self.settings.allowed is None else networks(self.settings.allowed)
        except ValueError as error:
            raise SettingsError(str(error)) from None
        for wanted, mechanism in ((kerberos, "GSSAPI"), (issuer, "XOAUTH2")):
            if wanted:
                self.settings.demand(mechanism)
        self.lang = lang
        self._builtin = accounts is None
        self._directory = Directory(world.accounts() if accounts is None else read_accounts(Path(accounts)))
        self.clock: Clock = Clock()
        if lockout_threshold and not self.settings.edition.passwords.value:
            raise SettingsError(f"edition {edition!r} takes no passwords, so no lockoutThreshold")
        self._lockout = Lockout(
            LockoutPolicy(lockout_threshold, lockout_observation_window, lockout_duration), self.clock.now
        )
        self._maildirs = Maildirs(maildir, [a.alias for a in self.accounts]) if maildir is not None else None
        try:
            with maildir_errors(maildir or ""):
                self._mailboxes = {account.alias: self._mailbox(account.alias) for account in self.accounts}
                if self._maildirs:
                    self._maildirs.filled()
        except BaseException:
            self._release()
            raise
        self._wants_realm, self._wants_issuer = kerberos, issuer
        self._realm: Realm | None = None
        self._issuer: Issuer | None = None
        self._certificate = certificate
        self._identity: Identity | None = None
        self._running = ExitStack()
        #: The Exchange Management Shell, which administers this Lab.
        self.shell = Shell(self)
        #: The rules of the service, for sessions without a server; only while it runs they know of its realm
        #: and its issuer.
        self.policy = self._rules()
        self._transcript = Transcript(lang) if transcript else None
        self._protocol_log = ProtocolLog(self.clock.now)
        self._logging = False
        self._wire = Wire(lang, public=self._builtin) if record else None
        #: Who has attacked this Lab; an `Attacker` adds itself.
        self.attackers: list[Attacker] = []
        farthest = Reach.INTERNET if allow_public else Reach.NETWORK
        self._address = host, port, tls_port
        self._within = farthest if allow_remote else Reach.MACHINE
        self._service: Service | None = None
        self._thread: ServiceThread | None = None

    # -- starting and stopping --------------------------------------------------------------------

    def start(self) -> Self:
        """Start the server; it answers on both ports when this returns.

        Raises:
            AddressError: a port is taken, the host is none of this machine's, or it is public and that was
                not allowed.
            RuntimeError: it is running already.
        """
        if self._thread:
            raise RuntimeError("this Lab is running already; stop() ends it")
        with ExitStack() as started:  # what has started ends again if something after it cannot
            started.callback(self._release)
            if self._maildirs:
                self._maildirs.acquire()
            if self._wants_realm:
                self._realm = started.enter_context(Realm(self.accounts))
            if self._wants_issuer:
                self._issuer = started.enter_context(Issuer(self.accounts))
            self._identity = self._identity or authority().identity(self._certificate)
            self.policy = self._rules()
            service = Service(
                self.policy,
                self._identity.context,
                self._timeouts(),
                self._observer,
                self._front(),
                self._limits(),
            )
            self._logging = self.settings.protocol_log
            thread = ServiceThread(service)
            thread.start(*self._address, self._within)
            started.callback(thread.stop)
            self._running = started.pop_all()
        self._service, self._thread = service, thread
        return self

    def stop(self) -> None:
        """Stop the server: sessions that are open end without deleting anything. May be called twice."""
        self._thread = None
        self._running.close()
        self._release()  # of a Lab that was never started, too

    def restart(self) -> None:
        """Restart the service, so that changed settings take effect.

        Both ports stay the same. Sessions that are open end without deleting anything, and what the clients
        have sent before is dealt with.
        """
        service = self._started()
        self.policy = self._rules()

        def again() -> None:
            service.restart(self.policy, self._timeouts(), self._limits())
            self._logging = self.settings.protocol_log

        self._settled(again)

    def renew_certificate(self, certificate: str | Path = "valid") -> None:
        """Replace the certificate of the service while it runs, on 995 and for STLS.

        Connections that are open go on with the old one, new handshakes show the new one, and NTLM is bound
        to the one that its connection has shown.

        Args:
            certificate: the one of the names that `Lab` knows, issued anew; or a PEM file of one's own, with
                the key and the chain in it.

        Raises:
            SettingsError: there is no such certificate, or it cannot be used; the old one stays in service.
        """
        service = self._started()
        if isinstance(certificate, Path):
            try:
                identity = identity_from(certificate)
            except CertificateError as error:
                raise SettingsError(str(error)) from None
        else:
            _must_be_known(certificate)
            authority().renew(certificate)
            identity = authority().identity(certificate)
        self._identity = identity
        self.policy = self._rules()
        self._settled(lambda: service.renew(self.policy, identity.context))

    # -- where it is ------------------------------------------------------------------------------

    @property
    def host(self) -> str:
        """The address that it listens on."""
        return self._address[0]

    @property
    def port(self) -> int:
        """The port that stands for 110: plain, with STLS."""
        return self._started().port

    @property
    def tls_port(self) -> int:
        """The port that stands for 995: TLS from the first byte."""
        return self._started().tls_port

    @property
    def ca_file(self) -> str:
        """The CA certificate, for ``ssl.create_default_context(cafile=...)``."""
        return str(authority().ca_file)

    # -- what is in it ----------------------------------------------------------------------------

    @property
    def accounts(self) -> list[Account]:
        """The accounts of the world, as they are now."""
        return self._directory.accounts

    def mailbox(self, alias: str) -> Mailbox:
        """Return a mailbox as it is once everything that clients have sent is dealt with.

        Raises:
            KeyError: no account has that alias.
        """
        if alias not in self._mailboxes:
            raise KeyError(f"no mailbox {alias!r}; there are {', '.join(self._mailboxes)}")
        return self._settled(lambda: self._mailboxes[alias])

    def fast_forward(self, days: float) -> None:
        """Let days pass at once: what is kept for a time only is destroyed if that time is over.

        Args:
            days: how many; the clock of the Lab stands still otherwise.
        """

        def nights() -> None:
            self.clock.fast_forward(days)
            for mailbox in self._mailboxes.values():
                mailbox.expire()

        self._settled(nights)

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
        return outlook.recover(self, alias, subject_contains, dumpster_always_on=dumpster_always_on)

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
        return outlook.purge(self, alias, subject_contains, dumpster_always_on=dumpster_always_on)

    def backup(self) -> Backup:
        """Back up all mailboxes as they are now."""
        return Backup(self)

    def imap(self) -> Imap:
        """Return an IMAP4 server for the same mailboxes; use it in a ``with`` statement.

        It is no imitation of Exchange but pymap, another mail server, on the same Maildirs. It ends with the
        Lab at the latest.

        Raises:
            RuntimeError: the Lab is not started, or keeps its mail in memory.
        """
        self._started()
        if self._maildirs is None:
            raise RuntimeError("this Lab keeps its mail in memory; start it with Lab(..., maildir=DIR)")
        server = Imap(self._maildirs.path, self.accounts)
        self._running.callback(server.stop)
        return server

    @property
    def transcript(self) -> Transcript:
        """All dialogues so far, passwords masked.

        Raises:
            RuntimeError: this Lab keeps none.
        """
        if self._transcript is None:
            raise RuntimeError("this Lab keeps no transcript; start it without transcript=False")
        return self._settled(self._transcript.copy)

    @property
    def protocol_log(self) -> str:
        """The protocol log of the service so far, passwords masked; empty as long as it is off.

        Its fields are those that Microsoft documents for 2013; what exactly stands in `data` is our own. Its
        times are the Lab's, its ports 110 and 995.
        """
        return self._settled(lambda: str(self._protocol_log))

    @property
    def wire(self) -> Wire:
        """All bytes that have crossed the wire so far: ciphertext where TLS is.

        They are shown by ``reveal()`` alone, and only those of the built-in world, whose passwords are
        public; `minipop.wire.read` searches them.

        Raises:
            RuntimeError: this Lab does not record.
        """
        if self._wire is None:
            raise RuntimeError("this Lab does not record the wire; start it with Lab(..., record=True)")
        return self._settled(self._wire.copy)

    @property
    def realm(self) -> Realm:
        """The Kerberos realm, which hands out tickets.

        Raises:
            RuntimeError: this Lab has none.
        """
        if self._realm is None:
            raise RuntimeError("this Lab has no Kerberos realm; start it with Lab(..., kerberos=True)")
        return self._realm

    @property
    def issuer(self) -> Issuer:
        """The issuer of tokens, which plays the part of Microsoft Entra ID.

        Raises:
            RuntimeError: this Lab has none.
        """
        if self._issuer is None:
            raise RuntimeError("this Lab has no issuer of tokens; start it with Lab(..., issuer=True)")
        return self._issuer

    def check(self, lesson: str) -> Verdict:
        """Check the exercise of a lesson on the state of the server.

        Args:
            lesson: the number of the lesson, such as ``"01"``.

        Raises:
            KeyError: that lesson has no exercise.
        """
        if lesson not in EXERCISES:
            raise KeyError(f"no exercise for lesson {lesson!r}; there are {', '.join(EXERCISES)}")
        return EXERCISES[lesson].check(self, self.lang)

    def description(self) -> dict[str, Any]:
        """Return what ``minipop serve --json`` prints."""
        login_type = self.settings.effective_login_type
        return {
            "edition": self.settings.edition.name,
            "host": self.host,
            "port": self.port,
            "tls_port": self.tls_port,
            "ca_file": self.ca_file,
            "accounts": [account.as_json(reveal=self._builtin) for account in self.accounts],
            "login_type": login_type.value if login_type else None,
            "issuer": self._issuer.authority if self._issuer else None,
            "krb5": self._realm
            and {
                "realm": self._realm.name,
                "config": str(self._realm.config),
                "service": self._realm.service,
            },
        }

    # -- inside -----------------------------------------------------------------------------------

    def _release(self) -> None:
        """Let another process have the Maildirs."""
        if self._maildirs:
            self._maildirs.release()

    def _mailbox(self, alias: str) -> Mailbox:
        edition = self.settings.edition
        mailbox = Mailbox(
            alias,
            store=self._maildirs.store(alias) if self._maildirs else None,
            retention=edition.retention,
            exclusive=edition.exclusive.value,
            clock=self.clock.now,
            write_uid=base64_uid if edition.base64_uids.value else decimal_uid,
        )
        if self._builtin and (self._maildirs is None or self._maildirs.new):
            for folder, content in world.mail(alias):
                mailbox.deliver(content, folder)
        return mailbox

    def _rules(self) -> ExchangePolicy:
        """Return the rules as they are now, with whom the service trusts by now."""
        trust = Trust(
            keytab=self._realm.keytab if self._realm else None,
            realm=self._realm.name if self._realm else "",
            verify=self._issuer.verifier().verify if self._issuer else None,
            certificate=self._identity.certificate if self._identity else None,
        )
        return ExchangePolicy(self.settings, self._directory, self._mailboxes, trust, self._lockout)

    def _timeouts(self) -> Timeouts:
        logon, idle = self.settings.effective_logon_timeout, self.settings.effective_idle_timeout
        return Timeouts(logon / self._time_lapse, idle / self._time_lapse)

    def _limits(self) -> Limits:
        most = self.settings.effective_connections
        return Limits(most.total, most.per_address, self._allowed)

    def _observer(self, tls: bool, client: str) -> Observer | None:
        """Return what is told a dialogue: the transcript, and the protocol log, where they are on."""
        conversation = None if self._transcript is None else self._transcript.begin(tls)
        if not self._logging:
            return conversation
        also = conversation or Conversation("", self.lang)  # ends with its session
        return self._protocol_log.begin(also, self.host, client, tls=tls)

    def _change_account(self, alias: str, **values: Any) -> None:
        """Change an account, between what clients do; see `Directory.change`."""
        self._settled(lambda: self._directory.change(alias, **values))

    def _unlock_account(self, account: Account) -> None:
        """Unlock an account, between what clients do; see `Lockout.unlock`."""
        self._settled(lambda: self._lockout.unlock(account))

    def _settled(self, read: Callable[[], T]) -> T:
        """Read something once all that clients have sent is dealt with; after `stop`, that is always."""
        return self._thread.settled(read) if self._thread else read()

    def _front(self) -> Front | None:
        if self._wire is None:
            return None
        from minipop.wire.recorder import Recorder  # only who records pays for it

        return Recorder(self._wire)

    def _started(self) -> Service:
        if self._service is None:
            raise RuntimeError("the Lab is not started: use it in a with statement, or call start()")
        return self._service


def _must_be_known(certificate: str) -> None:
    if certificate not in CERTIFICATES:
        raise SettingsError(f"unknown certificate {certificate!r}; known are {', '.join(CERTIFICATES)}")
