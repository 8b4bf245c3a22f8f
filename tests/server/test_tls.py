"""TLS: STLS and port 995, certificates, and clients that break the handshake in every way."""

import contextlib
import gc
import socket
import ssl
import time
from asyncio.sslproto import SSLProtocol
from collections.abc import Callable

import pytest

from evidence.patience import PATIENCE
from evidence.raw import Raw, context
from minipop.server import Timeouts
from minipop.server.connection import Connection
from minipop.server.tls import Authority, authority
from tests.server.conftest import Running, Serve
from tests.support import FakePolicy

PROTOCOL_ERROR = b"-ERR Protocol error. Connection is closed. 10\r\n"


class Handshake:
    """A TLS client whose every packet the test sees and shapes."""

    def __init__(self, client: Raw) -> None:
        self.raw = client
        self.received = b""  # everything from the server since STLS, as it came over the wire
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context().wrap_bio(self._in, self._out, server_hostname="localhost")

    def shake(self, then: bytes = b"") -> None:
        """Complete the handshake; send `then`, encrypted, in the packet that ends it."""
        while True:
            try:
                self.tls.do_handshake()
            except ssl.SSLWantReadError:
                self.flush()
                self.feed()
            else:
                break
        if then:
            self.tls.write(then)
        self.flush()

    def flush(self) -> None:
        """Send what is ready."""
        self.raw.send(self._out.read())

    def feed(self) -> None:
        """Wait for a packet of the server."""
        data = self.raw.socket.recv(65_536)
        assert data, "the server closed the connection"
        self.received += data
        self._in.write(data)

    def read_lines(self, count: int) -> list[bytes]:
        """Return that many decrypted lines."""
        text = b""
        while text.count(b"\r\n") < count:
            try:
                text += self.tls.read(65_536)
            except ssl.SSLWantReadError:
                self.feed()
        return text.split(b"\r\n")[:-1]


def stls(running: Running) -> Raw:
    client = Raw(running.port)
    assert client.line().startswith(b"+OK")
    assert client.ask(b"STLS") == b"+OK Begin TLS negotiation."
    return client


def test_a_session_goes_on_inside_tls_after_stls(running: Running) -> None:
    with stls(running) as client:
        client.start_tls()
        assert client.ask(b"USER mrose") == b"+OK"
        assert client.ask(b"PASS secret").startswith(b"+OK")
        assert client.ask(b"DELE 1").startswith(b"+OK")
        assert client.ask(b"QUIT").startswith(b"+OK")
        assert client.rest() == b""
    assert running.maildrop.deleted == ["uid-1"]


def test_commands_in_the_packet_that_ends_the_handshake_are_answered_inside_tls_only(
    running: Running,
) -> None:
    with stls(running) as client:
        handshake = Handshake(client)
        handshake.shake(then=b"CAPA\r\nUSER mrose\r\nPASS secret\r\nSTAT\r\n")
        lines = handshake.read_lines(9)
        assert lines[3] == b"X-TLS True"
        assert lines[-1] == b"+OK 3 365"
        assert b"+OK" not in handshake.received
        assert b"X-TLS" not in handshake.received


def test_a_client_on_995_need_not_wait_for_the_greeting(running: Running) -> None:
    with Raw(running.tls_port) as client:
        handshake = Handshake(client)
        handshake.shake(then=b"USER mrose\r\nPASS secret\r\nSTAT\r\n")
        lines = handshake.read_lines(4)
        assert lines[0].startswith(b"+OK minipop")
        assert lines[-1] == b"+OK 3 365"


def test_the_hello_may_arrive_byte_by_byte(running: Running) -> None:
    with stls(running) as client:
        handshake = Handshake(client)
        with pytest.raises(ssl.SSLWantReadError):
            handshake.tls.do_handshake()
        hello = handshake._out.read()
        for byte in hello[:20]:
            client.send(bytes([byte]))
        client.send(hello[20:])
        handshake.feed()
        handshake.shake(then=b"QUIT\r\n")
        assert handshake.read_lines(1)[0].startswith(b"+OK")


@pytest.mark.parametrize("injected", [b"CAPA\r\n", b"USER mrose\r\nPASS secret\r\nDELE 1\r\nQUIT\r\n", b"N"])
def test_commands_in_the_packet_of_stls_are_neither_answered_nor_executed(
    running: Running, injected: bytes
) -> None:
    with Raw(running.port) as client:
        client.line()
        client.send(b"STLS\r\n" + injected)
        assert client.rest() == PROTOCOL_ERROR
    assert running.maildrop.commits == 0
    assert running.policy.attempts == []


def test_commands_in_clear_after_stls_are_no_handshake_and_not_executed(running: Running) -> None:
    with stls(running) as client:
        client.send(b"USER mrose\r\nPASS secret\r\nDELE 1\r\nQUIT\r\n")
        assert b"+OK" not in client.rest()
    assert running.policy.attempts == []
    assert running.maildrop.commits == 0


def test_the_name_given_in_clear_is_forgotten_inside_tls(running: Running) -> None:
    with Raw(running.port) as client:
        client.line()
        assert client.ask(b"USER mrose") == b"+OK"
        client.ask(b"STLS")
        client.start_tls()
        assert client.ask(b"PASS secret") == b"-ERR Command is not valid in this state."
    assert running.policy.attempts == []


def test_stls_is_refused_inside_tls_and_the_session_goes_on(running: Running) -> None:
    with stls(running) as client:
        client.start_tls()
        assert client.ask(b"STLS") == b"-ERR Command is not valid in this state."
        assert client.ask(b"USER mrose") == b"+OK"
    with Raw(running.tls_port, tls=True) as client:
        client.line()
        assert client.ask(b"STLS") == b"-ERR Command is not valid in this state."
        assert client.ask(b"USER mrose") == b"+OK"


def test_stls_leads_to_tls_even_if_its_reply_has_to_wait_for_the_client(serve: Serve) -> None:
    running = serve(FatPolicy())
    for server in running.service._servers:
        server.sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    with Raw(running.port, window=4_096) as client:
        client.line()
        client.send(b"CAPA\r\n" * 5 + b"STLS\r\n")  # the last write, two CAPA and STLS, fills the buffer
        for _ in range(5):
            assert client.line().startswith(b"+OK")
            assert len(client.text()) == 32_600
        assert client.line() == b"+OK Begin TLS negotiation."
        client.start_tls()
        assert client.ask(b"USER mrose") == b"+OK"


class FatPolicy(FakePolicy):
    """Knows so many capabilities that two replies to CAPA just fit into one write."""

    def capabilities(self, *, tls: bool, logged_on: bool) -> list[str]:  # noqa: ARG002
        """Return 32,600 octets of lines."""
        return ["X" * 98] * 326


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
@pytest.mark.parametrize("implicit", [True, False], ids=["995", "STLS"])
def test_the_certificate_is_good_for_this_machine(running: Running, implicit: bool, name: str) -> None:
    verifying = context(str(authority().ca_file))
    assert verifying.check_hostname
    client = Raw(running.tls_port) if implicit else stls(running)
    with verifying.wrap_socket(client.socket, server_hostname=name) as tls:
        assert tls.version() in ("TLSv1.2", "TLSv1.3")


def test_a_client_that_trusts_only_the_usual_authorities_refuses_the_certificate(running: Running) -> None:
    with Raw(running.tls_port) as client, pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context().wrap_socket(client.socket, server_hostname="localhost")


def shown(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> ssl.SSLObject:
    """Shake hands in memory, the client asking for `name`, and return its side."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for side in sides * 3:
        with contextlib.suppress(ssl.SSLWantReadError):
            side.do_handshake()
    return sides[0]


#: Codes of OpenSSL, X509_STORE_CTX_get_error(3).
@pytest.mark.parametrize(
    ("certificate", "name", "code"),
    [
        ("other-name", "localhost", 62),
        ("other-name", "127.0.0.1", 64),
        ("expired", "localhost", 10),
    ],
)
def test_a_certificate_that_is_wrong_is_wrong_in_that_one_way(certificate: str, name: str, code: int) -> None:
    verifying = context(str(authority().ca_file))
    with pytest.raises(ssl.SSLCertVerificationError) as caught:
        shown(authority().server_context(certificate), verifying, name)
    assert caught.value.verify_code == code


def test_a_certificate_for_another_name_is_good_for_that_name() -> None:
    tls = shown(
        authority().server_context("other-name"), context(str(authority().ca_file)), "pop.muster.example"
    )
    assert (tls.getpeercert() or {})["subjectAltName"] == (("DNS", "pop.muster.example"),)


@pytest.mark.parametrize("which", ["valid", "other-name", "expired"])
def test_the_certificate_is_known_byte_for_byte(which: str) -> None:
    tls = shown(authority().server_context(which), context(), "localhost")
    assert tls.getpeercert(binary_form=True) == authority().certificate(which)


def test_each_authority_is_known_to_those_alone_who_have_its_file() -> None:
    other = Authority("Mallory")
    with pytest.raises(ssl.SSLCertVerificationError) as caught:
        shown(other.server_context(), context(str(authority().ca_file)), "localhost")
    assert caught.value.verify_code == 20
    issuer = (shown(other.server_context(), context(str(other.ca_file)), "localhost").getpeercert() or {})[
        "issuer"
    ]
    assert (("organizationName", "Mallory"),) in issuer


def test_a_certificate_is_issued_once_and_one_that_is_unknown_not_at_all() -> None:
    own = Authority()
    serials = {
        (shown(own.server_context(), context(str(own.ca_file)), "localhost").getpeercert() or {})[
            "serialNumber"
        ]
        for _ in range(2)
    }
    assert len(serials) == 1
    with pytest.raises(KeyError, match="none"):
        own.server_context("none")


def test_tls_1_1_is_refused() -> None:
    assert authority().server_context().minimum_version == ssl.TLSVersion.TLSv1_2


GARBAGE = [
    b"CAPA\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"\0" * 100,
    b"\xff" * 5_000,
    b"\x16\x03\x01\xff\xff" + b"A" * 100,
]


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_instead_of_a_hello_ends_the_connection_and_nothing_else(
    running: Running, garbage: bytes
) -> None:
    for client in (Raw(running.tls_port), stls(running)):
        with client:
            client.send(garbage)
            client.socket.shutdown(socket.SHUT_WR)
            assert b"+OK" not in client.rest()
    with Raw(running.tls_port, tls=True) as client:
        assert client.log_on().ask(b"STAT") == b"+OK 3 365"


@pytest.mark.parametrize("last", ["close", "reset"])
def test_a_client_that_leaves_during_the_handshake_leaves_nothing_behind(serve: Serve, last: str) -> None:
    running = serve()
    for client in (Raw(running.tls_port), stls(running), stls(running)):
        client.send(b"\x16\x03\x01\x02\x00")
        getattr(client, last)()
    with Raw(running.port) as client:
        client.log_on()
        client.ask(b"QUIT")
        client.rest()
    assert running.runner.between_commands(alive) == 0


def alive() -> int:
    """Count the connections that somebody still holds."""
    gc.collect()
    return held(Connection)


def held(kind: type) -> int:
    """Count the objects of a type that are in memory, those that only circles hold included."""
    return sum(type(thing) is kind for thing in gc.get_objects())


def hang_up(client: Raw) -> None:
    """Say nothing more."""


def break_off(client: Raw) -> None:
    """Begin to shake hands."""
    client.send(b"\x16\x03\x01\x02\x00")


def send_garbage(client: Raw) -> None:
    """Send what is no TLS, and wait for the end."""
    client.send(b"USER anna\r\nPASS x\r\n")
    client.rest()


def leave(client: Raw) -> None:
    """Shake hands, and leave without a word."""
    client.start_tls()


def quit_(client: Raw) -> None:
    """Have a session to its end."""
    client.start_tls()
    client.log_on().ask(b"QUIT")
    client.rest()


@pytest.mark.parametrize("how", [hang_up, break_off, send_garbage, leave, quit_])
def test_a_buffer_of_tls_is_given_back_at_once_and_not_when_python_looks_for_circles(
    serve: Serve, how: Callable[[Raw], None]
) -> None:
    running = serve()
    gc.collect()
    gc.disable()
    try:
        for _ in range(5):
            with Raw(running.tls_port) as client, contextlib.suppress(ConnectionResetError):
                how(client)
        patience = time.monotonic() + PATIENCE
        while running.runner.between_commands(lambda: held(SSLProtocol)) and time.monotonic() < patience:
            time.sleep(0.01)
        assert running.runner.between_commands(lambda: held(SSLProtocol)) == 0
    finally:
        gc.enable()


@pytest.mark.parametrize("how", ["hello never sent on 995", "hello never sent after STLS", "half a hello"])
def test_stopping_ends_connections_that_never_complete_their_handshake(serve: Serve, how: str) -> None:
    running = serve()
    client = Raw(running.tls_port) if "995" in how else stls(running)
    if "half" in how:
        client.send(b"\x16\x03\x01\x02\x00\x01")
    with Raw(running.port) as other:  # by now the server has accepted both
        assert other.line().startswith(b"+OK")
    running.runner.between_commands(lambda: None)
    running.stop()
    with client:
        assert client.rest() == b""


def test_a_handshake_that_never_ends_is_given_up(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minipop.server.connection.HANDSHAKE_TIMEOUT", 60)
    running = serve(timeouts=Timeouts(logon=3600, idle=3600))
    with stls(running) as after_stls, Raw(running.tls_port) as at_once:
        with Raw(running.port) as other:  # by now the server has accepted all
            assert other.line().startswith(b"+OK")
        running.let_pass(60)
        assert after_stls.rest() == b""
        assert at_once.rest() == b""


def test_a_password_never_crosses_the_wire_in_clear_after_stls(serve: Serve) -> None:
    running = serve(FakePolicy(plaintext=False))
    with stls(running) as client:
        handshake = Handshake(client)
        handshake.shake()
        handshake.tls.write(b"USER mrose\r\n")
        handshake.flush()
        assert handshake.read_lines(1) == [b"+OK"]
        handshake.tls.write(b"PASS secret\r\n")
        wire = handshake._out.read()
        assert b"secret" not in wire
        client.send(wire)
        assert handshake.read_lines(1)[0].startswith(b"+OK")
        assert b"+OK" not in handshake.received
