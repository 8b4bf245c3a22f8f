"""NTLM's three messages ([MS-NLMP] 2.2.1): names and the kind of response, never the response itself.

pyspnego reads them. It is imported where a message is read, because most transcripts have none.
"""

import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .unfolded import Fields, Unfolded, printable

if TYPE_CHECKING:
    from spnego._ntlm_raw.messages import Authenticate, Challenge, Negotiate, TargetInfo, Version

SIGNATURE = b"NTLMSSP\0"

#: Charset of names where Unicode was not agreed on.
OEM = "cp1252"

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
VERSION, EXTENDED_SESSION_SECURITY = 0x2000000, 0x80000

#: The names among the pairs of a challenge (2.2.2.1), by their numbers.
NAMES = {2: "nb-domain", 1: "nb-computer", 4: "dns-domain", 3: "dns-computer", 5: "dns-tree"}
AV_FLAGS, TIMESTAMP, TARGET_NAME, CHANNEL_BINDINGS = 6, 7, 9, 10
MIC_PROVIDED = 0x2

#: Octets of an NTLMv1 response (2.2.2.6), and where the pairs begin in one of NTLMv2 (2.2.2.8).
V1_OCTETS, V2_PAIRS = 24, 16 + 28


def ntlm(_: int, data: bytes) -> Unfolded:
    """Unfold a message of any of the three types.

    Raises:
        ValueError: it is none, or cut off.
    """
    if not data.startswith(SIGNATURE):
        raise ValueError("no NTLM message")
    from spnego._ntlm_raw.messages import Authenticate, Challenge, Negotiate, NTLMMessage

    try:
        message = NTLMMessage.unpack(data, encoding=OEM)
        if isinstance(message, Negotiate):
            return Unfolded(_negotiate(message), "<NTLM type 1>")
        if isinstance(message, Challenge):
            return Unfolded(_challenge(message), "<NTLM type 2>")
        if isinstance(message, Authenticate):
            return Unfolded(_authenticate(message), "<NTLM type 3>")
    except (struct.error, LookupError, OverflowError):
        pass
    raise ValueError("no NTLM message of a known type, or cut off")


def _negotiate(message: "Negotiate") -> Fields:
    named = {"domain": message.domain_name, "workstation": message.workstation}
    names = tuple((key, printable(name)) for key, name in named.items() if name)
    return (_flags(message.flags), *_version(message.flags, message.version), *names)


def _challenge(message: "Challenge") -> Fields:
    pairs: Mapping[int, Any] = message.target_info or {}
    names = ((key, printable(pairs[number])) for number, key in NAMES.items() if number in pairs)
    timestamp = (("timestamp-octets", str(len(pairs[TIMESTAMP].pack()))),) if TIMESTAMP in pairs else ()
    return (
        ("target-name", printable(message.target_name or "")),
        *names,
        *_version(message.flags, message.version),
        _flags(message.flags),
        ("nonce-octets", str(len(message.server_challenge))),
        *timestamp,
    )


def _authenticate(message: "Authenticate") -> Fields:
    from spnego._ntlm_raw.messages import TargetInfo

    lm, nt = message.lm_challenge_response or b"", message.nt_challenge_response or b""
    fields: Fields = (
        ("domain", printable(message.domain_name or "")),
        ("user", printable(message.user_name or "")),
        ("workstation", printable(message.workstation or "")),
        ("response", _kind(nt, ess=bool(message.flags & EXTENDED_SESSION_SECURITY))),
        ("nt-octets", str(len(nt))),
        ("lm-octets", str(len(lm))),
    )
    return fields if len(nt) <= V1_OCTETS else (*fields, *_of_v2(TargetInfo.unpack(nt[V2_PAIRS:])))


def _of_v2(pairs: "TargetInfo") -> Fields:
    binding = pairs.get(CHANNEL_BINDINGS, b"")
    return (
        ("spn", printable(pairs.get(TARGET_NAME, ""))),
        ("mic-octets", "16" if pairs.get(AV_FLAGS, 0) & MIC_PROVIDED else ""),
        ("binding-octets", str(len(binding)) if binding.strip(b"\0") else ""),  # zeros stand for none
    )


def _flags(flags: int) -> tuple[str, str]:
    return "flags", ", ".join(name for bit, name in FLAGS.items() if flags & bit)


def _version(flags: int, version: "Version | None") -> Fields:
    if version is None or not flags & VERSION:
        return ()
    return (("os-version", f"{version.major}.{version.minor}.{version.build}"),)


def _kind(nt: bytes, *, ess: bool) -> str:
    """Return which kind of response it is; the terms are the same in every language."""
    if len(nt) > V1_OCTETS:
        return "NTLMv2"
    if not nt:
        return "LM"
    return "NTLMv1, extended session security" if ess else "NTLMv1"
