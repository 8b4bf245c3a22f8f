"""Puts the page in the place of Python's sockets and TLS, at the lowest level that is there.

`socket.create_connection`, `poplib`, `imaplib`, `http.client` and asyncio use what is replaced here.
"""

import socket
import ssl
import sys
from pathlib import Path

from minipop.lab import stage

from . import libraries, tls
from .loop import PageLoop, look_up
from .sockets import PageSocket
from .stage import ISSUED, SIGNING_KEYS, PageStage


def install(certificates: Path = ISSUED) -> PageStage:
    """Let everything that opens a connection from now on find the page, and all Labs run on it. Call it once.

    Args:
        certificates: the folder with the certificates of its servers; see `minipop.page.stage.ISSUED`.

    Raises:
        RuntimeError: it has been called already.
    """
    if isinstance(stage.current(), PageStage):
        raise RuntimeError("the page is installed already")
    loop = PageLoop()
    for owner, name, value in patches(loop):
        setattr(owner, name, value)
    libraries.install(certificates / SIGNING_KEYS)
    page = PageStage(loop, certificates)
    stage.use(page)
    return page


def patches(loop: PageLoop) -> list[tuple[object, str, object]]:
    """Return what is replaced: of which module or class, under which name, by what."""
    replaced: list[tuple[object, str, object]] = [
        (PageSocket, "loop", loop),
        (socket, "socket", PageSocket),
        (socket, "getaddrinfo", look_up),  # Emscripten's own makes up an address for localhost
        (ssl, "SSLSocket", tls.TlsSocket),
        (ssl.SSLContext, "wrap_socket", tls.wrap_socket),
    ]
    if sys.platform == "emscripten":  # elsewhere OpenSSL is behind it, and stays
        replaced.append((ssl.SSLContext, "wrap_bio", tls.wrap_bio))
        replaced.append((socket, "SO_REUSEADDR", 2))  # Emscripten lacks it; the number is Linux's
        # What urllib3 asks for, and Pyodide does not know, though it is so: common names are never looked at.
        replaced.append((ssl.SSLContext, "hostname_checks_common_name", False))
    return replaced
