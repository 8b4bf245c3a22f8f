"""RC4 of the page: the octets of RFC 6229, and those of the library cryptography."""

import random

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher

from minipop.page.libraries import rc4


@pytest.mark.parametrize(
    ("key", "stream"),
    [
        ("0102030405", "b2396305f03dc027ccc3524a0a1118a8"),
        ("0102030405060708090a0b0c0d0e0f10", "9ac7cc9a609d1ef7b2932899cde41b97"),
    ],
)
def test_the_key_stream_is_that_of_the_rfc(key: str, stream: str) -> None:
    cipher = rc4.Cipher(rc4.ARC4(bytes.fromhex(key)), mode=None, backend=None)
    assert cipher.encryptor().update(bytes(16)).hex() == stream


def test_pieces_go_on_where_the_last_one_ended_and_come_out_as_from_cryptography() -> None:
    draw = random.Random(4)
    for size in (5, 7, 16, 24, 32):
        key, data = draw.randbytes(size), draw.randbytes(300)
        ours = rc4.Cipher(rc4.ARC4(key)).encryptor()
        theirs = Cipher(ARC4(key), mode=None).encryptor()
        sealed = ours.update(data[:100]) + ours.update(b"") + ours.update(data[100:]) + ours.finalize()
        assert sealed == theirs.update(data)
        assert rc4.Cipher(rc4.ARC4(key)).decryptor().update(sealed) == data
