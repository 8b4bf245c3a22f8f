"""What a mailbox needs of its folders and of what keeps them.

Both are there in memory (`minipop.mailbox.memory`) and on disk (`minipop.mailbox.maildir`).
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol, Self

from .message import Deletion, StoredMessage

#: The first number of a UID; greater than any message number of the lessons, so that the two look different.
FIRST_NUMBER = 101


class Folder(Protocol):
    """A folder: messages in the order of their arrival.

    Attributes:
        name: the name that users see, in their language.
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


class Store(Protocol):
    """Keeps the folders of one mailbox."""

    def names(self) -> Sequence[str]:
        """Return the names of the folders that are there already, without the Inbox."""

    def folder(self, name: str) -> Folder:
        """Return a folder that its user sees; it is made if it is not there."""

    def hidden(self, name: str) -> Folder:
        """Return a folder of Recoverable Items, or the dumpster of the folder of that name."""

    def take_number(self) -> int:
        """Return a number that was never returned before, for a UID."""

    def set_uid_factory(self, new_uid: Callable[[], str]) -> None:
        """Say how UIDs are made for messages that other programs bring."""
