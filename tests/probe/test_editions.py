"""The probe against every edition: it knows nothing of them, so what it says is what they do."""

import base64
import io
from dataclasses import dataclass

import pytest

from minipop import Lab
from minipop.lab.realm import missing
from tests.known import editions
from tests.probe.running import Probed, probe

IN_CLEAR, PROTECTED = "password-and-mail-readable", "password-protected"
ENCRYPTED, NO = "all-encrypted", "not-offered"


@dataclass(frozen=True)
class Expected:
    """What the probe must find: typed by hand."""

    taken: tuple[str, ...]  # before TLS
    password: tuple[str, str, str]  # its column: 110, 110 after STLS, 995
    ntlm: tuple[str, str, str]
    status: int
    stls: bool = True


OLD = Expected(("USER", "NTLM"), (IN_CLEAR, NO, ENCRYPTED), (PROTECTED, NO, ENCRYPTED), 3, stls=False)
LOGIN = Expected(
    ("USER", "PLAIN", "LOGIN", "NTLM"),
    (IN_CLEAR, ENCRYPTED, ENCRYPTED),
    (PROTECTED, ENCRYPTED, ENCRYPTED),
    3,
)
AUTHENTICATION = Expected(("NTLM",), (NO, ENCRYPTED, ENCRYPTED), (PROTECTED, ENCRYPTED, ENCRYPTED), 1)
SECURE = Expected((), (NO, ENCRYPTED, ENCRYPTED), (NO, ENCRYPTED, ENCRYPTED), 0)
ONLINE = Expected((), (NO, ENCRYPTED, ENCRYPTED), (NO, NO, NO), 0)
RFC = Expected(("USER", "PLAIN", "LOGIN"), (IN_CLEAR, ENCRYPTED, ENCRYPTED), (NO, NO, NO), 3)

CASES = [
    pytest.param("2000", None, OLD, id="2000"),
    pytest.param("2003", None, OLD, id="2003"),
    pytest.param("online", None, ONLINE, id="online"),
    pytest.param("rfc", None, RFC, id="rfc"),
    *(
        pytest.param(edition, login_type, expected, id=f"{edition}-{login_type or 'default'}")
        for edition in editions("2007")
        for login_type, expected in (
            (None, SECURE),
            ("PlainTextLogin", LOGIN),
            ("PlainTextAuthentication", AUTHENTICATION),
            ("SecureLogin", SECURE),
        )
    ),
]


def of(lab: Lab, capsys: pytest.CaptureFixture[str], *options: str) -> Probed:
    return probe(capsys, lab.port, lab.tls_port, "--ca-file", lab.ca_file, *options)


@pytest.mark.parametrize(("edition", "login_type", "expected"), CASES)
def test_of_each_edition_the_probe_finds_who_may_read_what(
    edition: str, login_type: str | None, expected: Expected, capsys: pytest.CaptureFixture[str]
) -> None:
    with Lab(edition, login_type=login_type) as lab:
        found = of(lab, capsys)
    answers = found.way("plain")["answers"]
    assert {name for name, answer in answers.items() if answer["accepted"]} == set(expected.taken)
    rows = [found.row(way) for way in ("plain", "stls", "tls")]
    assert (tuple(row[0] for row in rows), tuple(row[1] for row in rows)) == (
        expected.password,
        expected.ntlm,
    )
    assert ("ntlm-in-clear" in found.codes("warning")) is ("NTLM" in expected.taken)
    assert ("password-in-clear" in found.codes("danger")) is (expected.status == 3)
    assert ("no-password-in-clear" in found.codes("ok")) is (expected.status != 3)
    assert (found.status, found.data["exit_status"]) == (expected.status, expected.status)
    assert ("no-stls" in found.codes("warning")) is not expected.stls
    assert (found.way("stls")["trouble"] is None) is expected.stls
    if expected.stls:
        assert found.way("stls")["injection"] == "not-answered"


TOLD = {
    "2000": "+OK Microsoft Exchange 2000 POP3 server version 6.0.6249.0 (mail.muster.example) ready.",
    "2003": "+OK Microsoft Exchange Server 2003 POP3 server version 6.5.7638.1 (mail.muster.example) ready.",
    "2016": "+OK The Microsoft Exchange POP3 service is ready.",
}


@pytest.mark.parametrize("edition", TOLD)
def test_a_greeting_is_complained_of_only_if_it_tells_the_version(
    edition: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Lab(edition) as lab:
        found = of(lab, capsys)
    assert (found.way("plain")["greeting"], found.way("tls")["greeting"]) == (TOLD[edition], TOLD[edition])
    assert ("greeting-tells" in found.codes("notice")) is (edition != "2016")


def test_secure_login_as_it_was_observed_leaves_ntlm_open_in_clear(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Lab("2016", secure_login="observed") as lab:
        found = of(lab, capsys)
    assert found.row("plain") == [NO, PROTECTED, NO, NO]
    assert (found.status, found.codes("warning")) == (1, {"ntlm-in-clear": ["plain"]})


def test_kerberos_has_its_column(capsys: pytest.CaptureFixture[str]) -> None:
    if reason := missing():
        pytest.skip(reason)
    with Lab("2016", login_type="PlainTextAuthentication", kerberos=True) as lab:
        found = of(lab, capsys)
    assert found.row("plain") == [NO, PROTECTED, PROTECTED, NO]
    assert found.row("stls") == found.row("tls") == [ENCRYPTED, ENCRYPTED, ENCRYPTED, NO]
    assert found.codes("notice")["kerberos-in-clear"] == ["plain"]


def test_modern_authentication_has_its_column(capsys: pytest.CaptureFixture[str]) -> None:
    with Lab("online", issuer=True) as lab:
        found = of(lab, capsys)
    assert found.row("plain") == [NO, NO, NO, NO]
    assert found.row("stls") == found.row("tls") == [ENCRYPTED, NO, NO, ENCRYPTED]
    assert found.status == 0


@pytest.mark.parametrize(
    ("certificate", "code", "status"),
    [("expired", "certificate-expired", 3), ("other-name", "certificate-name", 1)],
)
def test_the_wrong_certificates_of_a_lab_are_found(
    certificate: str, code: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with Lab("2016", certificate=certificate) as lab:
        found = of(lab, capsys)
    bad = {**found.codes("danger"), **found.codes("warning")}
    assert (found.status, bad) == (status, {code: ["stls", "tls"]})


@pytest.mark.parametrize(("edition", "ways"), [("2003", ["plain", "tls"]), ("2016", ["stls", "tls"])])
def test_what_ntlm_tells_is_reported_where_it_is_told(
    edition: str, ways: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with Lab(edition) as lab:
        found = of(lab, capsys)
    assert found.codes("notice")["ntlm-tells"] == ways
    told = found.way(ways[0])["ntlm"]
    assert (told["netbios_computer"], told["netbios_domain"]) == ("EX01", "MUSTER")
    assert (told["dns_computer"], told["dns_domain"]) == ("ex01.muster.example", "muster.example")


def test_the_front_end_server_that_hides_in_the_greeting_of_online_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Lab("online") as lab:
        found = of(lab, capsys)
    assert found.codes("notice")["greeting-names"] == ["plain", "tls"]
    values = [f["values"] for f in found.data["findings"] if f["code"] == "greeting-names"]
    assert values == [{"server": "LAB01.muster.example"}]


def test_tls_and_the_certificate_are_seen_on_both_ways(capsys: pytest.CaptureFixture[str]) -> None:
    with Lab("2016") as lab:
        found = of(lab, capsys)
    for way in ("stls", "tls"):
        seal = found.way(way)["tls"]
        assert seal["versions"] == {"1.0": "refused", "1.1": "refused", "1.2": "accepted", "1.3": "accepted"}
        assert (seal["negotiated"], seal["trust_error"], seal["name_fits"]) == ("TLSv1.3", "", True)
        assert seal["certificate"]["names"] == ["localhost", "127.0.0.1", "::1"]
        assert seal["certificate"]["issuer"] == "OU=Muster GmbH,O=minipop"
        assert seal["certificate"]["not_after"] == "3000-01-01T00:00:00+00:00"
    assert found.codes("ok")["certificate-good"] == ["stls", "tls"]


def test_an_authority_that_the_system_does_not_know_is_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    with Lab("2016") as lab:
        found = probe(capsys, lab.port, lab.tls_port)
    assert found.status == 1
    assert found.codes("warning") == {"certificate-untrusted": ["stls", "tls"]}


def test_the_name_that_is_expected_may_be_another_than_the_host(capsys: pytest.CaptureFixture[str]) -> None:
    with Lab("2016") as lab:
        assert of(lab, capsys, "--name", "LOCALHOST").status == 0
        found = of(lab, capsys, "--name", "mail.muster.example")
    assert (found.status, list(found.codes("warning"))) == (1, ["certificate-name"])


def test_ipv6_loopback_is_probed_with_and_without_brackets(capsys: pytest.CaptureFixture[str]) -> None:
    with Lab("2016", host="::1") as lab:
        for host in ("::1", "[::1]"):
            ca = ["--ca-file", lab.ca_file]
            found = probe(capsys, lab.port, lab.tls_port, *ca, host=host)
            assert (found.status, found.data["host"]) == (0, "::1")


# -- what is sent ---------------------------------------------------------------------------------


@pytest.mark.parametrize("edition", ["2003", "2016", "online", "rfc"])
def test_without_a_user_nothing_crosses_in_clear_but_harmless_commands(
    edition: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Lab(edition, record=True) as lab:
        of(lab, capsys)
        clear = [capture for capture in lab.wire if capture.port == 110]
        sent = [b"".join(data for who, data in capture.reveal() if who == "C") for capture in clear]
        spoken = "\n".join(f"{entry.who}: {entry.text}" for c in lab.transcript for entry in c.entries)
    in_clear = {line for data in sent for line in data.split(b"\x16\x03")[0].split(b"\r\n")}
    assert in_clear - {b""} <= {
        *(b"CAPA", b"AUTH", b"AUTH PLAIN", b"AUTH LOGIN", b"AUTH NTLM", b"AUTH GSSAPI", b"AUTH XOAUTH2"),
        *(b"*", b"USER minipop-probe", b"STLS", b"QUIT"),
        *(line for line in in_clear if line.startswith(b"TlRMTVNTUAABAAAA")),  # NTLM's type 1
    }
    assert b"USER minipop-probe" in in_clear
    for command in ("PASS", "RETR", "TOP", "DELE", "LIST", "APOP"):
        assert f"C: {command}" not in spoken


@pytest.mark.parametrize(("edition", "accepted"), [("2003", [True, False]), ("2016", [True, True])])
def test_with_a_user_the_log_on_is_tried_inside_tls_alone(
    edition: str,
    accepted: list[bool],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Sommer2026\nnot this\n"))
    with Lab(edition, record=True) as lab:
        found = of(lab, capsys, "--user", "anna", "--password-stdin")
        sent = b"".join(data for c in lab.wire for who, data in c.reveal() if who == "C")
        assert len(lab.mailbox("anna").inbox) == 10
    assert [logon["accepted"] for logon in found.data["logons"]] == accepted
    assert [(logon["way"], logon["mechanism"]) for logon in found.data["logons"]] == [
        ("tls", "USER/PASS"),
        ("tls", "AUTH PLAIN"),
    ]
    assert found.data["logons"][0]["reply"] == "+OK User successfully logged on."
    assert b"Sommer2026" not in sent
    assert base64.b64encode(b"\0anna\0Sommer2026") not in sent


def test_a_refused_log_on_is_reported_with_the_reply_of_the_server(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("falsch\n"))
    with Lab("2016") as lab:
        found = of(lab, capsys, "--user", "anna", "--password-stdin")
    replies = [logon["reply"] for logon in found.data["logons"]]
    assert replies[0] == "-ERR Logon failure: unknown user name or bad password."
    assert (found.status, found.codes("warning")) == (1, {"logon-refused": ["tls"]})
    assert "falsch" not in str(found.data)


@pytest.mark.parametrize("options", [[], ["--name", "mail.muster.example"]], ids=["authority", "name"])
def test_without_a_verified_certificate_the_password_stays_here(
    options: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Sommer2026\n"))
    with Lab("2016") as lab:
        ca = ["--ca-file", lab.ca_file] if options else []
        found = probe(capsys, lab.port, lab.tls_port, *ca, *options, "--user", "anna", "--password-stdin")
        spoken = [entry.text for c in lab.transcript for entry in c.entries]
    assert (found.data["logons"], found.data["logon_trouble"]) == ([], "unverified")
    assert "logon-not-tried" in found.codes("warning")
    assert not any("PASS" in line or "anna" in line for line in spoken)
