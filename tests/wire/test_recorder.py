"""The recorder between two bare sockets: it passes all on as it came, keeps it, and shows none of it."""

import asyncio
import logging
import random
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

import pytest

from evidence.patience import PATIENCE
from minipop.lab import stage
from minipop.wire import Wire
from minipop.wire.recorder import Recorder

T = TypeVar("T")

MEGABYTE = 1_048_576


@dataclass
class Relay:
    """A recorder on the stage in use, before a server of which the test plays the part."""

    runner: stage.Runner
    recorder: Recorder
    wire: Wire
    port: int
    listener: socket.socket

    def connect(self, source: str = "127.0.0.1", window: int | None = None) -> socket.socket:
        """Return a client's socket."""
        client = socket.socket()
        client.settimeout(PATIENCE)
        if window is not None:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        try:
            client.bind((source, 0))
            client.connect(("127.0.0.1", self.port))
        except OSError:
            client.close()
            raise
        return client

    def accept(self) -> socket.socket:
        """Return the server's socket of the next connection."""
        server, _ = self.listener.accept()
        server.settimeout(PATIENCE)
        return server

    def pair(self) -> tuple[socket.socket, socket.socket]:
        """Return the two ends of a new connection."""
        return self.connect(), self.accept()

    def chunks(self, number: int = 0) -> list[tuple[str, bytes]]:
        """Return what was recorded of a connection, neighbours of the same direction joined."""
        joined: list[tuple[str, bytes]] = []
        for who, data in self.now(self.wire.copy)[number].reveal():
            if joined and joined[-1][0] == who:
                joined[-1] = who, joined[-1][1] + data
            else:
                joined.append((who, data))
        return joined

    def now(self, read: Callable[[], T]) -> T:
        """Return what `read` returns on the relay's event loop."""
        return self.runner.between_commands(read)

    def close(self) -> None:
        """Close the recorder."""
        self.runner.run(self.recorder.close())

    def open_sides(self) -> int:
        """Count the connections that the recorder still holds, to clients and to servers."""
        return len(self.recorder._sides)

    def emptied(self) -> bool:
        """Wait until the recorder holds no connection any more; tell whether that came true."""
        return any(self.now(self.open_sides) == 0 for _ in range(1_000))


@pytest.fixture
def relay(caplog: pytest.LogCaptureFixture) -> Iterator[Relay]:
    """A relay in front of a 110-style port; at the end asyncio must have had nothing to complain of."""
    caplog.set_level(logging.DEBUG)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(PATIENCE)
    behind = listener.getsockname()[:2]
    runner, wire = stage.current().runner(), Wire(public=True)
    recorder = Recorder(wire)

    async def listen() -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: recorder.relay(behind, tls=False), "127.0.0.1", 0)

    async def stop() -> None:
        server.close()
        await recorder.close()
        await server.wait_closed()

    server = runner.run(listen())
    yield Relay(runner, recorder, wire, server.sockets[0].getsockname()[1], listener)
    runner.run(stop())
    runner.close()
    listener.close()
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING] == []


def flood(peer: socket.socket) -> None:
    """Send without end."""
    while True:
        peer.sendall(b"x" * 65_536)


def reset(peer: socket.socket) -> None:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def receive(peer: socket.socket, octets: int) -> bytes:
    out = bytearray()
    while len(out) < octets:
        data = peer.recv(octets - len(out))
        assert data, f"the end after {len(out)} bytes"
        out += data
    return bytes(out)


# -- what is passed on and kept -----------------------------------------------------------------------


def test_both_directions_are_passed_on_and_kept_in_their_order(relay: Relay) -> None:
    client, server = relay.pair()
    with client, server:
        for mine, yours, data in (
            (server, client, b"+OK ready\r\n"),
            (client, server, b"USER anna\r\n"),
            (server, client, b"+OK\r\n"),
            (client, server, bytes(range(256))),
        ):
            mine.sendall(data)
            assert receive(yours, len(data)) == data
    assert relay.chunks() == [
        ("S", b"+OK ready\r\n"),
        ("C", b"USER anna\r\n"),
        ("S", b"+OK\r\n"),
        ("C", bytes(range(256))),
    ]
    assert relay.wire[0].port == 110


def test_a_client_that_speaks_before_the_server_is_reached_is_heard_all_the_same(relay: Relay) -> None:
    with relay.connect() as client:
        client.sendall(b"\x16\x03\x01 hello")
        with relay.accept() as server:
            assert receive(server, 9) == b"\x16\x03\x01 hello"
    assert relay.chunks() == [("C", b"\x16\x03\x01 hello")]


@pytest.mark.parametrize("source", ["127.0.0.1", "127.0.0.7", "127.8.9.10"])
def test_the_server_sees_the_client_s_own_address(relay: Relay, source: str) -> None:
    try:
        client = relay.connect(source)
    except OSError:
        pytest.skip(f"this machine has no address {source}")
    with client, relay.accept() as server:
        assert server.getpeername()[0] == source


def test_each_connection_has_a_capture_of_its_own(relay: Relay) -> None:
    pairs = [relay.pair() for _ in range(5)]
    for n, (client, server) in reversed(list(enumerate(pairs))):
        client.sendall(b"client %d" % n)
        assert receive(server, 8) == b"client %d" % n
    for n, (client, server) in enumerate(pairs):
        assert relay.chunks(n) == [("C", b"client %d" % n)]
        client.close()
        server.close()
    assert relay.emptied()


# -- how it ends --------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["client", "server"])
def test_the_end_of_one_direction_leaves_the_other_open(relay: Relay, first: str) -> None:
    client, server = relay.pair()
    with client, server:
        one, other = (client, server) if first == "client" else (server, client)
        one.sendall(b"last words")
        one.shutdown(socket.SHUT_WR)
        assert receive(other, 10) == b"last words"
        assert other.recv(1) == b""
        other.sendall(b"an answer")
        assert receive(one, 9) == b"an answer"
        other.shutdown(socket.SHUT_WR)
        assert one.recv(1) == b""
    assert relay.emptied()


@pytest.mark.parametrize("first", ["client", "server"])
def test_a_side_that_closes_is_seen_to_close(relay: Relay, first: str) -> None:
    client, server = relay.pair()
    one, other = (client, server) if first == "client" else (server, client)
    one.close()
    assert other.recv(1) == b""
    other.close()
    assert relay.emptied()


@pytest.mark.parametrize("first", ["client", "server"])
def test_a_reset_is_passed_on_as_a_reset(relay: Relay, first: str) -> None:
    client, server = relay.pair()
    one, other = (client, server) if first == "client" else (server, client)
    reset(one)
    with other, pytest.raises(ConnectionResetError):
        other.recv(1)
    assert relay.emptied()


@pytest.mark.parametrize("first", ["client", "server"])
def test_a_side_that_closes_while_the_other_resets_is_no_trouble(relay: Relay, first: str) -> None:
    client, server = relay.pair()
    one, other = (client, server) if first == "client" else (server, client)
    busy, go_on = threading.Event(), threading.Event()

    def look_away() -> None:
        busy.set()
        go_on.wait(PATIENCE)

    with ThreadPoolExecutor() as pool:
        looking_away = pool.submit(relay.now, look_away)  # so that both are news at the same moment
        assert busy.wait(PATIENCE)
        one.close()
        reset(other)
        go_on.set()
        looking_away.result()
    assert relay.emptied()


@pytest.mark.parametrize("first", ["client", "server"])
def test_who_writes_to_a_side_that_has_closed_is_reset(relay: Relay, first: str) -> None:
    client, server = relay.pair()
    one, other = (client, server) if first == "client" else (server, client)
    one.close()
    assert other.recv(1) == b""
    with other, pytest.raises(ConnectionError):  # a reset, or a broken pipe after it
        flood(other)
    assert relay.emptied()


def test_a_client_that_resets_with_much_on_its_way_to_it_is_noticed(relay: Relay) -> None:
    client = relay.connect(window=65_536)
    with relay.accept() as server:
        server.settimeout(0.2)
        with pytest.raises(TimeoutError):
            flood(server)
        reset(client)
        server.settimeout(PATIENCE)
        with pytest.raises(ConnectionError):
            flood(server)
    assert relay.emptied()


def test_without_a_server_the_client_is_reset(relay: Relay) -> None:
    relay.listener.close()
    with pytest.raises(ConnectionResetError), relay.connect() as client:  # it may come before the with
        client.recv(1)
    assert relay.emptied()


def test_closing_the_recorder_ends_every_connection(relay: Relay) -> None:
    pairs = [relay.pair() for _ in range(3)]
    relay.close()
    for client, server in pairs:
        with client, server:
            assert client.recv(1) == server.recv(1) == b""
    assert relay.emptied()


def test_closing_the_recorder_ends_a_connection_whose_server_is_yet_to_answer(relay: Relay) -> None:
    relay.listener.listen(0)  # one connection may wait to be accepted, the next gets no answer
    with socket.create_connection(relay.listener.getsockname()), relay.connect() as client:
        assert any(relay.now(lambda: len(relay.recorder._connecting)) for _ in range(1_000))
        relay.close()
        assert client.recv(1) == b""
        assert relay.emptied()
        assert not relay.recorder._connecting


# -- pressure -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("sender", ["client", "server"])
def test_who_does_not_read_stops_the_other_one_s_sending(relay: Relay, sender: str) -> None:
    client, server = relay.connect(window=65_536), relay.accept()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    one, other = (client, server) if sender == "client" else (server, client)
    with one, other:
        block = random.Random(110).randbytes(MEGABYTE)
        one.settimeout(0.5)
        sent = 0
        with suppress(TimeoutError):
            while sent < 100 * MEGABYTE:
                sent += one.send(block[sent % MEGABYTE :])
        assert sent < 40 * MEGABYTE  # what the kernel takes; the rest of it has nowhere to be
        sides = relay.now(lambda: [side.transport.get_write_buffer_size() for side in relay.recorder._sides])
        assert 0 < max(sides) <= MEGABYTE // 2
        other.settimeout(PATIENCE)
        received = receive(other, sent)  # and then it goes on
        assert received == (block * 40)[:sent]
        one.settimeout(PATIENCE)
        one.sendall(b"end")
        assert receive(other, 3) == b"end"
    who = "C" if sender == "client" else "S"
    assert relay.chunks() == [(who, received + b"end")]


def test_large_messages_in_both_directions_at_once_arrive_whole(relay: Relay) -> None:
    client, server = relay.pair()
    data = random.Random(995).randbytes(20 * MEGABYTE)
    back = data[::-1]
    with client, server:
        threads = [
            threading.Thread(target=client.sendall, args=(data,)),
            threading.Thread(target=server.sendall, args=(back,)),
        ]
        results: list[bytes] = []
        threads.append(threading.Thread(target=lambda: results.append(receive(client, len(back)))))
        for thread in threads:
            thread.start()
        assert receive(server, len(data)) == data
        for thread in threads:
            thread.join(PATIENCE)
    assert results == [back]
    capture = relay.now(relay.wire.copy)[0]
    assert b"".join(part for who, part in capture.reveal() if who == "C") == data
    assert b"".join(part for who, part in capture.reveal() if who == "S") == back


# -- secrets ------------------------------------------------------------------------------------------


def test_nothing_of_it_is_shown_or_logged(relay: Relay, caplog: pytest.LogCaptureFixture) -> None:
    client, server = relay.pair()
    with client, server:
        client.sendall(b"PASS Sommer2026\r\n")
        receive(server, 17)
        server.sendall(b"+OK\r\n")
        receive(client, 5)
        capture = relay.now(relay.wire.copy)[0]
        shown = [relay.wire, capture, relay.recorder, vars(capture), vars(relay.wire), vars(relay.recorder)]
        shown += [capture.sent_by("C"), *relay.now(lambda: list(relay.recorder._sides))]
        for thing in shown:
            assert "Sommer" not in f"{thing!r} {thing}"
    assert "17 bytes from the client, 5 bytes from the server" in repr(relay.wire)
    assert relay.emptied()
    assert "Sommer" not in caplog.text


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("de", "Verbindung 1, Port 110: 3 Bytes vom Client, 0 Bytes vom Server\nVerbindung 2, Port 995: 0"),
        ("en", "Connection 1, port 110: 3 bytes from the client, 0 bytes from the server\nConnection 2, "),
    ],
)
def test_a_wire_tells_its_lengths_in_the_reader_s_language(lang: str, told: str) -> None:
    wire = Wire(lang)
    wire.begin(False).add("C", b"abc")
    wire.begin(True)
    assert str(wire).startswith(told)
    assert repr(wire) == str(wire) == str(wire.copy())


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("de", "0 Bytes vom Client, 43 Bytes vom Server; kein Chiffrat: TLS ist hier nur angenommen"),
        ("en", "0 bytes from the client, 43 bytes from the server; no ciphertext: TLS is only assumed here"),
    ],
)
def test_a_capture_says_that_what_looks_like_ciphertext_is_none(lang: str, told: str) -> None:
    wire = Wire(lang)
    for tls in (False, True):
        capture = wire.begin(tls)
        capture.add("S", b"\x16No ciphertext: TLS is")
        assert not capture.assumed
        capture.add("S", b" only assumed here. \x00")
        assert capture.assumed
        assert str(capture).endswith(told)
        assert str(capture.copy()).endswith(told)


def test_what_is_not_public_is_not_revealed_but_can_be_counted_and_copied() -> None:
    wire = Wire()
    wire.begin(False).add("C", b"PASS geheim")
    for thing in (wire, wire.copy(), wire[0], wire[0].copy(), wire[:1][0]):
        with pytest.raises(PermissionError, match="built-in world"):
            thing.reveal()
    assert len(wire[0].sent_by("C")) == 11


def test_a_copy_no_longer_changes() -> None:
    wire = Wire(public=True)
    wire.begin(False).add("C", b"one")
    copy = wire.copy()
    wire[0].add("S", b"two")
    wire.begin(True)
    assert copy.reveal() == [[("C", b"one")]]
    assert wire.reveal() == [[("C", b"one"), ("S", b"two")], []]
