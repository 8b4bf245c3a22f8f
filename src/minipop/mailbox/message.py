"""What every stored message offers: its UID, its size as POP3 counts it, its content in pieces."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from io import BytesIO, FileIO
from itertools import chain
from typing import Protocol

from minipop.protocol import MessageGone

from . import headers

log = logging.getLogger(__name__)

#: Octets read at a time.
PIECE = 65_536

_GONE = "The message is no longer in the Inbox."

#: Longest subject that the representation of a message shows, in characters.
SHOWN = 250

#: The time of arrival of a message for which none is known.
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Deletion:
    """What is known of a deletion.

    Args:
        at: when.
        folder: the name of the folder from which.
    """

    at: datetime
    folder: str


class StoredMessage(Protocol):
    """A message in a folder; `minipop.mailbox.memory` and `minipop.mailbox.maildir` each have their own.

    Attributes:
        key: what its folder finds it by.
        uid: its unique id; it stays the same in every session and in every folder of the mailbox.
        octets: size in octets with CRLF at every line's end.
        deletion: when it was deleted and from where, None while it is not.
        gone: whether it has left the Inbox, so that POP3 cannot fetch it any more.
        read: the read flag. POP3 has none, but Exchange sets it once RETR, or a TOP that covers the whole
            message, has delivered it (BlackBerry KB03913).
    """

    key: str
    uid: str
    octets: int
    deletion: Deletion | None = None
    gone: bool = False
    read: bool

    @property
    def received(self) -> datetime:
        """When it arrived."""

    def _file(self) -> FileIO | BytesIO:
        """Open it without a buffer, because it is read in large pieces.

        Raises:
            OSError: its file is not there any more.
        """

    @property
    def subject(self) -> str:
        """The decoded Subject, empty if the message has none."""
        return self.header("Subject")

    @property
    def sent(self) -> datetime | None:
        """When it was sent, as its Date says; None if it has none that can be read."""
        try:
            return parsedate_to_datetime(self.header("Date"))
        except (ArithmeticError, LookupError, TypeError, ValueError):  # each for some strange date
            return None

    def header(self, name: str) -> str:
        """Return a header field such as ``Message-ID``, decoded and printable, empty if there is none."""
        return headers.field(self._head, name)

    @cached_property
    def _head(self) -> bytes:
        try:
            with self._file() as file:
                return headers.head(file)
        except OSError:  # the file is gone, but a notebook may still show the message
            return b""

    def raw(self) -> bytes:
        """Return the whole message as it is stored; unlike `open`, this does not mark it as read.

        Raises:
            OSError: its file is not there any more.
        """
        with self._file() as file:
            return file.read()

    def open(self) -> Iterator[bytes]:
        """Return the content in chunks.

        The first is read at once, because after +OK it is too late to say that a file cannot be read.

        Raises:
            MessageGone: another session deleted the message, or its file is not there any more, or cannot be
                read; the chunks raise it, too, where only a part can.
        """
        if self.gone:
            raise MessageGone(_GONE)
        chunks = self._delivered()
        return chain([next(chunks, b"")], chunks)

    def _delivered(self) -> Iterator[bytes]:
        try:
            with self._file() as file:
                while chunk := file.read(PIECE):
                    yield chunk
        except OSError as error:
            log.error("message %s: %s", self.uid, error)
            raise MessageGone(_GONE) from error
        self.read = True

    def __repr__(self) -> str:
        subject = self.subject
        shown = subject if len(subject) <= SHOWN else subject[: SHOWN - 3] + "..."
        return f"<message {self.uid}: {shown!r}>"
