r"""Both matrices, held against tables typed by hand from the MSXFAQ's page and the sources of the guide.

The page's own table says of PlainText on 110: log-on data readable, content readable; on 995: both
encrypted; of NTLM on 110: password protected, content readable. STLS on 110 protects as 995 does.
`A` all readable, `nm` name and message, `m` the message alone, `n` nothing, `-` refused, `.` not tried.
"""

import poplib
import ssl

import pytest

from minipop import Lab
from minipop.exchange import Account, SettingsError
from minipop.lab import logon_matrix as matrix
from minipop.lab.clients import MECHANISMS, Mechanism, Transport
from minipop.lab.logon_matrix import ControlFailed, LogonName, Overheard, PortCell, name_matrix, port_matrix
from minipop.wire import Reading, read
from tests.known import columns, editions

pytestmark = pytest.mark.slow

NOT_VALID = "-ERR Command is not valid in this state."
NOT_OFFERED = "-ERR This authentication mechanism is not offered here."

# -- ports --------------------------------------------------------------------------------------------

#                         PlainTextLogin
#                         |   PlainTextAuthentication
#                         |   |   SecureLogin
WITH_LOGIN_TYPE = """
    110       USER/PASS    A   -   -
    110       AUTH_PLAIN   A   -   -
    110       AUTH_LOGIN   A   -   -
    110       AUTH_NTLM    nm  nm  -
    110       AUTH_GSSAPI  m   m   -
    110+STLS  USER/PASS    n   n   n
    110+STLS  AUTH_PLAIN   n   n   n
    110+STLS  AUTH_LOGIN   n   n   n
    110+STLS  AUTH_NTLM    n   n   n
    110+STLS  AUTH_GSSAPI  n   n   n
    995       USER/PASS    n   n   n
    995       AUTH_PLAIN   n   n   n
    995       AUTH_LOGIN   n   n   n
    995       AUTH_NTLM    n   n   n
    995       AUTH_GSSAPI  n   n   n
"""

#                          2000, 2003
#                          |   online
#                          |   |   rfc
WITHOUT_LOGIN_TYPE = """
    110       USER/PASS     A   -   A
    110       AUTH_PLAIN    -   -   A
    110       AUTH_LOGIN    -   -   A
    110       AUTH_NTLM     nm  .   .
    110       AUTH_XOAUTH2  .   -   A
    110+STLS  USER/PASS     -   -   n
    110+STLS  AUTH_PLAIN    -   -   n
    110+STLS  AUTH_LOGIN    -   -   n
    110+STLS  AUTH_NTLM     -   .   .
    110+STLS  AUTH_XOAUTH2  .   n   n
    995       USER/PASS     n   -   n
    995       AUTH_PLAIN    -   -   n
    995       AUTH_LOGIN    -   -   n
    995       AUTH_NTLM     n   .   .
    995       AUTH_XOAUTH2  .   n   n
"""


def rows(table: str) -> list[list[str]]:
    return [line.split() for line in table.strip().splitlines()]


def mark(cell: PortCell) -> str:
    if cell.overheard is None:
        assert cell.reply.startswith("-ERR ")
        return "-"
    assert cell.reply.startswith("+OK")
    readable = tuple(cell.overheard.readable())
    return {
        ("name", "password", "message"): "A",
        ("name", "message"): "nm",
        ("message",): "m",
        (): "n",
    }[readable]


@pytest.mark.parametrize("edition", editions("2007"))
def test_where_there_is_a_login_type_it_rules_110_before_tls_and_nothing_else(edition: str) -> None:
    cells = port_matrix(edition)
    expected = []
    for transport, mechanism, *marks in rows(WITH_LOGIN_TYPE):
        login_types = ["PlainTextLogin", "PlainTextAuthentication", "SecureLogin"]
        for login_type, expected_mark in zip(login_types, marks, strict=True):
            expected.append((transport, mechanism.replace("_", " "), login_type, expected_mark))
    assert [(c.transport.value, c.mechanism, c.login_type, mark(c)) for c in cells] == expected


@pytest.mark.parametrize(("edition", "column"), [("2000", 2), ("2003", 2), ("online", 3), ("rfc", 4)])
def test_where_there_is_none_the_edition_s_own_way_holds(edition: str, column: int) -> None:
    cells = port_matrix(edition)
    expected = [
        (row[0], row[1].replace("_", " "), row[column])
        for row in rows(WITHOUT_LOGIN_TYPE)
        if row[column] != "."
    ]
    assert [(c.transport.value, c.mechanism, mark(c)) for c in cells] == expected
    assert {c.login_type for c in cells} == {None}


def test_a_refusal_shows_the_server_s_reply() -> None:
    refused = {(c.transport.value, c.mechanism): c.reply for c in port_matrix("2016") if not c.accepted}
    assert refused == {
        ("110", "USER/PASS"): NOT_VALID,
        ("110", "AUTH PLAIN"): NOT_OFFERED,
        ("110", "AUTH LOGIN"): NOT_OFFERED,
        ("110", "AUTH NTLM"): NOT_OFFERED,
        ("110", "AUTH GSSAPI"): NOT_OFFERED,
    }
    # An edition without STLS says so itself: it is not the client that gives up.
    no_stls = {c.reply for c in port_matrix("2003") if c.transport is Transport.STLS}
    assert no_stls == {NOT_VALID}


def test_in_clear_user_and_pass_are_text_and_auth_is_base64() -> None:
    text, encoded = Reading(("UTF-8",)), Reading(("UTF-8 in base64",))
    found = {c.mechanism: c.overheard for c in port_matrix("rfc") if c.transport is Transport.PLAIN}
    assert found == {
        "USER/PASS": Overheard(name=text, password=text, message=text),
        "AUTH PLAIN": Overheard(name=encoded, password=encoded, message=text),
        "AUTH LOGIN": Overheard(name=encoded, password=encoded, message=text),
        "AUTH XOAUTH2": Overheard(name=encoded, password=encoded, message=text),  # the token, that is
    }


def test_of_ntlm_in_clear_the_name_is_read_in_utf_16_and_of_kerberos_none() -> None:
    cells = port_matrix("2016")
    found = {c.mechanism: c.overheard for c in cells if c.transport is Transport.PLAIN and c.overheard}
    nothing, text = Reading(()), Reading(("UTF-8",))
    assert found["AUTH NTLM"] == Overheard(Reading(("UTF-16LE in base64",)), nothing, text)
    assert found["AUTH GSSAPI"] == Overheard(nothing, nothing, text)


def test_secure_login_as_observed_lets_ntlm_and_kerberos_in_before_tls() -> None:
    cells = port_matrix("2016", secure_login="observed")
    plain = {
        c.mechanism: mark(c)
        for c in cells
        if c.transport is Transport.PLAIN and c.login_type == "SecureLogin"
    }
    assert plain == {
        "USER/PASS": "-",
        "AUTH PLAIN": "-",
        "AUTH LOGIN": "-",
        "AUTH NTLM": "nm",
        "AUTH GSSAPI": "m",
    }


def test_without_kerberos_on_the_machine_its_rows_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "missing", lambda: "Kerberos needs krb5kdc")
    assert [m.name for m in matrix.mechanisms_of("2016")] == [
        "USER/PASS",
        "AUTH PLAIN",
        "AUTH LOGIN",
        "AUTH NTLM",
    ]


def test_an_unknown_edition_is_an_error() -> None:
    with pytest.raises(SettingsError, match="'2005'"):
        port_matrix("2005")
    with pytest.raises(SettingsError, match="'2005'"):
        name_matrix(editions=["2005"])


# -- controls -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lost", ["anna@muster.example", "Sommer2026", matrix.MESSAGE])
def test_a_search_that_finds_nothing_in_clear_either_proves_nothing(
    lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        matrix, "read", lambda heard, text: Reading(()) if text == lost else read(heard, text)
    )
    what = {"anna@muster.example": "name", "Sommer2026": "password"}.get(lost, "message")
    with pytest.raises(ControlFailed, match=f"USER/PASS: .* does not find {what} either") as error:
        port_matrix("rfc")
    assert lost not in str(error.value)


def test_a_message_that_the_client_did_not_get_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "MESSAGE", "Hier steht etwas anderes")
    with pytest.raises(ControlFailed, match="did not get the line"):
        port_matrix("rfc")


def only_inside_tls(pop: poplib.POP3, lab: Lab, account: Account, password: str) -> bytes:
    if not isinstance(pop.sock, ssl.SSLSocket):
        raise poplib.error_proto(b"-ERR not in clear")
    return MECHANISMS["AUTH PLAIN"].log_on(pop, lab, account, password)


def test_a_mechanism_that_is_never_spoken_in_clear_needs_another_s_control() -> None:
    with pytest.raises(ControlFailed, match=r"OWN has no control: .*-ERR not in clear"):
        port_matrix("rfc", [Mechanism("OWN", only_inside_tls)])
    cells = port_matrix("rfc", [Mechanism("OWN", only_inside_tls, control="USER/PASS")])
    assert [mark(cell) for cell in cells] == ["-", "n", "n"]


def test_where_everything_is_refused_no_control_is_needed() -> None:
    passwords = [MECHANISMS["USER/PASS"], MECHANISMS["AUTH PLAIN"]]
    assert not any(cell.accepted for cell in port_matrix("online", passwords))


# -- names --------------------------------------------------------------------------------------------

#                                                           2000  2007  2013
#                                                           2003  2010  to se  online
NAMES = r"""
    anna           alias            anna                          +     +     +    -
    anna           sAMAccountName   anna                          +     +     +    -
    anna           DOMAIN\sam       MUSTER\anna                   +     +     +    -
    anna           DOMAIN\sam\alias MUSTER\anna\anna              +     -     +    -
    anna           UPN              anna@muster.example           +     +     +    -
    anna           primary_address  anna.arndt@muster.example     -     -     -    -
    anna           proxy_address    a.arndt@muster.example        -     -     -    -
    bernd.mueller  alias            bernd.mueller                 -     -     -    -
    bernd.mueller  sAMAccountName   bmueller                      -     -     -    -
    bernd.mueller  DOMAIN\sam       MUSTER\bmueller               -     -     -    -
    bernd.mueller  DOMAIN\sam\alias MUSTER\bmueller\bernd.mueller +     -     +    -
    bernd.mueller  UPN              bmueller@muster.example       +     +     +    -
    bernd.mueller  primary_address  bernd.mueller@muster.example  -     -     -    -
    bernd.mueller  proxy_address    bm@muster.example             -     -     -    -
    cweiss         alias            cweiss                        +     +     +    -
    cweiss         sAMAccountName   cweiss                        +     +     +    -
    cweiss         DOMAIN\sam       MUSTER\cweiss                 +     +     +    -
    cweiss         DOMAIN\sam\alias MUSTER\cweiss\cweiss          +     -     +    -
    cweiss         UPN              clara.weiss@muster.example    +     +     +    -
    cweiss         primary_address  clara.weiss@muster.example    +     +     +    -
    dora           alias            dora                          -     -     -    -
    dora           sAMAccountName   dora                          -     -     -    -
    dora           DOMAIN\sam       MUSTER\dora                   -     -     -    -
    dora           DOMAIN\sam\alias MUSTER\dora\dora              -     -     -    -
    dora           UPN              dora@muster.example           -     -     -    -
    dora           primary_address  dora.denk@muster.example      -     -     -    -
"""

COLUMNS = columns("2000", "2007", "2013", "online")


def test_people_s_own_names_open_their_own_mailboxes_by_edition() -> None:
    table = [
        (LogonName(account, form.replace("_", " "), name), marks)
        for account, form, name, *marks in rows(NAMES)
    ]
    expected = [
        (logon, edition, logon.account if marks[column] == "+" else None)
        for logon, marks in table
        for edition, column in COLUMNS.items()
    ]
    assert list(matrix.world_names())[: len(table)] == [logon for logon, _ in table]
    cells = name_matrix([logon for logon, _ in table], list(COLUMNS))
    assert [(cell.logon, cell.edition, cell.opened) for cell in cells] == expected


FAILURE = "-ERR Logon failure: unknown user name or bad password."


def test_anna_opens_the_shared_mailbox_and_bernd_is_refused_like_a_stranger() -> None:
    names = [
        LogonName("anna", "of Info", r"MUSTER\anna\info"),
        LogonName("bernd.mueller", "of Info", r"MUSTER\bmueller\info"),
        LogonName("anna", "nobody", "nobody@muster.example"),
    ]
    cells = name_matrix(names, ["2003", "2007", "2016"])
    assert [cell.opened for cell in cells] == ["info", None, "info", *[None] * 6]
    assert {cell.reply for cell in cells if not cell.accepted} == {FAILURE}


#                                                             2000  2007  2013
#                                                             2003  2010  to se  online
SHARED = r"""
    anna           MUSTER\anna\info                               +     -     +    -
    anna           MUSTER/anna/info                               -     -     +    -
    anna           MUSTER/anna/info@muster.example                -     -     +    -
    anna           anna@muster.example/info                       -     -     +    -
    anna           anna@muster.example/info@muster.example        -     -     +    -
    anna           anna@muster.example\info                       -     -     -    -
    bernd.mueller  MUSTER\bmueller\info                           -     -     -    -
    bernd.mueller  MUSTER/bernd.mueller/info                      -     -     -    -
    bernd.mueller  MUSTER/bernd.mueller/info@muster.example       -     -     -    -
    bernd.mueller  bmueller@muster.example/info                   -     -     -    -
    bernd.mueller  bmueller@muster.example/info@muster.example    -     -     -    -
    bernd.mueller  bmueller@muster.example\info                   -     -     -    -
"""


def test_names_that_aim_at_the_shared_mailbox_open_it_for_its_delegate_alone() -> None:
    table = rows(SHARED)
    tried = [logon for logon in matrix.world_names() if "info" in logon.name]
    assert [[logon.account, logon.name] for logon in tried] == [row[:2] for row in table]
    expected = [
        (name, edition, "info" if marks[column] == "+" else None)
        for _, name, *marks in table
        for edition, column in COLUMNS.items()
    ]
    cells = name_matrix(tried, list(COLUMNS))
    assert [(cell.logon.name, cell.edition, cell.opened) for cell in cells] == expected


def test_a_name_of_nobody_s_account_is_an_error() -> None:
    with pytest.raises(KeyError, match="berta"):
        name_matrix([LogonName("berta", "alias", "berta")], ["2016"])


def test_no_result_shows_a_password_or_a_message() -> None:
    shown = repr(port_matrix("rfc")) + repr(name_matrix(editions=["2016"]))
    for secret in (
        "Sommer2026",
        "Winter ist",
        "Grüße4Clara",
        "£20 for Clara",
        "Herbst2026",
        "cake",
        "U29tbWVyMjAyNg",
    ):
        assert secret not in shown
