"""A backup of the mailboxes, and how what it holds gets back into a mailbox.

What arrived after the backup is not in it, and what had been deleted before is not either: a POP3 client
that fetches every few minutes deletes most mail before any backup sees it.
"""

from collections.abc import Mapping
from datetime import datetime

from minipop.exchange import EDITIONS, BackupRestore, SettingsError
from minipop.mailbox import Folder, Mailbox, MemoryFolder, StoredMessage

from .organization import Organization

#: Longest line of a message in characters (RFC 5322, section 2.1.1).
LONGEST_LINE = 998

#: What brings a mailbox back in the editions without the task of Exchange System Manager.
_INSTEAD = {
    BackupRestore.NOTHING: "nothing",
    BackupRestore.BACKUP_SERVICE: "a service such as Microsoft 365 Backup, which the Lab does not have",
    BackupRestore.RECOVERY_SERVER: "a recovery server of its own, and ExMerge",
    BackupRestore.RESTORE_MAILBOX: "lab.shell.new_storage_group(…, recovery=True)"
    " and lab.shell.restore_mailbox",
    BackupRestore.RESTORE_REQUEST: "lab.shell.new_mailbox_restore_request",
}


class Backup:
    """All mailboxes as they were at one moment: the folders that users see, without what is deleted.

    In the real world it is a file of the mailbox database; ``str()`` gives a name for it.

    Args:
        organization: whose mailboxes are backed up.

    Attributes:
        taken: the moment.
    """

    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        self.taken: datetime = organization.clock.now()
        self._mailboxes = organization.between_commands(
            lambda: {alias: copied(mailbox) for alias, mailbox in organization.mailboxes.items()}
        )

    def folders(self, alias: str) -> Mapping[str, Folder]:
        """Return the folders of a mailbox by their names.

        Raises:
            KeyError: no account has that alias.
        """
        return self._mailboxes[alias]

    def recover_mailbox_data(self, alias: str) -> list[StoredMessage]:
        """Merge a mailbox back, as the task “Recover Mailbox Data” of Exchange System Manager 2003 does.

        Args:
            alias: the alias of the account.

        Returns:
            the messages that came back.

        Raises:
            SettingsError: another edition.
        """
        edition, task = self._organization.settings.edition, BackupRestore.RECOVER_MAILBOX_DATA
        if edition.backup_restore.value is not task:
            have = ", ".join(e.name for e in EDITIONS.values() if e.backup_restore.value is task)
            raise SettingsError(
                f"edition {edition.name!r} has no task “Recover Mailbox Data”, only {have} has it;"
                f" instead: {_INSTEAD[edition.backup_restore.value]}"
            )
        return self.merge(alias, alias)

    def merge(self, source: str, target: str, root: str = "") -> list[StoredMessage]:
        """Put back what a mailbox does not have; done twice, nothing is there twice.

        Args:
            source: the alias of the mailbox in the backup.
            target: the alias of the mailbox that gets it.
            root: the folder under which all folders go, empty for the places where they were.

        Returns:
            the messages that came back; they have new UIDs.
        """
        mailbox, folders = self._organization.mailbox(target), self.folders(source)

        def merged() -> list[StoredMessage]:
            return [
                message
                for name, folder in folders.items()
                for message in _added(folder, mailbox, f"{root}/{name}" if root else name)
            ]

        return self._organization.between_commands(merged)

    def __str__(self) -> str:
        return rf"D:\Backup\{self.taken:%Y-%m-%d}\DB01.edb"

    def __repr__(self) -> str:
        return f"<backup of {self.taken:%Y-%m-%d %H:%M}>"


def copied(mailbox: Mailbox) -> dict[str, Folder]:
    """Return copies of the folders that a user sees, in memory."""
    copies: dict[str, Folder] = {}
    for name, folder in mailbox.folders.items():
        copies[name] = copy = MemoryFolder(name)
        for message in folder:
            copy.store(message.uid, message.raw(), message.received, read=message.read)
    return copies


def message_key(message: StoredMessage) -> str | bytes:
    """Return what two copies of one message share: the Message-ID, or the whole content.

    The content, too, if the Message-ID is too long, because of such a one not all may have been read.
    """
    identity = message.header("Message-ID")
    return identity if 0 < len(identity) <= LONGEST_LINE else message.raw()


def _added(source: Folder, mailbox: Mailbox, name: str) -> list[StoredMessage]:
    present = {message_key(message) for message in mailbox.folders.get(name, ())}
    return [
        mailbox.deliver(message.raw(), name, received=message.received, read=message.read)
        for message in source
        if message_key(message) not in present
    ]
