"""Logging on with a password that the administrator gave; `minipop.probe.probe` connects and verifies."""

import base64
from collections.abc import Callable

from .client import Pop3Client, ProbeError, shown
from .connections import Connections
from .observation import Endpoint, LogOn


def log_on(
    endpoint: Endpoint,
    enter: Callable[[], Pop3Client],
    connections: Connections,
    user: str,
    password: str,
) -> list[LogOn]:
    """Log on by USER/PASS and by AUTH PLAIN, once each, then QUIT; nothing is read or deleted.

    Args:
        endpoint: where. If its CAPA asks for a delay between two log-ons, the second waits for that long, or
            is left out if there is no time for it.
        enter: gives a connection that is encrypted and whose certificate has been verified.
        connections: ends them, and waits.
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
    logons: list[LogOn] = []
    for mechanism, (question, secret) in steps.items():
        sent, delay = False, endpoint.login_delay
        if logons and logons[0].sent and delay:
            if delay >= connections.left():
                logons.append(LogOn(endpoint.name, mechanism, False, f"LOGIN-DELAY {delay}", sent))
                break
            connections.wait(delay)
        client = enter()
        try:
            reply = client.ask(question)
            if reply.startswith(b"+"):
                sent = True
                reply = client.ask(secret)
        except ProbeError as error:
            reply = error.kind.encode()
        connections.leave(client)
        for known in secrets:  # because some servers quote what they do not understand
            reply = reply.replace(known, b"********")
        accepted = sent and reply.startswith(b"+OK")
        logons.append(LogOn(endpoint.name, mechanism, accepted, shown(reply), sent))
    return logons
