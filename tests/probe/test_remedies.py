"""What to do is said for the server that greeting and CAPA name, and in general for all others."""

import datetime
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from minipop.cli import main
from minipop.probe import report
from tests.probe import servers
from tests.probe.running import probe
from tests.probe.servers import Pop3, Server, closed_port, sound

#    greeting, IMPLEMENTATION, the server, a word of the remedy for a password in clear
SERVERS = [
    ("+OK The Microsoft Exchange POP3 service is ready.", "", "exchange", "Set-PopSettings"),
    ("+OK Dovecot (Debian) ready.", "", "dovecot", "disable_plaintext_auth"),
    ("+OK ready", "IMPLEMENTATION Dovecot", "dovecot", "disable_plaintext_auth"),
    ("+OK Hello there.", "IMPLEMENTATION Courier Mail Server", "courier", "POP3_TLS_REQUIRED"),
    ("+OK mail Cyrus POP3 server ready", "", "cyrus", "allowplaintext: no"),
    ("+OK ready", "", None, "or close the port"),
]


@pytest.mark.parametrize(("greeting", "implementation", "name", "word"), SERVERS)
def test_the_remedy_fits_the_server(
    greeting: str, implementation: str, name: str | None, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    script = Pop3(greeting=greeting, capabilities=("TOP", implementation), replies={"USER": "+OK"})
    with Server(script) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed)
        main(["probe", "127.0.0.1", "--port", str(plain.port), "--tls-port", str(closed)])
    assert found.data["server"] == name
    text = " ".join(capsys.readouterr().out.split())
    assert word in text
    assert ("Set-PopSettings" in text) is (name == "exchange")


@pytest.mark.parametrize("lang", ["de", "en"])
def test_remedies_are_for_findings_that_there_are_and_general_ones_name_no_server(lang: str) -> None:
    texts = report.texts(lang)
    assert set(texts["remedies"]) == {"exchange", "dovecot", "courier", "cyrus"}
    for remedies in texts["remedies"].values():
        assert set(remedies) <= set(texts["findings"])
    general = str(texts["findings"])
    for word in ("Set-PopSettings", "ExchangeCertificate", "MSExchange", "SCHANNEL", "CASMailbox"):
        assert word not in general


def test_a_broken_handshake_has_a_reason_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    with Server(sound(servers.context())) as plain, Server(lambda _: None) as tls:
        found = probe(capsys, plain.port, tls.port)
    assert found.way("tls")["trouble"]["detail"] in (
        "unexpected eof while reading",
        "Connection reset by peer",
    )


def issued(folder: Path, *extensions: x509.ExtensionType, common_name: str = "127.0.0.1") -> ssl.SSLContext:
    """Return a context with a certificate of an authority, alone; ``root.pem`` is the authority's."""
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Muster CA")])
    now = datetime.datetime.now(datetime.UTC)

    def begun(name: x509.Name) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(root_name)
        builder = builder.not_valid_before(now - datetime.timedelta(days=1))
        return builder.not_valid_after(now + datetime.timedelta(days=90)).serial_number(
            x509.random_serial_number()
        )

    root = begun(root_name).public_key(root_key.public_key())
    root = root.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])
    leaf = begun(name).public_key(key.public_key())
    for extension in extensions:
        leaf = leaf.add_extension(extension, critical=False)
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "leaf.pem").write_bytes(private + leaf.sign(root_key, hashes.SHA256()).public_bytes(pem))
    (folder / "root.pem").write_bytes(root.sign(root_key, hashes.SHA256()).public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "leaf.pem")
    return context


NAMES = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
ISSUER = x509.AuthorityInformationAccess(
    [
        x509.AccessDescription(
            x509.OID_CA_ISSUERS,
            x509.UniformResourceIdentifier("http://ca.muster.example/ca.crt"),
        )
    ]
)

#    what the certificate says, whether its authority is trusted, what is found
CERTIFICATES = [
    pytest.param((NAMES, ISSUER), False, {"certificate-chain"}, id="chain"),
    pytest.param((NAMES,), False, {"certificate-untrusted"}, id="untrusted"),
    pytest.param((), True, {"certificate-name-in-cn"}, id="name in CN"),
    pytest.param((NAMES, ISSUER), True, set(), id="good"),
]


@pytest.mark.parametrize(("says", "trusted", "codes"), CERTIFICATES)
def test_a_certificate_is_told_as_what_it_is(
    says: tuple[x509.ExtensionType, ...],
    trusted: bool,
    codes: set[str],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    context = issued(tmp_path, *says)
    ca = str(tmp_path / "root.pem") if trusted else servers.ca_file(tmp_path)
    with Server(sound(context, at_once=True)) as tls, closed_port() as closed:
        found = probe(capsys, closed, tls.port, "--ca-file", ca)
    assert set(found.codes("warning")) == codes


def test_the_flaw_of_pop3_has_the_number_of_pop3() -> None:
    for lang in ("de", "en"):
        assert "CVE-2021-38084" in report.texts(lang)["findings"]["stls-injection"][0]
