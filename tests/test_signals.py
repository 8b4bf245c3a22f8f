"""`minipop serve` as a process: SIGTERM and SIGKILL while clients are at work, and a disk without room."""

import json
import resource
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from evidence.patience import PATIENCE
from evidence.raw import Raw

ALIASES = ("anna", "bernd", "clara")
PASSWORD = "Sommer2026"
MESSAGES = 150  # in each mailbox at first

#: When the signal falls: at which event, counted over all clients, and which of them.
MOMENTS = [
    ("log-on", 1),
    ("log-on", 14),
    ("RETR sent", 23),
    ("DELE", 17),
    ("DELE", 40),
    ("QUIT sent", 1),
    ("QUIT sent", 6),
    ("QUIT sent", 19),
    ("QUIT acknowledged", 2),
    ("QUIT acknowledged", 11),
]


class Server:
    """`minipop serve` on a directory; started again, it takes the same ports.

    Args:
        path: an empty directory.
    """

    def __init__(self, path: Path) -> None:
        self.directory = path / "mail"
        self._accounts = path / "accounts.toml"
        self._accounts.write_text(
            "".join(
                f'[[accounts]]\nname = "{alias}"\nalias = "{alias}"\nupn = "{alias}@muster.example"\n'
                f'password = "{PASSWORD}"\n'
                for alias in ALIASES
            ),
            "utf-8",
        )
        self.port = self.tls_port = 0

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[str]]:
        """Run it for the ``with`` block, in which it has to end."""
        options = ["--accounts", str(self._accounts), "--maildir", str(self.directory), "--json"]
        ports = ["--port", str(self.port), "--tls-port", str(self.tls_port)]
        with subprocess.Popen(
            [sys.executable, "-m", "minipop", "serve", "--login-type", "PlainTextLogin", *options, *ports],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout
            assert process.stderr
            try:
                line = process.stdout.readline()
                assert line, process.stderr.read()
                described = json.loads(line)
                self.port, self.tls_port = described["port"], described["tls_port"]
                yield process
            finally:
                if process.poll() is None:
                    process.kill()

    def bring(self, alias: str, subject: str) -> None:
        """Deliver as another program does."""
        box = self.directory / alias
        (box / "tmp" / subject).write_bytes(f"Subject: {subject}\r\n\r\n".encode())
        (box / "tmp" / subject).rename(box / "new" / subject)

    def places(self, alias: str) -> dict[str, list[str]]:
        """Return where each message of a mailbox lies, by subject: ``Inbox`` or ``Deletions``."""
        found: dict[str, list[str]] = {}
        for place, name in (
            (self.directory / alias, "Inbox"),
            (self.directory / ".recoverable" / alias / "Deletions", "Deletions"),
        ):
            for file in (*(place / "cur").iterdir(), *(place / "new").iterdir()):
                subject = file.read_bytes().split(b"\r\n")[0].removeprefix(b"Subject: ").decode()
                found.setdefault(subject, []).append(name)
        return found


class Client(Raw):
    """A client to whom the end of the connection is an error."""

    def _until(self, end: bytes) -> bytes | None:
        found = super()._until(end)
        if found is None:
            raise ConnectionResetError
        return found

    def says(self, command: bytes) -> bytes:
        """Send a command and return its reply, which must be good."""
        reply = self.ask(command)
        assert reply.startswith(b"+OK"), (command, reply)
        return reply

    def uidl(self) -> dict[int, str]:
        """Return the UIDs by number."""
        self.says(b"UIDL")
        return {
            int(number): uid for number, uid in (line.split() for line in self.text().decode().splitlines())
        }

    def subject(self, number: int) -> str:
        """Fetch a message and return its subject."""
        self.says(b"RETR %d" % number)
        return self.text().split(b"\r\n")[0].removeprefix(b"Subject: ").decode()


@dataclass
class Known:
    """What the clients know of a mailbox.

    Args:
        brought: subjects of all messages that were ever in it.
        told: their subjects by the UIDs that a client was told.
        asked: the subjects of what a client marked and then sent QUIT.
        acknowledged: those for which QUIT was answered by +OK.
    """

    brought: set[str] = field(default_factory=set)
    told: dict[str, str] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)


class Load:
    """Two clients for each mailbox, which bring, fetch and delete until the signal falls.

    Args:
        server: what they talk to.
        known: what is known of each mailbox.
        moment: the event at which the signal falls, and which of them.
    """

    def __init__(self, server: Server, known: dict[str, Known], moment: tuple[str, int]) -> None:
        self._server, self._known, self._moment = server, known, moment
        self._events: Counter[str] = Counter()
        self._strike: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._struck = threading.Event()
        self.failures: list[BaseException] = []

    def run(self, process: "subprocess.Popen[str]", number: signal.Signals) -> None:
        """Let them work until the signal has fallen and all of them have noticed."""
        self._strike = partial(process.send_signal, number)
        threads = [threading.Thread(target=self._work, args=(alias,)) for alias in ALIASES * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert not any(thread.is_alive() for thread in threads)
        assert self.failures == []
        assert self._struck.is_set()

    def _happens(self, event: str) -> None:
        with self._lock:
            self._events[event] += 1
            if (event, self._events[event]) == self._moment:
                self._struck.set()
                self._strike()

    def _work(self, alias: str) -> None:
        known = self._known[alias]
        try:
            for _ in range(100):
                with self._lock:
                    subject = f"{alias}-{len(known.brought)}"
                    known.brought.add(subject)
                self._server.bring(alias, subject)
                with Client(self._server.port) as client:
                    self._session(client, alias, known)
        except OSError:  # of a connection; the server is gone
            if not self._struck.is_set():
                raise
        except BaseException as error:
            self.failures.append(error)

    def _session(self, client: Client, alias: str, known: Known) -> None:
        client.log_on(f"{alias}@muster.example".encode(), PASSWORD.encode())
        self._happens("log-on")
        uids = client.uidl()
        chosen = sorted(uids)[:2]
        marked = set()
        for number in chosen:
            client.send(b"RETR %d\r\n" % number)
            self._happens("RETR sent")
            if client.line().startswith(b"-ERR"):  # the other client of this mailbox was faster
                continue
            subject = client.text().split(b"\r\n")[0].removeprefix(b"Subject: ").decode()
            assert known.told.setdefault(uids[number], subject) == subject
            client.says(b"DELE %d" % number)
            marked.add(subject)
            self._happens("DELE")
        with self._lock:
            known.asked |= marked
        client.send(b"QUIT\r\n")
        self._happens("QUIT sent")
        if client.line().startswith(b"+OK"):
            with self._lock:
                known.acknowledged |= marked
            self._happens("QUIT acknowledged")


def examine(server: Server, known: dict[str, Known]) -> None:
    """Look at what the signal has left, in the files."""
    for alias, of in known.items():
        places = server.places(alias)
        assert {subject: len(found) for subject, found in places.items()} == dict.fromkeys(of.brought, 1)
        deleted = {subject for subject, found in places.items() if found == ["Deletions"]}
        assert of.acknowledged <= deleted <= of.asked
        unfinished = [*(server.directory / alias / "tmp").iterdir(), *server.directory.rglob("*.damaged")]
        assert unfinished == []


def serve_everybody(server: Server, known: dict[str, Known]) -> None:
    """Let the next client of each mailbox see that all is there, under the same UIDs."""
    for alias, of in known.items():
        inbox = {subject for subject, found in server.places(alias).items() if found == ["Inbox"]}
        with Client(server.port) as client:
            client.log_on(f"{alias}@muster.example".encode(), PASSWORD.encode())
            uids = client.uidl()
            assert len(set(uids.values())) == len(uids) == len(inbox)
            for number, uid in list(uids.items())[:5]:
                subject = client.subject(number)
                assert subject in inbox
                assert of.told.setdefault(uid, subject) == subject
            assert not {uid for uid, subject in of.told.items() if subject not in inbox} & set(uids.values())
            client.says(b"QUIT")


@pytest.mark.slow
def test_whatever_signal_ends_the_server_under_load_nothing_is_lost_and_what_was_acknowledged_is_done(
    tmp_path: Path,
) -> None:
    server = Server(tmp_path)
    known = {alias: Known() for alias in ALIASES}
    signals = [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGTERM, 0)]
    ports: set[tuple[int, int]] = set()
    for number, status in signals:
        for moment in MOMENTS:
            with server.running() as process:
                if not ports:
                    for alias, of in known.items():
                        for count in range(MESSAGES):
                            of.brought.add(f"{alias}-{count}")
                            server.bring(alias, f"{alias}-{count}")
                ports.add((server.port, server.tls_port))
                serve_everybody(server, known)
                Load(server, known, moment).run(process, number)
                out, err = process.communicate(timeout=PATIENCE)
                assert (process.returncode, out, err) == (status, "", "")
            examine(server, known)
    with server.running() as process:
        serve_everybody(server, known)
        ports.add((server.port, server.tls_port))
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=PATIENCE) == ("", "")
        assert process.returncode == 0
    assert len(ports) == 1
    assert list(server.directory.rglob("*.tmp")) == []
    assert sum(len(of.acknowledged) for of in known.values()) > 100


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs Linux, to take a process its room")
def test_while_there_is_no_room_nothing_is_lost_and_whoever_needs_none_is_served(tmp_path: Path) -> None:
    server = Server(tmp_path)
    with server.running() as process:
        for alias in ALIASES[:2]:
            for count in range(5):
                server.bring(alias, f"{alias}-{count}")
        with Client(server.port) as client:
            client.log_on(b"anna@muster.example", PASSWORD.encode())
            uids = client.uidl()
            assert client.subject(1) == "anna-0"
            client.says(b"QUIT")
        file = server.directory / "anna" / "minipop-uids"
        before = file.read_bytes()
        for count in range(5, 10):
            server.bring("anna", f"anna-{count}")
        # No file may grow beyond 32 octets: write(2) fails with EFBIG as it would with ENOSPC.
        limit = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (32, limit[1]))
        with Client(server.port) as client:
            client.line()
            client.says(b"USER anna@muster.example")
            for _ in range(2):
                assert client.ask(b"PASS " + PASSWORD.encode()).startswith(b"-ERR [SYS/TEMP]")
                client.says(b"USER anna@muster.example")
            client.says(b"QUIT")
        assert file.read_bytes() == before
        assert not file.with_name("minipop-uids.tmp").exists()
        with Client(server.port) as client:  # clara's mailbox is empty and needs no room
            client.log_on(b"clara@muster.example", PASSWORD.encode())
            client.says(b"QUIT")
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, limit)
        with Client(server.port) as client:
            client.log_on(b"anna@muster.example", PASSWORD.encode())
            after = client.uidl()
            assert len(after) == 10
            assert set(uids.values()) < set(after.values())
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (32, limit[1]))
            subject = client.subject(1)
            client.says(b"DELE 1")
            client.says(b"QUIT")  # a rename needs no room
        assert server.places("anna")[subject] == ["Deletions"]
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (0, "")
    told = err.splitlines()
    assert len(told) == 2
    assert all(line.endswith("File too large") and line.startswith("anna: ") for line in told)
    assert PASSWORD not in err
