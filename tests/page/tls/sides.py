"""Both sides of a TLS connection in memory: the page's, or CPython's with the real OpenSSL behind it."""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias, TypedDict, Unpack

from minipop.page.tls import wrap_bio
from minipop.page.tls.side import Side

#: Who speaks TLS for a side.
PAGE, OPENSSL = "page", "OpenSSL"

Speaker: TypeAlias = ssl.SSLObject | Side


class Role(TypedDict, total=False):
    """What makes a side the client's or the server's."""

    server_side: bool
    server_hostname: str | None


_load_cert_chain = ssl.SSLContext.load_cert_chain
_load_verify_locations = ssl.SSLContext.load_verify_locations


class Context(ssl.SSLContext):
    """A context that remembers what it was told under the same names as Pyodide's; see test_in_pyodide.py."""

    _certfile_data = _keyfile_data = _ca_data = ""

    def load_cert_chain(  # type: ignore[override]
        self, certfile: Path, keyfile: Path | None = None, password: bytes | None = None
    ) -> None:
        _load_cert_chain(self, certfile, keyfile, password)
        self._certfile_data = certfile.read_text()
        self._keyfile_data = (keyfile or certfile).read_text()

    def load_verify_locations(  # type: ignore[override]
        self, cafile: Path | str, capath: None = None, cadata: None = None
    ) -> None:
        _load_verify_locations(self, cafile, capath, cadata)
        self._ca_data = Path(cafile).read_text()


class Pair:
    """A client and a server that hear each other.

    Args:
        client: its context, and who speaks for it.
        server: the same of the server.
        hostname: whom the client means to connect to.
    """

    def __init__(
        self,
        client: tuple[ssl.SSLContext, str],
        server: tuple[ssl.SSLContext, str],
        hostname: str | None = "localhost",
    ) -> None:
        self.to_client, self.to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.client = side(*client, self.to_client, self.to_server, server_hostname=hostname)
        self.server = side(*server, self.to_server, self.to_client, server_side=True)
        self.errors: dict[str, ssl.SSLError] = {}

    def shake_hands(self) -> "Pair":
        """Let both go on until each is done or has failed; `errors` holds who has failed."""
        open_ = {"client": self.client, "server": self.server}
        for _ in range(8):
            for name, one in tuple(open_.items()):
                try:
                    one.do_handshake()
                except ssl.SSLWantReadError:
                    continue
                except ssl.SSLError as error:
                    self.errors[name] = error
                del open_[name]
        return self


def side(context: ssl.SSLContext, who: str, *buffers: ssl.MemoryBIO, **role: Unpack[Role]) -> Speaker:
    """Return one side of a connection, between the buffer it reads from and the one it writes to."""
    incoming, outgoing = buffers
    if who == PAGE:
        return wrap_bio(context, incoming, outgoing, **role)
    return context.wrap_bio(incoming, outgoing, **role)


def read(one: Speaker, count: int) -> bytes:
    """Return that many octets that a side has received."""
    data = b""
    while len(data) < count:
        data += one.read(count - len(data))
    return data


def wants(action: Callable[[], object]) -> bool:
    """Tell whether something needs more octets from the peer first."""
    try:
        action()
    except ssl.SSLWantReadError:
        return True
    return False
