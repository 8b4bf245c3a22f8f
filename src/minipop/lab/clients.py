"""Small POP3 clients, one for each way to reach the service and each way to log on.

Python's `poplib` does what it can; what it does not know, AUTH, is said on its socket.
"""

import base64
import poplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

from .lab import Lab

#: Seconds after which a client gives up on a server that does not answer.
TIMEOUT = 20.0


class Transport(Enum):
    """How a client reaches the service."""

    PLAIN = "110"
    STLS = "110+STLS"
    TLS = "995"


class Refused(Exception):
    """The server refused the log-on, or already STLS.

    Args:
        reply: its last line.
    """

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.reply = reply


@dataclass(frozen=True)
class Mechanism:
    """A way to log on.

    Args:
        name: its name.
        log_on: logs on with a name and a password, and returns the server's last reply.
        control: the name of the mechanism whose session in clear shows that an eavesdropper's search works;
            empty for its own. One that never sends the password needs another's.
    """

    name: str
    log_on: Callable[[poplib.POP3, str, str], bytes]
    control: str = ""


@contextmanager
def session(
    lab: Lab, transport: Transport, mechanism: Mechanism, name: str, password: str
) -> Iterator[tuple[poplib.POP3, str]]:
    """Log on, and give the client and the server's last reply; QUIT follows unless there was an error.

    Raises:
        Refused: the server refused STLS or the log-on.
        OSError: the connection failed, or the certificate is not the Lab's.
    """
    context = ssl.create_default_context(cafile=lab.ca_file)
    pop = (
        poplib.POP3_SSL(lab.host, lab.tls_port, timeout=TIMEOUT, context=context)
        if transport is Transport.TLS
        else poplib.POP3(lab.host, lab.port, timeout=TIMEOUT)
    )
    try:
        try:
            if transport is Transport.STLS:
                _start_tls(pop, context)
            reply = mechanism.log_on(pop, name, password)
        except poplib.error_proto as error:
            raise Refused(_text(error.args[0])) from None
        yield pop, _text(reply)
        pop.quit()
    finally:
        pop.close()


def _start_tls(pop: poplib.POP3, context: ssl.SSLContext) -> None:
    """Do STLS; where CAPA does not offer it, ask for it all the same, since `poplib` would not even ask."""
    if "STLS" not in pop.capa():
        raise poplib.error_proto(_say(pop, b"STLS"))
    pop.stls(context)


def _user_pass(pop: poplib.POP3, name: str, password: str) -> bytes:
    pop.user(name)
    return pop.pass_(password)


def _auth_plain(pop: poplib.POP3, name: str, password: str) -> bytes:
    return _auth(pop, "PLAIN", f"\0{name}\0{password}")


def _auth_login(pop: poplib.POP3, name: str, password: str) -> bytes:
    return _auth(pop, "LOGIN", name, password)


def _auth(pop: poplib.POP3, mechanism: str, *responses: str) -> bytes:
    """Play AUTH (RFC 5034, section 4); a response goes out only when the server asks for it."""
    reply = _say(pop, f"AUTH {mechanism}".encode())
    for response in responses:
        if reply.startswith(b"+ "):
            reply = _say(pop, base64.b64encode(response.encode()))
    if not reply.startswith(b"+OK"):
        raise poplib.error_proto(reply)
    return reply


def _say(pop: poplib.POP3, line: bytes) -> bytes:
    pop.sock.sendall(line + b"\r\n")
    return pop.file.readline().rstrip(b"\r\n")


def _text(reply: bytes | str) -> str:
    return reply if isinstance(reply, str) else reply.decode("utf-8", "replace")


#: Every mechanism by its name.
MECHANISMS = {
    row.name: row
    for row in (
        Mechanism("USER/PASS", _user_pass),
        Mechanism("AUTH PLAIN", _auth_plain),
        Mechanism("AUTH LOGIN", _auth_login),
    )
}
