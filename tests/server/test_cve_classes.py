"""Classes of attack on mail servers, each with a vulnerability of that class in its docstring.

Where another test shows already that minipop withstands, it is not repeated here: the table in
docs/hardening.yml names for each class the tests that show it.
"""

import base64
import contextlib
import logging
import ssl
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from evidence.fuzz.target import verify
from evidence.raw import Raw
from evidence.replies import read
from minipop.exchange import AccountsError, Trust, read_accounts
from minipop.exchange.mechanisms.gssapi import OFFER, _authzid
from minipop.exchange.mechanisms.login import login
from minipop.exchange.mechanisms.plain import plain
from minipop.exchange.mechanisms.xoauth2 import xoauth2
from minipop.mailbox import Mailbox
from minipop.mailbox.maildir import Maildirs
from minipop.mailbox.maildir import folder as folder_module
from minipop.protocol import COMMANDS, LogonRefused, Maildrop, Session, State
from minipop.protocol.grammar import ArgumentError, parse
from minipop.protocol.sasl import RESPONSE_LIMIT
from minipop.wire import Transcript
from tests.exchange.muster import connect, policy
from tests.server.conftest import Running
from tests.support import FakeMaildrop, FakeMessage, FakePolicy, drain, send
from tests.support import connect as connect_simply
from tests.support import log_on as log_on_simply

FAILURE = b"-ERR Authentication failure: unknown user name or bad password.\r\n"


def b64(data: bytes) -> bytes:
    return base64.b64encode(data)


# -- TLS ------------------------------------------------------------------------------------------------


def logged_on_inside_tls(running: Running) -> Raw:
    """Return a client that has come by STLS and marked a message."""
    client = Raw(running.port)
    assert client.line().startswith(b"+OK")
    assert client.ask(b"STLS").startswith(b"+OK")
    client.start_tls()
    assert client.ask(b"USER mrose").startswith(b"+OK")
    assert client.ask(b"PASS secret").startswith(b"+OK")
    assert client.ask(b"DELE 1").startswith(b"+OK")
    return client


def test_nothing_in_clear_is_executed_once_tls_has_ended(running: Running) -> None:
    """Commands in clear that follow the proper end of TLS (CWE-319)."""
    with logged_on_inside_tls(running) as client:
        encrypted = client.socket
        assert isinstance(encrypted, ssl.SSLSocket)
        with contextlib.suppress(OSError):  # the server may be gone before it has said its farewell to TLS
            client.socket = encrypted.unwrap()
        with contextlib.suppress(OSError):
            client.send(b"QUIT\r\n")
        assert b"+OK" not in client.rest()
        encrypted.close()
    assert (running.maildrop.commits, running.maildrop.deleted) == (0, [])


def test_a_session_that_is_cut_off_inside_tls_deletes_nothing(running: Running) -> None:
    """Truncation: somebody on the way ends the connection in the middle of a command."""
    with logged_on_inside_tls(running) as client:
        client.send(b"QUI")
        client.reset()
    assert (running.maildrop.commits, running.maildrop.deleted) == (0, [])


def test_a_request_to_another_service_is_answered_by_nothing_that_was_in_it() -> None:
    """Cross-protocol attacks: a browser is made to speak to a mail server (ALPACA, CVE-2021-3618)."""
    session = connect("2016", tls=True)
    request = (
        b"POST /<script>alert(1)</script> HTTP/1.1\r\nHost: pop.muster.example\r\n"
        b"X: <script>alert(1)</script>\r\n\r\nUSER <script>alert(1)</script>\r\nRETR <script>\r\n"
    )
    out = send(session, request)
    assert out.count(b"-ERR") == 5
    assert b"<" not in out


# -- SASL -----------------------------------------------------------------------------------------------


def test_a_mechanism_that_was_given_up_leaves_nothing_for_the_next() -> None:
    """State of an aborted AUTH that is used by the next one (CVE-2011-1720, Postfix with Cyrus SASL)."""
    session = connect("2016", tls=True)
    anna, password = b64(b"anna@muster.example"), b64(b"Sommer2026")
    assert send(session, b"AUTH LOGIN\r\n" + anna + b"\r\n*\r\n").endswith(
        b"-ERR Authentication cancelled.\r\n"
    )
    assert send(session, b"AUTH LOGIN\r\n") == b"+ VXNlcm5hbWU6\r\n"  # the name is asked for anew
    assert send(session, password + b"\r\n") == b"+ UGFzc3dvcmQ6\r\n"
    assert send(session, password + b"\r\n") == FAILURE
    assert send(session, b"PASS Sommer2026\r\n").startswith(b"-ERR")


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_line_ends_inside_base64_end_no_line(mechanism: str) -> None:
    """Line injection by SASL (CWE-93): what is decoded goes into no reply, and no command comes of it."""
    transcript = Transcript()
    session = Session(policy("2016"), tls=True, observers=[transcript.begin(tls=True)])
    drain(session)
    evil = b"anna@muster.example\r\nDELE 1\r\nQUIT\r\n+OK\r\n"
    said = {"PLAIN": [b"\0" + evil + b"\0Sommer2026"], "LOGIN": [evil, b"Sommer2026\r\n"]}[mechanism]
    send(session, f"AUTH {mechanism}\r\n".encode())
    replies = [send(session, b64(response) + b"\r\n") for response in said]
    assert replies[-1] == FAILURE
    assert all(reply.count(b"\r\n") == 1 for reply in replies)
    assert session.state is State.AUTHORIZATION
    assert not any(line.startswith(("C: DELE", "C: QUIT", "S: +OK ")) for line in transcript[0].lines[1:])


@pytest.mark.parametrize(
    "password",
    [
        "x\tskip_password_check=1",
        "Sommer2026\tuser=bmueller",
        "x\x01auth",
        "' OR ''='",
        "*)(uid=*",
        "%w",
        "$(id)",
    ],
)
@pytest.mark.parametrize("way", ["PASS", "PLAIN"])
def test_no_sign_in_a_password_means_anything(password: str, way: str) -> None:
    """Argument injection (CVE-2008-1218, Dovecot: a TAB in the password let anybody in)."""
    session = connect("2016", tls=True)
    said = {
        "PASS": f"USER anna@muster.example\r\nPASS {password}\r\n".encode(),
        "PLAIN": b"AUTH PLAIN\r\n" + b64(f"\0anna@muster.example\0{password}".encode()) + b"\r\n",
    }
    assert send(session, said[way]).split(b"\r\n")[-2].startswith(b"-ERR")
    assert session.state is State.AUTHORIZATION


@pytest.mark.parametrize(
    "name", ["%u%{pid}%9999u", "{0}", "{verb}", "{argument.__class__}", "%s%n", "${jndi:ldap://x}", "{" * 200]
)
def test_no_name_is_expanded(name: str) -> None:
    """Expansion of what a client typed (CVE-2017-2669, Dovecot: %variables in the user's name)."""
    transcript = Transcript()
    session = Session(policy("2016"), tls=True, observers=[transcript.begin(tls=True)])
    drain(session)
    reply = send(session, f"USER {name}\r\nPASS x\r\n".encode())
    assert reply == send(connect("2016", tls=True), b"USER nobody\r\nPASS x\r\n")
    assert f"C: USER {name[:77]}" in "\n".join(transcript[0].lines)


#: Responses of lengths at which buffers have been too short: none, every remainder of base64, full, too full.
LENGTHS = [*range(10), 254, 255, 256, 257, 4_095, 4_096, 4_097, 12_287, 12_288, 49_149]


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "NTLM", "XOAUTH2"])
def test_a_response_of_any_length_is_refused_and_the_session_goes_on(mechanism: str) -> None:
    """Buffers of base64 (CVE-2018-6789, Exim) and messages of no length (CVE-2020-12674, Dovecot)."""
    edition = "online" if mechanism == "XOAUTH2" else "2016"
    session = connect(edition, tls=True, trust=Trust(verify=verify), failed_logons=len(LENGTHS) + 1)
    for length in LENGTHS:
        reply = send(session, f"AUTH {mechanism}\r\n".encode())
        while reply.startswith(b"+ "):
            reply = send(session, b64(b"\xff" * length) + b"\r\n")
        assert read(b"x", reply).status == "-ERR", f"{length} octets"
    assert send(session, b"CAPA\r\n").startswith(b"+OK")


def test_a_response_without_end_is_held_up_to_its_limit_and_no_further() -> None:
    """Memory by lines that never end (CWE-770): what is stored has a bound, inside AUTH as well."""
    for begin, limit in ((b"", 512), (b"AUTH PLAIN\r\n", RESPONSE_LIMIT)):
        session = connect("2016", tls=True)
        send(session, begin)
        stored = 0
        for _ in range(100):
            session.receive_data(b"A" * 1_000)
            drain(session)
            stored = max(stored, len(session._input))
        assert session.finished
        assert stored <= limit


# -- what is read ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["RETR {}", "DELE {}", "LIST {}", "UIDL {}", "TOP {} 1", "TOP 1 {}"])
def test_a_number_of_a_hundred_thousand_digits_is_no_number(command: str) -> None:
    """Numbers that take quadratic time, or that Python refuses to read (CVE-2020-10735)."""
    session = log_on_simply()
    session._policy.line_limit = 200_000  # type: ignore[misc]  # no edition's is so long
    reply = send(session, command.format("9" * 100_000).encode() + b"\r\n")
    assert reply.startswith(b"-ERR ")
    assert b"must be a whole number" in reply
    assert send(session, b"STAT\r\n") == b"+OK 3 365\r\n"


#: Ends that some reader might take for that of a message, in messages as they might be stored.
ENDS = [
    b"\n.\n",
    b"\n.\r\n",
    b"\r\n.\n",
    b"\r.\r",
    b"\r\n.\r\n",
    b"\r\n.\r\r\n",
    b"\n.\r\r\n",
    b"\r\r\n.\r\n",
]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("chunk", [1, 2, 3, 100])
def test_no_message_ends_its_reply_early(end: bytes, chunk: int) -> None:
    """A second message or reply smuggled in (CVE-2023-51764, Postfix: ends of lines other than CRLF)."""
    content = b"Subject: x\r\n\r\nfirst" + end + b"+OK forged\r\nlast\r\n"
    session = log_on_simply(FakeMaildrop([FakeMessage(content, chunk=chunk)]))
    for command in (b"RETR 1", b"TOP 1 99"):
        reply = read(command, send(session, command + b"\r\n"))
        assert reply.content is not None
        assert reply.content.endswith(b"last\r\n")


@pytest.mark.parametrize(
    "where", ["US\0ER anna", "USER\0 anna", "USER an\0na", "PASS a\0b", "\0", "AUTH PLAIN\0"]
)
def test_a_nul_ends_no_string(where: str) -> None:
    """NUL in what is scanned as a string (CVE-2019-11500, Dovecot): the line is refused, whole."""
    fake = FakePolicy()
    session = connect_simply(fake)
    send(session, b"USER mrose\r\n")
    assert send(session, where.encode() + b"\r\n").startswith(b"-ERR ")
    assert fake.attempts == []
    assert session.state is State.AUTHORIZATION


# -- files, terminals and logs ---------------------------------------------------------------------------

CONTROLS = ["\x1b[2J", "\x07", "\r", "\u0085", "\u2028", "\u202e", "\u2066", "\ufeff", "\u007f"]


@pytest.mark.parametrize("key", ["name", "domain", "sam", "upn", "primary", "proxies", "full_access"])
@pytest.mark.parametrize("control", CONTROLS, ids=ascii)
def test_no_account_brings_signs_that_move_a_cursor(key: str, control: str, tmp_path: Path) -> None:
    """Escape sequences to a terminal, by a file and a log (CVE-2003-0020, Apache; CVE-2009-4487, nginx)."""
    file = tmp_path / "accounts.toml"
    text = f'"a\\u{ord(control[0]):04x}{control[1:]}b"'
    values = {
        "name": '"Anna"',
        "alias": '"anna"',
        key: f"[{text}]" if key in ("proxies", "full_access") else text,
    }
    file.write_text("[[accounts]]\n" + "".join(f"{k} = {v}\n" for k, v in values.items()), "utf-8")
    with pytest.raises(
        AccountsError, match=f"account 1: {key} contains a character that cannot be printed"
    ) as error:
        read_accounts(file)
    assert str(error.value).isprintable()


def test_the_name_of_a_file_moves_no_cursor_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same by the name of a file that another program has put into a Maildir."""
    maildirs = Maildirs(tmp_path / "mail", ["anna"])
    box = Mailbox("anna", store=maildirs.store("anna"))
    (tmp_path / "mail/anna/new/1\x1b[2J\nminipop: all is well").write_bytes(b"Subject: x\n\n")

    def broken(_: Path) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(folder_module, "counted", broken)
    with caplog.at_level(logging.WARNING):
        assert box.inbox.messages == ()
    maildirs.release()
    (record,) = caplog.records
    assert record.getMessage().isprintable()
    assert r"1\x1b[2J\x0aminipop: all is well" in record.getMessage()


# -- secrets that hang on an error ----------------------------------------------------------------------

SECRET = b"Geheim\xff7"  # no UTF-8


def hanging_on(error: BaseException) -> str:
    """Return all that an error holds, and those that it came from: all but the frames of its traceback."""
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        found = waiting.pop()
        if found is not None and found not in seen:
            seen.append(found)
            waiting += [found.__context__, found.__cause__]
    return " ".join(f"{e!r} {e.args!r} {vars(e)!r} {getattr(e, 'object', '')!r}" for e in seen)


def _log_on(name: str, password: str) -> Maildrop:
    raise AssertionError(f"{name} {len(password)}")


def played(run: Generator[object, bytes, Maildrop], *responses: bytes) -> Callable[[], object]:
    next(run)
    return lambda: [run.send(response) for response in responses]


WITH_A_SECRET: dict[str, Callable[[], object]] = {
    "PASS": lambda: parse(COMMANDS["PASS"].arguments, SECRET),
    "USER": lambda: parse(COMMANDS["USER"].arguments, SECRET),
    "PLAIN": lambda: played(plain(_log_on), b"\0anna\0" + SECRET)(),
    "PLAIN in parts": lambda: played(plain(_log_on), b"Geheim\0\0Geheim\0")(),
    "LOGIN": lambda: played(login(_log_on), b"anna", SECRET)(),
    "XOAUTH2": lambda: played(
        xoauth2(verify, lambda *_: FakeMaildrop([])), b"user=a\x01auth=Bearer " + SECRET + b"\x01\x01"
    )(),
    "GSSAPI": lambda: _authzid(OFFER + SECRET),
}


@pytest.mark.parametrize("way", WITH_A_SECRET)
def test_no_error_keeps_what_was_sent(way: str) -> None:
    """Secrets in errors that are logged or stored (CWE-209, CWE-532)."""
    with pytest.raises((ArgumentError, LogonRefused)) as raised:
        WITH_A_SECRET[way]()
    assert "Geheim" not in hanging_on(raised.value)


def test_no_error_about_an_accounts_file_keeps_the_file(tmp_path: Path) -> None:
    """The same for a file of passwords that cannot be read."""
    file = tmp_path / "accounts.toml"
    for broken in (
        b'password = "Geheim"\nx = \xff',
        b'password = "Geheim"\nx = ',
        b'x = "Geheim"\ny = ' + b"9" * 5_000,
    ):
        file.write_bytes(broken)
        with pytest.raises(AccountsError) as raised:
            read_accounts(file)
        assert "Geheim" not in hanging_on(raised.value)
