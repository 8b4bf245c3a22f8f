"""Exchange's ways: editions, log-on names, LoginType, mechanisms; `minipop.protocol.Policy` made real."""

from .directory import Account, AccountsError, Directory, password_matches, read_accounts
from .editions import DEFAULT, EDITIONS, Edition, LoginType
from .policy import ExchangePolicy, Settings, SettingsError

__all__ = [
    "DEFAULT",
    "EDITIONS",
    "Account",
    "AccountsError",
    "Directory",
    "Edition",
    "ExchangePolicy",
    "LoginType",
    "Settings",
    "SettingsError",
    "password_matches",
    "read_accounts",
]
