"""The Exchange Management Shell of the Lab: Python functions that bear the names of the cmdlets."""

from .backups import BackupCmdlets
from .recovery import RecoveryCmdlets
from .service import ServiceCmdlets

__all__ = ["Shell"]


class Shell(ServiceCmdlets, RecoveryCmdlets, BackupCmdlets):
    """The Exchange Management Shell of an organization.

    A cmdlet is a method: ``Set-CASMailbox -Identity dora -PopEnabled $true`` is
    ``lab.shell.set_cas_mailbox("dora", pop_enabled=True)``. It is no command language, and of each cmdlet
    it has the parameters that bear on POP3.

    Args:
        organization: what it administers.
    """
