"""Kerberos's tokens, unfolded: the service a ticket is for, and how it is encrypted."""

import random
from functools import partial

import pytest

from minipop.wire.unfold import Unfolded, unfold_challenge, unfold_response
from tests.wire.kerberos_tokens import ANSWER, AP_REP, AP_REQ, OFFER, SEALED

response = partial(unfold_response, "GSSAPI", 0)
challenge = partial(unfold_challenge, "GSSAPI", 0)

KERBEROS = ("mechanism", "1.2.840.113554.1.2.2 (Kerberos 5)")
IN_CLEAR = (
    ("realm", "MUSTER.EXAMPLE"),
    ("service", "pop/localhost"),
    ("ticket-encryption", "aes256-cts-hmac-sha1-96"),
    ("options", "mutual-required"),
)


def der(tag: int, *contents: bytes) -> bytes:
    """Return an element of DER (X.690, section 8.1)."""
    content = b"".join(contents)
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    return bytes([tag, 0x82]) + len(content).to_bytes(2, "big") + content


# Typed from RFC 4178, section 4: the mechanisms SPNEGO, Kerberos, Windows 2000's Kerberos, and NTLM.
SPNEGO_OID = bytes.fromhex("06062b0601050502")
KERBEROS_OID = bytes.fromhex("06092a864886f712010202")
WINDOWS_OID = bytes.fromhex("06092a864882f712010202")
NTLM_OID = bytes.fromhex("060a2b06010401823702020a")


def negotiation(token: bytes = b"", *oids: bytes) -> bytes:
    """Return the beginning of a negotiation."""
    offered = der(0xA0, der(0x30, *oids))
    return der(0x60, SPNEGO_OID, der(0xA0, der(0x30, offered, der(0xA2, der(0x04, token)) if token else b"")))


def test_a_ticket_tells_its_realm_and_its_service_but_not_who_has_it() -> None:
    assert response(AP_REQ) == Unfolded((KERBEROS, *IN_CLEAR), "<Kerberos AP-REQ>")
    assert "anna" not in str(response(AP_REQ))


def test_without_mutual_authentication_there_is_no_option() -> None:
    options = bytes.fromhex("a20703050020000000")
    assert AP_REQ.count(options) == 1
    plain = AP_REQ.replace(options, bytes.fromhex("a20703050000000000"))
    assert ("options", "") in response(plain).fields


def test_the_answer_tells_its_encryption_alone() -> None:
    expected = Unfolded((KERBEROS, ("encryption", "aes256-cts-hmac-sha1-96")), "<Kerberos AP-REP>")
    assert challenge(AP_REP) == expected


def test_an_error_tells_its_number() -> None:
    # RFC 4120, section 5.9.1; 37 is KRB_AP_ERR_SKEW.
    inner = der(
        0x7E, der(0x30, der(0xA0, b"\x02\x01\x05"), der(0xA1, b"\x02\x01\x1e"), der(0xA6, b"\x02\x01\x25"))
    )
    token = der(0x60, KERBEROS_OID, b"\x03\x00", inner)
    assert challenge(token) == Unfolded((KERBEROS, ("error", "37")), "<Kerberos KRB-ERROR>")


@pytest.mark.parametrize(
    ("token", "flags"), [(OFFER, "SentByAcceptor, AcceptorSubkey"), (ANSWER, "AcceptorSubkey")]
)
def test_the_offer_of_layers_is_signed_and_can_be_read(token: bytes, flags: str) -> None:
    fields = (("flags", flags), ("octets", "32"), ("layers", "01"), ("longest", "0"))
    assert response(token) == Unfolded(fields, "<GSS wrap token>")


def test_what_is_rotated_is_read_as_well() -> None:
    # RFC 4121, section 4.2.5: rotated to the right by RRC octets.
    body = b"\x07\x00\xff\xff" + b"\xcc" * 12
    for turn in range(20):
        right = turn % len(body)
        token = bytes.fromhex("050400ff000c") + turn.to_bytes(2, "big") + bytes(8)
        token += body[len(body) - right :] + body[: len(body) - right]
        assert response(token).fields[2:] == (("layers", "07"), ("longest", "65535"))


def test_what_is_sealed_is_not_read() -> None:
    fields = (("flags", "Sealed, AcceptorSubkey"), ("octets", "64"))
    assert response(SEALED) == Unfolded(fields, "<GSS wrap token>")


def test_spnego_tells_its_mechanisms_and_the_token_inside() -> None:
    unfolded = response(negotiation(AP_REQ, KERBEROS_OID, WINDOWS_OID, NTLM_OID))
    offered = (
        "1.2.840.113554.1.2.2 (Kerberos 5), 1.2.840.48018.1.2.2 (Kerberos 5, Windows 2000), "
        "1.3.6.1.4.1.311.2.2.10 (NTLM)"
    )
    assert unfolded.label == "<SPNEGO NegTokenInit, Kerberos AP-REQ>"
    assert unfolded.fields == (
        ("mechanism", "1.3.6.1.5.5.2 (SPNEGO)"),
        ("mechanisms", offered),
        *IN_CLEAR,
    )
    assert response(negotiation(b"", KERBEROS_OID)).label == "<SPNEGO NegTokenInit>"
    assert response(bytes.fromhex("a1073005a0030a0100")).label == "<SPNEGO NegTokenResp>"


def test_another_mechanism_is_named_and_nothing_more() -> None:
    token = der(0x60, bytes.fromhex("06032a0304"), b"\x01\x02")
    assert response(token) == Unfolded((("mechanism", "1.2.3.4"),), "<GSS token>")


def test_what_is_no_token_is_told_by_its_length() -> None:
    garbage = [b"x", b"\x60", b"\x60\x80", b"\x60\x82\xff\xff", b"\x05\x04", der(0x60, b"\x02\x01\x05")]
    for data in garbage:
        assert response(data) == Unfolded((("octets", str(len(data))),)), data


def test_an_empty_response_passes_the_turn_on_and_an_empty_challenge_is_a_prompt() -> None:
    assert response(b"") == Unfolded((), "<no token>")
    assert challenge(b"") == Unfolded()


def test_names_in_a_ticket_are_shown_as_text_and_not_endlessly() -> None:
    names = der(
        0x30, der(0xA0, b"\x02\x01\x03"), der(0xA1, der(0x30, *[der(0x1B, b"\x1b[2J\xff\n")] * 4_000))
    )
    sealed = der(0xA3, der(0x30, der(0xA0, b"\x02\x01\x63"), der(0xA2, der(0x04, b"x"))))
    ticket = der(0x61, der(0x30, der(0xA1, der(0x1B, b"M" * 300)), der(0xA2, names), sealed))
    request = der(0x6E, der(0x30, der(0xA2, b"\x03\x05\x00\x00\x00\x00\x00"), der(0xA3, ticket)))
    fields = dict(response(der(0x60, KERBEROS_OID, b"\x01\x00", request)).fields)
    assert fields["realm"] == "M" * 80
    assert fields["service"].startswith("?[2J\ufffd?/?[2J\ufffd?/")
    assert len(fields["service"]) == 80
    assert fields["ticket-encryption"] == "99"


def test_tokens_inside_one_another_are_not_followed_for_ever() -> None:
    token = AP_REQ
    for _ in range(400):
        token = negotiation(token, SPNEGO_OID)
    assert response(token).label.startswith("<SPNEGO NegTokenInit")


def test_whatever_comes_there_is_no_error_and_each_field_is_a_line() -> None:
    whole = [AP_REQ, AP_REP, OFFER, ANSWER, SEALED, negotiation(AP_REQ, KERBEROS_OID, NTLM_OID)]
    pieces = [message[:length] for message in whole for length in range(len(message))]
    dice = random.Random(2026)
    pieces += [dice.randbytes(dice.randrange(200)) for _ in range(2_000)]
    for _ in range(6_000):
        changed = bytearray(dice.choice(whole))
        for _ in range(dice.randint(1, 8)):
            changed[dice.randrange(min(len(changed), 160))] = dice.choice([0, 255, dice.randrange(256)])
        pieces.append(bytes(changed))
    for data in pieces:
        for unfolded in (response(data), challenge(data)):
            assert len(unfolded.fields) < 25
            assert all(value.isprintable() and len(value) < 2_000 for _, value in unfolded.fields)


def test_nothing_encrypted_is_shown() -> None:
    text = str([response(token) for token in (AP_REQ, AP_REP, OFFER, ANSWER, SEALED)])
    for token in (AP_REQ, AP_REP):
        for start in range(160 if token is AP_REQ else 40, len(token) - 8, 8):
            assert token[start : start + 8].hex() not in text
