"""``minipop serve`` in a process of its own: the JSON line, signals, and bad input told in one line."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from evidence.patience import PATIENCE
from evidence.raw import Raw, context
from minipop import Lab
from minipop.cli import main
from tests.kerberos import needs_kerberos
from tests.known import EDITIONS

COMMAND = [sys.executable, "-m", "minipop"]

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start ``minipop serve`` with options; what still runs at the end of the test is killed."""
    processes: list[subprocess.Popen[str]] = []

    def serve(*options: str) -> "subprocess.Popen[str]":
        command = [*COMMAND, "serve", "--port", "0", "--tls-port", "0", *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        processes.append(process)
        return process

    yield serve
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=PATIENCE)


def description(process: "subprocess.Popen[str]") -> dict[str, Any]:
    """Read the one line of JSON."""
    assert process.stdout
    found: dict[str, Any] = json.loads(process.stdout.readline())
    return found


def test_one_line_of_json_says_everything_as_soon_as_both_ports_answer(start: Start) -> None:
    server = start("--json", "--login-type", "PlainTextLogin")
    told = description(server)
    assert list(told) == [
        "edition",
        "host",
        "port",
        "tls_port",
        "ca_file",
        "accounts",
        "login_type",
        "issuer",
        "krb5",
        "support",
    ]
    assert (told["edition"], told["host"]) == ("2016", "127.0.0.1")
    assert (told["login_type"], told["issuer"], told["krb5"]) == ("PlainTextLogin", None, None)
    assert told["support"] == {"ended": "2025-10-14", "paid_updates_until": "2026-10"}
    with Raw(told["port"]) as plain, Raw(told["tls_port"]) as tls:
        assert plain.log_on(b"anna", b"Sommer2026").ask(b"STAT").startswith(b"+OK 10 ")
        verified = context(told["ca_file"]).wrap_socket(tls.socket, server_hostname="127.0.0.1")
        assert verified.recv(100).startswith(b"+OK The Microsoft Exchange")
        verified.close()
    server.send_signal(signal.SIGTERM)
    out, err = server.communicate(timeout=PATIENCE)
    assert (out, err, server.returncode) == ("", "", 0)
    assert not Path(told["ca_file"]).exists()


@pytest.mark.parametrize(
    ("options", "password", "subject", "folders"),
    [
        ((), "Grüße4Clara", b"Bitte POP3 abschalten", {".Projekt Faxabl&APY-sung"}),
        (("--lang", "de"), "Grüße4Clara", b"Bitte POP3 abschalten", {".Projekt Faxabl&APY-sung"}),
        (("--lang", "en"), "£20 for Clara", b"Please switch off POP3", {".Fax replacement project"}),
    ],
    ids=["default", "de", "en"],
)
def test_the_language_decides_on_the_mail_and_on_claras_password(
    start: Start, tmp_path: Path, options: tuple[str, ...], password: str, subject: bytes, folders: set[str]
) -> None:
    told = description(
        start("--json", "--login-type", "PlainTextLogin", "--maildir", str(tmp_path / "mail"), *options)
    )
    assert told["accounts"][2]["password"] == password
    with Raw(told["port"]) as client:
        client.log_on(b"clara.weiss@muster.example", password.encode())
        assert client.ask(b"TOP 1 0").startswith(b"+OK")
        assert b"Subject: " + subject + b"\r\n" in client.text()
    found = {path.name for path in (tmp_path / "mail" / "anna").iterdir() if path.name.startswith(".")}
    assert {name for name in found if "Fax" in name} == folders
    assert {".Sent Items", ".Deleted Items"} < found


def test_the_json_names_every_account_of_the_built_in_world(start: Start) -> None:
    accounts = description(start("--json"))["accounts"]
    assert [account["alias"] for account in accounts] == [
        "anna",
        "bernd.mueller",
        "cweiss",
        "dora",
        "fax",
        "info",
    ]
    assert set(accounts[0]) == {
        "name",
        "domain",
        "sam",
        "alias",
        "upn",
        "primary",
        "proxies",
        "password",
        "pop_enabled",
    }
    assert accounts[1]["password"] == "Winter ist kalt 7"
    assert accounts[3]["pop_enabled"] is False
    assert (accounts[5]["sam"], accounts[5]["password"], accounts[5]["proxies"]) == (None, None, [])


@needs_kerberos
def test_realm_and_settings_of_the_command_line_reach_the_service(start: Start) -> None:
    options = (
        "--secure-login",
        "observed",
        "--gssapi-ntlm",
        "on",
        "--extended-protection",
        "Allow",
        "--kerberos",
    )
    server = start("--json", *options)
    told = description(server)
    assert told["krb5"]["realm"] == "MUSTER.EXAMPLE"
    with Raw(told["port"]) as client:
        client.line()
        assert client.ask(b"AUTH NTLM") == b"+ "
        assert client.ask(b"*").startswith(b"-ERR")
        assert client.ask(b"AUTH GSSAPI") == b"+ "
    server.send_signal(signal.SIGTERM)
    server.communicate(timeout=PATIENCE)
    assert server.returncode == 0
    assert not Path(told["krb5"]["config"]).exists()


def test_the_switch_closes_ntlm_before_tls_and_the_issuer_is_named(start: Start) -> None:
    closed = description(start("--json", "--login-type", "PlainTextLogin", "--gssapi-ntlm", "off"))
    with Raw(closed["port"]) as client:
        client.line()
        assert client.ask(b"AUTH NTLM").startswith(b"-ERR")
        assert client.ask(b"AUTH PLAIN") == b"+ "
    told = description(start("--json", "--edition", "online", "--issuer"))
    assert told["issuer"]["authority"].startswith("https://127.0.0.1:")
    assert told["issuer"]["client_id"] == "7e4a47a0-0000-4000-8000-0000000000fa"
    assert told["issuer"]["client_secret"] == "Faxabruf-Geheimnis-2026"


def test_the_client_id_and_the_secret_of_the_issuer_are_on_standard_output_and_in_no_log(
    start: Start,
) -> None:
    server = start("--edition", "online", "--issuer")
    assert server.stdout
    told = "".join(iter(server.stdout.readline, "Stop with Ctrl+C.\n"))
    server.send_signal(signal.SIGTERM)
    rest, err = server.communicate(timeout=PATIENCE)
    assert told.count("7e4a47a0-0000-4000-8000-0000000000fa  Faxabruf-Geheimnis-2026") == 1
    assert "7e4a47a0-0000-4000-8000-000000000110" in told
    assert (rest, err) == ("", "")


def test_without_an_issuer_online_says_that_every_token_is_refused(start: Start) -> None:
    server = start("--edition", "online")
    assert server.stdout
    told = "".join(iter(server.stdout.readline, "Stop with Ctrl+C.\n"))
    assert "issuer of tokens            none, so every token is refused; --issuer starts one" in told


def test_the_first_line_says_whether_the_version_is_supported(start: Start) -> None:
    server = start("--edition", "2013")
    assert server.stdout
    said = server.stdout.readline().strip()
    assert said.endswith("edition 2013: Exchange Server 2013, support ended on 11 April 2023")


def test_ntlm_v1_is_a_loud_switch(start: Start) -> None:
    server = start("--ntlm-v1")
    assert server.stdout
    lines = iter(server.stdout.readline, "")
    assert any("UNSAFE" in line and "NTLMv1" in line for line in lines)


def test_a_threshold_locks_accounts_of_the_service(start: Start) -> None:
    told = description(start("--json", "--login-type", "PlainTextLogin", "--lockout-threshold", "1"))
    with Raw(told["port"]) as client:
        client.line()
        for password in (b"wrong", b"Sommer2026"):
            client.ask(b"USER anna")
            assert client.ask(b"PASS " + password).startswith(b"-ERR Logon failure")
        client.ask(b"USER bmueller@muster.example")
        assert client.ask(b"PASS Winter ist kalt 7").startswith(b"+OK")


@pytest.mark.parametrize("edition", ["2000", "2003", "online", "rfc"])
def test_the_login_type_of_an_edition_that_has_none_is_null(
    edition: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("threading.Event.wait", lambda *_: True)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert main(["serve", "--json", "--port", "0", "--tls-port", "0", "--edition", edition]) == 0
    assert json.loads(capsys.readouterr().out)["login_type"] is None


def test_what_is_said_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    labs: list[Lab] = []

    def made(*arguments: Any, **keywords: Any) -> Lab:
        labs.append(Lab(*arguments, **keywords))
        return labs[-1]

    monkeypatch.setattr("minipop.cli.Lab", made)
    monkeypatch.setattr("minipop.cli.print_now", lambda _: False)  # nobody is left to serve
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert main(["serve", "--port", "0", "--tls-port", "0"]) == 0
    with pytest.raises(RuntimeError, match="keeps no transcript"):
        _ = labs[0].transcript


def test_foreign_accounts_are_told_without_their_passwords(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "accounts.toml"
    file.write_text(
        '[[accounts]]\nname = "Erna"\nalias = "erna"\nsam = "erna"\npassword = "geheim"\n'
        'proxies = ["e@x.example"]\nfull_access = ["fritz"]\n',
        "utf-8",
    )
    server = start("--json", "--login-type", "PlainTextLogin", "--accounts", str(file))
    told = description(server)
    assert "geheim" not in json.dumps(told)
    assert [account["alias"] for account in told["accounts"]] == ["erna"]
    with Raw(told["port"]) as client:
        assert client.log_on(b"erna", b"geheim").ask(b"STAT") == b"+OK 0 0"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_open_sessions_without_deleting_and_exits_with_0(start: Start, number: int) -> None:
    server = start("--json", "--login-type", "PlainTextLogin")
    told = description(server)
    clients = [Raw(told["port"]), Raw(told["tls_port"], tls=True)]
    for client in clients:
        client.log_on(b"anna", b"Sommer2026").ask(b"DELE 1")
    with Raw(told["tls_port"]) as mute, Raw(told["port"]) as greeted:
        greeted.line()
        server.send_signal(number)
        out, err = server.communicate(timeout=PATIENCE)
        assert (out, err, server.returncode) == ("", "", 0)
        for client in (*clients, mute, greeted):
            assert client.rest() == b""  # no reply to a QUIT that was never sent
            client.close()


def test_a_person_is_told_where_to_connect_and_how_to_stop(start: Start) -> None:
    server = start("--edition", "2010")
    assert server.stdout
    lines = [server.stdout.readline()]
    while "Ctrl+C" not in lines[-1]:
        lines.append(server.stdout.readline())
        assert lines[-1], lines
    assert "Exchange Server 2010" in lines[0]
    port = next(int(line.rsplit(":")[-1]) for line in lines if "110-style" in line)
    with Raw(port) as client:
        assert client.line().startswith(b"+OK")


def test_a_terminal_that_hung_up_is_no_reason_for_a_traceback() -> None:
    command = [*COMMAND, "serve", "--json", "--port", "0", "--tls-port", "0"]
    reader, writer = os.pipe()
    os.close(reader)
    with subprocess.Popen(command, stdout=writer, stderr=subprocess.PIPE, text=True) as server:
        os.close(writer)
        try:
            _, err = server.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            server.terminate()
            _, err = server.communicate(timeout=PATIENCE)
    assert "Traceback" not in err


PRINTING = [
    ["--help"],
    ["--version"],
    ["explain"],
    ["explain", "--json"],
    ["explain", "--help"],
    ["matrix", "--edition", "rfc"],
    ["matrix", "--edition", "rfc", "--json"],
    ["probe", "127.0.0.1", "--port", "1", "--tls-port", "1", "--json"],
    ["probe", "127.0.0.1", "--port", "1", "--tls-port", "1", "--expect", "tls"],
    ["serve", "--port", "0", "--tls-port", "0"],
    ["serve", "--port", "0", "--tls-port", "0", "--json"],
]


@pytest.mark.parametrize("words", PRINTING, ids=" ".join)
def test_a_command_whose_reader_hung_up_ends_quietly(words: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [*COMMAND, *words]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=writer, stderr=subprocess.PIPE, text=True
    ) as process:
        os.close(writer)
        try:
            _, err = process.communicate("-ERR Unknown command.\n", timeout=PATIENCE)
        finally:
            process.kill()
    assert err.count("\n") <= 1  # the probe says that no server answers there
    assert "BrokenPipeError" not in err
    assert process.returncode == (2 if words[0] == "probe" else 0)


def test_every_command_is_tried_with_a_reader_that_hung_up(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    listed = re.search("{([a-z,]+)}", capsys.readouterr().out)
    assert listed
    assert {words[0] for words in PRINTING if words[0].isalpha()} == {*listed[1].split(",")}


# -- bad input: one line that says what and where, exit 2, no traceback ---------------------------------


def refused(capfd: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run the command, which must refuse to, and return its one line on standard error."""
    try:
        status = main(arguments)
    except SystemExit as end:  # argparse leaves this way
        status = end.code if isinstance(end.code, int) else -1
    out, err = capfd.readouterr()
    assert (status, out) == (2, "")
    assert err.startswith("minipop")
    assert err.count("\n") == 1
    assert err.endswith("\n")
    return err


BAD_OPTIONS = [
    (["--edition", "2005"], ["'2005'", ", ".join(EDITIONS)]),
    (["--edition", ""], ["''", "choose one of"]),
    (["--login-type", "Plain"], ["'Plain'", "PlainTextLogin, PlainTextAuthentication, SecureLogin"]),
    (["--edition", "rfc", "--login-type", "SecureLogin"], ["'rfc'", "no LoginType"]),
    (["--edition", "2003", "--login-type", "PlainTextLogin"], ["'2003'", "no LoginType"]),
    (["--secure-login", "maybe"], ["'maybe'", "documented, observed"]),
    (["--edition", "2003", "--secure-login", "observed"], ["'2003'", "no LoginType"]),
    (["--gssapi-ntlm", "yes"], ["--gssapi-ntlm", "on", "off"]),
    (["--edition", "2007", "--gssapi-ntlm", "off"], ["'2007'", "no EnableGSSAPIAndNTLMAuth"]),
    (["--edition", "online", "--ntlm-v1"], ["'online'", "no NTLM"]),
    (["--extended-protection", "require"], ["'require'", "None, Allow, Require"]),
    (["--lockout-threshold", "many"], ["--lockout-threshold", "'many'"]),
    (["--lockout-threshold", "1000"], ["lockoutThreshold", "0 to 999", "1000"]),
    (["--edition", "online", "--lockout-threshold", "3"], ["'online'", "no passwords"]),
    (["--edition", "2003", "--kerberos"], ["'2003'", "no GSSAPI"]),
    (["--edition", "2016", "--issuer"], ["'2016'", "no XOAUTH2"]),
    (["--host", "0.0.0.0"], ["0.0.0.0", "loopback", "allow"]),
    (["--host", ""], ["loopback"]),
    (["--host", "example.org"], ["example.org", "loopback"]),
    (["--host", "192.0.2.1", "--allow-remote"], ["192.0.2.1", "port 0"]),
    (["--host", "a..b", "--allow-remote"], ["a..b"]),
    (["--host", "8.8.8.8", "--allow-remote"], ["8.8.8.8", "public", "--i-know-this-is-a-lab"]),
    (["--host", "8.8.2056", "--allow-remote"], ["8.8.2056 (8.8.8.8)", "--i-know-this-is-a-lab"]),
    (["--host", "2001:4860::1", "--allow-remote"], ["2001:4860::1", "public", "--i-know-this-is-a-lab"]),
    (["--host", "::ffff:8.8.8.8", "--allow-remote"], ["8.8.8.8", "public", "--i-know-this-is-a-lab"]),
    (["--host", "8.8.8.8", "--i-know-this-is-a-lab"], ["8.8.8.8 is not loopback", "--allow-remote"]),
    # Admitted, but none of this machine's.
    (["--host", "8.8.8.8", "--allow-remote", "--i-know-this-is-a-lab"], ["cannot listen on 8.8.8.8 port 0"]),
    (["--port", "65536"], ["--port", "'65536'", "65535"]),
    (["--port", "-1"], ["--port"]),
    (["--port", "pop3"], ["--port", "'pop3'"]),
    (["--port", "110.0"], ["--port", "'110.0'"]),
    (["--port", "9" * 5_000], ["--port"]),
    (["--port", "²"], ["--port"]),
    (["--tls-port", "x"], ["--tls-port", "'x'"]),
    (["--port"], ["--port", "expected"]),
    (["--nonsense"], ["--nonsense"]),
    (["extra"], ["extra"]),
]


@pytest.mark.parametrize(("options", "named"), BAD_OPTIONS, ids=lambda value: " ".join(value)[:40])
def test_a_bad_option_is_named_in_one_line(
    options: list[str], named: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    ports = [] if "--port" in options or "--tls-port" in options else ["--port", "0", "--tls-port", "0"]
    line = refused(capfd, "serve", *ports, *options)
    assert [word for word in named if word not in line] == []


def test_a_command_is_needed_and_must_be_known(capfd: pytest.CaptureFixture[str]) -> None:
    assert "command" in refused(capfd)
    assert "'sreve'" in refused(capfd, "sreve")


@pytest.mark.parametrize("option", ["--port", "--tls-port"])
def test_a_port_that_is_taken_is_named(option: str, capfd: pytest.CaptureFixture[str]) -> None:
    other = "--tls-port" if option == "--port" else "--port"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        line = refused(capfd, "serve", option, port, other, "0")
    assert f"127.0.0.1 port {port}" in line
    assert "in use" in line


#   content of the accounts file             what the line names
BAD_ACCOUNTS: list[tuple[bytes, list[str]]] = [
    (b"", ["[[accounts]]"]),
    (b"accounts = 1", ["[[accounts]]"]),
    (b"accounts = [1]", ["account 1"]),
    (b"[[accounts]]\nalias = 'e'", ["account 1", "name"]),
    (b"[[accounts]]\nname = 'E'", ["account 1", "alias"]),
    (b"[[accounts]]\nname = 'E'\nalias = 7", ["account 1", "alias"]),
    (b"[[accounts]]\nname = 'E'\nalias = 'e'\nproxies = 'x'", ["account 1", "proxies"]),
    (b"[[accounts]]\nname = 'E'\nalias = 'e'\nnonsense = 1", ["account 1", "nonsense"]),
    (b"[[accounts]]\nname = 'E'\nalias = 'e'\n[[accounts]]\nname = 'F'\nalias = 'E'", ["alias", "twice"]),
    (b"[[accounts\n", ["line 1"]),
    (b"\xff\xfe", ["utf-8"]),
    (b"\x89PNG\r\n\x1a\n\x00", ["utf-8"]),
]


@pytest.mark.parametrize(("content", "named"), BAD_ACCOUNTS)
def test_an_accounts_file_that_cannot_be_used_is_named_with_what_is_wrong(
    content: bytes, named: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "konten.toml"
    file.write_bytes(content)
    line = refused(capfd, "serve", "--accounts", str(file))
    assert str(file) in line
    assert [word for word in named if word not in line] == []


def test_an_accounts_file_that_is_not_there_or_no_file_is_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert "missing.toml: No such file" in refused(
        capfd, "serve", "--accounts", str(tmp_path / "missing.toml")
    )
    assert "Is a directory" in refused(capfd, "serve", "--accounts", str(tmp_path))


def test_the_process_says_the_same_in_one_line_with_status_2() -> None:
    run = subprocess.run(
        [*COMMAND, "serve", "--edition", "2005"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert run.returncode == 2
    assert run.stdout == ""
    assert run.stderr.startswith("minipop: unknown edition '2005'; choose one of ")
    assert run.stderr.count("\n") == 1


def test_the_version_and_the_help_are_told_with_status_0(capfd: pytest.CaptureFixture[str]) -> None:
    for arguments, expected in ((["--version"], "0."), (["serve", "--help"], "--allow-remote")):
        with pytest.raises(SystemExit) as end:
            main(arguments)
        assert end.value.code == 0
        assert expected in capfd.readouterr().out
