"""What commands ask of the floor above: who may log on, how, and what is offered."""

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Protocol

from .maildrop import Maildrop
from .replies import ReplyName


class LogonRefused(Exception):
    """The log-on was refused. The client learns none of the reasons.

    Args:
        reason: which rule refused it, a key for the transcript's explanation; never a password.
        reply: what the client is told, None for the usual reply to a failed log-on.
        form: how the name was read, if at all.
        instead: a name that would have worked, if another name is the remedy.
    """

    def __init__(
        self, reason: str, reply: ReplyName | None = None, *, form: str = "", instead: str = ""
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.reply = reply
        self.form = form
        self.instead = instead


#: What a mechanism says: a challenge, without base64; or, as text, a whole line that is sent as it is, since
#: Exchange 2003 answered ``AUTH NTLM`` by ``+OK``.
Challenge = bytes | str

#: A SASL mechanism (RFC 5034): called once for each AUTH, it yields challenges, is sent the client's
#: responses, without base64, and returns the maildrop. It raises `LogonRefused`. An initial response of
#: the client answers the first challenge, which is then not sent.
Mechanism = Callable[[], Generator[Challenge, bytes, Maildrop]]


class Rules(Protocol):
    """The rules of one service, as far as its commands ask for them."""

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
