"""The replies: each named once, here, with its status, its text and what it leads to.

RFC 1939 fixes the two status words and leaves the text to the server. The texts below are minipop's own,
some borrowed from Exchange; `minipop.exchange.editions` says for each edition which text is on record. An
empty text gives a bare ``+OK``. Names in braces are filled in by the session.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .states import Event

OK, ERR = "+OK", "-ERR"
ENDS = Event.ENDED


class ReplyName(StrEnum):
    """The name of a reply, and what is the same wherever it is sent.

    Args:
        name: the name.
        status: ``+OK`` or ``-ERR``.
        text: the text behind it, unless an edition has another.
        leads_to: what giving it means for the session, None for most.
    """

    status: str
    text: str
    leads_to: Event | None

    def __new__(cls, name: str, status: str, text: str, leads_to: Event | None = None) -> "ReplyName":
        """Make a member that is equal to its name."""
        made = str.__new__(cls, name)
        made._value_ = name
        made.status, made.text, made.leads_to = status, text, leads_to
        return made

    # AUTHORIZATION
    GREETING = "greeting", OK, "minipop POP3 server ready"
    USER = "user", OK, ""
    LOGGED_ON = "logged_on", OK, "Maildrop has {count} messages ({octets} octets)", Event.LOGGED_ON
    AUTHENTICATED = "authenticated", OK, "Maildrop has {count} messages ({octets} octets)", Event.LOGGED_ON
    LOGON_FAILURE = "logon_failure", ERR, "Unknown user name or bad password."
    AUTHENTICATION_FAILURE = "authentication_failure", ERR, "Unknown user name or bad password."
    ADDRESS_NOT_ALLOWED = (
        "address_not_allowed",
        ERR,
        "Your address may not connect to this server.",
        Event.ENDED,
    )
    TOO_MANY_CONNECTIONS = "too_many_connections", ERR, "Too many connections to this server.", ENDS
    TOO_MANY_FROM_ADDRESS = (
        "too_many_from_address",
        ERR,
        "Too many connections from your address.",
        Event.ENDED,
    )
    TOO_MANY_OF_USER = "too_many_of_user", ERR, "Too many connections of this user.", ENDS
    TOO_MANY_FAILURES = (
        "too_many_failures",
        ERR,
        "Too many failed log-ons. Connection is closed.",
        Event.ENDED,
    )
    IN_USE = "in_use", ERR, "[IN-USE] The maildrop is open in another session."
    UNREADABLE = "unreadable", ERR, "[SYS/TEMP] The mailbox cannot be opened at the moment."
    MECHANISMS = "mechanisms", OK, "Mechanisms follow"
    UNKNOWN_MECHANISM = "unknown_mechanism", ERR, "This authentication mechanism is not offered here."
    CANCELLED = "cancelled", ERR, "Authentication cancelled."
    BAD_BASE64 = "bad_base64", ERR, "The authentication data is not valid base64."
    BEGIN_TLS = "begin_tls", OK, "Begin TLS negotiation.", Event.STLS
    APOP = "apop", ERR, "APOP is not supported."

    # TRANSACTION
    STAT = "stat", OK, "{count} {octets}"
    LIST = "list", OK, "{count} messages ({octets} octets)"
    LIST_ONE = "list_one", OK, "{number} {octets}"
    UIDL = "uidl", OK, ""
    UIDL_ONE = "uidl_one", OK, "{number} {uid}"
    RETR = "retr", OK, "{octets} octets"
    TOP = "top", OK, ""
    DELE = "dele", OK, "Message {number} marked as deleted"
    NOOP = "noop", OK, ""
    RSET = "rset", OK, "Maildrop has {count} messages ({octets} octets)"

    MESSAGE_GONE = "message_gone", ERR, "The message is no longer in the Inbox."
    NOT_CONVERTED = "not_converted", ERR, "The message could not be converted."

    # any state
    CAPABILITIES = "capabilities", OK, "Capability list follows"
    FAREWELL = "farewell", OK, "minipop POP3 server signing off", ENDS
    NOT_IN_THIS_STATE = "not_in_this_state", ERR, "Command is not valid in this state."
    UNKNOWN_COMMAND = "unknown_command", ERR, "Unknown command."
    UPDATE_FAILED = "update_failed", ERR, "Some deleted messages were not removed.", ENDS
    LINE_TOO_LONG = "line_too_long", ERR, "Protocol error. Connection is closed. 10", ENDS
    DATA_AFTER_STLS = "data_after_stls", ERR, "Protocol error. Connection is closed. 10", ENDS

    # arguments: what was wrong, in which command
    MISSING_ARGUMENT = "missing_argument", ERR, "{verb}: the {argument} is missing."
    SURPLUS_ARGUMENT = "surplus_argument", ERR, "{verb}: unexpected text after the command."
    NOT_A_NUMBER = "not_a_number", ERR, "{verb}: the {argument} must be a whole number."
    NO_SUCH_MESSAGE = (
        "no_such_message",
        ERR,
        "{verb}: there is no message {number}; the maildrop has {count}.",
    )
    MESSAGE_DELETED = "message_deleted", ERR, "{verb}: message {number} is marked as deleted."
    NOT_TEXT = "not_text", ERR, "{verb}: the argument is not valid UTF-8 text."
    CONTROL_CHARACTER = "control_character", ERR, "The line contains a NUL character."

    @property
    def ends(self) -> bool:
        """Whether the session is over with it."""
        return self.leads_to is Event.ENDED


#: The text behind the status word, by the name of the reply.
Texts = Mapping[ReplyName, str]

#: The texts of minipop's own.
TEXTS: Texts = {name: name.text for name in ReplyName}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command comes to: a status line, and for some commands a text of many lines.

    Args:
        name: which reply.
        values: what fills the braces of its text.
        lines: short lines that follow, made as they are pulled; none of them starts with a dot.
        message: chunks of a message that follows, in CRLF form, read as they are pulled.
    """

    name: ReplyName
    values: Mapping[str, object] = field(default_factory=dict)
    lines: Iterable[str] | None = None
    message: Iterator[bytes] | None = None
