"""The loop of the page: who turns it, when its clock jumps, and what there is no network for."""

import asyncio
import errno
import socket
import ssl
import time
from collections.abc import Callable, Iterator

import pytest

from minipop.page.loop import PageLoop
from minipop.page.stage import PageRunner, PageStage
from minipop.server import Listener

pytestmark = pytest.mark.usefixtures("page")


class Peer(asyncio.Protocol):
    """A server's side of a connection, as a test wants it: it greets, and keeps what it is sent."""

    transport: asyncio.Transport

    def __init__(self, greeting: bytes = b"") -> None:
        self._greeting = greeting
        self.heard = bytearray()
        self.events: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._greeting)

    def data_received(self, data: bytes) -> None:
        self.heard += data

    def pause_writing(self) -> None:
        self.events.append("pause")

    def resume_writing(self) -> None:
        self.events.append("resume")

    def connection_lost(self, exc: Exception | None) -> None:
        self.events.append(f"lost {type(exc).__name__}" if exc else "lost")


Serve = Callable[..., int]


@pytest.fixture
def serve(loop: PageLoop) -> Iterator[Serve]:
    """Let a protocol serve the next client; return the port."""
    listeners = []

    def listen(peer: Peer, host: str = "127.0.0.1", context: ssl.SSLContext | None = None) -> int:
        listeners.append(Listener(lambda: peer, context))
        return loop.complete(listeners[-1].start(host))

    yield listen
    for listener in listeners:
        loop.complete(listener.stop())
    loop.settle()


def connect(port: int, timeout: float | None = None) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=timeout)


# -- the clock ----------------------------------------------------------------------------------------


def test_a_client_that_waits_for_a_timer_gets_there_at_once_and_the_jump_is_told(
    loop: PageLoop, page: PageStage, serve: Serve
) -> None:
    peer = Peer()
    client = connect(serve(peer))
    began = loop.time()
    loop.call_later(3600, lambda: peer.transport.write(b"an hour later"))
    real = time.monotonic()
    assert client.recv(100) == b"an hour later"
    assert time.monotonic() - real < 60
    assert 3600 <= loop.time() - began < 3660
    assert 3540 < page.skipped <= 3600


def test_the_timeout_of_the_client_comes_first_if_it_is_shorter(loop: PageLoop, serve: Serve) -> None:
    peer = Peer()
    client = connect(serve(peer), timeout=5)
    loop.call_later(3600, lambda: peer.transport.write(b"an hour later"))
    with pytest.raises(TimeoutError, match=r"^timed out$"):
        client.recv(100)
    assert loop.skipped <= 5
    client.settimeout(3600)
    assert client.recv(100) == b"an hour later"


def test_the_clock_stands_as_long_as_there_is_something_to_do(loop: PageLoop, serve: Serve) -> None:
    client = connect(serve(Peer(b"+OK")))
    loop.call_later(60, lambda: None)
    assert client.recv(100) == b"+OK"
    client.sendall(b"QUIT")
    client.close()
    assert loop.skipped == 0


def test_a_timer_rings_by_real_time_as_well(loop: PageLoop, serve: Serve) -> None:
    peer = Peer()
    client = connect(serve(peer))
    loop.call_later(0.001, lambda: peer.transport.write(b"soon"))
    time.sleep(0.002)
    assert client.waiting() == 4  # type: ignore[attr-defined]
    assert loop.skipped == 0


def test_what_can_never_happen_is_an_error_and_no_frozen_page(serve: Serve) -> None:
    client = connect(serve(Peer()))
    with pytest.raises(OSError, match="nobody is left who could answer") as caught:
        client.recv(100)
    assert caught.value.errno == errno.EDEADLK


def test_a_coroutine_that_can_never_end_is_cancelled(loop: PageLoop) -> None:
    ended = []

    async def forever() -> None:
        try:
            await loop.create_future()
        finally:
            ended.append(True)

    with pytest.raises(OSError, match="nobody is left"):
        loop.complete(forever())
    loop.settle()
    assert ended == [True]


# -- who turns it -------------------------------------------------------------------------------------


def test_a_client_that_blocks_inside_a_server_is_refused(loop: PageLoop, serve: Serve) -> None:
    port = serve(Peer())

    async def inside() -> None:
        with connect(port) as client:
            client.recv(1)

    with pytest.raises(RuntimeError, match="cannot be used inside a server"):
        loop.complete(inside())


def test_it_turns_inside_a_task_of_another_loop_and_leaves_that_as_it_was(serve: Serve) -> None:
    port = serve(Peer(b"+OK"))

    async def cell() -> bytes:
        before = asyncio.get_running_loop(), asyncio.current_task()
        with connect(port) as client:
            greeting = client.recv(100)
        assert (asyncio.get_running_loop(), asyncio.current_task()) == before
        await asyncio.sleep(0)
        return greeting

    other = PageLoop()
    assert other.complete(cell()) == b"+OK"
    other.close()


def test_what_is_done_between_commands_finds_all_dealt_with_that_clients_have_sent(
    loop: PageLoop, serve: Serve
) -> None:
    peer = Peer()
    client = connect(serve(peer))
    client.sendall(b"one")
    runner = PageRunner(loop)
    assert runner.between_commands(lambda: bytes(peer.heard)) == b"one"
    client.close()
    assert runner.between_commands(lambda: peer.events) == ["lost"]
    with pytest.raises(ZeroDivisionError):
        runner.between_commands(lambda: 1 // 0)


def test_a_client_that_is_forgotten_is_closed(loop: PageLoop, serve: Serve) -> None:
    peer = Peer()
    client = connect(serve(peer))
    del client
    loop.settle()
    assert peer.events == ["lost"]


def test_a_protocol_that_fails_loses_its_connection(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    class Failing(Peer):
        def data_received(self, _: bytes) -> None:
            raise ZeroDivisionError

    peer = Failing()
    client = connect(serve(peer))
    client.sendall(b"x")
    assert client.recv(100) == b""
    assert peer.events == ["lost ZeroDivisionError"]
    assert "a protocol could not take what came in" in caplog.text


# -- flow control -------------------------------------------------------------------------------------

MUCH = bytes(range(256)) * 4096


def test_a_server_pauses_when_its_client_does_not_read_and_goes_on_when_it_does(
    loop: PageLoop, serve: Serve
) -> None:
    peer = Peer(MUCH)
    client = connect(serve(peer))
    assert peer.events == ["pause"]
    got = client.recv(1)
    while len(got) < len(MUCH):
        got += client.recv(10_000)
    assert got == MUCH
    loop.settle()
    assert peer.events == ["pause", "resume"]
    assert peer.transport.get_write_buffer_size() == 0


def test_what_was_written_before_a_close_still_arrives(loop: PageLoop, serve: Serve) -> None:
    peer = Peer(MUCH)
    client = connect(serve(peer))
    peer.transport.close()
    assert peer.transport.is_closing()
    with client.makefile("rb") as file:
        assert file.read() == MUCH
    loop.settle()
    assert peer.events == ["pause", "resume", "lost"]


def test_a_client_that_sends_more_than_is_read_waits(loop: PageLoop, serve: Serve) -> None:
    peer = Peer()
    client = connect(serve(peer), timeout=5)
    peer.transport.pause_reading()
    with pytest.raises(TimeoutError):
        client.sendall(MUCH)
    assert peer.heard == b""
    loop.call_soon(peer.transport.resume_reading)
    loop.settle()
    assert MUCH.startswith(bytes(peer.heard))
    assert 0 < len(peer.heard) < len(MUCH)


def test_a_reset_reaches_a_server_that_waits_to_send(loop: PageLoop, serve: Serve) -> None:
    peer = Peer(MUCH)
    client = connect(serve(peer))
    client.close()
    loop.settle()
    assert peer.events == ["pause", "lost ConnectionResetError"]


# -- what there is no network for ---------------------------------------------------------------------


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.9", "::1"])
def test_a_host_of_the_page_is_found(host: str, serve: Serve) -> None:
    address = "127.0.0.1" if host == "localhost" else host
    port = serve(Peer(b"+OK"), address)
    with socket.create_connection((host, port)) as client:
        assert client.recv(3) == b"+OK"
        assert client.getpeername()[:2] == (address, port)


def test_a_client_may_choose_where_it_comes_from(serve: Serve) -> None:
    peer = Peer()
    with socket.create_connection(("127.0.0.1", serve(peer)), source_address=("127.0.0.9", 0)) as client:
        assert client.getsockname()[0] == "127.0.0.9"
        assert peer.transport.get_extra_info("peername") == client.getsockname()


def test_a_port_where_nobody_listens_refuses_and_one_that_is_taken_is_not_given_twice(loop: PageLoop) -> None:
    with pytest.raises(ConnectionRefusedError):
        connect(1)

    async def listen(port: int) -> int:
        server = await loop.create_server(Peer, "127.0.0.1", port)
        number: int = server.sockets[0].getsockname()[1]
        return number

    port = loop.complete(listen(0))
    with pytest.raises(OSError, match="Address already in use"):
        loop.complete(listen(port))
    with pytest.raises(OverflowError, match="port must be 0-65535"):
        loop.complete(listen(65536))
    assert loop.complete(listen(0)) != port


@pytest.mark.parametrize(
    ("host", "error"),
    [
        ("outlook.office365.com", socket.gaierror),
        ("pop.muster.example", socket.gaierror),
        ("8.8.8.8", OSError),
        ("192.168.1.20", OSError),
        ("2001:db8::1", OSError),
    ],
)
def test_a_host_elsewhere_is_refused_in_clear_words(host: str, error: type[OSError]) -> None:
    with pytest.raises(error) as caught:
        socket.create_connection((host, 995), timeout=5)
    assert f"{host}: this page has no network but its own" in str(caught.value)


def test_what_is_no_tcp_is_refused() -> None:
    with pytest.raises(OSError, match="TCP"):
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def test_tls_of_asyncio_reaches_a_server_and_knows_its_name(
    loop: PageLoop, page: PageStage, serve: Serve
) -> None:
    authority = page.authority()
    trusting = ssl.create_default_context(cafile=str(authority.ca_file))
    port = serve(Peer(b"+OK"), context=authority.identity().context)

    async def greeting(name: str | None) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusting, server_hostname=name)
        try:
            return await reader.readexactly(3)
        finally:
            writer.close()

    assert loop.complete(greeting(None)) == b"+OK"
    with pytest.raises(ssl.SSLCertVerificationError):
        loop.complete(greeting("pop.muster.example"))
