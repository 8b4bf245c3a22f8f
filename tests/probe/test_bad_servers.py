"""The probe against servers that are old, broken or no POP3 at all: found, named, and bounded."""

import base64
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from tests.probe import servers
from tests.probe.running import Probed, probe
from tests.probe.servers import Peer, Pop3, Script, Server, closed_port

STLS = ("TOP", "UIDL", "STLS")
SHUT = {"USER": "-ERR no", "AUTH": "-ERR no"}
INSIDE = {"USER": "+OK", "AUTH PLAIN": "+ ", "*": "-ERR cancelled"}


def sound(context: ssl.SSLContext, *, at_once: bool = False, vulnerable: bool = False) -> Pop3:
    """Return a server of which nothing is bad but what the test makes so."""
    return Pop3(capabilities=STLS, inside=INSIDE, context=context, at_once=at_once, vulnerable=vulnerable)


@pytest.fixture
def both(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., Probed]:
    """Return a function that probes one TLS context on both ports."""

    def run(context: ssl.SSLContext, *options: str) -> Probed:
        with Server(sound(context)) as plain, Server(sound(context, at_once=True)) as tls:
            ca = () if "--ca-file" in options else ("--ca-file", servers.ca_file(tmp_path))
            return probe(capsys, plain.port, tls.port, *ca, *options)

    return run


def test_a_sound_server_is_sound(both: Callable[..., Probed]) -> None:
    found = both(servers.context())
    assert (found.status, set(found.codes()) - set(found.codes("ok"))) == (0, set())


# -- TLS and certificates -------------------------------------------------------------------------


def test_tls_1_0_and_1_1_are_a_danger_even_where_nothing_newer_is_spoken(
    both: Callable[..., Probed],
) -> None:
    old = servers.only(servers.context(), ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)
    found = both(old)
    seal = found.way("tls")["tls"]
    assert seal["versions"] == {"1.0": "accepted", "1.1": "accepted", "1.2": "refused", "1.3": "refused"}
    assert (seal["negotiated"], seal["trust_error"]) == ("TLSv1.1", "")
    assert found.codes("danger") == {"tls-old": ["stls", "tls"]}
    assert found.codes("warning") == {"tls-no-new": ["stls", "tls"]}
    assert found.row("tls")[0] == "all-encrypted"
    assert found.status == 3


@pytest.mark.parametrize(("version", "name"), [("TLSv1", "1.0"), ("TLSv1_1", "1.1")])
def test_each_old_version_beside_new_ones_is_found(
    version: str, name: str, both: Callable[..., Probed]
) -> None:
    found = both(servers.only(servers.context(), ssl.TLSVersion[version], ssl.TLSVersion.TLSv1_3))
    assert found.way("stls")["tls"]["versions"][name] == "accepted"
    assert found.codes("danger") == {"tls-old": ["stls", "tls"]}
    assert found.codes("warning") == {}


def test_a_version_that_openssl_cannot_speak_here_is_named_so(
    both: Callable[..., Probed], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("minipop.probe.tls.can_speak", lambda version: version not in ("1.0", "1.1"))
    found = both(servers.context())
    assert found.way("tls")["tls"]["versions"]["1.0"] == "untestable"
    assert (found.status, found.codes("notice")) == (0, {"tls-untestable": ["stls", "tls"]})


def test_this_machine_can_speak_tls_1_2_and_1_3() -> None:
    from minipop.probe.tls import can_speak

    assert can_speak("1.2")
    assert can_speak("1.3")


CERTIFICATES = [
    pytest.param({"days": -3, "begins": -40}, {"certificate-expired"}, 3, id="expired"),
    pytest.param({"begins": 5}, {"certificate-not-yet-valid"}, 3, id="not-yet-valid"),
    pytest.param({"days": 29}, {"certificate-ends-soon"}, 1, id="ends-in-29-days"),
    pytest.param({"days": 30}, set(), 0, id="ends-in-30-days"),
    pytest.param({"by": trustme.CA()}, {"certificate-untrusted"}, 1, id="authority-of-strangers"),
]


@pytest.mark.parametrize(("made", "codes", "status"), CERTIFICATES)
def test_what_is_wrong_with_a_certificate_is_found(
    made: dict[str, object], codes: set[str], status: int, both: Callable[..., Probed]
) -> None:
    found = both(servers.context(**made))  # type: ignore[arg-type]
    bad = {**found.codes("danger"), **found.codes("warning")}
    assert bad == {code: ["stls", "tls"] for code in codes}
    assert found.status == status


def test_days_left_are_counted(both: Callable[..., Probed]) -> None:
    found = both(servers.context(days=12))
    assert found.way("tls")["tls"]["certificate"]["days_left"] == 12
    assert {"days": 12}.items() <= found.data["findings"][0]["values"].items()


NAMES = [
    (("mail.muster.example",), "mail.muster.example", True),
    (("mail.muster.example",), "MAIL.muster.example.", True),
    (("*.muster.example",), "mail.muster.example", True),
    (("*.muster.example",), "muster.example", False),
    (("*.muster.example",), "pop.mail.muster.example", False),
    (("*.example",), "muster.example", False),
    (("mail.muster.example",), "ex01.muster.example", False),
    (("127.0.0.1",), "127.0.0.1", True),
    (("::1",), "0:0:0:0:0:0:0:1", True),
    (("localhost",), "127.0.0.1", False),
    (("xn--mller-kva.example",), "müller.example", True),
]


@pytest.mark.parametrize(("names", "wanted", "fits"), NAMES)
def test_a_certificate_fits_a_name_or_not(
    names: tuple[str, ...], wanted: str, fits: bool, both: Callable[..., Probed]
) -> None:
    found = both(servers.context(*names), "--name", wanted)
    assert found.way("tls")["tls"]["name_fits"] is fits
    assert ("certificate-name" in found.codes("warning")) is not fits


def test_a_self_signed_certificate_does_not_stop_the_probe_and_may_be_trusted(
    both: Callable[..., Probed], tmp_path: Path
) -> None:
    context = servers.self_signed(tmp_path)
    found = both(context)
    assert (found.status, found.codes("warning")) == (1, {"certificate-self-signed": ["stls", "tls"]})
    assert found.row("stls")[0] == "all-encrypted"
    assert both(context, "--ca-file", str(tmp_path / "own.pem")).status == 0


def test_a_short_key_is_a_warning(both: Callable[..., Probed], tmp_path: Path) -> None:
    found = both(servers.self_signed(tmp_path, bits=1024), "--ca-file", str(tmp_path / "own.pem"))
    assert (found.status, found.codes("warning")) == (1, {"certificate-weak": ["stls", "tls"]})


# -- STLS -----------------------------------------------------------------------------------------


def test_a_server_that_answers_inside_tls_what_came_before_it_is_a_danger(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    context = servers.context()
    with Server(sound(context, vulnerable=True)) as plain, Server(sound(context, at_once=True)) as tls:
        found = probe(capsys, plain.port, tls.port, "--ca-file", servers.ca_file(tmp_path))
    assert found.way("stls")["injection"] == "answered"
    assert (found.status, found.codes("danger")) == (3, {"stls-injection": ["stls"]})


def test_stls_that_capa_does_not_list_is_found_all_the_same(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    context = servers.context()
    with (
        Server(Pop3(capabilities=("TOP",), inside=INSIDE, context=context)) as plain,
        Server(sound(context, at_once=True)) as tls,
    ):
        found = probe(capsys, plain.port, tls.port, "--ca-file", servers.ca_file(tmp_path))
    assert found.way("stls")["trouble"] is None
    assert (found.status, found.codes("notice")) == (0, {"stls-unlisted": ["plain"]})


def test_stls_that_promises_tls_and_breaks_it_is_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    def script(peer: Peer) -> None:
        peer.say("+OK ready")
        while (line := peer.line()) != "STLS":
            peer.say("+OK bye" if line == "QUIT" else "-ERR no")
        peer.say("+OK begin")
        peer.socket.recv(4096)  # the beginning of the handshake, and then the end

    with Server(script) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed)
    assert found.way("stls")["trouble"]["kind"] == "handshake"
    assert found.codes("warning") == {"port-handshake": ["stls"]}


def test_what_is_added_in_clear_to_the_reply_to_stls_is_not_taken_for_part_of_tls(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Server(Pop3(replies={"STLS": "+OK begin\r\n+OK CAPA"})) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed)
    assert found.way("stls")["trouble"] == {"kind": "garbage", "detail": "+OK CAPA??"}


# -- ways to log on -------------------------------------------------------------------------------

#   the reply that is not -ERR, what is listed, the row of 110, what is found, the exit status
OFFERS = [
    ({"USER": "+OK"}, (), ("password-and-mail-readable", "-", "-", "-"), {"password-in-clear"}, 3),
    ({"AUTH PLAIN": "+ "}, (), ("password-and-mail-readable", "-", "-", "-"), {"password-in-clear"}, 3),
    ({"AUTH LOGIN": "+ "}, (), ("password-and-mail-readable", "-", "-", "-"), {"password-in-clear"}, 3),
    ({"AUTH NTLM": "+OK"}, ("NTLM",), ("-", "password-protected", "-", "-"), {"ntlm-in-clear"}, 1),
    ({"AUTH GSSAPI": "+ "}, ("GSSAPI",), ("-", "-", "password-protected", "-"), {"kerberos-in-clear"}, 0),
    ({"AUTH XOAUTH2": "+ "}, ("XOAUTH2",), ("-", "-", "-", "token-readable"), {"token-in-clear"}, 3),
    ({"AUTH OAUTHBEARER": "+"}, ("OAUTHBEARER",), ("-", "-", "-", "token-readable"), {"token-in-clear"}, 3),
    ({"AUTH NTLM": "-ERR no"}, ("NTLM",), ("-", "-", "-", "-"), set(), 0),
]


@pytest.mark.parametrize("listed_by", ["CAPA", "AUTH"])
@pytest.mark.parametrize(("replies", "listed", "row", "codes", "status"), OFFERS)
def test_the_table_tells_what_was_offered_before_and_inside_tls(
    replies: dict[str, str],
    listed: tuple[str, ...],
    row: tuple[str, ...],
    codes: set[str],
    status: int,
    listed_by: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    context = servers.context()
    capabilities = (*STLS, f"SASL {' '.join(listed)}") if listed and listed_by == "CAPA" else STLS
    auth = listed if listed_by == "AUTH" else None
    given = {"replies": replies, "inside": replies, "context": context}
    with (
        Server(Pop3(capabilities=capabilities, auth=auth, **given)) as plain,  # type: ignore[arg-type]
        Server(Pop3(capabilities=capabilities, auth=auth, at_once=True, **given)) as tls,  # type: ignore[arg-type]
    ):
        found = probe(capsys, plain.port, tls.port, "--ca-file", servers.ca_file(tmp_path))
    expected = ["not-offered" if cell == "-" else cell for cell in row]
    assert found.row("plain") == expected
    inside = ["not-offered" if cell == "-" else "all-encrypted" for cell in row]
    assert (found.row("stls"), found.row("tls")) == (inside, inside)
    assert {*found.codes()} - {*found.codes("ok")} == codes
    assert found.status == status


def test_user_in_capa_that_is_refused_is_a_notice(capsys: pytest.CaptureFixture[str]) -> None:
    with Server(Pop3(capabilities=("USER", "STLS"))) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed)
    assert found.codes("notice")["user-listed"] == ["plain"]


def test_what_ntlm_tells_before_anybody_has_logged_on(capsys: pytest.CaptureFixture[str]) -> None:
    from spnego._ntlm_raw.messages import AvId, Challenge, NegotiateFlags, TargetInfo, Version

    names = TargetInfo()
    names[AvId.nb_domain_name] = "MUSTER"
    names[AvId.nb_computer_name] = "EX01"
    names[AvId.dns_domain_name] = "muster.example"
    names[AvId.dns_computer_name] = "ex01.muster.example"
    flags = NegotiateFlags.unicode | NegotiateFlags.ntlm
    type_2 = Challenge(flags, b"12345678", "MUSTER", names, Version(10, 0, 17763))
    challenge = f"+ {base64.b64encode(type_2.pack()).decode()}"
    script = Pop3(auth=("NTLM",), replies={"AUTH NTLM": "+ ", "TlRMTVNTUAAB": challenge})
    with Server(script) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed)
    assert found.way("plain")["ntlm"] == {
        "netbios_computer": "EX01",
        "netbios_domain": "MUSTER",
        "dns_computer": "ex01.muster.example",
        "dns_domain": "muster.example",
        "dns_forest": "",
        "build": "10.0.17763",
    }
    assert found.codes("notice")["ntlm-tells"] == ["plain"]
    at = [line for _, line in script.heard].index("AUTH NTLM")
    assert script.heard[at + 1][1].startswith("TlRMTVNTUAAB")  # type 1
    assert script.heard[at + 2][1] == "*"


@pytest.mark.parametrize("challenge", ["+ ", "+ !", "+ TlRMTVNTUAACAAAA", "+ AAAA", "-ERR", "+OK"])
def test_a_challenge_that_is_none_tells_nothing(challenge: str, capsys: pytest.CaptureFixture[str]) -> None:
    script = Pop3(auth=("NTLM",), replies={"AUTH NTLM": "+ ", "TlRMTVNTUAAB": challenge})
    with Server(script) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed)
    assert found.way("plain")["ntlm"] is None
    assert found.row("plain")[1] == "password-protected"


# -- no POP3 --------------------------------------------------------------------------------------


def says(data: bytes) -> Script:
    def script(peer: Peer) -> None:
        peer.socket.sendall(data)
        peer.wait()

    return script


def endless(data: bytes) -> Script:
    def script(peer: Peer) -> None:
        while True:
            peer.socket.sendall(data)

    return script


def trickle(peer: Peer) -> None:
    """Send a byte now and again, always before the time for one byte is up."""
    import threading

    stop = threading.Event()
    while not stop.wait(0.05):
        peer.socket.sendall(b"+")


def patience(kind: str) -> str:
    """Return seconds to wait: few only where the end of the wait is what is tested."""
    return "1" if kind == "silent" else "20"


STRANGE: list[tuple[str, Script, str, str]] = [
    ("mute", Peer.wait, "silent", ""),
    ("hangs up", lambda _: None, "hung-up", ""),
    ("breaks off", lambda peer: peer.socket.sendall(b"+OK the Micro"), "hung-up", "+OK the Micro"),
    ("half a line", says(b"+OK the Micro"), "silent", "+OK the Micro"),
    ("ssh", says(b"SSH-2.0-OpenSSH_9.2\r\n"), "not-pop3", "SSH-2.0-OpenSSH_9.2"),
    ("imap", says(b"* OK ready\r\n"), "not-pop3", "* OK ready"),
    ("smtp", says(b"220 ready\r\n"), "not-pop3", "220 ready"),
    ("http", says(b"HTTP/1.1 400 Bad Request\r\n"), "not-pop3", "HTTP/1.1 400 Bad Request"),
    ("control characters", says(b"\x1b[31m\xff\x00\r\n"), "not-pop3", "?[31m\ufffd?"),
    ("sends away", says(b"-ERR too many connections\r\n"), "rejected", "-ERR too many connections"),
    ("endless line", endless(b"x" * 1000), "endless", "x" * 199 + "…"),
    ("trickle", trickle, "silent", "+"),
]


@pytest.mark.parametrize(
    ("script", "kind", "detail"), [row[1:] for row in STRANGE], ids=[r[0] for r in STRANGE]
)
def test_what_is_no_pop3_is_named_beside_a_port_that_answers(
    script: Script, kind: str, detail: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with Server(script) as plain, Server(sound(servers.context(), at_once=True)) as tls:
        ca = servers.ca_file(tmp_path)
        found = probe(capsys, plain.port, tls.port, "--ca-file", ca, "--timeout", patience(kind))
    trouble = found.way("plain")["trouble"]
    assert trouble["kind"] == kind
    assert trouble["detail"].startswith(detail)
    assert found.codes("warning") == {f"port-{kind}": ["plain"]}
    assert found.status == 1
    assert found.row("plain") == ["not-reached"] * 4
    assert found.row("tls")[0] == "all-encrypted"


INSIDE_TLS: list[tuple[str, Script, str]] = [
    ("plain pop3", Pop3(), "no-tls"),
    ("plain ssh", says(b"SSH-2.0-OpenSSH_9.2\r\n"), "no-tls"),
    ("mute", Peer.wait, "silent"),
    ("hangs up", lambda _: None, "handshake"),
]


@pytest.mark.parametrize(("script", "kind"), [row[1:] for row in INSIDE_TLS], ids=[r[0] for r in INSIDE_TLS])
def test_a_tls_port_without_tls_is_named(
    script: Script, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Server(sound(servers.context())) as plain, Server(script) as tls:
        found = probe(capsys, plain.port, tls.port, "--timeout", patience(kind))
    assert found.way("tls")["trouble"]["kind"] == kind
    assert found.codes("warning")[f"port-{kind}"] == ["tls"]


def test_a_tls_port_of_another_protocol_is_named_with_what_it_says(
    capsys: pytest.CaptureFixture[str],
) -> None:
    imap = Pop3(greeting="* OK ready", context=servers.context(), at_once=True)
    with Server(sound(servers.context())) as plain, Server(imap) as tls:
        found = probe(capsys, plain.port, tls.port)
    assert found.way("tls")["trouble"] == {"kind": "not-pop3", "detail": "* OK ready"}
    assert found.way("tls")["tls"]["versions"]["1.3"] == "accepted"


def test_only_one_port_is_a_notice(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    ca = servers.ca_file(tmp_path)
    with Server(sound(servers.context())) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed, "--ca-file", ca)
    assert (found.status, found.codes("notice")) == (0, {"port-refused": ["tls"]})
    with Server(sound(servers.context(), at_once=True)) as tls, closed_port() as closed:
        found = probe(capsys, closed, tls.port, "--ca-file", ca)
    assert (found.status, found.codes("notice")) == (0, {"port-refused": ["plain"]})


#    what the system says                    what the report says
NO_CONNECTION: list[tuple[OSError, dict[str, str]]] = [
    (TimeoutError("timed out"), {"kind": "filtered", "detail": ""}),
    (OSError(113, "No route to host"), {"kind": "unreachable", "detail": "No route to host"}),
]


@pytest.mark.parametrize(("error", "trouble"), NO_CONNECTION)
def test_a_port_that_is_filtered_or_unreachable_is_a_notice(
    error: OSError,
    trouble: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connect = socket.create_connection

    def fails(address: tuple[str, int], timeout: float) -> socket.socket:
        if address[1] == 1:
            raise error
        return connect(address, timeout)

    monkeypatch.setattr("socket.create_connection", fails)
    with Server(sound(servers.context())) as plain:
        found = probe(capsys, plain.port, 1, "--ca-file", servers.ca_file(tmp_path))
    assert found.way("tls")["trouble"] == trouble
    assert (found.status, found.codes("notice")) == (0, {f"port-{trouble['kind']}": ["tls"]})


GREETINGS = [
    ("+OK ready", []),
    ("+OK POP3 server ready <1896.697170952@mail.muster.example>", []),
    ("+OK Microsoft Exchange Server 2003 POP3 server ready.", ["greeting-tells"]),
    ("+OK Qpopper (version 4.0.5) ready <1896.697170952@mail.muster.example>", ["greeting-tells"]),
    ("+OK ready [not/base64]", []),
    ("+OK ready [AAAAAAAAAAAA]", []),
]


@pytest.mark.parametrize(("greeting", "codes"), GREETINGS)
def test_a_greeting_tells_the_version_or_not(
    greeting: str, codes: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with Server(Pop3(greeting=greeting)) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed)
    assert [code for code in found.codes() if code.startswith("greeting-")] == codes


#: What comes after a greeting that is in order; each must end in time, and with a report.
AFTERWARDS: list[tuple[str, dict[str, str]]] = [
    ("endless list", {"CAPA": "+OK\r\n" + "TOP\r\n" * 600}),
    ("list without end", {"CAPA": "+OK\r\nTOP"}),
    ("garbage", {"CAPA": "hello", "AUTH": "hello", "USER": "hello"}),
    ("empty lines", {"CAPA": "", "AUTH": "", "USER": ""}),
]


@pytest.mark.parametrize("replies", [row[1] for row in AFTERWARDS], ids=[row[0] for row in AFTERWARDS])
def test_replies_that_make_no_sense_end_in_a_report(
    replies: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    def script(peer: Peer) -> None:
        peer.say("+OK ready")
        while (line := peer.line()) != "QUIT":
            peer.say(next((reply for start, reply in replies.items() if line.startswith(start)), "-ERR"))

    with Server(script) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed, "--timeout", "1")
    assert found.way("plain")["greeting"] == "+OK ready"
    assert found.row("plain") == ["not-offered"] * 4


def test_a_server_that_falls_silent_is_asked_twice_and_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    heard = []

    def script(peer: Peer) -> None:
        peer.say("+OK ready")
        while True:
            heard.append(peer.line())

    with Server(script) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed, "--timeout", "1")
    assert [line for line in heard if line != "QUIT"] == ["CAPA", "AUTH", "STLS"]
    assert found.codes("notice")["password-unknown"] == ["plain"]
    assert "no-password-in-clear" not in found.codes()


def test_a_server_that_hangs_up_after_each_question_is_asked_all(capsys: pytest.CaptureFixture[str]) -> None:
    def script(peer: Peer) -> None:
        peer.say("+OK ready")
        peer.say("+OK" if peer.line().startswith("USER") else "-ERR")

    with Server(script) as plain, closed_port() as closed:
        found = probe(capsys, plain.port, closed)
    assert found.way("plain")["answers"]["USER"]["accepted"]
    assert found.status == 3
