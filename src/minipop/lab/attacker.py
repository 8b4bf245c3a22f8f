"""An attacker in the middle, for the lesson on certificates: he passes everything on, and reads it.

To the server he is a client like any other, on port 995. The clients connect to him instead of the server,
because a DNS reply was forged, say, or because the Wi-Fi is his.
"""

import asyncio
import contextlib
import ssl
from typing import Protocol, Self

from minipop.server import Listener, is_loopback

from . import stage
from .organization import LabStopped, Organization
from .stage import Startable

#: Most bytes that are passed on at once.
CHUNK = 65_536


class AttackedLab(Protocol):
    """What he needs of the Lab that he attacks."""

    organization: Organization
    attackers: "list[Attacker]"

    @property
    def host(self) -> str:
        """The address that it listens on."""

    @property
    def tls_port(self) -> int:
        """Its port for 995."""


class Attacker(Startable):
    """Stands between clients and a Lab, and listens in.

    Works only on loopback, and only with the Lab's sample data. The attacker has the same two ports as the
    server, and each is a trap of its own:

    - `tls_port`, for 995: TLS with a certificate that bears the right names, but from the attacker's own CA.
    - `port`, for 110: no TLS at all. The client hears what the server says on an encrypted connection;
      so ``STLS`` is missing from ``CAPA``, asking for it is refused, and passwords are welcome.

    Use it in a ``with`` statement, or call `start` and `stop`. The Lab knows its attackers.

    Args:
        lab: the Lab to attack; it must be running when the attacker starts.

    Raises:
        PermissionError: the Lab has accounts of its own, or is not on loopback.
    """

    def __init__(self, lab: AttackedLab) -> None:
        if not (lab.organization.built_in and is_loopback(lab.host)):
            raise PermissionError("only a Lab with the built-in world, on loopback, can be attacked")
        self._lab = lab
        self._heard = bytearray()
        self._ports: list[int] = []
        self._running = contextlib.ExitStack()
        lab.attackers.append(self)

    @property
    def host(self) -> str:
        """The address that the attacker listens on: the Lab's."""
        return self._lab.host

    @property
    def port(self) -> int:
        """The attacker's port, in place of the server's 110."""
        return self._port(0)

    @property
    def tls_port(self) -> int:
        """The attacker's port, in place of the server's 995."""
        return self._port(1)

    @property
    def heard(self) -> bytes:
        """All that clients have sent to the attacker so far, in clear text."""
        return bytes(self._heard)

    def start(self) -> Self:
        """Listen on both ports.

        Raises:
            LabStopped: the Lab is not running.
            RuntimeError: he was started before.
        """
        if self._ports:
            raise RuntimeError("this attacker was started before; make a new one")
        _ = self._lab.tls_port  # a Lab that is stopped has none, and says so
        runner = stage.current().runner()
        self._running.callback(runner.close)
        certificate = stage.current().authority("Mallory").identity()
        for listener in (Listener(self._attacked), Listener(self._attacked, certificate.context)):
            self._ports.append(runner.run(listener.start(self.host)))
            self._running.callback(lambda to_stop: runner.run(to_stop.stop()), listener)
        return self

    def stop(self) -> None:
        """End every connection; what was heard remains. May be called twice."""
        self._running.close()

    # -- inside -----------------------------------------------------------------------------------

    def _port(self, number: int) -> int:
        if not self._ports:
            raise RuntimeError("the attacker is not started: use it in a with statement, or call start()")
        return self._ports[number]

    def _attacked(self) -> asyncio.Protocol:
        return asyncio.StreamReaderProtocol(asyncio.StreamReader(CHUNK), self._attack)

    async def _attack(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        """Deal with one client, until it or the server ends the connection."""
        with contextlib.ExitStack() as ending:
            ending.callback(to_client.close)
            with contextlib.suppress(OSError, LabStopped):  # stopped since he was started
                server, to_server = await asyncio.open_connection(
                    self._lab.host, self._lab.tls_port, ssl=_trusting()
                )
                ending.callback(to_server.transport.abort)
                both = [
                    asyncio.ensure_future(_pass_on(client, to_server, self._heard)),
                    asyncio.ensure_future(_pass_on(server, to_client, bytearray())),
                ]
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
                for one in both:
                    one.cancel()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, heard: bytearray) -> None:
    """Pass on what one side says, until it ends the connection."""
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK):
            heard += data
            writer.write(data)
            await writer.drain()


def _trusting() -> ssl.SSLContext:
    """Return a context that accepts any certificate, because the attacker does not care who the server is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
