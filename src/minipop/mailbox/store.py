"""Where a mailbox keeps its folders: in memory, or on disk in `minipop.mailbox.maildir`."""

import itertools
from collections.abc import Callable, Sequence
from typing import Protocol

from .folder import Folder

#: The first number of a UID; so that nobody takes a UID for a message number.
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

    def name_newcomers(self, new_uid: Callable[[], str]) -> None:
        """Be told how UIDs are made for messages that come by other ways than the mailbox."""


class MemoryStore:
    """Keeps them in memory."""

    def __init__(self) -> None:
        self._numbers = itertools.count(FIRST_NUMBER)

    def names(self) -> Sequence[str]:
        """Return no name."""
        return ()

    def folder(self, name: str) -> Folder:
        """Return a new folder."""
        return Folder(name)

    def hidden(self, name: str) -> Folder:
        """Return a new folder."""
        return Folder(name)

    def take_number(self) -> int:
        """Return the next number."""
        return next(self._numbers)

    def name_newcomers(self, new_uid: Callable[[], str]) -> None:
        """Do nothing: there is no other way into memory."""
