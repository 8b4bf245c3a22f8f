"""NTLM's three messages ([MS-NLMP] 2.2.1): who, whom, which kind of response; never what is in it."""

import struct
from dataclasses import dataclass

from .unfolded import Fields, Unfolded, printable

SIGNATURE = b"NTLMSSP\0"

#: Flags that tell something about the dialogue (2.2.2.5), without their prefix NTLMSSP_NEGOTIATE.
FLAGS = {
    0x00000001: "UNICODE",
    0x00000002: "OEM",
    0x00000010: "SIGN",
    0x00000020: "SEAL",
    0x00000080: "LM_KEY",
    0x00000200: "NTLM",
    0x00008000: "ALWAYS_SIGN",
    0x00080000: "EXTENDED_SESSIONSECURITY",
    0x20000000: "128",
    0x40000000: "KEY_EXCH",
    0x80000000: "56",
}
UNICODE, DOMAIN_SUPPLIED, WORKSTATION_SUPPLIED = 0x1, 0x1000, 0x2000
EXTENDED_SESSION_SECURITY, VERSION = 0x80000, 0x2000000

#: The names among the pairs of a challenge (2.2.2.1), by their numbers.
NAMES = {2: "nb-domain", 1: "nb-computer", 4: "dns-domain", 3: "dns-computer", 5: "dns-tree"}
AV_FLAGS, TIMESTAMP, TARGET_NAME, CHANNEL_BINDINGS = 6, 7, 9, 10
MIC_PROVIDED = 0x2

#: Octets of an NTLMv1 response (2.2.2.6), and where the pairs begin in one of NTLMv2 (2.2.2.8).
V1_OCTETS, V2_PAIRS = 24, 16 + 28


@dataclass(frozen=True)
class _Message:
    """A message whose fields are read by their places.

    Args:
        data: its octets.
        flags_at: where its flags are.
    """

    data: bytes
    flags_at: int

    @property
    def flags(self) -> int:
        """What is asked for, or agreed on."""
        return int(struct.unpack_from("<I", self.data, self.flags_at)[0])

    def field(self, at: int) -> bytes:
        """Return what a field points to: its length, twice, and its place."""
        length, _, offset = struct.unpack_from("<HHI", self.data, at)
        if length and offset + length > len(self.data):
            raise ValueError("a field reaches beyond the end")
        return self.data[offset : offset + length]

    def text(self, at: int, *, oem: bool = False) -> str:
        """Return a field that is text, in the charset that was agreed on or in the old one."""
        unicode = self.flags & UNICODE and not oem
        return printable(self.field(at).decode("utf-16-le" if unicode else "cp1252", "replace"))

    def flag_names(self) -> tuple[str, str]:
        """Return the field that names the flags."""
        return "flags", ", ".join(name for bit, name in FLAGS.items() if self.flags & bit)

    def version(self, at: int) -> Fields:
        """Return the field with major, minor and build number, if the message has it (2.2.2.10)."""
        if not self.flags & VERSION:
            return ()
        return (("os-version", "{}.{}.{}".format(*struct.unpack_from("<BBH", self.data, at))),)


def ntlm(_: int, data: bytes) -> Unfolded:
    """Unfold a message of any of the three types.

    Raises:
        ValueError: it is none, or cut off.
    """
    if not data.startswith(SIGNATURE):
        raise ValueError("no NTLM message")
    try:
        kind = struct.unpack_from("<I", data, len(SIGNATURE))[0]
        return Unfolded(TYPES[kind](data), f"<NTLM type {kind}>")
    except (KeyError, struct.error):
        raise ValueError("no NTLM message of a known type, or cut off") from None


def _negotiate(data: bytes) -> Fields:
    message = _Message(data, 12)
    fields = (message.flag_names(), *message.version(32))
    if message.flags & DOMAIN_SUPPLIED:
        fields += (("domain", message.text(16, oem=True)),)
    if message.flags & WORKSTATION_SUPPLIED:
        fields += (("workstation", message.text(24, oem=True)),)
    return fields


def _challenge(data: bytes) -> Fields:
    message = _Message(data, 20)
    nonce = data[24:32]
    information = message.field(40)
    pairs = _pairs(information) if information else {}
    fields = (
        ("target-name", message.text(12)),
        *((name, _text(pairs[number])) for number, name in NAMES.items() if number in pairs),
        *message.version(48),
        message.flag_names(),
        ("nonce-octets", str(len(nonce))),
    )
    return fields + ((("timestamp-octets", str(len(pairs[TIMESTAMP]))),) if TIMESTAMP in pairs else ())


def _authenticate(data: bytes) -> Fields:
    message = _Message(data, 60)
    lm, nt = message.field(12), message.field(20)
    fields: Fields = (
        ("domain", message.text(28)),
        ("user", message.text(36)),
        ("workstation", message.text(44)),
        ("response", _kind(nt, ess=bool(message.flags & EXTENDED_SESSION_SECURITY))),
        ("nt-octets", str(len(nt))),
        ("lm-octets", str(len(lm))),
    )
    if len(nt) <= V1_OCTETS:
        return fields
    pairs = _pairs(nt[V2_PAIRS:])
    has_mic = int.from_bytes(pairs.get(AV_FLAGS, b""), "little") & MIC_PROVIDED
    binding = pairs.get(CHANNEL_BINDINGS, b"")
    return (
        *fields,
        ("spn", _text(pairs.get(TARGET_NAME, b""))),
        ("mic-octets", "16" if has_mic else ""),
        ("binding-octets", str(len(binding)) if binding.strip(b"\0") else ""),  # zeros stand for none
    )


def _kind(nt: bytes, *, ess: bool) -> str:
    """Return which kind of response it is; the terms are the same in every language."""
    if len(nt) > V1_OCTETS:
        return "NTLMv2"
    if not nt:
        return "LM"
    return "NTLMv1, extended session security" if ess else "NTLMv1"


def _pairs(data: bytes) -> dict[int, bytes]:
    """Read a list of pairs (2.2.2.1): numbers and values."""
    pairs: dict[int, bytes] = {}
    at = 0
    while True:
        number, length = struct.unpack_from("<HH", data, at)
        if number == 0:
            return pairs
        pairs[number] = data[at + 4 : at + 4 + length]
        at += 4 + length


def _text(value: bytes) -> str:
    return printable(value.decode("utf-16-le", "replace"))


TYPES = {1: _negotiate, 2: _challenge, 3: _authenticate}
