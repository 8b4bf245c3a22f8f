"""What NTLM gives away ([MS-NLMP]): names to a stranger, and to an eavesdropper a way to try passwords.

pyspnego reads the messages. It is imported where one is read, because most lessons have none.
"""

import base64
import hmac

from minipop.wire import Capture
from minipop.wire.unfold import unfold_challenge

#: What every message begins with (2.2.1), in base64, without the character that depends on what follows.
BEGINNING = base64.b64encode(b"NTLMSSP\0")[:10]

#: What a challenge says about the server (2.2.2.1, 2.2.2.10), by the names that a transcript gives it.
DISCLOSED = ("nb-domain", "nb-computer", "dns-domain", "dns-computer", "os-version")


def disclosed(challenge: bytes) -> dict[str, str]:
    """Return what a challenge, NTLM's message of type 2, reveals about the server.

    Args:
        challenge: the message, without base64.

    Returns:
        NetBIOS and DNS names of domain and computer, and the version of Windows; empty for other bytes.
    """
    fields = dict(unfold_challenge("NTLM", 0, challenge).fields)
    return {name: fields[name] for name in DISCLOSED if name in fields}


class NtlmRecording:
    """The three messages of a log-on with NTLM, as an eavesdropper has recorded them.

    Args:
        wire: the bytes of the session, such as `minipop.lab.Session.wire`.

    Attributes:
        type_1: what the client can do, without base64.
        type_2: the server's challenge and names.
        type_3: the user's name and the proof.

    Raises:
        ValueError: they are not in it, because TLS hides them or the client logged on in another way.
        PermissionError: the bytes may hold real secrets; see `minipop.wire.Capture.reveal`.
    """

    def __init__(self, wire: Capture) -> None:
        lines = b"".join(data for _, data in wire.reveal()).split(b"\r\n")
        messages = [line.removeprefix(b"+ ") for line in lines if BEGINNING in line]
        if len(messages) != 3:
            raise ValueError("no log-on with NTLM can be read here; take a session on port 110 without TLS")
        self.type_1, self.type_2, self.type_3 = map(base64.b64decode, messages)

    def fits(self, password: str) -> bool:
        """Tell whether a password produces the recorded proof (NTLMv2, 3.3.2); no server is contacted.

        Args:
            password: the guess.
        """
        from spnego._ntlm_raw import crypto, messages
        from spnego._ntlm_raw.md4 import md4

        nonce = messages.Challenge.unpack(self.type_2).server_challenge
        answer = messages.Authenticate.unpack(self.type_3)
        response = answer.nt_challenge_response or b""
        nt_hash = md4(password.encode("utf-16-le"))
        key = crypto.ntowfv2(answer.user_name or "", nt_hash, answer.domain_name or "")
        return hmac.compare_digest(hmac.digest(key, nonce + response[16:], "md5"), response[:16])
