"""The organization: settings, directory, lock-out, mailboxes, clock. Administrators and users act on it."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol, TypeVar

from minipop.exchange import Account, Directory, ExchangePolicy, Lockout, Trust, read_accounts
from minipop.mailbox import Mailbox, base64_uid, decimal_uid
from minipop.mailbox.maildir import Maildirs, maildir_errors

from . import world
from .data import texts
from .options import Options

T = TypeVar("T")

#: When every Lab begins: the Monday morning after the last of the sample mail.
START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class LabStopped(RuntimeError):
    """The Lab is not running: it was stopped, or has not been started.

    Args:
        lang: the reader's language.
    """

    def __init__(self, lang: str) -> None:
        super().__init__(texts(lang, "errors")["lab"]["stopped"])


class Clock:
    """The clock of the Lab. It moves only by `fast_forward`, because no output may vary from run to run."""

    def __init__(self) -> None:
        self._now = START

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return self._now

    def fast_forward(self, days: float) -> None:
        """Move on.

        Raises:
            ValueError: backwards.
        """
        if days < 0:
            raise ValueError("the clock does not go backwards")
        self._now += timedelta(days=days)


class RunningService(Protocol):
    """What an organization needs of the service that lets clients into its mailboxes."""

    def between_commands(self, action: Callable[[], T]) -> T:
        """Do something once all that clients have sent is dealt with; return what it returns."""

    def restart(self) -> None:
        """Restart, so that changed settings take effect; sessions that are open end."""


class Organization:
    """An organization that runs Exchange.

    The mailboxes are used by the service as well, so whatever changes them goes through `between_commands`.

    Args:
        options: the options of the Lab.

    Attributes:
        lang: the language of its users: of their mail, and of the folder names that they see.
        settings: what is set; it takes effect when the service is started or restarted.
        clock: the time of the Lab, which stands still unless `fast_forward` moves it.
        built_in: whether this is the world of the lessons, whose passwords are public.
        directory: the accounts.
        lockout: counts bad passwords and locks accounts.
        mailboxes: the mailboxes by alias.
        service: the service while it runs, else None.

    Raises:
        SettingsError: a setting does not exist or does not fit the edition.
        AccountsError: the accounts file cannot be used.
        MaildirError: the directory for the mail cannot be used.
    """

    def __init__(self, options: Options) -> None:
        self.settings = options.settings()
        self.lang = options.lang
        self.clock = Clock()
        self.built_in = options.accounts is None
        self.directory = Directory(
            world.accounts(options.lang)
            if options.accounts is None
            else read_accounts(Path(options.accounts))
        )
        self.lockout = Lockout(options.lockout_policy(), self.clock.now)
        self.service: RunningService | None = None
        place, aliases = options.maildir, [account.alias for account in self.accounts]
        self._maildirs = None if place is None else Maildirs(place, aliases)
        try:
            with maildir_errors(place or ""):
                self.mailboxes: Mapping[str, Mailbox] = {alias: self._mailbox(alias) for alias in aliases}
                if self._maildirs:
                    self._maildirs.filled()
        except BaseException:
            self.unlock_maildirs()
            raise

    # -- acting -----------------------------------------------------------------------------------

    def between_commands(self, action: Callable[[], T]) -> T:
        """Do something once all that clients have sent is dealt with; return what it returns.

        While no service runs, that is always.
        """
        return self.service.between_commands(action) if self.service else action()

    def restart(self) -> None:
        """Restart the service, so that changed settings take effect.

        Raises:
            LabStopped: none runs.
        """
        if self.service is None:
            raise LabStopped(self.lang)
        self.service.restart()

    def fast_forward(self, days: float) -> None:
        """Let days pass at once: what is kept for a time only is destroyed if that time is over."""

        def pass_nights() -> None:
            self.clock.fast_forward(days)
            for mailbox in self.mailboxes.values():
                mailbox.expire()

        self.between_commands(pass_nights)

    # -- looking ----------------------------------------------------------------------------------

    @property
    def accounts(self) -> list[Account]:
        """The accounts as they are now."""
        return self.directory.accounts

    def mailbox(self, alias: str) -> Mailbox:
        """Return a mailbox as it is once everything that clients have sent is dealt with.

        Raises:
            KeyError: no account has that alias.
        """
        if alias not in self.mailboxes:
            raise KeyError(f"no mailbox {alias!r}; there are {', '.join(self.mailboxes)}")
        return self.between_commands(lambda: self.mailboxes[alias])

    def policy(self, trust: Trust) -> ExchangePolicy:
        """Return the rules of a service as they are now.

        Args:
            trust: whom the service trusts besides the directory.
        """
        return ExchangePolicy(self.settings, self.directory, self.mailboxes, trust, self.lockout)

    # -- Maildirs ---------------------------------------------------------------------------------

    @property
    def maildirs(self) -> Path | None:
        """The directory that holds a Maildir for each account; None if the mail is in memory."""
        return self._maildirs.path if self._maildirs else None

    def lock_maildirs(self) -> None:
        """Lock the Maildirs, if there are any, against other minipops.

        Raises:
            MaildirError: another minipop uses them, or they cannot be read.
        """
        if self._maildirs:
            self._maildirs.acquire()

    def unlock_maildirs(self) -> None:
        """Unlock the Maildirs; may be called twice."""
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
            display_names=world.words(self.lang)["folders"],
        )
        if self.built_in and (self._maildirs is None or self._maildirs.new):
            for folder, content in world.mail(alias, self.lang):
                mailbox.deliver(content, folder)
        return mailbox
