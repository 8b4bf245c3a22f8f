"""The Lab: where it listens, what it refuses, that it repeats itself, and how it ends."""

import asyncio
import gc
import logging
import poplib
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from evidence.patience import PATIENCE
from evidence.raw import Raw, context
from minipop import Lab
from minipop.exchange import AccountsError, SettingsError
from minipop.server import AddressError
from minipop.wire.entry import Entry
from tests.lab.conftest import LogOn


def session(lab: Lab) -> None:
    """Play a little of everything."""
    with Raw(lab.port) as client:
        client.log_on(b"anna@muster.example", b"Sommer2026")
        for command in (b"STAT", b"RETR 99", b"DELE 1", b"DELE 1", b"NOOP", b"RSET", b"QUIT"):
            client.ask(command)
        client.rest()
    with Raw(lab.tls_port, tls=True) as client:
        client.log_on(b"bmueller@muster.example", b"Winter ist kalt 7")
        client.ask(b"TOP 1 1")
        client.text()
        client.ask(b"AUTH PLAIN")
    with Raw(lab.port) as client:
        client.line()
        client.ask(b"STLS")
        client.start_tls()
        client.ask(b"AUTH LOGIN")
        client.ask(b"*")
        client.ask(b"QUIT")
        client.rest()


@pytest.mark.parametrize("lang", ["de", "en"])
def test_two_runs_give_the_same_transcript(lang: str) -> None:
    texts = []
    for _ in range(2):
        with Lab("2010", login_type="PlainTextLogin", lang=lang) as lab:
            session(lab)
            texts.append(str(lab.transcript))
            assert str(lab.port) not in texts[-1]
            assert str(lab.tls_port) not in texts[-1]
    assert texts[0] == texts[1]
    assert texts[0].count("\n\n") == 2


def lines_kept() -> int:
    """Return how many lines of transcripts this process holds, whoever holds them."""
    gc.collect()
    return sum(type(thing) is Entry for thing in gc.get_objects())


@pytest.mark.parametrize(("transcript", "kept"), [(True, 3 * 3), (False, 0)])
def test_without_a_transcript_no_line_outlives_its_session(transcript: bool, kept: int) -> None:
    before = lines_kept()
    with Lab("rfc", transcript=transcript) as lab:
        for _ in range(3):
            with Raw(lab.port) as client:
                client.line()
                client.ask(b"QUIT")
                client.rest()
        lab.mailbox("anna")  # by now the sessions are over
        assert lines_kept() - before == kept


def test_who_asks_for_a_transcript_that_is_not_kept_is_told_so_and_the_protocol_log_goes_on() -> None:
    with Lab("2016", login_type="PlainTextLogin", protocol_log=True, transcript=False) as lab:
        session(lab)
        assert lab.protocol_log.count(",QUIT,") == 2
        with pytest.raises(RuntimeError, match="keeps no transcript"):
            _ = lab.transcript


def test_unique_ids_do_not_vary() -> None:
    uids = []
    for _ in range(2):
        lab = Lab()
        boxes = (lab.mailbox(account.alias) for account in lab.accounts)
        uids.append([[m.uid for f in box.folders.values() for m in f] for box in boxes])
    assert uids[0] == uids[1]


def test_a_lab_listens_on_loopback_on_free_ports(lab: Lab) -> None:
    assert lab.host == "127.0.0.1"
    assert 0 < lab.port != lab.tls_port > 0
    with Raw(lab.port) as plain, Raw(lab.tls_port, tls=True) as tls:
        assert plain.line() == tls.line() == b"+OK The Microsoft Exchange POP3 service is ready."


def test_its_certificate_is_verified_by_its_ca_file(log_on: LogOn) -> None:
    assert log_on(over="995").stat()[0] == 10
    assert log_on(over="STLS").stat()[0] == 10


def test_two_labs_do_not_know_of_each_other() -> None:
    with Lab("2010", login_type="PlainTextLogin") as one, Lab("rfc") as other:
        with Raw(one.port) as client:
            client.log_on(b"anna", b"Sommer2026").ask(b"DELE 1")
            client.ask(b"QUIT")
        assert len(one.mailbox("anna").inbox) == 9
        assert len(other.mailbox("anna").inbox) == 10
        assert len(other.transcript) == 0
        with Raw(other.port) as client:
            assert client.line().startswith(b"+OK minipop")


@pytest.mark.parametrize(
    ("edition", "said"),
    [
        ("2013", "Lab('2013')  # Exchange Server 2013: Support beendet am 11. April 2023"),
        ("se", "Lab('se')  # Exchange Server Subscription Edition: wird von Microsoft unterstützt"),
        ("rfc", "Lab('rfc')  # RFC 1939"),
    ],
)
def test_it_names_its_edition_and_whether_that_is_supported(edition: str, said: str) -> None:
    assert repr(Lab(edition, lang="de")) == said


def test_without_a_login_type_the_edition_s_own_holds() -> None:
    with Lab() as lab, Raw(lab.port) as client:
        assert lab.description()["edition"] == "2016"
        assert lab.description()["login_type"] == "SecureLogin"
        client.line()
        assert client.ask(b"USER anna") == b"-ERR Command is not valid in this state."


# -- what it refuses ----------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["port", "tls_port"])
def test_a_port_that_is_taken_is_an_error_where_the_lab_is_started(which: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        before = threading.active_count()
        with pytest.raises(AddressError, match=str(port)):
            Lab(**{which: port}).start()
        assert threading.active_count() == before


def test_settings_that_do_not_exist_are_an_error_where_the_lab_is_made() -> None:
    with pytest.raises(SettingsError, match="'2005'"):
        Lab("2005")
    with pytest.raises(SettingsError, match="'Plain'"):
        Lab("2016", login_type="Plain")
    with pytest.raises(SettingsError, match="'fr'"):
        Lab(lang="fr")


@pytest.mark.parametrize("edition", ["2000", "2003", "online", "rfc"])
def test_a_login_type_for_an_edition_without_one_is_an_error(edition: str) -> None:
    with pytest.raises(SettingsError, match="has no LoginType"):
        Lab(edition, login_type="SecureLogin")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.1", "example.org"])
def test_a_host_that_is_not_loopback_is_an_error_unless_allowed(host: str) -> None:
    with pytest.raises(SettingsError, match="loopback"):
        Lab(host=host)
    assert Lab(host=host, allow_remote=True).host == host


@pytest.fixture
def bound(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Let the machine have a public address, but whatever is bound, bind 127.0.0.1; return what was to be."""
    asked: list[list[str]] = []
    bind = asyncio.BaseEventLoop.create_server

    async def create_server(
        loop: asyncio.BaseEventLoop,
        accepted: Callable[[], asyncio.BaseProtocol],
        hosts: list[str],
        port: int,
        **_: object,
    ) -> asyncio.Server:
        asked.append(hosts)
        return await bind(loop, accepted, ["127.0.0.1"], port)

    monkeypatch.setattr("asyncio.BaseEventLoop.create_server", create_server)
    own = [ip_address("127.0.0.1"), ip_address("192.168.1.20"), ip_address("8.8.8.8")]
    monkeypatch.setattr("minipop.server.address.own_addresses", lambda: own)
    return asked


@pytest.mark.parametrize("host", ["8.8.8.8", "134744072", "0.0.0.0", "", "2001:4860:4860::8888"])
def test_a_public_host_is_an_error_unless_that_is_allowed_as_well(host: str, bound: list[list[str]]) -> None:
    with pytest.raises(SettingsError, match="loopback"):
        Lab(host=host, allow_public=True)
    with pytest.raises(
        AddressError, match=r"counts as public: .*allow_public=True, .*--i-know-this-is-a-lab\)$"
    ):
        Lab(host=host, allow_remote=True).start()
    assert (bound, [t for t in threading.enumerate() if t.name == "minipop"]) == ([], [])
    with Lab(host=host, allow_remote=True, allow_public=True) as lab:
        assert lab.host == host
    understood = {"134744072": "8.8.8.8", "": "0.0.0.0"}.get(host, host)
    assert bound == [[understood], [understood]]


def test_a_private_address_needs_no_more_than_it_did(bound: list[list[str]]) -> None:
    with Lab(host="192.168.1.20", allow_remote=True), Lab(host="fd00::2", allow_remote=True):
        pass
    assert bound == [["192.168.1.20"]] * 2 + [["fd00::2"]] * 2


def test_a_classroom_may_use_every_address_of_a_machine_without_a_public_one(
    bound: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = [ip_address("127.0.0.1"), ip_address("192.168.1.20")]
    monkeypatch.setattr("minipop.server.address.own_addresses", lambda: own)
    with Lab(host="0.0.0.0", allow_remote=True) as lab, Raw(lab.port) as client:
        assert client.line().startswith(b"+OK")
    assert bound == [["0.0.0.0"]] * 2


def test_a_loopback_lab_stays_there_even_if_its_name_leads_elsewhere(
    bound: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def elsewhere(*_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.168.1.20", 0))]

    monkeypatch.setattr("socket.getaddrinfo", elsewhere)
    with pytest.raises(AddressError, match=r"^localhost \(192\.168\.1\.20\) is not loopback"):
        Lab(host="localhost", allow_public=True).start()
    assert bound == []


def test_an_accounts_file_that_cannot_be_used_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AccountsError, match=r"missing\.toml"):
        Lab(accounts=tmp_path / "missing.toml")


def test_accounts_of_one_s_own_start_with_empty_mailboxes(tmp_path: Path) -> None:
    file = tmp_path / "accounts.toml"
    file.write_text(
        '[[accounts]]\nname = "Erna"\nalias = "erna"\nsam = "erna"\npassword = "geheim"\n', "utf-8"
    )
    with Lab("2016", login_type="PlainTextLogin", accounts=str(file)) as lab, Raw(lab.port) as client:
        assert client.log_on(b"erna", b"geheim").ask(b"STAT") == b"+OK 0 0"
        assert "geheim" not in str(lab.description())
        assert "geheim" not in str(lab.transcript)


def test_an_unknown_mailbox_or_lesson_is_named_and_the_known_ones_listed(lab: Lab) -> None:
    with pytest.raises(KeyError, match=r"'berta'.*anna, bernd.mueller, cweiss, dora, fax, info"):
        lab.mailbox("berta")
    with pytest.raises(KeyError, match=r"'99'.*01, 02, 03, 04, 05, 06, 07, 08, 09, 10"):
        lab.check("99")


# -- its life -----------------------------------------------------------------------------------------


def test_before_the_start_there_is_no_port() -> None:
    lab = Lab()
    for read in (lambda: lab.port, lambda: lab.tls_port, lab.description):
        with pytest.raises(RuntimeError, match="is stopped"):
            read()
    assert len(lab.mailbox("anna").inbox) == 10
    lab.stop()


def test_a_lab_that_runs_cannot_be_started_again(lab: Lab) -> None:
    port = lab.port
    with pytest.raises(RuntimeError):
        lab.start()
    assert lab.port == port


def test_stopping_twice_is_no_error_and_what_happened_can_still_be_read() -> None:
    with Lab("2016", login_type="PlainTextLogin") as lab:
        port = lab.port
        with Raw(lab.port) as client:
            client.log_on(b"anna", b"Sommer2026").ask(b"DELE 1")
            client.ask(b"QUIT")
        lab.stop()
        lab.stop()
    assert len(lab.mailbox("anna").inbox) == 9
    assert lab.transcript[0].lines[-1].endswith("signing off.")
    with pytest.raises(ConnectionRefusedError):
        Raw(port)


def test_a_stopped_lab_can_be_started_again_with_its_mail_as_it_is() -> None:
    lab = Lab("2016", login_type="PlainTextLogin")
    for count in (10, 9):
        with lab, Raw(lab.port) as client:
            assert client.log_on(b"anna", b"Sommer2026").ask(b"STAT").startswith(b"+OK %d " % count)
            client.ask(b"DELE 1")
            client.ask(b"QUIT")
    assert len(lab.transcript) == 2


def test_stopping_with_open_sessions_deletes_nothing(log_on: LogOn, lab: Lab) -> None:
    clients = [log_on(over=over) for over in ("110", "STLS", "995")]
    for pop in clients:
        pop.dele(1)
    with Raw(lab.port) as greeted, Raw(lab.tls_port) as mute:
        greeted.line()
        lab.stop()
        assert greeted.rest() == b""
        assert mute.rest() == b""
    for pop in clients:
        with pytest.raises((poplib.error_proto, OSError)):
            pop.quit()
    assert len(lab.mailbox("anna").inbox) == 10
    assert str(lab.transcript).count("(the server hung up: the service was stopped)") == 4


def test_an_error_inside_the_with_statement_stops_the_lab_and_is_passed_on() -> None:
    ports = []

    def cell() -> None:
        with Lab() as lab:
            ports.append(lab.port)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cell()
    with pytest.raises(ConnectionRefusedError):
        Raw(ports[0])


def test_it_works_while_an_event_loop_runs_in_this_thread_as_in_a_notebook() -> None:
    async def cell() -> int:
        with Lab() as lab:
            pop = poplib.POP3_SSL(lab.host, lab.tls_port, context=context(lab.ca_file), timeout=PATIENCE)
            pop.user("anna")
            pop.pass_("Sommer2026")
            count = pop.stat()[0]
            pop.close()
            assert len(lab.mailbox("anna").inbox) == 10
            assert len(lab.transcript) == 1
            return count

    assert asyncio.run(cell()) == 10


def test_a_process_that_forgets_to_stop_its_lab_ends_all_the_same() -> None:
    code = (
        "import poplib; from minipop import Lab\n"
        "lab = Lab('rfc').start(); pop = poplib.POP3(lab.host, lab.port); print(lab.ca_file)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    assert run.stderr == ""
    assert not Path(run.stdout.strip()).exists()  # the certificate goes with the process


def test_the_mailbox_is_read_only_when_all_that_clients_did_is_dealt_with(lab: Lab) -> None:
    for left in range(9, 0, -1):
        client = Raw(lab.tls_port if left % 2 else lab.port, tls=bool(left % 2))
        client.log_on(b"anna", b"Sommer2026").send(b"DELE 1\r\nQUIT\r\n")
        client.line()
        client.line()
        client.close()
        assert len(lab.mailbox("anna").inbox) == left


# -- secrets ------------------------------------------------------------------------------------------

PASSWORDS = ["Sommer2026", "Winter ist kalt 7", "Grüße4Clara", "£20 for Clara", "Herbst2026", "Faxe2026"]


def test_no_repr_shows_a_password(lab: Lab) -> None:
    shown = [repr(lab), repr(lab.accounts), str(lab.settings), repr(lab.mailbox("anna")), repr(vars(lab))]
    for password in PASSWORDS:
        assert password not in "".join(shown)


def test_no_password_is_logged_or_transcribed_on_any_way(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ways = [
        b"USER anna\r\nPASS Sommer2026",
        b"USER anna\r\nSommer2026",
        b"USER anna\r\nPASS Winter ist kalt 7",
        b"Winter ist kalt 7",
        "USER cweiss\r\nPASS £20 for Clara".encode(),
        "£20 for Clara".encode(),
        b"AUTH PLAIN AGFubmEAU29tbWVyMjAyNg==",
        b"AUTH PLAIN\r\nAGFubmEAU29tbWVyMjAyNg==",
        b"AUTH AGFubmEAU29tbWVyMjAyNg==",
        b"AGFubmEAU29tbWVyMjAyNg==",
        b"AUTH LOGIN\r\nYW5uYQ==\r\nU29tbWVyMjAyNg==",
        b"AUTH LOGIN\r\nYW5uYQ==\r\nSommer2026",
        b"APOP anna Sommer2026",
        b"X" * 600 + b"Sommer2026",
    ]
    for way in ways:
        for tls in (False, True):
            with Raw(lab.tls_port if tls else lab.port, tls=tls) as client:
                client.send(way + b"\r\nQUIT\r\n")
                client.rest()
    seen = str(lab.transcript) + caplog.text
    for secret in [*PASSWORDS, "Winter", "AGFubmEAU29tbWVyMjAyNg==", "U29tbWVyMjAyNg=="]:
        assert secret.lower() not in seen.lower()
