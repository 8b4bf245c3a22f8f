"""Messages and folders in memory; they are gone with the process."""

import itertools
from collections.abc import Callable, Sequence
from datetime import datetime
from io import BytesIO, FileIO
from pathlib import Path

from minipop.protocol.multiline import octets

from .folder import FIRST_NUMBER, Folder
from .message import EPOCH, PIECE, Deletion, StoredMessage


class MemoryMessage(StoredMessage):
    """A message in memory, or in a file that stays where it is.

    Args:
        uid: its unique id.
        content: the message itself, or the file that holds it.
        received: when it arrived.
        read: whether it counts as read.

    Raises:
        OSError: the file cannot be read.
    """

    def __init__(
        self, uid: str, content: bytes | Path, received: datetime = EPOCH, *, read: bool = False
    ) -> None:
        self.key = self.uid = uid
        self.read = read
        self.content = content
        self._received = received
        with self._file() as file:  # now, because a log-on must not fail if the file is gone by then
            self.octets = octets(iter(lambda: file.read(PIECE), b""))

    @property
    def received(self) -> datetime:
        return self._received

    def _file(self) -> FileIO | BytesIO:
        # Cheap, because BytesIO shares the bytes until it is written to.
        return BytesIO(self.content) if isinstance(self.content, bytes) else self.content.open("rb", 0)


class MemoryFolder(Folder):
    """A folder in memory.

    Args:
        name: the name that users see.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._messages: dict[str, StoredMessage] = {}  # by key, in order

    @property
    def messages(self) -> Sequence[StoredMessage]:
        return tuple(self._messages.values())

    def store(
        self, uid: str, content: bytes | Path, received: datetime, *, read: bool = False
    ) -> StoredMessage:
        message = MemoryMessage(uid, content, received, read=read)
        self._messages[message.key] = message
        return message

    def move(self, message: StoredMessage, target: "MemoryFolder", deletion: Deletion | None = None) -> bool:
        if not self.discard(message):
            return False
        message.deletion = deletion
        target._messages[message.key] = message
        return True

    def discard(self, message: StoredMessage) -> bool:
        return self._messages.pop(message.key, None) is not None

    def holds(self, message: StoredMessage) -> bool:
        return self._messages.get(message.key) is message

    def assign_uids(self, uids: Sequence[str]) -> None:
        for uid, message in zip(uids, self.messages, strict=True):
            message.uid = uid


class MemoryStore:
    """Keeps the folders of one mailbox in memory; see `minipop.mailbox.folder.Store`."""

    def __init__(self) -> None:
        self._numbers = itertools.count(FIRST_NUMBER)

    def names(self) -> Sequence[str]:
        """Return nothing: a mailbox in memory begins without folders."""
        return ()

    def folder(self, name: str) -> MemoryFolder:
        return MemoryFolder(name)

    hidden = folder

    def take_number(self) -> int:
        return next(self._numbers)

    def set_uid_factory(self, new_uid: Callable[[], str]) -> None:
        """Do nothing, because no message comes into memory by another way than the mailbox."""
