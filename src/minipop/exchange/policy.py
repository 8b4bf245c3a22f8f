"""Exchange's rules for a POP3 session: an edition, its settings, its directory, its mailboxes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from minipop.mailbox import Mailbox, MailboxInUse
from minipop.protocol import LogonRefused, Maildrop, Mechanism, Replies

from .directory import Directory, password_matches
from .edition import Edition, LoginType
from .editions import EDITIONS
from .mechanisms import PASSWORD_MECHANISMS
from .names import Form, Resolution, resolve
from .refusals import Reason, works_instead

#: Refusals that another form of the name would have avoided.
_CURED_BY_A_NAME = {Reason.FORM, Reason.ALIAS, Reason.NO_WINDOWS_ACCOUNT}


class SettingsError(ValueError):
    """A setting does not exist or does not fit the edition; the text says which."""


@dataclass(frozen=True)
class Settings:
    """What an administrator sets for the service.

    Args:
        edition: the edition.
        login_type: LoginType, None for the edition's own.
    """

    edition: Edition
    login_type: LoginType | None = None

    @classmethod
    def of(cls, edition: str, login_type: str | None = None) -> "Settings":
        """Read the settings as they are typed.

        Raises:
            SettingsError: no such edition, no such LoginType, or an edition that has none.
        """
        if edition not in EDITIONS:
            raise SettingsError(f"unknown edition {edition!r}; known are {', '.join(EDITIONS)}")
        known = EDITIONS[edition]
        if login_type is None:
            return cls(known)
        if known.login_type.value is None:
            raise SettingsError(f"edition {edition!r} has no LoginType")
        try:
            return cls(known, LoginType(login_type))
        except ValueError:
            values = ", ".join(value.value for value in LoginType)
            raise SettingsError(f"unknown LoginType {login_type!r}; known are {values}") from None

    @property
    def effective_login_type(self) -> LoginType | None:
        """The LoginType in force, None if the edition knows none."""
        return self.login_type or self.edition.login_type.value

    @property
    def plaintext_before_tls(self) -> bool:
        """Whether a password may cross 110 unencrypted: a setting of the service, never of a user."""
        if self.effective_login_type is None:
            return self.edition.plaintext_before_tls.value
        return self.effective_login_type is LoginType.PLAIN_TEXT_LOGIN


class ExchangePolicy:
    """The rules of one service; see `minipop.protocol.Policy`.

    Args:
        settings: edition and settings.
        directory: the accounts.
        mailboxes: the mailboxes by alias.
    """

    def __init__(self, settings: Settings, directory: Directory, mailboxes: Mapping[str, Mailbox]) -> None:
        self.settings = settings
        self.replies = Replies(**{k: fact.value for k, fact in settings.edition.replies.items()})
        self.line_limit = settings.edition.line_limit.value
        self._edition = settings.edition
        self._short_names = Form.SAM in settings.edition.accepted_forms
        self._directory = directory
        self._mailboxes = mailboxes

    def capabilities(self, *, tls: bool, logged_on: bool) -> Sequence[str]:
        """Return the edition's CAPA lines as far as they apply here and now."""
        listed = self._edition.listed.value if self.allows_user(tls=tls) else ()
        applies = {
            "USER": self.allows_user(tls=tls),
            "SASL": bool(listed),
            "STLS": self.offers_stls() and not tls and not logged_on,
        }
        lines = [line for line in self._edition.capabilities.value if applies.get(line, True)]
        return [f"SASL {' '.join(listed)}" if line == "SASL" else line for line in lines]

    def offers_stls(self) -> bool:
        """Tell whether 110 offers STLS."""
        return self._edition.stls.value

    def allows_user(self, *, tls: bool) -> bool:
        """Tell whether passwords may be sent on such a connection."""
        return tls or self.settings.plaintext_before_tls

    def mechanisms(self, *, tls: bool) -> Mapping[str, Mechanism]:
        """Return the mechanisms that AUTH accepts on such a connection."""
        if not self.allows_user(tls=tls):
            return {}
        return {
            name: partial(PASSWORD_MECHANISMS[name], self.log_on) for name in self._edition.accepted.value
        }

    def log_on(self, name: str, password: str) -> Maildrop:
        """Check name and password and open the maildrop.

        An unknown name takes the same path as a wrong password, one comparison included, so that
        neither the reply nor its timing tells which names exist.
        """
        accepted = self._edition.accepted_forms
        found = resolve(name, accepted, self._directory)
        matches = password_matches(found.account, password)
        reason = self._reason_against(found, matches=matches)
        if reason:
            instead = works_instead(found, accepted) if reason in _CURED_BY_A_NAME else ""
            raise LogonRefused(reason.value, form=found.form.value if found.form else "", instead=instead)
        assert found.mailbox is not None
        try:
            return self._mailboxes[found.mailbox.alias].open_maildrop()
        except MailboxInUse:
            raise LogonRefused(Reason.IN_USE.value, "in_use") from None

    def _reason_against(self, found: Resolution, *, matches: bool) -> Reason | None:
        """Return the first rule that speaks against a log-on, None if it may go on."""
        account, mailbox = found.account, found.mailbox
        rules = (
            (found.form is None, Reason.NO_FORM),
            (found.form is Form.ALIAS and self._short_names, Reason.NO_WINDOWS_ACCOUNT),
            (not found.accepted, Reason.FORM),
            (account is None, Reason.NO_ACCOUNT),
            (not self._edition.passwords.value, Reason.NO_PASSWORDS),
            (not matches, Reason.PASSWORD),
            (mailbox is None, Reason.ALIAS),
            (account and mailbox and not account.may_open(mailbox), Reason.RIGHTS),
            (mailbox and not mailbox.pop_enabled, Reason.POP_DISABLED),
        )
        return next((reason for applies, reason in rules if applies), None)
