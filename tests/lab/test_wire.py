"""``Lab(record=True)``: the bytes of both ports, as they cross the socket, and nothing else changes."""

import poplib
import socket
import threading
from pathlib import Path

import pytest

from evidence.patience import PATIENCE
from evidence.raw import Raw, context
from minipop import Lab
from minipop.exchange import SettingsError
from minipop.server import AddressError
from minipop.wire import read
from tests.lab.test_sessions import addresses

MESSAGE = "welcome to the team!"  # in Anna's first message


def fetch(lab: Lab, over: str) -> None:
    """Fetch Anna's first message by `poplib`."""
    verified = context(lab.ca_file)
    if over == "995":
        pop: poplib.POP3 = poplib.POP3_SSL(lab.host, lab.tls_port, context=verified, timeout=PATIENCE)
    else:
        pop = poplib.POP3(lab.host, lab.port, timeout=PATIENCE)
    if over == "STLS":
        pop.stls(context=verified)
    pop.user("anna@muster.example")
    pop.pass_("Sommer2026")
    assert MESSAGE.encode() in b"\n".join(pop.retr(1)[1])
    pop.quit()


@pytest.mark.parametrize(("over", "readable"), [("110", True), ("STLS", False), ("995", False)])
def test_what_crosses_the_socket_is_what_is_recorded(over: str, readable: bool) -> None:
    with Lab("2016", login_type="PlainTextLogin", record=True) as lab:
        fetch(lab, over)
        (capture,) = lab.wire
    client, server = capture.sent_by("C"), capture.sent_by("S")
    assert bool(read(client, "anna@muster.example")) is readable
    assert bool(read(client, "Sommer2026")) is readable
    assert bool(read(server, MESSAGE)) is readable
    assert capture.port == (995 if over == "995" else 110)
    assert bool(read(client, "STLS")) is (over == "STLS")
    begins = b"".join(data for who, data in capture.reveal() if who == "C")[:2]
    assert begins == {"110": b"US", "STLS": b"CA", "995": b"\x16\x03"}[over]


def test_connections_are_recorded_in_their_order_and_kept_after_the_end() -> None:
    lab = Lab("2016", login_type="PlainTextLogin", record=True)
    assert len(lab.wire) == 0
    for _ in range(2):
        with lab:
            fetch(lab, "995")
            fetch(lab, "110")
    assert [capture.port for capture in lab.wire] == [995, 110, 995, 110]
    assert [len(chunks) > 4 for chunks in lab.wire.reveal()] == [True] * 4


def test_a_clear_session_is_recorded_to_the_byte() -> None:
    with Lab("rfc", record=True) as lab:
        with Raw(lab.port) as client:
            client.log_on(b"anna", b"Sommer2026").ask(b"NOOP")
            client.ask(b"QUIT")
            client.rest()
        who = [who for who, _ in lab.wire.reveal()[0]]
        sent = {side: b"".join(d for w, d in lab.wire.reveal()[0] if w == side) for side in ("C", "S")}
    assert who == ["S", "C", "S", "C", "S", "C", "S", "C", "S"]
    assert sent["C"] == b"USER anna\r\nPASS Sommer2026\r\nNOOP\r\nQUIT\r\n"
    assert sent["S"].count(b"\r\n") == sent["S"].count(b"+OK") == 5


# -- what it refuses ----------------------------------------------------------------------------------


def test_a_lab_that_does_not_record_says_how_to() -> None:
    with Lab() as lab, pytest.raises(RuntimeError, match="record=True"):
        _ = lab.wire


def test_foreign_accounts_are_recorded_and_searched_but_not_revealed(tmp_path: Path) -> None:
    file = tmp_path / "accounts.toml"
    file.write_text(
        '[[accounts]]\nname = "Erna"\nalias = "erna"\nsam = "erna"\npassword = "geheim"\n', "utf-8"
    )
    with Lab("2016", login_type="PlainTextLogin", accounts=file, record=True) as lab:
        with Raw(lab.port) as client:
            client.log_on(b"erna", b"geheim")
        wire = lab.wire
        assert read(wire[0].sent_by("C"), "geheim").found_in == ("UTF-8",)
        for thing in (wire, wire[0]):
            with pytest.raises(PermissionError, match="built-in world"):
                thing.reveal()
            assert "geheim" not in f"{thing!r} {thing}"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_only_loopback_is_recorded(host: str) -> None:
    with pytest.raises(SettingsError, match=f"{host} is not loopback"):
        Lab(host=host, allow_remote=True, record=True)


@pytest.mark.parametrize("which", ["port", "tls_port"])
def test_a_port_that_is_taken_is_named_and_no_thread_left(which: str) -> None:
    before = threading.active_count()
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(AddressError, match=str(port)):
            Lab(**{which: port}, record=True).start()
    assert threading.active_count() == before


# -- nothing else changes -----------------------------------------------------------------------------


def test_the_lab_s_ports_are_those_that_were_asked_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with Lab("rfc", port=port, record=True) as lab:
        assert lab.port == port
        with Raw(port) as client:
            assert client.line().startswith(b"+OK")


@pytest.mark.parametrize("host", addresses())
def test_every_loopback_address_can_be_recorded(host: str) -> None:
    with Lab("rfc", host=host, record=True) as lab:
        pop = poplib.POP3(lab.host, lab.port, timeout=PATIENCE)
        assert pop.getwelcome().startswith(b"+OK")
        pop.quit()
        pop.close()
        assert len(lab.wire) == 1


@pytest.mark.parametrize("end", ["close", "reset"])
def test_a_client_that_went_away_has_been_noticed_when_the_lab_has_settled(end: str) -> None:
    with Lab("rfc", record=True) as lab:  # its maildrop lets one session in at a time
        for n in range(60):
            tls = bool(n % 2)
            client = Raw(lab.tls_port if tls else lab.port, tls=tls).log_on(b"anna", b"Sommer2026")
            assert client.ask(b"DELE 1").startswith(b"+OK")
            client.reset() if end == "reset" else client.close()
            assert str(lab.transcript[n]).endswith("(connection ended without QUIT)")
        assert len(lab.mailbox("anna").inbox) == 10


@pytest.mark.parametrize("tls", [False, True], ids=["110", "995"])
def test_a_client_that_connects_and_goes_at_once_leaves_nothing_behind(tls: bool) -> None:
    with Lab("rfc", record=True) as lab:
        for n in range(1, 31):
            Raw(lab.tls_port if tls else lab.port).close()
            assert len(lab.wire) == n
            assert lab._service._started()._connections == set()


def test_quit_deletes_and_its_effect_is_seen_at_once() -> None:
    with Lab("2016", login_type="PlainTextLogin", record=True) as lab:
        for left in range(9, 0, -1):
            client = Raw(lab.tls_port if left % 2 else lab.port, tls=bool(left % 2))
            client.log_on(b"anna", b"Sommer2026").send(b"DELE 1\r\nQUIT\r\n")
            client.line()
            client.line()
            client.close()
            assert len(lab.mailbox("anna").inbox) == left


def test_stopping_with_open_sessions_deletes_nothing_and_ends_them() -> None:
    with Lab("2016", login_type="PlainTextLogin", record=True) as lab:
        clients = [Raw(lab.port).log_on(b"anna", b"Sommer2026") for _ in range(3)]
        clients.append(Raw(lab.tls_port, tls=True).log_on(b"anna", b"Sommer2026"))
        mute = [Raw(lab.tls_port), Raw(lab.port)]
        mute[1].line()
        for client in clients:
            assert client.ask(b"DELE 1").startswith(b"+OK")
        lab.stop()
        for client in (*clients, *mute):
            assert client.rest() == b""
            client.close()
        assert len(lab.mailbox("anna").inbox) == 10
        assert len(lab.wire) == 6


def test_a_lab_that_does_not_record_has_nothing_in_between() -> None:
    with Lab() as lab:
        assert len(lab._service._started()._servers) == 2
    with Lab(record=True) as lab:
        assert len(lab._service._started()._servers) == 4


def test_no_repr_of_a_recording_lab_shows_a_password() -> None:
    with Lab("2016", login_type="PlainTextLogin", record=True) as lab:
        fetch(lab, "110")
        inside = [vars(thing) for thing in (lab, lab.records, lab._service, lab._service._started())]
        shown = f"{lab!r} {lab.wire!r} {inside!r} {lab.wire[0]!r} {lab.transcript}"
        assert "Sommer2026" not in shown
        assert MESSAGE not in shown
