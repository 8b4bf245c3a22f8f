"""AUTH LOGIN: two questions, two answers; never standardized (draft-murchison-sasl-login)."""

from collections.abc import Callable, Generator

from minipop.exchange.refusals import Reason
from minipop.protocol import LogonRefused, Maildrop


def login(log_on: Callable[[str, str], Maildrop]) -> Generator[bytes, bytes, Maildrop]:
    """Ask for the name, then for the password.

    Args:
        log_on: checks them and opens the maildrop.

    Raises:
        LogonRefused: the answers are not UTF-8, or the log-on failed.
    """
    name = yield b"Username:"
    password = yield b"Password:"
    try:
        return log_on(name.decode("utf-8"), password.decode("utf-8"))
    except UnicodeDecodeError:
        raise LogonRefused(Reason.MALFORMED.value) from None
