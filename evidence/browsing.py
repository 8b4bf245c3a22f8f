"""Debian's Chromium, with every other host out of reach, and how a server runs beside it."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import HTTPServer
from typing import TypeVar

S = TypeVar("S", bound=HTTPServer)

_NAMES = ("chromium", "chromium-browser", "google-chrome")

#: How it is started.
ARGUMENTS = [
    "--no-sandbox",  # as root there is none; the pages are our own
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


def chromium() -> str | None:
    """Return the path of the browser, None if there is none."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


@contextmanager
def running(server: S) -> Iterator[S]:
    """Let a server answer in a thread of its own, and close it afterwards."""
    with server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
