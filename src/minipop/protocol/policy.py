"""What a session asks of the floor above.

The protocol floor knows POP3 alone. Exchange's ways (editions, LoginType, log-on names) reach it
through a `Policy`; the same session serves a plain RFC 1939 server and Exchange Online.
"""

from typing import Protocol

from .command import Commands
from .replies import Texts
from .rules import Rules


class Policy(Rules, Protocol):
    """The rules of one service, shared by all its sessions."""

    @property
    def commands(self) -> "Commands":
        """The commands that it knows, by their keywords; any other word is an unknown command."""

    @property
    def texts(self) -> Texts:
        """The text of each reply that it can give."""

    @property
    def line_limit(self) -> int:
        """Longest command line in octets, CRLF included (RFC 2449, section 4)."""

    @property
    def failed_logons(self) -> int:
        """How many log-ons may fail on one connection; it ends with the last of them."""
