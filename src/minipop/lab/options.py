"""What a Lab can be told, as keywords or on the command line."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from inspect import signature
from pathlib import Path
from typing import Any, Self

from minipop.exchange import DEFAULT, LockoutPolicy, Settings, SettingsError
from minipop.exchange.settings import must_be_known
from minipop.server import CERTIFICATES, REFUSALS, Exposure, is_loopback, networks

LANGUAGES = ("de", "en")


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a `Lab` can be told; ``minipop serve`` takes most of it, too.

    Args:
        edition: which Exchange it imitates: ``2000`` up to ``se``, ``online``, or ``rfc`` for a plain RFC
            1939 server.
        host: the address to listen on.
        port: the 110-style port, 0 for any free one.
        tls_port: the 995-style port, 0 for any free one.
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
        lockout_threshold: lockoutThreshold of the domain, the bad passwords after which an account is locked;
            0 for never.
        kerberos: whether to start a Kerberos realm of its own, and so to offer GSSAPI; see `Lab.realm`.
        issuer: whether to start an issuer of tokens; see `Lab.issuer`. Without it, ``online`` refuses every
            token, and ``rfc`` does not offer XOAUTH2.
        accounts: a TOML file of accounts; None for the world of the lessons, which has sample mail.
        maildir: a directory for the mail, which then outlives the Lab; it holds one Maildir for each account.
            If it is new or empty, the sample mail goes in. None for memory.
        allow_remote: needed for a host that is not loopback.
        allow_public: needed as well for a host that can be reached from the Internet: a public address, a
            name that leads to one, or all addresses of a machine that has one or cannot tell.
        allowed: the list “Only the list below” of the POP3 virtual server, 2000 and 2003 alone: the addresses
            and subnets that may connect; None for all.
        failed_logons: how many log-ons may fail on one connection, which ends with the last of them; None for
            the edition's own.
        lockout_observation_window: lockOutObservationWindow, the minutes without a bad password after which
            counting begins anew.
        lockout_duration: lockoutDuration, for how many minutes an account stays locked, on the Lab's clock; 0
            until ``Unlock-ADAccount``.
        protocol_log: ProtocolLogEnabled, whether the service writes a protocol log, from 2007 on; see
            `Lab.protocol_log`.
        time_lapse: how many times as fast as a clock the service's timers run: with 60, a minute takes a
            second.
        lang: the language of what it prints, of the sample mail and of the folder names that users see:
            ``de`` or ``en``. Clara's password follows it, too; a Maildir that holds mail is taken as it is.
        transcript: whether to keep what is said; see `Lab.transcript`. It grows with every line, so a Lab
            that runs for days is better off without.
        record: whether to keep every byte that crosses the wire; see `Lab.wire`. For loopback only.
        certificate: what it shows of itself: ``valid``, or one that is wrong, ``other-name`` or ``expired``.

    Raises:
        SettingsError: a value does not exist, or does not go together with another.
    """

    edition: str = field(default=DEFAULT, kw_only=False)
    host: str = "127.0.0.1"
    port: int = 0
    tls_port: int = 0
    login_type: str | None = None
    secure_login: str | None = None
    gssapi_ntlm: bool | None = None
    ntlm_v1: bool = False
    extended_protection: str | None = None
    lockout_threshold: int = 0
    kerberos: bool = False
    issuer: bool = False
    accounts: Path | str | None = None
    maildir: Path | str | None = None
    allow_remote: bool = False
    allow_public: bool = False
    allowed: Iterable[str] | None = None
    failed_logons: int | None = None
    lockout_observation_window: int = 30
    lockout_duration: int = 30
    protocol_log: bool = False
    time_lapse: float = 1
    lang: str = "en"
    transcript: bool = True
    record: bool = False
    certificate: str = "valid"

    @classmethod
    def of(cls, edition: str = DEFAULT, **options: Any) -> Self:
        """Take options as keywords.

        Raises:
            TypeError: there is no such option; the text names those that there are.
            SettingsError: see `Options`.
        """
        known = [option.name for option in fields(cls)]
        for name in options.keys() - set(known):
            raise TypeError(f"a Lab has no option {name!r}; there are {', '.join(known)}")
        return cls(edition, **options)

    def __post_init__(self) -> None:
        must_be_known("language", self.lang, LANGUAGES)
        must_be_known("certificate", self.certificate, CERTIFICATES)
        local = is_loopback(self.host)
        if not local and not self.allow_remote:
            raise SettingsError(f"{self.host} {REFUSALS[Exposure.NETWORK]}")
        if not local and self.record:
            raise SettingsError(
                f"{self.host} is not loopback; only what this machine itself sends is recorded, so leave out"
                " record"
            )
        if self.time_lapse <= 0:
            raise SettingsError("time_lapse must be greater than 0")

    @property
    def within(self) -> Exposure:
        """From how far away the service may be reached."""
        if not self.allow_remote:
            return Exposure.MACHINE
        return Exposure.INTERNET if self.allow_public else Exposure.NETWORK

    def settings(self) -> Settings:
        """Return the settings with which the service starts.

        Raises:
            SettingsError: a setting does not exist or does not fit the edition.
        """
        settings = Settings.of(**{name: getattr(self, name) for name in signature(Settings.of).parameters})
        try:
            networks(settings.allowed or ())
        except ValueError as error:
            raise SettingsError(str(error)) from None
        for wanted, mechanism in ((self.kerberos, "GSSAPI"), (self.issuer, "XOAUTH2")):
            if wanted:
                settings.demand(mechanism)
        if self.lockout_threshold and not settings.edition.passwords.value:
            raise SettingsError(
                f"edition {self.edition!r} takes no passwords, so no lockoutThreshold; leave it out"
            )
        return settings

    def lockout_policy(self) -> LockoutPolicy:
        """Return the Account Lockout Policy of the domain.

        Raises:
            SettingsError: a value is out of range.
        """
        return LockoutPolicy(self.lockout_threshold, self.lockout_observation_window, self.lockout_duration)
