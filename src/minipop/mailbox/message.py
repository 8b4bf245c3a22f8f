"""A stored message: its bytes in memory or in a file, its UID, and its size as POP3 counts it."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from functools import cached_property
from io import BufferedReader, BytesIO, FileIO
from itertools import chain, takewhile
from pathlib import Path

from minipop.protocol import MessageGone
from minipop.protocol.multiline import octets

log = logging.getLogger(__name__)

_READ = 65_536  # octets read at a time
_GONE = "The message is no longer in the Inbox."


#: When messages arrive whose arrival nobody has dated.
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


class StoredMessage:
    """A message in a folder.

    Args:
        uid: its unique id; it stays the same in every session and in every folder of the mailbox.
        content: the message itself, or the file that holds it.
        received: when it arrived.

    Attributes:
        read: the read flag. POP3 has none, but Exchange sets it once RETR, or a TOP that covers the whole
            message, has delivered it (BlackBerry KB03913).
        deletion: when it was deleted and from where, None while it is not.
        gone: whether it has left the Inbox, so that POP3 cannot fetch it any more.
    """

    def __init__(self, uid: str, content: bytes | Path, received: datetime = EPOCH) -> None:
        self.uid = uid
        self.content = content
        self.received = received
        self.deletion: Deletion | None = None
        self.gone = False
        self.read = False

    @cached_property
    def octets(self) -> int:
        """Size in octets with CRLF at every line's end; read once, then remembered."""
        with self._file() as file:
            return octets(iter(lambda: file.read(_READ), b""))

    @property
    def subject(self) -> str:
        """The decoded Subject, empty if the message has none."""
        return self.header("Subject")

    def header(self, name: str) -> str:
        """Return a decoded header field such as ``Message-ID``, empty if the message has none."""
        return str(self._headers.get(name, ""))

    @cached_property
    def _headers(self) -> EmailMessage:
        try:
            file = self._file()
        except OSError:  # the file is gone, and a notebook may still want to show the message
            return EmailMessage()
        with file:
            lines = takewhile(lambda line: line.strip(b"\r\n"), BufferedReader(file))
            return BytesHeaderParser(policy=policy.default).parsebytes(b"".join(lines))

    def raw(self) -> bytes:
        """Return the whole message as it is stored; other than `open`, this neither reads nor delivers it.

        Raises:
            OSError: its file is not there any more.
        """
        with self._file() as file:
            return file.read()

    def open(self) -> Iterator[bytes]:
        """Return the content in chunks.

        The first is read at once: where a file can be opened but not read, that can still be said.

        Raises:
            MessageGone: another session deleted the message, or its file is not there any more, or cannot be
                read; the chunks raise it, too, where only a part can.
        """
        if self.gone:
            raise MessageGone(_GONE)
        chunks = self._delivered()
        return chain([next(chunks, b"")], chunks)

    def __repr__(self) -> str:
        return f"<message {self.uid}: {self.subject!r}>"

    def _delivered(self) -> Iterator[bytes]:
        try:
            with self._file() as file:
                while chunk := file.read(_READ):
                    yield chunk
        except OSError as error:
            log.error("message %s: %s", self.uid, error)
            raise MessageGone(_GONE) from error
        self.read = True

    def _file(self) -> FileIO | BytesIO:
        """Open it without a buffer: it is read in large pieces."""
        # BytesIO shares the bytes, it does not copy them.
        return BytesIO(self.content) if isinstance(self.content, bytes) else self.content.open("rb", 0)
