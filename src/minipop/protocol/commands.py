"""The table of commands: every rule about when and how a command may be given is a row here.

A policy chooses from this table what its service has, and the command reference of the documentation is drawn
from it.
"""

from . import handlers
from .command import Command, Commands
from .grammar import Argument, Kind
from .sasl import MECHANISMS
from .states import Event, State

_MESSAGE = Argument("message number", Kind.NUMBER)
_LINES = Argument("number of lines", Kind.NUMBER)
_NAME = Argument("user name", Kind.TEXT)
_PASSWORD = Argument("password", Kind.SECRET, masked=True)
_MECHANISM = Argument("mechanism", Kind.WORD, optional=True, masked=True, known=MECHANISMS)
_INITIAL = Argument("initial response", Kind.WORD, optional=True, masked=True)
_ANY_MESSAGE = Argument("message number", Kind.NUMBER, optional=True)
_ANY_NAME = Argument("user name", Kind.WORD, optional=True)
_ANY_DIGEST = Argument("digest", Kind.TEXT, optional=True, masked=True)


_AUTHORIZATION = frozenset({State.AUTHORIZATION})
_TRANSACTION = frozenset({State.TRANSACTION})
_BOTH = _AUTHORIZATION | _TRANSACTION

#: Every command, by its keyword, in the order in which a session meets them.
COMMANDS: Commands = {
    row.verb: row
    for row in (
        Command("CAPA", _BOTH, (), handlers.capa, 2449, "5"),
        Command("STLS", _AUTHORIZATION, (), handlers.stls, 2595, "4"),
        Command("USER name", _AUTHORIZATION, (_NAME,), handlers.user, 1939, "7"),
        Command("PASS string", _AUTHORIZATION, (_PASSWORD,), handlers.pass_, 1939, "7"),
        Command("APOP name digest", _AUTHORIZATION, (_ANY_NAME, _ANY_DIGEST), handlers.apop, 1939, "7"),
        Command(
            "AUTH [mechanism [initial-response]]",
            _AUTHORIZATION,
            (_MECHANISM, _INITIAL),
            handlers.auth,
            5034,
            "4",
        ),
        Command("STAT", _TRANSACTION, (), handlers.stat, 1939, "5"),
        Command("LIST [msg]", _TRANSACTION, (_ANY_MESSAGE,), handlers.list_, 1939, "5"),
        Command("UIDL [msg]", _TRANSACTION, (_ANY_MESSAGE,), handlers.uidl, 1939, "7"),
        Command("RETR msg", _TRANSACTION, (_MESSAGE,), handlers.retr, 1939, "5"),
        Command("TOP msg n", _TRANSACTION, (_MESSAGE, _LINES), handlers.top, 1939, "7"),
        Command("DELE msg", _TRANSACTION, (_MESSAGE,), handlers.dele, 1939, "5"),
        Command("RSET", _TRANSACTION, (), handlers.rset, 1939, "5"),
        Command("NOOP", _TRANSACTION, (), handlers.noop, 1939, "5"),
        Command("QUIT", _BOTH, (), handlers.quit_, 1939, "4–6", Event.QUIT),
    )
}
