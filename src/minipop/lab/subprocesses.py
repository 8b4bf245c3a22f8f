"""Programs that run beside this process and never outlive it: a KDC, an IMAP4 server.

Each is the child of a shell whose standard input is a pipe, of which only this process holds the other end.
However this process ends, ``kill -9`` included, the shell reads the end of the pipe, kills the program and
removes its folder. (``PR_SET_PDEATHSIG`` would do less: it fires when the *thread* that started the program
ends, it leaves the files, and it must be set between fork and exec.)
"""

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from .data import text
from .stage import Startable

#: Seconds in which a program has to end.
PATIENCE = 30.0

#: How often another port is tried, because a free one may be taken before the program listens on it.
ATTEMPTS = 5


def spawn(
    folder: Path,
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    stdout: int | IO[str] = subprocess.DEVNULL,
    stderr: int | IO[str] = subprocess.DEVNULL,
) -> subprocess.Popen[str]:
    """Start a program under a shell that ends it with this process.

    Args:
        folder: its files, which are removed with it.
        command: the program and its arguments.
        environment: its environment variables.
        stdout: where its output goes.
        stderr: where its messages go.

    Returns:
        The shell; `terminate` ends both.
    """
    return subprocess.Popen(
        ["sh", "-c", text("supervise.sh"), str(folder), *command],
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=stderr,
        encoding="utf-8",
        errors="replace",
        env=environment,
        start_new_session=True,  # so that Ctrl+C at the terminal does not reach the program
    )


def terminate(shell: subprocess.Popen[str], *, keep: bool = False) -> None:
    """Close the pipe: the shell ends the program and itself, and removes the files unless `keep` is true."""
    assert shell.stdin
    with contextlib.suppress(BrokenPipeError), shell.stdin as stdin:
        stdin.write("keep\n" * keep)
    shell.wait(PATIENCE)
    for pipe in (shell.stdout, shell.stderr):
        if pipe:
            pipe.close()


class ChildProcess(Startable):
    """A program with a folder of its own; both are gone after `stop`."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._shell: subprocess.Popen[str] | None = None

    def _set_up(self, prefix: str, *steps: Callable[[Path], None]) -> None:
        """Make the folder and take the steps; if one fails, what those before it have done is undone."""
        self._folder = folder = Path(tempfile.mkdtemp(prefix=prefix))  # with mode 0700
        try:
            for step in steps:
                step(folder)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the program and remove its files. May be called twice."""
        shell, self._shell = self._shell, None
        if shell:
            terminate(shell)
        folder, self._folder = self._folder, None
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """Return a port of 127.0.0.1 that is free just now."""
    import socket  # here, because only these programs need it: see `minipop.lab.stage`

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
