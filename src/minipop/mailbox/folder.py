"""A folder in memory. `minipop.mailbox.maildir` has one on disk that does the same."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from .message import Deletion, StoredMessage


class Folder:
    """A folder: messages in the order of their arrival.

    Args:
        name: the name that users see.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._messages: dict[str, StoredMessage] = {}  # by UID

    def store(
        self, uid: str, content: bytes | Path, received: datetime, *, read: bool = False
    ) -> StoredMessage:
        """Put a new message at the end.

        Args:
            uid: its unique id.
            content: the message itself, or the file that holds it and must stay where it is.
            received: when it arrived.
            read: whether it counts as read.

        Raises:
            OSError: the file cannot be read.
        """
        message = StoredMessage(uid, content, received)
        message.read = read
        _ = message.octets  # counted while the file is sure to be there: no log-on may fail for it
        self._messages[uid] = message
        return message

    def move(self, message: StoredMessage, target: "Folder", deletion: Deletion | None = None) -> bool:
        """Move a message to the end of another folder; tell whether it was here.

        Args:
            message: the message.
            target: the other folder, of the same kind.
            deletion: when it was deleted and from which folder; None where it counts as not deleted.
        """
        if self._messages.pop(message.uid, None) is None:
            return False
        message.deletion = deletion
        target._messages[message.uid] = message
        return True

    def discard(self, message: StoredMessage) -> bool:
        """Destroy a message; tell whether it was here."""
        return self._messages.pop(message.uid, None) is not None

    def holds(self, message: StoredMessage) -> bool:
        """Tell whether a message is here."""
        return self._messages.get(message.uid) is message

    def rename(self, uids: Sequence[str]) -> None:
        """Give the messages new UIDs, one for each, in order."""
        messages = self.messages
        self._messages = dict(zip(uids, messages, strict=True))
        for uid, message in self._messages.items():
            message.uid = uid

    @property
    def messages(self) -> Sequence[StoredMessage]:
        """The messages as they are now, in order."""
        return tuple(self._messages.values())

    @property
    def subjects(self) -> list[str]:
        """The subjects of all messages, in order."""
        return [message.subject for message in self]

    def __len__(self) -> int:
        return len(self._messages)

    def __iter__(self) -> Iterator[StoredMessage]:
        return iter(self.messages)

    def __getitem__(self, index: int) -> StoredMessage:
        return self.messages[index]

    def __repr__(self) -> str:
        return f"<folder {self.name!r}: {len(self)} messages>"
