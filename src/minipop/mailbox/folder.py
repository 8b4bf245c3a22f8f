"""What every folder offers, in memory (`minipop.mailbox.memory`) and on disk (`minipop.mailbox.maildir`)."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol, Self

from .message import Deletion, StoredMessage


class Folder(Protocol):
    """A folder: messages in the order of their arrival.

    Attributes:
        name: the name that users see.
    """

    name: str

    @property
    def messages(self) -> Sequence[StoredMessage]:
        """The messages as they are now, in order."""

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

    def move(self, message: StoredMessage, target: Self, deletion: Deletion | None = None) -> bool:
        """Move a message to the end of another folder; tell whether it was here.

        Args:
            message: the message.
            target: the other folder of the same mailbox.
            deletion: when it was deleted and from which folder; None where it counts as not deleted.
        """

    def discard(self, message: StoredMessage) -> bool:
        """Destroy a message; tell whether it was here."""

    def holds(self, message: StoredMessage) -> bool:
        """Tell whether a message is here, as far as minipop knows: another program may have taken it."""

    def assign_uids(self, uids: Sequence[str]) -> None:
        """Give the messages new UIDs, one for each, in order."""

    @property
    def subjects(self) -> list[str]:
        """The subjects of all messages, in order."""
        return [message.subject for message in self]

    def __len__(self) -> int:
        return len(self.messages)

    def __iter__(self) -> Iterator[StoredMessage]:
        return iter(self.messages)

    def __getitem__(self, index: int) -> StoredMessage:
        return self.messages[index]

    def __repr__(self) -> str:
        return f"<folder {self.name!r}: {len(self)} messages>"
