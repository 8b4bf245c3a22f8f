"""What the session asks of the floor above: who may log on, how, and what is offered.

The protocol floor knows POP3 alone. Exchange's ways (editions, LoginType, log-on names) reach it
through a `Policy`; the same session serves a plain RFC 1939 server and Exchange Online.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Protocol

from .maildrop import Maildrop
from .replies import Replies


class LogonRefused(Exception):
    """The log-on was refused. The client learns none of the reasons.

    Args:
        reason: which rule refused it, a key for the transcript's explanation; never a password.
        reply: name of the text in `Replies`, if it is not the usual one for a failed log-on.
        form: how the name was read, if at all.
        instead: a name that would have worked, if another name is the remedy.
        ends: whether the connection ends with it.
    """

    def __init__(
        self, reason: str, reply: str = "", *, form: str = "", instead: str = "", ends: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.reply = reply
        self.form = form
        self.instead = instead
        self.ends = ends


#: What a mechanism says: a challenge, without base64; or, as text, a whole line that is sent as it is, since
#: Exchange 2003 answered ``AUTH NTLM`` by ``+OK``.
Challenge = bytes | str

#: A SASL mechanism (RFC 5034): called once for each AUTH, it yields challenges, is sent the client's
#: responses, without base64, and returns the maildrop. It raises `LogonRefused`. An initial response of
#: the client answers the first challenge, which is then not sent.
Mechanism = Callable[[], Generator[Challenge, bytes, Maildrop]]


class Policy(Protocol):
    """The rules of one service, shared by all its sessions."""

    @property
    def replies(self) -> Replies:
        """The reply texts."""

    @property
    def line_limit(self) -> int:
        """Longest command line in octets, CRLF included (RFC 2449, section 4)."""

    @property
    def failed_logons(self) -> int:
        """How many log-ons may fail on one connection; it ends with the last of them."""

    def capabilities(self, *, tls: bool, logged_on: bool) -> Sequence[str]:
        """Return the lines of the CAPA reply (RFC 2449, section 5)."""

    def offers_stls(self) -> bool:
        """Tell whether STLS may be used on a connection that is not encrypted (RFC 2595, section 4)."""

    def allows_user(self, *, tls: bool) -> bool:
        """Tell whether USER and PASS may be used on a connection with or without TLS."""

    def mechanisms(self, *, tls: bool) -> Mapping[str, Mechanism]:
        """Return the SASL mechanisms that AUTH accepts, by their names in capitals."""

    def log_on(self, name: str, password: str) -> Maildrop:
        """Check a password and open the maildrop.

        Raises:
            LogonRefused: name, password or mailbox are not accepted.
        """
