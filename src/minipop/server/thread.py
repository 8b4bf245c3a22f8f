"""The stage of an installed minipop: event loops in threads of their own, real sockets, fresh certificates.

A notebook's kernel has an event loop already, and a blocking `poplib` on that loop would wait for itself for
ever: so what serves it gets a loop of its own in a daemon thread. (The model is aiosmtpd's controller.)
`minipop.lab.stage` says what a stage has to offer.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from .tls import Authority, authority

T = TypeVar("T")

#: Turns of the event loop that let a closed client connection reach its session: through TLS, and through a
#: recorder in front of the service, which has two more sockets of which one is yet to be connected.
_SETTLING_TURNS = 60


class LoopThread:
    """An event loop that turns in a thread of its own, from now until `close`."""

    def __init__(self) -> None:
        # The same on every system. Windows' own loop would do some things later, so that what clients have
        # sent were not yet dealt with; this one takes 512 sockets there, which is enough for a class.
        self._loop = asyncio.SelectorEventLoop()
        self._thread = threading.Thread(target=self._turn, name="minipop", daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def between_commands(self, action: Callable[[], T]) -> T:
        async def settled() -> T:
            for _ in range(_SETTLING_TURNS):
                await asyncio.sleep(0)
            return action()

        return self.run(settled())

    def close(self) -> None:
        """End the loop and its thread; what still runs there is cancelled."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _turn(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.get_loop().run_forever()


class ThreadStage:
    """Makes event loops in threads, and certificates; see `minipop.lab.stage.Stage`."""

    def runner(self) -> LoopThread:
        return LoopThread()

    def authority(self, organization: str = "minipop") -> Authority:
        """Return the certificate authority of an organization, one for the length of the process."""
        return authority(organization)

    def encrypts(self) -> bool:
        return True
