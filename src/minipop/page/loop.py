"""The event loop of the page: the table of its ports, and a clock that jumps where nothing else can happen.

A client that blocks turns the loop until its bytes are there. As the loop is the only thing that can bring
them, there is nothing to wait for: when all that is left is a timer, the clock jumps to it. Real time passes
as well, because a trainee may think for a minute.
"""

import asyncio
import errno
import itertools
import socket
import ssl
import time
from asyncio.events import _get_running_loop, _set_running_loop
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from typing import Any, TypeVar

from minipop.server.listener import begin_tls

from .transport import Address, End, PageServer, PageTransport

T = TypeVar("T")

#: The ports that nobody owns (RFC 6335, section 6): for clients, and for servers that take any.
FREE_PORTS = range(49152, 65536)

#: What is called with the server's end of each new connection.
Accept = Callable[[End], object]

#: What makes the protocol of a connection.
Factory = Callable[[], asyncio.BaseProtocol]


def _never() -> bool:
    """Return False: what something is waited for that does not come."""
    return False


class PageLoop(asyncio.BaseEventLoop):
    """An event loop without threads and sockets, which turns only while a client of the page blocks.

    Attributes:
        skipped: seconds by which the clock has jumped so far. Who shows an answer to a reader tells how many
            of them came during it, because the reader has not seen that time pass.
    """

    def __init__(self) -> None:
        super().__init__()
        self.skipped = 0.0
        self._selector = self  # `BaseEventLoop` calls its `select` once in each turn
        self._until = _never
        self._deadline: float | None = None
        self._listening: dict[Address, Accept] = {}
        self._free_ports = itertools.cycle(FREE_PORTS)

    # -- turning ----------------------------------------------------------------------------------

    def turn(self, until: Callable[[], bool], timeout: float | None = None) -> None:
        """Turn until something is so.

        Args:
            until: tells whether it is.
            timeout: seconds that the client would wait for it; None for as long as it takes.

        Raises:
            TimeoutError: by then it is not so.
            OSError: it will never be so, because nothing is left that could happen (EDEADLK).
            RuntimeError: the loop turns already: a client blocks inside a server.
        """
        if until():
            return
        with self._as_the_running_loop():
            self._until = until
            self._deadline = None if timeout is None else self.time() + timeout
            try:
                self.run_forever()
            finally:
                self._until, self._deadline = _never, None

    def settle(self) -> None:
        """Deal with everything that can be dealt with now; the clock stays."""
        if not self.is_running():  # a client that a server has closed, or that is garbage, cannot wait
            with suppress(TimeoutError):
                self.turn(_never, 0)

    def complete(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end; return what it returns, and raise what it raises."""
        task = self.create_task(coroutine)
        try:
            self.turn(task.done)
        finally:
            task.cancel()  # one that nothing can end any more; otherwise this does nothing
        return task.result()

    @contextmanager
    def _as_the_running_loop(self) -> Iterator[None]:
        """Take the place of the loop that runs already: Pyodide's own, in one of whose tasks we may be."""
        if self.is_running():
            raise RuntimeError("a blocking client cannot be used inside a server: it would wait for itself")
        before = _get_running_loop()
        task = asyncio.current_task(before) if before else None
        if before and task:
            asyncio.tasks._leave_task(before, task)
        _set_running_loop(None)
        try:
            yield
        finally:
            _set_running_loop(before)
            if before and task:
                asyncio.tasks._enter_task(before, task)

    # -- the clock --------------------------------------------------------------------------------

    def time(self) -> float:
        return time.monotonic() + self.skipped

    def select(self, timeout: float | None) -> list[Any]:
        """Do what a selector does: wait for the first thing that happens. Here, only time can pass.

        Args:
            timeout: seconds until the next timer; 0 if there is something to do, None if there is no timer.
        """
        if self._until():
            self.stop()
        elif timeout != 0:
            self._pass(timeout)
        return []

    def _pass(self, seconds: float | None) -> None:
        if self._deadline is not None:
            left = self._deadline - self.time()
            if seconds is None or seconds > left:
                self.skipped += max(0.0, left)
                raise TimeoutError("timed out")
        if seconds is None:
            raise OSError(errno.EDEADLK, "nobody is left who could answer")
        self.skipped += seconds

    # -- what asyncio asks of a loop --------------------------------------------------------------

    def _process_events(self, events: list[Any]) -> None:
        """Do nothing, because `select` finds none."""

    def _write_to_self(self) -> None:
        """Do nothing, because there is no other thread that the loop would have to be woken by."""

    async def getaddrinfo(self, host: Any, port: Any, **_: Any) -> list[Any]:
        return look_up(host, port)

    async def create_server(  # type: ignore[override]
        self, protocol_factory: Factory, host: str | Iterable[str] | None = None, port: int = 0, **_: Any
    ) -> PageServer:
        """Listen on addresses of the page; see `asyncio.loop.create_server`."""
        hosts = [host or "0.0.0.0"] if isinstance(host, str | None) else list(host)
        port = port or self.free_port()
        addresses = [(address_of(one), port) for one in hosts]
        self.listen(addresses, lambda end: PageTransport(self, end, protocol_factory()))
        return PageServer(addresses, self.forget)

    async def create_connection(  # type: ignore[override]
        self,
        protocol_factory: Factory,
        host: str,
        port: int,
        *,
        ssl: ssl.SSLContext | None = None,
        local_addr: Address | None = None,
        server_hostname: str | None = None,
        **_: Any,
    ) -> tuple[asyncio.Transport, asyncio.BaseProtocol]:
        """Connect to a port of the page; see `asyncio.loop.create_connection`."""
        end, protocol = self.dial(host, port, local_addr), protocol_factory()
        if ssl is None:
            transport = PageTransport(self, end, protocol)
            await asyncio.sleep(0)
            return transport, protocol
        plain = PageTransport(self, end, asyncio.Protocol())
        name = host if server_hostname is None else server_hostname
        secure = await begin_tls(plain, lambda: protocol, ssl, server_hostname=name)
        if secure is None:
            raise ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")
        return secure, protocol

    # -- the ports --------------------------------------------------------------------------------

    def listen(self, addresses: Iterable[Address], accept: Accept) -> None:
        """Take connections to some addresses.

        Raises:
            OSError: one of them is taken; then none is.
        """
        wanted = dict.fromkeys(addresses, accept)
        if any(not 0 <= port <= 65535 for _, port in wanted):
            raise OverflowError("bind(): port must be 0-65535.")
        if self._listening.keys() & wanted.keys():
            raise OSError(errno.EADDRINUSE, "Address already in use")
        self._listening |= wanted

    def forget(self, address: Address) -> None:
        """Take no more connections to an address."""
        self._listening.pop(address, None)

    def dial(self, host: str, port: int, source: Address | None = None) -> End:
        """Connect to a port of the page; return the client's end.

        Args:
            host: a name or an address of this page.
            port: the port.
            source: address and port to come from; empty or 0 for any.

        Raises:
            OSError: nobody listens there, or it is elsewhere.
        """
        address = address_of(host)
        accept = self._listening.get((address, port)) or self._listening.get(("0.0.0.0", port))
        if accept is None:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
        own_host, own_port = source or ("", 0)
        own = (own_host or LOOPBACK[":" in address], own_port or self.free_port())
        client, server = End.pair(own, (address, port))
        self.call_soon(accept, server)
        return client

    def free_port(self) -> int:
        """Return a port on which nobody listens, another one each time."""
        taken = {port for _, port in self._listening}
        return next(port for port in self._free_ports if port not in taken)


#: The address that a client comes from unless it says otherwise: for IPv4, and for IPv6.
LOOPBACK = ("127.0.0.1", "::1")


def look_up(host: Any, port: Any, *_: Any, **__: Any) -> list[Any]:
    """Resolve a host as `socket.getaddrinfo` does, to addresses of this page alone.

    Raises:
        OSError: the host is elsewhere.
    """
    address = address_of(host or "localhost")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return [(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, int(port or 0)))]


def address_of(host: str) -> str:
    """Return the address of a host of this page.

    Raises:
        OSError: it is elsewhere.
    """
    if host == "localhost":
        return "127.0.0.1"
    try:
        address = ip_address(host)
    except ValueError:
        raise socket.gaierror(socket.EAI_NONAME, f"{host}: {NO_NETWORK}") from None
    if not (address.is_loopback or address.is_unspecified):
        raise OSError(errno.ENETUNREACH, f"{host}: {NO_NETWORK}")
    return str(address)


NO_NETWORK = "this page has no network but its own; connect to the Lab at 127.0.0.1"
