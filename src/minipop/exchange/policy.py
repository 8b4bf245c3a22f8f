"""Exchange's rules for a POP3 session: an edition, its settings, its directory, its mailboxes."""

import logging
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from minipop.mailbox import Mailbox, MailboxInUse
from minipop.protocol import COMMANDS, Challenge, LogonRefused, Maildrop, Mechanism, ReplyName

from .directory import Account, Directory, password_matches
from .lockout import NO_LOCKOUT, Lockout
from .mechanisms.gssapi import gssapi
from .mechanisms.login import login
from .mechanisms.ntlm import ntlm
from .mechanisms.plain import plain
from .mechanisms.xoauth2 import xoauth2
from .names import Form, Resolution, resolve
from .refusals import Reason, works_instead
from .settings import Settings
from .tokens import Token

log = logging.getLogger(__name__)

#: Refusals that another form of the name would have avoided.
_CURED_BY_A_NAME = {Reason.FORM, Reason.ALIAS, Reason.NO_WINDOWS_ACCOUNT}

#: Mechanisms that may be offered before TLS, because nothing that crosses could be used again.
_NEGOTIATED = {"NTLM", "GSSAPI"}

#: Starts a mechanism, given whether there is TLS.
Start = Callable[[bool], Generator[Challenge, bytes, Maildrop]]


@dataclass(frozen=True)
class Trust:
    """Whom the service trusts besides its own directory; a mechanism is offered only with what it needs.

    Args:
        keytab: the key of the service principal in a Kerberos realm, for GSSAPI.
        realm: the name of that realm; principals of another have no account.
        verify: verifies a token, for XOAUTH2; raises `LogonRefused`. Where passwords are never taken, as in
            Exchange Online, XOAUTH2 is offered without it, and every token refused.
        certificate: the certificate of the server in DER, to which NTLM can be bound inside TLS.
    """

    keytab: Path | None = None
    realm: str = ""
    verify: Callable[[str], Token] | None = None
    certificate: bytes | None = None


class ExchangePolicy:
    """The rules of one service; see `minipop.protocol.Policy`.

    Args:
        settings: edition and settings.
        directory: the accounts.
        mailboxes: the mailboxes by alias.
        trust: whom it trusts besides.
        lockout: counts bad passwords and locks accounts.
    """

    def __init__(
        self,
        settings: Settings,
        directory: Directory,
        mailboxes: Mapping[str, Mailbox],
        trust: Trust = Trust(),
        lockout: Lockout = NO_LOCKOUT,
    ) -> None:
        self.settings = settings
        self.commands = {verb: COMMANDS[verb] for verb in settings.edition.commands.value}
        self.texts = {name: fact.value for name, fact in settings.edition.texts.items()}
        self.line_limit = settings.edition.line_limit.value
        self.failed_logons = settings.failed_logons
        self._edition = settings.edition
        self._short_names = Form.SAM in settings.edition.accepted_forms
        self._directory = directory
        self._mailboxes = mailboxes
        self._lockout = lockout
        self._starts = self._known_mechanisms(trust)

    def capabilities(self, *, tls: bool, logged_on: bool) -> Sequence[str]:
        """Return the edition's CAPA lines as far as they apply here and now."""
        listed = [name for name in self._edition.listed.value if self._offers(name, tls=tls)]
        applies = {
            "USER": self.allows_user(tls=tls),
            "SASL": bool(listed),
            "STLS": self.offers_stls() and not tls and not logged_on,
        }
        lines = [line for line in self._edition.capabilities.value if applies.get(line, True)]
        return [f"SASL {' '.join(listed)}" if line == "SASL" else line for line in lines]

    def offers_stls(self) -> bool:
        return self._edition.stls.value

    def allows_user(self, *, tls: bool) -> bool:
        """Tell whether passwords may be sent on such a connection."""
        return tls or self.settings.plaintext_before_tls

    def mechanisms(self, *, tls: bool) -> Mapping[str, Mechanism]:
        return {
            name: partial(self._starts[name], tls)
            for name in self._edition.accepted.value
            if self._offers(name, tls=tls)
        }

    def log_on(self, name: str, password: str) -> Maildrop:
        """Check name and password and open the maildrop.

        An unknown name takes the same path as a wrong password, one comparison included, so that
        neither the reply nor its timing shows which names exist.
        """
        accepted = self._edition.accepted_forms
        found = resolve(name, accepted, self._directory)
        matches = password_matches(found.account, password)
        try:
            mailbox = self._allowed(found, matches=matches)
        except LogonRefused as refusal:
            if refusal.reason in _CURED_BY_A_NAME:
                refusal.instead = works_instead(found, accepted)
            refusal.form = found.form or ""
            raise
        return self._open(mailbox)

    # -- inside -----------------------------------------------------------------------------------

    def _offers(self, mechanism: str, *, tls: bool) -> bool:
        """Tell whether a mechanism may be used on such a connection, and all is there that it needs."""
        if mechanism not in self._starts:
            return False
        if mechanism in _NEGOTIATED:
            return tls or self.settings.negotiated_before_tls
        return self.allows_user(tls=tls)

    def _known_mechanisms(self, trust: Trust) -> dict[str, Start]:
        """Return what starts each mechanism that has all that it needs."""
        known: dict[str, Start] = {
            "PLAIN": lambda _: plain(self.log_on),
            "LOGIN": lambda _: login(self.log_on),
            "NTLM": lambda tls: ntlm(
                self._directory.by_ntlm_name,
                self._open_own,
                prompt=self._edition.ntlm_prompt.value or b"",
                allow_v1=self.settings.ntlm_v1,
                certificate=trust.certificate if tls else None,
                protection=self.settings.extended_protection,
                lockout=self._lockout,
            ),
        }
        if keytab := trust.keytab:
            known["GSSAPI"] = lambda _: gssapi(
                keytab,
                lambda realm, name: self._directory.by_sam(name) if realm == trust.realm else None,
                self._open_own,
            )
        verify = trust.verify
        if verify is None and not self._edition.passwords.value:
            verify = _no_issuer  # because Exchange Online always offers XOAUTH2: it is the only way in
        if verify:
            known["XOAUTH2"] = lambda _: xoauth2(verify, self._open_with_token)
        return known

    def _open_own(self, account: Account) -> Maildrop:
        """Open the mailbox of an account that has proven who it is, by NTLM or Kerberos.

        Where the edition's `own_mailbox` says so, a mailbox of the same alias is wanted, as it is for a short
        log-on name.
        """
        mailbox = account if self._edition.own_mailbox.value else self._directory.by_alias(account.sam or "")
        try:
            mailbox = _entitled(account, mailbox)
        except LogonRefused as refusal:
            refusal.form = Form.DOMAIN_SAM
            raise
        return self._open(mailbox)

    def _open_with_token(self, token: Token, user: str) -> Maildrop:
        """Open the mailbox that ``user=`` names with a token that is genuine.

        A shared mailbox is named by its address, with the token of a user who has full access to it. An
        application's own token opens what the application was given full access to (Microsoft, OAuth for
        IMAP, POP and SMTP).
        """
        mailbox = self._directory.by_upn_or_primary(user)
        if mailbox is None:
            raise LogonRefused(Reason.NO_ACCOUNT)
        account = self._directory.by_upn(token.upn) if token.upn else None
        if not (account.may_open(mailbox) if account else token.app in mailbox.full_access):
            raise LogonRefused(Reason.TOKEN_USER if token.upn else Reason.RIGHTS)
        if not mailbox.pop_enabled:
            raise LogonRefused(Reason.POP_DISABLED)
        return self._open(mailbox)

    def _open(self, mailbox: Account) -> Maildrop:
        opened = self._mailboxes[mailbox.alias]
        try:
            maildrop = opened.open_maildrop()
        except MailboxInUse:
            raise LogonRefused(Reason.IN_USE, ReplyName.IN_USE) from None
        except OSError as error:
            log.error("%s: %s", mailbox.alias, error)
            raise LogonRefused(Reason.UNREADABLE, ReplyName.UNREADABLE) from None
        most = self.settings.connections.per_user
        if most is not None and opened.open_maildrops > most:
            maildrop.close()
            raise LogonRefused(Reason.CONNECTIONS, ReplyName.TOO_MANY_OF_USER)
        return maildrop

    def _allowed(self, found: Resolution, *, matches: bool) -> Account:
        """Return the mailbox that a log-on by password may open.

        Raises:
            LogonRefused: with the first rule that speaks against it.
        """
        account = found.account
        if found.form is None:
            raise LogonRefused(Reason.NO_FORM)
        if found.form is Form.ALIAS and self._short_names:
            raise LogonRefused(Reason.NO_WINDOWS_ACCOUNT)
        if not found.accepted:
            raise LogonRefused(Reason.FORM)
        if account is None:
            raise LogonRefused(Reason.NO_ACCOUNT)
        if not self._edition.passwords.value:
            raise LogonRefused(Reason.NO_PASSWORDS)
        if account.password is None:  # a shared mailbox, which has no log-on of its own
            raise LogonRefused(Reason.PASSWORD)
        # Last, because only what the directory is asked for counts for the lock-out.
        if reason := self._lockout.attempt(account, matches=matches):
            raise LogonRefused(reason)
        return _entitled(account, found.mailbox)


def _no_issuer(_: str) -> Token:
    """Refuse a token, because nothing here has issued it."""
    log.warning("a token is refused: no issuer of tokens is running (serve --issuer, Lab(issuer=True))")
    raise LogonRefused(Reason.NO_ISSUER)


def _entitled(account: Account, mailbox: Account | None) -> Account:
    """Return a mailbox if an account whose identity is proven may open it.

    Raises:
        LogonRefused: with the first rule that keeps it out.
    """
    if mailbox is None:
        raise LogonRefused(Reason.ALIAS)
    if not account.may_open(mailbox):
        raise LogonRefused(Reason.RIGHTS)
    if not mailbox.pop_enabled:
        raise LogonRefused(Reason.POP_DISABLED)
    return mailbox
