"""``--expect``, the first line, the deadline and JSON in every case: what monitoring and scripts rely on."""

import json
import ssl
from pathlib import Path

import pytest

from minipop import Lab
from minipop.cli import main
from tests.probe import servers
from tests.probe.running import read
from tests.probe.servers import Peer, Pop3, Script, Server, closed_port, sound

SOUND = servers.context()
OLD = servers.only(servers.context(), ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1)


def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, *words: object) -> tuple[int, str]:
    """Run the probe on loopback; return the exit status and the first line."""
    try:
        status = main(["probe", "127.0.0.1", "--ca-file", servers.ca_file(tmp_path), *map(str, words)])
    except SystemExit as end:
        status = int(end.code or 0)
    return status, capsys.readouterr().out.partition("\n")[0]


#    110, 995, what is expected, the exit status, the beginning of the line, what else is in it
EXPECTED: list[tuple[Script | None, Script | None, str, int, str, str]] = [
    (sound(SOUND), sound(SOUND, at_once=True), "tls,stls", 0, "POP3 OK - 127.0.0.1: ", "in order"),
    (None, sound(SOUND, at_once=True), "tls", 0, "POP3 OK - ", "1 notice"),
    (sound(SOUND), None, "stls", 0, "POP3 OK - ", "1 notice"),
    (sound(SOUND), None, "tls", 2, "POP3 CRITICAL - Port ", "the port is closed"),
    (sound(SOUND), None, "stls, TLS", 2, "POP3 CRITICAL - Port ", "the port is closed"),
    (None, None, "tls", 2, "POP3 CRITICAL - Port ", "the port is closed"),
    (Pop3(), None, "stls", 2, "POP3 CRITICAL - Port ", "STLS is refused: -ERR no"),
    (Pop3(), None, "plain", 1, "POP3 WARNING - 127.0.0.1: ", "(no-stls)"),
    (Pop3(replies={"USER": "+OK"}), None, "plain", 2, "POP3 CRITICAL - ", "(password-in-clear)"),
    (None, sound(OLD, at_once=True), "tls", 2, "POP3 CRITICAL - 127.0.0.1: 1 danger, ", "(tls-old)"),
]


@pytest.mark.parametrize(("plain", "tls", "expected", "status", "begins", "holds"), EXPECTED)
def test_the_status_is_that_of_nagios_and_the_line_says_why(
    plain: Script | None,
    tls: Script | None,
    expected: str,
    status: int,
    begins: str,
    holds: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    with (
        closed_port() as closed,
        closed_port() as closed_too,
        Server(plain or Peer.wait) as one,
        Server(tls or Peer.wait) as other,
    ):
        port, tls_port = one.port if plain else closed, other.port if tls else closed_too
        words = ("--port", port, "--tls-port", tls_port, "--expect", expected)
        found = run(capsys, tmp_path, *words)
        main(["probe", "127.0.0.1", "--ca-file", servers.ca_file(tmp_path), *map(str, words), "--json"])
    assert found[0] == status
    assert found[1].startswith(begins)
    assert holds in found[1]
    data = read(capsys.readouterr().out)
    assert (data["exit_status"], data["expected"]["status"]) == (status, begins.split()[1])


def test_a_name_that_is_not_known_is_unknown(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", unknown)
    status, line = run(capsys, tmp_path, "--expect", "tls")
    assert (status, line.startswith("POP3 UNKNOWN - Port 995: the name is not known")) == (3, True)


#: Bad input, read by argparse or by the command itself.
BAD = [["--timeout", "0"], ["--name", "a..b"], ["--expect", "imap"], ["--no-such-option"]]


@pytest.mark.parametrize("words", BAD)
def test_bad_input_is_unknown_to_monitoring_and_json_in_scripts(
    words: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    status, line = run(capsys, tmp_path, "--expect", "tls", *words)
    assert (status, line.startswith("POP3 UNKNOWN - minipop probe: ")) == (3, True)
    if words[0] != "--expect":
        status, line = run(capsys, tmp_path, "--json", *words)
        data = read(f"{line}\n")
        assert (status, data["exit_status"]) == (2, 2)
        assert data["error"].startswith("minipop probe: ")


def test_where_nothing_answers_there_is_json_as_well(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with closed_port() as one, closed_port() as other:
        status, line = run(capsys, tmp_path, "--port", one, "--tls-port", other, "--json")
    data = read(f"{line}\n")
    assert (status, data["exit_status"]) == (2, 2)
    assert data["error"].startswith("no POP3 server at 127.0.0.1: Port ")
    assert [way["trouble"]["kind"] for way in data["ways"]] == ["refused"] * 3


def test_the_json_holds_minipops_version(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with closed_port() as one, closed_port() as other:
        _, line = run(capsys, tmp_path, "--port", one, "--tls-port", other, "--json")
    assert json.loads(line)["version"] == "0.1.0"


#    language, the first line of a report on 2003
FIRST = [
    ("en", "127.0.0.1: 1 danger, 2 warnings, 2 notices, 2 in order (password-in-clear)"),
    ("de", "127.0.0.1: 1 Gefahr, 2 Warnungen, 2 Hinweise, 2 in Ordnung (password-in-clear)"),
]


@pytest.mark.parametrize(("lang", "line"), FIRST)
def test_the_first_line_is_the_verdict(lang: str, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with Lab("2003") as lab:
        ports = ["--port", str(lab.port), "--tls-port", str(lab.tls_port), "--ca-file", lab.ca_file]
        main(["probe", "127.0.0.1", *ports, "--lang", lang])
    assert capsys.readouterr().out.partition("\n")[0] == line


@pytest.mark.parametrize("when", ["CAPA", "AUTH", "AUTH LOGIN", "STLS"])
def test_when_the_time_is_over_what_was_found_is_reported_and_the_rest_is_unknown(
    when: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from time import monotonic

    passed = [0.0]
    for module in ("client", "connections"):
        monkeypatch.setattr(f"minipop.probe.{module}.monotonic", lambda: monotonic() + passed[0])

    def script(peer: Peer) -> None:
        """Answer all, but let a day pass before one reply."""
        peer.say("+OK ready")
        while (line := peer.line()) != "QUIT":
            if line == when:
                passed[0] = 86_400
            peer.say("+OK" if line.startswith("USER") else "-ERR no")

    with Server(script) as plain, closed_port() as closed:
        words = ["--port", str(plain.port), "--tls-port", str(closed), "--json"]
        status = main(["probe", "127.0.0.1", "--ca-file", servers.ca_file(tmp_path), *words])
    data = read(capsys.readouterr().out)
    codes = {finding["code"] for finding in data["findings"]}
    assert data["out_of_time"]
    assert "deadline" in codes
    late = when == "STLS"
    assert ("password-in-clear" in codes, status) == (late, 3 if late else 1)
    assert data["verdict"]["plain"]["password"] == ("password-and-mail-readable" if late else "unknown")
    assert set(data["verdict"]["tls"].values()) == {"unknown"}
