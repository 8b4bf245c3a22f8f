"""A message in a file of a Maildir."""

import errno
import logging
import os
import stat
from datetime import UTC, datetime
from functools import cached_property
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from minipop.protocol.masking import printable
from minipop.protocol.multiline import octets

from ..message import EPOCH, Deletion, StoredMessage
from . import names
from .uids import Entry

if TYPE_CHECKING:
    from .folder import MaildirFolder

log = logging.getLogger(__name__)

_READ = 65_536  # octets read at a time

#: How often a file is looked for that other programs rename again and again.
TRIES = 5


class MaildirMessage(StoredMessage):
    """A message in a file.

    Args:
        folder: the folder that it is in.
        key: the part of its file's name that stays the same.
        file: its file, ``new/…`` or ``cur/…``; empty once it was found to be gone.
        entry: what is remembered of it.
    """

    def __init__(self, folder: "MaildirFolder", key: str, file: str, entry: Entry) -> None:
        self.folder = folder
        self.key = key
        self.file = file
        self.uid = entry.uid
        self.octets = entry.octets
        self.position = entry.position
        self.deletion: Deletion | None = None
        self.gone = False

    @property
    def path(self) -> str:
        """The file as it was found last.

        Raises:
            FileNotFoundError: it was found to be gone. (Without a file this would be the folder itself.)
        """
        if not self.file:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), self.key)
        return f"{self.folder.path}/{self.file}"

    @property
    def content(self) -> Path:  # type: ignore[override]
        """The file as it was found last."""
        return Path(self.path)

    @cached_property
    def received(self) -> datetime:  # type: ignore[override]
        """When it arrived: the time of its file."""
        try:
            return datetime.fromtimestamp(Path(self.path).stat().st_mtime, UTC)
        except OSError:
            return EPOCH

    @property
    def read(self) -> bool:
        """The read flag: ``S`` (seen) in the name of the file."""
        return "S" in names.flags(self.file)

    @read.setter
    def read(self, value: bool) -> None:
        if value != self.read:
            try:
                self.folder.flag(self, "S", value)
            except OSError as error:  # no reason to break off the message that is being read
                log.warning("%s: %s", printable(self.path), error.strerror)

    def _file(self) -> FileIO:
        for _ in range(TRIES):
            try:
                return open_plain(self.path)
            except FileNotFoundError:
                if not self.folder.find(self):
                    break
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), self.key)


def open_plain(path: str) -> FileIO:
    """Open a message; neither through a link nor anything that is no plain file (it could wait for ever).

    Raises:
        OSError: it is not there, or no plain file.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(f"{path} is no plain file")
        return open(handle, "rb", buffering=0)  # noqa: PTH123 - no path; whoever asked for it closes it
    except BaseException:
        os.close(handle)
        raise


def counted(path: Path) -> int:
    """Count the octets of a message as POP3 does."""
    with open_plain(str(path)) as file:
        return octets(iter(lambda: file.read(_READ), b""))
