"""Logging on with a password that the administrator gave; `minipop.probe.probe` connects and verifies."""

import base64
from collections.abc import Callable
from dataclasses import dataclass

from .client import Pop3Client, ProbeError, shown


@dataclass(frozen=True)
class LogOn:
    """A log-on that was tried.

    Args:
        way: the name of the endpoint.
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


def log_on(way: str, enter: Callable[[], Pop3Client], user: str, password: str) -> list[LogOn]:
    """Log on by USER/PASS and by AUTH PLAIN, once each, then QUIT; nothing is read or deleted.

    Args:
        way: the name of the endpoint, for the result.
        enter: gives a connection that is encrypted and whose certificate has been verified.
        user: the name.
        password: the password.

    Raises:
        ProbeError: there is no such connection.
    """
    response = base64.b64encode(f"\0{user}\0{password}".encode())
    secrets = (password.encode(), response, base64.b64encode(password.encode()))
    steps = {
        "USER/PASS": (f"USER {user}".encode(), f"PASS {password}".encode()),
        "AUTH PLAIN": (b"AUTH PLAIN", response),
    }
    logons = []
    for mechanism, (question, secret) in steps.items():
        client, sent = enter(), False
        try:
            reply = client.ask(question)
            if reply.startswith(b"+"):
                sent = True
                reply = client.ask(secret)
        except ProbeError as error:
            reply = error.kind.encode()
        client.quit()
        for known in secrets:  # because some servers quote what they do not understand
            reply = reply.replace(known, b"********")
        logons.append(LogOn(way, mechanism, sent and reply.startswith(b"+OK"), shown(reply), sent))
    return logons
