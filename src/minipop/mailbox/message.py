"""A stored message: its bytes in memory or in a file, its UID, and its size as POP3 counts it."""

from collections.abc import Iterator
from email import policy
from email.parser import BytesHeaderParser
from functools import cached_property
from pathlib import Path

from minipop.protocol import MessageGone
from minipop.protocol.multiline import octets

_READ = 65_536  # octets read from a file at a time


class StoredMessage:
    """A message in a folder.

    Args:
        uid: its unique id; it stays the same in every session and in every folder of the mailbox.
        content: the message itself, or the file that holds it.
    """

    def __init__(self, uid: str, content: bytes | Path) -> None:
        self.uid = uid
        self.content = content
        self.gone = False

    @cached_property
    def octets(self) -> int:
        """Size in octets with CRLF at every line's end; read once, then remembered."""
        return octets(self._chunks())

    @cached_property
    def subject(self) -> str:
        """The decoded Subject, empty if the message has none."""
        headers = BytesHeaderParser(policy=policy.default).parsebytes(b"".join(self._chunks()))
        return str(headers["Subject"] or "")

    def open(self) -> Iterator[bytes]:
        """Return the content in chunks.

        Raises:
            MessageGone: another session deleted the message.
        """
        if self.gone:
            raise MessageGone("The message is no longer in the Inbox.")
        return self._chunks()

    def __repr__(self) -> str:
        return f"<message {self.uid}: {self.subject!r}>"

    def _chunks(self) -> Iterator[bytes]:
        if isinstance(self.content, bytes):
            yield self.content
            return
        with self.content.open("rb") as file:
            while chunk := file.read(_READ):
                yield chunk
