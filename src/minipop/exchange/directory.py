"""The directory: accounts as Active Directory holds them, and how they are found."""

import hmac
import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any


class AccountsError(ValueError):
    """The accounts file cannot be used; the text says what and where."""


@dataclass(frozen=True)
class Account:
    """One account and its mailbox.

    Args:
        name: for display.
        alias: Exchange alias (mailNickname), the key of the mailbox everywhere.
        domain: NetBIOS name of the domain.
        sam: sAMAccountName, None for a shared mailbox, which has no log-on.
        upn: userPrincipalName.
        primary: primary mail address.
        proxies: further mail addresses (proxyAddresses).
        password: None for a shared mailbox.
        pop_enabled: ``Set-CASMailbox -PopEnabled``.
        full_access: who may open this mailbox besides its owner: aliases of accounts, client ids of
            applications.
    """

    name: str
    alias: str
    domain: str | None = None
    sam: str | None = None
    upn: str | None = None
    primary: str | None = None
    proxies: tuple[str, ...] = ()
    password: str | None = field(default=None, repr=False)
    pop_enabled: bool = True
    full_access: tuple[str, ...] = ()

    def may_open(self, mailbox: "Account") -> bool:
        """Tell whether this account has the right to a mailbox, its own or another's."""
        return mailbox.alias == self.alias or self.alias in mailbox.full_access

    def is_of(self, domain: str) -> bool:
        """Tell whether this account belongs to a domain, given by its NetBIOS name."""
        return domain.casefold() == (self.domain or "").casefold()

    @property
    def dns_domain(self) -> str:
        """The domain's DNS name in lower case: the suffix of the UPN, in the world of the lessons."""
        return (self.upn or "").rpartition("@")[2].casefold()

    def as_json(self, *, reveal: bool) -> dict[str, Any]:
        """Return the account for the JSON line; the password only where it is no secret."""
        shown = asdict(self)
        del shown["full_access"]
        shown["proxies"] = list(self.proxies)
        if not reveal:
            shown["password"] = None
        return shown


class Directory:
    """All accounts of a service, found by any of their names; names compare without regard to case."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._index(accounts)

    def change(self, alias: str, **values: Any) -> None:
        """Change an account, from the next log-on on; a session that is open keeps what it has.

        Args:
            alias: the alias of the account.
            values: fields of `Account` and what they are from now on.
        """
        self._index(replace(a, **values) if a.alias == alias else a for a in self.accounts)

    def _index(self, accounts: Iterable[Account]) -> None:
        self.accounts = list(accounts)
        self._by_alias = {a.alias.casefold(): a for a in self.accounts}
        self._by_sam = {a.sam.casefold(): a for a in self.accounts if a.sam}
        self._by_upn = {a.upn.casefold(): a for a in self.accounts if a.upn}
        self._by_primary = {a.primary.casefold(): a for a in self.accounts if a.primary}
        self._by_proxy = {p.casefold(): a for a in self.accounts for p in a.proxies}

    def by_alias(self, alias: str) -> Account | None:
        """Find an account by its alias."""
        return self._by_alias.get(alias.casefold())

    def by_sam(self, sam: str, domain: str | None = None) -> Account | None:
        """Find an account by its sAMAccountName; a bare name is taken as of the server's own domain."""
        account = self._by_sam.get(sam.casefold())
        if account and domain is not None and not account.is_of(domain):
            return None
        return account

    def by_upn(self, upn: str) -> Account | None:
        """Find an account by its userPrincipalName."""
        return self._by_upn.get(upn.casefold())

    def by_primary(self, address: str) -> Account | None:
        """Find an account by its primary mail address."""
        return self._by_primary.get(address.casefold())

    def by_proxy(self, address: str) -> Account | None:
        """Find an account by one of its further mail addresses."""
        return self._by_proxy.get(address.casefold())

    def by_ntlm_name(self, domain: str, user: str) -> Account | None:
        """Find an account by the names in NTLM's last message.

        Args:
            domain: the domain's NetBIOS or DNS name; empty for the server's own.
            user: the sAMAccountName; or a UPN, which needs no domain.
        """
        if "@" in user:
            return self.by_upn(user)
        account = self.by_sam(user)
        own = account and (account.is_of(domain) or domain.casefold() == account.dns_domain)
        return account if own or not domain else None

    def by_upn_or_primary(self, name: str) -> Account | None:
        """Find the owner of a mailbox by a name of the form user@domain ([MS-OXPOP3] 2.2.2).

        The primary address serves as well, because a shared mailbox has no UPN.
        """
        return self.by_upn(name) or self.by_primary(name)


def password_matches(account: Account | None, password: str) -> bool:
    """Compare a password in constant time, once, whether or not there is an account to compare it with."""
    known = account.password if account else None
    matches = hmac.compare_digest((known or "").encode(), password.encode())
    return matches and known is not None


def read_accounts(file: Path) -> list[Account]:
    """Read accounts from a TOML file of ``[[accounts]]`` tables.

    Raises:
        AccountsError: the file cannot be read, is no TOML, or a table is wrong.
    """
    tables, wrong = None, ""
    try:
        # Windows' Notepad begins a file with a byte order mark: utf-8-sig takes it away.
        tables = tomllib.loads(file.read_text("utf-8-sig")).get("accounts")
    except OSError as error:
        wrong = error.strerror or str(error)
    except RecursionError:
        wrong = "nested too deeply"
    except ValueError as error:  # no UTF-8, no TOML, or a number of more digits than Python reads
        wrong = str(error)
    if wrong:  # outside of the except clauses, because their errors hold the whole file, with its passwords
        raise AccountsError(f"{file}: {wrong}")
    if not isinstance(tables, list) or not tables:
        raise AccountsError(f"{file}: no [[accounts]] table; write one for each account")
    accounts = [_account(table, f"{file}: account {n}") for n, table in enumerate(tables, 1)]
    for key in ("alias", "sam", "upn"):
        seen: set[str] = set()
        for value in filter(None, (getattr(account, key) for account in accounts)):
            if value.casefold() in seen:
                raise AccountsError(f"{file}: {key} {value!r} is there twice; each account needs another one")
            seen.add(value.casefold())
    return accounts


_LISTS = {"proxies", "full_access"}
_KEYS = {f.name: f for f in fields(Account)}


def _account(table: object, where: str) -> Account:
    if not isinstance(table, dict):
        raise AccountsError(f"{where} is not a table; write [[accounts]] above its keys")
    for key, value in table.items():
        if key not in _KEYS:
            raise AccountsError(f"{where}: unknown key {key!r}; use only {', '.join(_KEYS)}")
        if key in _LISTS:
            right = isinstance(value, list) and all(isinstance(item, str) for item in value)
            write = 'a list such as ["a@x.example"]'
        else:
            right = isinstance(value, bool if key == "pop_enabled" else str) and value != ""
            write = "true or false" if key == "pop_enabled" else "a text in quotation marks"
        if not right:
            raise AccountsError(f"{where}: {key} has a value of the wrong kind; write {write}")
        if key != "password" and not _printable(value):  # because terminals and logs show it
            raise AccountsError(f"{where}: {key} contains a character that cannot be printed; remove it")
    for key in ("name", "alias"):
        if key not in table:
            raise AccountsError(f"{where}: {key} is missing; every account needs a name and an alias")
    if not all(c.isalnum() or c in "._-" for c in table["alias"]) or table["alias"].startswith("."):
        raise AccountsError(
            f"{where}: an alias consists of letters, digits, '.', '_' and '-', and does not begin with '.'"
        )
    values: dict[str, Any] = {k: tuple(v) if k in _LISTS else v for k, v in table.items()}
    return Account(**values)


def _printable(value: str | list[str] | bool) -> bool:
    """Tell whether a value is shown as it is: neither control characters nor what turns the direction."""
    texts = [] if isinstance(value, bool) else [value] if isinstance(value, str) else value
    return all(map(str.isprintable, texts))
