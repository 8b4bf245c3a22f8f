"""A client of the page refuses what OpenSSL refuses: with its numbers, its texts and its alerts."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from minipop.page.tls.certificate import Certificate, DerError
from minipop.page.tls.signatures import signed_by
from minipop.page.tls.verification import verify
from tests.page.tls.certificates import FUTURE, LONG_AGO, Issued, elliptic, issue, with_rsa
from tests.page.tls.sides import OPENSSL, PAGE, Context, Pair

Make = Callable[[Issued], ssl.SSLContext]

UNKNOWN = "unable to get local issuer certificate"
NOT_FOR = "mismatch, certificate is not valid for"

CA = issue("Test CA")
OTHER = issue("Other CA")
#: An authority that bears the name and the key identifier of the first, but has a key of its own.
IMPOSTOR = issue("Test CA", key_id=Certificate(CA.der).subject_key)
EXPIRED_CA = issue("Expired CA", after=LONG_AGO)
HERE = ("localhost", "127.0.0.1")


@dataclass(frozen=True)
class Case:
    """What a server shows, whom the client means and trusts, and what comes of it.

    Args:
        shown: the server's certificate.
        code: X509_STORE_CTX_get_error(3) has the numbers.
        text: what OpenSSL says, or Python for names.
        alert: what the server hears (RFC 8446, section 6.2).
        hostname: whom the client means.
        trusted: whom it trusts.
    """

    shown: Issued
    code: int
    text: str
    alert: str
    hostname: str = "localhost"
    trusted: Issued = field(default=CA)


REFUSED = {
    "unknown issuer": Case(issue("a", OTHER, names=HERE), 20, UNKNOWN, "TLSV1_ALERT_UNKNOWN_CA"),
    "same name, other key": Case(
        issue("a", issue("Test CA"), names=HERE), 20, UNKNOWN, "TLSV1_ALERT_UNKNOWN_CA"
    ),
    "self-signed": Case(issue("a", names=HERE), 18, "self-signed certificate", "TLSV1_ALERT_UNKNOWN_CA"),
    "other name": Case(
        issue("a", CA, names=("pop.muster.example",)),
        62,
        f"Hostname {NOT_FOR} 'localhost'.",
        "SSLV3_ALERT_BAD_CERTIFICATE",
    ),
    "common name alone": Case(
        issue("localhost", CA, names=("pop.muster.example",)),
        62,
        f"Hostname {NOT_FOR} 'localhost'.",
        "SSLV3_ALERT_BAD_CERTIFICATE",
    ),
    "other address": Case(
        issue("a", CA, names=HERE),
        64,
        f"IP address {NOT_FOR} '127.0.0.2'.",
        "SSLV3_ALERT_BAD_CERTIFICATE",
        hostname="127.0.0.2",
    ),
    "address as a name": Case(
        issue("a", CA, names=("localhost",)),
        64,
        f"IP address {NOT_FOR} '127.0.0.1'.",
        "SSLV3_ALERT_BAD_CERTIFICATE",
        hostname="127.0.0.1",
    ),
    "expired": Case(
        issue("a", CA, names=HERE, after=LONG_AGO),
        10,
        "certificate has expired",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED",
    ),
    "not yet valid": Case(
        issue("a", CA, names=HERE, before=FUTURE.replace(year=2090)),
        9,
        "certificate is not yet valid",
        "SSLV3_ALERT_BAD_CERTIFICATE",
    ),
    "wrong signature": Case(
        issue("a", IMPOSTOR, names=HERE), 7, "certificate signature failure", "TLSV1_ALERT_DECRYPT_ERROR"
    ),
    "expired authority": Case(
        issue("a", EXPIRED_CA, names=HERE),
        10,
        "certificate has expired",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED",
        trusted=EXPIRED_CA,
    ),
    # What counts first when more than one thing is wrong.
    "unknown, other name, expired": Case(
        issue("a", OTHER, names=("x",), after=LONG_AGO), 20, UNKNOWN, "TLSV1_ALERT_UNKNOWN_CA"
    ),
    "other name, expired": Case(
        issue("a", CA, names=("x",), after=LONG_AGO),
        62,
        f"Hostname {NOT_FOR} 'localhost'.",
        "SSLV3_ALERT_BAD_CERTIFICATE",
    ),
    "wrong signature, expired": Case(
        issue("a", IMPOSTOR, names=HERE, after=LONG_AGO),
        7,
        "certificate signature failure",
        "TLSV1_ALERT_DECRYPT_ERROR",
    ),
}

#: OpenSSL's own client is asked as well, so that the table above cannot be wrong.
CLIENTS = [OPENSSL, PAGE]


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_client_refuses_what_openssl_refuses(
    name: str, client: str, version: ssl.TLSVersion, trusting: Make, showing: Make
) -> None:
    case = REFUSED[name]
    context = trusting(case.trusted)
    context.maximum_version = version
    pair = Pair((context, client), (showing(case.shown), OPENSSL), case.hostname).shake_hands()
    refusal = pair.errors["client"]
    assert isinstance(refusal, ssl.SSLCertVerificationError)
    assert (refusal.verify_code, refusal.verify_message) == (case.code, case.text)
    assert (refusal.reason, refusal.library) == ("CERTIFICATE_VERIFY_FAILED", "SSL")
    said = f"[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {case.text}"
    assert str(refusal).partition(" (_ssl.c")[0] == said
    assert pair.errors["server"].reason == case.alert
    assert pair.client.version() is None or client == OPENSSL


@pytest.mark.parametrize("name", ["unknown issuer", "other name", "expired"])
def test_a_server_of_the_page_hears_of_it_and_has_no_session(
    name: str, trusting: Make, showing: Make
) -> None:
    case = REFUSED[name]
    pair = Pair((trusting(case.trusted), PAGE), (showing(case.shown), PAGE), case.hostname).shake_hands()
    assert set(pair.errors) == {"client", "server"}
    assert pair.errors["server"].reason == case.alert
    assert pair.server.version() is None
    assert pair.server.cipher() is None


ACCEPTED = {
    "a name": (issue("a", CA, names=HERE), "localhost", CA),
    "capitals": (issue("a", CA, names=("Localhost",)), "LOCALHOST", CA),
    "an address": (issue("a", CA, names=HERE), "127.0.0.1", CA),
    "IPv6, written in full": (issue("a", CA, names=("::1",)), "0:0:0:0:0:0:0:1", CA),
    "self-signed and trusted itself": ((own := issue("a", names=HERE)), "localhost", own),
    "an authority with RSA": (
        issue("a", root := issue("RSA CA", key=with_rsa()), names=HERE),
        "localhost",
        root,
    ),
    "RSA with SHA-512": (
        issue("a", root := issue("RSA CA", key=with_rsa()), names=HERE, digest=hashes.SHA512()),
        "localhost",
        root,
    ),
    "P-384 with SHA-384": (
        issue(
            "a",
            root := issue("CA", key=ec.generate_private_key(ec.SECP384R1())),
            names=HERE,
            digest=hashes.SHA384(),
        ),
        "localhost",
        root,
    ),
}


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("name", ACCEPTED)
def test_a_client_accepts_what_openssl_accepts(name: str, client: str, trusting: Make, showing: Make) -> None:
    shown, hostname, trusted = ACCEPTED[name]
    assert Pair((trusting(trusted), client), (showing(shown), OPENSSL), hostname).shake_hands().errors == {}


@pytest.mark.parametrize("client", CLIENTS)
def test_the_name_counts_only_if_the_context_says_so(client: str, trusting: Make, showing: Make) -> None:
    context = trusting(CA)
    context.check_hostname = False
    shown = showing(issue("a", CA, names=("pop.muster.example",)))
    assert Pair((context, client), (shown, OPENSSL)).shake_hands().errors == {}
    unknown = showing(issue("a", OTHER, names=HERE))
    assert Pair((context, client), (unknown, OPENSSL)).shake_hands().errors["client"].verify_code == 20  # type: ignore[attr-defined]


@pytest.mark.parametrize("client", CLIENTS)
def test_who_verifies_nothing_accepts_anything_and_learns_nothing(client: str, showing: Make) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    shown = issue("a", OTHER, names=("x",), after=LONG_AGO)
    pair = Pair((context, client), (showing(shown), OPENSSL)).shake_hands()
    assert pair.errors == {}
    assert pair.client.getpeercert() == {}
    assert pair.client.getpeercert(True) == shown.der


@pytest.mark.parametrize("client", CLIENTS)
def test_who_trusts_nobody_knows_no_issuer(client: str, showing: Make) -> None:
    context = Context(ssl.PROTOCOL_TLS_CLIENT)
    pair = Pair((context, client), (showing(issue("a", CA, names=HERE)), OPENSSL)).shake_hands()
    assert pair.errors["client"].verify_code == 20  # type: ignore[attr-defined]


# -- what is told as a limit, so that it is noticed when it no longer holds -------------------------------


def test_of_all_signatures_those_without_sha_2_count_as_wrong(trusting: Make) -> None:
    shown = issue("a", CA, names=HERE, digest=hashes.SHA3_256())
    with pytest.raises(ssl.SSLCertVerificationError, match="certificate signature failure"):
        verify(trusting(CA), [shown.der], "localhost", signed_by)


def test_wildcards_and_intermediate_certificates_are_not_known(trusting: Make) -> None:
    between = issue("Between", CA)
    below = issue("a", between, names=HERE)
    for shown, hostname, code in (
        ([issue("a", CA, names=("*.muster.example",)).der], "pop.muster.example", 62),
        ([below.der, between.der], "localhost", 20),
    ):
        with pytest.raises(ssl.SSLCertVerificationError) as refused:
            verify(trusting(CA), shown, hostname, lambda *_: True)
        assert refused.value.verify_code == code


# -- reading ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keep", [0, 1, 2, 5, 60, 200, -1])
def test_half_a_certificate_is_none(keep: int, trusting: Make) -> None:
    der = issue("a", CA, names=HERE).der[:keep]
    with pytest.raises(DerError):
        Certificate(der)
    with pytest.raises(ssl.SSLCertVerificationError):
        verify(trusting(CA), [der], "localhost", lambda *_: True)


def test_times_are_read_in_both_forms() -> None:
    # RFC 5280, section 4.1.2.5: two digits of the year until 2049, from 2050 on four.
    certificate = Certificate(issue("a", before=LONG_AGO, after=FUTURE).der)
    assert certificate.not_before == LONG_AGO
    assert certificate.not_after == FUTURE
    assert certificate.described()["notBefore"] == "Oct 13 09:08:07 2020 GMT"
    assert certificate.described()["notAfter"] == "Jan  1 00:00:00 2099 GMT"


def test_a_key_of_another_kind_is_no_reason_to_accept() -> None:
    by_rsa = issue("RSA CA", key=with_rsa())
    for one, other in ((CA, by_rsa), (by_rsa, CA)):
        shown = Certificate(issue("a", one, names=HERE, key=elliptic()).der)
        assert signed_by(shown, Certificate(one.der))
        assert not signed_by(shown, Certificate(other.der))


def test_a_certificate_is_described_as_openssl_describes_it(tmp_path: Path) -> None:
    shown = issue("Müller & Söhne", CA, names=("xn--mller-kva.example", "10.1.2.3", "2001:db8::ff"))
    file = shown.write(tmp_path / "shown.pem")
    decode: Callable[[str], dict[str, Any]] = ssl._ssl._test_decode_cert  # type: ignore[attr-defined]
    assert Certificate(shown.der).described() == decode(str(file))
