"""What the probe could not find out is unknown, never a no: no all-clear without an answer."""

from pathlib import Path

import pytest

from tests.probe import servers
from tests.probe.running import probe
from tests.probe.servers import STLS, Peer, Pop3, Script, Server, closed_port, sound
from tests.probe.test_no_pop3 import BRIEFLY, sound_ports

__all__ = ["sound_ports"]  # the fixture that lets a server's silence be short


def mute(peer: Peer) -> None:
    """Greet, and answer nothing."""
    peer.say("+OK ready")
    peer.wait()


@pytest.mark.slow
@pytest.mark.usefixtures("sound_ports")
def test_a_server_that_is_mute_after_its_greeting_gets_no_all_clear(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Server(mute) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed, *BRIEFLY)
    assert set(found.data["verdict"]["plain"].values()) == {"unknown"}
    assert found.codes("ok") == {}
    assert {"password-unknown", "offer-unknown"} <= set(found.codes("warning"))
    assert found.way("plain")["answers"]["USER"]["offered"] == "unknown"
    assert found.status == 1


@pytest.mark.slow
def test_a_server_that_is_mute_inside_tls_gets_none_either(
    sound_ports: set[int], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    context = servers.context()

    def script(peer: Peer) -> None:
        peer.start_tls(context)
        mute(peer)

    with Server(sound(context)) as plain, Server(script) as tls:
        sound_ports.add(plain.port)
        found = probe(capsys, plain.port, tls.port, "--ca-file", servers.ca_file(tmp_path), *BRIEFLY)
    assert found.cell("tls", "password") == "unknown"
    assert found.codes("warning") == {"offer-unknown": ["tls"]}
    assert found.status == 1


@pytest.mark.parametrize("code", ["[SYS/TEMP]", "[IN-USE]"])
def test_a_refusal_for_the_moment_is_no_refusal(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    with Server(Pop3(replies={"USER": f"-ERR {code} later"})) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed)
    assert found.cell("plain", "password") == "unknown"
    assert "password-unknown" in found.codes("warning")


def without_list(reply: str) -> Script:
    """Return a server whose CAPA is answered so."""
    context = servers.context()

    def script(peer: Peer) -> None:
        peer.say("+OK ready")
        while (line := peer.line()) != "QUIT":
            if line == "STLS":
                peer.say("+OK begin")
                peer.start_tls(context)
            elif line == "CAPA":
                peer.socket.sendall(reply.encode())
            else:
                peer.say("-ERR no")
        peer.say("+OK bye")

    return script


#        what comes for CAPA              what the JSON says of it
LISTS = [
    ("-ERR unknown\r\n", {"reply": "-ERR unknown", "trouble": None}),
    ("+OK\r\nTOP\r\nUIDL\r\n.", {"reply": "+OK", "trouble": "silent"}),  # the last line lacks its end
]


@pytest.mark.slow
@pytest.mark.parametrize(("reply", "capa"), LISTS)
@pytest.mark.usefixtures("sound_ports")
def test_stls_is_not_called_unlisted_where_there_is_no_list(
    reply: str, capa: dict[str, str | None], capsys: pytest.CaptureFixture[str]
) -> None:
    with Server(without_list(reply)) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed, *BRIEFLY)
    assert found.way("plain")["capa"] == capa
    assert found.way("plain")["capabilities"] is None
    assert "stls-unlisted" not in found.codes()


def test_without_a_list_every_mechanism_that_the_probe_knows_is_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    heard: list[str] = []

    def script(peer: Peer) -> None:
        peer.say("+OK ready")
        while (line := peer.line()) != "QUIT":
            heard.append(line)
            peer.say("+ " if line == "AUTH CRAM-MD5" else "-ERR no")
        peer.say("+OK bye")

    with Server(script) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed)
    assert {"AUTH SCRAM-SHA-1", "AUTH ANONYMOUS", "AUTH EXTERNAL", "AUTH NTLM"} <= set(heard)
    assert found.codes("warning")["challenge-in-clear"] == ["plain"]


def test_of_a_list_without_measure_the_rest_is_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    listed = " ".join(f"X-{number}" for number in range(100))
    with Server(Pop3(capabilities=(*STLS, f"SASL {listed}"))) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed)
    offered = [answer["offered"] for answer in found.way("plain")["answers"].values()]
    assert (offered.count("no"), offered.count("unknown")) == (31, 72)
    assert "offer-unknown" in found.codes("warning")


def test_versions_are_not_called_new_only_while_an_old_one_is_unanswered(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from minipop.probe.probe import _Prober

    monkeypatch.setattr(_Prober, "_version", lambda *rest: "unanswered" if rest[2] == "1.0" else "refused")
    with Server(sound(servers.context(), at_once=True)) as tls, closed_port() as closed:
        found = probe(capsys, closed, tls.port, "--ca-file", servers.ca_file(tmp_path))
    assert "tls-new" not in found.codes()
    assert (found.status, found.codes("warning")) == (1, {"tls-unanswered": ["tls"]})
