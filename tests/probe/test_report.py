"""The report: equal in both languages, complete in its words, and masked."""

import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from minipop import Lab
from minipop.cli import main
from minipop.probe import report, verdict
from minipop.probe.observation import Observation, Target
from minipop.probe.probe import probe
from tests.probe import servers
from tests.probe.servers import Peer, Pop3, Server, closed_port

SOURCE = Path(verdict.__file__).parent


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def leaves(table: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Give every text of a language with its path."""
    if isinstance(table, str):
        yield path, table
    else:
        assert isinstance(table, dict | list)
        for key, value in table.items() if isinstance(table, dict) else enumerate(table):
            yield from leaves(value, f"{path}/{key}")


def test_both_languages_have_the_same_texts_with_the_same_values() -> None:
    german, english = (dict(leaves(report.texts(lang))) for lang in ("de", "en"))
    assert set(german) == set(english)
    assert len(german) > 150
    for path, text in english.items():
        assert fields(text) == fields(german[path]), path


#: How bad each finding is, typed by hand.
SEVERITIES = {
    "DANGER": (
        "password-in-clear token-in-clear stls-injection tls-old "
        "certificate-expired certificate-not-yet-valid"
    ),
    "WARNING": (
        "challenge-in-clear scram-in-clear ntlm-in-clear other-in-clear anonymous-offered offer-unknown "
        "password-unknown no-stls stls-unknown tls-no-new tls-unanswered certificate-name "
        "certificate-name-in-cn certificate-self-signed certificate-untrusted certificate-chain "
        "certificate-ends-soon certificate-weak certificate-unreadable logon-refused logon-in-use "
        "logon-delayed logon-server-trouble logon-not-offered logon-not-tried port-hung-up port-silent "
        "port-endless port-garbage port-rejected port-not-pop3 port-no-tls port-handshake "
        "port-client-certificate port-limited deadline"
    ),
    "NOTICE": (
        "kerberos-in-clear ntlm-tells greeting-tells greeting-names implementation-tells user-listed "
        "stls-unlisted tls-untestable port-refused port-filtered port-unreachable port-unknown-host"
    ),
    "OK": "no-password-in-clear stls-sound tls-new certificate-good logon-works",
}


def test_every_finding_is_as_bad_as_it_was_decided() -> None:
    expected = {code: severity for severity, codes in SEVERITIES.items() for code in codes.split()}
    assert {code: severity.name for code, severity in verdict.severities().items()} == expected


def test_every_finding_has_its_words_and_no_words_are_left_over() -> None:
    known = set(report.texts("en")["findings"])
    assert set(verdict.severities()) == known
    raised = "".join(
        (SOURCE / f"{name}.py").read_text("utf-8") for name in ("client", "probe", "connections")
    )
    kinds = set(re.findall(r'(?:ProbeError|_give_up)\(\s*"([a-z0-9-]+)"', raised))
    assert len(kinds) > 10
    assert kinds <= set(report.texts("en")["troubles"])
    assert {f"port-{kind}" for kind in kinds - {"no-stls", "untrusted", "deadline"}} <= known


def test_what_is_in_order_has_one_sentence_and_all_else_says_what_to_do() -> None:
    one = {code for code, texts in report.texts("de")["findings"].items() if len(texts) == 1}
    assert one == {
        *("no-password-in-clear", "stls-sound", "tls-new", "certificate-good", "logon-works"),
    }


OBSERVED = [("2003", None), ("2016", None), ("2016", "PlainTextLogin"), ("online", None), ("rfc", None)]


@pytest.mark.parametrize(("edition", "login_type"), OBSERVED)
def test_german_and_english_tell_the_same_findings_in_the_same_order(
    edition: str, login_type: str | None
) -> None:
    with Lab(edition, login_type=login_type) as lab:
        seen = probe(Target("127.0.0.1", "mail.muster.example", lab.port, lab.tls_port))
    told = {lang: told_in(seen, lang) for lang in ("de", "en")}
    assert told["de"] == told["en"] == [finding.code for finding in verdict.findings(seen)]


def told_in(seen: Observation, lang: str) -> list[str]:
    """Return the codes of the findings whose words stand in the text, in their order."""
    text = " ".join(report.as_text(seen, lang).split())
    places = {}
    for code, (what, *_) in report.texts(lang)["findings"].items():
        pattern = ".*?".join(re.escape(part) for part in re.split(r"\{\w+\}", what))
        if found := re.search(pattern, text):
            places[code] = found.start()
    return sorted(places, key=lambda code: places[code])


def test_no_line_is_wider_than_the_report_unless_a_word_is() -> None:
    with Lab("2016") as lab:
        seen = probe(Target("127.0.0.1", "127.0.0.1", lab.port, lab.tls_port))
    for lang in ("de", "en"):
        lines = report.as_text(seen, lang).splitlines()
        assert [line for line in lines if len(line) > report.WIDTH] == []


def test_the_table_says_in_words_what_could_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    with Lab("2003") as lab:
        ports = ["--port", str(lab.port), "--tls-port", str(lab.tls_port), "--ca-file", lab.ca_file]
        assert main(["probe", "127.0.0.1", *ports, "--lang", "de"]) == 3
        out = capsys.readouterr().out
        assert main(["probe", "127.0.0.1", *ports]) == 3
        english = capsys.readouterr().out
    row = next(line for line in out.splitlines() if line.startswith("Kennwort (USER"))
    assert re.split(r"  +", row) == [
        "Kennwort (USER, PLAIN, LOGIN)",
        "Kennwort und Mail",  # and "lesbar" in the next line
        "nicht angeboten",
        "alles verschlüsselt",
    ]
    assert "Gefahr " in out
    assert "Set-PopSettings -LoginType SecureLogin" in out
    assert "danger " in english
    assert "password and mail" in english


def test_a_server_that_repeats_the_password_is_not_quoted_with_it(tmp_path: Path) -> None:
    repeats = {
        "USER": "+OK",
        "PASS": "-ERR wrong: Geheim 7",
        "AUTH PLAIN": "+ ",
        "AG": "-ERR AGFubmEAR2VoZWltIDc=",
    }
    tls = Pop3(inside=repeats, context=servers.context(), at_once=True)
    with Server(tls) as server, closed_port() as closed:
        target = Target("127.0.0.1", "127.0.0.1", closed, server.port, servers.ca_file(tmp_path))
        seen = probe(target, "anna", "Geheim 7")
    assert [logon.reply for logon in seen.logons] == ["-ERR wrong: ********", "-ERR ********"]
    assert (True, "PASS Geheim 7") in tls.heard
    assert "Geheim" not in repr(seen)


def test_a_server_that_refuses_user_is_not_sent_the_password(tmp_path: Path) -> None:
    tls = Pop3(context=servers.context(), at_once=True)
    with Server(tls) as server, closed_port() as closed:
        target = Target("127.0.0.1", "127.0.0.1", closed, server.port, servers.ca_file(tmp_path))
        seen = probe(target, "anna", "Geheim 7")
    assert [logon.sent for logon in seen.logons] == [False, False]
    assert not any("Geheim" in line or line.startswith("AG") for _, line in tls.heard)
    codes = [finding.code for finding in verdict.findings(seen)]
    assert codes.count("logon-not-offered") == 2


def test_a_log_on_takes_the_way_whose_certificate_holds(tmp_path: Path) -> None:
    replies = {"USER": "+OK", "PASS": "+OK in", "AUTH PLAIN": "+ ", "AG": "+OK in"}
    stls = Pop3(capabilities=("STLS",), inside=replies, context=servers.context())
    tls = Pop3(inside=replies, context=servers.context("elsewhere.example"), at_once=True)
    with Server(stls) as plain, Server(tls) as other:
        target = Target("127.0.0.1", "127.0.0.1", plain.port, other.port, servers.ca_file(tmp_path))
        seen = probe(target, "anna", "Geheim 7")
    assert [(logon.way, logon.accepted) for logon in seen.logons] == [("stls", True), ("stls", True)]
    assert not any("PASS" in line for _, line in tls.heard)
    assert not any("PASS" in line for inside, line in stls.heard if not inside)


def test_a_server_that_changes_its_certificate_gets_no_password(tmp_path: Path) -> None:
    import trustme

    good = Pop3(inside={"USER": "+OK"}, context=servers.context(), at_once=True)
    bad = Pop3(inside={"USER": "+OK"}, context=servers.context(by=trustme.CA()), at_once=True)
    handshakes = []

    def script(peer: Peer) -> None:
        """Show the good certificate while one only looks, the other one after that."""
        handshakes.append(peer)
        (good if len(handshakes) <= 4 else bad)(peer)

    with Server(script) as server, closed_port() as closed:
        target = Target("127.0.0.1", "127.0.0.1", closed, server.port, servers.ca_file(tmp_path))
        seen = probe(target, "anna", "Geheim 7")
    assert seen.endpoints[2].tls is not None
    assert seen.endpoints[2].tls.trust_error == ""
    assert seen.logons == []
    assert "unable to get local issuer certificate" in seen.logon_trouble
    assert not any("anna" in line for _, line in good.heard + bad.heard)
