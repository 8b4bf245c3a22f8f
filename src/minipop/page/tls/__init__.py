"""TLS of the page: what Python's `ssl` cannot do where OpenSSL is missing.

It is real TLS, by tlslite-ng, which is fetched when TLS is first wanted. If that does not come, TLS is
*assumed*: the same records, certificates and refusals, but a mask instead of encryption; see `assumed`.
"""

import ssl
from functools import cache
from typing import TYPE_CHECKING, Literal

from .own import get_server_certificate, load_cert_chain
from .sockets import TlsSocket

if TYPE_CHECKING:
    from minipop.page.sockets import PageSocket

    from .assumed import Assumed
    from .engine import Engine

__all__ = ["TlsSocket", "get_server_certificate", "kind", "load_cert_chain", "wrap_bio", "wrap_socket"]


def kind() -> Literal["real", "assumed"]:
    """Tell whether TLS is real in this page. When this is asked first, tlslite-ng is fetched."""
    return _engine().kind


def wrap_socket(
    context: ssl.SSLContext,
    sock: "PageSocket",
    server_side: bool = False,
    do_handshake_on_connect: bool = True,
    suppress_ragged_eofs: bool = True,
    server_hostname: str | None = None,
    session: ssl.SSLSession | None = None,
) -> TlsSocket:
    """Put the client's side of TLS on a socket of the page; see `ssl.SSLContext.wrap_socket`.

    Raises:
        NotImplementedError: the server's side is wanted; the servers of a page are asyncio's.
    """
    del session  # none is resumed
    if server_side:
        raise NotImplementedError("a page has no blocking servers")
    return TlsSocket(sock, context, server_hostname, do_handshake_on_connect, suppress_ragged_eofs)


def wrap_bio(
    context: ssl.SSLContext,
    incoming: ssl.MemoryBIO,
    outgoing: ssl.MemoryBIO,
    server_side: bool = False,
    server_hostname: str | None = None,
    session: ssl.SSLSession | None = None,
) -> "Engine | Assumed":
    """Return one side of TLS between two buffers; see `ssl.SSLContext.wrap_bio`."""
    del session  # none is resumed
    return _engine()(context, incoming, outgoing, server_side, server_hostname)


@cache  # because both sides of every connection must be of one kind
def _engine() -> "type[Engine | Assumed]":
    try:
        from .engine import Engine
    except ImportError:  # also if the download failed
        from .assumed import Assumed

        return Assumed
    return Engine
