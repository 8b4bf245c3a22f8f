"""A little https server for forms, on loopback: enough for the issuer of the lessons, and no more."""

import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from ssl import SSLContext
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl

HOST = "127.0.0.1"

#: Largest body of a request in octets; a form of the issuer has less than two thousand.
BODY_LIMIT = 16_384

#: Most fields of a form.
FIELD_LIMIT = 64

#: Seconds that a client may be silent, in the TLS handshake or in the middle of a request.
TIMEOUT = 10.0

#: The pages need nothing but themselves; answers hold tokens, so nobody may keep them.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class Answer:
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
Routes = Mapping[tuple[str, str], Callable[[Form], Answer]]


class HttpsServer:
    """Serves in a thread of its own, each connection in one more; logs nothing.

    It speaks HTTP/1.0: one request, one answer, closed. So no client keeps a connection without a use.

    Args:
        routes: what answers which request.
        context: certificate and settings for TLS.
    """

    def __init__(self, routes: Routes, context: SSLContext) -> None:
        self._server = _Server(routes, context)
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), name="https", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._server.server_address[1])

    def stop(self) -> None:
        """Stop at once: connections that are open are cut."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        for connection, thread in list(self._server.open.items()):
            with suppress(OSError):  # it has just been closed
                # Not the method of SSLSocket, which would take TLS away from under the connection's thread.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
            thread.join()


#: As the standard library has it in its declarations.
_Socket = socket.socket | tuple[bytes, socket.socket]


class _Server(ThreadingTCPServer):
    request_queue_size = 64

    def __init__(self, routes: Routes, context: SSLContext) -> None:
        super().__init__((HOST, 0), _Handler)
        self.routes = routes
        #: The connections that are open, and their threads.
        self.open: dict[Any, Thread] = {}
        # The handshake is left to the connection's own thread, or a silent client would keep all others out.
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def process_request(self, request: _Socket, client_address: object) -> None:
        arguments = request, client_address
        self.open[request] = Thread(target=self.process_request_thread, args=arguments, daemon=True)
        self.open[request].start()

    def shutdown_request(self, request: _Socket) -> None:
        super().shutdown_request(request)
        self.open.pop(request, None)

    def handle_error(self, request: _Socket, client_address: object) -> None:
        # A client that went away, or does not trust the certificate, is no error of ours.
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = TIMEOUT
    server_version = "minipop"
    sys_version = ""

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdigit()):
            return self.send_error(400)
        if len(length) > 9 or int(length) > BODY_LIMIT:
            return self.send_error(413)  # unread; the connection is closed
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            return None  # the client has gone
        try:
            fields = parse_qsl(
                body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=FIELD_LIMIT
            )
        except ValueError:  # UnicodeDecodeError is one of these
            return self.send_error(400)
        if len(dict(fields)) < len(fields):
            return self.send_error(400)  # a field may stand there once (RFC 6749, section 3.2)
        return self._answer(dict(fields))

    def _answer(self, form: Form) -> None:
        route = self.server.routes.get((self.command, self.path.partition("?")[0]))
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
        """Say nothing: a request may hold secrets."""
