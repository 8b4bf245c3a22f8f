"""HTTP as far as the issuer needs it: a request as bytes in, its answer as bytes out; no sockets here."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl

#: Largest head of a request, and largest body, in octets; a form of the issuer has less than two thousand.
HEAD_LIMIT = 65_536
BODY_LIMIT = 16_384

#: Most fields of a form.
FIELD_LIMIT = 64

#: The pages load nothing from elsewhere; and no answer may be cached, because some hold tokens.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True)
class Response:
    """What is sent back.

    Args:
        status: HTTP status.
        body: the content.
        kind: its media type.
    """

    status: int
    body: bytes
    kind: str = "application/json"


#: The fields of a form; empty for a GET, whose query is not looked at.
Form = Mapping[str, str]

#: What answers a request, by method and path.
Routes = Mapping[tuple[str, str], Callable[[Form], Response]]


class HttpExchange:
    """One request and its answer, as in HTTP/1.0: the connection is closed after it, so that none stays open.

    Args:
        routes: what answers which request.
    """

    def __init__(self, routes: Routes) -> None:
        self._routes = routes
        self._received = bytearray()

    def receive(self, data: bytes) -> bytes | None:
        """Take what came in; return the answer once the request is complete or turns out to be none."""
        self._received += data
        if not _END_OF_HEAD.search(self._received) and len(self._received) <= HEAD_LIMIT:
            return None
        handler = _Handler(bytes(self._received), self._routes)
        return handler.wfile.getvalue() if handler.complete else None


class _Handler(BaseHTTPRequestHandler):
    """Python's own handler, on bytes instead of a socket."""

    server_version = "minipop"
    sys_version = ""
    wfile: BytesIO

    def __init__(self, request: bytes, routes: Routes) -> None:
        self.rfile, self.wfile = BytesIO(request), BytesIO()
        self.client_address = "", 0
        self.close_connection = self.complete = True
        self._routes = routes
        self.handle_one_request()

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdigit()):
            return self.send_error(400)
        if len(length) > 9 or int(length) > BODY_LIMIT:
            return self.send_error(413)  # without waiting for the body
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.complete = False
            return None
        try:
            fields = parse_qsl(
                body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=FIELD_LIMIT
            )
        except ValueError:  # UnicodeDecodeError is one of these
            return self.send_error(400)
        if len(dict(fields)) < len(fields):
            return self.send_error(400)  # because no field may be there twice (RFC 6749, section 3.2)
        return self._answer(dict(fields))

    def _answer(self, form: Form) -> None:
        route = self._routes.get((self.command, self.path.partition("?")[0]))
        if route is None:
            return self.send_error(404)
        answer = route(form)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)
        return None

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing, because a request may hold secrets."""
