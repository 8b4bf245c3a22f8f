"""The service in a thread of its own, so that blocking clients can run beside it.

A notebook's kernel has an event loop already, and blocking `poplib` on that loop would wait for itself for
ever: the service gets its own loop in a daemon thread. (The model is aiosmtpd's controller.)
"""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

from .address import Reach
from .service import Service

T = TypeVar("T")

#: Turns of the event loop that let a closed client connection reach its session, TLS included.
_SETTLING_TURNS = 20

#: The same where clients come through a front: two more sockets, of which one is yet to be connected.
_SETTLING_TURNS_FRONT = 3 * _SETTLING_TURNS


class ServiceThread:
    """Runs a `Service`; ready when `start` returns.

    Args:
        service: the service to run.
    """

    def __init__(self, service: Service) -> None:
        self.service = service
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="minipop", daemon=True)

    def start(
        self, host: str = "127.0.0.1", port: int = 0, tls_port: int = 0, within: Reach = Reach.INTERNET
    ) -> None:
        """Start the thread and listen; see `Service.start`.

        Raises:
            AddressError: a port is taken, the host is none of this machine's, or it could be reached from
                farther away.
        """
        self._thread.start()
        try:
            start = self.service.start(host, port, tls_port, within)
            asyncio.run_coroutine_threadsafe(start, self._loop).result()
        except BaseException:
            self._end()
            raise

    def stop(self) -> None:
        """Stop the service and the thread."""
        asyncio.run_coroutine_threadsafe(self.service.stop(), self._loop).result()
        self._end()

    def settled(self, read: Callable[[], T]) -> T:
        """Return what `read` finds once everything that clients have sent or closed is dealt with."""

        async def settle() -> T:
            for _ in range(_SETTLING_TURNS_FRONT if self.service.front else _SETTLING_TURNS):
                await asyncio.sleep(0)
            return read()

        return asyncio.run_coroutine_threadsafe(settle(), self._loop).result()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
