"""Editions, commands and replies as they should be, typed by hand; a new one is entered here alone."""

from dataclasses import dataclass

#: Every edition, oldest first.
EDITIONS = ("2000", "2003", "2007", "2010", "2013", "2016", "2019", "se", "online", "rfc")


def editions(first: str, last: str = "se") -> list[str]:
    """Return the editions from one to another, both included; ``se`` is the last on-premises."""
    return list(EDITIONS[EDITIONS.index(first) : EDITIONS.index(last) + 1])


#   verb   RFC   section  valid before and after the log-on, right arguments
_COMMANDS = """
    CAPA   2449  5        before after
    STLS   2595  4        before -
    USER   1939  7        before -      text
    PASS   1939  7        before -      secret
    APOP   1939  7        before -      word word
    AUTH   5034  4        before -      [word [word]]
    STAT   1939  5        -      after
    LIST   1939  5        -      after  [number]
    UIDL   1939  7        -      after  [number]
    RETR   1939  5        -      after  number
    TOP    1939  7        -      after  number number
    DELE   1939  5        -      after  number
    RSET   1939  5        -      after
    NOOP   1939  5        -      after
    QUIT   1939  4–6      before after
"""


@dataclass(frozen=True)
class Known:
    """A command: RFC and section, whether it is valid before and after the log-on, right arguments."""

    rfc: int
    section: str
    before: bool
    after: bool
    arguments: str


def _known(rfc: str, section: str, before: str, after: str, *arguments: str) -> Known:
    return Known(int(rfc), section, before == "before", after == "after", " ".join(arguments))


COMMANDS = {verb: _known(*rest) for verb, *rest in map(str.split, _COMMANDS.strip().splitlines())}

#: Replies that follow -ERR, and those that follow +OK.
REFUSED = {
    *("logon_failure", "authentication_failure", "cancelled", "bad_base64", "unknown_mechanism", "apop"),
    *("too_many_of_user", "too_many_failures", "too_many_from_address", "too_many_connections"),
    *("address_not_allowed", "in_use", "unreadable", "not_in_this_state", "unknown_command", "line_too_long"),
    *("data_after_stls", "no_such_message", "message_deleted", "message_gone", "not_converted"),
    *("update_failed",),
    *("missing_argument", "surplus_argument", "not_a_number", "not_text", "control_character"),
}
ACCEPTED = {
    *(
        "greeting",
        "capabilities",
        "begin_tls",
        "user",
        "logged_on",
        "authenticated",
        "mechanisms",
        "farewell",
    ),
    *("stat", "list", "list_one", "uidl", "uidl_one", "retr", "top", "dele", "noop", "rset"),
}

#: Replies with which the server ends the session.
LAST = {
    *("farewell", "update_failed", "line_too_long", "data_after_stls", "too_many_failures"),
    *("too_many_of_user", "address_not_allowed", "too_many_connections", "too_many_from_address"),
}
