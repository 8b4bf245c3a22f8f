"""Editions, commands and replies as they should be, typed by hand; a new one is entered here alone."""

from dataclasses import dataclass

#   names: the column of its log-on names in the tables of tests; farewell: the version that this names, - for
#   a sentence of its own; support: the last day of Microsoft's and the month in which the paid updates end,
#   from Microsoft's pages on the life cycle of each version and the Exchange Team Blog, post 4511603;
#   connections: most in all, per address, per user; ways back: Outlook, AlwaysOn, Restore-RecoverableItems,
#   Search-Mailbox, backup, each at once, after a purge, after the retention
#   name     names   farewell  support             connections      ways back
_EDITIONS = """
    2000     2000    -         2011-01-11          -     -     -    ···  ●··  -    -    -
    2003     2000    -         2014-04-08          -     -     -    ···  ●··  -    -    ●●●
    2007     2007    2007      2017-04-11          2000  20    10   ···  ●··  -    -    ●●●
    2010     2007    2010      2020-10-13          2000  2000  16   ●··  ●··  -    ●··  ●●●
    2013     2013    2013      2023-04-11          -     -     16   ●··  ●··  -    ●··  ●●●
    2016     2013    2016      2025-10-14+2026-10  -     -     16   ●··  ●··  ●··  ●··  ●●●
    2019     2013    2019      2025-10-14+2026-10  -     -     16   ●··  ●··  ●··  ●··  ●●●
    se       2013    2019      on                  -     -     16   ●··  ●··  ●··  ●··  ●●●
    online   online  2016      on                  -     -     -    ●··  ●··  ●●·  -    -
    rfc      rfc     -         -                   -     -     1    -    -    -    -    -
"""


@dataclass(frozen=True)
class Edition:
    """An edition: its names, farewell, end of support, connections, and the ways back of deleted mail."""

    names: str
    farewell: str
    support: tuple[str | None, str | None] | None
    connections: tuple[int | None, ...]
    ways_back: list[str]


def _edition(names: str, farewell: str, support: str, *rest: str) -> Edition:
    end, _, paid = support.partition("+")
    ended = {"-": None, "on": (None, None)}.get(support, (end, paid or None))
    connections = tuple(None if most == "-" else int(most) for most in rest[:3])
    return Edition(names, farewell, ended, connections, [way.replace("-", "–") for way in rest[3:]])


#: Every edition, oldest first.
EDITIONS = {name: _edition(*rest) for name, *rest in map(str.split, _EDITIONS.strip().splitlines())}


def editions(first: str, last: str = "se") -> list[str]:
    """Return the editions from one to another, both included; ``se`` is the last on-premises."""
    names = list(EDITIONS)
    return names[names.index(first) : names.index(last) + 1]


def columns(*heads: str) -> dict[str, int]:
    """Return the column of each edition in a table of log-on names, by the heads of its columns."""
    return {name: heads.index(row.names) for name, row in EDITIONS.items() if row.names in heads}


#   editions: all, or their names with commas between them
#   verb   RFC   section  valid before and after the log-on, editions, right arguments
_COMMANDS = """
    CAPA   2449  5        before after  all
    STLS   2595  4        before -      all
    USER   1939  7        before -      all  text
    PASS   1939  7        before -      all  secret
    APOP   1939  7        before -      all  word word
    AUTH   5034  4        before -      all  [word [word]]
    STAT   1939  5        -      after  all
    LIST   1939  5        -      after  all  [number]
    UIDL   1939  7        -      after  all  [number]
    RETR   1939  5        -      after  all  number
    TOP    1939  7        -      after  all  number number
    DELE   1939  5        -      after  all  number
    RSET   1939  5        -      after  all
    NOOP   1939  5        -      after  all
    QUIT   1939  4–6      before after  all
"""


@dataclass(frozen=True)
class Known:
    """A command: RFC and section, whether it is valid before and after the log-on, who has it, arguments."""

    rfc: int
    section: str
    before: bool
    after: bool
    editions: list[str]
    arguments: str


def _known(rfc: str, section: str, before: str, after: str, who: str, *arguments: str) -> Known:
    names = list(EDITIONS) if who == "all" else who.split(",")
    return Known(int(rfc), section, before == "before", after == "after", names, " ".join(arguments))


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
