"""The maildrop: what a POP3 session needs of a mailbox, and nothing more (RFC 1939, section 4).

Mailboxes implement these interfaces; the session never learns whether mail lies in memory or in files.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol


class MaildropError(Exception):
    """The mailbox could not do what was asked; the session answers with ``-ERR``."""


class MessageGone(MaildropError):
    """Another session removed the message while this one was running."""


class ConversionFailed(MaildropError):
    """The message is there, but cannot be made into one that POP3 could send."""


class Message(Protocol):
    """One message as the maildrop shows it for the length of a session."""

    @property
    def uid(self) -> str:
        """Unique id for UIDL: 1 to 70 characters from 0x21 to 0x7E (RFC 1939, section 7)."""

    @property
    def octets(self) -> int:
        """Size in octets with every line ended by CRLF, before dot-stuffing (RFC 1939, section 11).

        It may change within a session, but only from a wrong size to the right one: when a message is opened
        or has been read to its end.
        """

    def open(self) -> Iterator[bytes]:
        """Return the stored message in chunks of any length, lines ended by CRLF or LF.

        Raises:
            MessageGone: the message is no longer there. Raised by the call, before the first chunk.
            ConversionFailed: there is nothing to send for it; raised likewise.
        """


class Maildrop(Protocol):
    """A snapshot of one mailbox, taken at log-on: message numbers hold for the whole session."""

    @property
    def owner(self) -> str:
        """Whose mailbox it is: the alias of the account."""

    @property
    def messages(self) -> Sequence[Message]:
        """The messages in the order of their numbers; index 0 is message number 1."""

    def delete(self, messages: Sequence[Message]) -> None:
        """Remove `messages` for good: the UPDATE state (RFC 1939, section 6).

        Called once, at QUIT from the TRANSACTION state, and never otherwise, with all messages that are
        marked, or none. A message that another session has removed already is passed over.

        Raises:
            MaildropError: not all could be removed.
        """

    def close(self) -> None:
        """End the session's hold on the mailbox without removing anything; may be called twice."""
