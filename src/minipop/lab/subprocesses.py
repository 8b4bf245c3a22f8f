"""Programs that run beside this process and never outlive it: a KDC, an IMAP4 server.

Each is the child of a supervisor (`minipop.lab.supervise`) whose standard input is a pipe, of which only
this process holds the other end. However this process ends, ``kill -9`` included, the supervisor reads the
end of the pipe, kills the program and removes its folder. (``PR_SET_PDEATHSIG`` would do less: it fires when
the *thread* that started the program ends, it leaves the files, it must be set between fork and exec, and
Linux alone has it.)
"""

import contextlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from .stage import Startable

#: Without the packages that are installed, because it needs none and is to start at once.
_SUPERVISE = [sys.executable, "-I", "-S", str(Path(__file__).with_name("supervise.py"))]

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
    """Start a program under a supervisor that ends it with this process.

    Args:
        folder: its files, which are removed with it.
        command: the program and its arguments.
        environment: its environment variables.
        stdout: where its output goes.
        stderr: where its messages go.

    Returns:
        The supervisor; `terminate` ends both.
    """
    return subprocess.Popen(
        [*_SUPERVISE, str(folder), *command],
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=stderr,
        encoding="utf-8",
        errors="replace",
        env=environment,
        start_new_session=True,  # so that Ctrl+C at the terminal does not reach the program
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # the same on Windows
    )


def terminate(supervisor: subprocess.Popen[str], *, keep: bool = False) -> None:
    """Close the pipe: the supervisor ends the program and itself, and removes the files.

    Args:
        supervisor: what `spawn` has returned.
        keep: whether the files stay, for another attempt.
    """
    assert supervisor.stdin
    with contextlib.suppress(BrokenPipeError), supervisor.stdin as stdin:
        stdin.write("keep\n" * keep)
    supervisor.wait(PATIENCE)
    for pipe in (supervisor.stdout, supervisor.stderr):
        if pipe:
            pipe.close()


class ChildProcess(Startable):
    """A program with a folder of its own; both are gone after `stop`."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._supervisor: subprocess.Popen[str] | None = None

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
        supervisor, self._supervisor = self._supervisor, None
        if supervisor:
            terminate(supervisor)
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
