"""What NTLM gives away: names to a stranger, and to an eavesdropper enough to try passwords."""

import base64

import pytest
from spnego._ntlm_raw.messages import Authenticate

from minipop.lab.ntlm import NtlmRecording, disclosed
from minipop.wire import Capture

# Typed from [MS-NLMP] 4.2.4: the challenge, and the response of user “User” of “Domain” with “Password”.
CHALLENGE = bytes.fromhex(
    "4e544c4d53535000020000000c000c003800000033828ae20123456789abcdef00000000000000002400240044000000"
    "060070170000000f53006500720076006500720002000c0044006f006d00610069006e0001000c005300650072007600"
    "6500720000000000"
)
RESPONSE = bytes.fromhex(
    "68cd0ab851e51c96aabc927bebef6a1c"
    "01010000000000000000000000000000aaaaaaaaaaaaaaaa00000000"
    "02000c0044006f006d00610069006e0001000c005300650072007600650072000000000000000000"
)


def recorded(*lines: bytes) -> Capture:
    """Return what crossed the wire, a line in each direction in turn."""
    capture = Capture(1, False, "en", public=True)
    for number, line in enumerate(lines):
        capture.add("S" if number % 2 else "C", line + b"\r\n")
    return capture


def log_on() -> Capture:
    """Return the log-on of the specification."""
    hello = b"NTLMSSP\0\1\0\0\0" + bytes(20)
    answer = Authenticate(domain_name="Domain", username="User", nt_challenge_response=RESPONSE).pack()
    first, second, third = map(base64.b64encode, (hello, CHALLENGE, answer))
    return recorded(b"AUTH NTLM", b"+ ", first, b"+ " + second, third, b"+OK")


def test_a_challenge_tells_names_and_version() -> None:
    assert disclosed(CHALLENGE) == {
        "nb-domain": "Domain",
        "nb-computer": "Server",
        "os-version": "6.0.6000",
    }


def test_other_bytes_tell_nothing() -> None:
    assert disclosed(b"+OK") == {}


@pytest.mark.parametrize(("guess", "fits"), [("Password", True), ("password", False), ("", False)])
def test_a_guess_fits_only_if_it_is_the_password(guess: str, fits: bool) -> None:
    assert NtlmRecording(log_on()).fits(guess) is fits


def test_a_recording_holds_the_messages_in_their_order() -> None:
    recording = NtlmRecording(log_on())
    assert recording.type_1.startswith(b"NTLMSSP\0\1")
    assert recording.type_2 == CHALLENGE
    assert recording.type_3.startswith(b"NTLMSSP\0\3")


def test_without_three_messages_there_is_no_recording() -> None:
    with pytest.raises(ValueError, match="no log-on with NTLM"):
        NtlmRecording(recorded(b"USER anna", b"+OK"))
