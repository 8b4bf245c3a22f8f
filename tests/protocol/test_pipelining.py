"""Commands in any number of packets (RFC 2449, section 6.6): the output does not depend on the cuts."""

import pytest

from tests.support import FakeMaildrop, FakeMessage, connect, drain, log_on, send, three_messages

SESSION = (
    b"CAPA\r\nXTND\r\nAUTH LOGIN\r\nbXJvc2U=\r\n*\r\nUSER mrose\r\nPASS wrong\r\n"
    b"AUTH PLAIN\r\nAG1yb3NlAHNlY3JldA==\r\n"
    b"STAT\r\nLIST\r\nuidl 2\r\nRETR 1\r\nTOP 2 0\r\nDELE 1\r\nDELE 1\r\nRETR\r\n\r\nLIST\r\nQUIT\r\n"
)


def whole() -> bytes:
    return send(connect(), SESSION)


def test_many_commands_in_one_packet_get_their_replies_in_order() -> None:
    assert whole().split(b"\r\n") == [
        *(b"+OK Capability list follows", b"TOP", b"UIDL", b"X-TLS False", b"X-LOGGED-ON False", b"."),
        b"-ERR Unknown command.",
        *(b"+ VXNlcm5hbWU6", b"+ UGFzc3dvcmQ6", b"-ERR Authentication cancelled."),
        *(b"+OK", b"-ERR Unknown user name or bad password."),
        *(b"+ ", b"+OK Maildrop has 3 messages (365 octets)"),
        b"+OK 3 365",
        *(b"+OK 3 messages (365 octets)", b"1 120", b"2 200", b"3 45", b"."),
        b"+OK 2 uid-2",
        *(b"+OK 120 octets", b"Subject: one", b"", b"one", b"."),
        *(b"+OK", b"Subject: two", b"", b"."),
        b"+OK Message 1 marked as deleted",
        b"-ERR DELE: message 1 is marked as deleted.",
        b"-ERR RETR: the message number is missing.",
        b"-ERR Unknown command.",
        *(b"+OK 2 messages (245 octets)", b"2 200", b"3 45", b"."),
        b"+OK minipop POP3 server signing off",
        b"",
    ]


def test_the_output_is_the_same_one_byte_at_a_time() -> None:
    session = connect()
    out = b"".join(send(session, SESSION[at : at + 1]) for at in range(len(SESSION)))
    assert out == whole()


def test_the_output_is_the_same_cut_in_two_anywhere() -> None:
    expected = whole()
    for cut in range(len(SESSION) + 1):
        session = connect()
        assert send(session, SESSION[:cut]) + send(session, SESSION[cut:]) == expected, f"cut at {cut}"


@pytest.mark.parametrize("size", [2, 3, 5, 7, 11, 64])
def test_the_output_is_the_same_in_packets_of_any_length(size: int) -> None:
    session = connect()
    out = b"".join(send(session, SESSION[at : at + size]) for at in range(0, len(SESSION), size))
    assert out == whole()


def test_the_output_is_the_same_when_it_is_pulled_only_at_the_end() -> None:
    session = connect()
    for at in range(len(SESSION)):
        session.receive_data(SESSION[at : at + 1])
    assert drain(session) == whole()


def test_lines_may_end_with_lf_alone() -> None:
    assert send(connect(), SESSION.replace(b"\r\n", b"\n")) == whole()


def test_only_the_cr_of_the_line_end_is_taken_away() -> None:
    assert send(connect(), b"QUIT\r\r\n").startswith(b"-ERR ")


def test_a_command_waits_until_the_reply_before_it_has_been_taken() -> None:
    text = b"Subject: a\r\n\r\n" + b"x" * 76 + b"\r\n"
    drop = FakeMaildrop([FakeMessage(text * 4_000, "uid-1", chunk=4_096)])
    session = log_on(drop)
    session.receive_data(b"RETR 1\r\nDELE 1\r\nQUIT\r\n")
    session.data_to_send()
    assert (session.deleted, drop.commits) == (frozenset(), 0)
    assert drain(session).split(b"\r\n")[-4:-2] == [b".", b"+OK Message 1 marked as deleted"]
    assert drop.deleted == ["uid-1"]


@pytest.mark.parametrize("command", [b"LIST", b"UIDL"])
def test_a_list_of_many_messages_is_pulled_in_pieces(command: bytes) -> None:
    session = log_on(FakeMaildrop([FakeMessage(b"", f"uid-{n}", size=n) for n in range(1, 100_001)]))
    session.receive_data(command + b"\r\n")
    pieces = []
    while piece := session.data_to_send():
        pieces.append(piece)
    lines = b"".join(pieces).split(b"\r\n")
    uid = b"" if command == b"LIST" else b"uid-"
    assert (len(lines), lines[1], lines[-3:]) == (
        100_003,
        b"1 " + uid + b"1",
        [b"100000 " + uid + b"100000", b".", b""],
    )
    assert max(map(len, pieces)) < 100_000


def test_what_comes_after_quit_is_not_executed() -> None:
    drop = three_messages()
    session = log_on(drop)
    assert send(session, b"QUIT\r\nDELE 1\r\nSTAT\r\nQUIT\r\n").count(b"\r\n") == 1
    assert drop.deleted == []
