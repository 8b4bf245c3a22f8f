"""A client on a bare socket: it can do what no decent client does."""

import socket
import ssl
import struct
from types import TracebackType
from typing import Self

from evidence.patience import PATIENCE


def context(ca_file: str | None = None) -> ssl.SSLContext:
    """Return a client's TLS context: one that verifies, or one that trusts anybody."""
    if ca_file is not None:
        return ssl.create_default_context(cafile=ca_file)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # loads no authorities, which takes longer than a session
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    return made


class Raw:
    """A connection, as bytes.

    Args:
        port: on 127.0.0.1.
        tls: whether to start TLS at once.
        window: how many bytes may wait unread in this client, None for the system's own choice.
    """

    def __init__(self, port: int, *, tls: bool = False, window: int | None = None) -> None:
        self.socket = socket.socket()
        self.socket.settimeout(PATIENCE)
        if window is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        try:
            self.socket.connect(("127.0.0.1", port))
        except OSError:
            self.socket.close()
            raise
        self._buffer = bytearray()
        if tls:
            self.start_tls()

    def start_tls(self) -> None:
        """Shake hands; what the server sent in clear must have been read."""
        assert not self._buffer
        self.socket = context().wrap_socket(self.socket, server_hostname="localhost")

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.socket.sendall(data)

    def line(self) -> bytes:
        """Return the next line without its CRLF, empty at the end of the connection."""
        return self._until(b"\r\n") or b""

    def ask(self, command: bytes) -> bytes:
        """Send a command and return the first line of its reply."""
        self.send(command + b"\r\n")
        return self.line()

    def text(self) -> bytes:
        """Return the text of a multi-line reply up to its closing dot, dots not undone."""
        self._buffer[:0] = b"\r\n"  # a dot may be the very first line
        text = self._until(b"\r\n.\r\n")
        assert text is not None, "the connection ended inside a multi-line reply"
        return text[2:] + b"\r\n"

    def taken(self) -> bytes:
        """Return what was received already and not used; from here on the test reads for itself."""
        taken, self._buffer = bytes(self._buffer), bytearray()
        return taken

    def _until(self, end: bytes) -> bytes | None:
        searched = 0
        while (at := self._buffer.find(end, max(0, searched - len(end)))) < 0:
            searched = len(self._buffer)
            data = self.socket.recv(65_536)
            if not data:
                return None
            self._buffer += data
        found = bytes(self._buffer[:at])
        del self._buffer[: at + len(end)]
        return found

    def log_on(self, name: bytes = b"mrose", password: bytes = b"secret") -> Self:
        """Read the greeting and log on."""
        assert self.line().startswith(b"+OK")
        assert self.ask(b"USER " + name).startswith(b"+OK")
        assert self.ask(b"PASS " + password).startswith(b"+OK")
        return self

    def rest(self) -> bytes:
        """Return everything up to the end of the connection, however it ends."""
        out = self._buffer
        self._buffer = bytearray()
        try:
            while data := self.socket.recv(65_536):
                out += data
        except (ConnectionError, ssl.SSLError):
            pass
        return bytes(out)

    def reset(self) -> None:
        """Break the connection off without a farewell of any kind (TCP RST)."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        """Close the socket; TLS is not ended properly."""
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
