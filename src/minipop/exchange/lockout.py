"""Lock-out of accounts, as Active Directory has it: off unless a threshold is set.

The rules are those of [MS-SAMR] 3.1.5.14.6 and of Microsoft's pages on the Account Lockout Policy. Exchange
has no part in it: each check of a password asks here, and for a locked account the client gets the reply to a
wrong password.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .directory import Account
from .refusals import Reason
from .settings import SettingsError

#: Highest values that the Group Policy editor takes.
MOST_ATTEMPTS, MOST_MINUTES = 999, 99_999


@dataclass(frozen=True)
class LockoutPolicy:
    """The Account Lockout Policy of a domain.

    Args:
        threshold: lockoutThreshold, the bad passwords after which an account is locked, 0 to 999; 0 for
            never, which is the default of a domain.
        observation_window: lockOutObservationWindow, the minutes without a bad password after which counting
            begins anew, 1 to 99999.
        duration: lockoutDuration, for how many minutes an account stays locked, 0 to 99999, and never less
            than the window; 0 until an administrator unlocks it.

    Raises:
        SettingsError: a value is out of range.
    """

    threshold: int = 0
    observation_window: int = 30
    duration: int = 30

    def __post_init__(self) -> None:
        for name, value, lowest, highest in (
            ("lockoutThreshold", self.threshold, 0, MOST_ATTEMPTS),
            ("lockOutObservationWindow", self.observation_window, 1, MOST_MINUTES),
            ("lockoutDuration", self.duration, 0, MOST_MINUTES),
        ):
            if not lowest <= value <= highest:
                raise SettingsError(f"{name} must be {lowest} to {highest}, not {value}")
        if 0 < self.duration < self.observation_window:
            raise SettingsError("lockoutDuration must be 0, or not less than lockOutObservationWindow")


@dataclass
class _Record:
    """What Active Directory keeps with an account: badPwdCount, badPasswordTime, lockoutTime."""

    bad_passwords: int
    last_bad: datetime
    locked_at: datetime | None = None


class Lockout:
    """Counts the bad passwords of accounts, and locks them.

    Only accounts that exist are counted, so invented names cost no memory.

    Args:
        policy: the policy of the domain.
        clock: returns the time, in UTC.
    """

    def __init__(self, policy: LockoutPolicy, clock: Callable[[], datetime]) -> None:
        self._policy = policy
        self._clock = clock
        self._records: dict[str, _Record] = {}

    def attempt(self, account: Account, *, matches: bool) -> Reason | None:
        """Take note of an attempt to prove a password, and return what speaks against the log-on.

        While an account is locked, nothing is counted: a bad password does not prolong the lock, nor does the
        right one end it.

        Args:
            account: the account whose password was to be proven.
            matches: whether it was.

        Returns:
            LOCKED_OUT whatever the password, PASSWORD for a bad one, None if nothing speaks against it.
        """
        if not self._policy.threshold:
            return None if matches else Reason.PASSWORD
        if self.is_locked(account):
            return Reason.LOCKED_OUT
        if matches:
            self.unlock(account)
            return None
        self._count(account.alias)
        return Reason.PASSWORD

    def is_locked(self, account: Account) -> bool:
        """Tell whether an account is locked; a lock whose time is over is taken away."""
        record = self._records.get(account.alias)
        if record is None or record.locked_at is None:
            return False
        duration = timedelta(minutes=self._policy.duration)
        if duration and self._clock() - record.locked_at >= duration:
            self.unlock(account)
            return False
        return True

    def unlock(self, account: Account) -> None:
        """Unlock an account and forget its bad passwords, as an administrator does, and as a log-on does."""
        self._records.pop(account.alias, None)

    def _count(self, alias: str) -> None:
        now = self._clock()
        record = self._records.setdefault(alias, _Record(0, now))
        if now - record.last_bad > timedelta(minutes=self._policy.observation_window):
            record.bad_passwords = 0
        record.bad_passwords += 1
        record.last_bad = now
        if record.bad_passwords >= self._policy.threshold:
            record.locked_at = now


#: Locks no account.
NO_LOCKOUT = Lockout(LockoutPolicy(), lambda: datetime.now(UTC))
