"""Logging on with a password that the administrator gave; connections come verified from `probe`."""

import base64
from collections.abc import Callable
from dataclasses import dataclass

from .connection import Connection, Trouble, shown


@dataclass(frozen=True)
class LogOn:
    """A log-on that was tried.

    Args:
        way: on which way in.
        mechanism: ``USER/PASS`` or ``AUTH PLAIN``.
        accepted: whether it worked.
        reply: the server's last line, without the password should it be in it.
        sent: whether the password went out; not if the server refused before.
    """

    way: str
    mechanism: str
    accepted: bool
    reply: str
    sent: bool


def log_on(way: str, enter: Callable[[], Connection], user: str, password: str) -> list[LogOn]:
    """Log on by USER/PASS and by AUTH PLAIN, once each, and take leave; nothing is read or deleted.

    Args:
        way: the way in, for the result.
        enter: gives a connection that is encrypted and whose certificate has been verified.
        user: the name.
        password: the password.

    Raises:
        Trouble: there is no such connection.
    """
    response = base64.b64encode(f"\0{user}\0{password}".encode())
    steps = {
        "USER/PASS": (f"USER {user}".encode(), f"PASS {password}".encode()),
        "AUTH PLAIN": (b"AUTH PLAIN", response),
    }
    secrets = (password.encode(), response, base64.b64encode(password.encode()))
    return [
        _try(way, mechanism, enter(), question, secret, secrets)
        for mechanism, (question, secret) in steps.items()
    ]


def _try(
    way: str,
    mechanism: str,
    connection: Connection,
    question: bytes,
    secret: bytes,
    secrets: tuple[bytes, ...],
) -> LogOn:
    sent = False
    try:
        reply = connection.ask(question)
        if reply.startswith(b"+"):
            sent = True
            reply = connection.ask(secret)
        text = shown(_without(reply, secrets))
        accepted = sent and reply.startswith(b"+OK")
    except Trouble as trouble:
        text, accepted = trouble.kind, False
    finally:
        connection.quit()
    return LogOn(way, mechanism, accepted, text, sent)


def _without(reply: bytes, secrets: tuple[bytes, ...]) -> bytes:
    for secret in secrets:
        reply = reply.replace(secret, b"********")
    return reply
