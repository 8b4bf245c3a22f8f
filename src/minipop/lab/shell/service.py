"""Cmdlets for the service: who may use POP3 at all."""

from dataclasses import dataclass

from minipop.exchange import Account, SettingsError

from .base import Cmdlets, cmdlet


@dataclass(frozen=True)
class CASMailbox:
    """What Get-CASMailbox tells of a mailbox.

    Args:
        identity: its alias.
        pop_enabled: whether POP3 may be used for it.
    """

    identity: str
    pop_enabled: bool


class ServiceCmdlets(Cmdlets):
    """The cmdlets for the POP3 service and for who may use it."""

    @cmdlet
    def get_cas_mailbox(self, identity: str | None = None) -> list[CASMailbox]:
        """Tell for which mailboxes POP3 is on.

        Args:
            identity: alias, UPN or primary address of one mailbox; None for all.

        Raises:
            SettingsError: there is no such mailbox.
        """
        accounts = self._lab.accounts if identity is None else [self._mailbox(identity)]
        return [CASMailbox(account.alias, account.pop_enabled) for account in accounts]

    # -- inside -----------------------------------------------------------------------------------

    def _mailbox(self, identity: str) -> Account:
        for account in self._lab.accounts:
            names = (account.alias, account.upn, account.primary)
            if identity.casefold() in {name.casefold() for name in names if name}:
                return account
        raise SettingsError(f"no mailbox {identity!r}")
