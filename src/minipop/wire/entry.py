"""A line of a transcript, and what is known about it."""

from dataclasses import dataclass

from minipop.protocol import LogonRefused


@dataclass
class Entry:
    """One line of a conversation, and what is known about it; nothing here is secret.

    Args:
        who: ``C``, ``S``, or empty for an event that is no line.
        text: the line.
        name: the command of a client's line; the `ReplyName`, or ``challenge``, of a status line.
        fields: the parts of a SASL message, unfolded and masked: name and value.
        refusal: why a log-on was refused to which this line is the answer.
    """

    who: str
    text: str
    name: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    refusal: LogonRefused | None = None

    def __str__(self) -> str:
        return f"{self.who}: {self.text}" if self.who else f"   {self.text}"
