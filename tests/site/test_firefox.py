"""The terminal and a lesson in Firefox, whose engine is not Chromium's."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from evidence.patience import PATIENCE

DRIVER = Path(__file__).with_name("firefox.mjs")
FIREFOX = ("firefox-esr", "firefox")


@pytest.fixture(scope="module")
def seen(address: str) -> dict[str, Any]:
    """What Firefox showed, by the names in firefox.mjs; without Firefox, a test is skipped."""
    path = next(filter(None, map(shutil.which, FIREFOX)), None)
    if path is None:
        pytest.skip("no Firefox on this machine (Debian's package is in apt.txt)")
    done = subprocess.run(
        ["node", str(DRIVER), path, address, str(int(1000 * PATIENCE))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shown: dict[str, Any] = json.loads(done.stdout)
    return shown


def test_a_reader_logs_on_deletes_and_reads_along(seen: dict[str, Any]) -> None:
    terminal = seen["terminal"]
    assert terminal["errors"] == []
    assert "Firefox/" in terminal["version"]
    log = terminal["log"]
    assert [line for line in log if line.startswith("C:")] == [
        "C: USER anna",
        "C: PASS ********",
        "C: LIST",
        "C: DELE 1",
        "C: QUIT",
    ]
    assert log[:6] == [
        "S: +OK The Microsoft Exchange POP3 service is ready.",
        "C: USER anna",
        "S: +OK",
        "C: PASS ********",
        "S: +OK User successfully logged on.",
        "C: LIST",
    ]
    assert "S: +OK 10 2045733" in log
    assert "Intercepted: the password Sommer2026" in terminal["wire"]
    inbox, kept = (
        next(folder for folder in terminal["folders"] if folder.startswith(name))
        for name in ("Inbox", "Recoverable Items: Deletions")
    )
    assert "Welcome!" not in inbox
    assert "Welcome!" in kept


def test_the_first_lesson_comes_out_as_printed(seen: dict[str, Any]) -> None:
    lesson = seen["lesson"]
    assert lesson["errors"] == []
    assert lesson["states"] == ["equal"] * 21
    assert lesson["status"] == "21 Zellen ausgeführt, alle mit der abgedruckten Ausgabe."
