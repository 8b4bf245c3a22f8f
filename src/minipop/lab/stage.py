"""Where the Lab's servers run: the seam between the Lab and threads, sockets and TLS.

Below the seam is an event loop on which `minipop.server` runs as it is. `minipop.server.thread` is the stage
of an installed minipop: a loop in a thread of its own, beside blocking clients. Another stage can run where
there are neither threads nor sockets, as in a browser page. So no module above the seam imports asyncio,
socket, ssl or threading when it is loaded; ``tests/test_layers.py`` checks that.
"""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

if TYPE_CHECKING:
    from minipop.server import TlsIdentity

T = TypeVar("T")


class Runner(Protocol):
    """An event loop that turns while a client in the same process blocks."""

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop; return what it returns, and raise what it raises."""

    def between_commands(self, action: Callable[[], T]) -> T:
        """Do something once all that clients have sent or closed is dealt with; return what it returns."""

    def close(self) -> None:
        """End the loop."""


class Authority(Protocol):
    """Issues the certificates that servers show."""

    @property
    def ca_file(self) -> Path:
        """The CA certificate as a PEM file that clients can be pointed at."""

    def identity(self, which: str = "valid") -> "TlsIdentity":
        """Return one of `minipop.server.CERTIFICATES` with its key."""

    def read_identity(self, file: Path) -> "TlsIdentity":
        """Read a certificate with its key from a PEM file.

        Raises:
            CertificateError: it cannot be used.
        """

    def renew(self, which: str = "valid") -> None:
        """Issue one of the certificates anew, for identities that are asked for from now on."""


class Stage(Protocol):
    """Makes what the Lab's servers need of their surroundings."""

    def runner(self) -> Runner:
        """Return an event loop that turns already."""

    def authority(self, organization: str = "minipop") -> Authority:
        """Return the certificate authority of an organization, the same each time."""

    def encrypts(self) -> bool:
        """Tell whether TLS is real here; a page that could not load its TLS library only assumes it."""


class Startable(Protocol):
    """Something that runs between `start` and `stop`; a ``with`` statement calls both."""

    def start(self) -> Self:
        """Start it; it answers when this returns."""

    def stop(self) -> None:
        """End it. May be called twice."""

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


_stage: Stage | None = None


def use(stage: Stage) -> None:
    """Let all Labs that start from now on run on another stage."""
    global _stage
    _stage = stage


def current() -> Stage:
    """Return the stage in use; without `use` that is threads and sockets."""
    if _stage is None:
        from minipop.server.thread import ThreadStage

        return ThreadStage()
    return _stage
