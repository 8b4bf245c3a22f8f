"""It is real TLS: OpenSSL speaks with it in both roles, and what was tampered with is refused."""

import random
import ssl
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minipop.page.tls import kind, wrap_bio
from tests.page.tls.certificates import Issued, issue, with_rsa
from tests.page.tls.sides import OPENSSL, PAGE, Context, Pair, read, wants

Make = Callable[[Issued], ssl.SSLContext]

#: Who speaks for the client and for the server.
SPEAKERS = [(PAGE, OPENSSL), (OPENSSL, PAGE), (PAGE, PAGE)]

#: A version, a kind of key, and what both sides must say of the suite (RFC 8446, section B.4; RFC 7905).
SUITES = [
    ("TLSv1.3", "P-256", "TLS_CHACHA20_POLY1305_SHA256"),
    ("TLSv1.3", "RSA", "TLS_CHACHA20_POLY1305_SHA256"),
    ("TLSv1.2", "P-256", "ECDHE-ECDSA-CHACHA20-POLY1305"),
    ("TLSv1.2", "RSA", "ECDHE-RSA-CHACHA20-POLY1305"),
]


@pytest.fixture(params=SPEAKERS, ids=" to ".join)
def pair(request: pytest.FixtureRequest, ca: Issued, valid: Issued, trusting: Make, showing: Make) -> Pair:
    client, server = request.param
    return Pair((trusting(ca), client), (showing(valid), server))


def test_here_it_is_real() -> None:
    assert kind() == "real"


# -- with OpenSSL -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "key", "suite"), SUITES)
@pytest.mark.parametrize("speakers", SPEAKERS, ids=" to ".join)
def test_they_agree_and_hear_each_other(
    speakers: tuple[str, str], version: str, key: str, suite: str, ca: Issued, trusting: Make, showing: Make
) -> None:
    shown = issue("localhost", ca, names=("localhost",), key=with_rsa() if key == "RSA" else None)
    client = trusting(ca)
    client.minimum_version = client.maximum_version = ssl.TLSVersion[version.replace("1.", "1_")]
    client.set_ciphers("ECDHE+CHACHA20")
    pair = Pair((client, speakers[0]), (showing(shown), speakers[1])).shake_hands()
    assert pair.errors == {}
    for one in (pair.client, pair.server):
        assert one.version() == version
        assert one.cipher() == (suite, version, 256)
    pair.client.write(b"CAPA\r\n")
    assert pair.server.read(100) == b"CAPA\r\n"
    message = random.Random(1).randbytes(200_000)
    pair.server.write(message)
    assert read(pair.client, len(message)) == message


def test_both_say_goodbye(pair: Pair) -> None:
    pair.shake_hands()
    assert wants(pair.client.unwrap)
    assert pair.server.read(10) == b""
    pair.server.unwrap()
    pair.client.unwrap()
    assert pair.errors == {}


def test_a_goodbye_waits_for_what_was_under_way(pair: Pair) -> None:
    pair.shake_hands()
    assert wants(pair.server.unwrap)
    assert wants(pair.server.unwrap)
    assert pair.client.read(10) == b""
    pair.client.unwrap()
    pair.server.unwrap()


def test_the_certificate_is_read_as_openssl_reads_it(
    ca: Issued, valid: Issued, trusting: Make, showing: Make
) -> None:
    pages, openssls = (
        Pair((trusting(ca), who), (showing(valid), OPENSSL)).shake_hands().client for who in (PAGE, OPENSSL)
    )
    assert pages.getpeercert(True) == openssls.getpeercert(True) == valid.der
    assert pages.getpeercert() == openssls.getpeercert()
    assert (pages.getpeercert() or {})["subjectAltName"] == (
        ("DNS", "localhost"),
        ("IP Address", "127.0.0.1"),
        ("IP Address", "0:0:0:0:0:0:0:1"),
    )


@pytest.mark.parametrize(
    ("hostname", "said"), [("localhost", "localhost"), ("127.0.0.1", None), ("::1", None)]
)
def test_a_name_is_sent_along_but_no_address(
    hostname: str, said: str | None, ca: Issued, valid: Issued, trusting: Make, showing: Make
) -> None:
    server, heard = showing(valid), []
    server.sni_callback = lambda _, name, __: heard.append(name)
    pair = Pair((trusting(ca), PAGE), (server, OPENSSL), hostname).shake_hands()
    assert pair.errors == {}
    assert heard == [said]


def test_a_client_must_say_whom_it_means(ca: Issued, valid: Issued, trusting: Make, showing: Make) -> None:
    with pytest.raises(ValueError, match="check_hostname requires server_hostname"):
        Pair((trusting(ca), PAGE), (showing(valid), OPENSSL), hostname=None)


# -- what is not offered ----------------------------------------------------------------------------------


def test_a_server_offers_nothing_below_tls_1_2(
    ca: Issued, valid: Issued, trusting: Make, showing: Make
) -> None:
    old = trusting(ca)
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    pair = Pair((old, OPENSSL), (showing(valid), PAGE)).shake_hands()
    assert pair.errors["client"].reason == "TLSV1_ALERT_PROTOCOL_VERSION"
    assert pair.errors["server"].reason == "PROTOCOL_VERSION"
    with pytest.raises(ssl.SSLError, match="NO_PROTOCOLS_AVAILABLE"):
        Pair((old, PAGE), (showing(valid), OPENSSL))


@pytest.mark.parametrize(("low", "high"), [("TLSv1_2", "TLSv1_2"), ("TLSv1_3", "TLSv1_3")])
def test_a_context_chooses_the_version_at_the_servers_side_too(
    low: str, high: str, ca: Issued, valid: Issued, trusting: Make, showing: Make
) -> None:
    server = showing(valid)
    server.minimum_version, server.maximum_version = ssl.TLSVersion[low], ssl.TLSVersion[high]
    pair = Pair((trusting(ca), OPENSSL), (server, PAGE)).shake_hands()
    assert pair.client.version() == low.replace("_", ".")


def test_a_client_without_chacha20_is_told_so(
    ca: Issued, valid: Issued, trusting: Make, showing: Make
) -> None:
    client = trusting(ca)
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    client.set_ciphers("ECDHE+AESGCM")
    pair = Pair((client, OPENSSL), (showing(valid), PAGE)).shake_hands()
    assert pair.errors["client"].reason == "SSLV3_ALERT_HANDSHAKE_FAILURE"


def test_a_server_needs_a_certificate(ca: Issued, trusting: Make) -> None:
    with pytest.raises(ssl.SSLError, match="NO_CERTIFICATE_ASSIGNED"):
        Pair((trusting(ca), OPENSSL), (ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), PAGE))


def test_before_the_handshake_nothing_is_known(pair: Pair) -> None:
    for one in (pair.client, pair.server):
        assert (one.version(), one.cipher(), one.pending()) == (None, None, 0)
        with pytest.raises(ValueError, match="handshake not done yet"):
            one.getpeercert()


# -- what goes wrong on the way ---------------------------------------------------------------------------


def cut(data: bytes) -> Iterator[bytes]:
    return (data[at : at + 1] for at in range(len(data)))


def test_records_may_come_octet_by_octet(ca: Issued, valid: Issued, trusting: Make, showing: Make) -> None:
    pair = Pair((trusting(ca), PAGE), (showing(valid), OPENSSL))
    assert wants(pair.client.do_handshake)
    assert wants(pair.server.do_handshake)
    waited = 0
    for octet in cut(pair.to_client.read()):
        pair.to_client.write(octet)
        waited += wants(pair.client.do_handshake)
    assert waited > 500
    pair.shake_hands()
    assert pair.errors == {}
    wants(lambda: pair.client.read(1))  # OpenSSL's session tickets
    pair.server.write(b"+OK ready\r\n")
    pair.server.write(b"+OK again\r\n")
    heard = b""
    for octet in cut(pair.to_client.read()):
        pair.to_client.write(octet)
        if not wants(lambda: pair.client.pending() or pair.client.read(0)):
            heard += pair.client.read(100)
    assert heard == b"+OK ready\r\n+OK again\r\n"


@pytest.mark.parametrize("at", [5, 9, -17, -1])
def test_tampered_ciphertext_is_refused(pair: Pair, at: int) -> None:
    pair.shake_hands()
    wants(lambda: pair.client.read(1))
    pair.server.write(b"+OK 10 2045733\r\n")
    record = bytearray(pair.to_client.read())
    record[at] ^= 1
    pair.to_client.write(record)
    with pytest.raises(ssl.SSLError) as refused:
        pair.client.read(100)
    assert refused.value.reason == "DECRYPTION_FAILED_OR_BAD_RECORD_MAC"
    with pytest.raises(ssl.SSLError) as told:
        pair.server.read(100)
    assert told.value.reason == "SSLV3_ALERT_BAD_RECORD_MAC"


def test_a_record_that_comes_twice_is_refused(pair: Pair) -> None:
    pair.shake_hands()
    pair.client.write(b"DELE 1\r\n")
    record = pair.to_server.read()
    pair.to_server.write(record * 2)
    assert pair.server.read(100) == b"DELE 1\r\n"
    with pytest.raises(ssl.SSLError, match="DECRYPTION_FAILED_OR_BAD_RECORD_MAC"):
        pair.server.read(100)


def test_an_end_without_notice_is_told_from_a_goodbye(pair: Pair) -> None:
    pair.shake_hands()
    wants(lambda: pair.client.read(1))
    pair.server.write(b"+OK\r\n")
    pair.to_client.write_eof()
    assert pair.client.read(100) == b"+OK\r\n"
    with pytest.raises(ssl.SSLEOFError) as ended:
        pair.client.read(100)
    assert ended.value.args[0] == ssl.SSL_ERROR_EOF


@pytest.mark.parametrize(
    "said", [b"+OK The Microsoft Exchange POP3 service is ready.\r\n", b"QUIT\r\n", b"Q"]
)
def test_clear_text_is_no_tls(pair: Pair, said: bytes) -> None:
    pair.to_client.write(said)
    pair.to_server.write(said)
    for one in (pair.client, pair.server):
        if type(one).__module__.startswith("minipop"):
            with pytest.raises(ssl.SSLError) as refused:
                one.do_handshake()
            assert refused.value.reason == "WRONG_VERSION_NUMBER"
            assert str(refused.value) == "[SSL: WRONG_VERSION_NUMBER] wrong version number"


def test_what_has_failed_fails_again(ca: Issued, valid: Issued, trusting: Make, showing: Make) -> None:
    pair = Pair((trusting(ca), PAGE), (showing(valid), PAGE))
    pair.to_client.write(b"+OK\r\n")
    for action in (pair.client.do_handshake, pair.client.do_handshake, lambda: pair.client.read(1)):
        with pytest.raises(ssl.SSLError, match="WRONG_VERSION_NUMBER"):
            action()
    assert pair.client.version() is None


def test_after_its_goodbye_a_side_sends_nothing_more(
    ca: Issued, valid: Issued, trusting: Make, showing: Make
) -> None:
    pair = Pair((trusting(ca), PAGE), (showing(valid), PAGE)).shake_hands()
    wants(pair.client.unwrap)
    pair.server.read(1)
    pair.client.unwrap()
    with pytest.raises(ssl.SSLError, match="PROTOCOL_IS_SHUTDOWN"):
        pair.client.write(b"QUIT\r\n")


#: Records of any type: what is in them.
RECORDS = st.lists(st.tuples(st.sampled_from([20, 21, 22, 23, 24]), st.binary(max_size=60)), max_size=4)
SHOWN = issue("localhost", names=("localhost",)).pem()


@given(RECORDS, st.booleans())
def test_whatever_comes_in_ends_in_an_error_of_tls(records: list[tuple[int, bytes]], to_server: bool) -> None:
    context = Context(ssl.PROTOCOL_TLS_SERVER if to_server else ssl.PROTOCOL_TLS_CLIENT)
    context._certfile_data = SHOWN
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = wrap_bio(context, incoming, outgoing, server_side=to_server, server_hostname="localhost")
    for type_, content in records:
        incoming.write(bytes([type_, 3, 3]) + len(content).to_bytes(2, "big") + content)
    incoming.write_eof()
    with pytest.raises(ssl.SSLError):
        one.do_handshake()


@pytest.mark.parametrize("speakers", [(OPENSSL, PAGE), (PAGE, OPENSSL)], ids=" to ".join)
@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_changed_in_a_handshake_ends_in_an_error_of_tls(
    seed: int, speakers: tuple[str, str], ca: Issued, valid: Issued, trusting: Make, showing: Make
) -> None:
    client, server, chance = trusting(ca), showing(valid), random.Random(seed)
    for _ in range(15):
        pair = Pair((client, speakers[0]), (server, speakers[1]))
        wants(pair.client.do_handshake)
        if speakers[1] == PAGE:
            said, to, one = pair.to_server.read(), pair.to_server, pair.server
        else:
            wants(pair.server.do_handshake)
            said, to, one = pair.to_client.read(), pair.to_client, pair.client
        to.write(changed(said, chance))
        to.write_eof()
        with pytest.raises(ssl.SSLError):
            one.do_handshake()


def changed(octets: bytes, chance: random.Random) -> bytes:
    """Return them with one to three bits turned, but for the header of the first record."""
    data = bytearray(octets)
    for _ in range(chance.randint(1, 3)):
        data[chance.randrange(5, len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)
