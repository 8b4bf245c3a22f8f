"""Where the server hangs up, the transcript says so and why, and does not blame the client."""

import poplib

import pytest

from evidence.patience import PATIENCE
from evidence.raw import Raw
from minipop import Lab
from minipop.protocol import Lost
from minipop.wire import Transcript


def lapse(lang: str = "en", **options: object) -> Lab:
    """Return a Lab whose timers run a hundred times faster."""
    return Lab("2016", login_type="PlainTextLogin", time_lapse=100, lang=lang, **options)


NO_LOGON = {
    "de": "   (Server hat die Verbindung beendet: keine Anmeldung innerhalb von 60 s)",
    "en": "   (the server hung up: no log-on within 60 s)",
}


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize("record", [False, True])
def test_who_does_not_log_on_reads_after_how_long(lang: str, record: bool) -> None:
    with lapse(lang, record=record) as lab, Raw(lab.port) as client:
        session = lab.session(client.socket)
        client.ask(b"USER anna")
        assert client.rest() == b"+OK\r\n"
        assert str(session.transcript).splitlines()[-1] == NO_LOGON[lang]


def test_the_number_is_that_of_the_setting_that_is_in_effect() -> None:
    with lapse() as lab:
        lab.shell.set_pop_settings(pre_authenticated_connection_timeout="00:00:45")
        lab.shell.restart_service("MSExchangePOP3")
        with Raw(lab.tls_port, tls=True) as client:
            session = lab.session(client.socket)
            client.rest()
            assert session.transcript.lines[-1] == "   (the server hung up: no log-on within 45 s)"


def test_who_is_idle_reads_so_though_logged_on() -> None:
    with lapse() as lab:
        lab.shell.set_pop_settings(authenticated_connection_timeout="00:00:30")
        lab.shell.restart_service("MSExchangePOP3")
        with Raw(lab.port) as client:
            client.log_on(b"anna", b"Sommer2026")
            client.ask(b"DELE 1")
            client.rest()
        assert lab.transcript[0].lines[-1] == "   (the server hung up: no command for 30 s)"
        assert len(lab.mailbox("anna").inbox) == 10


@pytest.mark.parametrize(
    ("lang", "why", "line"),
    [
        ("de", Lost.CLIENT, "(Verbindung ohne QUIT beendet)"),
        ("en", Lost.CLIENT, "(connection ended without QUIT)"),
        ("de", Lost.IDLE, "(Server hat die Verbindung beendet: 30 min lang kein Befehl)"),
        ("en", Lost.IDLE, "(the server hung up: no command for 30 min)"),
        ("en", Lost.NO_LOGON, "(the server hung up: no log-on within 60 s)"),
        ("de", Lost.STOPPED, "(Server hat die Verbindung beendet: Der Dienst wurde gestoppt)"),
        ("de", Lost.RESTARTED, "(Server hat die Verbindung beendet: Der Dienst wurde neu gestartet)"),
        ("en", Lost.UNREADABLE, "(the server hung up: it could not read the rest of the message)"),
    ],
)
def test_each_reason_has_its_words(lang: str, why: Lost, line: str) -> None:
    conversation = Transcript(lang).begin(tls=False)
    conversation.lost(why)
    assert conversation.lines == [f"   {line}"]
    (said,) = conversation.explain().explanations()
    blamed = "The connection was lost without QUIT" if lang == "en" else "Die Verbindung ist ohne QUIT"
    assert said[0].startswith(blamed) is (why is Lost.CLIENT)


def test_a_restart_and_a_stop_are_the_server_s_doing() -> None:
    with Lab("2016") as lab:
        first = Raw(lab.port)
        first.line()
        lab.restart()
        second = Raw(lab.tls_port, tls=True)
        second.line()
    assert [conversation.lines[-1].strip() for conversation in lab.transcript] == [
        "(the server hung up: the service was restarted)",
        "(the server hung up: the service was stopped)",
    ]
    first.close()
    second.close()


def test_a_client_that_goes_away_is_still_said_to() -> None:
    with Lab("2016") as lab:
        poplib.POP3(lab.host, lab.port, timeout=PATIENCE).close()
        assert lab.transcript[0].lines[-1] == "   (connection ended without QUIT)"


def test_too_many_failures_say_so_themselves_and_nothing_follows() -> None:
    with Lab("2016", login_type="PlainTextLogin", failed_logons=1) as lab, Raw(lab.port) as client:
        client.ask(b"USER anna")
        client.ask(b"PASS wrong")
        client.rest()
        assert lab.transcript[0].lines[-1] == "S: -ERR Too many failed log-ons. Connection is closed."


def test_the_protocol_log_ends_the_session_in_its_own_way() -> None:
    with lapse(protocol_log=True) as lab, Raw(lab.port) as client:
        client.rest()
        rows = lab.protocol_log.splitlines()
    assert rows[-1].endswith(",-,,")
