"""The client's side of TLS on a socket of the page."""

import ssl
from collections.abc import Callable
from typing import Any, TypeVar

from ..sockets import PageSocket

T = TypeVar("T")


class TlsSocket(PageSocket):
    """In the place of `ssl.SSLSocket`.

    Args:
        sock: the connected socket.
        context: the client's side of TLS.
        server_hostname: the name that the certificate must bear.
    """

    def __init__(self, sock: PageSocket, context: ssl.SSLContext, server_hostname: str | None) -> None:
        super().__init__()
        self._sock, self._end, self._timeout, self.context = sock, sock._end, sock.timeout, context
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_hostname=server_hostname)
        self.server_hostname = server_hostname
        for name in ("getpeercert", "cipher", "version", "pending"):
            setattr(self, name, getattr(self._tls, name))
        try:
            self._do(self._tls.do_handshake)
        except BaseException:
            sock.close()
            raise

    def settimeout(self, seconds: float | None) -> None:
        self._timeout = seconds
        self._sock.settimeout(seconds)

    def send(self, data: bytes | bytearray | memoryview) -> int:
        return self._do(lambda: self._tls.write(data))

    def recv(self, count: int, flags: int = 0) -> bytes:
        del flags
        try:
            return self._do(lambda: self._tls.read(count))
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            return b""

    def waiting(self) -> int:
        if self._sock.waiting():
            self._in.write(self._sock.recv(65536))
        return self._tls.pending()

    def _do(self, action: Callable[[], T]) -> T:
        while True:
            try:
                return action()
            except ssl.SSLWantReadError:
                self._flush()
                if data := self._sock.recv(65536):
                    self._in.write(data)
                else:
                    self._in.write_eof()
            finally:
                self._flush()

    def _flush(self) -> None:
        if data := self._out.read():
            self._sock.sendall(data)

    def _real_close(self) -> None:
        self._sock.close()

    version: Callable[[], str | None]
    cipher: Callable[[], Any]
    getpeercert: Callable[..., Any]
    pending: Callable[[], int]
