"""Exchange's ways: editions, log-on names, LoginType, mechanisms; `minipop.protocol.Policy` made real."""

from .directory import Account, AccountsError, Directory, password_matches, read_accounts
from .edition import BackupRestore, ConnectionLimits, Edition, ExtendedProtection, LoginType
from .editions import DEFAULT, EDITIONS
from .lockout import Lockout, LockoutPolicy
from .policy import ExchangePolicy, Trust
from .settings import Settings, SettingsError

__all__ = [
    "DEFAULT",
    "EDITIONS",
    "Account",
    "AccountsError",
    "BackupRestore",
    "ConnectionLimits",
    "Directory",
    "Edition",
    "ExchangePolicy",
    "ExtendedProtection",
    "Lockout",
    "LockoutPolicy",
    "LoginType",
    "Settings",
    "SettingsError",
    "Trust",
    "password_matches",
    "read_accounts",
]
