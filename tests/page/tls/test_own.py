"""A certificate of one's own: what can be shown, and what OpenSSL would not load either."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from minipop import Lab
from minipop.page.tls import get_server_certificate, own
from tests.page.tls.certificates import Issued, elliptic, issue, with_rsa
from tests.page.tls.sides import OPENSSL, PAGE, Context, Pair

PKCS8, TRADITIONAL = serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL


def key_of(issued: Issued, form: serialization.PrivateFormat = PKCS8, password: bytes = b"") -> str:
    """Return a key as PEM."""
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        encryption = serialization.BestAvailableEncryption(password)
    return issued.key.private_bytes(serialization.Encoding.PEM, form, encryption).decode()


OWN, OTHER, WITH_RSA = (issue("a", names=("localhost",), key=key) for key in (None, None, with_rsa()))
SHOWN = OWN.pem(key=False)

#: What is in a file, and what OpenSSL says of it; where it gives no reason, its text is "PEM lib".
BROKEN = {
    "rubbish": ("nonsense", None),
    "empty": ("", None),
    "no key": (SHOWN, None),
    "no certificate": (key_of(OWN), None),
    "half a certificate": (SHOWN.replace(SHOWN.splitlines()[3] + "\n", "") + key_of(OWN), None),
    "encrypted key": (SHOWN + key_of(OWN, password=b"secret"), None),
    "encrypted key, as OpenSSL writes it": (SHOWN + key_of(OWN, TRADITIONAL, b"secret"), None),
    "key of another": (SHOWN + key_of(OTHER), "KEY_VALUES_MISMATCH"),
    "RSA key of another": (
        WITH_RSA.pem(key=False) + key_of(issue("b", key=with_rsa())),
        "KEY_VALUES_MISMATCH",
    ),
}


def load(file: Path) -> None:
    """Load it into a context of OpenSSL's."""
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(file, password=b"")


def check(file: Path) -> None:
    """Load it as the page does."""
    own.load_cert_chain(Context(ssl.PROTOCOL_TLS_SERVER), file, password=b"")


@pytest.mark.parametrize("loader", [load, check])
@pytest.mark.parametrize("name", BROKEN)
def test_what_openssl_does_not_load_the_page_does_not_load(
    name: str, loader: Callable[[Path], None], tmp_path: Path
) -> None:
    text, reason = BROKEN[name]
    file = tmp_path / "own.pem"
    file.write_text(text)
    with pytest.raises(ssl.SSLError) as refused:
        loader(file)
    assert refused.value.reason == reason
    assert str(refused.value).startswith("[SSL] PEM lib" if reason is None else "[")


#: Keys of all kinds that the page can use, in the forms in which OpenSSL and others write them.
KEYS = [
    (elliptic(), PKCS8),
    (elliptic(), TRADITIONAL),
    (ec.generate_private_key(ec.SECP384R1()), PKCS8),
    (with_rsa(), PKCS8),
    (with_rsa(), TRADITIONAL),
]


@pytest.mark.parametrize(("key", "form"), KEYS, ids=["P-256", "P-256 old", "P-384", "RSA", "RSA old"])
@pytest.mark.parametrize("client", [OPENSSL, PAGE])
def test_a_server_can_show_it(
    client: str,
    key: ec.EllipticCurvePrivateKey,
    form: serialization.PrivateFormat,
    tmp_path: Path,
    trusting: Callable[[Issued], ssl.SSLContext],
) -> None:
    shown = issue("a", names=("localhost",), key=key)
    file = tmp_path / "own.pem"
    file.write_text(key_of(shown, form) + shown.pem(key=False))  # the key first, as some have it
    server = Context(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(server, file)
    server.load_cert_chain(file)
    assert Pair((trusting(shown), client), (server, PAGE)).shake_hands().errors == {}


def test_certificate_and_key_can_stand_in_two_files(tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    certificate.write_text(SHOWN)
    key.write_text(key_of(OWN))
    own.load_cert_chain(Context(ssl.PROTOCOL_TLS_SERVER), certificate, key)
    key.write_text(key_of(OTHER))
    with pytest.raises(ssl.SSLError, match="KEY_VALUES_MISMATCH"):
        own.load_cert_chain(Context(ssl.PROTOCOL_TLS_SERVER), certificate, key)


def test_of_ed25519_it_is_only_seen_that_both_are_there() -> None:
    own.check(SHOWN, key_of(Issued(OWN.certificate, ed25519.Ed25519PrivateKey.generate())))


@pytest.mark.usefixtures("tls_page")
def test_a_lab_shows_it_and_anyone_can_ask_for_it(tmp_path: Path) -> None:
    file = OWN.write(tmp_path / "own.pem")
    with Lab("2016") as lab:
        lab.renew_certificate(file)
        there = get_server_certificate((lab.host, lab.tls_port))
        assert there == SHOWN
        trusted = tmp_path / "trusted.pem"
        trusted.write_text(SHOWN)
        assert get_server_certificate(("localhost", lab.tls_port), ca_certs=trusted) == SHOWN
        with pytest.raises(ssl.SSLCertVerificationError, match="self-signed certificate"):
            get_server_certificate((lab.host, lab.tls_port), ca_certs=lab.ca_file)
