"""A server that compresses and lets browsers keep what they have, and counts what it sends."""

import functools
import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from evidence.browsing import running

COMPRESSED = (".css", ".html", ".js", ".json", ".mjs", ".svg", ".wasm")


class Server(ThreadingHTTPServer):
    """A site on loopback.

    Args:
        site: its folder.
    """

    def __init__(self, site: Path) -> None:
        super().__init__(("127.0.0.1", 0), functools.partial(_Handler, directory=str(site)))
        self.address = f"http://127.0.0.1:{self.server_port}/"
        self.requests = 0
        self.octets = 0

    def begin(self) -> None:
        """Count from zero."""
        self.requests = self.octets = 0

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a browser that has gone."""


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def send_head(self) -> io.BytesIO | None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        server = self.server
        assert isinstance(server, Server)
        server.requests += 1
        if not path.is_file():
            self.send_error(404)
            return None
        content = _content(path)
        server.octets += len(content)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        if path.suffix in COMPRESSED:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "public, max-age=31536000, immutable")
        self.end_headers()
        return io.BytesIO(content)


@cache
def _content(path: Path) -> bytes:
    """Return what is sent of a file."""
    content = path.read_bytes()
    return gzip.compress(content, 9) if path.suffix in COMPRESSED else content


@contextmanager
def served(site: Path) -> Iterator[Server]:
    """Serve a site; all of it is compressed before this returns, so that no visit waits for it."""
    for path in site.rglob("*"):
        if path.is_file():
            _content(path)
    with running(Server(site)) as server:
        yield server
