"""A client is run once, in a home of its own: its files, its terminal, and what is typed for it."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil

from evidence.clients.client import OUT, Account, Client
from evidence.patience import PATIENCE
from minipop.lab.clients import Transport

#: Blanks, ends of lines, and what controls a terminal.
BLANKS = re.compile(rb"(?:\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|\x1b[=>78M]|[\x00-\x20])+")


def prepare(client: Client, account: Account, mechanism: str, transport: Transport) -> None:
    """Write the files that the client needs, readable by its user alone."""
    home = Path(account.home)
    for folder in ("new", "cur", "tmp"):
        (home / OUT / folder).mkdir(parents=True, exist_ok=True)
    for name, text in {
        client.file: client.configuration(account, mechanism, transport),
        "secret": account.secret,
        **client.files(account),
    }.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).touch(0o600)
        (home / name).write_text(text, "utf-8")


def run(
    client: Client, account: Account, environment: Mapping[str, str] = {}, patience: float = PATIENCE
) -> tuple[int, str]:
    """Run a client until it ends; return its exit code and what it printed.

    Args:
        client: the client.
        account: whose mail it fetches.
        environment: variables besides its own.
        patience: how many seconds it has for that.

    Raises:
        TimeoutError: it did not end.
    """
    answers = client.answers(account)
    variables = {
        "HOME": account.home,
        "LC_ALL": "C.UTF-8",
        "PATH": os.environ["PATH"],
        "TERM": "xterm",
        "LINES": "24",
        "COLUMNS": "80",
        "KRB5_CONFIG": os.devnull,
        **client.environment(account),
        **environment,
    }
    primary, secondary = pty.openpty() if answers else os.pipe()
    process = subprocess.Popen(
        client.command(account.home),
        stdin=secondary if answers else subprocess.DEVNULL,
        stdout=secondary,
        stderr=secondary,
        cwd=account.home,
        env=variables,
        start_new_session=True,
    )
    os.close(secondary)
    try:
        printed = b""
        for data in _printed(primary, answers or {}, patience):
            printed += data
            if any(sign in printed for sign in client.done):
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(PATIENCE)
                return 0, printed.decode("utf-8", "replace")
        return process.wait(PATIENCE), printed.decode("utf-8", "replace")
    finally:
        os.close(primary)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        _await_the_last(process.pid)


def _await_the_last(group: int) -> None:
    """Wait until nothing of a program runs any more: what it started may still write into its home."""
    end = time.monotonic() + 10
    while any(_runs(process, group) for process in psutil.process_iter()):
        if time.monotonic() > end:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        time.sleep(0.05)


def _runs(process: psutil.Process, group: int) -> bool:
    try:
        return os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE
    except (OSError, psutil.Error):
        return False  # it has ended


def words(printed: bytes) -> bytes:
    """Return what a program writes to a terminal as words with one blank between them.

    How many blanks there are, and whether the cursor jumps over them, depends on what has stood there before.
    """
    return BLANKS.sub(b" ", printed)


def _printed(file: int, answers: Mapping[bytes, bytes], patience: float) -> Iterator[bytes]:
    """Read what a program prints until it ends, and answer what it asks, each question once.

    Some programs throw away what has been typed before they ask. So an answer comes a moment late, and once
    more if nothing happens.
    """
    end = time.monotonic() + patience
    asked, left, unheard = b"", dict(answers), b""
    while time.monotonic() < end:
        if not select.select([file], [], [], 2)[0]:
            if unheard:
                os.write(file, unheard)
            continue
        data = b""
        with contextlib.suppress(OSError):  # how Linux tells that the other end of a terminal is closed
            data = os.read(file, 65_536)
        if not data:
            return
        yield data
        asked, unheard = asked + data, b""
        said = words(asked)
        for question in [question for question in left if re.search(question, said)]:
            time.sleep(0.1)
            unheard = left.pop(question)
            os.write(file, unheard)
    raise TimeoutError(f"not done within {patience:.0f} s; it printed {asked[-500:]!r}")
