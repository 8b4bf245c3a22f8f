"""Cmdlets that bring deleted mail back: out of Recoverable Items, or out of a backup.

The real ones need roles that no administrator has by default: Mailbox Import Export, or Mailbox Search for
Search-Mailbox without -DeleteContent. The Lab has no roles.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum

from minipop.exchange import SettingsError
from minipop.exchange.mechanisms.ntlm import ServerNames
from minipop.exchange.settings import one_of
from minipop.mailbox import DELETIONS, INBOX, PURGES, Folder, Mailbox, StoredMessage

from ..backup import Backup
from ..organization import Organization
from .base import Cmdlets, cmdlet

_SERVER = ServerNames().computer

_CONDITION = re.compile(r"""(?:(?P<name>\w+):)?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))""")
_SEARCHED = {"": "Subject", "subject": "Subject", "from": "From", "to": "To"}


class SourceFolder(Enum):
    """Where Get-RecoverableItems and Restore-RecoverableItems look."""

    DELETED_ITEMS = "DeletedItems"
    RECOVERABLE_ITEMS = "RecoverableItems"
    PURGED_ITEMS = "PurgedItems"

    def folder(self, mailbox: Mailbox) -> Folder:
        """Return that folder of a mailbox."""
        if self is SourceFolder.DELETED_ITEMS:
            return mailbox.deleted_items
        return mailbox.hidden[DELETIONS if self is SourceFolder.RECOVERABLE_ITEMS else PURGES]


@dataclass(frozen=True)
class RecoverableItem:
    """What Get-RecoverableItems returns of a deleted message.

    Args:
        subject: its subject.
        source_folder: where it is: ``DeletedItems``, ``RecoverableItems`` or ``PurgedItems``.
        last_parent: the folder from which it was deleted, empty if that is not known.
        last_modified_time: in the Lab, when it was deleted, or when it arrived if that is not known.
        message: the message itself.
    """

    subject: str
    source_folder: str
    last_parent: str
    last_modified_time: datetime
    message: StoredMessage = field(repr=False)


@dataclass
class RecoveryDatabase:
    """A database from which mailboxes are restored; clients cannot connect to it, POP3 included.

    Args:
        backup: what was restored into it.
        mounted: whether it is mounted.
    """

    backup: Backup
    mounted: bool = False


class RecoveryCmdlets(Cmdlets):
    """The cmdlets that bring deleted mail back."""

    def __init__(self, organization: Organization) -> None:
        super().__init__(organization)
        self._groups: set[str] = set()
        self._databases: dict[str, RecoveryDatabase] = {}

    # -- how long it is kept ----------------------------------------------------------------------

    @cmdlet
    def set_mailbox(
        self,
        identity: str,
        *,
        single_item_recovery_enabled: bool | None = None,
        retain_deleted_items_for: int | None = None,
    ) -> None:
        """Change what becomes of deleted messages of a mailbox.

        Args:
            identity: alias, UPN or primary address of the mailbox.
            single_item_recovery_enabled: whether a message that its user purges is still kept.
            retain_deleted_items_for: days; Exchange Online allows up to 30.

        Raises:
            SettingsError: there is no such mailbox, or the days are out of range.
        """
        mailbox = self._box(identity)
        kept, most = mailbox.retention, self._organization.settings.edition.most_retention_days.value
        days = kept.days if retain_deleted_items_for is None else retain_deleted_items_for
        if not 0 <= days <= most:
            raise SettingsError(f"RetainDeletedItemsFor must be 0 to {most} days here, not {days}")
        enabled = single_item_recovery_enabled
        recovery = kept.single_item_recovery if enabled is None else enabled
        changed = replace(kept, days=days, single_item_recovery=recovery)
        self._organization.between_commands(lambda: setattr(mailbox, "retention", changed))

    # -- Recoverable Items ------------------------------------------------------------------------

    @cmdlet
    def get_recoverable_items(
        self,
        identity: str,
        *,
        subject_contains: str | None = None,
        filter_start_time: str | None = None,
        filter_end_time: str | None = None,
        source_folder: str | None = None,
    ) -> list[RecoverableItem]:
        """Find deleted messages.

        Args:
            identity: alias, UPN or primary address of the mailbox.
            subject_contains: what stands in the subject, capitals or not.
            filter_start_time: the earliest time of the last change, such as ``2026-03-02``; UTC in the Lab.
            filter_end_time: the latest.
            source_folder: ``DeletedItems``, ``RecoverableItems`` or ``PurgedItems``; None for all three.

        Raises:
            SettingsError: there is no such mailbox, no such folder, or a time cannot be read.
        """
        return self._deleted(identity, subject_contains, filter_start_time, filter_end_time, source_folder)

    @cmdlet
    def restore_recoverable_items(
        self,
        identity: str,
        *,
        subject_contains: str | None = None,
        filter_start_time: str | None = None,
        filter_end_time: str | None = None,
        source_folder: str | None = None,
        restore_target_folder: str | None = None,
    ) -> list[RecoverableItem]:
        """Put deleted messages back where they were deleted from; into the Inbox if that is not known.

        Args:
            identity: alias, UPN or primary address of the mailbox.
            subject_contains: see `get_recoverable_items`.
            filter_start_time: see there.
            filter_end_time: see there.
            source_folder: see there.
            restore_target_folder: another folder for them; Exchange Online alone.

        Raises:
            SettingsError: see there.
        """
        found = self._deleted(identity, subject_contains, filter_start_time, filter_end_time, source_folder)
        mailbox = self._box(identity)

        def restored() -> None:
            for item in found:
                target = restore_target_folder or item.last_parent or INBOX
                if not mailbox.restore(item.message, target):
                    mailbox.move(item.message, target)

        self._organization.between_commands(restored)
        return found

    @cmdlet
    def search_mailbox(
        self,
        identity: str,
        *,
        search_query: str | None = None,
        search_dumpster_only: bool = False,
        target_mailbox: str | None = None,
        target_folder: str | None = None,
        delete_content: bool = False,
    ) -> list[StoredMessage]:
        """Search a mailbox, copy what is found to another one, delete what is found, or both.

        Exchange makes more folders below the target folder; the Lab does not.

        Args:
            identity: alias, UPN or primary address of the mailbox.
            search_query: words that all must be in the subject, such as ``subject:"weekly report"``; the Lab
                knows ``subject:``, ``from:`` and ``to:``. None for all messages.
            search_dumpster_only: whether to search Recoverable Items alone, Purges included.
            target_mailbox: the mailbox that gets the copies.
            target_folder: the folder there.
            delete_content: whether to delete what was found, past what the user can recover.

        Returns:
            what was found.

        Raises:
            SettingsError: there is no such mailbox, the query cannot be read, or one of the targets lacks.
        """
        if (target_mailbox is None) != (target_folder is None):
            raise SettingsError("TargetMailbox and TargetFolder only go together")
        mailbox = self._box(identity)
        target = None if target_mailbox is None else self._box(target_mailbox)
        conditions = list(_conditions(search_query or ""))

        def searched() -> list[StoredMessage]:
            seen = () if search_dumpster_only else mailbox.folders.values()
            found = [
                message
                for folder in (*seen, *mailbox.hidden.values())
                for message in folder
                if all(word in message.header(name).casefold() for name, word in conditions)
            ]
            for message in found:
                if target is not None and target_folder:
                    target.deliver(message.raw(), target_folder, received=message.received, read=message.read)
                if delete_content:
                    mailbox.delete(message)
                    mailbox.purge(message)
            return found

        return self._organization.between_commands(searched)

    # -- backups ----------------------------------------------------------------------------------

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
            raise SettingsError("the Lab makes storage groups for recovery alone: recovery=True")
        if self._groups:
            raise SettingsError(f"there is a recovery storage group already: {', '.join(self._groups)}")
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
                raise SettingsError(f"no recovery storage group {storage_group!r}: New-StorageGroup")
            name = rf"{storage_group}\{mailbox_database_to_recover}"
        elif name is None or not recovery:
            raise SettingsError(
                "a recovery database needs -Name and -Recovery, in 2007 -StorageGroup and"
                " -MailboxDatabaseToRecover; the Lab makes no other ones"
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

    def _box(self, identity: str) -> Mailbox:
        return self._organization.mailbox(self._account(identity).alias)

    def _deleted(
        self, identity: str, subject: str | None, start: str | None, end: str | None, source: str | None
    ) -> list[RecoverableItem]:
        mailbox = self._box(identity)
        wanted = one_of(SourceFolder, "SourceFolder", source)
        earliest = _time("FilterStartTime", "0001-01-01" if start is None else start)
        latest = _time("FilterEndTime", "9999-12-31" if end is None else end)

        def found() -> list[RecoverableItem]:
            places = [wanted] if wanted else SourceFolder
            items = (_item(place, message) for place in places for message in place.folder(mailbox))
            dated = (item for item in items if earliest <= item.last_modified_time <= latest)
            return [item for item in dated if (subject or "").casefold() in item.subject.casefold()]

        return self._organization.between_commands(found)

    def _database(self, name: str) -> RecoveryDatabase:
        if name not in self._databases:
            known = ", ".join(self._databases) or "none"
            raise SettingsError(f"no recovery database {name!r}; there is {known}")
        return self._databases[name]

    def _merged(self, database: str, source: str, target: str, root: str | None) -> list[StoredMessage]:
        found = self._database(database)
        if not found.mounted:
            raise SettingsError(f"the recovery database {database!r} is not mounted: Mount-Database")
        return found.backup.merge(self._account(source).alias, self._account(target).alias, root or "")


def _item(place: SourceFolder, message: StoredMessage) -> RecoverableItem:
    known = message.deletion
    changed, parent = (known.at, known.folder) if known else (message.received, "")
    return RecoverableItem(message.subject, place.value, parent, changed, message)


def _time(parameter: str, typed: str) -> datetime:
    try:
        read = datetime.fromisoformat(typed)
    except ValueError:
        raise SettingsError(f"{parameter} must be a time such as 2026-03-02, not {typed!r}") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _conditions(query: str) -> Iterator[tuple[str, str]]:
    """Give the header field and the words of each condition of a search."""
    for found in _CONDITION.finditer(query):
        name = (found["name"] or "").lower()
        if name not in _SEARCHED:
            known = ", ".join(f"{known}:" for known in _SEARCHED if known)
            raise SettingsError(f"the Lab's search knows {known}; not {name}:")
        yield _SEARCHED[name], (found["phrase"] or found["word"] or "").casefold()
