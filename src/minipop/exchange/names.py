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


#: Finds an account by the parts of a name.
Find = Callable[[Directory, dict[str, str]], Account | None]


def _pattern(text: str) -> re.Pattern[str]:
    """Compile a form: a word stands for a part without separators, a word with @ for user@domain."""
    part = r"[^\\/@]+"

    def group(word: re.Match[str]) -> str:
        return f"(?P<{word[1]}>{part}@{part})" if word[2] else f"(?P<{word[1]}>{part})"

    return re.compile(re.sub(r"(\w+)(@?)", group, re.escape(text)))


def _find(method: Callable[[Directory, str], Account | None], part: str) -> Find:
    return lambda directory, name: method(directory, name[part])


def _by_sam(directory: Directory, name: dict[str, str]) -> Account | None:
    return directory.by_sam(name["sam"], name.get("domain"))


def _delegate(directory: Directory, name: dict[str, str]) -> Account | None:
    """Find a delegate by the alias; the domain is the delegate's."""
    account = directory.by_alias(name["delegate"])
    return account if account and account.is_of(name["domain"]) else None


_ALIAS, _SAM_AS_ALIAS = _find(Directory.by_alias, "alias"), _find(Directory.by_alias, "sam")
_UPN, _OWNER = _find(Directory.by_upn, "upn"), _find(Directory.by_upn_or_primary, "owner")

#: How each form is written, what finds the account that logs on, and what finds the account whose mailbox is
#: opened; None is the account's own.
_FORMS: dict[Form, tuple[re.Pattern[str], Find, Find | None]] = {
    Form.SAM: (_pattern("sam"), _by_sam, _SAM_AS_ALIAS),
    Form.ALIAS: (_pattern("alias"), _ALIAS, None),
    Form.DOMAIN_SAM: (_pattern(r"domain\sam"), _by_sam, _SAM_AS_ALIAS),
    Form.DOMAIN_SAM_ALIAS: (_pattern(r"domain\sam\alias"), _by_sam, _ALIAS),
    Form.UPN: (_pattern("upn@"), _UPN, None),
    Form.PRIMARY: (_pattern("address@"), _find(Directory.by_primary, "address"), None),
    Form.PROXY: (_pattern("address@"), _find(Directory.by_proxy, "address"), None),
    Form.DOMAIN_ALIAS_ALIAS: (_pattern("domain/delegate/alias"), _delegate, _ALIAS),
    Form.DOMAIN_ALIAS_UPN: (_pattern("domain/delegate/owner@"), _delegate, _OWNER),
    Form.UPN_ALIAS: (_pattern("upn@/alias"), _UPN, _ALIAS),
    Form.UPN_UPN: (_pattern("upn@/owner@"), _UPN, _OWNER),
    Form.UPN_BACKSLASH_ALIAS: (_pattern(r"upn@\alias"), _UPN, _ALIAS),
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
    for form, (pattern, find_account, find_mailbox) in _FORMS.items():
        if match := pattern.fullmatch(name):
            account = find_account(directory, match.groupdict())
            mailbox = find_mailbox(directory, match.groupdict()) if find_mailbox else account
            readings.append(Resolution(form, form in accepted, account, mailbox))
    return max(
        readings, key=lambda r: (r.accepted and r.account is not None, r.account is not None, r.accepted)
    )
