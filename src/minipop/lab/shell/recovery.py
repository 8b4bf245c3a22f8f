"""Cmdlets that bring deleted mail back out of Recoverable Items.

The real ones need roles that no administrator has by default: Mailbox Import Export, or Mailbox Search for
Search-Mailbox without -DeleteContent. The Lab has no roles.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum

from minipop.exchange import SettingsError
from minipop.exchange.settings import one_of
from minipop.mailbox import DELETIONS, INBOX, PURGES, Folder, Mailbox, StoredMessage

from .base import Cmdlets, cmdlet

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


class RecoveryCmdlets(Cmdlets):
    """The cmdlets for Recoverable Items, and for how long what is in there is kept."""

    # -- how long it is kept ----------------------------------------------------------------------

    @cmdlet
    def set_mailbox(
        self,
        identity: str,
        *,
        single_item_recovery_enabled: bool | None = None,
        retain_deleted_items_for: int | None = None,
        use_database_retention_defaults: bool | None = None,
    ) -> None:
        """Change what becomes of deleted messages of a mailbox.

        Args:
            identity: alias, UPN or primary address of the mailbox.
            single_item_recovery_enabled: whether a message that its user purges is still kept.
            retain_deleted_items_for: days; Exchange Online allows up to 30. In the Lab they count at once.
                Type ``use_database_retention_defaults=False`` with them all the same: Microsoft's page
                contradicts itself on whether a server ignores them otherwise.
            use_database_retention_defaults: True for the days of the database: the edition's default.

        Raises:
            SettingsError: there is no such mailbox, or the days are out of range.
        """
        mailbox = self._mailbox(identity)
        kept, edition = mailbox.retention, self._organization.settings.edition
        most = edition.most_retention_days.value
        days = kept.days if retain_deleted_items_for is None else retain_deleted_items_for
        if not 0 <= days <= most:
            raise SettingsError(f"RetainDeletedItemsFor must be 0 to {most} days here, not {days}")
        if use_database_retention_defaults:
            days = edition.retention_days.value
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
        mailbox = self._mailbox(identity)

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
            raise SettingsError("give both TargetMailbox and TargetFolder, or neither")
        mailbox = self._mailbox(identity)
        target = None if target_mailbox is None else self._mailbox(target_mailbox)
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

    # -- inside -----------------------------------------------------------------------------------

    def _deleted(
        self, identity: str, subject: str | None, start: str | None, end: str | None, source: str | None
    ) -> list[RecoverableItem]:
        mailbox = self._mailbox(identity)
        wanted = one_of(SourceFolder, "SourceFolder", source)
        earliest = _time("FilterStartTime", "0001-01-01" if start is None else start)
        latest = _time("FilterEndTime", "9999-12-31" if end is None else end)

        def found() -> list[RecoverableItem]:
            places = [wanted] if wanted else SourceFolder
            items = (_item(mailbox, place, m) for place in places for m in place.folder(mailbox))
            dated = (item for item in items if earliest <= item.last_modified_time <= latest)
            return [item for item in dated if (subject or "").casefold() in item.subject.casefold()]

        return self._organization.between_commands(found)


def _item(mailbox: Mailbox, place: SourceFolder, message: StoredMessage) -> RecoverableItem:
    known = message.deletion
    changed, parent = (known.at, mailbox.display_name(known.folder)) if known else (message.received, "")
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
            raise SettingsError(f"the Lab's search understands only {known}, not {name}:")
        yield _SEARCHED[name], (found["phrase"] or found["word"] or "").casefold()
