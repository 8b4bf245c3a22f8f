"""``minipop serve`` in a process of its own: started, ended and started again, and measured from outside."""

import json
import os
import signal
import ssl
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from evidence.patience import PATIENCE
from evidence.raw import context

OPTIONS = ("--json", "--login-type", "PlainTextLogin", "--port", "0", "--tls-port", "0")


@dataclass(frozen=True)
class Address:
    """Where one process listens, and how its certificate is verified."""

    port: int
    tls_port: int
    context: ssl.SSLContext


@dataclass(frozen=True)
class Sample:
    """What a process uses: resident memory in bytes, open file handles, threads."""

    memory: int
    handles: int
    threads: int

    def __str__(self) -> str:
        return f"{self.memory / 1e6:.1f} MB, {self.handles} handles, {self.threads} threads"


class Server:
    """A server on a directory of Maildirs, as users run it.

    Args:
        folder: where all of it lies: ``mail``, what it says on standard error, its temporary files.
    """

    def __init__(self, folder: Path) -> None:
        self.directory = folder / "mail"
        self.errors = folder / "stderr"
        self._temporary = folder / "temporary"
        self._temporary.mkdir()
        self._process: subprocess.Popen[str] | None = None
        self._up = threading.Event()
        self._address: Address | None = None
        self.first = Sample(0, 0, 0)

    def start(self) -> None:
        """Start a process; its first figures are taken before any client knows of it."""
        with self.errors.open("a") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "minipop", "serve", "--maildir", str(self.directory), *OPTIONS],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={**os.environ, "TMPDIR": str(self._temporary)},
            )
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the server does not start: {self.errors.read_text('utf-8')[-2000:]}")
        told = json.loads(line)
        self.first = self.sample()
        self._address = Address(told["port"], told["tls_port"], context(told["ca_file"]))
        self._up.set()

    def end(self, how: signal.Signals) -> int:
        """Send a signal; return the exit status, once the process is gone."""
        assert self._process
        self._up.clear()
        self._address = None  # before the signal: what fails from here on has an excuse
        self._process.send_signal(how)
        self._process.communicate(timeout=PATIENCE)
        return self._process.returncode

    def address(self) -> Address | None:
        """Return where it listens, once it does; None if it does not come up."""
        self._up.wait(PATIENCE)
        return self._address

    def still(self, address: Address) -> bool:
        """Tell whether it is the same process that listened there."""
        return self._address is address

    def sample(self) -> Sample:
        """Measure the process (proc(5)).

        Raises:
            OSError: there is none, or it has just been killed.
        """
        assert self._process
        proc = Path("/proc", str(self._process.pid))
        status = dict(line.split(":", 1) for line in (proc / "status").read_text("ascii").splitlines())
        if "VmRSS" not in status:  # a zombie still has its status, because nobody has waited for it yet
            raise ProcessLookupError(f"process {self._process.pid} has ended")
        return Sample(
            memory=int(status["VmRSS"].split()[0]) * 1024,
            handles=len(list((proc / "fd").iterdir())),
            threads=int(status["Threads"]),
        )
