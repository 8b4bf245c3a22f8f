"""An attacker in the middle, for the lesson on certificates: what he reads, he passes on.

To the server he is a client like any other, on port 995. What matters is what he is to the client, who
came to him instead of to the server: because of a forged DNS reply, say, or in somebody else's Wi-Fi.
"""

import contextlib
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Self

from minipop.server import Authority, is_loopback

from .startable import Startable

if TYPE_CHECKING:
    from .lab import Lab

#: Most bytes that are passed on at once.
CHUNK = 65_536


class Attacker(Startable):
    """Stands between clients and a Lab, and reads along. On loopback, for the built-in world alone.

    He has the same two ports as the server, and each is a trap of its own:

    - `tls_port`, for 995: TLS with a certificate that bears the right names, but from his own CA.
    - `port`, for 110: no TLS at all. The client hears what the server says to somebody who is encrypted
      already; so ``STLS`` is missing from ``CAPA``, asking for it is refused, and passwords are welcome.

    Use it in a ``with`` statement, or call `start` and `stop`. The Lab knows its attackers.

    Args:
        lab: the Lab to attack; it must be running when a client comes.

    Raises:
        PermissionError: the Lab has accounts of its own, or is not on loopback.
    """

    def __init__(self, lab: "Lab") -> None:
        if not (lab._builtin and is_loopback(lab.host)):
            raise PermissionError("only a Lab with the built-in world, on loopback, can be attacked")
        self._lab = lab
        self._certificate = Authority("Mallory").server_context()
        self._heard = bytearray()
        self._ports: list[int] = []
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self._stopped = False
        self._lock = threading.Lock()  # held while connections join and while all are ended
        lab.attackers.append(self)

    @property
    def host(self) -> str:
        """The address that he listens on: the Lab's."""
        return self._lab.host

    @property
    def port(self) -> int:
        """His port instead of the server's 110."""
        return self._port(0)

    @property
    def tls_port(self) -> int:
        """His port instead of the server's 995."""
        return self._port(1)

    @property
    def heard(self) -> bytes:
        """All that clients have sent him so far, in the clear."""
        return bytes(self._heard)

    def start(self) -> Self:
        """Lie in wait on both ports.

        Raises:
            RuntimeError: he was started before.
        """
        if self._ports:
            raise RuntimeError("this attacker was started before; make a new one")
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        for tls in (False, True):
            listener = socket.create_server((self.host, 0), family=family)
            self._ports.append(listener.getsockname()[1])
            self._spawn(self._accept, listener, tls)
        return self

    def stop(self) -> None:
        """End every connection; what was heard remains. May be called twice."""
        with self._lock:
            first, self._stopped = not self._stopped, True
            for connection in tuple(self._open):
                with contextlib.suppress(OSError):  # SSLSocket's own would take TLS away under the relay
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)
        for port in self._ports if first else ():
            with contextlib.suppress(OSError):  # wakes `accept`, which would wait for ever
                socket.create_connection((self.host, port)).close()
        for thread in self._threads:
            thread.join()

    # -- inside -----------------------------------------------------------------------------------

    def _port(self, number: int) -> int:
        if not self._ports:
            raise RuntimeError("the attacker is not started: use it in a with statement, or call start()")
        return self._ports[number]

    def _spawn(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, name="mallory", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket, tls: bool) -> None:
        """Take clients until `stop` wakes it, and give each of them a thread."""
        with listener:
            while True:
                client, _ = listener.accept()
                if self._stopped:
                    client.close()
                    return
                self._spawn(self._attack, client, tls)

    def _attack(self, client: socket.socket, tls: bool) -> None:
        """Deal with one client. Who refuses the certificate ends it, and has said nothing."""
        with contextlib.suppress(OSError), contextlib.ExitStack() as ending:  # ssl.SSLError is an OSError
            if tls:
                client = self._certificate.wrap_socket(
                    client, server_side=True, do_handshake_on_connect=False
                )
            self._join(client, ending)
            if isinstance(client, ssl.SSLSocket):
                client.do_handshake()
            server = socket.create_connection((self._lab.host, self._lab.tls_port))
            server = _trusting().wrap_socket(server)
            self._join(server, ending)
            for source, data in _exchange(client, server):
                if source is client:
                    self._heard.extend(data)

    def _join(self, connection: socket.socket, ending: contextlib.ExitStack) -> None:
        """Let `stop` know a connection that is to be closed at the end."""
        ending.enter_context(connection)
        with self._lock:
            if self._stopped:
                raise ConnectionAbortedError
            self._open.add(connection)
        ending.callback(self._open.discard, connection)


def _trusting() -> ssl.SSLContext:
    """Return a context that trusts anybody: the attacker does not care who the server is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _exchange(client: socket.socket, server: socket.socket) -> Iterator[tuple[socket.socket, bytes]]:
    """Pass on what each side says, giving it out first, until one of them ends."""
    other = {client: server, server: client}
    while True:
        decrypted = [side for side in other if isinstance(side, ssl.SSLSocket) and side.pending()]
        for source in decrypted or select.select(list(other), [], [])[0]:
            data = source.recv(CHUNK)
            if not data:
                return
            yield source, data
            other[source].sendall(data)
