"""A client in the page has TLS as it would have it anywhere."""

import poplib
import socket
import ssl
from collections.abc import Iterator

import pytest

from minipop import Lab
from minipop.page.stage import PageStage
from minipop.page.tls import TlsSocket
from minipop.wire import read as overhear

pytestmark = pytest.mark.usefixtures("tls_page")

GREETING = b"+OK The Microsoft Exchange POP3 service is ready.\r\n"


@pytest.fixture
def lab(tls_page: PageStage) -> Iterator[Lab]:
    assert isinstance(tls_page, PageStage)
    with Lab("2016", lang="en", record=True) as lab:
        yield lab


@pytest.fixture
def context(lab: Lab) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(lab.ca_file))


def connected(lab: Lab) -> socket.socket:
    return socket.create_connection((lab.host, lab.tls_port))


@pytest.fixture
def tls(lab: Lab, context: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    with context.wrap_socket(connected(lab), server_hostname=lab.host) as sock:
        yield sock


# -- sessions ---------------------------------------------------------------------------------------------


def test_a_session_on_995_is_ciphertext_on_the_wire(lab: Lab, context: ssl.SSLContext) -> None:
    pop = poplib.POP3_SSL(lab.host, lab.tls_port, context=context)
    assert isinstance(pop.sock, ssl.SSLSocket)
    assert pop.sock.cipher() == ("TLS_CHACHA20_POLY1305_SHA256", "TLSv1.3", 256)
    pop.user("anna")
    pop.pass_("Sommer2026")
    for number, size in (line.split() for line in pop.list()[1]):
        if int(size) < 100_000:  # a larger one takes seconds without the cipher in JavaScript
            assert sum(len(line) + 2 for line in pop.retr(int(number))[1]) == int(size)
    pop.quit()
    for who in ("C", "S"):
        heard = lab.wire[-1].sent_by(who)
        for secret in ("Sommer2026", "USER anna", "+OK User"):
            assert not overhear(heard, secret)
    assert not lab.wire[-1].assumed
    (_, hello), *_ = lab.wire[-1].reveal()
    assert (
        hello[:3] == b"\x16\x03\x01"
    )  # a handshake record, as it has been since TLS 1.0 (RFC 8446, section 5.1)
    assert "PASS ********" in str(lab.transcript[-1])


def test_stls_encrypts_from_there_on(lab: Lab, context: ssl.SSLContext) -> None:
    pop = poplib.POP3(lab.host, lab.port)
    pop.stls(context)
    assert isinstance(pop.sock, ssl.SSLSocket)
    assert pop.sock.version() == "TLSv1.3"
    pop.user("anna")
    pop.pass_("Sommer2026")
    pop.quit()
    assert overhear(lab.wire[-1].sent_by("C"), "STLS")
    assert not overhear(lab.wire[-1].sent_by("C"), "Sommer2026")
    assert "(encrypted from here on)" in str(lab.transcript[-1])


def test_who_refuses_the_certificate_leaves_no_session_behind(lab: Lab) -> None:
    raw = connected(lab)
    end = raw._end  # type: ignore[attr-defined]
    with pytest.raises(ssl.SSLCertVerificationError) as refused:
        ssl.create_default_context().wrap_socket(raw, server_hostname=lab.host)
    assert refused.value.verify_code == 20
    assert len(lab.transcript) == 0
    assert end.closed
    assert end.other.closed
    with pytest.raises(OSError, match="Bad file descriptor"):
        raw.sendall(b"QUIT\r\n")


def test_the_name_is_checked_against_the_one_that_was_meant(lab: Lab, context: ssl.SSLContext) -> None:
    with pytest.raises(
        ssl.SSLCertVerificationError, match=r"not valid for 'pop\.muster\.example'"
    ) as refused:
        context.wrap_socket(connected(lab), server_hostname="pop.muster.example")
    assert refused.value.verify_code == 62


def test_clear_text_is_no_handshake(lab: Lab, context: ssl.SSLContext) -> None:
    with pytest.raises(ssl.SSLError, match="WRONG_VERSION_NUMBER"):
        poplib.POP3_SSL(lab.host, lab.port, context=context)
    poplib.POP3_SSL(lab.host, lab.tls_port, context=context).quit()  # the server goes on


# -- as ssl.SSLSocket -------------------------------------------------------------------------------------


def test_it_is_what_ssl_calls_an_ssl_socket(tls: ssl.SSLSocket, lab: Lab) -> None:
    assert isinstance(tls, ssl.SSLSocket)
    assert isinstance(tls, TlsSocket)
    assert tls.server_hostname == lab.host
    assert not tls.server_side
    assert (tls.compression(), tls.selected_alpn_protocol(), tls.session_reused) == (None, None, False)
    assert tls.getpeername() == (lab.host, lab.tls_port)
    names = (tls.getpeercert() or {})["subjectAltName"]
    assert names == (("DNS", "localhost"), ("IP Address", "127.0.0.1"), ("IP Address", "0:0:0:0:0:0:0:1"))
    assert tls.getpeercert(True) == ssl.PEM_cert_to_DER_cert(
        ssl.DER_cert_to_PEM_cert(tls.getpeercert(True) or b"")
    )


def test_it_takes_the_connection_over(lab: Lab, context: ssl.SSLContext) -> None:
    with connected(lab) as raw, context.wrap_socket(raw, server_hostname=lab.host) as tls:
        with pytest.raises(OSError, match="Bad file descriptor"):
            raw.recv(1)
        raw.close()
        assert tls.recv(100) == GREETING


def test_it_can_be_wrapped_before_it_is_connected(lab: Lab, context: ssl.SSLContext) -> None:
    with context.wrap_socket(socket.socket(), server_hostname=lab.host) as tls:
        assert tls.version() is None
        tls.connect((lab.host, lab.tls_port))
        assert tls.version() == "TLSv1.3"
        assert tls.recv(100) == GREETING


def test_the_handshake_can_wait(lab: Lab, context: ssl.SSLContext) -> None:
    with context.wrap_socket(connected(lab), server_hostname=lab.host, do_handshake_on_connect=False) as tls:
        assert tls.version() is None
        with pytest.raises(ValueError, match="handshake not done yet"):
            tls.getpeercert()
        tls.do_handshake()
        assert tls.recv(100) == GREETING


def test_it_is_read_in_all_ways(tls: ssl.SSLSocket) -> None:
    assert tls.recv(4) == b"+OK "
    assert tls.pending() == len(GREETING) - 4
    rest = bytearray(100)
    assert tls.recv_into(rest) == len(GREETING) - 4
    tls.sendall(b"CAPA\r\n")
    with tls.makefile("rb") as lines:
        assert lines.readline() == b"+OK\r\n"
        assert b".\r\n" in iter(lines.readline, b"")
    assert tls.write(b"QUIT\r\n") == 6
    assert tls.read(3) == b"+OK"


def test_who_does_not_wait_is_told_that_nothing_is_there(tls: ssl.SSLSocket) -> None:
    assert tls.recv(100) == GREETING
    tls.settimeout(0)
    with pytest.raises(ssl.SSLWantReadError):
        tls.recv(1)
    tls.settimeout(5)
    with pytest.raises(TimeoutError):
        tls.recv(1)
    tls.settimeout(0)
    tls.sendall(b"NOOP\r\n")
    assert tls.recv(100).startswith(b"-ERR")


def test_it_tells_how_much_is_waiting(tls: TlsSocket) -> None:
    assert tls.waiting() == len(GREETING)
    assert tls.recv(4) == b"+OK "
    assert tls.waiting() == tls.pending() == len(GREETING) - 4
    assert tls.recv(100) == GREETING[4:]
    assert tls.waiting() == 0
    tls.sendall(b"QUIT\r\n")
    assert tls.waiting() > 0
    assert tls.recv(1000).startswith(b"+OK Microsoft Exchange Server 2016")
    assert tls.waiting() == 0
    assert tls.recv(1) == b""


def test_both_sides_can_end_tls_in_order(tls: ssl.SSLSocket) -> None:
    tls.recv(100)
    assert tls.unwrap() is tls
    assert tls.version() is None
    assert tls.recv(1) == b""


def test_an_end_without_notice_can_be_told_apart(lab: Lab, context: ssl.SSLContext) -> None:
    def cut(*, suppress: bool) -> ssl.SSLSocket:
        tls = context.wrap_socket(connected(lab), server_hostname=lab.host, suppress_ragged_eofs=suppress)
        tls.recv(100)
        tls._end.ended = True  # type: ignore[attr-defined]  # as if someone had cut the connection
        return tls

    with cut(suppress=True) as tls:
        assert tls.recv(1) == b""
    with cut(suppress=False) as tls, pytest.raises(ssl.SSLEOFError):
        tls.recv(1)


def test_what_does_not_go_is_refused(tls: ssl.SSLSocket, lab: Lab, context: ssl.SSLContext) -> None:
    with pytest.raises(ValueError, match="non-zero flags"):
        tls.recv(1, socket.MSG_PEEK)
    with connected(lab) as raw:
        with pytest.raises(NotImplementedError, match="no blocking servers"):
            context.wrap_socket(raw, server_side=True)
        with pytest.raises(ValueError, match="check_hostname requires server_hostname"):
            context.wrap_socket(raw)
