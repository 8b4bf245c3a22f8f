"""Log-ons that fail for another reason than the password, and a password file with a mark before its text."""

import io
from pathlib import Path

import pytest

from tests.probe import servers
from tests.probe.running import Probed, probe
from tests.probe.servers import Pop3, Server, closed_port
from tests.probe.test_command import refused


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let no time pass where the probe waits, and note how long it would have waited."""
    slept: list[float] = []
    monkeypatch.setattr("minipop.probe.connections.sleep", slept.append)
    return slept


def logged_on(
    script: Pop3,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    typed: str = "Sommer2026\n",
) -> Probed:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    with Server(script) as tls, closed_port() as closed:
        ca = ("--ca-file", servers.ca_file(folder))
        return probe(capsys, closed, tls.port, *ca, "--user", "anna", "--password-stdin")


def server(passed: str, response: str, *capabilities: str) -> Pop3:
    """Return a server whose replies to PASS and to AUTH PLAIN's response are these."""
    inside = {"USER": "+OK", "PASS": passed, "AUTH PLAIN": "+ ", "AG": response, "AUTH": "-ERR"}
    context = servers.context()
    return Pop3(capabilities=capabilities, inside=inside, context=context, at_once=True)


#    the reply, its response code, what is found
REFUSALS = [
    ("-ERR [IN-USE] busy", "IN-USE", "logon-in-use"),
    ("-ERR [LOGIN-DELAY] minimum time between mail checks violated", "LOGIN-DELAY", "logon-delayed"),
    ("-ERR [SYS/TEMP] try later", "SYS/TEMP", "logon-server-trouble"),
    ("-ERR [sys/perm] no such host", "SYS/PERM", "logon-server-trouble"),
    ("-ERR [AUTH] wrong", "AUTH", "logon-refused"),
    ("-ERR wrong", None, "logon-refused"),
]


@pytest.mark.parametrize(("reply", "code", "finding"), REFUSALS)
def test_the_response_code_says_why(
    reply: str,
    code: str | None,
    finding: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    found = logged_on(server(reply, reply), capsys, monkeypatch, tmp_path)
    assert [logon["code"] for logon in found.data["logons"]] == [code, code]
    assert found.codes("warning") == {finding: ["tls"]}
    assert found.status == 1


def test_the_probes_own_second_log_on_is_no_more_than_a_notice_where_it_comes_too_soon(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = logged_on(server("+OK in", "-ERR [LOGIN-DELAY] too soon"), capsys, monkeypatch, tmp_path)
    assert found.codes("notice")["logon-delayed"] == ["tls"]
    assert (found.status, found.codes("warning")) == (0, {})


@pytest.mark.parametrize("line", ["LOGIN-DELAY 30", "login-delay 30 USER"])
def test_the_second_log_on_waits_for_as_long_as_capa_asks(
    line: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    waits: list[float],
) -> None:
    found = logged_on(server("+OK in", "+OK in", line), capsys, monkeypatch, tmp_path)
    assert [wait for wait in waits if wait] == [30]
    assert [logon["accepted"] for logon in found.data["logons"]] == [True, True]


def test_a_delay_that_is_too_long_leaves_the_second_log_on_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = server("+OK in", "+OK in", "LOGIN-DELAY 600")
    found = logged_on(script, capsys, monkeypatch, tmp_path)
    assert [(logon["accepted"], logon["sent"]) for logon in found.data["logons"]] == [
        (True, True),
        (False, False),
    ]
    assert (found.codes("notice")["logon-delayed"], found.status) == (["tls"], 0)
    assert not found.data["out_of_time"]
    assert not any(line.startswith("AG") for _, line in script.heard)


@pytest.mark.parametrize("mark", ["\ufeff", "\u00ef\u00bb\u00bf"], ids=["as UTF-8", "as Latin-1"])
def test_the_mark_before_utf_8_is_never_sent(
    mark: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script = server("+OK in", "+OK in")
    logged_on(script, capsys, monkeypatch, tmp_path, typed=f"{mark}Sommer2026\r\n")
    assert (True, "PASS Sommer2026") in script.heard


def test_a_password_file_that_is_no_utf_8_is_named(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stdin = io.TextIOWrapper(io.BytesIO("\ufeffSommer2026\r\n".encode("utf-16-le")), "utf-8")
    monkeypatch.setattr("sys.stdin", stdin)
    assert "is no UTF-8 text" in refused(capfd, "127.0.0.1", "--user", "anna", "--password-stdin")
