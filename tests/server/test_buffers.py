"""What the server keeps for clients that do not read: bounded for each of them, on both ports.

Everything counts that waits for a client or comes from it: the transport's buffers, those of TLS beneath it,
and what the session has not executed yet. The kernel's own buffers, kept small here, do not.
"""

import socket
from collections import defaultdict

import pytest

from evidence.raw import Raw
from minipop.server.connection import UNSENT, Connection
from tests.server.conftest import Running, Serve
from tests.support import FakeMaildrop, FakeMessage, FakePolicy

KIB = 1_024

#: Most of what waits for a client: `UNSENT`, and a chunk pulled just before that was reached, whose dots are
#: doubled; inside TLS once more, enciphered, in the transport beneath.
TO_CLIENT = {False: 256 * KIB, True: 512 * KIB}

#: Most of what waits to be executed: one packet of 64 KiB and half a line; inside TLS one of 256 KiB,
#: asyncio's own bound, that is not deciphered yet, and one that was when reading was stopped.
FROM_CLIENT = {False: 96 * KIB, True: 832 * KIB}

#: 2 MB, of which each line begins with a dot.
LARGE = b"Subject: large\r\n\r\n" + b".a line of text\r\n" * 123_361

CLIENTS = 4


def to_client(connection: Connection) -> int:
    """Return how many octets wait for a client."""
    transport, session = connection._transport, connection._session
    assert transport
    ready = sum(len(item) for item in session._output if isinstance(item, bytes)) if session else 0
    beneath = getattr(transport, "_ssl_protocol", None)
    enciphered = beneath._transport.get_write_buffer_size() if beneath else 0
    return transport.get_write_buffer_size() + enciphered + ready


def from_client(connection: Connection) -> int:
    """Return how many octets of a client wait to be executed."""
    transport, session = connection._transport, connection._session
    beneath = getattr(transport, "get_read_buffer_size", None)
    waiting = len(session._input) if session else len(connection._early)
    return waiting + (beneath() if beneath else 0)


class Most:
    """The most that was seen of something, by connection."""

    def __init__(self) -> None:
        self.sent: dict[Connection, int] = defaultdict(int)
        self.received: dict[Connection, int] = defaultdict(int)

    def look(self, connection: Connection) -> None:
        self.sent[connection] = max(self.sent[connection], to_client(connection))
        self.received[connection] = max(self.received[connection], from_client(connection))


@pytest.fixture
def most(monkeypatch: pytest.MonkeyPatch) -> Most:
    """Look at a connection whenever something has come in or the buffers have grown too large."""
    seen = Most()
    updated, pause = Connection.buffer_updated, Connection.pause_writing

    def buffer_updated(connection: Connection, count: int) -> None:
        if connection._session:
            seen.received[connection] = max(seen.received[connection], from_client(connection) + count)
        updated(connection, count)
        seen.look(connection)

    def pause_writing(connection: Connection) -> None:
        pause(connection)
        seen.look(connection)

    monkeypatch.setattr(Connection, "buffer_updated", buffer_updated)
    monkeypatch.setattr(Connection, "pause_writing", pause_writing)
    return seen


@pytest.fixture
def running(serve: Serve) -> Running:
    """A service with a message of 2 MB, whose kernel takes little out of its hands."""
    started = serve(FakePolicy(FakeMaildrop([FakeMessage(LARGE)])))
    for server in started.service._servers:
        server.sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 32 * KIB)
    return started


def log_on(running: Running, *, tls: bool) -> Raw:
    return Raw(running.tls_port if tls else running.port, tls=tls, window=32 * KIB).log_on()


def settle(running: Running, most: Most) -> None:
    """Wait until the server has nothing more to do, and look at every connection."""
    for _ in range(3):  # it has one thread: whoever is answered has waited for all others
        with Raw(running.port) as other:
            assert other.log_on().ask(b"STAT") == b"+OK 1 %d" % len(LARGE)

    def look() -> None:
        for connection in running.service._connections:
            most.look(connection)

    running.runner.between_commands(look)


@pytest.mark.parametrize("tls", [False, True], ids=["110", "995"])
def test_a_message_of_2_mb_waits_in_the_mailbox_not_in_memory(
    running: Running, most: Most, tls: bool
) -> None:
    clients = [log_on(running, tls=tls) for _ in range(CLIENTS)]
    for client in clients:
        client.send(b"RETR 1\r\n")
    settle(running, most)
    waiting = sorted(most.sent.values())[-CLIENTS:]
    assert waiting[0] > UNSENT  # they do wait
    assert waiting[-1] <= TO_CLIENT[tls]
    for client in clients:  # and nothing is lost
        assert client.line() == b"+OK %d octets" % len(LARGE)
        assert len(client.text()) == len(LARGE) + 123_361
        assert client.ask(b"QUIT").startswith(b"+OK")
        client.close()
    assert max(most.sent.values()) <= TO_CLIENT[tls]


@pytest.mark.parametrize("command", [b"RETR 1\r\n", b"NOOP\r\n"], ids=["RETR", "NOOP"])
@pytest.mark.parametrize("tls", [False, True], ids=["110", "995"])
def test_a_flood_of_commands_waits_at_the_client(
    running: Running, most: Most, tls: bool, command: bytes
) -> None:
    clients = [log_on(running, tls=tls) for _ in range(CLIENTS)]
    for client in clients:
        client.socket.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.send(command * (16_000_000 // len(command)))
    settle(running, most)
    assert max(most.sent.values()) <= TO_CLIENT[tls]
    assert max(most.received.values()) <= FROM_CLIENT[tls]
    assert sorted(most.received.values())[-CLIENTS] > 16 * KIB  # it was a flood
    for client in clients:
        client.reset()


@pytest.mark.parametrize("tls", [False, True], ids=["110", "995"])
def test_who_has_not_logged_on_is_kept_no_more(running: Running, most: Most, tls: bool) -> None:
    clients = [
        Raw(running.tls_port if tls else running.port, tls=tls, window=32 * KIB) for _ in range(CLIENTS)
    ]
    for client in clients:
        client.line()
        client.socket.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.send(b"CAPA\r\n" * 3_000_000)
    settle(running, most)
    assert max(most.sent.values()) <= TO_CLIENT[tls]
    assert max(most.received.values()) <= FROM_CLIENT[tls]
    for client in clients:
        client.reset()
