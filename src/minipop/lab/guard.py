"""A program of others that runs beside this one and never outlives it: a KDC, an IMAP4 server.

A shell stands guard over it: its standard input is a pipe whose other end only this process holds, so however
this process ends, ``kill -9`` included, the shell reads the end of the pipe, ends the program and removes its
folder. (``PR_SET_PDEATHSIG`` would do less: it fires when the *thread* that started the program ends, it
leaves the files, and it must be set between fork and exec.)
"""

import contextlib
import shutil
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from .startable import Startable

#: Seconds in which a program has to end.
PATIENCE = 30.0

#: How often another port is tried: a free one may be taken by somebody else before the program has it.
ATTEMPTS = 5

# KILL: at TERM a program may wait for its clients; what is started here has nothing half done.
_GUARD = """\
"$@" </dev/null &
program=$!
trap '' HUP INT TERM
exec >/dev/null 2>&1
read -r keep
kill -KILL $program
wait $program
test "$keep" || rm -rf -- "$0"
"""


def guarded(
    folder: Path,
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    stdout: int | IO[str] = subprocess.DEVNULL,
    stderr: int | IO[str] = subprocess.DEVNULL,
) -> subprocess.Popen[str]:
    """Start a program and its guard.

    Args:
        folder: its files, which are removed with it.
        command: the program and its arguments.
        environment: its environment variables.
        stdout: where its output goes.
        stderr: where its messages go.

    Returns:
        The guard; `dismiss` ends both.
    """
    return subprocess.Popen(
        ["sh", "-c", _GUARD, str(folder), *command],
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=stderr,
        encoding="utf-8",
        errors="replace",
        env=environment,
        start_new_session=True,  # Ctrl+C at the terminal is not for the program
    )


def dismiss(guard: subprocess.Popen[str], *, keep: bool = False) -> None:
    """Close the pipe: the guard ends the program and itself, and removes the files unless `keep` is true."""
    assert guard.stdin
    with contextlib.suppress(BrokenPipeError), guard.stdin as stdin:
        stdin.write("keep\n" * keep)
    guard.wait(PATIENCE)
    for pipe in (guard.stdout, guard.stderr):
        if pipe:
            pipe.close()


class Guarded(Startable):
    """A program under guard, with a folder of its own; both are gone after `stop`."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._guard: subprocess.Popen[str] | None = None

    def stop(self) -> None:
        """End the program and remove its files. May be called twice."""
        guard, self._guard = self._guard, None
        if guard:
            dismiss(guard)
        folder, self._folder = self._folder, None
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """Return a port of 127.0.0.1 that is free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
