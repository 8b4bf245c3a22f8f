"""AUTH PLAIN (RFC 4616): ``[authzid] NUL authcid NUL password`` in one response."""

from collections.abc import Callable, Generator

from minipop.exchange.refusals import Reason
from minipop.protocol import LogonRefused, Maildrop


def plain(log_on: Callable[[str, str], Maildrop]) -> Generator[bytes, bytes, Maildrop]:
    """Ask for name and password at once.

    Args:
        log_on: checks them and opens the maildrop.

    Raises:
        LogonRefused: the message is malformed, asks to act as somebody else, or the log-on failed.
    """
    message = yield b""
    try:
        authzid, authcid, password = message.decode("utf-8").split("\0")
    except ValueError:  # UnicodeDecodeError is one of these
        raise LogonRefused(Reason.MALFORMED.value) from None
    if authzid and authzid.casefold() != authcid.casefold():
        raise LogonRefused(Reason.AUTHZID.value)
    return log_on(authcid, password)
