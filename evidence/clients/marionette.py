"""Let Thunderbird fetch once: ``python -m evidence.clients.marionette HOME THUNDERBIRD ARGUMENT...``.

Marionette is the protocol by which Mozilla tests its programs: an array in JSON with its length before it, on
a port of loopback that Thunderbird writes into its profile.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evidence.patience import PATIENCE

FETCH = Path(__file__).with_name("thunderbird.js")


class Marionette:
    """A connection to a program that is started with ``--marionette``.

    Args:
        port: where it listens.
    """

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._stream = self._socket.makefile("rb")
        self._number = 0
        self._receive()  # which protocol it speaks

    def call(self, name: str, **parameters: object) -> object:
        """Say a command and return what came of it.

        Raises:
            RuntimeError: it failed.
        """
        self._number += 1
        said = json.dumps([0, self._number, name, parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(said), said))
        _, _, error, result = self._receive()
        if error:
            raise RuntimeError(f"{name}: {error}")
        return result

    def _receive(self) -> list[object]:
        length = b""
        while (octet := self._stream.read(1)) not in (b":", b""):
            length += octet
        received = json.loads(self._stream.read(int(length)))
        return received if isinstance(received, list) else [received]


@contextmanager
def running(command: list[str], profile: Path) -> Iterator[Marionette]:
    """Run Thunderbird, and end it.

    Raises:
        TimeoutError: it does not listen.
    """
    listens, end = profile / "MarionetteActivePort", time.monotonic() + PATIENCE
    listens.unlink(missing_ok=True)  # of the run before
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
        try:
            while not (listens.exists() and listens.read_text("ascii").strip()):
                if time.monotonic() > end or process.poll() is not None:
                    raise TimeoutError("Thunderbird does not listen")
                time.sleep(0.1)
            session = Marionette(int(listens.read_text("ascii")))
            session.call("WebDriver:NewSession", capabilities={})
            yield session
            session.call("Marionette:Quit", flags=["eForceQuit"])
            process.wait(PATIENCE)
        finally:
            if process.poll() is None:
                process.kill()


def main(home: Path, command: list[str]) -> None:
    """Fetch, and print what Thunderbird says to it."""
    ca, secret = os.environ["MINIPOP_CA_FILE"], (home / "secret").read_text("utf-8")
    lines = Path(ca).read_text("ascii").splitlines() if ca else []
    certificate = "".join(line for line in lines if "CERTIFICATE" not in line)
    with running(command, home / "profile") as session:
        session.call("Marionette:SetContext", value="chrome")
        session.call("WebDriver:SetTimeouts", script=int(PATIENCE * 1000))
        script = FETCH.read_text("utf-8")
        print(session.call("WebDriver:ExecuteAsyncScript", script=script, args=[certificate, secret]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
