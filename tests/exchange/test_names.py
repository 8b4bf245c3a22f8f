r"""Which log-on name each edition accepts, typed from the table of the guide (`+` accepted, `-` refused).

The password is right and the connection encrypted. A short name works only where alias and
sAMAccountName are the same.
"""

import pytest

from tests.exchange.muster import connect
from tests.known import EDITIONS, columns, editions
from tests.support import send

PASSWORDS = {"Anna": "Sommer2026", "Bernd": "Winter ist kalt 7", "Clara": "Grüße4Clara"}

#                                                       2000  2007  2013
#                                                       2003  2010  to se  rfc
FORMS = r"""
    Anna   alias             anna                          +     +     +    +
    Anna   sAMAccountName    ANNA                          +     +     +    +
    Anna   DOMAIN\sam        MUSTER\anna                   +     +     +    -
    Anna   DOMAIN\sam\alias  MUSTER\anna\anna              +     -     +    -
    Anna   UPN               anna@muster.example           +     +     +    +
    Anna   primary           anna.arndt@muster.example     -     -     -    -
    Anna   proxy             a.arndt@muster.example        -     -     -    -
    Bernd  alias             bernd.mueller                 -     -     -    +
    Bernd  sAMAccountName    bmueller                      -     -     -    -
    Bernd  DOMAIN\sam        MUSTER\bmueller               -     -     -    -
    Bernd  DOMAIN\sam\alias  MUSTER\bmueller\bernd.mueller +     -     +    -
    Bernd  UPN               bmueller@muster.example       +     +     +    +
    Bernd  primary           bernd.mueller@muster.example  -     -     -    -
    Bernd  proxy             bm@muster.example             -     -     -    -
    Clara  alias             cweiss                        +     +     +    +
    Clara  sAMAccountName    CWeiss                        +     +     +    +
    Clara  DOMAIN\sam        muster\cweiss                 +     +     +    -
    Clara  DOMAIN\sam\alias  MUSTER\cweiss\cweiss          +     -     +    -
    Clara  UPN               clara.weiss@muster.example    +     +     +    +
    Clara  primary           Clara.Weiss@Muster.Example    +     +     +    +
"""

COLUMNS = columns("2000", "2007", "2013", "rfc")

FAILURE = "-ERR Logon failure: unknown user name or bad password.\r\n"


def log_on(edition: str, name: str, password: str) -> str:
    session = connect(edition, tls=True)
    assert send(session, f"USER {name}\r\n".encode()) == b"+OK\r\n"
    return send(session, f"PASS {password}\r\n".encode()).decode()


ROWS = [line.split() for line in FORMS.strip().splitlines()]


@pytest.mark.parametrize("edition", COLUMNS)
@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]}'s {row[1]}" for row in ROWS])
def test_each_form_of_a_name_is_accepted_or_refused_by_edition(edition: str, row: list[str]) -> None:
    person, _, name, *marks = row
    reply = log_on(edition, name, PASSWORDS[person])
    assert reply.startswith("+OK" if marks[COLUMNS[edition]] == "+" else "-ERR"), reply


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]}'s {row[1]}" for row in ROWS])
def test_online_refuses_every_password_in_the_same_words(row: list[str]) -> None:
    assert log_on("online", row[2], PASSWORDS[row[0]]) == FAILURE


def subject(edition: str, name: str, password: str) -> str:
    """Return the subject of the one message: it is the alias of the mailbox that was opened."""
    session = connect(edition, tls=True)
    send(session, f"USER {name}\r\nPASS {password}\r\n".encode())
    return send(session, b"TOP 1 0\r\n").decode().split("\r\n")[1].removeprefix("Subject: ")


@pytest.mark.parametrize("edition", ["2000", "2003", *editions("2013")])
def test_anna_opens_the_shared_mailbox_with_her_own_name_and_password(edition: str) -> None:
    assert subject(edition, r"MUSTER\anna\info", "Sommer2026") == "info"
    assert subject(edition, r"muster\ANNA\Info", "Sommer2026") == "info"
    assert subject(edition, r"MUSTER\anna\anna", "Sommer2026") == "anna"


@pytest.mark.parametrize("edition", ["2007", "2010"])
def test_2007_and_2010_refuse_the_form_with_an_alias(edition: str) -> None:
    # KB 937359
    assert log_on(edition, r"MUSTER\anna\info", "Sommer2026") == FAILURE


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize(
    ("name", "password"),
    [
        (r"MUSTER\bmueller\info", "Winter ist kalt 7"),
        (r"MUSTER\bmueller\anna", "Winter ist kalt 7"),
        (r"MUSTER\anna\cweiss", "Sommer2026"),
        (r"MUSTER\anna\nobody", "Sommer2026"),
    ],
)
def test_nobody_opens_a_mailbox_without_the_right_to_it(edition: str, name: str, password: str) -> None:
    assert log_on(edition, name, password).startswith("-ERR ")


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("name", ["dora", r"MUSTER\dora", r"MUSTER\dora\dora", "dora@muster.example"])
def test_a_mailbox_with_pop3_switched_off_refuses_the_right_password(edition: str, name: str) -> None:
    right = log_on(edition, name, "Herbst2026")
    assert right.startswith("-ERR ")
    assert right == log_on(edition, name, "wrong")


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("name", ["info", "info@muster.example", r"MUSTER\info", r"MUSTER\info\info"])
@pytest.mark.parametrize("password", ["x", "None", "Sommer2026"])
def test_nobody_logs_on_as_the_shared_mailbox(edition: str, name: str, password: str) -> None:
    assert log_on(edition, name, password).startswith("-ERR ")


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize(
    "name",
    [
        r"\anna",
        r"MUSTER\\anna",
        "MUSTER\\anna\\",
        "MUSTER\\",
        r"\\anna",
        r"OTHER\anna",
        r"\MUSTER\anna",
        "MUSTER/anna",
        "anna@",
        "@muster.example",
        "anna@@muster.example",
        "anna@muster@example",
        "anna@muster.example.",
        "anna@other.example",
        r"MUSTER\anna@muster.example",
        r"anna@muster.example\info",
        " anna",
        "anna\tx",
        "ann",
        "annaa",
        "*",
        "%",
        "Anna Arndt",
        "=",
    ],
)
def test_malformed_names_are_refused_like_unknown_ones(edition: str, name: str) -> None:
    assert log_on(edition, name, "Sommer2026") == log_on(edition, "nobody", "Sommer2026")
    assert log_on(edition, name, "Sommer2026").startswith("-ERR ")
