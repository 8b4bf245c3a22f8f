"""Connections on the plain port: packets, broken clients, broken messages, clients that do not read."""

import socket

import pytest

from evidence.raw import Raw
from minipop.server import Timeouts
from tests.server.conftest import Running, Serve
from tests.support import FakeMaildrop, FakeMessage, FakePolicy

LARGE = b"Subject: large\r\n\r\n" + b".a line of text\r\n" * 400_000


def test_a_session_in_one_packet(running: Running) -> None:
    with Raw(running.port) as client:
        client.send(b"USER mrose\r\nPASS secret\r\nSTAT\r\nDELE 2\r\nQUIT\r\n")
        lines = client.rest().split(b"\r\n")
    assert [line[:3] for line in lines] == [b"+OK"] * 6 + [b""]
    assert lines[3] == b"+OK 3 365"
    assert running.maildrop.deleted == ["uid-2"]


def test_a_session_one_byte_at_a_time(running: Running) -> None:
    with Raw(running.port) as client:
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"USER mrose\r\nPASS secret\r\nDELE 2\r\nQUIT\r\n":
            client.send(bytes([byte]))
        assert client.rest().count(b"+OK") == 5
    assert running.maildrop.deleted == ["uid-2"]


def test_a_client_that_has_said_all_may_close_its_half_before_it_reads(serve: Serve) -> None:
    running = serve(FakePolicy(FakeMaildrop([FakeMessage(LARGE)])))
    with Raw(running.port) as client:
        client.send(b"USER mrose\r\nPASS secret\r\nRETR 1\r\nDELE 1\r\nQUIT\r\n")
        client.socket.shutdown(socket.SHUT_WR)
        out = client.rest()
    assert len(out) > len(LARGE)
    assert out.rpartition(b"\r\n.\r\n")[2].count(b"+OK") == 2
    assert running.maildrop.deleted == ["uid-1"]


@pytest.mark.parametrize("tls", [False, True])
def test_a_client_that_breaks_off_deletes_nothing(running: Running, tls: bool) -> None:
    port = running.tls_port if tls else running.port
    client = Raw(port, tls=tls).log_on()
    assert client.ask(b"DELE 1").startswith(b"+OK")
    client.send(b"QUIT")
    client.close()
    client = Raw(port, tls=tls).log_on()
    assert client.ask(b"DELE 1").startswith(b"+OK")
    client.reset()
    with Raw(port, tls=tls) as other:
        assert other.log_on().ask(b"QUIT").startswith(b"+OK")
        assert other.rest() == b""
    assert running.maildrop.deleted == []
    assert running.maildrop.closed == 3


def test_a_line_of_10_kilobytes_is_refused_and_ends_the_connection(running: Running) -> None:
    with Raw(running.port) as client:
        client.log_on().ask(b"DELE 1")
        client.send(b"X" * 10_000 + b"\r\nQUIT\r\n")
        assert client.rest() == b"-ERR Protocol error. Connection is closed. 10\r\n"
    assert running.maildrop.deleted == []


def test_a_message_that_breaks_off_ends_the_connection_without_the_closing_dot(serve: Serve) -> None:
    running = serve(FakePolicy(FakeMaildrop([FakeMessage(LARGE, breaks_after=3_000_000)])))
    with Raw(running.port) as client:
        client.log_on().send(b"DELE 1\r\nRSET\r\nRETR 1\r\nQUIT\r\n")
        out = client.rest()
    assert len(out) > 3_000_000
    assert b"\r\n.\r\n" not in out
    assert running.maildrop.commits == 0


def test_a_client_that_does_not_read_does_not_keep_others_waiting(serve: Serve) -> None:
    running = serve(FakePolicy(FakeMaildrop([FakeMessage(LARGE, chunk=16_384)])))
    with Raw(running.port) as lazy, Raw(running.tls_port, tls=True) as lazy_too, Raw(running.port) as other:
        lazy.log_on().send(b"RETR 1\r\n" * 3)
        lazy_too.log_on().send(b"RETR 1\r\n" * 3)
        assert other.log_on().ask(b"STAT") == b"+OK 1 %d" % len(LARGE)
        for client in (lazy, lazy_too):
            for _ in range(3):
                assert client.line().startswith(b"+OK")
                assert len(client.text()) == len(LARGE) + 400_000


def test_a_client_that_goes_away_in_the_middle_of_a_message_costs_nothing(serve: Serve) -> None:
    running = serve(FakePolicy(FakeMaildrop([FakeMessage(LARGE)])))
    for tls in (False, True):
        client = Raw(running.tls_port if tls else running.port, tls=tls).log_on()
        client.send(b"DELE 1\r\nRSET\r\nRETR 1\r\nDELE 1\r\nQUIT\r\n")
        client.line()
        client.reset()
    with Raw(running.port) as other:
        assert other.log_on().ask(b"STAT").startswith(b"+OK 1 ")
    assert running.maildrop.commits == 0


def test_a_flood_of_commands_is_answered_to_the_last(running: Running) -> None:
    with Raw(running.port) as client:
        client.log_on()
        client.send(b"NOOP\r\n" * 20_000 + b"QUIT\r\n")
        assert client.rest().count(b"+OK") == 20_001


def test_a_client_that_does_not_log_on_is_cut_off_whatever_it_says(serve: Serve) -> None:
    running = serve(timeouts=Timeouts(logon=3600, idle=3600))
    with Raw(running.port) as busy:
        assert busy.line().startswith(b"+OK")
        for _ in range(4):
            assert busy.ask(b"XTND").startswith(b"-ERR")
            running.let_pass(900)
        assert busy.rest() == b""


def test_the_time_for_the_log_on_is_over_once_logged_on(serve: Serve) -> None:
    running = serve(timeouts=Timeouts(logon=60, idle=600))
    with Raw(running.port) as client, Raw(running.port) as silent:
        client.log_on()
        assert silent.line().startswith(b"+OK")
        running.let_pass(60)
        assert silent.rest() == b""
        assert client.ask(b"STAT") == b"+OK 3 365"


@pytest.mark.parametrize("tls", [False, True])
def test_an_idle_session_is_cut_off_and_deletes_nothing(serve: Serve, tls: bool) -> None:
    # RFC 1939, section 3: the autologout timer does not lead to the UPDATE state.
    running = serve(timeouts=Timeouts(logon=60, idle=600))
    with Raw(running.tls_port if tls else running.port, tls=tls) as client:
        assert client.log_on().ask(b"DELE 1").startswith(b"+OK")
        running.let_pass(300)
        assert client.ask(b"NOOP") == b"+OK"
        running.let_pass(600)
        assert client.rest() == b""
    assert running.maildrop.commits == 0
    assert running.maildrop.closed == 1


def test_the_time_for_idling_may_be_much_shorter_than_the_time_for_the_log_on(serve: Serve) -> None:
    running = serve(timeouts=Timeouts(logon=3600, idle=60))
    with Raw(running.port) as client:
        client.log_on()
        running.let_pass(60)
        assert client.rest() == b""


def test_every_command_gives_an_idle_session_new_time(serve: Serve) -> None:
    running = serve(timeouts=Timeouts(logon=60, idle=600))
    with Raw(running.port) as client, Raw(running.port) as silent:
        client.log_on()
        silent.log_on()
        for _ in range(6):
            running.let_pass(100)
            assert client.ask(b"NOOP") == b"+OK"
        assert silent.rest() == b""
        assert client.ask(b"NOOP") == b"+OK"


#: More octets than the buffers on the way hold together, so that the server itself has sent some of them.
STEP = 1_048_576


def test_a_download_that_goes_on_is_not_taken_for_idleness(serve: Serve) -> None:
    running = serve(FakePolicy(FakeMaildrop([FakeMessage(LARGE * 2)])), Timeouts(logon=60, idle=600))
    for server in running.service._servers:  # or the system's own buffers hide the client's slowness
        server.sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
    with Raw(running.port, window=65_536) as slow:
        slow.log_on().send(b"RETR 1\r\n")
        received = 0
        for step in range(1, 13):
            while received < step * STEP:
                received += len(slow.socket.recv(65_536))
            running.let_pass(100)
        assert received + len(slow.text()) > len(LARGE) * 2
