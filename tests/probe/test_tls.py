"""The probe against TLS and certificates that are old, expired, strange or broken."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from tests.probe import servers
from tests.probe.running import Probed, probe
from tests.probe.servers import INSIDE, Peer, Pop3, Server, closed_port, sound


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


@pytest.mark.slow
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
