"""The certificate is replaced while the Lab runs: open connections go on, new handshakes show the new one."""

import poplib
import ssl
from pathlib import Path

import pytest
from spnego.channel_bindings import GssChannelBindings

from minipop import Lab
from minipop.exchange import SettingsError
from tests.lab.test_trust import REFUSED, binding, by_ntlm, connected


def shown(lab: Lab, *, over: str) -> bytes:
    """Return the certificate that a new client is shown, in DER."""
    with connected(lab, over=over) as pop:
        return certificate(pop.sock)


def certificate(sock: object) -> bytes:
    """Return the certificate that a client has been shown, in DER."""
    assert isinstance(sock, ssl.SSLSocket)
    return sock.getpeercert(binary_form=True) or b""


@pytest.mark.parametrize("over", ["995", "STLS"])
def test_a_new_client_is_shown_the_new_certificate_and_an_open_session_goes_on(over: str) -> None:
    with Lab("2016", login_type="PlainTextLogin") as lab, connected(lab, over=over) as old:
        old.user("anna@muster.example")
        lab.renew_certificate()
        old.pass_("Sommer2026")
        old.dele(1)
        first, second = certificate(old.sock), shown(lab, over=over)
        assert first != second  # which `connected` has verified, against the same authority
        lab.renew_certificate()
        assert len({first, second, shown(lab, over=over)}) == 3
        assert old.quit().startswith(b"+OK")
        assert len(lab.mailbox("anna").inbox) == 9


def test_a_client_that_has_waited_with_stls_is_shown_the_new_certificate() -> None:
    with Lab("2016", extended_protection="Require") as lab:
        before = shown(lab, over="STLS")
        with connected(lab, over="110") as pop:
            lab.renew_certificate()
            pop.stls(ssl.create_default_context(cafile=lab.ca_file))
            new = certificate(pop.sock)
            assert new == shown(lab, over="995") != before
            assert by_ntlm(pop, "MUSTER\\anna", "Sommer2026", binding(new)).startswith(b"+OK")


@pytest.mark.parametrize("over", ["995", "STLS"])
def test_ntlm_is_bound_to_the_certificate_that_its_connection_has_shown(over: str) -> None:
    def log_on(pop: poplib.POP3, bound: GssChannelBindings) -> bytes:
        return by_ntlm(pop, "MUSTER\\anna", "Sommer2026", bound)

    with Lab(extended_protection="Require") as lab, connected(lab, over=over) as old:
        first = binding(certificate(old.sock))
        lab.renew_certificate()
        second = binding(shown(lab, over=over))
        for bound, right in ((first, False), (second, True)):
            with connected(lab, over=over) as new:
                assert log_on(new, bound).startswith(b"+OK") if right else log_on(new, bound) == REFUSED
        assert log_on(old, first).startswith(b"+OK")


def test_a_lab_does_not_change_the_certificate_of_another() -> None:
    with Lab(extended_protection="Require") as other, Lab() as lab:
        before = shown(other, over="995")
        lab.renew_certificate()
        other.restart()
        assert shown(other, over="995") == before
        with connected(other, over="995") as pop:
            assert by_ntlm(pop, "MUSTER\\anna", "Sommer2026", binding(before)).startswith(b"+OK")


def test_a_certificate_of_ones_own_is_shown_from_a_pem_file_and_outlives_restarts(tmp_path: Path) -> None:
    import trustme

    own = trustme.CA().issue_cert("localhost")
    own.private_key_and_cert_chain_pem.write_to_path(tmp_path / "own.pem")
    lab = Lab().start()
    lab.renew_certificate(tmp_path / "own.pem")
    for again in (lab.restart, lab.stop, lab.stop):
        with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
            shown(lab, over="995")  # of an authority that the client does not know
        there = ssl.get_server_certificate((lab.host, lab.tls_port))
        assert there.strip() == own.cert_chain_pems[0].bytes().decode().strip()
        again()
        if again == lab.stop:
            lab.start()
    lab.stop()


def encrypted(key: bytes) -> bytes:
    """Encrypt a key in PEM."""
    from cryptography.hazmat.primitives import serialization

    return serialization.load_pem_private_key(key, None).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.BestAvailableEncryption(b"secret"),
    )


@pytest.mark.parametrize(
    "broken", ["away", "rubbish", "empty", "key of another", "no key", "no certificate", "encrypted key"]
)
def test_a_broken_certificate_is_told_in_one_line_and_the_old_one_stays_in_service(
    tmp_path: Path, broken: str
) -> None:
    import trustme

    authority = trustme.CA()
    leaf, other = authority.issue_cert("localhost"), authority.issue_cert("localhost")
    chain, key = leaf.cert_chain_pems[0].bytes(), leaf.private_key_pem.bytes()
    content = {
        "rubbish": b"\xff\x00" * 100,
        "empty": b"",
        "key of another": other.private_key_pem.bytes() + chain,
        "no key": chain,
        "no certificate": key,
        "encrypted key": encrypted(key) + chain,
    }
    file = tmp_path / "broken.pem"
    if broken in content:
        file.write_bytes(content[broken])
    with Lab(extended_protection="Require") as lab:
        before = shown(lab, over="995")
        with pytest.raises(SettingsError, match=f"^{file}: no certificate with its key: .+$"):
            lab.renew_certificate(file)
        lab.restart()
        assert shown(lab, over="995") == shown(lab, over="STLS") == before
        with connected(lab, over="995") as pop:
            assert by_ntlm(pop, "MUSTER\\anna", "Sommer2026", binding(before)).startswith(b"+OK")


def test_a_certificate_that_nobody_knows_is_refused_and_one_that_has_expired_is_not() -> None:
    with Lab() as lab:
        with pytest.raises(
            SettingsError, match="unknown certificate 'none'; choose one of valid, other-name"
        ):
            lab.renew_certificate("none")
        assert shown(lab, over="995")
        lab.renew_certificate("expired")
        with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
            shown(lab, over="995")
