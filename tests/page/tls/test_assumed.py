"""Without tlslite-ng TLS is assumed: everything runs, and transcript, wire and `kind` say so."""

import poplib
import ssl
import subprocess
import sys
from collections.abc import Callable

import pytest

from minipop import Lab
from minipop.page import tls
from minipop.page.tls.assumed import Assumed
from minipop.wire import read as overhear
from tests.page.tls.certificates import Issued
from tests.page.tls.sides import PAGE, Pair, read, wants
from tests.page.tls.test_verification import ACCEPTED, REFUSED

Make = Callable[[Issued], ssl.SSLContext]

#: What both sides begin with, in clear text.
MARK = b"No ciphertext: TLS is only assumed here. "


@pytest.fixture(autouse=True)
def _without_tlslite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls, "_engine", lambda: Assumed)


@pytest.fixture
def pair(ca: Issued, valid: Issued, trusting: Make, showing: Make) -> Pair:
    return Pair((trusting(ca), PAGE), (showing(valid), PAGE))


# -- when -------------------------------------------------------------------------------------------------

NO_TLSLITE = """
import sys
from minipop.page.archives import DownloadError

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "tlslite":
            print("asked for", name)
            raise DownloadError("tls.zip could not be downloaded")

sys.meta_path.insert(0, Finder())
from minipop.page import tls
print("nothing so far")
print(tls.kind(), tls.kind())
"""


def test_tls_is_assumed_if_the_archive_does_not_come_and_that_is_asked_once() -> None:
    run = subprocess.run([sys.executable, "-c", NO_TLSLITE], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["nothing so far", "asked for tlslite", "assumed assumed"]


# -- what runs --------------------------------------------------------------------------------------------


def test_both_sides_say_what_they_are(pair: Pair) -> None:
    assert tls.kind() == "assumed"
    pair.shake_hands()
    for one in (pair.client, pair.server):
        assert one.version() == "assumed"
        assert one.cipher() == ("assumed", "assumed", 0)


def test_they_hear_each_other_and_say_goodbye(pair: Pair, valid: Issued) -> None:
    pair.shake_hands()
    message = bytes(range(256)) * 300
    pair.server.write(message)
    pair.client.write(b"QUIT\r\n")
    assert pair.server.read(100) == b"QUIT\r\n"
    assert read(pair.client, len(message)) == message
    assert pair.client.getpeercert(True) == valid.der
    assert (pair.client.getpeercert() or {})["subjectAltName"][0] == ("DNS", "localhost")
    assert wants(pair.client.unwrap)
    assert pair.server.read(10) == b""
    pair.server.unwrap()
    pair.client.unwrap()


def test_it_is_neither_clear_text_nor_the_same_twice(pair: Pair) -> None:
    pair.shake_hands()
    records = []
    for _ in range(2):
        pair.client.write(b"PASS Sommer2026\r\n")
        records.append(pair.to_server.read())
    assert b"Sommer2026" not in b"".join(records)
    assert records[0] != records[1]
    pair.to_server.write(b"".join(records))
    assert read(pair.server, 34) == b"PASS Sommer2026\r\n" * 2


def test_both_begin_with_a_mark_in_clear_text(pair: Pair) -> None:
    said = pair.to_server.read()
    assert said[5:].startswith(MARK)
    pair.to_server.write(said)
    assert wants(pair.server.do_handshake)
    assert pair.to_client.read()[5:].startswith(MARK)


@pytest.mark.parametrize("name", [name for name, case in REFUSED.items() if case.code != 7])
def test_a_client_refuses_as_with_real_tls(name: str, trusting: Make, showing: Make) -> None:
    case = REFUSED[name]
    pair = Pair((trusting(case.trusted), PAGE), (showing(case.shown), PAGE), case.hostname).shake_hands()
    refusal = pair.errors["client"]
    assert isinstance(refusal, ssl.SSLCertVerificationError)
    assert (refusal.verify_code, refusal.verify_message) == (case.code, case.text)
    assert pair.errors["server"].reason == case.alert
    assert pair.server.version() is None


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_client_accepts_as_with_real_tls(name: str, trusting: Make, showing: Make) -> None:
    shown, hostname, trusted = ACCEPTED[name]
    assert Pair((trusting(trusted), PAGE), (showing(shown), PAGE), hostname).shake_hands().errors == {}


def test_an_end_without_notice_and_clear_text_are_errors(pair: Pair) -> None:
    pair.to_server.read()
    pair.to_server.write(b"QUIT\r\n")
    with pytest.raises(ssl.SSLError, match="WRONG_VERSION_NUMBER"):
        pair.server.do_handshake()
    pair.to_client.write_eof()
    with pytest.raises(ssl.SSLEOFError):
        pair.client.do_handshake()


# -- who says so ------------------------------------------------------------------------------------------

WORDS = {
    "de": (
        "   (TLS ist ab hier nur angenommen: Die Bytes auf der Leitung sind nicht verschlüsselt)",
        "kein Chiffrat: TLS ist hier nur angenommen",
    ),
    "en": (
        "   (TLS is only assumed from here on: the bytes on the wire are not encrypted)",
        "no ciphertext: TLS is only assumed here",
    ),
}


@pytest.mark.usefixtures("tls_page")
@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize("port", [995, 110])
def test_transcript_and_wire_say_so_in_that_very_session(lang: str, port: int) -> None:
    with Lab("2016", lang=lang, record=True) as lab:
        context = ssl.create_default_context(cafile=str(lab.ca_file))
        if port == 995:
            pop: poplib.POP3 = poplib.POP3_SSL(lab.host, lab.tls_port, context=context)
        else:
            pop = poplib.POP3(lab.host, lab.port)
            assert str(lab.wire[-1]).count(";") == 0  # not before TLS is wanted
            pop.stls(context)
        pop.user("anna")
        pop.pass_("Sommer2026")
        pop.quit()
        noted, marked = WORDS[lang]
        lines = str(lab.transcript[-1]).splitlines()
        before = 1 if port == 995 else lines.index("S: +OK Begin TLS negotiation.") + 1
        assert lines[before] == noted
        assert lines.count(noted) == 1
        assert str(lab.wire[-1]).endswith(f"; {marked}")
        assert not overhear(lab.wire[-1].sent_by("C"), "Sommer2026")
        explained = lab.transcript[-1].explain().explanations()[before - 1]
        assert ("TLS-Bibliothek" if lang == "de" else "TLS library") in explained[0]


@pytest.mark.usefixtures("tls_page")
def test_a_session_in_clear_text_does_not_mention_it() -> None:
    with Lab("2016", record=True, lang="en") as lab:
        poplib.POP3(lab.host, lab.port).quit()
        assert "assumed" not in f"{lab.transcript} {lab.wire}"
