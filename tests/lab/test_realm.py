"""The realm of the lessons: MIT's own KDC, on loopback, gone without a trace when it stops or is killed."""

import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from minipop.exchange import Account
from minipop.lab import realm as module
from minipop.lab.realm import Realm, RealmError, missing
from minipop.lab.subprocesses import free_port
from tests.exchange.muster import ACCOUNTS
from tests.kerberos import needs_kerberos


def klist(realm: Realm, *arguments: str) -> str:
    environment = {**os.environ, **realm.environment(), "LC_ALL": "C"}
    done = subprocess.run(["klist", *arguments], capture_output=True, text=True, env=environment, check=True)
    return done.stdout


def kdc_address(config: Path) -> tuple[str, int]:
    """Read from a krb5.conf where the KDC listens."""
    (line,) = (line for line in config.read_text().splitlines() if line.strip().startswith("kdc = "))
    host, _, port = line.partition("=")[2].strip().partition(":")
    return host, int(port)


def processes(config: Path) -> dict[int, str]:
    """Return the processes that were started for a realm, by the configuration that they were given."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"KRB5_CONFIG={config}\0".encode() in (folder / "environ").read_bytes():
                found[int(folder.name)] = (folder / "comm").read_text().strip()
        except OSError:  # it has ended meanwhile, or is somebody else's
            continue
    return found


@needs_kerberos
def test_each_account_with_a_password_gets_its_tickets() -> None:
    with Realm(ACCOUNTS) as realm:
        for name, password in (
            ("anna", "Sommer2026"),
            ("bmueller", "Winter ist kalt 7"),
            ("cweiss", "Grüße4Clara"),
            ("dora", "Herbst2026"),
        ):
            cache = realm.ticket(name, password)
            shown = klist(realm, "-e", "-c", str(cache))
            assert f"Default principal: {name}@MUSTER.EXAMPLE" in shown
            assert "krbtgt/MUSTER.EXAMPLE@MUSTER.EXAMPLE" in shown
            assert "(skey, tkt): aes256-cts-hmac-sha1-96, aes256-cts-hmac-sha1-96" in shown


@needs_kerberos
@pytest.mark.parametrize("password", ['say "ja" "" now', "-pw", "# ; $HOME `id` \\", "ж" * 100, "'"])
def test_any_password_that_can_be_typed_will_do(password: str) -> None:
    with Realm([Account("X", "x", sam="x y.z", password=password)]) as realm:
        realm.ticket("x y.z", password)
        with pytest.raises(RealmError):
            realm.ticket("x y.z", password[:-1])


@needs_kerberos
def test_a_wrong_password_and_an_unknown_name_are_told_in_one_line() -> None:
    with Realm(ACCOUNTS) as realm:
        for name, password, text in (
            ("anna", "Winter2026", "no ticket for anna: Password incorrect"),
            ("anna", "", "no ticket for anna: Password incorrect"),
            (
                "info",
                "Sommer2026",
                "no ticket for info: Client 'info@MUSTER.EXAMPLE' not found in Kerberos database",
            ),
        ):
            with pytest.raises(RealmError) as error:
                realm.ticket(name, password)
            assert str(error.value) == text


@needs_kerberos
def test_the_keytab_holds_the_key_of_the_pop_service_alone() -> None:
    with Realm(ACCOUNTS) as realm:
        shown = klist(realm, "-k", "-e", str(realm.keytab)).splitlines()[3:]
        assert [line.split(maxsplit=1)[1].strip() for line in shown] == [
            "pop/localhost@MUSTER.EXAMPLE (aes256-cts-hmac-sha1-96)"
        ]
    with Realm(ACCOUNTS, service_host="ex01.muster.example") as realm:
        assert realm.service == "pop/ex01.muster.example"
        assert "pop/ex01.muster.example@MUSTER.EXAMPLE" in klist(realm, "-k", str(realm.keytab))


@needs_kerberos
def test_a_client_is_led_to_this_realm_and_leaves_the_users_own_tickets_alone(tmp_path: Path) -> None:
    with Realm(ACCOUNTS) as realm:
        folder = realm.config.parent
        assert realm.environment() == {
            "KRB5_CONFIG": f"{folder}/krb5.conf",
            "KRB5CCNAME": f"FILE:{folder}/no-ticket",
        }
        assert realm.environment(tmp_path / "mine")["KRB5CCNAME"] == f"FILE:{tmp_path}/mine"


@needs_kerberos
def test_each_ticket_has_a_file_of_its_own_that_nobody_else_may_read() -> None:
    with Realm(ACCOUNTS) as realm:
        caches = [realm.ticket("anna", "Sommer2026"), realm.ticket("anna", "Sommer2026")]
        assert len(set(caches)) == 2
        assert realm.config.parent.stat().st_mode & 0o777 == 0o700
        for file in [*caches, realm.keytab]:
            assert file.parent == realm.config.parent
            assert file.stat().st_mode & 0o777 == 0o600


@needs_kerberos
def test_the_kdc_listens_on_loopback_alone() -> None:
    with Realm(ACCOUNTS) as realm:
        host, port = kdc_address(realm.config)
        assert host == "127.0.0.1"
        socket.create_connection((host, port)).close()
        listening = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
        local = {line.split()[1] for line in listening.splitlines()}
        assert {address for address in local if address.endswith(f":{port:04X}")} == {f"0100007F:{port:04X}"}


@needs_kerberos
def test_no_password_stands_on_a_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []

    class Watched(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *args: object, **kwargs: object) -> None:
            lines.extend(map(str, (args or (kwargs["args"],))[0]))  # type: ignore[call-overload]
            super().__init__(*args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", Watched)
    with Realm(ACCOUNTS) as realm:
        realm.ticket("anna", "Sommer2026")
    assert {"kinit", "kadmin.local", "krb5kdc"} <= {Path(line).name for line in lines}
    assert not [line for line in lines for account in ACCOUNTS if (account.password or "?") in line]


@needs_kerberos
def test_nothing_is_left_when_it_has_stopped() -> None:
    realm = Realm(ACCOUNTS).start()
    config, address = realm.config, kdc_address(realm.config)
    assert sorted(processes(config).values()) == ["krb5kdc", Path(sys.executable).name]
    realm.stop()
    assert processes(config) == {}
    assert not config.parent.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)
    realm.stop()
    with pytest.raises(RealmError, match="not started"):
        realm.ticket("anna", "Sommer2026")


@needs_kerberos
def test_it_may_be_started_again_but_not_twice() -> None:
    realm = Realm(ACCOUNTS)
    for _ in range(2):
        with realm:
            realm.ticket("anna", "Sommer2026")
            with pytest.raises(RealmError, match="running already"):
                realm.start()
            realm.ticket("anna", "Sommer2026")


@needs_kerberos
@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_is_left_when_its_process_is_killed(by: signal.Signals) -> None:
    code = (
        "from minipop.lab.realm import Realm; from tests.exchange.muster import ACCOUNTS\n"
        "print(Realm(ACCOUNTS).start().config, flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        config = Path(parent.stdout.readline().strip())
        address = kdc_address(config)
        started = processes(config)
        assert sorted(started.values()) == ["krb5kdc", Path(sys.executable).name]
        ends = [os.pidfd_open(process) for process in started]
        parent.send_signal(by)
        for end in ends:
            assert select.select([end], [], [], 20)[0], (
                "a process of the realm outlives the one that started it"
            )
            os.close(end)
    assert processes(config) == {}
    assert not config.parent.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)


@needs_kerberos
def test_two_realms_run_at_once_and_neither_knows_the_others_people() -> None:
    with (
        Realm(ACCOUNTS[:1]) as first,
        Realm(ACCOUNTS[1:2]) as second,
    ):
        assert kdc_address(first.config) != kdc_address(second.config)
        first.ticket("anna", "Sommer2026")
        second.ticket("bmueller", "Winter ist kalt 7")
        with pytest.raises(RealmError, match="not found"):
            second.ticket("anna", "Sommer2026")


@needs_kerberos
def test_where_another_was_quicker_to_take_the_port_it_takes_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        ports = [other.getsockname()[1], other.getsockname()[1], free_port()]
        monkeypatch.setattr(module, "free_port", lambda: ports.pop(0))
        with Realm(ACCOUNTS) as realm:
            realm.ticket("anna", "Sommer2026")


@needs_kerberos
def test_a_kdc_that_does_not_start_says_why_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setattr(module, "free_port", lambda: other.getsockname()[1])
        with pytest.raises(RealmError) as error:
            Realm(ACCOUNTS).start()
    assert str(error.value) == "krb5kdc failed: Address already in use - Error setting up network"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("sam", "password", "text"),
    [
        ("a/b", "x", "'a/b' cannot be the name of a Kerberos principal"),
        ("a@b", "x", "'a@b' cannot be the name of a Kerberos principal"),
        ("a\nb", "x", "'a\\nb' cannot be the name of a Kerberos principal"),
        ("anna", "geheim\nx", "anna: Kerberos takes no password with control characters"),
    ],
)
def test_what_a_realm_cannot_hold_is_told_in_one_line(
    sam: str, password: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "missing", lambda: None)
    with pytest.raises(RealmError) as error:
        Realm([Account("X", "x", sam=sam, password=password)]).start()
    assert str(error.value) == text


@needs_kerberos
def test_nothing_is_missing_here_even_where_the_path_has_no_programs_for_administrators(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert missing() is None
    with Realm(ACCOUNTS) as realm:
        realm.ticket("anna", "Sommer2026")


def test_what_is_missing_is_said_in_one_sentence_with_the_packages_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(module, "SBIN", ())
    monkeypatch.setitem(sys.modules, "gssapi", None)
    sentence = (
        "Kerberos needs krb5kdc, kdb5_util, kadmin.local, kinit, Python's gssapi. To install it: "
        "apt install krb5-kdc krb5-admin-server krb5-user && apt install libkrb5-dev gcc python3-dev && "
        "python -m pip install gssapi"
    )
    assert missing() == sentence
    with pytest.raises(RealmError) as error:
        Realm(ACCOUNTS).start()
    assert str(error.value) == sentence


@needs_kerberos
def test_one_thing_that_is_missing_is_named_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gssapi", None)
    assert missing() == (
        "Kerberos needs Python's gssapi. To install it: "
        "apt install libkrb5-dev gcc python3-dev && python -m pip install gssapi"
    )
    monkeypatch.undo()
    monkeypatch.setenv("PATH", "")
    assert missing() == "Kerberos needs kinit. To install it: apt install krb5-user"


def test_the_sentence_is_german_for_a_german_lesson(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minipop.lab.realm._program", lambda _: None)
    assert (missing("de") or "").startswith("Für Kerberos fehlt hier: krb5kdc, ")
    assert "apt install krb5-kdc" in (missing("de") or "")
