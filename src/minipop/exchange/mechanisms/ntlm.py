"""AUTH NTLM ([MS-OXPOP3] 2.2.1, [MS-NLMP]): the client proves that it knows the password without sending it.

Three messages: the client begins (type 1), the server sends a nonce (type 2), the client answers with what
the password's hash makes of it (type 3). pyspnego writes and reads the messages; the acceptor is minipop's,
because that of pyspnego takes accounts from a file only and names no domain. Sections are those of [MS-NLMP].
"""

import hashlib
import hmac
import secrets
import struct
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime

from minipop.exchange.directory import Account
from minipop.exchange.edition import ExtendedProtection
from minipop.exchange.lockout import NO_LOCKOUT, Lockout
from minipop.exchange.refusals import Reason
from minipop.protocol import Challenge, LogonRefused, Maildrop

from .channel_binding import tls_server_end_point

#: What every message begins with (2.2.1).
SIGNATURE = b"NTLMSSP\0"

#: Octets of an NTLMv1 response (2.2.2.6); one of NTLMv2 is longer.
V1_OCTETS = 24

#: Where the pairs begin in one of NTLMv2: behind the proof, and the fixed part of what the client adds
#: (2.2.2.7, 2.2.2.8).
V2_PAIRS = 16 + 28

#: What pyspnego raises at a message that it cannot read, depending on where it stumbles.
_UNREADABLE = (ValueError, KeyError, OverflowError, struct.error)


@dataclass(frozen=True)
class ServerNames:
    """What the challenge discloses to any client, before a log-on.

    Args:
        domain: NetBIOS name of the domain.
        computer: NetBIOS name of the server.
        dns_domain: DNS name of the domain.
        dns_computer: DNS name of the server.
        version: major, minor and build number of Windows. Assumed: Windows Server 2016.
    """

    domain: str = "MUSTER"
    computer: str = "EX01"
    dns_domain: str = "muster.example"
    dns_computer: str = "ex01.muster.example"
    version: tuple[int, int, int] = (10, 0, 14393)


def ntlm(
    find: Callable[[str, str], Account | None],
    open_: Callable[[Account], Maildrop],
    *,
    names: ServerNames = ServerNames(),
    prompt: Challenge = b"",
    allow_v1: bool = False,
    certificate: bytes | None = None,
    protection: ExtendedProtection = ExtendedProtection.NONE,
    lockout: Lockout = NO_LOCKOUT,
) -> Generator[Challenge, bytes, Maildrop]:
    """Let the client prove that it knows an account's password.

    Args:
        find: finds the account of a domain and a user, both as the client wrote them; the domain may be
            empty, and the user a UPN.
        open_: opens the account's maildrop.
        names: what the challenge discloses.
        prompt: what answers ``AUTH NTLM``.
        allow_v1: whether NTLMv1 is taken, with or without extended session security; the even weaker
            LM response alone never is.
        certificate: the server's, in DER; None where the connection has no TLS. A binding is then always
            wrong, because the client means another connection: an attacker passes its messages on.
        protection: whether the log-on must be bound to the certificate. NTLMv1 cannot be.
        lockout: counts wrong responses like bad passwords, and locks accounts.

    Raises:
        LogonRefused: a message is malformed or has been tampered with, the response is too old or wrong, it
            belongs to no account, to a locked one or to another connection, or the maildrop does not open.
    """
    begin = yield prompt
    nonce = secrets.token_bytes(8)
    challenge = _challenge(begin, nonce, names)
    if challenge is None:
        raise LogonRefused(Reason.MALFORMED)
    answer = _parse((yield challenge))
    if answer is None:
        raise LogonRefused(Reason.MALFORMED)
    account = find(answer.domain, answer.user)
    binding = None if certificate is None else tls_server_end_point(certificate)
    reason = _too_weak(answer, allow_v1) or _reason_against(
        answer, account, nonce, begin + challenge, binding, protection, lockout
    )
    del answer  # because a refusal is kept with its traceback, and that with this frame
    if reason is not None:
        raise LogonRefused(reason)
    assert account is not None  # else there was a reason
    return open_(account)


def _challenge(begin: bytes, nonce: bytes, names: ServerNames) -> bytes | None:
    """Answer a message of type 1 (3.2.5.1.1); None if it is malformed."""
    from spnego._ntlm_raw import messages
    from spnego._ntlm_raw.messages import AvId
    from spnego._ntlm_raw.messages import NegotiateFlags as Flags

    try:
        asked = messages.Negotiate.unpack(begin).flags
    except _UNREADABLE:
        return None
    has_version = len(begin) >= 40 or not asked & Flags.version
    if not (begin.startswith(SIGNATURE) and has_version and asked & (Flags.unicode | Flags.oem)):
        return None
    # POP3 neither signs nor seals, but the key of the integrity check depends on what was agreed on.
    taken = asked & (
        Flags.sign
        | Flags.seal
        | Flags.extended_session_security
        | Flags.key_exch
        | Flags.key_128
        | Flags.key_56
    )
    charset = Flags.unicode if asked & Flags.unicode else Flags.oem
    always = Flags.ntlm | Flags.always_sign | Flags.target_type_domain
    pairs = messages.TargetInfo()
    pairs[AvId.nb_domain_name] = names.domain
    pairs[AvId.nb_computer_name] = names.computer
    pairs[AvId.dns_domain_name] = names.dns_domain
    pairs[AvId.dns_computer_name] = names.dns_computer
    pairs[AvId.timestamp] = messages.FileTime.from_datetime(datetime.now(UTC))
    return messages.Challenge(
        taken | charset | always,
        nonce,
        target_name=names.domain,
        target_info=pairs,
        version=messages.Version(*names.version),
    ).pack()


@dataclass(frozen=True, repr=False)
class _Answer:
    """A message of type 3 (2.2.1.3).

    Args:
        domain: as the client wrote it.
        user: as the client wrote it.
        flags: what client and server agreed on.
        lm: the LM response, or the client's nonce of NTLMv1 with extended session security.
        nt: the NTLM response.
        sealed_key: the session key that the client chose, encrypted.
        mic: the check of integrity, if there is room for one.
        without_mic: the whole message, with zeros in place of the check.
    """

    domain: str
    user: str
    flags: int
    lm: bytes
    nt: bytes
    sealed_key: bytes
    mic: bytes | None
    without_mic: bytes

    @property
    def is_v2(self) -> bool:
        """Whether the response is NTLMv2."""
        return len(self.nt) > V1_OCTETS

    @property
    def pairs(self) -> dict[int, bytes]:
        """What an NTLMv2 response repeats of the challenge, and adds to it."""
        return _pairs(self.nt[V2_PAIRS:]) if self.is_v2 else {}


def _pairs(data: bytes) -> dict[int, bytes]:
    """Read a list of pairs (2.2.2.1): numbers and values.

    Raises:
        struct.error: it has no end.
    """
    pairs: dict[int, bytes] = {}
    while True:
        number, length = struct.unpack_from("<HH", data)
        if number == 0:
            return pairs
        pairs[number] = data[4 : 4 + length]
        data = data[4 + length :]


def _parse(message: bytes) -> _Answer | None:
    """Read a message of type 3; None if it is malformed or cut off."""
    from spnego._ntlm_raw.messages import Authenticate

    try:
        parsed = Authenticate.unpack(message)
        # Because pyspnego cuts off a field that reaches beyond the end, which is an error here.
        for at in range(12, 60, 8):
            length, _, offset = struct.unpack_from("<HHI", message, at)
            if length and offset + length > len(message):
                return None
        mic = parsed.mic
        if mic is not None:
            parsed.mic = bytes(len(mic))
        answer = _Answer(
            domain=parsed.domain_name or "",
            user=parsed.user_name or "",
            flags=parsed.flags,
            lm=parsed.lm_challenge_response or b"",
            nt=parsed.nt_challenge_response or b"",
            sealed_key=parsed.encrypted_random_session_key or b"",
            mic=mic,
            without_mic=parsed.pack(),
        )
        answer.pairs  # noqa: B018 - because this raises if they cannot be read
    except _UNREADABLE:
        return None
    has_response = answer.is_v2 or len(answer.nt) in (0, V1_OCTETS)
    return answer if message.startswith(SIGNATURE) and has_response else None


def _too_weak(answer: _Answer, allow_v1: bool) -> Reason | None:
    """Refuse what is no response of a kind that is taken."""
    if not answer.user:  # anonymous (3.2.5.1.2)
        return Reason.NO_ACCOUNT
    return None if answer.is_v2 or (allow_v1 and answer.nt) else Reason.NTLM_V1


def _reason_against(
    answer: _Answer,
    account: Account | None,
    nonce: bytes,
    before: bytes,
    binding: bytes | None,
    protection: ExtendedProtection,
    lockout: Lockout,
) -> Reason | None:
    """Return the first rule that speaks against a log-on, None if it may go on.

    Args:
        answer: the client's answer.
        account: whose it should be.
        nonce: what it answers to.
        before: both messages before it.
        binding: what it should be bound to.
        protection: whether it must be.
        lockout: counts the response if it is wrong.
    """
    # Without an account as well, with the same work, because the time taken must not show which names exist.
    proof, key = _expected(answer, _nt_hash(account), nonce)
    matches = hmac.compare_digest(proof, answer.nt[: len(proof)])
    if account is None or account.password is None:
        return Reason.NO_ACCOUNT
    if reason := lockout.attempt(account, matches=matches):
        return reason
    if not _is_bound(answer, binding, protection):
        return Reason.CHANNEL_BINDING
    if not _is_untouched(answer, key, before):
        return Reason.MALFORMED
    return None


def _nt_hash(account: Account | None) -> bytes:
    """Return the hash of an account's password (3.3.1), or of a random one if there is no account."""
    from spnego._ntlm_raw.md4 import md4  # not its ntowfv1, which takes hexadecimal digits for a hash

    password = account.password if account else None
    return md4((secrets.token_hex(5) if password is None else password).encode("utf-16-le"))


def _expected(answer: _Answer, nt_hash: bytes, nonce: bytes) -> tuple[bytes, bytes]:
    """Return what the right password gives: a proof and, with NTLMv2, a key."""
    from spnego._ntlm_raw import crypto

    if not answer.is_v2:  # 3.3.1
        return crypto.compute_response_v1(answer.flags, nt_hash, bytes(16), nonce, answer.lm[:8])[0], b""
    # 3.3.2, over the octets that the client sent, so that nothing depends on how its pairs are written.
    secret = crypto.ntowfv2(answer.user, nt_hash, answer.domain)
    proof = hmac.digest(secret, nonce + answer.nt[16:], "md5")
    return proof, hmac.digest(secret, proof, "md5")


def _is_bound(answer: _Answer, binding: bytes | None, protection: ExtendedProtection) -> bool:
    """Tell whether the answer is meant for this connection, as far as that is asked for."""
    from spnego._ntlm_raw.messages import AvId
    from spnego.channel_bindings import GssChannelBindings

    sent = answer.pairs.get(AvId.channel_bindings, b"")
    if protection is ExtendedProtection.NONE:
        return True
    if not sent.strip(b"\0"):  # zeros stand for none (2.2.2.1)
        return protection is ExtendedProtection.ALLOW
    if binding is None:
        return False
    here = hashlib.md5(GssChannelBindings(application_data=binding).pack()).digest()
    return hmac.compare_digest(here, sent)


def _is_untouched(answer: _Answer, key: bytes, before: bytes) -> bool:
    """Tell whether the three messages are those that the client saw, if it says that it checked them.

    It says so inside the response, which an attacker cannot change without invalidating the proof.
    """
    from spnego._ntlm_raw.crypto import rc4k
    from spnego._ntlm_raw.messages import AvFlags, AvId
    from spnego._ntlm_raw.messages import NegotiateFlags as Flags

    if not int.from_bytes(answer.pairs.get(AvId.flags, b""), "little") & AvFlags.mic:
        return True
    if answer.flags & Flags.key_exch and answer.flags & (Flags.sign | Flags.seal):
        if len(answer.sealed_key) != len(key):  # because an attacker would know an empty one
            return False
        key = rc4k(key, answer.sealed_key)
    mic = hmac.digest(key, before + answer.without_mic, "md5")
    return answer.mic is not None and hmac.compare_digest(mic, answer.mic)
