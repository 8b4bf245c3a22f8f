"""Cmdlets that bring deleted mail back out of a backup: recovery databases, and merging out of them."""

from dataclasses import dataclass

from minipop.exchange import SettingsError
from minipop.exchange.mechanisms.ntlm import ServerNames
from minipop.mailbox import StoredMessage

from ..backup import Backup
from ..organization import Organization
from .base import Cmdlets, cmdlet

_SERVER = ServerNames().computer


@dataclass
class RecoveryDatabase:
    """A database from which mailboxes are restored; clients cannot connect to it, POP3 included.

    Args:
        backup: what was restored into it.
        mounted: whether it is mounted.
    """

    backup: Backup
    mounted: bool = False


class BackupCmdlets(Cmdlets):
    """The cmdlets for recovery databases."""

    def __init__(self, organization: Organization) -> None:
        super().__init__(organization)
        self._groups: set[str] = set()
        self._databases: dict[str, RecoveryDatabase] = {}

    @cmdlet
    def new_storage_group(self, name: str, *, recovery: bool) -> None:
        """Make a recovery storage group; a server has at most one.

        Args:
            name: its name.
            recovery: True; the Lab makes no other ones.

        Raises:
            SettingsError: there is one already.
        """
        if not recovery:
            raise SettingsError("the Lab creates only recovery storage groups; add recovery=True")
        if self._groups:
            raise SettingsError(f"there is already a recovery storage group: {', '.join(self._groups)}")
        self._groups.add(name)

    @cmdlet
    def new_mailbox_database(
        self,
        name: str | None = None,
        *,
        server: str | None = None,
        recovery: bool | None = None,
        storage_group: str | None = None,
        mailbox_database_to_recover: str | None = None,
        edb_file_path: Backup,
    ) -> None:
        r"""Make a recovery database of a backup that was restored to a file; it is not mounted yet.

        Args:
            name: its name, since Exchange 2010.
            server: the server that holds it, since Exchange 2010.
            recovery: True, since Exchange 2010; the Lab makes no other ones.
            storage_group: the recovery storage group, Exchange 2007 alone.
            mailbox_database_to_recover: the database that was backed up, such as ``DB01``, Exchange 2007
                alone; the recovery database is then called ``RSG\DB01`` after both.
            edb_file_path: the backup; the line shows the file that it stands for.

        Raises:
            SettingsError: something of that lacks.
        """
        if server is not None and server.upper() != _SERVER:
            raise SettingsError(f"no server {server!r}; there is {_SERVER}")
        if storage_group is not None and mailbox_database_to_recover is not None:
            if storage_group not in self._groups:
                raise SettingsError(
                    f"no recovery storage group {storage_group!r}; create it first with New-StorageGroup"
                )
            name = rf"{storage_group}\{mailbox_database_to_recover}"
        elif name is None or not recovery:
            raise SettingsError(
                "a recovery database needs -Name and -Recovery, in 2007 -StorageGroup and"
                " -MailboxDatabaseToRecover; the Lab creates no other databases"
            )
        self._databases[name] = RecoveryDatabase(edb_file_path)

    @cmdlet
    def mount_database(self, identity: str) -> None:
        """Mount a recovery database.

        Args:
            identity: its name.

        Raises:
            SettingsError: there is no such database.
        """
        self._database(identity).mounted = True

    @cmdlet
    def restore_mailbox(
        self,
        identity: str,
        *,
        rsg_database: str,
        rsg_mailbox: str | None = None,
        target_folder: str | None = None,
    ) -> list[StoredMessage]:
        r"""Merge a mailbox out of the recovery storage group; what is there already is left out.

        Args:
            identity: the mailbox that gets the messages.
            rsg_database: the database there, such as ``RSG\DB01``.
            rsg_mailbox: the mailbox in the backup; None for the one that has the same identity.
            target_folder: the folder that gets them; None for the places where they were.

        Returns:
            the messages that came back.

        Raises:
            SettingsError: there is no such mailbox or database, or it is not mounted.
        """
        return self._merged(rsg_database, rsg_mailbox or identity, identity, target_folder)

    @cmdlet
    def new_mailbox_restore_request(
        self,
        *,
        source_database: str,
        source_store_mailbox: str,
        target_mailbox: str,
        target_root_folder: str | None = None,
    ) -> list[StoredMessage]:
        """Merge a mailbox out of a recovery database; what is there already is left out.

        Exchange does so in the background and takes Recoverable Items along. The Lab does so at once, and its
        backups hold none.

        Args:
            source_database: the recovery database.
            source_store_mailbox: the mailbox in the backup.
            target_mailbox: the mailbox that gets the messages.
            target_root_folder: the folder under which they go; None for the places where they were.

        Returns:
            the messages that came back.

        Raises:
            SettingsError: there is no such mailbox or database, or it is not mounted.
        """
        return self._merged(source_database, source_store_mailbox, target_mailbox, target_root_folder)

    # -- inside -----------------------------------------------------------------------------------

    def _database(self, name: str) -> RecoveryDatabase:
        if name not in self._databases:
            known = ", ".join(self._databases) or "none"
            raise SettingsError(f"no recovery database {name!r}; there is {known}")
        return self._databases[name]

    def _merged(self, database: str, source: str, target: str, root: str | None) -> list[StoredMessage]:
        found = self._database(database)
        if not found.mounted:
            raise SettingsError(
                f"the recovery database {database!r} is not mounted; mount it first with Mount-Database"
            )
        return found.backup.merge(self._account(source).alias, self._account(target).alias, root or "")
