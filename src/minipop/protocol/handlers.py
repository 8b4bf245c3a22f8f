"""What each command does once its grammar and its state are right; one function for each row of the table."""

from typing import TYPE_CHECKING

from . import multiline
from .maildrop import MaildropError, Message
from .policy import LogonRefused
from .sasl import Dialogue
from .states import State

if TYPE_CHECKING:
    from .session import Session

Arguments = list[int | str]


# AUTHORIZATION


def capa(session: "Session", _: Arguments) -> None:
    """List the capabilities (RFC 2449, section 5)."""
    logged_on = session.state is State.TRANSACTION
    lines = session.policy.capabilities(tls=session.tls, logged_on=logged_on)
    session.ok("capabilities")
    session.lines(lines)


def stls(session: "Session", _: Arguments) -> None:
    """Ask the transport for TLS (RFC 2595, section 4)."""
    if session.tls or not session.policy.offers_stls():
        session.err("not_in_this_state")
    elif session.has_input:
        # Plain text that came along with STLS would be taken for part of the encrypted session
        # (the flaw of CVE-2011-0411): nothing of it is executed, and the connection ends.
        session.err("data_after_stls")
        session.end()
    else:
        session.ok("begin_tls")
        session.wants_tls = True


def user(session: "Session", arguments: Arguments) -> None:
    """Remember the name; whether it exists is not told before PASS (RFC 1939, section 13)."""
    if session.policy.allows_user(tls=session.tls):
        session.next_name = str(arguments[0])
        session.ok("user")
    else:
        session.err("not_in_this_state")


def pass_(session: "Session", arguments: Arguments) -> None:
    """Log on with the name of the USER command just before."""
    if session.name is None:
        session.err("not_in_this_state")
        return
    try:
        maildrop = session.policy.log_on(session.name, str(arguments[0]))
    except LogonRefused as refusal:
        session.refuse(refusal, "logon_failure")
    else:
        session.logged_on(maildrop, "logged_on")


def apop(session: "Session", _: Arguments) -> None:
    """Refuse: Exchange has never known APOP ([MS-STANXPOP3] 2.2.10, V0012)."""
    session.err("apop")


def auth(session: "Session", arguments: Arguments) -> None:
    """Start a SASL exchange, or list the mechanisms (RFC 5034, section 4; [MS-OXPOP3] 1.7)."""
    mechanisms = session.policy.mechanisms(tls=session.tls)
    if not arguments:
        session.ok("mechanisms")
        session.lines(list(mechanisms))
        return
    name = str(arguments[0]).upper()
    mechanism = mechanisms.get(name)
    if mechanism is None:
        session.err("unknown_mechanism")
        return
    initial = str(arguments[1]).encode() if len(arguments) == 2 else None
    session.converse(Dialogue(name, mechanism()), initial)


# TRANSACTION


def stat(session: "Session", _: Arguments) -> None:
    """Count the messages that are not marked as deleted, and their octets."""
    session.ok("stat", **session.totals())


def list_(session: "Session", arguments: Arguments) -> None:
    """List the sizes of one message or of all."""
    if arguments:
        number, message = session.message(arguments[0])
        session.ok("list_one", number=number, octets=message.octets)
    else:
        session.ok("list", **session.totals())
        session.lines(f"{number} {message.octets}" for number, message in session.remaining())


def uidl(session: "Session", arguments: Arguments) -> None:
    """List the unique ids of one message or of all."""
    if arguments:
        number, message = session.message(arguments[0])
        session.ok("uidl_one", number=number, uid=message.uid)
    else:
        session.ok("uidl")
        session.lines(f"{number} {message.uid}" for number, message in session.remaining())


def retr(session: "Session", arguments: Arguments) -> None:
    """Send a message."""
    number, message = session.message(arguments[0])
    _send(session, "retr", number, message, None)


def top(session: "Session", arguments: Arguments) -> None:
    """Send the header of a message and the first lines of its body."""
    number, message = session.message(arguments[0])
    _send(session, "top", number, message, int(arguments[1]))


def _send(session: "Session", reply: str, number: int, message: Message, lines: int | None) -> None:
    try:
        chunks = multiline.crlf(message.open())
    except MaildropError:
        session.err("message_gone")
        return
    session.ok(reply, number=number, octets=message.octets)
    session.stream(chunks if lines is None else multiline.top(chunks, lines))


def dele(session: "Session", arguments: Arguments) -> None:
    """Mark a message as deleted; it goes only at QUIT."""
    number, _ = session.message(arguments[0])
    session.deleted.add(number)
    session.ok("dele", number=number)


def rset(session: "Session", _: Arguments) -> None:
    """Take all deletion marks back."""
    session.deleted.clear()
    session.ok("rset", **session.totals())


def noop(session: "Session", _: Arguments) -> None:
    """Do nothing, and say so."""
    session.ok("noop")


def quit_(session: "Session", _: Arguments) -> None:
    """End the session; from TRANSACTION, remove what is marked (RFC 1939, section 6)."""
    try:
        if session.state is State.TRANSACTION:
            session.update()
    except (MaildropError, OSError):  # a full or failing disk, too
        session.err("update_failed")
    else:
        session.ok("farewell")
    session.end()
