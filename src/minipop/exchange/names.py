"""Log-on names: which account does a name mean, and whose mailbox does it open?

The forms are rows of a table: how a form is written, how its account is found, which mailbox it wants.
An edition names the forms that it understands. A short name finds the Windows account and then wants a
mailbox of the same alias: the rule behind “only if the alias equals the sAMAccountName”.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from .directory import Account, Directory


class Form(Enum):
    """The forms of a log-on name."""

    ALIAS = "alias"  #: plain RFC 1939: the name of the mailbox, nothing behind it
    SHORT = "sAMAccountName"
    DOMAIN_SAM = "DOMAIN\\sAMAccountName"
    DOMAIN_SAM_ALIAS = "DOMAIN\\sAMAccountName\\alias"
    UPN = "userPrincipalName"


@dataclass(frozen=True)
class _Rule:
    """How one form is read.

    Args:
        pattern: how it is written; the whole name must match.
        account: finds the account that logs on, by the groups of the pattern.
        mailbox: finds the account whose mailbox is opened; None is the account's own.
    """

    pattern: re.Pattern[str]
    account: Callable[[Directory, dict[str, str]], Account | None]
    mailbox: Callable[[Directory, dict[str, str]], Account | None] | None = None


_SHORT = r"[^\\/@]+"

_RULES: dict[Form, _Rule] = {
    Form.ALIAS: _Rule(re.compile(f"(?P<alias>{_SHORT})"), lambda d, g: d.by_alias(g["alias"])),
    Form.SHORT: _Rule(
        re.compile(f"(?P<sam>{_SHORT})"),
        lambda d, g: d.by_sam(g["sam"]),
        lambda d, g: d.by_alias(g["sam"]),
    ),
    Form.DOMAIN_SAM: _Rule(
        re.compile(rf"(?P<domain>{_SHORT})\\(?P<sam>{_SHORT})"),
        lambda d, g: d.by_sam(g["sam"], g["domain"]),
        lambda d, g: d.by_alias(g["sam"]),
    ),
    Form.DOMAIN_SAM_ALIAS: _Rule(
        re.compile(rf"(?P<domain>{_SHORT})\\(?P<sam>{_SHORT})\\(?P<alias>{_SHORT})"),
        lambda d, g: d.by_sam(g["sam"], g["domain"]),
        lambda d, g: d.by_alias(g["alias"]),
    ),
    Form.UPN: _Rule(
        re.compile(r"(?P<upn>[^\\/@]+@[^\\/@]+)"),
        lambda d, g: d.by_upn(g["upn"]),
    ),
}


@dataclass(frozen=True)
class Resolution:
    """What a name was taken for.

    Args:
        account: the account whose password counts, None if there is none.
        mailbox: the account whose mailbox is wanted, None if there is none.
    """

    account: Account | None
    mailbox: Account | None


def resolve(name: str, forms: frozenset[Form], directory: Directory) -> Resolution:
    """Read a log-on name in the forms that the edition understands; case does not matter."""
    for form in forms:
        rule = _RULES[form]
        match = rule.pattern.fullmatch(name)
        if match:
            account = rule.account(directory, match.groupdict())
            mailbox = rule.mailbox(directory, match.groupdict()) if rule.mailbox else account
            return Resolution(account, mailbox)
    return Resolution(None, None)
