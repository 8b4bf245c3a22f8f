"""AUTH PLAIN (RFC 4616): ``[authzid] NUL authcid NUL password`` in one response."""

from collections.abc import Callable, Generator

from minipop.exchange.refusals import Reason
from minipop.protocol import LogonRefused, Maildrop

from . import utf8


def plain(log_on: Callable[[str, str], Maildrop]) -> Generator[bytes, bytes, Maildrop]:
    """Ask for name and password at once.

    Args:
        log_on: checks them and opens the maildrop.

    Raises:
        LogonRefused: the message is malformed, asks to act as another user, or the log-on failed.
    """
    parts = utf8((yield b"")).split("\0")
    if len(parts) != 3:
        raise LogonRefused(Reason.MALFORMED)
    authzid, authcid, password = parts
    if authzid and authzid.casefold() != authcid.casefold():
        raise LogonRefused(Reason.AUTHZID)
    return log_on(authcid, password)
