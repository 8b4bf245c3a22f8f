"""Why a log-on was refused. The client never hears of it; transcripts and the protocol log may tell.

The values are the keys under which `minipop.wire` explains a refusal in the reader's language.
"""

from enum import Enum

from .directory import Account
from .names import Form


class Reason(Enum):
    """The rule that refused a log-on."""

    NO_FORM = "no-form"  #: no form of log-on names looks like this
    FORM = "form"  #: a form that this edition does not understand
    NO_ACCOUNT = "no-account"  #: nobody has that name
    PASSWORD = "password"
    NO_PASSWORDS = "no-passwords"  #: the edition takes tokens only
    ALIAS = "alias"  #: the account has no mailbox whose alias is the name given
    RIGHTS = "rights"  #: the mailbox is somebody else's, and there is no full access
    POP_DISABLED = "pop-disabled"  #: ``Set-CASMailbox -PopEnabled $false``
    IN_USE = "in-use"  #: another session has the maildrop open


def works_instead(account: Account | None, accepted: frozenset[Form]) -> str:
    """Return a name with which the account could log on, empty if there is none.

    The UPN comes first: it is understood wherever a password is, and the advice of Microsoft and the
    MSXFAQ alike.
    """
    if account is None or account.password is None:
        return ""
    if Form.UPN in accepted and account.upn:
        return account.upn
    return account.alias if Form.ALIAS in accepted else ""
