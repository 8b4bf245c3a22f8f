"""POP3 itself, sans-I/O: bytes in, bytes out; no sockets, no clock, no Exchange, standard library alone."""

from .command import Command, Commands
from .commands import COMMANDS
from .maildrop import ConversionFailed, Maildrop, MaildropError, Message, MessageGone
from .observer import Lost, Observer
from .policy import Policy
from .replies import TEXTS, Reply, ReplyName, Texts
from .rules import Challenge, LogonRefused, Mechanism
from .session import Session
from .states import State

__all__ = [
    "COMMANDS",
    "TEXTS",
    "Challenge",
    "Command",
    "Commands",
    "ConversionFailed",
    "LogonRefused",
    "Lost",
    "Maildrop",
    "MaildropError",
    "Mechanism",
    "Message",
    "MessageGone",
    "Observer",
    "Policy",
    "Reply",
    "ReplyName",
    "Session",
    "State",
    "Texts",
]
