"""Small POP3 clients, one for each way to reach the service and each way to log on.

They are Python's own `poplib`; AUTH, which it does not have, is spoken on its socket.
"""

import base64
import os
import poplib
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

from minipop.exchange import Account

from .lab import Lab

#: Seconds after which a client gives up on a server that does not answer.
TIMEOUT = 20.0


class Transport(Enum):
    """How a client reaches the service."""

    PLAIN = "110"
    STLS = "110+STLS"
    TLS = "995"


class LogonFailed(Exception):
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
        log_on: logs on to a Lab as an account with a secret, and returns the server's last reply.
        secret: returns what it logs on with, by default the password.
        control: the name of the mechanism whose session in clear shows that an eavesdropper's search works;
            empty for its own. One that never sends the password needs another's, because there is nothing to
            find in its own.
        clear_in: the edition that takes the control in clear, empty if the edition itself can be set to.
    """

    name: str
    log_on: Callable[[poplib.POP3, Lab, Account, str], bytes]
    secret: Callable[[Lab, Account], str] = lambda _, account: account.password or ""
    control: str = ""
    clear_in: str = ""


@contextmanager
def session(
    lab: Lab, transport: Transport, log_on: Callable[[poplib.POP3], bytes]
) -> Iterator[tuple[poplib.POP3, str]]:
    """Log on, and give the client and the server's last reply; QUIT follows unless there was an error.

    Args:
        lab: the server.
        transport: how to reach it.
        log_on: logs on and returns the server's last reply.

    Raises:
        LogonFailed: the server refused STLS or the log-on.
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
            reply = log_on(pop)
        except poplib.error_proto as error:
            reply = error.args[0]
            raise LogonFailed(reply if isinstance(reply, str) else reply.decode("utf-8", "replace")) from None
        yield pop, reply.decode("utf-8", "replace")
        pop.quit()
    finally:
        pop.close()


def _start_tls(pop: poplib.POP3, context: ssl.SSLContext) -> None:
    """Do STLS; where CAPA does not list it, ask for the refusal, because `poplib` would not even ask."""
    if "STLS" not in pop.capa():
        raise poplib.error_proto(_say(pop, b"STLS"))
    pop.stls(context)


def user_pass(pop: poplib.POP3, name: str, password: str) -> bytes:
    """Log on with USER and PASS, whatever the name is."""
    pop.user(name)
    return pop.pass_(password)


def _user_pass(pop: poplib.POP3, _: Lab, account: Account, password: str) -> bytes:
    return user_pass(pop, account.upn or "", password)


def _auth_plain(pop: poplib.POP3, _: Lab, account: Account, password: str) -> bytes:
    return _auth(pop, "PLAIN", _one_by_one(f"\0{account.upn}\0{password}".encode()))


def _auth_login(pop: poplib.POP3, _: Lab, account: Account, password: str) -> bytes:
    return _auth(pop, "LOGIN", _one_by_one((account.upn or "").encode(), password.encode()))


def _auth_xoauth2(pop: poplib.POP3, _: Lab, account: Account, token: str) -> bytes:
    response = f"user={account.upn}\1auth=Bearer {token}\1\1"
    return _auth(pop, "XOAUTH2", _one_by_one(response.encode()))


def _auth_ntlm(pop: poplib.POP3, _: Lab, account: Account, password: str) -> bytes:
    import spnego

    client = spnego.client(account.upn, password, protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
    return _auth(pop, "NTLM", client.step)


def _auth_gssapi(pop: poplib.POP3, lab: Lab, account: Account, password: str) -> bytes:
    """Fetch a ticket and log on with that; the password is not sent, not even to the realm."""
    with _environment(lab.realm.environment(lab.realm.ticket(account.sam or "", password))):
        return _auth(pop, "GSSAPI", gssapi_step())


def gssapi_step() -> "Step":
    """Return a step that answers AUTH GSSAPI's challenges (RFC 4752) with a ticket for ``pop/localhost``.

    Realm and ticket are found through environment variables: see `minipop.lab.realm.Realm.environment`.
    """
    import gssapi

    service = gssapi.Name("pop@localhost", gssapi.NameType.hostbased_service)
    context = gssapi.SecurityContext(name=service, usage="initiate", mech=gssapi.MechType.kerberos)

    def step(challenge: bytes) -> bytes:
        if not context.complete:  # the server's proof of its identity is answered by an empty response
            return context.step(challenge or None) or b""
        context.unwrap(challenge)  # the security layers that the server offers; none is chosen below
        return bytes(context.wrap(bytes([1, 0, 0, 0]), False).message)

    return step


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for a while, because MIT's library takes the realm from nothing else."""
    before = {name: os.environ[name] for name in variables if name in os.environ}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in variables:
            del os.environ[name]
        os.environ.update(before)


#: Answers a challenge, both without base64; None if the client gives up.
Step = Callable[[bytes], bytes | None]


def _one_by_one(*responses: bytes) -> Step:
    """Return a step that gives these responses, whatever the challenges are."""
    left = iter(responses)
    return lambda _: next(left, None)


def _auth(pop: poplib.POP3, mechanism: str, step: Step) -> bytes:
    """Play AUTH (RFC 5034, section 4); a response goes out only when the server asks for it."""
    reply = _say(pop, f"AUTH {mechanism}".encode())
    challenge = b""
    # The first challenge counts as empty, because Exchange 2003 sends +OK, and 2000 sends “+ OK”.
    while reply.startswith(b"+") and (response := step(challenge)) is not None:
        reply = _say(pop, base64.b64encode(response))
        if not reply.startswith(b"+ "):
            break
        challenge = base64.b64decode(reply[2:])
    if not reply.startswith(b"+OK"):
        raise poplib.error_proto(reply)
    return reply


def _say(pop: poplib.POP3, line: bytes) -> bytes:
    pop.sock.sendall(line + b"\r\n")
    return pop.file.readline().rstrip(b"\r\n")


#: Every mechanism by its name. NTLM and Kerberos never send the password, so USER and PASS are their control.
MECHANISMS = {
    row.name: row
    for row in (
        Mechanism("USER/PASS", _user_pass),
        Mechanism("AUTH PLAIN", _auth_plain),
        Mechanism("AUTH LOGIN", _auth_login),
        Mechanism("AUTH NTLM", _auth_ntlm, control="USER/PASS"),
        Mechanism("AUTH GSSAPI", _auth_gssapi, control="USER/PASS"),
        Mechanism(
            "AUTH XOAUTH2", _auth_xoauth2, lambda lab, user: lab.issuer.issue(user.upn or ""), clear_in="rfc"
        ),
    )
}
