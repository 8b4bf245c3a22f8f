"""The attacker in the middle: who does not look closely is overheard, who does has told him nothing."""

import poplib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence.patience import PATIENCE
from evidence.raw import Raw, context
from minipop import Lab
from minipop.exchange import SettingsError
from minipop.lab.attacker import Attacker
from minipop.lab.organization import LabStopped
from minipop.wire import read
from tests.lab.test_sessions import addresses


@pytest.fixture
def lab() -> Iterator[Lab]:
    """A Lab as the lesson starts it."""
    with Lab("2016") as started:
        yield started


@pytest.fixture
def mallory(lab: Lab) -> Iterator[Attacker]:
    """An attacker on that Lab."""
    with Attacker(lab) as started:
        yield started


def log_on(pop: poplib.POP3) -> poplib.POP3:
    pop.user("anna@muster.example")
    pop.pass_("Sommer2026")
    return pop


# -- port 995: a certificate of his own ---------------------------------------------------------------


def test_a_client_that_verifies_nothing_is_overheard_and_notices_nothing(lab: Lab, mallory: Attacker) -> None:
    pop = log_on(poplib.POP3_SSL(mallory.host, mallory.tls_port, timeout=PATIENCE))
    assert pop.getwelcome() == b"+OK The Microsoft Exchange POP3 service is ready."
    assert pop.stat() == (10, 2045733)
    assert pop.retr(9)[2] == 2033998  # two megabytes, whole
    pop.quit()
    assert mallory.heard == (b"USER anna@muster.example\r\nPASS Sommer2026\r\nSTAT\r\nRETR 9\r\nQUIT\r\n")
    assert str(lab.transcript[0]).startswith("Session 1, port 995 (TLS)")


def test_a_client_that_verifies_ends_it_before_it_says_anything(lab: Lab, mallory: Attacker) -> None:
    with pytest.raises(ssl.SSLCertVerificationError) as caught:
        poplib.POP3_SSL(mallory.host, mallory.tls_port, context=context(lab.ca_file), timeout=PATIENCE)
    mallory.stop()
    assert caught.value.verify_code == 20  # no certificate of the issuer, see X509_STORE_CTX_get_error(3)
    assert mallory.heard == b""
    assert len(lab.transcript) == 0


def test_his_certificate_bears_the_right_name_so_that_only_the_ca_gives_him_away(
    lab: Lab, mallory: Attacker
) -> None:
    trusting = context(lab.ca_file)
    trusting.check_hostname = False
    with pytest.raises(ssl.SSLCertVerificationError):
        poplib.POP3_SSL(mallory.host, mallory.tls_port, context=trusting, timeout=PATIENCE)
    careless = context()
    with (
        socket.create_connection((mallory.host, mallory.tls_port), timeout=PATIENCE) as raw,
        careless.wrap_socket(raw, server_hostname="localhost") as tls,
    ):
        shown = tls.getpeercert(binary_form=True)
    assert shown is not None
    assert b"localhost" in shown
    assert b"Mallory" in shown


# -- port 110: no TLS at all --------------------------------------------------------------------------


def test_stls_is_neither_offered_nor_possible(lab: Lab, mallory: Attacker) -> None:
    direct = poplib.POP3(lab.host, lab.port, timeout=PATIENCE)
    assert "STLS" in direct.capa()
    direct.quit()
    pop = poplib.POP3(mallory.host, mallory.port, timeout=PATIENCE)
    assert set(pop.capa()) == {"TOP", "UIDL", "SASL", "USER"}
    with pytest.raises(poplib.error_proto, match="STLS not supported by server"):
        pop.stls(context(lab.ca_file))
    pop.quit()
    with Raw(mallory.port) as raw:
        raw.line()
        assert raw.ask(b"STLS").startswith(b"-ERR")
    assert mallory.heard == b"CAPA\r\nCAPA\r\nQUIT\r\nSTLS\r\n"


def test_a_client_that_falls_back_is_overheard_although_the_server_wants_tls(
    lab: Lab, mallory: Attacker
) -> None:
    direct = poplib.POP3(lab.host, lab.port, timeout=PATIENCE)
    with pytest.raises(poplib.error_proto, match="not valid in this state"):
        direct.user("anna@muster.example")
    direct.close()
    pop = log_on(poplib.POP3(mallory.host, mallory.port, timeout=PATIENCE))
    assert pop.stat()[0] == 10
    pop.quit()
    assert read(mallory.heard, "Sommer2026").found_in == ("UTF-8",)
    assert str(lab.transcript[1]).startswith("Session 2, port 995 (TLS)")


# -- whom he attacks, and how he ends -----------------------------------------------------------------


def test_the_lab_knows_its_attackers(lab: Lab) -> None:
    assert lab.attackers == []
    attackers = [Attacker(lab), Attacker(lab)]
    assert lab.attackers == attackers


def test_only_the_built_in_world_on_loopback_is_attacked(tmp_path: Path) -> None:
    file = tmp_path / "accounts.toml"
    file.write_text(
        '[[accounts]]\nname = "Erna"\nalias = "erna"\nsam = "erna"\npassword = "geheim"\n', "utf-8"
    )
    for lab in (Lab(accounts=file), Lab(host="0.0.0.0", allow_remote=True)):
        with pytest.raises(PermissionError, match="built-in world, on loopback"):
            Attacker(lab)
        assert lab.attackers == []


def test_no_repr_shows_what_he_heard(lab: Lab, mallory: Attacker) -> None:
    log_on(poplib.POP3(mallory.host, mallory.port, timeout=PATIENCE)).quit()
    assert "Sommer2026" not in f"{mallory!r} {lab!r} {lab.attackers}"


@pytest.mark.parametrize("host", addresses())
def test_he_is_where_the_lab_is(host: str) -> None:
    with Lab(host=host) as lab, Attacker(lab) as mallory:
        assert mallory.host == host
        log_on(poplib.POP3(host, mallory.port, timeout=PATIENCE)).quit()
        log_on(poplib.POP3_SSL(host, mallory.tls_port, timeout=PATIENCE)).quit()
        assert mallory.heard.count(b"PASS Sommer2026\r\n") == 2


def test_stopping_ends_every_connection_and_thread_and_keeps_what_was_heard(lab: Lab) -> None:
    before = threading.active_count()
    with Attacker(lab) as mallory:
        assert threading.active_count() > before
        talking = [Raw(mallory.port), Raw(mallory.tls_port, tls=True)]
        for client in talking:
            client.line()
            assert client.ask(b"NOOP").startswith(b"-ERR")
        mute = [Raw(mallory.port), Raw(mallory.tls_port)]
        half = Raw(mallory.tls_port)
        half.send(b"\x16\x03\x01\x02\x00")
        mallory.stop()
        assert threading.active_count() == before
        for client in (*talking, *mute, half):
            client.close()
    assert mallory.heard == b"NOOP\r\nNOOP\r\n"
    with pytest.raises(ConnectionRefusedError):
        Raw(mallory.port)


def test_a_lab_that_is_gone_ends_his_connections_too(lab: Lab, mallory: Attacker) -> None:
    with Raw(mallory.port) as client:
        client.line()
        lab.stop()
        assert client.rest() == b""
    with Raw(mallory.port) as client:
        assert client.rest() == b""


def test_a_stopped_lab_is_not_attacked(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    with Attacker(lab) as mallory:
        lab.stop()
        with socket.create_connection((mallory.host, mallory.port)) as client:
            assert client.recv(1) == b""
    with pytest.raises(LabStopped):
        Attacker(lab).start()
    assert caplog.records == []  # asyncio complains there


def test_he_is_started_once(lab: Lab) -> None:
    mallory = Attacker(lab)
    mallory.stop()
    for where in ("port", "tls_port"):
        with pytest.raises(RuntimeError, match="not started"):
            getattr(mallory, where)
    with Attacker(lab) as other:
        with pytest.raises(RuntimeError, match="make a new one"):
            other.start()
        other.stop()


# -- certificates that are wrong in another way -------------------------------------------------------


@pytest.mark.parametrize(
    ("certificate", "code"),
    [("other-name", 62), ("expired", 10)],  # X509_STORE_CTX_get_error(3)
)
def test_a_lab_shows_the_certificate_that_was_asked_for(certificate: str, code: int) -> None:
    with Lab(certificate=certificate) as lab:
        verifying = context(lab.ca_file)
        with pytest.raises(ssl.SSLCertVerificationError) as caught:
            poplib.POP3_SSL("localhost", lab.tls_port, context=verifying, timeout=PATIENCE)
        assert caught.value.verify_code == code
        pop = poplib.POP3("localhost", lab.port, timeout=PATIENCE)
        with pytest.raises(ssl.SSLCertVerificationError) as caught:
            pop.stls(verifying)  # closes the socket, and pop.close() would fail
        assert caught.value.verify_code == code


def test_a_certificate_that_does_not_exist_is_named() -> None:
    with pytest.raises(
        SettingsError, match="unknown certificate 'none'; choose one of valid, other-name, expired"
    ):
        Lab(certificate="none")
