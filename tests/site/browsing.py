"""Chromium for the tests, which are skipped without it, and a server for the built site."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from evidence import browsing
from evidence.browsing import running


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files without a line per request."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served(site: Path) -> Iterator[str]:
    """Serve a site on loopback for as long as it is needed; return its address."""
    handler = functools.partial(QuietHandler, directory=str(site))
    with running(ThreadingHTTPServer(("127.0.0.1", 0), handler)) as server:
        yield f"http://127.0.0.1:{server.server_port}/"


def chromium() -> str:
    """Return the path of the browser; without one, a test is skipped."""
    path = browsing.chromium()
    if path is None:
        pytest.skip("no Chromium on this machine (Debian's package is in apt.txt)")
    return path
