"""The Lab on the page's stage: minipop as it is, and Python's own poplib, whatever Python this is."""

import poplib
import ssl
import subprocess
import sys
import time
from pathlib import Path

import pytest

from minipop import Lab
from minipop.lab.attacker import Attacker
from minipop.lab.issuer import Issuer
from minipop.page.loop import PageLoop
from minipop.page.sockets import PageSocket
from minipop.page.stage import ISSUES, PageStage
from minipop.page.tls import TlsSocket
from minipop.server import CertificateError

pytestmark = pytest.mark.usefixtures("page")


def trusting(lab: Lab) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=lab.ca_file)


def log_on(pop: poplib.POP3) -> poplib.POP3:
    pop.user("anna@muster.example")
    pop.pass_("Sommer2026")
    return pop


def connect(lab: Lab, over: str) -> poplib.POP3:
    if over == "995":
        return poplib.POP3_SSL(lab.host, lab.tls_port, context=trusting(lab))
    pop = poplib.POP3(lab.host, lab.port)
    if over == "STLS":
        pop.stls(trusting(lab))
    return pop


@pytest.mark.parametrize("over", ["110", "STLS", "995"])
def test_a_whole_session_with_the_largest_message_and_a_deletion(over: str, page: PageStage) -> None:
    with Lab("2016", login_type="PlainTextLogin", record=True) as lab:
        pop = log_on(connect(lab, over))
        assert isinstance(pop.sock, PageSocket)
        assert pop.stat() == (10, 2045733)
        assert pop.retr(9)[2] == 2033998
        pop.dele(1)
        assert len(lab.mailbox("anna").inbox) == 10
        pop.quit()
        assert len(lab.mailbox("anna").inbox) == 9
        assert "DELE 1" in str(lab.transcript[0])
        sent = b"".join(data for who, data in lab.wire[0].reveal() if who == "C")
        assert (b"PASS Sommer2026" in sent) is (over == "110")
    assert page.skipped == 0


def test_a_silent_client_is_closed_when_the_clock_has_jumped_to_its_log_on_timer(page: PageStage) -> None:
    with Lab("2016") as lab:
        pop = poplib.POP3(lab.host, lab.port)
        real = time.monotonic()
        assert pop.sock.recv(100) == b""
        assert time.monotonic() - real < 30
    assert 30 < page.skipped <= 60


def test_a_restart_ends_sessions_without_deleting_and_keeps_the_ports() -> None:
    with Lab("2016", login_type="PlainTextLogin") as lab:
        port = lab.port
        pop = log_on(connect(lab, "110"))
        pop.dele(1)
        lab.restart()
        with pytest.raises((poplib.error_proto, OSError)):
            pop.noop()
        assert lab.port == port
        assert log_on(connect(lab, "110")).stat()[0] == 10


def test_after_the_lab_has_stopped_nobody_listens() -> None:
    lab = Lab("2016").start()
    host, port = lab.host, lab.port
    pop = connect(lab, "110")
    lab.stop()
    with pytest.raises((poplib.error_proto, OSError)):
        pop.noop()
    with pytest.raises(ConnectionRefusedError):
        poplib.POP3(host, port)


def test_a_renewed_certificate_is_another_one_and_the_issues_go_round(page: PageStage) -> None:
    with Lab("2016") as lab:
        shown = []
        for _ in range(ISSUES + 1):
            sock = connect(lab, "995").sock
            assert isinstance(sock, TlsSocket)
            shown.append(sock.getpeercert(binary_form=True))
            lab.renew_certificate()
        assert shown[0] != shown[1]
        assert shown[0] == shown[ISSUES]
    assert page.authority() is page.authority()
    with pytest.raises(CertificateError, match=r"no-such\.pem"):
        page.authority().read_identity(Path("no-such.pem"))


@pytest.mark.parametrize(("certificate", "code"), [("expired", 10), ("other-name", 64)])
def test_a_certificate_that_is_wrong_is_refused(certificate: str, code: int) -> None:
    with Lab("2016", certificate=certificate) as lab:
        with pytest.raises(ssl.SSLCertVerificationError) as refused:
            connect(lab, "995")
        assert refused.value.verify_code == code


def test_an_attacker_reads_along_on_both_ports() -> None:
    careless = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    careless.check_hostname, careless.verify_mode = False, ssl.CERT_NONE
    with Lab("2016") as lab, Attacker(lab) as mallory:
        log_on(poplib.POP3(mallory.host, mallory.port)).quit()
        log_on(poplib.POP3_SSL(mallory.host, mallory.tls_port, context=careless)).quit()
        with pytest.raises(ssl.SSLCertVerificationError) as refused:
            poplib.POP3_SSL(mallory.host, mallory.tls_port, context=trusting(lab))
        assert refused.value.verify_code == 20
    assert mallory.heard.count(b"PASS Sommer2026") == 2


def test_the_servers_of_a_page_share_its_loop(loop: PageLoop) -> None:
    with Lab("2010") as one, Lab("2016") as two, Issuer() as issuer:
        ports = {one.port, one.tls_port, two.port, two.tls_port, int(issuer.url.rpartition(":")[2])}
        assert len(ports) == 5
        assert b"2010" not in connect(two, "110").getwelcome()
        assert connect(one, "110").getwelcome().startswith(b"+OK")
    assert loop._listening == {}


INSTALL = """
import poplib, socket, ssl, sys
from pathlib import Path
import minipop.page
stage = minipop.page.install(Path(sys.argv[1]))
from minipop import Lab
with Lab("2016", login_type="PlainTextLogin") as lab:
    pop = poplib.POP3_SSL("localhost", lab.tls_port, context=ssl.create_default_context(cafile=lab.ca_file))
    assert isinstance(pop.sock, ssl.SSLSocket) and isinstance(pop.sock, socket.socket)
    print(pop.getwelcome().decode())
try:
    minipop.page.install()
except RuntimeError as error:
    print(error)
"""


def test_it_is_installed_for_a_whole_process_and_once(certificates: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", INSTALL, certificates], capture_output=True, text=True, check=False
    )
    assert run.stderr == ""
    assert run.stdout.splitlines() == [
        "+OK The Microsoft Exchange POP3 service is ready.",
        "the page is installed already",
    ]
