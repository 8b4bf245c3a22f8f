"""Bad input: each line is refused by a reply that names what was wrong, and the session goes on."""

import pytest

from minipop.protocol.grammar import split_keyword
from tests.support import FakePolicy, connect, log_on, send

NINE_TIMES_TWENTY = "9" * 20

#   line                          what the reply names; on a maildrop of three messages
REFUSED = [
    ("RETR", ["RETR", "message number", "missing"]),
    ("RETR ", ["RETR", "message number", "missing"]),
    ("RETR 0", ["RETR", "no message 0", "3"]),
    ("RETR 4", ["RETR", "no message 4", "3"]),
    ("RETR 99", ["RETR", "no message 99", "3"]),
    (f"RETR {NINE_TIMES_TWENTY}", ["RETR", "no message"]),
    ("RETR -1", ["RETR", "message number", "whole number"]),
    ("RETR +1", ["RETR", "message number", "whole number"]),
    ("RETR 1.0", ["RETR", "message number", "whole number"]),
    ("RETR 0x1", ["RETR", "message number", "whole number"]),
    ("RETR 1_0", ["RETR", "message number", "whole number"]),
    ("RETR abc", ["RETR", "message number", "whole number"]),
    ("RETR １", ["RETR", "message number", "whole number"]),
    ("RETR ١", ["RETR", "message number", "whole number"]),
    ("RETR ²", ["RETR", "message number", "whole number"]),
    ("RETR \t1", ["RETR", "message number", "whole number"]),
    ("RETR 1 2", ["RETR", "unexpected"]),
    ("DELE", ["DELE", "message number", "missing"]),
    ("DELE 0", ["DELE", "no message 0"]),
    ("DELE abc", ["DELE", "message number", "whole number"]),
    ("DELE 1 2", ["DELE", "unexpected"]),
    ("TOP", ["TOP", "message number", "missing"]),
    ("TOP 1", ["TOP", "number of lines", "missing"]),
    ("TOP 1 -1", ["TOP", "number of lines", "whole number"]),
    ("TOP 1 x", ["TOP", "number of lines", "whole number"]),
    ("TOP 99 0", ["TOP", "no message 99"]),
    ("TOP 1 2 3", ["TOP", "unexpected"]),
    ("LIST 0", ["LIST", "no message 0"]),
    ("LIST abc", ["LIST", "message number", "whole number"]),
    ("LIST 1 2", ["LIST", "unexpected"]),
    ("UIDL 4", ["UIDL", "no message 4"]),
    ("UIDL -1", ["UIDL", "message number", "whole number"]),
    ("STAT 1", ["STAT", "unexpected"]),
    ("NOOP now", ["NOOP", "unexpected"]),
    ("RSET 1", ["RSET", "unexpected"]),
    ("CAPA all", ["CAPA", "unexpected"]),
    ("QUIT now", ["QUIT", "unexpected"]),
    ("XTND XMIT", ["nknown command"]),
    ("GET / HTTP/1.1", ["nknown command"]),
    ("RETR1", ["nknown command"]),
    ("RETR\t1", ["nknown command"]),
    (" RETR 1", ["nknown command"]),
    ("ＲＥＴＲ 1", ["nknown command"]),
    ("", ["nknown command"]),
    ("   ", ["nknown command"]),
    ("\0", ["NUL"]),
    ("RETR 1\0", ["NUL"]),
    ("NO\0OP", ["NUL"]),
]


@pytest.mark.parametrize(("line", "named"), REFUSED, ids=[repr(line) for line, _ in REFUSED])
def test_bad_input_is_named_and_the_session_goes_on(line: str, named: list[str]) -> None:
    session = log_on()
    reply = send(session, line.encode() + b"\r\n").decode()
    assert reply.startswith("-ERR ")
    assert reply.endswith("\r\n")
    assert reply.count("\r\n") == 1
    assert [word for word in named if word not in reply] == []
    assert send(session, b"STAT\r\n") == b"+OK 3 365\r\n"
    assert not session.deleted


@pytest.mark.parametrize("line", [b"\xff", b"\xff\xfe RETR 1", b"RETR \xff", b"DELE \xc3", b"RETR\x80 1"])
def test_bytes_that_are_no_utf_8_are_refused_and_the_session_goes_on(line: bytes) -> None:
    session = log_on()
    reply = send(session, line + b"\r\n")
    assert reply.startswith(b"-ERR ")
    assert reply.count(b"\r\n") == 1
    assert send(session, b"STAT\r\n") == b"+OK 3 365\r\n"


@pytest.mark.parametrize("line", [b"USER \xff", b"USER M\xfcller"])
def test_a_name_that_is_no_utf_8_is_refused_by_a_reply_that_says_so(line: bytes) -> None:
    session = connect()
    reply = send(session, line + b"\r\n")
    assert reply.startswith(b"-ERR USER: ")
    assert b"UTF-8" in reply
    assert send(session, b"PASS secret\r\n").startswith(b"-ERR ")


def test_a_password_that_is_no_utf_8_is_refused_by_a_reply_that_says_so() -> None:
    reply = send(connect(), b"USER mrose\r\nPASS Gr\xfc\xdfe\r\n")
    assert b"\r\n-ERR PASS: " in reply
    assert b"UTF-8" in reply


@pytest.mark.parametrize("line", ["USER", "USER ", "USER    ", "PASS", "PASS "])
def test_user_and_pass_want_an_argument(line: str) -> None:
    session = connect()
    if line.startswith("PASS"):
        send(session, b"USER mrose\r\n")
    reply = send(session, line.encode() + b"\r\n").decode()
    assert reply.startswith(f"-ERR {line.split()[0]}: ")
    assert "missing" in reply


@pytest.mark.parametrize("line", ["RETR  1", "RETR 1 ", "RETR 01", "RETR 0000000001", "retr   1  "])
def test_numbers_may_have_spaces_around_them_and_noughts_before_them(line: str) -> None:
    assert send(log_on(), line.encode() + b"\r\n").startswith(b"+OK")


@pytest.mark.parametrize("lines", ["2147483647", "9999999999", NINE_TIMES_TWENTY])
def test_top_takes_any_number_of_lines(lines: str) -> None:
    # RFC 1939, section 7: with more lines than the body has, the whole message is sent.
    assert send(log_on(), f"TOP 1 {lines}\r\n".encode()).endswith(b"\r\none\r\n.\r\n")


def test_a_command_may_be_as_long_as_the_service_allows_line_end_included() -> None:
    name = b"n" * (255 - len(b"USER \r\n"))
    assert send(connect(FakePolicy(line_limit=255)), b"USER " + name + b"\r\n") == b"+OK\r\n"


@pytest.mark.parametrize("octets", [256, 257, 10_000, 100_000])
@pytest.mark.parametrize("end", [b"\r\n", b""], ids=["whole", "without its end"])
def test_a_longer_line_ends_the_session_with_one_reply_and_deletes_nothing(octets: int, end: bytes) -> None:
    session = log_on()
    send(session, b"DELE 1\r\n")
    reply = send(session, b"X" * (octets - len(end)) + end + b"STAT\r\nQUIT\r\n" * bool(end))
    assert reply == b"-ERR Protocol error. Connection is closed. 10\r\n"
    assert session.finished
    assert send(session, b"QUIT\r\n") == b""


def test_half_a_command_is_not_executed_when_the_connection_ends() -> None:
    session = log_on()
    assert send(session, b"DELE 1\r\nQUIT") == b"+OK Message 1 marked as deleted\r\n"
    session.connection_lost()
    assert session.data_to_send() == b""
    assert session.finished


@pytest.mark.parametrize(
    ("line", "keyword", "rest"),
    [
        (b"RETR 1", "RETR", b"1"),
        (b"retr 1", "RETR", b"1"),
        (b"PASS  two spaces", "PASS", b" two spaces"),
        (b"QUIT", "QUIT", b""),
        (b"", "", b""),
        (b" QUIT", "", b"QUIT"),
    ],
)
def test_a_line_is_a_keyword_one_space_and_the_rest(line: bytes, keyword: str, rest: bytes) -> None:
    assert split_keyword(line) == (keyword, rest)
