"""A command: when and how it may be given, and what it does.

Which commands there are is the policy's: `minipop.protocol.commands` holds those that minipop knows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .context import Context
from .grammar import Argument
from .replies import Reply
from .sasl import Dialogue
from .states import Event, State

#: Carries a command out, given what it may know of the session and the parsed arguments.
Handler = Callable[[Context, list[int | str]], Reply | Dialogue]


@dataclass(frozen=True, slots=True)
class Command:
    """One row of a table of commands.

    Args:
        syntax: how it is written, for people: ``[ ]`` marks what may be left out.
        states: the states in which it is valid; in any other it is refused and changes nothing.
        arguments: the grammar of its arguments.
        handler: carries it out. It may raise `ArgumentError` and `LogonRefused`.
        rfc: number of the RFC that defines it.
        section: section of that RFC.
        event: what giving it means for the session, before it is carried out.
    """

    syntax: str
    states: frozenset[State]
    arguments: tuple[Argument, ...]
    handler: Handler
    rfc: int
    section: str
    event: Event | None = None

    @property
    def verb(self) -> str:
        """The keyword."""
        return self.syntax.partition(" ")[0]


#: Commands by their keywords.
Commands = Mapping[str, Command]
