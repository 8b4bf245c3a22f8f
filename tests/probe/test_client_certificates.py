"""Servers that let in clients with a certificate only: told so with OpenSSL's reason, and passed with one."""

import ssl
from pathlib import Path

import pytest
import trustme

from tests.probe import servers
from tests.probe.running import Probed, probe
from tests.probe.servers import STLS, Pop3, Server, closed_port, sound
from tests.probe.test_command import refused


def demanding(highest: ssl.TLSVersion) -> ssl.SSLContext:
    """Return a context that wants a certificate of the tests' authority."""
    context = servers.context()
    context.maximum_version = highest
    context.verify_mode = ssl.CERT_REQUIRED
    servers.authority().configure_trust(context)
    return context


def pair(folder: Path) -> tuple[str, str]:
    """Write a client's certificate and its key."""
    leaf = servers.authority().issue_cert("probe.muster.example")
    cert, key = folder / "cert.pem", folder / "key.pem"
    leaf.cert_chain_pems[0].write_to_path(str(cert))
    leaf.private_key_pem.write_to_path(str(key))
    return str(cert), str(key)


def probed(
    context: ssl.SSLContext, capsys: pytest.CaptureFixture[str], folder: Path, *options: str
) -> Probed:
    with Server(sound(context, at_once=True)) as tls, closed_port() as closed:
        return probe(capsys, closed, tls.port, "--ca-file", servers.ca_file(folder), *options)


#    the newest version of the server   what OpenSSL says
VERSIONS = [
    (ssl.TLSVersion.TLSv1_3, "certificate required"),
    (ssl.TLSVersion.TLSv1_2, "handshake failure"),
]


@pytest.mark.parametrize(("highest", "reason"), VERSIONS)
def test_the_reason_is_in_row_and_finding(
    highest: ssl.TLSVersion, reason: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    found = probed(demanding(highest), capsys, tmp_path)
    trouble = found.way("tls")["trouble"]
    assert trouble["kind"] == "client-certificate"
    assert reason in trouble["detail"]
    assert reason in found.values("port-client-certificate")["detail"]
    assert set(found.data["verdict"]["tls"].values()) == {"client-certificate"}
    assert found.way("tls")["tls"]["versions"]["1.2"] == "accepted"
    assert found.codes("warning") == {"port-client-certificate": ["tls"]}
    assert found.status == 1


def test_after_stls_it_is_told_as_well(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    script = Pop3(capabilities=STLS, context=demanding(ssl.TLSVersion.TLSv1_3))
    with Server(script) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed, "--ca-file", servers.ca_file(tmp_path))
    assert found.way("stls")["trouble"]["kind"] == "client-certificate"
    assert found.codes("warning") == {"port-client-certificate": ["stls"]}


@pytest.mark.parametrize("highest", [row[0] for row in VERSIONS])
def test_with_a_certificate_the_probe_is_let_in(
    highest: ssl.TLSVersion, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    cert, key = pair(tmp_path)
    found = probed(demanding(highest), capsys, tmp_path, "--cert", cert, "--key", key)
    assert (found.status, found.cell("tls", "password")) == (0, "all-encrypted")


def test_a_certificate_that_is_asked_for_and_not_required_is_no_finding(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    context = demanding(ssl.TLSVersion.TLSv1_3)
    context.verify_mode = ssl.CERT_OPTIONAL
    found = probed(context, capsys, tmp_path)
    assert (found.status, found.codes("warning")) == (0, {})


def test_a_key_of_another_certificate_is_named(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    cert, _ = pair(tmp_path)
    other = tmp_path / "other.pem"
    trustme.CA().issue_cert("h").private_key_pem.write_to_path(str(other))
    line = refused(capfd, "127.0.0.1", "--cert", cert, "--key", str(other))
    assert f"{cert}, {other}: no certificate with its key" in line


def test_an_encrypted_key_is_named_and_not_asked_for(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from cryptography.hazmat.primitives import serialization

    cert, key = pair(tmp_path)
    read = serialization.load_pem_private_key(Path(key).read_bytes(), None)
    locked = tmp_path / "locked.pem"
    locked.write_bytes(
        read.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"Sommer2026"),
        )
    )
    assert "the key is encrypted" in refused(capfd, "127.0.0.1", "--cert", cert, "--key", str(locked))
