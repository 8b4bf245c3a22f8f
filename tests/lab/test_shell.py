"""The Lab's shell: what the cmdlets do, the lines one would type, and which editions have them."""

import poplib
from collections.abc import Callable
from inspect import signature
from typing import TypeVar

import pytest

from evidence.raw import Raw
from minipop import Lab
from minipop.exchange import SettingsError
from minipop.lab.backup import Backup
from minipop.lab.clients import MECHANISMS, LogonFailed, Transport, session
from minipop.lab.options import Options
from minipop.lab.organization import Organization
from minipop.lab.shell import Shell
from minipop.lab.shell.base import written
from minipop.lab.shell.cmdlets import cmdlets
from minipop.server.thread import LoopThread
from tests.lab.conftest import LogOn
from tests.passing import let_pass

T = TypeVar("T")

REFUSED = "Logon failure: unknown user name or bad password."
BOTH = ["MSExchangePOP3", "MSExchangePOP3BE"]
DORA = {"user": "dora@muster.example", "password": "Herbst2026"}


class Restarts:
    """Stands in for a running service, and counts how often it was restarted."""

    def __init__(self) -> None:
        self.count = 0

    def between_commands(self, action: Callable[[], T]) -> T:
        return action()

    def restart(self) -> None:
        self.count += 1


def administered(edition: str = "2016") -> tuple[Shell, Organization]:
    """Return a shell and what it administers, without a server."""
    organization = Organization(Options(edition))
    return Shell(organization), organization


# -- the lines ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (True, "$true"),
        (False, "$false"),
        (16, "16"),
        ("fax", "fax"),
        ("anna@muster.example", "anna@muster.example"),
        (r"MUSTER\anna", r"MUSTER\anna"),
        ("00:01:00", "00:01:00"),
        ("Clara Weiß", "'Clara Weiß'"),
        ("", "''"),
        ("it's", "'it''s'"),
        ("a\u2019b", "'a\u2019\u2019b'"),  # a quotation mark to PowerShell as well
        ("$home", "'$home'"),
        ("-x", "'-x'"),
        ("a;b", "'a;b'"),
        ("a,b", "'a,b'"),
        (["MSExchangePOP3", "a b"], "MSExchangePOP3,'a b'"),
    ],
)
def test_a_value_is_written_as_powershell_wants_it(value: object, line: str) -> None:
    assert written(value) == line


@pytest.mark.parametrize("typed", ["$false", "$False", "$FALSE", False])
def test_a_boolean_may_be_typed_as_in_powershell(typed: bool) -> None:
    shell, _ = administered()
    shell.set_cas_mailbox("anna", pop_enabled=typed)
    assert not shell.get_cas_mailbox("anna")[0].pop_enabled
    assert shell.lines[0] == "Set-CASMailbox -Identity anna -PopEnabled $false"


def switched(value: bool) -> dict[str, Callable[[], object]]:
    """Return a call for each parameter of the shell that takes a boolean."""
    (shell, organization), old = administered(), administered("2007")[0]
    return {
        "Set-CASMailbox -PopEnabled": lambda: shell.set_cas_mailbox("anna", pop_enabled=value),
        "Set-PopSettings -EnableGSSAPIAndNTLMAuth": lambda: shell.set_pop_settings(
            enable_gssapi_and_ntlm_auth=value
        ),
        "Set-PopSettings -ProtocolLogEnabled": lambda: shell.set_pop_settings(protocol_log_enabled=value),
        "Set-Mailbox -SingleItemRecoveryEnabled": lambda: shell.set_mailbox(
            "anna", single_item_recovery_enabled=value
        ),
        "Set-Mailbox -UseDatabaseRetentionDefaults": lambda: shell.set_mailbox(
            "anna", use_database_retention_defaults=value
        ),
        "Search-Mailbox -SearchDumpsterOnly": lambda: shell.search_mailbox(
            "anna", search_dumpster_only=value
        ),
        "Search-Mailbox -DeleteContent": lambda: shell.search_mailbox("anna", delete_content=value),
        "New-MailboxDatabase -Recovery": lambda: shell.new_mailbox_database(
            "RDB", recovery=value, edb_file_path=Backup(organization)
        ),
        "New-StorageGroup -Recovery": lambda: old.new_storage_group("RSG", recovery=value),
    }


@pytest.mark.parametrize("value", ["$flase", "false", "", 0, 1, ["$true"]])
@pytest.mark.parametrize("parameter", switched(True))
def test_what_is_no_boolean_is_refused_by_every_cmdlet(parameter: str, value: bool) -> None:
    with pytest.raises(SettingsError) as refused:
        switched(value)[parameter]()
    assert str(refused.value) == f"{parameter} takes $true or $false (True or False), not {value!r}"


def test_every_boolean_of_the_shell_is_tried_above() -> None:
    methods = [getattr(Shell, name) for name in dir(Shell) if not name.startswith("_")]
    found = [p for m in methods for p in signature(m).parameters.values() if "bool" in str(p.annotation)]
    assert len(found) == len(switched(True)) == 9


def test_a_boolean_that_must_be_typed_cannot_be_none() -> None:
    shell, _ = administered()
    with pytest.raises(SettingsError, match="PopEnabled takes"):
        shell.set_cas_mailbox("anna", pop_enabled=None)  # type: ignore[arg-type]
    shell.set_mailbox("anna", single_item_recovery_enabled=None)  # was not typed
    assert shell.lines == ["Set-Mailbox -Identity anna"]


def test_each_call_notes_the_line_that_one_would_type() -> None:
    shell, organization = administered()
    organization.service = restarts = Restarts()
    shell.set_cas_mailbox("dora", pop_enabled=True)
    shell.get_cas_mailbox()
    shell.get_cas_mailbox(identity="fax@muster.example")
    shell.set_pop_settings(
        login_type="SecureLogin",
        enable_gssapi_and_ntlm_auth=False,
        max_connection_from_single_ip=5,
        pre_authenticated_connection_timeout="00:02:00",
    )
    shell.restart_service("MSExchangePOP3")
    shell.restart_service(BOTH)
    assert shell.lines == [
        "Set-CASMailbox -Identity dora -PopEnabled $true",
        "Get-CASMailbox",
        "Get-CASMailbox -Identity fax@muster.example",
        "Set-PopSettings -LoginType SecureLogin -EnableGSSAPIAndNTLMAuth $false -MaxConnectionFromSingleIP 5"
        " -PreAuthenticatedConnectionTimeout 00:02:00",
        "Restart-Service -Name MSExchangePOP3",
        "Restart-Service -Name MSExchangePOP3,MSExchangePOP3BE",
    ]
    assert restarts.count == 2


def test_a_call_that_fails_leaves_no_line() -> None:
    shell, _ = administered()
    with pytest.raises(SettingsError, match="no mailbox 'emil'"):
        shell.set_cas_mailbox("emil", pop_enabled=True)
    assert shell.lines == []


def test_every_cmdlet_of_the_table_is_a_method_of_the_shell() -> None:
    methods = {name.replace("_", "") for name in vars(Shell) | _inherited() if not name.startswith("_")}
    assert set(cmdlets()) == methods


def _inherited() -> dict[str, object]:
    return {name: value for base in Shell.__mro__[:-1] for name, value in vars(base).items()}


# -- which editions -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edition", "call", "error"),
    [
        (
            "2000",
            lambda s: s.set_cas_mailbox("fax", pop_enabled=True),
            "Active Directory Users and Computers",
        ),
        ("2003", lambda s: s.get_cas_mailbox(), "edition '2003' has no Get-CASMailbox, only 2007, 2010"),
        ("2003", lambda s: s.set_pop_settings(max_connections=9), "Exchange System Manager"),
        ("online", lambda s: s.set_pop_settings(max_connections=9), "outlook.office365.com, port 995"),
        ("online", lambda s: s.restart_service("MSExchangePOP3"), "edition 'online' has no Restart-Service"),
        ("rfc", lambda s: s.get_pop_settings(), "edition 'rfc' has no Get-PopSettings"),
        ("2007", lambda s: s.set_pop_settings(extended_protection_policy="Allow"), "only 2010, 2013"),
        ("2007", lambda s: s.set_pop_settings(enable_gssapi_and_ntlm_auth=True), "-EnableGSSAPIAndNTLMAuth"),
        ("2010", lambda s: s.restart_service("MSExchangePOP3BE"), "there are MSExchangePOP3$"),
        ("2007", lambda s: s.unlock_ad_account("anna"), "Active Directory Users and Computers"),
        ("online", lambda s: s.unlock_ad_account("anna"), "edition 'online' has no Unlock-ADAccount"),
        ("2013", lambda s: s.restart_service("pop3"), "there are MSExchangePOP3, MSExchangePOP3BE"),
    ],
)
def test_what_an_edition_does_not_have_is_one_clear_line(
    edition: str, call: Callable[[Shell], object], error: str
) -> None:
    with pytest.raises(SettingsError, match=error) as raised:
        call(administered(edition)[0])
    assert "\n" not in str(raised.value)


def test_exchange_online_has_set_casmailbox() -> None:
    shell, _ = administered("online")
    shell.set_cas_mailbox("dora", pop_enabled=True)
    assert shell.get_cas_mailbox("dora")[0].pop_enabled


# -- Set-CASMailbox -------------------------------------------------------------------------------------


def test_pop3_for_a_mailbox_goes_on_and_off_from_the_next_log_on_on(lab: Lab, log_on: LogOn) -> None:
    with pytest.raises(poplib.error_proto, match=REFUSED):
        log_on(**DORA)
    with Raw(lab.port) as waiting:  # connected before the change, logged on after it
        assert waiting.line().startswith(b"+OK")
        lab.shell.set_cas_mailbox("dora", pop_enabled=True)
        assert waiting.ask(b"USER dora@muster.example") == b"+OK"
        assert waiting.ask(b"PASS Herbst2026").startswith(b"+OK")
        lab.shell.set_cas_mailbox("dora@muster.example", pop_enabled=False)
        assert waiting.ask(b"STAT").startswith(b"+OK 1 ")  # what is open goes on
    with pytest.raises(poplib.error_proto, match=REFUSED):
        log_on(**DORA)
    assert log_on().stat()[0] == 10


def test_a_mailbox_that_is_switched_off_stays_off_after_a_restart(lab: Lab, log_on: LogOn) -> None:
    lab.shell.set_cas_mailbox("anna", pop_enabled=False)
    lab.shell.restart_service(BOTH)
    with pytest.raises(poplib.error_proto, match=REFUSED):
        log_on()


def test_one_lab_s_changes_are_not_another_s() -> None:
    administered()[0].set_cas_mailbox("anna", pop_enabled=False)
    assert administered()[0].get_cas_mailbox("anna")[0].pop_enabled


# -- Set-PopSettings and Restart-Service ----------------------------------------------------------------


def test_settings_take_effect_with_the_restart_and_not_before(log_on: LogOn, lab: Lab) -> None:
    lab.shell.set_pop_settings(login_type="SecureLogin")
    assert log_on().stat()[0] == 10  # PlainTextLogin, still
    assert lab.shell.get_pop_settings().login_type == "SecureLogin"
    lab.shell.restart_service("MSExchangePOP3BE")
    assert log_on().stat()[0] == 10
    lab.shell.restart_service("MSExchangePOP3")
    with pytest.raises(poplib.error_proto, match="not valid in this state"):
        log_on()
    assert log_on(over="995").stat()[0] == 10


def test_a_restart_ends_sessions_and_deletes_nothing(lab: Lab, log_on: LogOn) -> None:
    anna = log_on(over="995")
    anna.dele(1)
    assert lab.mailbox("anna").open_maildrops == 1
    port, tls_port = lab.port, lab.tls_port
    lab.shell.restart_service(BOTH)
    assert lab.mailbox("anna").open_maildrops == 0
    assert len(lab.mailbox("anna").inbox) == 10
    assert (lab.port, lab.tls_port) == (port, tls_port)


def test_nothing_can_be_restarted_that_is_not_started() -> None:
    with pytest.raises(RuntimeError, match="is stopped"):
        administered()[0].restart_service("MSExchangePOP3")


@pytest.mark.parametrize(
    ("edition", "setting", "taken", "refused"),
    [
        ("2007", "max_connections", (1, 25_000), (0, 25_001)),
        ("2007", "max_connection_from_single_ip", (1, 1_000), (0, 1_001)),
        ("2007", "max_connections_per_user", (1, 1_000), (0, 1_001)),
        ("2010", "max_connection_from_single_ip", (1, 25_000), (0, 25_001)),
        ("2010", "max_connections_per_user", (1, 25_000), (0, 25_001)),
        ("2010", "max_connections", (1, 2_147_483_647), (0, 2_147_483_648)),
        ("2016", "max_connections_per_user", (1, 2_147_483_647), (0, 2_147_483_648)),
        ("2010", "pre_authenticated_connection_timeout", ("00:00:10", "01:00:00"), ("00:00:09", "01:00:01")),
        ("2010", "authenticated_connection_timeout", ("00:00:30", "1.00:00:00"), ("00:00:29", "1.00:00:01")),
        ("2013", "pre_authenticated_connection_timeout", ("00:00:30", "1:00:00"), ("00:00:29", "01:00:01")),
        ("se", "authenticated_connection_timeout", ("00:00:30", "1:00:00"), ("00:00:29", "1.00:00:00")),
        ("se", "authenticated_connection_timeout", ("0:1:0",), ("60", "1:60:00", "24:00:00", "", "a minute")),
        ("2016", "login_type", ("PlainTextLogin", "SecureLogin"), ("Secure", "securelogin")),
        ("2016", "extended_protection_policy", ("None", "Allow", "Require"), ("Always",)),
    ],
)
def test_values_that_a_setting_takes(
    edition: str, setting: str, taken: tuple[object, ...], refused: tuple[object, ...]
) -> None:
    shell, organization = administered(edition)
    before = organization.settings
    for value in refused:
        with pytest.raises(SettingsError):
            shell.set_pop_settings(**{setting: value})  # type: ignore[arg-type]
    assert organization.settings == before
    written = {"1:00:00": "01:00:00", "0:1:0": "00:01:00"}
    for value in taken:
        shell.set_pop_settings(**{setting: value})  # type: ignore[arg-type]
        assert getattr(shell.get_pop_settings(), setting) == written.get(str(value), value)


def test_what_is_set_can_be_read_again() -> None:
    shell, organization = administered("2007")
    shell.set_pop_settings(max_connections_per_user=3, authenticated_connection_timeout="02:00:00")
    assert repr(shell.get_pop_settings()).splitlines() == [
        "LoginType                         : SecureLogin",
        "PreAuthenticatedConnectionTimeout : 00:01:00",
        "AuthenticatedConnectionTimeout    : 02:00:00",
        "MaxConnections                    : 2000",
        "MaxConnectionFromSingleIP         : 20",
        "MaxConnectionsPerUser             : 3",
    ]
    shell.set_pop_settings(max_connections=100)
    assert organization.settings.connections == (100, 20, 3)


def test_no_limit_is_a_number_too() -> None:
    shell, organization = administered("2010")
    shell.set_pop_settings(max_connections=2_147_483_647)
    assert organization.settings.connections == (None, 2000, 16)


# -- limits, the list of addresses, timers --------------------------------------------------------------


def test_sessions_of_a_user_are_counted_over_all_ways_in_and_a_broken_one_gives_its_place_back(
    lab: Lab, log_on: LogOn
) -> None:
    lab.shell.set_pop_settings(max_connections_per_user=2)
    lab.shell.restart_service(BOTH)
    first, _ = log_on(over="995"), log_on(over="STLS")
    with pytest.raises(poplib.error_proto, match="Too many connections of this user"):
        log_on()
    assert lab.transcript[-1].lines[-1] == "S: -ERR Too many connections of this user."
    assert log_on("bmueller@muster.example", "Winter ist kalt 7").stat()[0] == 3
    first.close()
    assert lab.mailbox("anna").open_maildrops == 1
    assert log_on().stat()[0] == 10


def test_the_server_hangs_up_on_one_session_too_many_of_a_user(lab: Lab) -> None:
    lab.shell.set_pop_settings(max_connections_per_user=1)
    lab.shell.restart_service(BOTH)
    with Raw(lab.port) as one, Raw(lab.port) as two:
        one.log_on(b"anna@muster.example", b"Sommer2026")
        two.line()
        two.send(b"USER anna@muster.example\r\nPASS Sommer2026\r\nSTAT\r\n")
        assert two.rest() == b"+OK\r\n-ERR Too many connections of this user.\r\n"


@pytest.mark.parametrize("name", ["USER/PASS", "AUTH PLAIN", "AUTH LOGIN", "AUTH NTLM"])
def test_a_session_counts_whichever_way_its_user_logs_on(lab: Lab, log_on: LogOn, name: str) -> None:
    def way(pop: poplib.POP3) -> bytes:
        return MECHANISMS[name].log_on(pop, lab, lab.accounts[0], "Sommer2026")

    lab.shell.set_pop_settings(max_connections_per_user=1)
    lab.shell.restart_service(BOTH)
    first = log_on()
    with (
        pytest.raises(LogonFailed, match="Too many connections of this user"),
        session(lab, Transport.TLS, way),
    ):
        pass
    assert lab.mailbox("anna").open_maildrops == 1
    first.quit()
    with session(lab, Transport.TLS, way), pytest.raises(poplib.error_proto, match="Too many"):
        log_on()


@pytest.mark.parametrize("record", [False, True], ids=["", "recorded"])
def test_exchange_2003_lets_in_only_those_on_its_list(record: bool) -> None:
    with Lab("2003", allowed=["127.0.0.2"], record=record) as lab, Raw(lab.port) as client:
        assert client.rest() == b"-ERR Your address may not connect to this server.\r\n"
    with Lab("2003", allowed=["127.0.0.0/30"], record=record) as lab, Raw(lab.port) as client:
        assert client.line().startswith(b"+OK Microsoft Exchange Server 2003")


LOCKED = "locked-out"


def refusal(lab: Lab) -> str:
    """Return which rule refused the last log-on."""
    return [entry.refusal.reason for entry in lab.transcript[-1].entries if entry.refusal][-1]


def test_an_account_is_locked_for_its_time_whatever_is_restarted() -> None:
    with Lab("2016", login_type="PlainTextLogin", lockout_threshold=2, lockout_duration=60) as lab:
        for password in (b"wrong", b"wrong", b"Sommer2026"):
            with Raw(lab.port) as client:
                client.line()
                client.ask(b"USER anna@muster.example")
                assert client.ask(b"PASS " + password) == b"-ERR " + REFUSED.encode()
        assert refusal(lab) == LOCKED
        lab.shell.restart_service(BOTH)
        lab.fast_forward(59 / 1440)
        with Raw(lab.port) as client:
            client.line()
            client.send(b"USER anna\r\nPASS Sommer2026\r\n")
            assert client.line() == b"+OK"
            assert client.line() == b"-ERR " + REFUSED.encode()
        assert refusal(lab) == LOCKED
        lab.fast_forward(1 / 1440)
        with Raw(lab.port) as client:
            client.log_on(b"anna", b"Sommer2026")


def test_an_administrator_unlocks_an_account_by_its_windows_name() -> None:
    with Lab("2016", login_type="PlainTextLogin", lockout_threshold=1, lockout_duration=0) as lab:
        with Raw(lab.port) as client:
            client.line()
            client.ask(b"USER bmueller@muster.example")
            assert client.ask(b"PASS wrong").startswith(b"-ERR")
        lab.fast_forward(365)
        with Raw(lab.port) as client:
            client.line()
            client.ask(b"USER bmueller@muster.example")
            assert client.ask(b"PASS Winter ist kalt 7").startswith(b"-ERR")
        for no_account in ("bernd.mueller", "info", ""):
            with pytest.raises(SettingsError, match=f"no account '{no_account}'"):
                lab.shell.unlock_ad_account(no_account)
        lab.shell.unlock_ad_account("BMueller")
        assert lab.shell.lines == ["Unlock-ADAccount -Identity BMueller"]
        with Raw(lab.port) as client:
            client.log_on(b"bmueller@muster.example", b"Winter ist kalt 7")


@pytest.mark.parametrize(("lang", "told"), [("de", "Das Konto ist gesperrt"), ("en", "is locked out")])
def test_the_transcript_knows_what_the_client_does_not(lang: str, told: str) -> None:
    with Lab("2016", login_type="PlainTextLogin", lockout_threshold=1, lang=lang) as lab:
        with Raw(lab.port) as client:
            client.line()
            for password in (b"wrong", b"Sommer2026"):
                client.ask(b"USER anna")
                client.ask(b"PASS " + password)
        assert told in lab.transcript[-1].explain().html()


def test_exchange_online_has_no_password_to_lock_an_account_for() -> None:
    with pytest.raises(SettingsError, match="edition 'online' takes no passwords, so no lockoutThreshold"):
        Lab("online", lockout_threshold=3)


def test_the_last_log_on_that_may_fail_ends_the_connection() -> None:
    with Lab("2016", failed_logons=2) as lab, Raw(lab.tls_port, tls=True) as client:
        client.send(b"USER anna\r\nPASS wrong\r\n" * 3)
        replies = client.rest().split(b"\r\n")
    assert replies[1:] == [
        b"+OK",
        b"-ERR " + REFUSED.encode(),
        b"+OK",
        b"-ERR Too many failed log-ons. Connection is closed.",
        b"",
    ]


def test_an_address_that_is_none_is_named() -> None:
    with pytest.raises(SettingsError, match="faxserver"):
        Lab("2003", allowed=["faxserver"])


def test_time_can_be_made_to_pass_faster() -> None:
    with Lab("2016", login_type="PlainTextLogin", time_lapse=30) as lab:
        lab.shell.set_pop_settings(
            pre_authenticated_connection_timeout="01:00:00", authenticated_connection_timeout="01:00:00"
        )
        lab.shell.restart_service(BOTH)
        runner = lab._service._runner
        assert isinstance(runner, LoopThread)
        with Raw(lab.port) as silent:
            assert silent.line().startswith(b"+OK")
            let_pass(runner, 120)
            assert silent.rest() == b""
        with Raw(lab.port) as client:
            client.log_on(b"anna@muster.example", b"Sommer2026")
            let_pass(runner, 60)
            assert client.ask(b"DELE 1").startswith(b"+OK")
            let_pass(runner, 120)
            assert client.rest() == b""
        assert len(lab.mailbox("anna").inbox) == 10


@pytest.mark.parametrize("lapse", [0, -1])
def test_time_neither_stands_still_nor_goes_back(lapse: float) -> None:
    with pytest.raises(SettingsError, match="time_lapse"):
        Lab(time_lapse=lapse)
