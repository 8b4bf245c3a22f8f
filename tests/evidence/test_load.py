"""The load counts right, and does not overlook a fault: a scripted server answers it."""

from __future__ import annotations

import contextlib
import io
import json
import socket
import sys
import threading
from collections.abc import Iterator, Mapping

import pytest

from evidence.bench import load

#: A mailbox with two messages of ten octets.
REPLIES = {
    "": b"+OK ready\r\n",
    "USER": b"+OK\r\n",
    "PASS": b"+OK\r\n",
    "NOOP": b"+OK\r\n",
    "STAT": b"+OK 2 20\r\n",
    "UIDL": b"+OK\r\n1 a\r\n2 b\r\n.\r\n",
    "RETR": b"+OK\r\n12345678\r\n.\r\n",
    "QUIT": b"+OK\r\n",
}


class Fake:
    """A server that answers each command with a fixed reply, and closes the connection after an empty one.

    Args:
        replies: by command, the greeting under the empty one; None for no reply at all.
    """

    def __init__(self, replies: Mapping[str, bytes | None]) -> None:
        self.lines: list[str] = []  #: What clients have sent.
        self._replies = replies
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        """Stop listening, and wait until all connections are closed."""
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._threads.append(threading.Thread(target=self._serve, args=[connection]))
            self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A client that has found a fault closes its connection in the middle of a reply.
        with connection, connection.makefile("rb") as lines, contextlib.suppress(OSError):
            reply = self._replies[""]
            while reply != b"":
                for octet in reply or b"":  # in pieces, as it may happen
                    connection.send(bytes([octet]))
                line = lines.readline().decode().strip()
                if not line:
                    return
                self.lines.append(line)
                reply = self._replies[line[:4]]


@pytest.fixture
def fake(request: pytest.FixtureRequest) -> Iterator[Fake]:
    server = Fake(REPLIES | getattr(request, "param", {}))
    yield server
    server.close()


def run(fake: Fake, *arguments: str, limit: str = "20") -> int:
    where = (
        "--port",
        str(fake.port),
        "--messages",
        "2",
        "--octets",
        "10",
        "--seconds",
        "0",
        "--limit",
        limit,
    )
    return load.main([*arguments, *where])


def test_each_client_has_its_sessions_and_all_are_counted(
    fake: Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(fake, "sessions", "--clients", "3") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["count"] == 3
    assert set(told) == {"count", "per_second", "p50", "p99", "log_on", "listing"}
    one = ["PASS bench", "QUIT", "STAT", "UIDL"]
    users = [f"USER user000{number}@bench.example" for number in range(3)]
    assert sorted(fake.lines) == sorted(one * 3 + users)


def test_log_ons_are_counted(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(fake, "log-ons", "--user", "large") == 0
    assert json.loads(capsys.readouterr().out)["count"] == 1
    assert fake.lines == ["USER large@bench.example", "PASS bench", "QUIT"]


def test_messages_are_fetched_in_turn_and_counted(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(fake, "fetch", "--clients", "2") == 0
    assert json.loads(capsys.readouterr().out)["count"] == 2
    assert fake.lines.count("RETR 1") == 2


def test_a_hundred_messages_are_fetched_at_a_time(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(fake, "fetch", "--pipelined") == 0
    assert json.loads(capsys.readouterr().out)["count"] == 100
    assert fake.lines[2:] == ["RETR 1", "RETR 2"] * 50


def test_each_account_is_visited_once(
    fake: Fake, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "ACCOUNTS", 5)
    assert run(fake, "visit", "--clients", "7") == 0
    assert json.loads(capsys.readouterr().out)["count"] == 5
    assert [line for line in fake.lines if line.startswith("USER")] == [
        f"USER user000{number}@bench.example" for number in range(5)
    ]


def test_idle_connections_are_held_until_they_may_go_and_must_still_answer(
    fake: Fake, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    logged_on = []

    class Told(io.StringIO):
        def readline(self, *_: object) -> str:  # type: ignore[override]
            assert "NOOP" not in fake.lines
            logged_on.append(sum(line.startswith("PASS") for line in fake.lines))
            return "\n"

    monkeypatch.setattr(sys, "stdin", Told())
    assert run(fake, "idle", "--clients", "60") == 0  # logged on fifty at a time
    *said, told = capsys.readouterr().out.splitlines()
    assert (said, json.loads(told)) == (["ready", "holding"], {"count": 60})
    assert logged_on == [0, 60]
    assert fake.lines.count("NOOP") == fake.lines.count("QUIT") == 60


FAULTS = [
    ("sessions", {"": b"-ERR busy\r\n"}, "the server said b'-ERR busy'"),
    ("sessions", {"PASS": b"-ERR no\r\n"}, "the server said b'-ERR no'"),
    ("sessions", {"STAT": b"+OK 1 10\r\n"}, "not 2 messages"),
    ("sessions", {"UIDL": b"+OK\r\n1 a\r\n.\r\n"}, "UIDL listed 1 messages, not 2"),
    ("sessions", {"UIDL": b"-ERR no\r\n"}, "the server said b'-ERR no'"),
    ("sessions", {"STAT": b""}, "STAT: the server closed the connection"),
    ("sessions", {"PASS": b""}, "PASS: the server closed the connection"),
    ("sessions", {"QUIT": b""}, "QUIT: the server closed the connection"),
    ("log-ons", {"PASS": b"-ERR no\r\n"}, "the server said b'-ERR no'"),
    ("fetch", {"RETR": b"+OK\r\n1234567\r\n.\r\n"}, "RETR gave 9 octets, not 10"),
    ("fetch", {"RETR": b"+OK\r\n123456789\r\n.\r\n"}, "RETR gave other than 10 octets"),
    ("fetch", {"RETR": b"-ERR gone\r\n"}, "the server said b'-ERR gone'"),
    ("fetch", {"RETR": b""}, "RETR: the server closed the connection"),
    ("visit", {"STAT": b"-ERR no\r\n"}, "the server said b'-ERR no'"),
]


@pytest.mark.parametrize(("kind", "fake", "said"), FAULTS, indirect=["fake"])
def test_a_fault_ends_the_load_and_nothing_is_counted(
    kind: str, fake: Fake, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(fake, kind) == 1
    out, errors = capsys.readouterr()
    assert out == ""
    assert errors.startswith("evidence.bench.load: ")
    assert said in errors
    assert errors.count("\n") == 1


@pytest.mark.parametrize("fake", [{"UIDL": None}, {"": None}, {"RETR": b"+OK\r\n123"}], indirect=True)
def test_waiting_has_an_end(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    kind = "fetch" if fake._replies["RETR"] == b"+OK\r\n123" else "sessions"
    assert run(fake, kind, limit="0.3") == 1
    assert "1 of 1 clients were still waiting when the time was up" in capsys.readouterr().err


def test_a_server_that_is_not_there_is_a_fault(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert load.main(["sessions", "--port", str(port), "--seconds", "0"]) == 1
    assert "connecting: " in capsys.readouterr().err
