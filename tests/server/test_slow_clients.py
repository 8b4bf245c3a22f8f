"""Slow writers and slow readers: what gives a client new time.

Most of it runs on a clock that the test moves; at the end, sockets show that both ports keep to it.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Coroutine

import pytest

from evidence.raw import Raw
from minipop.server import Timeouts
from minipop.server.connection import Connection
from minipop.server.limits import UNLIMITED, ConnectionLimiter
from tests.server.conftest import Running, Serve
from tests.support import FakeMaildrop, FakeMessage, FakePolicy, three_messages

LOGON, IDLE = 60, 100
MESSAGE = b"Subject: large\r\n\r\n" + b"x" * 998 + b"\r\n"
LARGE = FakeMessage(MESSAGE + b"y" * 2_000_000 + b"\r\n")


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose time stands still unless the test moves it."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__()

    def time(self) -> float:
        return self.now


class Wire(asyncio.Transport):
    """A transport to a client that takes what it is sent only when the test says so."""

    def __init__(self, loop: Loop) -> None:
        super().__init__()
        self._loop = loop
        policy = FakePolicy(FakeMaildrop([*three_messages().messages, LARGE]))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.incoming = memoryview(bytearray(1_024))
        self.connection = Connection(
            lambda: (policy, context),
            Timeouts(LOGON, IDLE),
            set(),
            lambda *_: (),
            ConnectionLimiter(UNLIMITED),
            self.incoming,
            implicit_tls=False,
        )
        self.unsent = bytearray()
        self.high = 0
        self.paused = self.closing = self.ended = False
        self.connection.connection_made(self)

    # What the connection calls; nothing else of a transport is there.

    def set_write_buffer_limits(self, high: int | None = None, _: int | None = None) -> None:
        """Take the mark at which the connection is told to stop."""
        self.high = high or 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep it for the client."""
        self.unsent += data
        if len(self.unsent) > self.high and not self.paused:
            self.paused = True
            self.connection.pause_writing()

    def pause_reading(self) -> None:
        """Do nothing: the test says when something comes in."""

    def resume_reading(self) -> None:
        """Do nothing."""

    def is_closing(self) -> bool:
        return self.closing or self.ended

    def close(self) -> None:
        """Close as soon as the client has taken everything."""
        self.closing = True
        self.take(0)

    def abort(self) -> None:
        self.ended = True

    def get_extra_info(self, _: str, default: object = None) -> object:
        return default

    # What the test calls.

    def take(self, octets: int | None = None) -> bytes:
        """Let the client take so many octets, None for all that are on their way."""
        taken = bytes(self.unsent[:octets])
        del self.unsent[:octets]
        if self.paused and len(self.unsent) <= self.high // 4:  # asyncio's low-water mark
            self.paused = False
            self.connection.resume_writing()
        if self.closing and not self.unsent:
            self.ended = True
        return taken

    def say(self, data: bytes) -> None:
        """Let the client send something."""
        if not self.ended:
            self.incoming[: len(data)] = data
            self.connection.buffer_updated(len(data))

    async def passes(self, seconds: float) -> None:
        """Let time pass, and what is due happen."""
        self._loop.now += seconds
        for _ in range(5):
            await asyncio.sleep(0)

    async def all(self) -> bytes:
        """Take everything until nothing more comes, while time stands still."""
        taken = b""
        while self.unsent:
            taken += self.take()
            await self.passes(0)
        return taken

    async def log_on(self) -> None:
        """Log on and take the replies."""
        self.say(b"USER mrose\r\nPASS secret\r\n")
        assert self.take().count(b"+OK") == 3


Story = Callable[[Wire], Coroutine[None, None, None]]


def play(story: Story) -> None:
    """Tell a story of one client, and end its connection."""
    loop = Loop()

    async def told() -> None:
        wire = Wire(loop)
        await story(wire)
        wire.connection.connection_lost(None)

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(told())


# -- before the log-on ----------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [b"CAPA\r\n", b"USER mrose\r\n", b"AUTH PLAIN\r\n*\r\n", b"x", b""])
def test_nothing_that_is_said_before_the_log_on_gives_more_time_for_it(said: bytes) -> None:
    async def story(wire: Wire) -> None:
        for _ in range(5):
            await wire.passes(LOGON / 6)
            wire.say(said)
            wire.take()
        await wire.passes(LOGON / 6 - 1)
        assert not wire.ended
        await wire.passes(1)
        assert wire.ended

    play(story)


# -- slow writers ---------------------------------------------------------------------------------------


def test_a_command_that_comes_byte_by_byte_gives_no_new_time_until_it_is_whole() -> None:
    async def story(wire: Wire) -> None:
        await wire.log_on()
        for byte in b"NOO":
            await wire.passes(IDLE / 4)
            wire.say(bytes([byte]))
        assert not wire.ended
        await wire.passes(IDLE / 4)
        assert wire.ended

    play(story)


def test_every_whole_command_gives_new_time_whatever_it_is() -> None:
    async def story(wire: Wire) -> None:
        await wire.log_on()
        for command in (b"NOOP", b"STAT", b"XTND", b"", b"DELE 99") * 3:
            await wire.passes(IDLE - 1)
            wire.say(command + b"\r\n")
            assert wire.take().endswith(b"\r\n")
            assert not wire.ended

    play(story)


def test_the_end_of_a_command_gives_new_time_and_the_beginning_of_the_next_none() -> None:
    async def story(wire: Wire) -> None:
        await wire.log_on()
        wire.say(b"NO")
        await wire.passes(IDLE - 1)
        wire.say(b"OP\r\nNO")
        await wire.passes(IDLE - 1)
        wire.say(b"O")
        assert not wire.ended
        await wire.passes(1)
        assert wire.ended

    play(story)


# -- slow readers ---------------------------------------------------------------------------------------


def test_a_few_bytes_taken_now_and_then_give_no_new_time() -> None:
    async def story(wire: Wire) -> None:
        await wire.log_on()
        wire.say(b"RETR 4\r\n")
        await wire.passes(0)
        for _ in range(3):
            await wire.passes(IDLE / 4)
            assert wire.take(100)
        assert not wire.ended
        await wire.passes(IDLE / 4)
        assert wire.ended

    play(story)


def test_nor_do_commands_of_a_client_that_takes_nothing() -> None:
    async def story(wire: Wire) -> None:
        await wire.log_on()
        wire.say(b"RETR 4\r\n")
        await wire.passes(0)
        for _ in range(3):
            await wire.passes(IDLE / 4)
            wire.say(b"NOOP\r\n")
        await wire.passes(IDLE / 4)
        assert wire.ended

    play(story)


def test_who_takes_what_waits_in_time_gets_the_whole_message() -> None:
    async def story(wire: Wire) -> None:
        await wire.log_on()
        wire.say(b"RETR 4\r\n")
        taken, turns = 0, 0
        while wire.unsent:
            taken += len(wire.take())
            await wire.passes(IDLE - 1)
            turns += 1
        assert taken > 2_000_000
        assert turns > 10  # or nobody had to wait for anything
        assert not wire.ended

    play(story)


def test_a_farewell_that_nobody_takes_does_not_keep_the_connection() -> None:
    async def story(wire: Wire) -> None:
        await wire.log_on()
        await wire.passes(IDLE - 1)
        wire.say(b"QUIT\r\n")
        assert wire.closing
        await wire.passes(IDLE - 1)
        assert not wire.ended
        await wire.passes(1)
        assert wire.ended

    play(story)


# -- on sockets -----------------------------------------------------------------------------------------

#: Bytes that a slow client sends or takes at the most, one at a time: fewer than a command may have.
BYTES = 200

LOG_ON = b"USER mrose\r\nPASS secret\r\n"


@pytest.fixture
def impatient(serve: Serve) -> Running:
    """A service whose kernel takes little out of its hands."""
    started = serve(FakePolicy(FakeMaildrop([LARGE])), Timeouts(LOGON, IDLE))
    for server in started.service._servers:
        server.sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 32_768)
    return started


def ended_while(running: Running, act: Callable[[], object]) -> bool:
    """Do something once a second, up to `BYTES` times, and tell whether the server ended the session."""
    for _ in range(BYTES):
        if running.maildrop.closed:
            return True
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            act()
        running.let_pass(1)
    return False


@pytest.mark.parametrize("tls", [False, True], ids=["110", "995"])
def test_a_slow_writer_is_cut_off_in_the_middle_of_its_command(impatient: Running, tls: bool) -> None:
    with Raw(impatient.tls_port if tls else impatient.port, tls=tls) as client:
        client.send(LOG_ON)
        assert [client.line()[:3] for _ in range(3)] == [b"+OK"] * 3
        assert ended_while(impatient, lambda: client.send(b"N"))
        assert client.rest() == b""
    assert impatient.maildrop.commits == 0


@pytest.mark.parametrize("tls", [False, True], ids=["110", "995"])
def test_a_slow_reader_is_cut_off_in_the_middle_of_its_message(impatient: Running, tls: bool) -> None:
    with Raw(impatient.tls_port if tls else impatient.port, tls=tls, window=32_768) as client:
        client.send(LOG_ON + b"DELE 1\r\nRSET\r\nRETR 1\r\nDELE 1\r\nQUIT\r\n")
        assert [client.line()[:3] for _ in range(6)] == [b"+OK"] * 6
        assert ended_while(impatient, lambda: client.socket.recv(1))
        assert len(client.rest()) < 1_000_000
    assert impatient.maildrop.commits == 0
