r"""Another person's mailbox: who may name it in which edition, typed from the table of the guide.

Anna has full access to Info; Bernd has none, so every form fails for him.
"""

import pytest

from tests.exchange.muster import connect
from tests.known import columns, editions
from tests.support import send

PASSWORDS = {"Anna": "Sommer2026", "Bernd": "Winter ist kalt 7"}

#                                                   2000  2007  2013
#                                                   2003  2010  to se  online  rfc
FORMS = r"""
    Anna   MUSTER\anna\info                          +     -     +      -      -
    Anna   MUSTER/anna/info                          -     -     +      -      -
    Anna   MUSTER/anna/info@muster.example           -     -     +      -      -
    Anna   anna@muster.example/info                  -     -     +      -      -
    Anna   anna@muster.example/info@muster.example   -     -     +      -      -
    Anna   anna@muster.example\info                  -     -     -      -      -
    Anna   muster/ANNA/Info                          -     -     +      -      -
    Anna   OTHER/anna/info                           -     -     -      -      -
    Anna   MUSTER/anna/bernd.mueller                 -     -     -      -      -
    Anna   anna@muster.example/bmueller@muster.example -   -     -      -      -
    Bernd  MUSTER\bmueller\info                      -     -     -      -      -
    Bernd  MUSTER/bernd.mueller/info                 -     -     -      -      -
    Bernd  MUSTER/bernd.mueller/info@muster.example  -     -     -      -      -
    Bernd  bmueller@muster.example/info              -     -     -      -      -
    Bernd  bmueller@muster.example/info@muster.example -   -     -      -      -
    Bernd  bmueller@muster.example\info              -     -     -      -      -
"""

COLUMNS = columns("2000", "2007", "2013", "online", "rfc")

ROWS = [line.split() for line in FORMS.strip().splitlines()]


@pytest.mark.parametrize("edition", COLUMNS)
@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]} as {row[1]}" for row in ROWS])
def test_a_delegate_form_opens_the_mailbox_that_it_names_or_is_refused(edition: str, row: list[str]) -> None:
    person, name, *marks = row
    session = connect(edition, tls=True)
    assert send(session, f"USER {name}\r\n".encode()) == b"+OK\r\n"
    reply = send(session, f"PASS {PASSWORDS[person]}\r\n".encode())
    if marks[COLUMNS[edition]] == "+":
        assert reply == b"+OK User successfully logged on.\r\n"
        assert b"\r\nSubject: info\r\n" in send(session, b"TOP 1 0\r\n")
    else:
        assert reply.startswith(b"-ERR ")


@pytest.mark.parametrize("edition", editions("2013"))
def test_the_delegate_s_password_counts_and_nobody_else_s(edition: str) -> None:
    session = connect(edition, tls=True)
    replies = send(session, b"USER MUSTER/anna/info\r\nPASS Winter ist kalt 7\r\n")
    assert replies == b"+OK\r\n-ERR Logon failure: unknown user name or bad password.\r\n"
