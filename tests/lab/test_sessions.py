"""Several sessions at once: on one mailbox, on every mailbox, on every address of this machine."""

import poplib
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from evidence.patience import PATIENCE
from evidence.raw import Raw
from minipop import Lab
from tests.lab.conftest import LogOn


def test_two_sessions_on_one_mailbox_each_keep_their_numbers(log_on: LogOn, lab: Lab) -> None:
    notebook, phone = log_on(over="995"), log_on(over="110")
    phone.dele(1)
    phone.quit()
    lab.mailbox("anna").deliver(b"Subject: new\r\n\r\n")
    assert notebook.stat()[0] == 10
    with pytest.raises(poplib.error_proto, match="-ERR"):
        notebook.retr(1)
    with pytest.raises(poplib.error_proto, match="-ERR"):
        notebook.top(1, 0)
    assert notebook.top(2, 0)[0] == b"+OK"
    notebook.dele(1)
    notebook.dele(2)
    assert notebook.quit().startswith(b"+OK")
    inbox = lab.mailbox("anna").inbox
    assert len(inbox) == 9
    assert inbox.subjects[-1] == "new"
    assert len(lab.mailbox("anna").recoverable_items) == 2


@pytest.mark.parametrize("end", ["QUIT", "close", "reset"])
def test_a_plain_rfc_server_lets_one_session_in_until_it_ends(end: str) -> None:
    with Lab("rfc") as lab:
        first = Raw(lab.port).log_on(b"anna", b"Sommer2026")
        with Raw(lab.port) as second:
            second.line()
            second.ask(b"USER anna")
            assert second.ask(b"PASS Sommer2026").startswith(b"-ERR [IN-USE] ")
            if end == "QUIT":
                assert first.ask(b"QUIT").startswith(b"+OK")
            elif end == "reset":
                first.reset()
            first.close()
            lab.mailbox("anna")  # what the client did is dealt with
            second.ask(b"USER anna")
            assert second.ask(b"PASS Sommer2026").startswith(b"+OK")


def test_many_clients_at_once_all_get_their_mail(lab: Lab) -> None:
    def fetch(number: int) -> int:
        tls = bool(number % 2)
        with Raw(lab.tls_port if tls else lab.port, tls=tls) as client:
            client.log_on(b"anna", b"Sommer2026")
            octets = 0
            for message in (b"9", b"1"):
                assert client.ask(b"RETR " + message).startswith(b"+OK")
                octets += len(client.text())
            assert client.ask(b"QUIT").startswith(b"+OK")
            return octets

    lab.shell.set_pop_settings(max_connections_per_user=20)
    lab.shell.restart_service("MSExchangePOP3")
    with ThreadPoolExecutor(20) as pool:
        assert len(set(pool.map(fetch, range(20)))) == 1
    assert len(lab.transcript) == 20
    assert len(lab.mailbox("anna").inbox) == 10


def addresses() -> list[str]:
    """Return the loopback addresses that this machine has."""
    found = ["127.0.0.1", "localhost"]
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return found
    return [*found, "::1"]


@pytest.mark.parametrize("host", addresses())
def test_the_lab_can_listen_on_any_loopback_address(host: str) -> None:
    with Lab("rfc", host=host) as lab:
        assert lab.host == host
        pop = poplib.POP3(lab.host, lab.port, timeout=PATIENCE)
        assert pop.getwelcome().startswith(b"+OK")
        pop.close()
