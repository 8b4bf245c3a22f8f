"""POP3 itself, sans-I/O: bytes in, bytes out; no sockets, no clock, no Exchange, standard library alone."""

from .commands import COMMANDS, Command
from .maildrop import Maildrop, MaildropError, Message, MessageGone
from .observer import Observer
from .policy import Challenge, LogonRefused, Mechanism, Policy
from .replies import Replies
from .session import Session
from .states import State

__all__ = [
    "COMMANDS",
    "Challenge",
    "Command",
    "LogonRefused",
    "Maildrop",
    "MaildropError",
    "Mechanism",
    "Message",
    "MessageGone",
    "Observer",
    "Policy",
    "Replies",
    "Session",
    "State",
]
