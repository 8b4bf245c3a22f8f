"""A mailbox: folders, what a deletion leaves behind and how long, and the maildrop that POP3 sees of it."""

import base64
import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from minipop.protocol import MaildropError, Message

from .conversion import UnconvertedMessage
from .folder import Folder, Store
from .memory import MemoryFolder, MemoryStore
from .message import EPOCH, Deletion, StoredMessage
from .retention import (
    DELETED_ITEMS,
    DELETIONS,
    INBOX,
    PURGES,
    SENT_ITEMS,
    SINCE_2010,
    VERSIONS,
    DeletesTo,
    Retention,
)

log = logging.getLogger(__name__)


class MailboxInUse(Exception):
    """The maildrop is open already, and this mailbox lets only one session in (RFC 1939, section 4)."""


def decimal_uid(_: str, number: int) -> str:
    """Return a UID as Exchange 2007 and later write it: a decimal number."""
    return str(number)


def base64_uid(alias: str, number: int) -> str:
    """Return a UID as Exchange up to 2003 wrote it: base64 of 64 bits and a GUID (KB 161116)."""
    guid = uuid.uuid5(uuid.NAMESPACE_URL, alias).bytes
    return base64.b64encode(number.to_bytes(8) + guid).decode()


class Mailbox:
    """A mailbox with its folders.

    Args:
        alias: the alias of the account.
        store: keeps the folders; None for memory.
        retention: what becomes of a message that bypasses Deleted Items.
        exclusive: whether a second session is refused while one has the maildrop open.
        clock: tells the time.
        write_uid: writes a UID, given the alias and a number that is never used twice.
        display_names: what users see in place of the names of `minipop.mailbox.retention`, which stay the
            keys of `folders` and the names on disk in every language.
    """

    def __init__(
        self,
        alias: str,
        *,
        store: Store | None = None,
        retention: Retention = SINCE_2010,
        exclusive: bool = False,
        clock: Callable[[], datetime] = lambda: EPOCH,
        write_uid: Callable[[str, int], str] = decimal_uid,
        display_names: Mapping[str, str] | None = None,
    ) -> None:
        self.alias = alias
        self._display_names = display_names or {}
        self.retention = retention
        self._store: Store = store or MemoryStore()
        self._store.set_uid_factory(self._new_uid)
        names = dict.fromkeys((INBOX, SENT_ITEMS, DELETED_ITEMS, *self._store.names()))
        #: The folders that their user sees, by name: `INBOX`, `SENT_ITEMS` and `DELETED_ITEMS` in English.
        self.folders = {name: self._named(name, self._store.folder(name)) for name in names}
        #: What is hidden from their user: Recoverable Items, by the names of its folders, since Exchange
        #: 2010; before, the dumpster of each folder, by that folder's name.
        self.hidden: dict[str, Folder] = {}
        if retention.deletes_to is DeletesTo.RECOVERABLE_ITEMS:
            self.hidden = {name: self._store.hidden(name) for name in (DELETIONS, VERSIONS, PURGES)}
        elif retention.deletes_to is DeletesTo.DUMPSTER:
            self.hidden = {name: self._named(name, self._store.hidden(name)) for name in names}
        self._exclusive = exclusive
        self._clock = clock
        self._write_uid = write_uid
        #: How many POP3 sessions have it open.
        self.open_maildrops = 0
        self._unconverted: dict[str, bool] = {}  # by UID, whether there is a substitute
        self._rules: list[tuple[str, str]] = []  # a word of the subject, and the folder
        #: How many POP3 sessions have ended with QUIT.
        self.sessions_ended = 0

    @property
    def inbox(self) -> Folder:
        """The one folder that POP3 sees."""
        return self.folders[INBOX]

    @property
    def deleted_items(self) -> Folder:
        """The wastebasket; nothing that POP3 deletes goes there."""
        return self.folders[DELETED_ITEMS]

    @property
    def recoverable_items(self) -> Folder:
        """What POP3 deleted and can still be recovered: Deletions, or the Inbox's dumpster before 2010."""
        found = self._hides(INBOX)
        return MemoryFolder(DELETIONS) if found is None else found

    def display_name(self, folder: str) -> str:
        """Return the name that users see of a folder, given its key in `folders`."""
        return self._display_names.get(folder, folder)

    # -- mail arrives -----------------------------------------------------------------------------

    def deliver(
        self, content: bytes | Path, folder: str = "", *, received: datetime | None = None, read: bool = False
    ) -> StoredMessage:
        """Store a message at the end of a folder, which is made if there is none of that name.

        Args:
            content: the message itself, or the file that holds it and must stay where it is.
            folder: the name of the folder; empty for the Inbox, unless a rule files it elsewhere.
            received: when it arrived, None for now.
            read: whether it counts as read.

        Raises:
            OSError: the file cannot be read.
        """
        name = folder or INBOX
        message = self._folder(name).store(self._new_uid(), content, received or self._clock(), read=read)
        if not folder:
            subject = message.subject.casefold()
            target = next((target for word, target in self._rules if word in subject), INBOX)
            if target != INBOX:
                self.move(message, target)
        return message

    def add_rule(self, word: str, folder: str) -> None:
        """Let the server file away what arrives from now on, as an Inbox rule does (``New-InboxRule``).

        Args:
            word: what stands in the subject of such a message, capitals or not.
            folder: where it goes; there POP3 does not see it.
        """
        self._rules.append((word.casefold(), folder))

    def move(self, message: StoredMessage, folder: str) -> None:
        """Move a message to another folder, as its user does in Outlook."""
        name = self._where(message)
        target = self._folder(folder)
        if name and self.folders[name].move(message, target):
            message.gone = target is not self.inbox

    def fail_conversion(self, number: int, *, substitute: bool = True) -> None:
        """Let the server fail to convert a message, in all sessions that begin from now on.

        The message itself stays as it is.

        Args:
            number: its place in the Inbox, from 1.
            substitute: whether POP3 gets a message that says so, as from Exchange 2010, or an error, as from
                Exchange 5.0.

        Raises:
            IndexError: there are not that many messages.
        """
        if number < 1:
            raise IndexError(number)
        self._unconverted[self.inbox.messages[number - 1].uid] = substitute

    # -- mail goes --------------------------------------------------------------------------------

    def delete(self, message: StoredMessage) -> None:
        """Remove a message from its folder, past Deleted Items: what POP3's DELE and Shift+Delete do."""
        name = self._where(message)
        if name is None:
            return
        source, hidden = self.folders[name], self._hides(name)
        deletion = Deletion(self._clock(), name)
        done = source.discard(message) if hidden is None else source.move(message, hidden, deletion)
        message.gone = message.gone or done

    def purge(self, message: StoredMessage) -> None:
        """Remove a deleted message for good, as its user can in the list of recoverable items.

        With single item recovery it only moves on to Purges, where administrators still find it.
        """
        for name, folder in self.hidden.items():
            if name not in (PURGES, VERSIONS) and folder.holds(message):
                if self.retention.single_item_recovery and PURGES in self.hidden:
                    folder.move(message, self.hidden[PURGES], message.deletion)
                else:
                    folder.discard(message)

    def restore(self, message: StoredMessage, folder: str = "") -> bool:
        """Take a deleted message back; tell whether it was there to be taken.

        Args:
            message: one of `hidden`.
            folder: where to; empty for where it was deleted from.
        """
        origin = message.deletion.folder if message.deletion else INBOX
        target = self._folder(folder or origin)
        done = any(source.move(message, target) for source in self.hidden.values())
        if done:
            message.gone = target is not self.inbox
        return done

    def expire(self) -> None:
        """Destroy what has been kept as long as it must be; the server does so at night."""
        limit = self._clock() - timedelta(days=self.retention.days)
        for folder in self.hidden.values():
            for message in folder:
                if message.deletion and message.deletion.at <= limit:
                    folder.discard(message)

    def change_uids(self, write_uid: Callable[[str, int], str] = decimal_uid) -> None:
        """Give every message a new UID, as a move from Exchange 2003 to 2007 did before its SP2 (KB 956884).

        Args:
            write_uid: how UIDs are written from now on; as Exchange 2007 does, unless given.
        """
        self._write_uid = write_uid
        for folder in (*self.folders.values(), *self.hidden.values()):
            folder.assign_uids([self._new_uid() for _ in folder])

    # -- POP3 -------------------------------------------------------------------------------------

    def open_maildrop(self) -> "InboxMaildrop":
        """Open the Inbox for a POP3 session.

        Raises:
            MailboxInUse: the mailbox is exclusive and open already.
            OSError: it lies in files, and these cannot be read or written.
        """
        if self._exclusive and self.open_maildrops:
            raise MailboxInUse(self.alias)
        maildrop = InboxMaildrop(self)
        self.open_maildrops += 1
        return maildrop

    def delivered(self) -> Sequence[StoredMessage]:
        """Return the Inbox as POP3 is to see it."""
        if not self._unconverted:
            return self.inbox.messages
        return [
            UnconvertedMessage(message, number, substitute=self._unconverted[message.uid])
            if message.uid in self._unconverted
            else message
            for number, message in enumerate(self.inbox.messages, 1)
        ]

    def release(self) -> None:
        """Give back what `open_maildrop` took."""
        self.open_maildrops -= 1

    # -- inside -----------------------------------------------------------------------------------

    def _new_uid(self) -> str:
        """Return a UID that no message has ever had."""
        return self._write_uid(self.alias, self._store.take_number())

    def _folder(self, name: str) -> Folder:
        """Return a folder by its key or the name that users see; it is made if there is none of that name."""
        if name in self.folders:
            return self.folders[name]
        shown = next((folder for folder in self.folders.values() if folder.name == name), None)
        if shown:
            return shown
        self.folders[name] = self._store.folder(name)
        if self.retention.deletes_to is DeletesTo.DUMPSTER:
            self.hidden[name] = self._store.hidden(name)
        return self.folders[name]

    def _named(self, key: str, folder: Folder) -> Folder:
        folder.name = self.display_name(key)
        return folder

    def _hides(self, name: str) -> Folder | None:
        """Return where what is deleted from a folder goes, None if it goes nowhere."""
        return self.hidden.get(DELETIONS if DELETIONS in self.hidden else name)

    def _where(self, message: StoredMessage) -> str | None:
        """Return the name of the folder that holds a message, None if its user sees it nowhere."""
        return next((name for name, folder in self.folders.items() if folder.holds(message)), None)


class InboxMaildrop:
    """The Inbox as it was at log-on; see `minipop.protocol.Maildrop`."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.owner = mailbox.alias
        self._mailbox = mailbox
        self._open = True
        self.messages: Sequence[StoredMessage] = mailbox.delivered()

    def delete(self, messages: Sequence[Message]) -> None:
        """Delete messages; those that another session has deleted are passed over.

        Raises:
            MaildropError: a full or failing disk; that message and those after it are still there.
        """
        self._mailbox.sessions_ended += 1
        chosen = set(messages)
        try:
            for message in self.messages:
                if message in chosen:
                    self._mailbox.delete(
                        message.stored if isinstance(message, UnconvertedMessage) else message
                    )
        except OSError as error:
            log.error("%s: %s", self._mailbox.alias, error)
            raise MaildropError("Not all messages could be deleted.") from error

    def close(self) -> None:
        if self._open:
            self._open = False
            self._mailbox.release()
