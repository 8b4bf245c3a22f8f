"""An item that Exchange cannot convert into an Internet message: what POP3 gets to see instead of it.

That such items exist, that Exchange 5.0 answered by an error (KB 168109) and that later versions deliver a
message of their own instead, is on record; the words of that message are known from IMAP4 (OfflineIMAP, issue
62). That POP3 differs in nothing but the name of the protocol is assumed, and so are the words of the error.
"""

from collections.abc import Iterator
from datetime import datetime
from io import BytesIO, FileIO

from minipop.protocol import ConversionFailed
from minipop.protocol.multiline import octets

from .message import StoredMessage

_SUBSTITUTE = """\
From: Microsoft Exchange Server
Subject: Retrieval using the POP3 protocol failed for the following message: {number}
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

The server couldn't retrieve the following message:

Subject: "{subject}"
From: {sender}
Sent date: {date}

The message hasn't been deleted. You might be able to view it using either
Outlook or Outlook Web App. You can also contact the sender to find out
what the message says.
"""


class UnconvertedMessage(StoredMessage):
    """A message of a maildrop whose content cannot be had; its headers are the item's.

    Args:
        stored: the item itself, which stays as it is.
        number: its number in the session.
        substitute: whether a substitute is delivered, or an error.

    Attributes:
        octets: the size of the substitute, or of the item where there is none.
    """

    def __init__(self, stored: StoredMessage, number: int, *, substitute: bool) -> None:
        self.stored = stored
        self.key, self.uid, self.read = stored.key, stored.uid, stored.read
        self._content = b""
        if substitute:
            self._content = _SUBSTITUTE.format(
                number=number,
                subject=stored.subject,
                sender=stored.header("From"),
                date=stored.header("Date"),
            ).encode()
        self.octets = octets([self._content]) if substitute else stored.octets

    @property
    def received(self) -> datetime:
        """When the item arrived."""
        return self.stored.received

    def _file(self) -> FileIO | BytesIO:
        return self.stored._file()

    def open(self) -> Iterator[bytes]:
        """Return the substitute.

        Raises:
            ConversionFailed: there is none.
        """
        if not self._content:
            raise ConversionFailed("The item cannot be converted.")
        return iter([self._content])
