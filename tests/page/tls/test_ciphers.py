"""The bulk of a connection by JavaScript: the same octets as in Python; tampering is noticed."""

import ssl
import sys
from collections.abc import Callable
from types import ModuleType

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from minipop.page.tls.ciphers import InJavaScript, use_javascript
from minipop.page.tls.library import chacha20_poly1305
from tests.page.tls.certificates import Issued
from tests.page.tls.sides import OPENSSL, PAGE, Pair, read

# RFC 8439, section 2.8.2.
KEY = bytes(range(0x80, 0xA0))
NONCE = bytes.fromhex("070000004041424344454647")
DATA = bytes.fromhex("50515253c0c1c2c3c4c5c6c7")
PLAIN = (
    b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
    b"sunscreen would be it."
)
SEALED = bytes.fromhex(
    "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b"
    "1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
    "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691"
)


class Bytes:
    """What JavaScript gives back: Pyodide's proxy of a ``Uint8Array``."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def to_bytes(self) -> bytes:
        return self._data


@pytest.fixture
def javascript(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Register the module as the worker does, with another library in it; return what is called."""
    called: list[str] = []
    module = ModuleType("page_ciphers")

    def seal(key: bytes, nonce: bytes, data: bytes, plain: bytes) -> Bytes:
        called.append("seal")
        assert {type(value) for value in (key, nonce, data, plain)} == {
            bytes
        }  # which Pyodide hands on as octets
        return Bytes(ChaCha20Poly1305(key).encrypt(nonce, plain, data))

    def open_(key: bytes, nonce: bytes, data: bytes, sealed: bytes) -> Bytes:
        called.append("open")
        assert {type(value) for value in (key, nonce, data, sealed)} == {bytes}
        return Bytes(ChaCha20Poly1305(key).decrypt(nonce, sealed, data))

    module.__dict__.update(seal=seal, open=open_)
    monkeypatch.setitem(sys.modules, "page_ciphers", module)
    monkeypatch.setattr(chacha20_poly1305, "new", chacha20_poly1305.new)  # to be put back
    return called


@pytest.mark.usefixtures("javascript")
def test_it_seals_and_opens_as_the_rfc_says() -> None:
    cipher = InJavaScript(bytearray(KEY))
    assert cipher.seal(bytearray(NONCE), bytearray(PLAIN), bytearray(DATA)) == SEALED
    assert cipher.open(bytearray(NONCE), bytearray(SEALED), bytearray(DATA)) == bytearray(PLAIN)


@pytest.mark.usefixtures("javascript")
@pytest.mark.parametrize("at", [0, 50, -1])
def test_what_was_tampered_with_does_not_open(at: int) -> None:
    sealed = bytearray(SEALED)
    sealed[at] ^= 1
    assert InJavaScript(bytearray(KEY)).open(bytearray(NONCE), sealed, bytearray(DATA)) is None
    with pytest.raises(InvalidTag):  # the fixture's own way to say so, which must not get out
        ChaCha20Poly1305(KEY).decrypt(NONCE, bytes(sealed), DATA)


def test_connections_take_it_once_it_is_there(
    javascript: list[str],
    ca: Issued,
    valid: Issued,
    trusting: Callable[[Issued], ssl.SSLContext],
    showing: Callable[[Issued], ssl.SSLContext],
) -> None:
    assert use_javascript()
    pair = Pair((trusting(ca), PAGE), (showing(valid), OPENSSL)).shake_hands()
    assert pair.errors == {}
    called = len(javascript)
    assert called > 0
    pair.client.write(b"x" * 100_000)
    assert read(pair.server, 100_000) == b"x" * 100_000
    assert javascript[called:] == ["seal"] * 7  # records of 16,384 octets at most


def test_without_it_python_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "page_ciphers", None)
    monkeypatch.setattr(chacha20_poly1305, "new", chacha20_poly1305.new)
    assert not use_javascript()
    cipher = chacha20_poly1305.new(bytearray(KEY))
    assert cipher.seal(bytearray(NONCE), bytearray(PLAIN), bytearray(DATA)) == SEALED
