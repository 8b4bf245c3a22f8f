"""Where a mailbox keeps its folders: in `minipop.mailbox.memory` or on disk in `minipop.mailbox.maildir`."""

from collections.abc import Callable, Sequence
from typing import Protocol

from .folder import Folder

#: The first number of a UID; greater than any message number of the lessons, so that the two look different.
FIRST_NUMBER = 101


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
