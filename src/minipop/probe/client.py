"""A small blocking POP3 client for a server that may be anything: bounded in time and in bytes.

`poplib` does not serve here, because it has no AUTH, reads a reply for as long as something trickles in, and
loses what a server says in the wrong place.
"""

import contextlib
import math
import socket
import ssl
from time import monotonic

#: Longest line that is read, in octets; an NTLM challenge in base64 takes some 400.
LINE_LIMIT = 16_384

#: Most lines of a multi-line reply that are read.
LINES_LIMIT = 500

#: Most characters of a server's text that are shown.
SHOWN = 200

#: Seconds to wait at most for a server to end a connection after QUIT or a failed handshake.
LINGER = 3.0


class ProbeError(Exception):
    """There is no dialogue with a server, or it cannot go on.

    Args:
        kind: what went wrong, a key: ``unknown-host``, ``refused``, ``filtered``, ``unreachable`` (no
            connection); ``hung-up``, ``silent``, ``endless``, ``garbage`` (no proper reply); ``rejected``,
            ``not-pop3`` (a greeting that turns clients away, or is another protocol's); ``no-stls`` (STLS is
            refused); ``no-tls``, ``handshake`` (no TLS); ``client-certificate`` (TLS only with one);
            ``untrusted`` (a certificate that fails where it must not); ``limited`` (turned away although
            others had been let in); ``deadline`` (the time for the whole run is over).
        detail: what the server, OpenSSL or the system said of it, for one line.
        early: whether the server had not said a thing on this connection.
    """

    def __init__(self, kind: str, detail: str = "", *, early: bool = False) -> None:
        super().__init__(kind, detail)
        self.kind = kind
        self.detail = detail
        self.early = early


def shown(data: bytes, most: int = SHOWN) -> str:
    """Return a server's text for one line of a report, without what a terminal would obey.

    Args:
        data: what came.
        most: how many characters of it.
    """
    text = "".join(c if c.isprintable() else "?" for c in data.decode("utf-8", "replace"))
    return text if len(text) <= most else f"{text[: most - 1]}…"


class Pop3Client:
    """A connection that is read line by line. After a `ProbeError` it is closed.

    Args:
        host: name or address.
        port: its port.
        timeout: seconds for each reply as a whole, however slowly it comes, and for each handshake.
        ends: when the time for the whole run is over, on the clock of `time.monotonic`.

    Raises:
        ProbeError: there is no connection.
    """

    def __init__(self, host: str, port: int, timeout: float, ends: float = math.inf) -> None:
        self._timeout = timeout
        self._ends = ends
        self._buffer = bytearray()
        self._heard = False  # whether the server has sent a thing
        self._asked_for_certificate = False
        left = ends - monotonic()
        if left <= 0:
            raise ProbeError("deadline")
        try:
            self._socket = socket.create_connection((host, port), min(timeout, left))
        except (socket.gaierror, UnicodeError) as error:
            raise ProbeError("unknown-host", getattr(error, "strerror", None) or str(error)) from None
        except ConnectionRefusedError:
            raise ProbeError("refused") from None
        except TimeoutError:
            raise ProbeError("filtered") from None
        except OSError as error:
            raise ProbeError("unreachable", error.strerror or str(error)) from None

    # -- lines ------------------------------------------------------------------------------------

    def greeting(self) -> str:
        """Read the greeting and return it for display.

        Raises:
            ProbeError: it is not that of a POP3 server, or the server turns clients away.
        """
        line = self._line(self._deadline(), LINE_LIMIT)
        if line.startswith(b"-ERR"):
            raise self._give_up("rejected", shown(line))
        if not line.startswith(b"+OK"):
            raise self._give_up("not-pop3", shown(line))
        return shown(line)

    def ask(self, command: bytes) -> bytes:
        """Send a line and return the status line or challenge that answers it, without its CRLF.

        Args:
            command: the line without its CRLF.

        Raises:
            ProbeError: no proper answer came.
        """
        self.send(command + b"\r\n")
        return self.status()

    def status(self) -> bytes:
        """Read a line that must be a status line or a challenge.

        Raises:
            ProbeError: no proper answer came.
        """
        line = self._line(self._deadline(), LINE_LIMIT)
        if not line.startswith((b"+", b"-ERR")):
            raise self._give_up("garbage", shown(line))
        return line

    def lines(self) -> list[bytes]:
        """Read the rest of a multi-line reply, without the dots (RFC 1939, section 3).

        Raises:
            ProbeError: it does not end, in time or in bytes.
        """
        deadline = self._deadline()
        found: list[bytes] = []
        left = 4 * LINE_LIMIT
        while (line := self._line(deadline, left)) != b".":
            found.append(line.removeprefix(b"."))
            left -= len(line) + 2
            if len(found) > LINES_LIMIT or left < 0:
                raise self._give_up("endless")
        return found

    def until_closed(self) -> list[bytes]:
        """Read what else comes until the server hangs up or falls silent, within the usual bounds."""
        deadline = self._deadline()
        found: list[bytes] = []
        with contextlib.suppress(ProbeError):
            while len(found) < LINES_LIMIT:
                found.append(self._line(deadline, LINE_LIMIT))
        return found

    def first_words(self) -> bytes | None:
        """Read what a server says unasked: a line or the beginning of one, None if it says nothing."""
        with contextlib.suppress(ProbeError):
            return self._line(self._deadline(), LINE_LIMIT)
        return bytes(self._buffer) or None

    def send(self, data: bytes) -> None:
        """Send bytes as they are.

        Raises:
            ProbeError: the server hung up or takes nothing.
        """
        try:
            self._socket.settimeout(self._patience())
            self._socket.sendall(data)
        except TimeoutError:
            raise self._give_up(self._overdue()) from None
        except OSError as error:
            raise self._give_up(self._ended(error), _reason(error)) from None

    def quit(self, *, linger: bool = True) -> bool:
        """Say QUIT and close; may be called twice.

        Args:
            linger: whether to wait until the server has hung up, too: only then its place is free for the
                next connection.

        Returns:
            Whether the server had hung up.
        """
        ended = False
        with contextlib.suppress(ProbeError):
            self.send(b"QUIT\r\n")
            ended = linger and self._drain(min(self._deadline(), monotonic() + LINGER))
        self.close()
        return ended

    def close(self) -> None:
        """Close the connection; may be called twice."""
        self._socket.close()

    # -- TLS --------------------------------------------------------------------------------------

    def start_tls(self, context: ssl.SSLContext, name: str) -> ssl.SSLSocket:
        """Shake hands.

        Args:
            context: what is offered and whether the certificate is verified.
            name: the server's name for SNI and, if the context wants that, for the certificate.

        Raises:
            ProbeError: that failed, or the server sent something in clear after its reply to STLS.
        """
        if self._buffer:  # because taking it for a reply inside TLS would be the flaw of CVE-2021-38084 here
            raise self._give_up("garbage", shown(bytes(self._buffer)))
        # The ssl module tells in no other way that a server has asked for a certificate.
        context._msg_callback = self._overhear  # type: ignore[attr-defined]
        self._socket.settimeout(self._patience())
        try:
            wrapped = context.wrap_socket(self._socket, server_hostname=name, do_handshake_on_connect=False)
        except (OSError, ValueError) as error:
            raise self._give_up("handshake", _reason(error)) from None
        self._socket = wrapped
        try:
            wrapped.do_handshake()
        except ssl.SSLCertVerificationError as error:
            self._leave_tls(wrapped)
            raise self._give_up("untrusted", error.verify_message) from None
        except TimeoutError:
            raise self._give_up(self._overdue()) from None
        except (OSError, ValueError) as error:
            self._leave_tls(wrapped)
            kind = self._ended(error)
            raise self._give_up("handshake" if kind == "hung-up" else kind, _reason(error)) from None
        return wrapped

    def _overhear(self, _socket: object, direction: str, *message: object) -> None:
        """Note what the server says in the handshake; the third of the message is its type."""
        self._heard |= direction == "read"
        if direction == "read" and getattr(message[2], "name", "") == "CERTIFICATE_REQUEST":
            self._asked_for_certificate = True

    def _leave_tls(self, wrapped: ssl.SSLSocket) -> None:
        """Wait until the server has hung up after a failed handshake: only then its place is free."""
        self._socket = socket.socket(fileno=wrapped.detach())
        with contextlib.suppress(OSError, ProbeError):
            self._socket.shutdown(socket.SHUT_WR)
            self._drain(min(self._deadline(), monotonic() + LINGER))

    # -- inside -----------------------------------------------------------------------------------

    def _deadline(self) -> float:
        """Return when the reply that is asked for now must be there."""
        return min(monotonic() + self._timeout, self._ends)

    def _patience(self) -> float:
        """Return the seconds for the next step.

        Raises:
            ProbeError: the time for the whole run is over.
        """
        left = self._ends - monotonic()
        if left <= 0:
            raise self._give_up("deadline")
        return min(self._timeout, left)

    def _overdue(self) -> str:
        """Return the kind of trouble that a silence is."""
        return "deadline" if monotonic() >= self._ends else "silent"

    def _ended(self, error: Exception) -> str:
        """Return the kind of trouble that the end of a connection is."""
        if self._asked_for_certificate and isinstance(error, OSError):
            return "client-certificate"
        return "handshake" if isinstance(error, ssl.SSLError) and not _is_end(error) else "hung-up"

    def _drain(self, deadline: float) -> bool:
        """Read what comes, and return whether the server hung up in time."""
        try:
            while True:
                self._receive(deadline)
        except ProbeError as error:
            return error.kind != "silent"

    def _line(self, deadline: float, limit: int) -> bytes:
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched > limit:
                raise self._give_up("endless", shown(bytes(self._buffer)))
            self._buffer += self._receive(deadline)
        line = bytes(self._buffer[:end]).removesuffix(b"\r")
        del self._buffer[: end + 1]
        return line

    def _receive(self, deadline: float) -> bytes:
        left = deadline - monotonic()
        try:
            if left <= 0:
                raise TimeoutError
            self._socket.settimeout(left)
            data = self._socket.recv(4096)
        except TimeoutError:
            raise self._give_up(self._overdue(), shown(bytes(self._buffer))) from None
        except OSError as error:
            raise self._give_up(self._ended(error), _reason(error)) from None
        if not data:
            raise self._give_up("hung-up", shown(bytes(self._buffer)))
        self._heard = True
        return data

    def _give_up(self, kind: str, detail: str = "") -> ProbeError:
        self.close()
        return ProbeError(kind, detail, early=not self._heard)


def _is_end(error: Exception) -> bool:
    """Tell whether the connection ended without an alert of TLS."""
    return isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError)


def _reason(error: Exception) -> str:
    """Say in a few words what the system or OpenSSL said."""
    if isinstance(error, ssl.SSLEOFError):
        return "unexpected eof while reading"
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.lower().replace("_", " ")
    return getattr(error, "strerror", None) or str(error)
