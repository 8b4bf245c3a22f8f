"""A mailbox in memory: folders, what a deletion leaves behind, and the maildrop that POP3 sees of it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from minipop.protocol import Message

from .message import StoredMessage

INBOX = "Inbox"
SENT_ITEMS = "Sent Items"
DELETED_ITEMS = "Deleted Items"

_FIRST_UID = 101  # so that nobody takes a UID for a message number


class MailboxInUse(Exception):
    """The maildrop is open already, and this mailbox lets only one session in (RFC 1939, section 4)."""


class Folder:
    """A folder: messages in the order of their arrival."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._messages: dict[str, StoredMessage] = {}  # by UID

    def append(self, message: StoredMessage) -> None:
        """Put a message at the end."""
        self._messages[message.uid] = message

    def remove(self, message: StoredMessage) -> bool:
        """Take a message out; tell whether it was there."""
        return self._messages.pop(message.uid, None) is not None

    @property
    def subjects(self) -> list[str]:
        """The subjects of all messages, in order."""
        return [message.subject for message in self]

    def __len__(self) -> int:
        return len(self._messages)

    def __iter__(self) -> Iterator[StoredMessage]:
        return iter(tuple(self._messages.values()))

    def __getitem__(self, index: int) -> StoredMessage:
        return tuple(self)[index]

    def __repr__(self) -> str:
        return f"<folder {self.name!r}: {len(self)} messages>"


class Mailbox:
    """A mailbox with its folders.

    Args:
        alias: the alias of the account.
        keeps_deleted: whether a message that bypasses Deleted Items can still be recovered.
        exclusive: whether a second session is refused while one has the maildrop open.
    """

    def __init__(self, alias: str, *, keeps_deleted: bool = True, exclusive: bool = False) -> None:
        self.alias = alias
        self.folders = {name: Folder(name) for name in (INBOX, SENT_ITEMS, DELETED_ITEMS)}
        #: Recoverable Items\\Deletions from Exchange 2010 on, the Inbox's dumpster before.
        self.recoverable_items = Folder("Recoverable Items")
        self._keeps_deleted = keeps_deleted
        self._exclusive = exclusive
        self._open_maildrops = 0
        #: How many POP3 sessions have ended with QUIT.
        self.sessions_ended = 0
        self._next_uid = _FIRST_UID

    @property
    def inbox(self) -> Folder:
        """The one folder that POP3 sees."""
        return self.folders[INBOX]

    @property
    def deleted_items(self) -> Folder:
        """The wastebasket; nothing that POP3 deletes goes there."""
        return self.folders[DELETED_ITEMS]

    def deliver(self, content: bytes | Path, folder: str = INBOX) -> StoredMessage:
        """Store a message at the end of a folder, which is made if there is none of that name.

        Args:
            content: the message itself, or the file that holds it and must stay where it is.
            folder: the name of the folder.

        Raises:
            OSError: the file cannot be read.
        """
        message = StoredMessage(str(self._next_uid), content)
        if isinstance(content, Path):
            _ = message.octets  # counted while the file is sure to be there: no log-on may fail for it
        self._next_uid += 1
        self.folders.setdefault(folder, Folder(folder)).append(message)
        return message

    def open_maildrop(self) -> "InboxMaildrop":
        """Open the Inbox for a POP3 session.

        Raises:
            MailboxInUse: the mailbox is exclusive and open already.
        """
        if self._exclusive and self._open_maildrops:
            raise MailboxInUse(self.alias)
        self._open_maildrops += 1
        return InboxMaildrop(self)

    def delete(self, message: StoredMessage) -> None:
        """Remove a message from the Inbox, past Deleted Items."""
        if self.inbox.remove(message):
            message.gone = True
            if self._keeps_deleted:
                self.recoverable_items.append(message)

    def release(self) -> None:
        """Give back what `open_maildrop` took."""
        self._open_maildrops -= 1


class InboxMaildrop:
    """The Inbox as it was at log-on; see `minipop.protocol.Maildrop`."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._open = True
        self.messages: Sequence[StoredMessage] = tuple(mailbox.inbox)

    def delete(self, messages: Sequence[Message]) -> None:
        """Delete messages; those that another session has deleted are passed over."""
        self._mailbox.sessions_ended += 1
        for message in messages:
            if isinstance(message, StoredMessage):
                self._mailbox.delete(message)

    def close(self) -> None:
        """Let go of the mailbox."""
        if self._open:
            self._open = False
            self._mailbox.release()
