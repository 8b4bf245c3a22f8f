"""The states of a POP3 session (RFC 1939, sections 3 to 6).

    greeting -> AUTHORIZATION --PASS, AUTH--> TRANSACTION --QUIT--> UPDATE --> CLOSED
                AUTHORIZATION --QUIT, or the connection ends------------------> CLOSED
                                              TRANSACTION --connection ends--> CLOSED

Only QUIT given in TRANSACTION leads to UPDATE, and only UPDATE removes messages.
"""

from enum import Enum


class State(Enum):
    """Where a session stands."""

    AUTHORIZATION = "AUTHORIZATION"
    TRANSACTION = "TRANSACTION"
    UPDATE = "UPDATE"
    CLOSED = "CLOSED"

    #: No two members are equal, and Enum's own would hash the name at every command.
    __hash__ = object.__hash__
