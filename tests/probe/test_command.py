"""``minipop probe`` on the command line: exit statuses, bad input in one line, the password's way in."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from evidence.patience import PATIENCE
from minipop import Lab
from minipop.cli import main
from tests.probe import servers
from tests.probe.servers import Peer, Server, closed_port


def refused(capfd: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run the command, which must refuse to, and return its one line on standard error."""
    try:
        status = main(["probe", *arguments])
    except SystemExit as end:  # argparse leaves this way
        status = end.code if isinstance(end.code, int) else -1
    out, err = capfd.readouterr()
    assert (status, out) == (2, "")
    assert err.startswith("minipop probe: ")
    assert err.count("\n") == 1
    assert err.endswith("\n")
    return err


BAD = [
    ([], "HOST"),
    ([""], "''"),
    (["a b"], "'a b'"),
    (["mail.muster.example:110"], "--port"),
    (["[::1"], "'[::1'"),
    (["a..b"], "'a..b'"),
    (["x" * 300], "no host"),
    (["pop3://mail.muster.example"], "no host"),
    (["anna@mail.muster.example"], "no host"),
    (["h", "--name", ""], "''"),
    (["h", "--name", "a..b"], "'a..b'"),
    (["h", "--port", "0"], "1 to 65535"),
    (["h", "--tls-port", "65536"], "1 to 65535"),
    (["h", "--port", "²"], "--port"),
    (["h", "--timeout", "0"], "--timeout"),
    (["h", "--pause", "-1"], "--pause"),
    (["h", "--deadline", "0"], "--deadline"),
    (["h", "--key", "/nonexistent"], "--key needs --cert"),
    (["h", "--cert", "/nonexistent"], "/nonexistent: no certificate with its key: No such file"),
    (["h", "--timeout", "-1"], "--timeout"),
    (["h", "--timeout", "nan"], "--timeout"),
    (["h", "--timeout", "inf"], "--timeout"),
    (["h", "--timeout", "long"], "'long'"),
    (["h", "--lang", "fr"], "--lang"),
    (["h", "--ca-file", "/nonexistent"], "/nonexistent: No such file"),
    (["h", "--password-stdin"], "--user"),
    (["h", "--user", "", "--password-stdin"], "''"),
    (["h", "--user", "anna\r\nDELE 1", "--password-stdin"], "DELE 1"),
]


@pytest.mark.parametrize(("arguments", "named"), BAD, ids=lambda value: " ".join(value)[:40])
def test_bad_input_is_named_in_one_line(
    arguments: list[str], named: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Sommer2026\n"))
    assert named in refused(capfd, *arguments)


def test_a_password_cannot_be_given_on_the_command_line(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["probe", "127.0.0.1", "--user", "anna", "--password", "x"])
    assert end.value.code == 2
    assert "unrecognized arguments: --password x" in capfd.readouterr().err


@pytest.mark.parametrize("content", [b"", b"no PEM", b"\x00\xff"])
def test_a_ca_file_without_certificates_is_named(
    content: bytes, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "ca.pem"
    file.write_bytes(content)
    assert str(file) in refused(capfd, "127.0.0.1", "--ca-file", str(file))


@pytest.mark.parametrize("line", ["", "\n", "\0\n", "a\0b\n"])
def test_a_password_that_is_none_is_refused_before_anything_is_sent(
    line: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(line))
    assert "no password" in refused(capfd, "127.0.0.1", "--user", "anna", "--password-stdin")


def test_without_a_terminal_nobody_is_asked_for_the_password(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Sommer2026\n"))
    assert "--password-stdin" in refused(capfd, "127.0.0.1", "--user", "anna")


def test_on_a_terminal_one_is_asked_for_the_password(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    asked = []

    def getpass(prompt: str, *_: object) -> str:
        asked.append(prompt)
        return "Sommer2026"

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", getpass)
    with Lab("2016") as lab:
        ports = ["--port", str(lab.port), "--tls-port", str(lab.tls_port), "--ca-file", lab.ca_file]
        assert main(["probe", "127.0.0.1", *ports, "--user", "anna", "--json"]) == 0
    assert len(asked) == 1
    assert "anna" in asked[0]
    assert [logon["accepted"] for logon in json.loads(capsys.readouterr().out)["logons"]] == [True, True]


def test_two_closed_ports_are_one_line_with_status_2(capfd: pytest.CaptureFixture[str]) -> None:
    with closed_port() as one, closed_port() as other:
        ports = ["--port", str(one), "--tls-port", str(other)]
        line = refused(capfd, "127.0.0.1", *ports)
        german = refused(capfd, "127.0.0.1", *ports, "--lang", "de")
    assert f"Port {one}: the port is closed; Port {other}: the port is closed" in line
    assert f"kein POP3-Server auf 127.0.0.1: Port {one}: der Port ist geschlossen" in german


def test_two_ports_without_pop3_are_one_line_with_status_2(capfd: pytest.CaptureFixture[str]) -> None:
    def ssh(peer: Peer) -> None:
        peer.say("SSH-2.0-OpenSSH_9.2")

    with Server(ssh) as one, Server(ssh) as other:
        line = refused(capfd, "127.0.0.1", "--port", str(one.port), "--tls-port", str(other.port))
    assert line.count("SSH-2.0-OpenSSH_9.2") == 2


def test_a_name_that_does_not_resolve_is_one_line_with_status_2(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", unknown)
    assert "the name is not known" in refused(capfd, "mail.muster.example")


#                    edition, options, exit status
STATUSES = [
    ("2016", [], 0),
    ("2016", ["--name", "mail.muster.example"], 1),
    ("2003", [], 3),
    ("rfc", [], 3),
]


@pytest.mark.parametrize("options", [[], ["--json"], ["--lang", "de"]], ids=["en", "json", "de"])
@pytest.mark.parametrize(("edition", "given", "status"), STATUSES)
def test_the_exit_status_tells_the_worst_finding(
    edition: str, given: list[str], status: int, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with Lab(edition) as lab:
        ports = ["--port", str(lab.port), "--tls-port", str(lab.tls_port), "--ca-file", lab.ca_file]
        assert main(["probe", "127.0.0.1", *ports, *given, *options]) == status
    assert capsys.readouterr().err == ""


def test_the_json_is_one_line_with_these_keys(capsys: pytest.CaptureFixture[str]) -> None:
    with Lab("2016") as lab:
        ports = ["--port", str(lab.port), "--tls-port", str(lab.tls_port), "--ca-file", lab.ca_file]
        main(["probe", "127.0.0.1", *ports, "--json"])
        english = capsys.readouterr().out
        main(["probe", "127.0.0.1", *ports, "--json", "--lang", "de"])
        german = capsys.readouterr().out
    assert english.count("\n") == 1
    data = json.loads(english)
    assert list(data) == [
        *("host", "name", "ca_file", "observed", "severity", "exit_status"),
        *("verdict", "findings", "ways", "logons", "logon_trouble"),
        *("version", "server", "out_of_time", "expected", "error"),
    ]
    assert list(data["ways"][1]) == [
        *("way", "port", "trouble", "greeting", "capabilities", "listed", "auth_listed"),
        *("answers", "ntlm", "tls", "injection", "capa", "auth", "turned_away"),
    ]
    assert list(data["ways"][1]["tls"]) == [
        *("versions", "negotiated", "cipher", "trust_error", "name_fits", "certificate", "chain"),
    ]
    assert data["verdict"]["tls"]["password"] == "all-encrypted"
    assert {**data, "observed": ""} == {**json.loads(german), "observed": ""}


def test_the_help_tells_the_exit_statuses(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["probe", "--help"])
    assert end.value.code == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "Exit status: 0 if there is nothing worse than a notice, 1 for a warning, 3 for a danger, 2" in out


def test_a_process_of_its_own_warns_of_nothing_not_even_of_old_tls(tmp_path: Path) -> None:
    with (
        Server(servers.Pop3(context=servers.context())) as plain,
        Server(servers.Pop3(context=servers.context(), at_once=True)) as tls,
    ):
        command = [sys.executable, "-W", "error", "-m", "minipop", "probe", "127.0.0.1"]
        command += ["--port", str(plain.port), "--tls-port", str(tls.port)]
        command += ["--ca-file", servers.ca_file(tmp_path)]
        run = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert "TLS 1.2, TLS 1.3" in " ".join(run.stdout.split())
