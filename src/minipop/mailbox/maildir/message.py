"""A message in a file of a Maildir."""

import errno
import logging
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cached_property
from io import BytesIO, FileIO
from pathlib import Path
from typing import Protocol, TypeVar

from minipop.protocol.masking import printable
from minipop.protocol.multiline import OctetCount, octets

from ..message import EPOCH, PIECE, StoredMessage
from . import filenames
from .filesystem import open_plain
from .uids import UidEntry

log = logging.getLogger(__name__)

T = TypeVar("T")

#: How often a file is looked for, because other programs may rename it again and again.
TRIES = 5


class Home(Protocol):
    """What a message needs of the folder that it is in."""

    path: str

    def find(self, message: "MaildirMessage") -> bool:
        """Look for a message whose file is not where it was; tell whether it is here at all."""

    def flag(self, message: "MaildirMessage", flag: str, value: bool) -> None:
        """Set or clear a flag of a message; one that is gone is passed over."""

    def correct(self, message: "MaildirMessage", octets: int) -> None:
        """Give a message another size, because it has turned out that its own is wrong."""


class MaildirMessage(StoredMessage):
    """A message in a file.

    Args:
        folder: the folder that it is in.
        key: the part of its file's name that stays the same.
        file: its file, ``new/…`` or ``cur/…``; empty once it was found to be gone.
        entry: what is remembered of it.
        counted: whether its size was counted just now; if not, the first to read the message counts it.
    """

    def __init__(self, folder: Home, key: str, file: str, entry: UidEntry, *, counted: bool = False) -> None:
        self.folder = folder
        self.key = key
        self.file = file
        self.uid = entry.uid
        self.octets = entry.octets
        self.position = entry.position
        self._counted = counted

    @property
    def path(self) -> str:
        """The file as it was found last.

        Raises:
            FileNotFoundError: it was found to be gone. (Without a file this would be the folder itself.)
        """
        if not self.file:
            raise self._not_found()
        return f"{self.folder.path}/{self.file}"

    @cached_property
    def received(self) -> datetime:
        """When it arrived: the time of its file."""
        try:
            return datetime.fromtimestamp(Path(self.path).stat().st_mtime, UTC)
        except (OSError, OverflowError, ValueError):  # gone, or of a year that Python has not
            return EPOCH

    @property
    def read(self) -> bool:
        """The read flag: ``S`` (seen) in the name of the file."""
        return "S" in filenames.flags(self.file)

    @read.setter
    def read(self, value: bool) -> None:
        if value != self.read:
            try:
                self.folder.flag(self, "S", value)
            except OSError as error:  # no reason to break off the message that is being read
                log.warning("%s: %s", printable(self.path), error.strerror)

    def _file(self) -> FileIO | BytesIO:
        return self.with_file(open_plain)

    def _delivered(self) -> Iterator[bytes]:
        """Give the content in chunks, and correct the size if it turns out to be wrong.

        Most messages come in one chunk, so their size is right before anything of them is sent. The size of
        a larger one is right once it has been delivered whole, because to read it twice would cost too much.
        """
        count = OctetCount()
        for chunk in super()._delivered():
            if not self._counted:
                count.add(chunk)
                if len(chunk) < PIECE:  # a file gives less only at its end
                    self._confirm(count.total)
            yield chunk
        if not self._counted:
            self._confirm(count.total)

    def _confirm(self, octets: int) -> None:
        self._counted = True
        if octets != self.octets:
            self.folder.correct(self, octets)

    def with_file(self, act: Callable[[str], T]) -> T:
        """Do something with the path of the file, which is looked for again if another program renamed it.

        Raises:
            FileNotFoundError: it is gone.
        """
        for _ in range(TRIES):
            try:
                return act(self.path)
            except FileNotFoundError:
                if not self.folder.find(self):
                    break
        raise self._not_found()

    def _not_found(self) -> FileNotFoundError:
        return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), self.key)


def counted(path: Path) -> int:
    """Count the octets of a message as POP3 does."""
    with open_plain(str(path)) as file:
        return octets(iter(lambda: file.read(PIECE), b""))


def plausible(path: Path, key: str, told: int) -> bool:
    """Tell whether a size can be right, as far as that shows without reading the message.

    The name of a file lies if its program has counted wrongly, or another one has changed the file or copied
    the name. Most lies show in the size that the file system keeps; `MaildirMessage` finds the others.

    Args:
        path: the file.
        key: its key.
        told: the size that its key holds, or that is remembered: then it may come from the key or not.
    """
    if told != filenames.size(key):
        return True
    try:
        return filenames.size_fits(key, path.lstat().st_size)
    except OSError:  # no reason to leave the message out
        return True


def ends_a_line(path: Path) -> bool:
    """Tell whether a message ends with a line end."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 1))
        return file.read() == b"\n"


def exists(path: str) -> bool:
    """Tell whether something is there.

    Raises:
        OSError: that cannot be seen. It must not count as no, because a rename over a file destroys it.
    """
    try:
        os.lstat(path)
    except FileNotFoundError:
        return False
    return True
