"""Log-on names: which account does a name mean, and whose mailbox does it open?

The forms are rows of a table: how a form is written, how its account is found, which mailbox it wants.
An edition says of each form whether it understands it. A short name finds the Windows account and then
wants a mailbox of the same alias: the rule behind “only if the alias equals the sAMAccountName”.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum

from .directory import Account, Directory


class Form(StrEnum):
    """The forms of a log-on name; the value is how documentation writes it."""

    ALIAS = "alias"
    SAM = "sAMAccountName"
    DOMAIN_SAM = "DOMAIN\\sAMAccountName"
    DOMAIN_SAM_ALIAS = "DOMAIN\\sAMAccountName\\alias"
    UPN = "userPrincipalName"
    PRIMARY = "primary address"
    PROXY = "proxy address"
    # Another person's mailbox: the delegate first, then whose mailbox ([MS-OXPOP3] 2.2.2).
    DOMAIN_ALIAS_ALIAS = "DOMAIN/delegate alias/alias"
    DOMAIN_ALIAS_UPN = "DOMAIN/delegate alias/UPN"
    UPN_ALIAS = "delegate UPN/alias"
    UPN_UPN = "delegate UPN/UPN"
    UPN_BACKSLASH_ALIAS = "delegate UPN\\alias"


Find = Callable[[Directory, dict[str, str]], Account | None]


@dataclass(frozen=True)
class _Rule:
    """How one form is read.

    Args:
        pattern: how it is written; the whole name must match.
        account: finds the account that logs on, by the groups of the pattern.
        mailbox: finds the account whose mailbox is opened; None is the account's own.
    """

    pattern: re.Pattern[str]
    account: Find
    mailbox: Find | None = None


def _pattern(text: str) -> re.Pattern[str]:
    """Compile a form: a word stands for a part without separators, a word with @ for user@domain."""
    return re.compile(re.sub(r"(\w+)(@?)", _group, re.escape(text)))


def _group(word: re.Match[str]) -> str:
    part = r"[^\\/@]+"
    return f"(?P<{word[1]}>{part}@{part})" if word[2] else f"(?P<{word[1]}>{part})"


def _by_sam(directory: Directory, name: dict[str, str]) -> Account | None:
    return directory.by_sam(name["sam"], name.get("domain"))


def _delegate(directory: Directory, name: dict[str, str]) -> Account | None:
    """Find a delegate by the alias; the domain is the delegate's."""
    account = directory.by_alias(name["delegate"])
    return account if account and account.is_of(name["domain"]) else None


_RULES: dict[Form, _Rule] = {
    Form.SAM: _Rule(_pattern("sam"), _by_sam, lambda d, n: d.by_alias(n["sam"])),
    Form.ALIAS: _Rule(_pattern("alias"), lambda d, n: d.by_alias(n["alias"])),
    Form.DOMAIN_SAM: _Rule(_pattern(r"domain\sam"), _by_sam, lambda d, n: d.by_alias(n["sam"])),
    Form.DOMAIN_SAM_ALIAS: _Rule(_pattern(r"domain\sam\alias"), _by_sam, lambda d, n: d.by_alias(n["alias"])),
    Form.UPN: _Rule(_pattern("upn@"), lambda d, n: d.by_upn(n["upn"])),
    Form.PRIMARY: _Rule(_pattern("address@"), lambda d, n: d.by_primary(n["address"])),
    Form.PROXY: _Rule(_pattern("address@"), lambda d, n: d.by_proxy(n["address"])),
    Form.DOMAIN_ALIAS_ALIAS: _Rule(
        _pattern("domain/delegate/alias"), _delegate, lambda d, n: d.by_alias(n["alias"])
    ),
    Form.DOMAIN_ALIAS_UPN: _Rule(
        _pattern("domain/delegate/owner@"), _delegate, lambda d, n: d.by_identifier(n["owner"])
    ),
    Form.UPN_ALIAS: _Rule(
        _pattern("upn@/alias"), lambda d, n: d.by_upn(n["upn"]), lambda d, n: d.by_alias(n["alias"])
    ),
    Form.UPN_UPN: _Rule(
        _pattern("upn@/owner@"), lambda d, n: d.by_upn(n["upn"]), lambda d, n: d.by_identifier(n["owner"])
    ),
    Form.UPN_BACKSLASH_ALIAS: _Rule(
        _pattern(r"upn@\alias"), lambda d, n: d.by_upn(n["upn"]), lambda d, n: d.by_alias(n["alias"])
    ),
}


@dataclass(frozen=True)
class Resolution:
    """What a name was taken for.

    Args:
        form: the form in which it was read, None if it has none.
        accepted: whether the edition understands that form.
        account: the account whose password counts, None if there is none.
        mailbox: the account whose mailbox is wanted, None if there is none.
    """

    form: Form | None = None
    accepted: bool = False
    account: Account | None = None
    mailbox: Account | None = None


def resolve(name: str, accepted: Collection[Form], directory: Directory) -> Resolution:
    """Read a log-on name; case does not matter.

    A name may have several forms at once (``bm@muster.example`` could be a UPN or an address). It is
    read in the one that serves it best: understood and known, then known, then understood.
    """
    readings = [Resolution()]
    for form, rule in _RULES.items():
        match = rule.pattern.fullmatch(name)
        if match:
            account = rule.account(directory, match.groupdict())
            mailbox = rule.mailbox(directory, match.groupdict()) if rule.mailbox else account
            readings.append(Resolution(form, form in accepted, account, mailbox))
    return max(
        readings, key=lambda r: (r.accepted and r.account is not None, r.account is not None, r.accepted)
    )
