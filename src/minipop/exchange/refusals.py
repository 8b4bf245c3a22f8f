"""Why a log-on was refused: not for the client, but for transcripts and the protocol log.

The values are the keys under which `minipop.wire` explains a refusal in the reader's language.
"""

from enum import StrEnum

from .names import Form, Resolution


class Reason(StrEnum):
    """The rule that refused a log-on."""

    NO_FORM = "no-form"  #: no form of log-on names looks like this
    FORM = "form"  #: a form that this edition does not understand
    NO_WINDOWS_ACCOUNT = "no-windows-account"  #: an alias, where a sAMAccountName is wanted
    NO_ACCOUNT = "no-account"  #: no account has that name
    PASSWORD = "password"
    LOCKED_OUT = "locked-out"  #: too many bad passwords before; see `minipop.exchange.lockout`
    NO_PASSWORDS = "no-passwords"  #: the edition takes tokens only
    ALIAS = "alias"  #: the account has no mailbox whose alias is the name given
    RIGHTS = "rights"  #: the mailbox is another user's, and there is no full access
    POP_DISABLED = "pop-disabled"  #: ``Set-CASMailbox -PopEnabled $false``
    IN_USE = "in-use"  #: another session has the maildrop open
    CONNECTIONS = "connections"  #: as many sessions are open already as ``MaxConnectionsPerUser`` allows
    UNREADABLE = "unreadable"  #: the mailbox lies in files, and these cannot be read or written just now
    MALFORMED = "malformed"  #: a SASL response that its mechanism cannot read
    AUTHZID = "authzid"  #: a mechanism's message asks to act as another user
    NTLM_V1 = "ntlm-v1"  #: an NTLMv1 or LM response, where only NTLMv2 is taken
    CHANNEL_BINDING = "channel-binding"  #: NTLM is not bound to this TLS connection
    TICKET = "ticket"  #: Kerberos does not accept the ticket
    NO_ISSUER = "no-issuer"  #: nothing issues tokens here, so none can be verified
    TOKEN = "token"  #: cannot be verified: garbage, tampered, unsigned, signed by another key
    TOKEN_EXPIRED = "token-expired"  #: or not valid yet
    TOKEN_AUDIENCE = "token-audience"  #: issued for another service
    TOKEN_TENANT = "token-tenant"  #: issued by or for another organization
    TOKEN_SCOPE = "token-scope"  #: without the permission for POP
    TOKEN_USER = "token-user"  #: of another user than the client names


def works_instead(found: Resolution, accepted: frozenset[Form]) -> str:
    """Return a name that would have opened the mailbox that was wanted, empty if there is none.

    For the account's own mailbox that is the UPN, because every edition that takes passwords understands it;
    Microsoft and the MSXFAQ advise it as well.
    """
    account, wanted = found.account, found.mailbox
    if account is None or account.password is None:
        return ""
    if wanted is account or found.form in (Form.SAM, Form.DOMAIN_SAM):
        return account.upn or "" if Form.UPN in accepted else ""
    if wanted and account.may_open(wanted) and Form.DOMAIN_SAM_ALIAS in accepted:
        return f"{account.domain}\\{account.sam}\\{wanted.alias}"
    return ""
