"""A message of 200 MB, and clients that do not read: the server's memory must not care.

The server runs in a process of its own, and the kernel tells how much memory it ever needed (VmHWM).
"""

import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from evidence.patience import PATIENCE
from evidence.raw import Raw

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("memory")]  # one server process for all of them

MEGABYTE = 1_048_576
LIMIT = 16 * MEGABYTE

HEADER = b"Subject: large\r\n\r\n"
BLOCK = (b".a line with a dot\r\n" + b"x" * 998 + b"\r\n" + b"y" * 6 + b"\r\n") * 1_018  # about 1 MB
BLOCKS = 200

SERVER = """
import sys
from pathlib import Path
from minipop import Lab

with Lab("2016", login_type="PlainTextLogin", maildir=sys.argv[2] if sys.argv[2:] else None) as lab:
    lab.mailbox("fax").deliver(Path(sys.argv[1]))
    print(lab.port, lab.tls_port, flush=True)
    sys.stdin.read()
"""


def wire() -> Iterator[bytes]:
    """Give the large message as RETR must send it."""
    yield HEADER
    stuffed = BLOCK.replace(b".a", b"..a")
    for _ in range(BLOCKS):
        yield stuffed
    yield b".\r\n"


def checksum(pieces: Iterator[bytes]) -> int:
    total = 0
    for piece in pieces:
        total = zlib.crc32(piece, total)
    return total


def received(client: Raw, octets: int) -> int:
    """Read that many octets and return their checksum; nothing is kept."""
    first = client.taken()
    total, octets = zlib.crc32(first), octets - len(first)
    buffer = bytearray(MEGABYTE)
    while octets:
        count = client.socket.recv_into(buffer, min(octets, MEGABYTE))
        assert count, "the connection ended inside the message"
        total, octets = zlib.crc32(memoryview(buffer)[:count], total), octets - count
    return total


@dataclass
class Server:
    """A server process."""

    process: "subprocess.Popen[str]"
    port: int
    tls_port: int

    def peak(self) -> int:
        """Return the most memory that the process has ever had in use, in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        return next(int(line.split()[1]) * 1_024 for line in status.splitlines() if line.startswith("VmHWM"))

    def log_on(self, *, tls: bool, window: int | None = None) -> Raw:
        """Return a client that has logged on; the large message is number 4."""
        client = Raw(self.tls_port if tls else self.port, tls=tls, window=window)
        return client.log_on(b"svc-fax@muster.example", b"Faxe2026")


@pytest.fixture(scope="module", params=["memory", "maildir"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a large message in one mailbox, warmed up by a small session on each port."""
    folder = tmp_path_factory.mktemp("large")
    file = folder / "large.eml"
    with file.open("wb") as out:
        out.write(HEADER)
        for _ in range(BLOCKS):
            out.write(BLOCK)
    maildir = [str(folder / "mail")] if request.param == "maildir" else []
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(file), *maildir],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    with process, process.stdin, process.stdout:
        started = Server(process, *map(int, process.stdout.readline().split()))
        for tls in (False, True):
            with started.log_on(tls=tls) as client:
                assert client.ask(b"RETR 1").startswith(b"+OK")
                client.text()
        yield started
        process.stdin.close()
        assert process.wait(PATIENCE) == 0
    shutil.rmtree(folder)


@pytest.mark.parametrize("tls", [False, True], ids=["110", "995"])
def test_a_message_of_200_megabytes_costs_a_few(server: Server, tls: bool) -> None:
    before = server.peak()
    with server.log_on(tls=tls) as client:
        size = len(HEADER) + BLOCKS * len(BLOCK)
        assert client.ask(b"LIST 4") == b"+OK 4 %d" % size
        assert client.ask(b"RETR 4").startswith(b"+OK")
        assert received(client, sum(map(len, wire()))) == checksum(wire())
        assert client.ask(b"QUIT").startswith(b"+OK")
    assert server.peak() - before <= LIMIT


@pytest.mark.parametrize("tls", [False, True], ids=["110", "995"])
def test_clients_that_do_not_read_cost_a_few_megabytes_together(server: Server, tls: bool) -> None:
    before = server.peak()
    clients = [server.log_on(tls=tls, window=65_536) for _ in range(5)]
    for client in clients:
        client.send(b"RETR 4\r\n" * 50)
    for _ in range(3):  # the server has one thread: when it answers somebody else, it waits for the five
        with server.log_on(tls=tls) as other:
            assert other.ask(b"TOP 4 0").startswith(b"+OK")
    assert server.peak() - before <= LIMIT
    for client in clients:
        client.reset()


def test_a_client_that_sends_without_reading_is_not_read_without_end(server: Server) -> None:
    before = server.peak()
    with server.log_on(tls=False, window=65_536) as client:
        client.socket.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.send(b"TOP 1 0\r\n" * 10_000_000)
    assert server.peak() - before <= LIMIT
