"""The probe against servers that are mute, endless or no POP3 at all: named, and bounded."""

import math
import socket
from pathlib import Path
from weakref import WeakKeyDictionary

import pytest

from evidence.patience import PATIENCE
from minipop.probe.client import Pop3Client
from tests.probe import servers
from tests.probe.running import probe
from tests.probe.servers import DONE, Peer, Pop3, Script, Server, closed_port, sound

# -- no POP3 --------------------------------------------------------------------------------------


def says(data: bytes) -> Script:
    def script(peer: Peer) -> None:
        peer.socket.sendall(data)
        peer.wait()

    return script


def endless(data: bytes) -> Script:
    def script(peer: Peer) -> None:
        while True:
            peer.socket.sendall(data)

    return script


def trickle(peer: Peer) -> None:
    """Send a byte now and again, always before the time for one byte is up."""
    import threading

    stop = threading.Event()
    peer.socket.sendall(b"+")
    peer.fall_silent()
    while not stop.wait(0.05):
        peer.socket.sendall(b"+")


#: For servers that fall silent, whose silence is waited for in full.
BRIEFLY = ("--timeout", "1")


@pytest.fixture
def sound_ports(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """Let the probe wait for silent servers `BRIEFLY`, however busy the machine is.

    Its clock starts when a server has said what it is going to say. A test adds the ports of servers that are
    sound: those may take their time.
    """
    sound_ones: set[int] = set()
    sent: WeakKeyDictionary[Pop3Client, int] = WeakKeyDictionary()
    connect, deadline, send = Pop3Client.__init__, Pop3Client._deadline, Pop3Client.send

    def considerate_connect(self: Pop3Client, host: str, port: int, timeout: float, ends: float) -> None:
        connect(self, host, port, PATIENCE if port in sound_ones else timeout, max(ends, math.inf))

    def considerate_deadline(self: Pop3Client) -> float:
        DONE.wait(self._socket.getsockname()[1], sent.get(self, 0))
        return deadline(self)

    def counted_send(self: Pop3Client, data: bytes) -> None:
        sent[self] = sent.get(self, 0) + 1
        send(self, data)

    monkeypatch.setattr(Pop3Client, "__init__", considerate_connect)
    monkeypatch.setattr(Pop3Client, "_deadline", considerate_deadline)
    monkeypatch.setattr(Pop3Client, "send", counted_send)
    return sound_ones


STRANGE: list[tuple[str, Script, str, str]] = [
    ("hangs up", lambda _: None, "hung-up", ""),
    ("breaks off", lambda peer: peer.socket.sendall(b"+OK the Micro"), "hung-up", "+OK the Micro"),
    ("ssh", says(b"SSH-2.0-OpenSSH_9.2\r\n"), "not-pop3", "SSH-2.0-OpenSSH_9.2"),
    ("imap", says(b"* OK ready\r\n"), "not-pop3", "* OK ready"),
    ("smtp", says(b"220 ready\r\n"), "not-pop3", "220 ready"),
    ("http", says(b"HTTP/1.1 400 Bad Request\r\n"), "not-pop3", "HTTP/1.1 400 Bad Request"),
    ("control characters", says(b"\x1b[31m\xff\x00\r\n"), "not-pop3", "?[31m\ufffd?"),
    ("sends away", says(b"-ERR too many connections\r\n"), "rejected", "-ERR too many connections"),
    ("endless line", endless(b"x" * 1000), "endless", "x" * 199 + "…"),
]

SILENT: list[tuple[str, Script, str]] = [
    ("mute", Peer.wait, ""),
    ("half a line", says(b"+OK the Micro"), "+OK the Micro"),
    ("trickle", trickle, "+"),
]


@pytest.mark.parametrize(
    ("script", "kind", "detail"), [row[1:] for row in STRANGE], ids=[r[0] for r in STRANGE]
)
def test_what_is_no_pop3_is_named_beside_a_port_that_answers(
    script: Script, kind: str, detail: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with Server(script) as plain, Server(sound(servers.context(), at_once=True)) as tls:
        ca = servers.ca_file(tmp_path)
        found = probe(capsys, plain.port, tls.port, "--ca-file", ca)
    trouble = found.way("plain")["trouble"]
    assert trouble["kind"] == kind
    assert trouble["detail"].startswith(detail)
    assert found.codes("warning") == {f"port-{kind}": ["plain"]}
    assert found.status == 1
    assert found.row("plain") == ["not-reached"] * 4
    assert found.row("tls")[0] == "all-encrypted"


@pytest.mark.slow
@pytest.mark.parametrize(("script", "detail"), [row[1:] for row in SILENT], ids=[row[0] for row in SILENT])
def test_a_server_that_says_too_little_is_given_up(
    script: Script, detail: str, sound_ports: set[int], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with Server(script) as plain, Server(sound(servers.context(), at_once=True)) as tls:
        sound_ports.add(tls.port)
        ca = servers.ca_file(tmp_path)
        found = probe(capsys, plain.port, tls.port, "--ca-file", ca, *BRIEFLY)
    trouble = found.way("plain")["trouble"]
    assert trouble["kind"] == "silent"
    assert trouble["detail"].startswith(detail)
    assert found.codes("warning") == {"port-silent": ["plain"]}
    assert found.status == 1
    assert found.row("plain") == ["not-reached"] * 4
    assert found.row("tls")[0] == "all-encrypted"


INSIDE_TLS: list[tuple[str, Script, str]] = [
    ("plain pop3", Pop3(), "no-tls"),
    ("plain ssh", says(b"SSH-2.0-OpenSSH_9.2\r\n"), "no-tls"),
    ("hangs up", lambda _: None, "handshake"),
]


@pytest.mark.parametrize(("script", "kind"), [row[1:] for row in INSIDE_TLS], ids=[r[0] for r in INSIDE_TLS])
def test_a_tls_port_without_tls_is_named(
    script: Script, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Server(sound(servers.context())) as plain, Server(script) as tls:
        found = probe(capsys, plain.port, tls.port)
    assert found.way("tls")["trouble"]["kind"] == kind
    assert found.codes("warning")[f"port-{kind}"] == ["tls"]


@pytest.mark.slow
def test_a_tls_port_that_never_answers_a_handshake_is_named(
    sound_ports: set[int], capsys: pytest.CaptureFixture[str]
) -> None:
    with Server(sound(servers.context())) as plain, Server(Peer.wait) as tls:
        sound_ports.add(plain.port)
        found = probe(capsys, plain.port, tls.port, *BRIEFLY)
    assert found.way("tls")["trouble"]["kind"] == "silent"
    assert found.codes("warning")["port-silent"] == ["tls"]


def test_a_tls_port_of_another_protocol_is_named_with_what_it_says(
    capsys: pytest.CaptureFixture[str],
) -> None:
    imap = Pop3(greeting="* OK ready", context=servers.context(), at_once=True)
    with Server(sound(servers.context())) as plain, Server(imap) as tls:
        found = probe(capsys, plain.port, tls.port)
    assert found.way("tls")["trouble"] == {"kind": "not-pop3", "detail": "* OK ready"}
    assert found.way("tls")["tls"]["versions"]["1.3"] == "accepted"


def test_only_one_port_is_a_notice(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    ca = servers.ca_file(tmp_path)
    with Server(sound(servers.context())) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed, "--ca-file", ca)
    assert (found.status, found.codes("notice")) == (0, {"port-refused": ["tls"]})
    with Server(sound(servers.context(), at_once=True)) as tls, closed_port() as closed:
        found = probe(capsys, closed, tls.port, "--ca-file", ca)
    assert (found.status, found.codes("notice")) == (0, {"port-refused": ["plain"]})


#    what the system says                    what the report says
NO_CONNECTION: list[tuple[OSError, dict[str, str]]] = [
    (TimeoutError("timed out"), {"kind": "filtered", "detail": ""}),
    (OSError(113, "No route to host"), {"kind": "unreachable", "detail": "No route to host"}),
]


@pytest.mark.parametrize(("error", "trouble"), NO_CONNECTION)
def test_a_port_that_is_filtered_or_unreachable_is_a_notice(
    error: OSError,
    trouble: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connect = socket.create_connection

    def fails(address: tuple[str, int], timeout: float) -> socket.socket:
        if address[1] == 1:
            raise error
        return connect(address, timeout)

    monkeypatch.setattr("socket.create_connection", fails)
    with Server(sound(servers.context())) as plain:
        found = probe(capsys, plain.port, 1, "--ca-file", servers.ca_file(tmp_path))
    assert found.way("tls")["trouble"] == trouble
    assert (found.status, found.codes("notice")) == (0, {f"port-{trouble['kind']}": ["tls"]})


#: What comes after a greeting that is in order; each must end in time, and with a report.
AFTERWARDS: list[tuple[str, dict[str, str], str]] = [
    ("endless list", {"CAPA": "+OK\r\n" + "TOP\r\n" * 600}, "not-offered"),
    ("list without end", {"CAPA": "+OK\r\nTOP"}, "not-offered"),
    ("garbage", {"CAPA": "hello", "AUTH": "hello", "USER": "hello"}, "unknown"),
    ("empty lines", {"CAPA": "", "AUTH": "", "USER": ""}, "unknown"),
]


@pytest.mark.usefixtures("sound_ports")
@pytest.mark.parametrize(
    ("replies", "cell"), [row[1:] for row in AFTERWARDS], ids=[row[0] for row in AFTERWARDS]
)
def test_replies_that_make_no_sense_end_in_a_report(
    replies: dict[str, str], cell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def script(peer: Peer) -> None:
        peer.say("+OK ready")
        while (line := peer.line()) != "QUIT":
            peer.say(next((reply for start, reply in replies.items() if line.startswith(start)), "-ERR"))

    with Server(script) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed, *BRIEFLY)
    assert found.way("plain")["greeting"] == "+OK ready"
    assert found.row("plain") == [cell] * 4


@pytest.mark.slow
@pytest.mark.usefixtures("sound_ports")
def test_a_server_that_falls_silent_is_asked_twice_and_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    heard = []

    def script(peer: Peer) -> None:
        peer.say("+OK ready")
        while True:
            heard.append(peer.line())

    with Server(script) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed, *BRIEFLY)
    assert [line for line in heard if line != "QUIT"] == ["CAPA", "AUTH", "STLS"]
    assert found.codes("warning")["password-unknown"] == ["plain"]
    assert "no-password-in-clear" not in found.codes()
    assert (found.row("plain"), found.status) == (["unknown"] * 4, 1)


def test_a_server_that_hangs_up_after_each_question_is_asked_all(capsys: pytest.CaptureFixture[str]) -> None:
    def script(peer: Peer) -> None:
        peer.say("+OK ready")
        peer.say("+OK" if peer.line().startswith("USER") else "-ERR")

    with Server(script) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed)
    assert found.way("plain")["answers"]["USER"]["accepted"]
    assert found.status == 3
