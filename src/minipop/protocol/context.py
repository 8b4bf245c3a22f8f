"""What a command may know of the session in which it is given, and change."""

from collections.abc import Iterator
from dataclasses import dataclass

from .grammar import ArgumentError
from .maildrop import Maildrop, Message
from .replies import ReplyName
from .rules import Rules


class Transaction:
    """The maildrop of a session from the log-on to its end: messages by number, and the marks on them.

    Args:
        maildrop: what the log-on has opened; its message numbers are fixed from here on.
    """

    def __init__(self, maildrop: Maildrop) -> None:
        self.owner = maildrop.owner
        self.deleted: set[int] = set()
        self._maildrop = maildrop
        self._messages = maildrop.messages

    def message(self, number: int | str) -> tuple[int, Message]:
        """Return the message with that number, and the number.

        Raises:
            ArgumentError: there is none, or it is marked as deleted.
        """
        number, count = int(number), len(self._messages)
        if not 1 <= number <= count:
            raise ArgumentError(ReplyName.NO_SUCH_MESSAGE, number=number, count=count)
        if number in self.deleted:
            raise ArgumentError(ReplyName.MESSAGE_DELETED, number=number)
        return number, self._messages[number - 1]

    def remaining(self) -> Iterator[tuple[int, Message]]:
        """Give numbers and messages that are not marked as deleted."""
        return ((n, m) for n, m in enumerate(self._messages, 1) if n not in self.deleted)

    def totals(self) -> dict[str, int]:
        """Return the number of messages not marked as deleted, and the sum of their octets.

        It is summed anew each time, because a message's size may turn out to be wrong; see `Message.octets`.
        """
        octets = sum(message.octets for _, message in self.remaining())
        return {"count": len(self._messages) - len(self.deleted), "octets": octets}

    def update(self) -> None:
        """Remove the marked messages: the UPDATE state (RFC 1939, section 6).

        Raises:
            MaildropError: not all could be removed.
        """
        self._maildrop.delete([self._messages[number - 1] for number in sorted(self.deleted)])

    def close(self) -> None:
        """Let go of the maildrop; nothing is removed."""
        self._maildrop.close()


@dataclass(slots=True)
class Context:
    """What a command may know and change.

    Args:
        rules: the rules of the service.
        tls: whether the connection is encrypted.
        pipelined: whether more has arrived than this command.
        name: the name that the USER command just before this one gave.
        next_name: the name that this command gives to the next one.
        transaction: the open maildrop, None before the log-on.
    """

    rules: Rules
    tls: bool
    pipelined: bool = False
    name: str | None = None
    next_name: str | None = None
    transaction: Transaction | None = None

    @property
    def opened(self) -> Transaction:
        """The open maildrop; only for commands that the table allows in TRANSACTION alone."""
        assert self.transaction is not None
        return self.transaction
