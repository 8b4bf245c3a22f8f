"""A socket of the page does what one of the operating system does: the same steps, the same outcomes."""

import errno
import socket
import struct
import sys
from collections.abc import Callable

import pytest

from minipop.page.loop import PageLoop
from minipop.page.sockets import PageSocket

#: What the client ``c`` and its peer ``p`` do, and what comes of it: the octets that are read (``-`` for the
#: end), the number of those sent, or the name of an error.
STEPS = {
    "the end comes after what was sent before it": """
        p send data     4
        p close
        c recv          data
        c recv          -
        c recv          -
    """,
    "a reset is told once, after what was sent before it": """
        p send data     4
        p reset
        c recv          data
        c recv          ECONNRESET
        c recv          -
        c send more     EPIPE
        c getpeername   ENOTCONN
    """,
    "who sends hears of a reset as well, and what came before it can still be read": """
        p send data     4
        p reset
        c send more     ECONNRESET
        c send more     EPIPE
        c recv          data
        c recv          -
    """,
    "what is sent to a peer that has closed is lost, and the next time that is known": """
        p send data     4
        p close
        c send one      3
        c send two      EPIPE
        c recv          data
        c recv          -
        c send three    EPIPE
    """,
    "who closes with something unread resets the connection": """
        p send data     4
        c close
        p recv          ECONNRESET
        p recv          -
    """,
    "after the end of one direction the other goes on": """
        c shutdown      ok
        c send more     EPIPE
        p recv          -
        p send data     4
        c recv          data
        c shutdown      ok
        p close
        c recv          -
        c shutdown      ENOTCONN
    """,
    "both directions can be shut down as long as there is a connection": """
        p close
        c shutdown both ok
        c shutdown both ENOTCONN
        c recv          -
        c getpeername   ENOTCONN
    """,
    "a reset connection cannot be shut down": """
        p reset
        c shutdown      ENOTCONN
        c recv          ECONNRESET
    """,
    "a closed socket is none any more": """
        c close
        c recv          EBADF
        c send data     EBADF
        c getsockname   EBADF
        c getpeername   EBADF
        c shutdown      EBADF
        c close
        p recv          -
    """,
    "a socket that does not wait says so": """
        c timeout 0
        c recv          EAGAIN
        p send data     4
        c recv          data
        p close
        c recv          -
    """,
    "a socket that waits for a while says so": """
        c timeout 0.01
        c recv          timed out
        p send data     4
        c peek          data
        c recv          data
    """,
    "files of a socket keep it open": """
        c makefile
        c close
        c send data     4
        p send line     4
        c readline      line
        c closefile
        c send data     EBADF
        p recv          data
        p recv          -
    """,
    "a connected socket does not connect again": """
        c connect       EISCONN
    """,
}


class Player:
    """One end, which does what a step says."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def play(self, action: str, argument: str) -> str:
        """Return what comes of it."""
        try:
            return str(getattr(self, action)(argument))
        except TimeoutError:
            return "timed out"
        except OSError as error:
            return errno.errorcode[error.errno or 0]

    def send(self, text: str) -> int:
        return self._sock.send(text.encode())

    def recv(self, _: str) -> str:
        return self._sock.recv(100).decode() or "-"

    def peek(self, _: str) -> str:
        return self._sock.recv(100, socket.MSG_PEEK).decode()

    def close(self, _: str) -> str:
        self._sock.close()
        return ""

    def reset(self, _: str) -> str:
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return self.close("")

    def shutdown(self, which: str) -> str:
        self._sock.shutdown(socket.SHUT_RDWR if which else socket.SHUT_WR)
        return "ok"

    def getsockname(self, _: str) -> object:
        return self._sock.getsockname()

    def getpeername(self, _: str) -> object:
        return self._sock.getpeername()

    def timeout(self, seconds: str) -> str:
        self._sock.settimeout(float(seconds))
        return ""

    def connect(self, _: str) -> None:
        self._sock.connect(self._sock.getpeername())

    def makefile(self, _: str) -> str:
        self._file = self._sock.makefile("rb", 0)
        return ""

    def readline(self, _: str) -> str:
        return self._file.read(4).decode()

    def closefile(self, _: str) -> str:
        self._file.close()
        return ""


Make = Callable[[], socket.socket]


#: Inside Pyodide the system has none.
KINDS = ["page"] if sys.platform == "emscripten" else ["page", "system"]


@pytest.fixture(params=KINDS)
def make(request: pytest.FixtureRequest, loop: PageLoop, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Make sockets of the operating system, or of the page."""
    monkeypatch.setattr(PageSocket, "loop", loop, raising=False)
    return socket.socket if request.param == "system" else PageSocket  # type: ignore[return-value]


@pytest.fixture
def listener(make: Make) -> socket.socket:
    """A socket that takes connections."""
    made = make()
    made.bind(("127.0.0.1", 0))
    made.listen()
    return made


@pytest.mark.parametrize("steps", STEPS)
def test_each_step_has_the_same_outcome(steps: str, make: Make, listener: socket.socket) -> None:
    client = make()
    client.connect(listener.getsockname())
    peer, _ = listener.accept()
    players = {"c": Player(client), "p": Player(peer)}
    for step in STEPS[steps].strip().splitlines():
        who, action = step.split()[:2]
        argument, expected = step.strip()[len(f"{who} {action}") : 16].strip(), step.strip()[16:].strip()
        assert players[who].play(action, argument) == expected, step
    for sock in (client, peer, listener):
        sock.close()
