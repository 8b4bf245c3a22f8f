"""Servers that no administrator should have: old, expired, vulnerable, mute, chatty, or no POP3 at all."""

import contextlib
import datetime
import math
import socket
import ssl
import threading
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import trustme

from evidence.patience import PATIENCE


class Peer:
    """The server's end of one connection."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE)
        self.socket = connection
        self.buffer = bytearray()
        self.tls = False
        self._client: int = connection.getpeername()[1]

    def say(self, *lines: str) -> None:
        self.socket.sendall("".join(f"{line}\r\n" for line in lines).encode())

    def line(self) -> str:
        """Return the next line; EOFError when the client is gone."""
        DONE.add(self._client, 1)
        while b"\n" not in self.buffer:
            data = self.socket.recv(4096)
            if not data:
                raise EOFError
            self.buffer += data
        line, _, rest = bytes(self.buffer).partition(b"\n")
        self.buffer = bytearray(rest)
        return line.decode("utf-8", "replace").rstrip("\r")

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Shake hands; what was read in clear stays in the buffer, as in a server that is vulnerable."""
        DONE.add(self._client, 1)  # because it waits for the client's hello instead of a line
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.tls = True

    def wait(self) -> None:
        """Say nothing until the client gives up."""
        self.fall_silent()
        with contextlib.suppress(OSError):
            while self.socket.recv(4096):
                pass

    def fall_silent(self) -> None:
        """Tell that nothing new will be said any more."""
        DONE.add(self._client, math.inf)


class Done:
    """How far the servers are, so that a client can start its clock when they have said all that they will.

    A server that waits for a client's line n + 1 has dealt with the first n.
    """

    def __init__(self) -> None:
        self._waits: defaultdict[int, float] = defaultdict(float)
        self._changed = threading.Condition()

    def add(self, client: int, waits: float) -> None:
        """Note that the server of the client on that port waits for so many lines more."""
        with self._changed:
            self._waits[client] += waits
            self._changed.notify_all()

    def wait(self, client: int, lines: int) -> None:
        """Wait until the server of the client on that port has dealt with so many lines."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._waits[client] > lines, PATIENCE)


DONE = Done()

Script = Callable[[Peer], None]


class Server:
    """Plays a script for each client, in a thread of its own, on loopback.

    Args:
        script: what to do with a connection.
        host: the address to listen on.
    """

    def __init__(self, script: Script, host: str = "127.0.0.1") -> None:
        self._script = script
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family)
        self.port: int = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        peer = Peer(connection)
        try:
            with contextlib.suppress(OSError, EOFError):
                self._script(peer)
        finally:
            peer.fall_silent()
            peer.socket.close()

    def __enter__(self) -> "Server":
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join()
        for thread in self._threads:
            thread.join()


@dataclass
class Pop3:
    """A POP3 server whose every reply is the test's choice; to be given to `Server`.

    Args:
        greeting: its first line.
        capabilities: lines of CAPA in clear; inside TLS the same without STLS.
        auth: what a bare AUTH lists, None if it is refused.
        replies: the reply to a line in clear, by its beginning; the first that fits.
        inside: the same inside TLS.
        context: for TLS, None for a server without.
        at_once: whether TLS comes first.
        vulnerable: whether it answers inside TLS what it read before.
        heard: every line that came, and whether inside TLS.
    """

    greeting: str = "+OK ready"
    capabilities: tuple[str, ...] = ("TOP", "UIDL")
    auth: tuple[str, ...] | None = None
    replies: Mapping[str, str] = field(default_factory=dict)
    inside: Mapping[str, str] = field(default_factory=dict)
    context: ssl.SSLContext | None = None
    at_once: bool = False
    vulnerable: bool = False
    heard: list[tuple[bool, str]] = field(default_factory=list)

    def __call__(self, peer: Peer) -> None:
        if self.at_once:
            assert self.context
            peer.start_tls(self.context)
        peer.say(self.greeting)
        while True:
            line = peer.line()
            self.heard.append((peer.tls, line))
            if line == "QUIT":
                peer.say("+OK bye")
                return
            if line == "STLS" and self.context and not peer.tls:
                if not self.vulnerable:
                    peer.buffer.clear()
                peer.say("+OK begin")
                peer.start_tls(self.context)
            elif line == "CAPA":
                peer.say("+OK", *(c for c in self.capabilities if c != "STLS" or not peer.tls), ".")
            elif line == "AUTH" and self.auth is not None:
                peer.say("+OK", *self.auth, ".")
            else:
                replies = self.inside if peer.tls else self.replies
                found = (reply for start, reply in replies.items() if line.startswith(start))
                peer.say(next(found, "-ERR no"))


#: What CAPA lists, and what is answered inside TLS, where nothing is wrong.
STLS = ("TOP", "UIDL", "STLS")
INSIDE = {"USER": "+OK", "AUTH PLAIN": "+ ", "*": "-ERR cancelled"}


def sound(context: ssl.SSLContext, *, at_once: bool = False, vulnerable: bool = False) -> Pop3:
    """Return a server of which nothing is bad but what the test makes so."""
    return Pop3(capabilities=STLS, inside=INSIDE, context=context, at_once=at_once, vulnerable=vulnerable)


# -- certificates ---------------------------------------------------------------------------------


@cache
def authority() -> trustme.CA:
    """Return the authority that the tests trust."""
    return trustme.CA()


def ca_file(folder: Path) -> str:
    """Write the authority's certificate into a folder."""
    file = folder / "ca.pem"
    authority().cert_pem.write_to_path(str(file))
    return str(file)


def context(*names: str, days: int = 365, begins: int = -1, by: trustme.CA | None = None) -> ssl.SSLContext:
    """Return a server's TLS context with a certificate.

    Args:
        names: its names; 127.0.0.1 if there are none.
        days: the days from now to its end.
        begins: the days from now to its beginning.
        by: who issued it, None for the authority that the tests trust.
    """
    now = datetime.datetime.now(datetime.UTC)
    leaf = (by or authority()).issue_cert(
        *(names or ("127.0.0.1",)),
        not_before=now + datetime.timedelta(days=min(begins, days - 1)),
        not_after=now + datetime.timedelta(days=days, hours=1),
    )
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(made)
    return made


def only(made: ssl.SSLContext, lowest: ssl.TLSVersion, highest: ssl.TLSVersion) -> ssl.SSLContext:
    """Let a context speak these versions alone, old ones too."""
    made.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        made.minimum_version, made.maximum_version = lowest, highest
    return made


def self_signed(folder: Path, bits: int = 2048) -> ssl.SSLContext:
    """Return a context with a certificate for 127.0.0.1 that vouches for itself; it lies in ``own.pem``."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ex01")])
    now = datetime.datetime.now(datetime.UTC)
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=100))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    file = folder / "own.pem"
    file.write_bytes(private + cert.public_bytes(pem))
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.set_ciphers("ALL:@SECLEVEL=0")
    made.load_cert_chain(file)
    return made


@contextlib.contextmanager
def closed_port() -> Iterator[int]:
    """Give a port where nobody listens: bound, so that nobody else takes it meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]
