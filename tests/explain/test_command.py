"""``minipop explain``: files, standard input, both languages, JSON, and its exit status."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from minipop.cli import main

TRANSCRIPT = """\
S: +OK The Microsoft Exchange POP3 service is ready. [TABBAEIAMAAxAC4AbQB1AHMAdABlAHIA]
C: USER anna
S: +OK
C: PASS Sommer2026
S: -ERR Logon failure: unknown user name or bad password.
"""

LOG = (
    "2012-03-08T21:26:13.296Z,0000000000000002,2,, ,,46,10,29,pass,Sommer2026,"
    '"R=""-ERR Server Unavailable. 21"";Msg=x;Excpt=System.IO.FileNotFoundException"\n'
)


def explained(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["explain", *arguments])
    out, err = capsys.readouterr()
    return status, out, err


def written(tmp_path: Path, text: str | bytes) -> str:
    file = tmp_path / "pop.log"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(file)


def test_a_transcript_is_explained_line_by_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = explained(capsys, written(tmp_path, TRANSCRIPT))
    assert (status, err) == (0, "")
    assert [line for line in out.splitlines() if line.startswith("line ")] == [
        "line 1: " + TRANSCRIPT.splitlines()[0],
        "line 2: C: USER anna",
        "line 3: S: +OK",
        "line 4: C: PASS ********",
        "line 5: S: -ERR Logon failure: unknown user name or bad password.",
    ]
    assert "The client sends the password." in out
    assert "The log-on was refused. The reply does not say why, or whether the name exists." in out
    assert "Log on with the UPN" in out
    assert "](" not in out
    assert "<code>" not in out
    assert max(map(len, out.splitlines()[1:])) <= 100
    assert "Sommer2026" not in out


def test_it_speaks_german(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = explained(capsys, written(tmp_path, TRANSCRIPT), "--lang", "de")
    assert status == 0
    assert "Zeile 5: S: -ERR Logon failure" in out
    assert "Ursachen:" in out
    assert "Melden Sie sich mit dem UPN an" in out


def test_an_exchange_log_tells_reply_and_exception(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = explained(capsys, "--json", written(tmp_path, LOG))
    told = json.loads(out)
    assert status == 0
    assert [finding["entries"] for finding in told["findings"]] == [["server-unavailable"], ["protocol-log"]]
    assert told["findings"][0]["command"] == "PASS"
    assert told["commands"][0]["command"] == "PASS"
    assert "Excpt=" in told["entries"]["protocol-log"]["cause"]
    assert told["entries"]["server-unavailable"]["anchor"] == "reply-server-unavailable"
    assert told["entries"]["server-unavailable"]["on_record"] is True
    assert "Sommer2026" not in out


def test_standard_input_is_read_without_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in ([], ["-"]):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"curl: (67) Login denied\n")))
        status, out, _ = explained(capsys, *arguments)
        assert status == 0
        assert "The program only says that the log-on failed" in out


def test_what_no_exchange_is_known_to_send_is_marked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = explained(capsys, written(tmp_path, "-ERR Too many connections of this user.\n"))
    assert "(assumed: no real Exchange is known to send this)" in " ".join(out.split())
    _, out, _ = explained(capsys, written(tmp_path, "-ERR Server Unavailable. 21\n"))
    assert "assumed" not in out


def test_an_entry_stands_in_full_once_and_equal_lines_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = "-ERR Unknown command.\n" * 500 + "b'-ERR Unknown command.' -ERR Server Unavailable. 21\n"
    _, out, _ = explained(capsys, written(tmp_path, log))
    assert out.count("What to do:") == 2
    assert [line.split(":")[0] for line in out.splitlines() if line.startswith("line")] == [
        "line 1",
        "line 501",
    ]
    assert "(see line 1)" in out


@pytest.mark.parametrize("text", ["", "\n\n", "Guten Tag\n", "-ERR out of cheese\n"])
def test_nothing_known_is_status_1(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    status, out, err = explained(capsys, written(tmp_path, text))
    assert (status, err) == (1, "")
    assert "minipop recognizes none of this." in out
    status, out, _ = explained(capsys, "--json", written(tmp_path, text))
    assert status == 1
    assert json.loads(out)["entries"] == {}


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n\0\0\0", b"\xff\xfeabc"], ids=["binary", "broken UTF-16"]
)
def test_what_is_no_text_is_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes) -> None:
    status, out, err = explained(capsys, written(tmp_path, data))
    assert (status, out) == (2, "")
    assert err.startswith("minipop explain: ")
    assert " is no text: " in err
    assert err.count("\n") == 1


def test_a_file_that_is_not_there_is_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in (tmp_path / "missing.log", tmp_path):
        status, out, err = explained(capsys, str(name))
        assert (status, out) == (2, "")
        assert err.startswith(f"minipop explain: {name}: ")
        assert err.count("\n") == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_is_read_as_windows_writes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], encoding: str
) -> None:
    text = "+OK Der Microsoft Exchange Server 2003 POP3-Server, Version 6.5 (a.b), steht zur Verfügung.\r\n"
    status, out, _ = explained(capsys, written(tmp_path, text.encode(encoding)))
    assert status == 0
    assert "steht zur Verfügung." in out


@pytest.mark.slow
def test_of_a_huge_file_the_end_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, b"x" * 78 + b"\n")
    with Path(file).open("ab") as log:
        for _ in range(9):
            log.write((b"y" * 78 + b"\n") * 13_000)
        log.write(b"-ERR Server Unavailable. 21\n")
    status, out, _ = explained(capsys, file)
    assert status == 0
    assert out.startswith("The text is very long. minipop has read only the last ")
    assert "-ERR Server Unavailable. 21" in out


def test_addresses_in_the_explanations_are_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Angle brackets would be taken for markup, which the terminal is spared."""
    _, out, _ = explained(capsys, written(tmp_path, "JSONDecodeError('Expecting value')\n"))
    assert "https://login.microsoftonline.com/TENANT/oauth2/v2.0/token" in out


def test_control_characters_of_a_log_do_not_reach_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = explained(capsys, written(tmp_path, "\x1b[31m-ERR Unknown command.\x07\n"))
    assert "\x1b" not in out
    assert "\x07" not in out
