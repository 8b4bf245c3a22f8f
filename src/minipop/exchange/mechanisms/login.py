"""AUTH LOGIN: two questions, two answers; never standardized (draft-murchison-sasl-login)."""

from collections.abc import Callable, Generator

from minipop.protocol import Maildrop

from . import utf8


def login(log_on: Callable[[str, str], Maildrop]) -> Generator[bytes, bytes, Maildrop]:
    """Ask for the name, then for the password.

    Args:
        log_on: checks them and opens the maildrop.

    Raises:
        LogonRefused: the answers are not UTF-8, or the log-on failed.
    """
    name = yield b"Username:"
    password = yield b"Password:"
    return log_on(utf8(name), utf8(password))
