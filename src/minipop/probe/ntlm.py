"""What NTLM's challenge discloses before any name or password is sent ([MS-NLMP] 2.2.1.2)."""

import base64
import struct
from dataclasses import dataclass

from .client import shown


@dataclass(frozen=True)
class NtlmTargetInfo:
    """Names and version out of a type 2 message; empty where it has none."""

    netbios_computer: str = ""
    netbios_domain: str = ""
    dns_computer: str = ""
    dns_domain: str = ""
    dns_forest: str = ""
    build: str = ""

    def __bool__(self) -> bool:
        return any(vars(self).values())


def type_1() -> bytes:
    """Return the message that opens NTLM, in base64: it names neither a user nor a machine."""
    from spnego._ntlm_raw.messages import Negotiate, NegotiateFlags

    flags = (
        NegotiateFlags.unicode
        | NegotiateFlags.request_target
        | NegotiateFlags.ntlm
        | NegotiateFlags.extended_session_security
        | NegotiateFlags.target_info
        | NegotiateFlags.always_sign
    )
    return base64.b64encode(Negotiate(flags=flags).pack())


def read_type_2(line: bytes) -> NtlmTargetInfo | None:
    """Read the server's challenge.

    Args:
        line: the line as it came, ``+ `` and base64.

    Returns:
        None if it is no type 2 message that can be read.
    """
    from spnego._ntlm_raw.messages import AvId, Challenge, NegotiateFlags, TargetInfo

    try:
        message = Challenge.unpack(base64.b64decode(line[1:].strip(), validate=True))
        pairs = message.target_info or TargetInfo()
        version = message.version if message.flags & NegotiateFlags.version else None
        return NtlmTargetInfo(
            netbios_computer=_shown(pairs.get(AvId.nb_computer_name)),
            netbios_domain=_shown(pairs.get(AvId.nb_domain_name) or message.target_name),
            dns_computer=_shown(pairs.get(AvId.dns_computer_name)),
            dns_domain=_shown(pairs.get(AvId.dns_domain_name)),
            dns_forest=_shown(pairs.get(AvId.dns_tree_name)),
            build=f"{version.major}.{version.minor}.{version.build}" if version else "",
        )
    except (ValueError, KeyError, IndexError, struct.error):
        return None


def _shown(text: str | None) -> str:
    return shown((text or "").encode("utf-8", "replace"))
