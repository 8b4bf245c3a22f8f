"""TLS of the page: what `ssl` cannot do where OpenSSL is missing, and what clients see of it.

In the place of OpenSSL stands tlslite-ng, which must be importable when the first handshake begins.
"""

import ssl
from typing import TYPE_CHECKING

from .sockets import TlsSocket

if TYPE_CHECKING:
    from ..sockets import PageSocket
    from .engine import Engine

__all__ = ["TlsSocket", "wrap_bio", "wrap_socket"]


def wrap_socket(
    context: ssl.SSLContext,
    sock: "PageSocket",
    server_side: bool = False,
    do_handshake_on_connect: bool = True,
    suppress_ragged_eofs: bool = True,
    server_hostname: str | None = None,
    session: ssl.SSLSession | None = None,
) -> TlsSocket:
    """Do a client's handshake on a socket of the page; see `ssl.SSLContext.wrap_socket`."""
    del do_handshake_on_connect, suppress_ragged_eofs, session
    if server_side:
        raise NotImplementedError("a page has no blocking servers")
    return TlsSocket(sock, context, server_hostname)


def wrap_bio(
    context: ssl.SSLContext,
    incoming: ssl.MemoryBIO,
    outgoing: ssl.MemoryBIO,
    server_side: bool = False,
    server_hostname: str | None = None,
    session: ssl.SSLSession | None = None,
) -> "Engine":
    """Return one side of TLS between two buffers; see `ssl.SSLContext.wrap_bio`."""
    del session
    from .engine import Engine  # here, because tlslite-ng is fetched when TLS is first wanted

    return Engine(context, incoming, outgoing, server_side, server_hostname)
