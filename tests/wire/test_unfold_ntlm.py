"""NTLM's messages, unfolded: names and kinds, and nothing that would help an attacker or differ next time."""

import random
from collections.abc import Callable
from functools import partial

import pytest
import spnego
from spnego._ntlm_raw import crypto
from spnego._ntlm_raw.messages import Authenticate, Challenge, Negotiate, Version
from spnego.channel_bindings import GssChannelBindings

from minipop.exchange.mechanisms.ntlm import ntlm
from minipop.wire.unfold import Unfolded, unfold_challenge, unfold_response
from tests.exchange.muster import ACCOUNTS
from tests.support import FakeMaildrop

response = partial(unfold_response, "NTLM", 0)
challenge = partial(unfold_challenge, "NTLM", 0)

# Typed from [MS-NLMP] 4.2.4.3.
SPEC_CHALLENGE = bytes.fromhex(
    "4e544c4d53535000020000000c000c003800000033828ae20123456789abcdef00000000000000002400240044000000"
    "060070170000000f53006500720076006500720002000c0044006f006d00610069006e0001000c005300650072007600"
    "6500720000000000"
)

UNICODE, OEM, NTLM, ESS = 0x1, 0x2, 0x200, 0x80000


def dialogue(bound: bool = False, password: str = "Sommer2026") -> tuple[bytes, bytes, bytes]:
    """Return the three messages of pyspnego's client and our server."""
    bindings = GssChannelBindings(application_data=b"tls-server-end-point:x") if bound else None
    client = spnego.client(
        r"MUSTER\anna",
        password,
        hostname="ex01.muster.example",
        service="pop",
        protocol="ntlm",
        channel_bindings=bindings,
        options=spnego.NegotiateOptions.use_ntlm,
    )
    server = ntlm(lambda *_: ACCOUNTS[0], lambda _: FakeMaildrop([]))
    next(server)
    first = client.step() or b""
    second = server.send(first)
    assert isinstance(second, bytes)
    return first, second, client.step(second) or b""


@pytest.fixture(autouse=True)
def workstation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETBIOS_COMPUTER_NAME", "WS07")


def test_type_1_says_what_the_client_can_do() -> None:
    first, _, _ = dialogue()
    unfolded = response(first)
    assert unfolded.label == "<NTLM type 1>"
    assert unfolded.fields == (
        (
            "flags",
            "UNICODE, OEM, SIGN, SEAL, NTLM, ALWAYS_SIGN, EXTENDED_SESSIONSECURITY, 128, KEY_EXCH, 56",
        ),
        ("os-version", "0.12.4"),  # pyspnego gives its own
    )


def test_type_1_may_name_a_domain_and_a_workstation() -> None:
    message = Negotiate(OEM | NTLM, "MUSTER", "WS01", Version(10, 0, 19045)).pack()
    assert response(message).fields == (
        ("flags", "OEM, NTLM"),
        ("os-version", "10.0.19045"),
        ("domain", "MUSTER"),
        ("workstation", "WS01"),
    )


def test_type_2_tells_anyone_who_the_server_is() -> None:
    _, second, _ = dialogue()
    unfolded = challenge(second)
    assert unfolded.label == "<NTLM type 2>"
    assert unfolded.fields == (
        ("target-name", "MUSTER"),
        ("nb-domain", "MUSTER"),
        ("nb-computer", "EX01"),
        ("dns-domain", "muster.example"),
        ("dns-computer", "ex01.muster.example"),
        ("os-version", "10.0.14393"),
        ("flags", "UNICODE, SIGN, SEAL, NTLM, ALWAYS_SIGN, EXTENDED_SESSIONSECURITY, 128, KEY_EXCH, 56"),
        ("nonce-octets", "8"),
        ("timestamp-octets", "8"),
    )


def test_the_specifications_own_challenge_is_read() -> None:
    assert challenge(SPEC_CHALLENGE).fields == (
        ("target-name", "Server"),
        ("nb-domain", "Domain"),
        ("nb-computer", "Server"),
        ("os-version", "6.0.6000"),
        ("flags", "UNICODE, OEM, SIGN, SEAL, NTLM, ALWAYS_SIGN, EXTENDED_SESSIONSECURITY, 128, KEY_EXCH, 56"),
        ("nonce-octets", "8"),
    )


def test_type_2_of_an_old_server_has_a_name_and_a_nonce() -> None:
    message = Challenge(OEM | NTLM, b"\x11" * 8, "M\u00dcNCHEN").pack()
    assert challenge(message).fields == (
        ("target-name", "MÜNCHEN"),
        ("flags", "OEM, NTLM"),
        ("nonce-octets", "8"),
    )


@pytest.mark.parametrize("bound", [False, True])
def test_type_3_says_who_logs_on_and_how(bound: bool) -> None:
    _, _, third = dialogue(bound)
    unfolded = response(third)
    assert unfolded.label == "<NTLM type 3>"
    assert unfolded.fields[:4] == (
        ("domain", "MUSTER"),
        ("user", "anna"),
        ("workstation", "WS07"),
        ("response", "NTLMv2"),
    )
    assert unfolded.fields[5:] == (
        ("lm-octets", "24"),
        ("spn", "pop/ex01.muster.example"),
        ("mic-octets", "16"),
        ("binding-octets", "16" if bound else ""),
    )
    # 16 of proof, 28 of NTLMv2's own, 4 pairs of names with 4 octets each before 12, 8, 28 and 38, the
    # timestamp, the flags, the service with 46, the end and 4 zeros; a binding is 20 more.
    names = 4 * 4 + 12 + 8 + 28 + 38
    assert unfolded.fields[4] == ("nt-octets", str(16 + 28 + names + 12 + 8 + 4 + 46 + 8 + 20 * bound))


@pytest.mark.parametrize(
    ("flags", "nt", "kind"),
    [
        (UNICODE | NTLM, b"\x11" * 24, "NTLMv1"),
        (OEM | NTLM, b"\x11" * 24, "NTLMv1"),
        (UNICODE | NTLM | ESS, b"\x11" * 24, "NTLMv1, extended session security"),
        (UNICODE | NTLM, None, "LM"),
        (UNICODE | NTLM | ESS, None, "LM"),
    ],
)
def test_old_kinds_of_responses_are_told_apart(flags: int, nt: bytes | None, kind: str) -> None:
    message = Authenticate(flags, b"\x22" * 24, nt, "MUSTER", "bmueller", "WS01").pack()
    assert response(message).fields == (
        ("domain", "MUSTER"),
        ("user", "bmueller"),
        ("workstation", "WS01"),
        ("response", kind),
        ("nt-octets", "24" if nt else "0"),
        ("lm-octets", "24"),
    )


def test_nothing_varies_from_run_to_run() -> None:
    def unfolded() -> list[Unfolded]:
        first, second, third = dialogue()
        return [response(first), challenge(second), response(third)]

    assert unfolded() == unfolded()


def test_no_field_holds_a_secret() -> None:
    first, second, third = dialogue(bound=True)
    message = Authenticate.unpack(third)
    nonce = Challenge.unpack(second).server_challenge
    nt, key, mic = message.nt_challenge_response, message.encrypted_random_session_key, message.mic
    assert nt
    assert key
    assert mic
    text = str([response(first), challenge(second), response(third)])
    for secret in (nonce, nt[:16], nt[32:40], key, mic, crypto.ntowfv1("Sommer2026")):
        for form in (secret.hex(), secret.hex(" "), repr(secret)[2:-1], secret.decode("latin-1")):
            assert form.lower() not in text.lower()
    assert "Sommer" not in text


def test_a_name_is_shown_as_a_line_of_text_and_not_endlessly() -> None:
    message = Authenticate(UNICODE, b"\x22" * 24, None, "A\r\nS: +OK\x1b[2J\u202e", "x" * 500).pack()
    fields = dict(response(message).fields)
    assert fields["domain"] == "A??S: +OK?[2J?"
    assert fields["user"] == "x" * 80


@pytest.mark.parametrize("read", [response, challenge])
def test_what_is_no_message_is_told_by_its_length(read: Callable[[bytes], Unfolded]) -> None:
    for data in (b"x", b"NTLMSSP\0", b"NTLMSSP\0\x04\0\0\0" + bytes(60), b"ntlmssp\0\x01\0\0\0" + bytes(60)):
        assert read(data) == Unfolded((("octets", str(len(data))),))
    assert response(b"") == Unfolded((("octets", "0"),))
    assert challenge(b"") == Unfolded()


def test_whatever_comes_there_is_no_error_and_each_field_is_a_line() -> None:
    whole = [*dialogue(bound=True), SPEC_CHALLENGE]
    pieces = [message[:length] for message in whole for length in range(len(message))]
    dice = random.Random(2026)
    pieces += [dice.randbytes(dice.randrange(200)) for _ in range(1_000)]
    for _ in range(4_000):
        changed = bytearray(dice.choice(whole))
        for _ in range(dice.randint(1, 8)):
            changed[dice.randrange(12, len(changed))] = dice.choice([0, 255, dice.randrange(256)])
        pieces.append(bytes(changed))
    for data in pieces:
        for unfolded in (response(data), challenge(data)):
            assert len(unfolded.fields) < 25
            assert all(value.isprintable() and len(value) <= 120 for _, value in unfolded.fields)
