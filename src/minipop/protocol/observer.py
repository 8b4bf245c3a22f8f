"""The observer: who is told what happens in a session."""

from enum import StrEnum
from typing import Literal

from .rules import LogonRefused


class Lost(StrEnum):
    """Why a connection ended without QUIT: the client went away, or what made the server hang up."""

    CLIENT = "client"
    NO_LOGON = "no-logon"  #: nobody logged on in time
    IDLE = "idle"  #: no whole command for too long, or nothing taken of what was sent
    STOPPED = "stopped"
    RESTARTED = "restarted"
    UNREADABLE = "unreadable"  #: the rest of a message could not be read


class Observer:
    """Is told what happens in a session, for transcripts and logs; only `response` is given secrets.

    Nothing is done with it here: a subclass overrides what it records.
    """

    def line(self, who: Literal["C", "S"], text: str, name: str = "") -> None:
        """Note a line of the client or the server, without its CRLF.

        Args:
            who: the client or the server.
            text: the line, its secrets masked.
            name: the command, if the client gave one; the `ReplyName`, or ``challenge``, if the server's
                line is a status line.
        """

    def challenge(self, mechanism: str, challenge: bytes) -> None:
        """Unfold a SASL challenge, the server's line before."""

    def response(self, mechanism: str, response: bytes) -> None:
        """Unfold a SASL response, the client's line before. It holds secrets: mask, and keep nothing."""

    def opened(self, owner: str) -> None:
        """Note whose mailbox the log-on has opened to which the server's line before is the answer."""

    def refused(self, refusal: LogonRefused) -> None:
        """Note why the log-on was refused to which the server's next line is the answer."""

    def message(self, octets: int) -> None:
        """Note the text of a message that the server has sent, in octets as stored."""

    def tls_established(self) -> None:
        """Note that everything from here on is encrypted."""

    def ended(self) -> None:
        """Note that the server ends the connection after the line before."""

    def lost(self, why: Lost) -> None:
        """Note that the connection ended without QUIT, and why."""
