"""What an edition is made of; the editions themselves are data in `minipop.exchange.editions`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from minipop.mailbox import DeletesTo, Retention
from minipop.protocol import ReplyName

from .names import Form
from .sources import Fact, Source
from .support import Support


class ExtendedProtection(Enum):
    """Whether NTLM must be bound to the TLS connection (``Set-PopSettings -ExtendedProtectionPolicy``)."""

    NONE = "None"  #: bindings are not looked at
    ALLOW = "Allow"  #: a wrong binding is refused, a missing one is not: old clients send none
    REQUIRE = "Require"  #: a missing one is refused as well, and with it whatever comes without TLS


class SecureLogin(Enum):
    """How SecureLogin is read; the sources disagree on NTLM and Kerberos.

    The help for Exchange 2010 says that TLS must be in place before any authentication (aa997188). Yet
    EnableGSSAPIAndNTLMAuth is on by default and “applies to connections where TLS is disabled”, and the
    IMAP4 service of an Exchange server was seen to offer both in clear with passwords off (piler, issue 681).
    """

    DOCUMENTED = "documented"  #: nothing logs on before TLS
    OBSERVED = "observed"  #: NTLM and Kerberos do


class LoginType(Enum):
    """What the service lets through on 110 before TLS (``Set-PopSettings -LoginType``)."""

    PLAIN_TEXT_LOGIN = "PlainTextLogin"
    PLAIN_TEXT_AUTHENTICATION = "PlainTextAuthentication"
    SECURE_LOGIN = "SecureLogin"


class BackupRestore(Enum):
    """What brings a mailbox back from a backup of its database."""

    NOTHING = "nothing"  #: there is no such database
    BACKUP_SERVICE = "backup-service"  #: a service such as Microsoft 365 Backup, if it was on beforehand
    RECOVERY_SERVER = "recovery-server"  #: a second server that holds the backup, and ExMerge
    RECOVER_MAILBOX_DATA = "recover-mailbox-data"  #: the task of Exchange System Manager
    RESTORE_MAILBOX = "restore-mailbox"  #: Restore-Mailbox, from a recovery storage group
    RESTORE_REQUEST = "restore-request"  #: New-MailboxRestoreRequest, from a recovery database


class ConnectionLimits(NamedTuple):
    """How many connections there may be at a time; None for any number.

    They are MaxConnections, MaxConnectionFromSingleIP and MaxConnectionsPerUser of ``Set-PopSettings``.
    """

    total: int | None = None
    per_address: int | None = None
    per_user: int | None = None


@dataclass(frozen=True)
class Edition:
    """One edition."""

    name: str  #: the name on the command line
    title: str  #: the name for people
    support: Fact[Support | None]  #: until when Microsoft supports it; None for what is no product of theirs
    commands: Fact[tuple[str, ...]]  #: the keywords of its commands, from `minipop.protocol.COMMANDS`
    replies: Mapping[ReplyName, Fact[str]]  #: texts, where they differ from minipop's own
    own_texts: Source  #: the source for those that do not
    capabilities: Fact[tuple[str, ...]]  #: lines of CAPA in order; SASL, USER and STLS only where they apply
    capa_before_tls: Source  #: the source for which of them appear on 110 before TLS
    capa_inside_tls: Source  #: the source for which of them appear after STLS and on 995
    capa_logged_on: Source  #: the source for which of them appear after the log-on
    listed: Fact[tuple[str, ...]]  #: the SASL mechanisms that CAPA names
    accepted: Fact[tuple[str, ...]]  #: those that AUTH accepts and lists; LOGIN works although CAPA lacks it
    login_type: Fact[LoginType | None]  #: the default, None if the edition has no LoginType
    plaintext_before_tls: Fact[bool]  #: whether passwords may cross 110 in clear, where there is no LoginType
    negotiated_before_tls: Fact[bool]  #: whether NTLM and Kerberos may be used there, without a LoginType
    gssapi_ntlm: Fact[bool | None]  #: EnableGSSAPIAndNTLMAuth by default, None where there is no such setting
    extended_protection: Fact[ExtendedProtection | None]  #: the policy's default, None where there is none
    ntlm_prompt: Fact[str]  #: the line that answers ``AUTH NTLM``; empty for the empty challenge of RFC 5034
    own_mailbox: Fact[bool]  #: whether NTLM and Kerberos open the account's own mailbox, whatever its alias
    stls: Fact[bool]  #: whether 110 offers STLS
    passwords: Fact[bool]  #: whether a password can log on at all
    forms: Mapping[Form, Fact[bool]]  #: whether a form of log-on names is understood; a missing one is not
    line_limit: Fact[int]  #: longest command line in octets, CRLF included
    failed_logons: Fact[int]  #: how many log-ons may fail on one connection; it ends with the last of them
    logon_timeout: Fact[int]  #: seconds from the connection to the log-on; no command resets them
    idle_timeout: Fact[int]  #: seconds without a command after the log-on
    deletes_to: Fact[DeletesTo]  #: where mail is kept that bypasses Deleted Items, as what POP3 deletes does
    retention_days: Fact[int]  #: for how many days (DeletedItemRetention)
    most_retention_days: Fact[int]  #: the highest value of RetainDeletedItemsFor
    single_item_recovery: Fact[bool]  #: whether what its user purges from there is kept as well
    backup_restore: Fact[BackupRestore]  #: what brings a mailbox back from a backup of its database
    base64_uids: Fact[bool]  #: whether UIDs are base64 of 64 bits and a GUID, not decimal numbers
    exclusive: Fact[bool]  #: whether one session at a time may have the maildrop open
    connections: Fact[ConnectionLimits]  #: most connections in all, per address and per user
    address_list: Fact[bool]  #: whether the service itself has a list of addresses that may connect

    def support_text(self, lang: str) -> str:
        """Say in a few words whether Microsoft supports it; empty for what is no product of theirs."""
        return self.support.value.text(lang) if self.support.value else ""

    def with_support(self, lang: str) -> str:
        """Name it, and say whether Microsoft supports it."""
        return ": ".join(filter(None, (self.title, self.support_text(lang))))

    @property
    def retention(self) -> Retention:
        """What becomes of deleted mail, as the server is installed."""
        return Retention(self.deletes_to.value, self.retention_days.value, self.single_item_recovery.value)

    @property
    def texts(self) -> dict[ReplyName, Fact[str]]:
        """The text of each reply that it can give, with its source."""
        given = (name for name in ReplyName if name not in _GIVEN_ONLY_BY or _GIVEN_ONLY_BY[name](self))
        return {name: self.replies.get(name, Fact(name.text, self.own_texts)) for name in given}

    @property
    def accepted_forms(self) -> frozenset[Form]:
        """The forms of log-on names that are understood."""
        return frozenset(form for form, fact in self.forms.items() if fact.value)


#: Replies that some editions never give, because their rules never come to them. How many connections there
#: may be is set by ``Set-PopSettings``, which came with the LoginType.
_GIVEN_ONLY_BY: Mapping[ReplyName, Callable[[Edition], object]] = {
    ReplyName.BEGIN_TLS: lambda edition: edition.stls.value,
    ReplyName.DATA_AFTER_STLS: lambda edition: edition.stls.value,
    ReplyName.IN_USE: lambda edition: edition.exclusive.value,
    ReplyName.LOGGED_ON: lambda edition: edition.passwords.value,
    ReplyName.ADDRESS_NOT_ALLOWED: lambda edition: edition.address_list.value,
    ReplyName.TOO_MANY_CONNECTIONS: lambda edition: edition.login_type.value,
    ReplyName.TOO_MANY_FROM_ADDRESS: lambda edition: edition.login_type.value,
    ReplyName.TOO_MANY_OF_USER: lambda edition: edition.login_type.value,
}
