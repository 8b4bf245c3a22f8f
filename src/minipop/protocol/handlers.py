"""What each command does once its grammar and its state are right; one function for each row of the table."""

from . import multiline
from .context import Context, Transaction
from .maildrop import ConversionFailed, MaildropError, Message
from .replies import Reply, ReplyName
from .sasl import Dialogue

Arguments = list[int | str]


# AUTHORIZATION


def capa(context: Context, _: Arguments) -> Reply:
    """List the capabilities (RFC 2449, section 5)."""
    logged_on = context.transaction is not None
    lines = context.rules.capabilities(tls=context.tls, logged_on=logged_on)
    return Reply(ReplyName.CAPABILITIES, lines=lines)


def stls(context: Context, _: Arguments) -> Reply:
    """Ask the transport for TLS (RFC 2595, section 4)."""
    if context.tls or not context.rules.offers_stls():
        return Reply(ReplyName.NOT_IN_THIS_STATE)
    if context.pipelined:
        # Plain text that came along with STLS would be taken for part of the encrypted session
        # (the flaw of CVE-2011-0411): nothing of it is executed, and the connection ends.
        return Reply(ReplyName.DATA_AFTER_STLS)
    return Reply(ReplyName.BEGIN_TLS)


def user(context: Context, arguments: Arguments) -> Reply:
    """Remember the name; whether it exists is not told before PASS (RFC 1939, section 13)."""
    if not context.rules.allows_user(tls=context.tls):
        return Reply(ReplyName.NOT_IN_THIS_STATE)
    context.next_name = str(arguments[0])
    return Reply(ReplyName.USER)


def pass_(context: Context, arguments: Arguments) -> Reply:
    """Log on with the name of the USER command just before."""
    if context.name is None:
        return Reply(ReplyName.NOT_IN_THIS_STATE)
    context.transaction = Transaction(context.rules.log_on(context.name, str(arguments[0])))
    return Reply(ReplyName.LOGGED_ON, context.transaction.totals())


def apop(_context: Context, _: Arguments) -> Reply:
    """Refuse: Exchange has never known APOP ([MS-STANXPOP3] 2.2.10, V0012)."""
    return Reply(ReplyName.APOP)


def auth(context: Context, arguments: Arguments) -> Reply | Dialogue:
    """Start a SASL exchange, or list the mechanisms (RFC 5034, section 4; [MS-OXPOP3] 1.7)."""
    mechanisms = context.rules.mechanisms(tls=context.tls)
    if not arguments:
        return Reply(ReplyName.MECHANISMS, lines=list(mechanisms))
    name = str(arguments[0]).upper()
    mechanism = mechanisms.get(name)
    if mechanism is None:
        return Reply(ReplyName.UNKNOWN_MECHANISM)
    return Dialogue(name, mechanism(), str(arguments[1]).encode() if len(arguments) == 2 else None)


# TRANSACTION


def stat(context: Context, _: Arguments) -> Reply:
    """Count the messages that are not marked as deleted, and their octets."""
    return Reply(ReplyName.STAT, context.opened.totals())


def list_(context: Context, arguments: Arguments) -> Reply:
    """List the sizes of one message or of all."""
    opened = context.opened
    if arguments:
        number, message = opened.message(arguments[0])
        return Reply(ReplyName.LIST_ONE, {"number": number, "octets": message.octets})
    lines = (f"{number} {message.octets}" for number, message in opened.remaining())
    return Reply(ReplyName.LIST, opened.totals(), lines)


def uidl(context: Context, arguments: Arguments) -> Reply:
    """List the unique ids of one message or of all."""
    opened = context.opened
    if arguments:
        number, message = opened.message(arguments[0])
        return Reply(ReplyName.UIDL_ONE, {"number": number, "uid": message.uid})
    lines = (f"{number} {message.uid}" for number, message in opened.remaining())
    return Reply(ReplyName.UIDL, lines=lines)


def retr(context: Context, arguments: Arguments) -> Reply:
    """Send a message."""
    number, message = context.opened.message(arguments[0])
    return _sent(ReplyName.RETR, number, message, None)


def top(context: Context, arguments: Arguments) -> Reply:
    """Send the header of a message and the first lines of its body."""
    number, message = context.opened.message(arguments[0])
    return _sent(ReplyName.TOP, number, message, int(arguments[1]))


def _sent(name: ReplyName, number: int, message: Message, lines: int | None) -> Reply:
    try:
        chunks = multiline.crlf(message.open())
    except ConversionFailed:
        return Reply(ReplyName.NOT_CONVERTED)
    except MaildropError:
        return Reply(ReplyName.MESSAGE_GONE)
    text = chunks if lines is None else multiline.top(chunks, lines)
    return Reply(name, {"number": number, "octets": message.octets}, message=text)


def dele(context: Context, arguments: Arguments) -> Reply:
    """Mark a message as deleted; it goes only at QUIT."""
    number, _ = context.opened.message(arguments[0])
    context.opened.deleted.add(number)
    return Reply(ReplyName.DELE, {"number": number})


def rset(context: Context, _: Arguments) -> Reply:
    """Take all deletion marks back."""
    context.opened.deleted.clear()
    return Reply(ReplyName.RSET, context.opened.totals())


def noop(_context: Context, _: Arguments) -> Reply:
    """Do nothing, and say so."""
    return Reply(ReplyName.NOOP)


def quit_(context: Context, _: Arguments) -> Reply:
    """End the session; after a log-on, remove what is marked (RFC 1939, section 6)."""
    try:
        if context.transaction:
            context.transaction.update()
    except (MaildropError, OSError):  # a full or failing disk, too
        return Reply(ReplyName.UPDATE_FAILED)
    return Reply(ReplyName.FAREWELL)
