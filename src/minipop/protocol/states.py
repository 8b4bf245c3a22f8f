"""The states of a POP3 session, and what leads from one to the next (RFC 1939, sections 3 to 6).

The session follows this table, and the figure on the site is drawn from it. Only QUIT given in TRANSACTION
leads to UPDATE, and only UPDATE removes messages.
"""

from collections.abc import Mapping
from enum import Enum


class State(Enum):
    """Where a session stands."""

    AUTHORIZATION = "AUTHORIZATION"
    TRANSACTION = "TRANSACTION"
    UPDATE = "UPDATE"
    CLOSED = "CLOSED"

    #: Not Enum's own, because that hashes the name, and a state is looked up at every command.
    __hash__ = object.__hash__


class Event(Enum):
    """What moves a session from one state to another."""

    STLS = "STLS"  #: the reply to STLS was given; the handshake comes next
    LOGGED_ON = "logged on"  #: PASS or AUTH was accepted
    QUIT = "QUIT"  #: the client has given QUIT, whatever the answer to it will be
    ENDED = "ended"  #: the connection is lost, or a reply was given that ends it

    __hash__ = object.__hash__  # as above


#: Where each event leads. What is missing cannot happen: the session raises KeyError.
TRANSITIONS: Mapping[State, Mapping[Event, State]] = {
    State.AUTHORIZATION: {
        Event.STLS: State.AUTHORIZATION,
        Event.LOGGED_ON: State.TRANSACTION,
        Event.QUIT: State.CLOSED,
        Event.ENDED: State.CLOSED,
    },
    State.TRANSACTION: {Event.QUIT: State.UPDATE, Event.ENDED: State.CLOSED},
    State.UPDATE: {Event.ENDED: State.CLOSED},
    State.CLOSED: {Event.ENDED: State.CLOSED},
}
