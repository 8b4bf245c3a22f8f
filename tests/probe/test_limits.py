"""Servers that limit connections: the limit is told as one, and nothing else is made of it."""

import ssl
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.probe import servers
from tests.probe.running import Probed, probe
from tests.probe.servers import STLS, Peer, Pop3, Script, Server, closed_port, sound


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let no time pass where the probe waits, and note how long it would have waited."""
    slept: list[float] = []
    monkeypatch.setattr("minipop.probe.connections.sleep", slept.append)
    return slept


class Gate:
    """Lets in connections as a limit allows, and sends away the others.

    Args:
        allowed: is given the number of the connection and how many are open, and says whether it may come in.
        away: what is done with one that may not.
    """

    def __init__(self, allowed: Callable[[int, int], bool], away: Script) -> None:
        self._allowed, self._away = allowed, away
        self._lock, self._open = threading.Lock(), 0
        self.came = 0

    def __call__(self, script: Script) -> Script:
        """Return a script behind the gate."""

        def gated(peer: Peer) -> None:
            with self._lock:
                self.came += 1
                allowed = self._allowed(self.came, self._open)
                self._open += allowed
            if not allowed:
                self._away(peer)
                return
            try:
                script(peer)
            finally:
                with self._lock:  # before the client sees the end of the connection
                    self._open -= 1

        return gated


def says_so(peer: Peer) -> None:
    peer.say("-ERR too many connections")


def hangs_up(_: Peer) -> None:
    """As Courier does."""


def probed(
    gate: Gate, capsys: pytest.CaptureFixture[str], tmp_path: Path, context: ssl.SSLContext, *options: str
) -> Probed:
    script = Pop3(capabilities=STLS, replies={"USER": "+OK"}, inside=servers.INSIDE, context=context)
    with Server(gate(script)) as plain, closed_port() as closed:
        return probe(capsys, plain.port, closed, "--ca-file", servers.ca_file(tmp_path), *options)


AWAY = [pytest.param(says_so, id="says so"), pytest.param(hangs_up, id="hangs up")]


@pytest.mark.parametrize("away", AWAY)
def test_one_connection_at_a_time_is_enough(
    away: Script, capsys: pytest.CaptureFixture[str], tmp_path: Path, waits: list[float]
) -> None:
    gate = Gate(lambda _, now: now == 0, away)
    found = probed(gate, capsys, tmp_path, servers.context())
    assert found.codes("danger") == {"password-in-clear": ["plain"]}
    assert (found.codes("warning"), found.way("plain")["turned_away"]) == ({}, 0)
    assert found.way("stls")["tls"]["versions"] == {
        **{"1.0": "refused", "1.1": "refused"},
        **{"1.2": "accepted", "1.3": "accepted"},
    }
    assert sum(waits) == 0


def test_ten_connections_are_enough_for_both_ports(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    gate = Gate(lambda *_: True, hangs_up)
    context = servers.context()
    with Server(gate(sound(context))) as plain, Server(gate(sound(context, at_once=True))) as tls:
        found = probe(capsys, plain.port, tls.port, "--ca-file", servers.ca_file(tmp_path))
    assert (found.status, gate.came) == (0, 10)


@pytest.mark.parametrize("away", AWAY)
@pytest.mark.parametrize("first", [1, 2, 3, 4, 5])
def test_whatever_is_turned_away_for_good_is_a_limit_and_no_fault_of_tls(
    first: int, away: Script, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    gate = Gate(lambda number, _: number <= first, away)
    found = probed(gate, capsys, tmp_path, servers.context())
    assert found.codes("danger") == {"password-in-clear": ["plain"]}  # seen before, and not lost
    assert found.codes("warning")["port-limited"] == ["plain"]
    others = set(found.codes("warning")) - {"port-limited"}
    assert others <= {"stls-unknown", "tls-unanswered", "offer-unknown"}
    assert found.status == 3
    if first == 1:
        assert found.way("stls")["trouble"]["kind"] == "limited"
        assert found.cell("stls", "password") == "unknown"
    else:
        assert found.way("stls")["tls"]["trust_error"] == ""
        versions = found.way("stls")["tls"]["versions"]
        assert versions["1.3"] == "accepted"
        assert versions["1.2"] in ("accepted", "unanswered")
        assert versions["1.0"] in ("refused", "unanswered")


def test_a_limit_that_waiting_overcomes_is_a_notice(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, waits: list[float]
) -> None:
    gate = Gate(lambda number, _: number not in (2, 3, 6), says_so)
    found = probed(gate, capsys, tmp_path, servers.context())
    assert found.codes("notice")["port-limited"] == ["plain"]
    assert (found.values("port-limited"), found.codes("warning")) == ({"times": 2}, {})
    assert [wait for wait in waits if wait] == [1.0, 2.0]


def test_a_limit_for_both_ports_is_one_where_the_other_port_was_let_in(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    context = servers.context()

    def away_inside(peer: Peer) -> None:
        peer.start_tls(context)
        peer.say("-ERR [IN-USE] too many connections from your address")

    with Server(sound(context)) as plain, Server(away_inside) as tls:
        found = probe(capsys, plain.port, tls.port, "--ca-file", servers.ca_file(tmp_path))
    assert found.way("tls")["trouble"]["kind"] == "limited"
    assert found.codes("warning") == {"port-limited": ["tls"]}


def test_a_server_that_refuses_a_version_by_hanging_up_is_not_called_limited(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    context = servers.context()
    inner = sound(context, at_once=True)

    def script(peer: Peer) -> None:
        """Hang up without an alert on a client that does not offer TLS 1.3, as some do on old versions."""
        hello = peer.socket.recv(4096, 2)  # MSG_PEEK
        if b"\x00\x2b" in hello:  # supported_versions
            inner(peer)

    with Server(script) as tls, closed_port() as closed:
        found = probe(capsys, closed, tls.port, "--ca-file", servers.ca_file(tmp_path))
    assert found.way("tls")["tls"]["versions"] == {
        **{"1.0": "refused", "1.1": "refused"},
        **{"1.2": "refused", "1.3": "accepted"},
    }
    assert (found.status, found.way("tls")["turned_away"]) == (0, 0)


def test_the_probe_pauses_between_two_connections(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, waits: list[float]
) -> None:
    gate = Gate(lambda *_: True, hangs_up)
    probed(gate, capsys, tmp_path, servers.context(), "--pause", "15")
    assert [wait for wait in waits if wait] == [15.0] * gate.came  # also before the port that is closed
