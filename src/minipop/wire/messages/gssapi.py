"""GSS-API tokens of Kerberos (RFC 4121) and SPNEGO (RFC 4178): what can be read in them.

Of an AP-REQ that is the service of the ticket, and its encryption. The length is left out, because it varies
by an octet or two with the microseconds of the clock.
"""

import struct
from collections.abc import Callable, Iterator

from .unfolded import Fields, Unfolded, printable

KERBEROS, SPNEGO = "1.2.840.113554.1.2.2", "1.3.6.1.5.5.2"
MECHANISMS = {
    KERBEROS: "Kerberos 5",
    "1.2.840.48018.1.2.2": "Kerberos 5, Windows 2000",
    SPNEGO: "SPNEGO",
    "1.3.6.1.4.1.311.2.2.10": "NTLM",
    "1.3.6.1.4.1.311.2.2.30": "NEGOEX",
}

#: Kinds of encryption, by IANA's numbers of Kerberos parameters.
ENCRYPTIONS = {
    1: "des-cbc-crc",
    3: "des-cbc-md5",
    17: "aes128-cts-hmac-sha1-96",
    18: "aes256-cts-hmac-sha1-96",
    19: "aes128-cts-hmac-sha256-128",
    20: "aes256-cts-hmac-sha384-192",
    23: "rc4-hmac",
}

#: Options of an AP-REQ (RFC 4120, section 5.5.1) and flags of a wrap token (RFC 4121, section 4.2.2), by bit.
OPTIONS = {0x40: "use-session-key", 0x20: "mutual-required"}
FLAGS = {0x01: "SentByAcceptor", 0x02: "Sealed", 0x04: "AcceptorSubkey"}
SEALED = 0x02

# Tags of ASN.1's DER: universal ones, and those of Kerberos's and SPNEGO's own types.
INTEGER, BIT_STRING, OCTET_STRING, OID, GENERAL_STRING, SEQUENCE = 0x02, 0x03, 0x04, 0x06, 0x1B, 0x30
GSS_TOKEN, TICKET, AP_REQ, AP_REP, KRB_ERROR = 0x60, 0x61, 0x6E, 0x6F, 0x7E

WRAP = b"\x05\x04"
WRAP_HEADER = 16


def gssapi(_: int, data: bytes) -> Unfolded:
    """Unfold a token; an empty one only passes the turn to the other side.

    Raises:
        ValueError: it is no token, or cut off.
    """
    if not data:
        return Unfolded((), "<no token>")
    if data.startswith(WRAP):
        return _wrapped(data)
    if data[:1] == bytes([0xA1]):  # SPNEGO's second and later tokens have no frame
        return Unfolded((), "<SPNEGO NegTokenResp>")
    mechanism, inner = _framed(data)
    label, fields = _negotiation(inner) if mechanism == SPNEGO else _kerberos(inner)
    return Unfolded((("mechanism", _named(mechanism)), *fields), label)


def _framed(data: bytes) -> tuple[str, bytes]:
    """Return the mechanism of a token, and what that says (RFC 2743, section 3.1)."""
    content = _find(data, GSS_TOKEN)
    tag, oid = next(_elements(content), (0, b""))
    if tag != OID:
        raise ValueError("no mechanism")
    return _oid(oid), content[2 + len(oid) :]  # an OID is short: one octet of tag, one of length


def _kerberos(inner: bytes) -> tuple[str, Fields]:
    """Read a token of Kerberos; of any other mechanism nothing can be told."""
    label, unfold = KERBEROS_TOKENS.get(inner[:2], ("<GSS token>", lambda _: ()))
    return label, unfold(inner[2:])


def _ap_req(data: bytes) -> Fields:
    """Read RFC 4120, section 5.5.1, as far as the ticket (section 5.3)."""
    request = _find(data, AP_REQ, SEQUENCE)
    options = _find(request, 0xA2, BIT_STRING)[1:2]  # behind the number of bits that are not used
    ticket = _find(request, 0xA3, TICKET, SEQUENCE)
    names = [part for tag, part in _elements(_find(ticket, 0xA2, SEQUENCE, 0xA1, SEQUENCE))]
    return (
        ("realm", printable(_find(ticket, 0xA1, GENERAL_STRING).decode("utf-8", "replace"))),
        ("service", printable("/".join(name.decode("utf-8", "replace") for name in names))),
        ("ticket-encryption", _encryption(_find(ticket, 0xA3, SEQUENCE, 0xA0, INTEGER))),
        ("options", _bits(OPTIONS, options[0] if options else 0)),
    )


def _ap_rep(data: bytes) -> Fields:
    """Read RFC 4120, section 5.5.2."""
    return (("encryption", _encryption(_find(data, AP_REP, SEQUENCE, 0xA2, SEQUENCE, 0xA0, INTEGER))),)


def _krb_error(data: bytes) -> Fields:
    """Read RFC 4120, section 5.9.1."""
    return (("error", str(_number(_find(data, KRB_ERROR, SEQUENCE, 0xA6, INTEGER)))),)


#: Kerberos's tokens by their first two octets (RFC 4121, section 4.1).
KERBEROS_TOKENS: dict[bytes, tuple[str, Callable[[bytes], Fields]]] = {
    b"\x01\x00": ("<Kerberos AP-REQ>", _ap_req),
    b"\x02\x00": ("<Kerberos AP-REP>", _ap_rep),
    b"\x03\x00": ("<Kerberos KRB-ERROR>", _krb_error),
}


def _wrapped(data: bytes) -> Unfolded:
    """Read a wrap token (RFC 4121, section 4.2.6.2), and in it RFC 4752's message if it is not sealed."""
    if len(data) < WRAP_HEADER:
        raise ValueError("cut off")
    flags, _, extra, rotated = struct.unpack_from(">BBHH", data, 2)
    fields: Fields = (("flags", _bits(FLAGS, flags)), ("octets", str(len(data))))
    body = data[WRAP_HEADER:]
    if not flags & SEALED and len(body) >= extra + 4:
        turn = rotated % len(body)
        content = (body[turn:] + body[:turn])[: len(body) - extra]
        fields += (("layers", f"{content[0]:02X}"), ("longest", str(int.from_bytes(content[1:4], "big"))))
    return Unfolded(fields, "<GSS wrap token>")


def _negotiation(data: bytes) -> tuple[str, Fields]:
    """Read the beginning of a negotiation (RFC 4178, section 4.2.1), and the token that comes with it."""
    begin = _find(data, 0xA0, SEQUENCE)
    offered = [_oid(oid) for tag, oid in _elements(_find(begin, 0xA0, SEQUENCE)) if tag == OID][:8]
    fields: Fields = (("mechanisms", ", ".join(map(_named, offered))),)
    try:
        label, first = _kerberos(_framed(_find(begin, 0xA2, OCTET_STRING))[1])
    except ValueError:
        return "<SPNEGO NegTokenInit>", fields
    return f"<SPNEGO NegTokenInit, {label.strip('<>')}>", fields + first


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Give tag and content of each element of DER, one after the other (X.690, section 8.1)."""
    at = 0
    while at < len(data):
        if at + 2 > len(data):
            raise ValueError("cut off")
        tag, length = data[at], data[at + 1]
        at += 2
        if length & 0x80:
            count = length & 0x7F
            length = int.from_bytes(data[at : at + count], "big")
            at += count
            if not 0 < count <= 4:
                raise ValueError("a length that DER does not know")
        if at + length > len(data):
            raise ValueError("cut off")
        yield tag, data[at : at + length]
        at += length


def _find(data: bytes, *tags: int) -> bytes:
    """Return the content of the element that is reached by tags, one inside the other."""
    for tag in tags:
        found = next((content for number, content in _elements(data) if number == tag), None)
        if found is None:
            raise ValueError("an element is missing")
        data = found
    return data


def _number(data: bytes) -> int:
    if not 0 < len(data) <= 4:
        raise ValueError("not a small number")
    return int.from_bytes(data, "big", signed=True)


def _oid(data: bytes) -> str:
    """Read an object identifier (X.690, section 8.19)."""
    if not 0 < len(data) < 32 or data[-1] & 0x80:
        raise ValueError("no object identifier")
    first, *arcs = _arcs(data)
    top = min(first // 40, 2)
    return ".".join(map(str, (top, first - 40 * top, *arcs)))


def _arcs(data: bytes) -> Iterator[int]:
    value = 0
    for octet in data:
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            yield value
            value = 0


def _named(oid: str) -> str:
    return f"{oid} ({MECHANISMS[oid]})" if oid in MECHANISMS else oid


def _encryption(data: bytes) -> str:
    number = _number(data)
    return ENCRYPTIONS.get(number, str(number))


def _bits(names: dict[int, str], value: int) -> str:
    return ", ".join(name for bit, name in names.items() if value & bit)
