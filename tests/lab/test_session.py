"""A client's own session: found by its socket, over every kind of connection, whatever ran before."""

import imaplib
import poplib
import re
import socket
import ssl
from collections.abc import Callable, Iterator

import pytest

from evidence.patience import PATIENCE
from evidence.raw import Raw, context
from minipop import Lab
from minipop.lab import LabStopped

LogOn = Callable[..., poplib.POP3]


@pytest.fixture(params=[False, True], ids=["direct", "recorded"])
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """A Lab as a lesson starts it, with the recorder between client and server and without."""
    with Lab("2016", login_type="PlainTextLogin", record=request.param) as started:
        yield started


@pytest.mark.parametrize(
    ("over", "title"),
    [("110", "Session, port 110"), ("STLS", "Session, port 110"), ("995", "Session, port 995 (TLS)")],
)
def test_a_client_has_its_own_session_whatever_others_do(
    lab: Lab, log_on: LogOn, over: str, title: str
) -> None:
    log_on(over="110").quit()
    pop = log_on(over=over)
    log_on("bmueller@muster.example", "Winter ist kalt 7", over="995")
    session = lab.session(pop)
    pop.retr(3)
    lines = str(session.transcript).splitlines()
    assert lines[0] == title
    assert [line for line in lines if line.startswith("C: ")][-3:] == [
        "C: USER anna@muster.example",
        "C: PASS ********",
        "C: RETR 3",
    ]
    assert ("   (encrypted from here on)" in lines) is (over == "STLS")
    assert str(session) == str(session.transcript)


def test_it_tells_what_has_happened_until_now_and_when_the_client_has_closed(lab: Lab, log_on: LogOn) -> None:
    pop = log_on()
    session = lab.session(pop)
    before = session.transcript
    pop.stat()
    asked, told = session.transcript.lines[-2:]
    assert (asked, told[:9]) == ("C: STAT", "S: +OK 10")
    pop.quit()
    log_on().quit()
    assert session.transcript.lines[-2] == "C: QUIT"
    assert before.lines[-1].startswith("S: +OK User successfully")
    lab.stop()
    assert session.transcript.lines[-2] == "C: QUIT"


def test_a_cell_that_is_run_twice_shows_the_same() -> None:
    with Lab("2016", record=True) as lab:
        shown = []
        for _ in range(2):
            with Raw(lab.port) as client:
                session = lab.session(client.socket)
                assert client.ask(b"NOOP").startswith(b"+OK")
                assert client.line().startswith(b"-ERR")
                shown.append(f"{session.transcript}\n{session.wire}")
        assert shown[0] == shown[1]
        assert shown[0].endswith("Connection, port 110: 6 bytes from the client, 93 bytes from the server")


def test_a_socket_will_do_before_and_after_tls(lab: Lab) -> None:
    with socket.create_connection((lab.host, lab.port), timeout=PATIENCE) as plain:
        assert lab.session(plain).transcript.title == "Session, port 110"
    with (
        socket.create_connection((lab.host, lab.tls_port), timeout=PATIENCE) as plain,
        context(lab.ca_file).wrap_socket(plain, server_hostname=lab.host) as secure,
    ):
        assert lab.session(secure).transcript.title == "Session, port 995 (TLS)"


def test_of_a_port_that_is_used_twice_the_latest_session_counts(lab: Lab) -> None:
    source = None
    for said in (b"USER first", b"USER second"):
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.settimeout(PATIENCE)
            sock.bind(source or ("127.0.0.1", 0))
            source = sock.getsockname()
            sock.connect((lab.host, lab.port))
            sock.sendall(said + b"\r\n")
            session = lab.session(sock)
            assert f"C: {said.decode()}" in session.transcript.lines
            # Ended by a reset, because the port would be taken for a while otherwise.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def test_its_bytes_are_those_of_this_client_alone() -> None:
    with Lab("2016", login_type="PlainTextLogin", record=True) as lab:
        anna, other = Raw(lab.port), Raw(lab.port)
        session = lab.session(anna.socket)
        anna.log_on(b"anna", b"Sommer2026")
        other.ask(b"USER cweiss")
        sent = b"".join(data for who, data in session.wire.reveal() if who == "C")
        assert sent == b"USER anna\r\nPASS Sommer2026\r\n"
        anna.close()
        other.close()
        assert len(session.wire.sent_by("C")) == 28


def test_without_a_record_there_are_no_bytes_and_without_a_transcript_no_dialogue() -> None:
    with (
        Lab("2016") as lab,
        Raw(lab.port) as client,
        pytest.raises(RuntimeError, match=r"start it with Lab\(\.\.\., record=True\)"),
    ):
        _ = lab.session(client.socket).wire
    with Lab("2016", record=True, transcript=False) as lab, Raw(lab.port) as client:
        assert client.line().startswith(b"+OK")
        session = lab.session(client.socket)
        assert len(session.wire.sent_by("S")) == 51
        with pytest.raises(RuntimeError, match="keeps no transcript"):
            _ = session.transcript


CLOSED = {
    "de": "Dieser Client hat seine Verbindung schon geschlossen. "
    "Rufen Sie lab.session(pop) gleich nach dem Verbinden auf.",
    "en": "This client has closed its connection already. "
    "Take the session right after connecting: lab.session(pop).",
}


@pytest.mark.parametrize("lang", ["de", "en"])
def test_a_client_that_has_closed_is_asked_to_be_earlier(lang: str) -> None:
    with Lab("2016", lang=lang) as lab:
        pop = poplib.POP3_SSL(
            lab.host, lab.tls_port, context=ssl.create_default_context(cafile=lab.ca_file), timeout=PATIENCE
        )
        sock = pop.sock
        pop.quit()
        for closed in (pop, sock):
            with pytest.raises(ValueError, match=f"^{re.escape(CLOSED[lang])}$"):
                lab.session(closed)


def test_a_client_of_another_server_is_none_of_this_lab(lab: Lab) -> None:
    with (
        Lab("2016") as other,
        Raw(other.port) as client,
        pytest.raises(ValueError, match=r"^This client is not connected to this Lab\."),
    ):
        lab.session(client.socket)


@pytest.mark.parametrize("thing", ["pop", 7, None, imaplib])
def test_what_is_no_client_has_no_session(lab: Lab, thing: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        lab.session(thing)


def test_a_stopped_lab_has_no_new_sessions(lab: Lab) -> None:
    with Raw(lab.port) as client:
        lab.stop()
        with pytest.raises(LabStopped):
            lab.session(client.socket)
