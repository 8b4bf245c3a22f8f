"""AUTH NTLM ([MS-OXPOP3], [MS-NLMP]): challenge and response instead of a password.

Messages and arithmetic are pyspnego's. Its own acceptor does not serve here: it takes accounts only from a
file named in the environment, and calls its domain ``WORKSTATION``, which some clients echo as theirs.
"""

import hmac
import secrets
import struct
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from minipop.exchange.directory import Account
from minipop.exchange.edition import ExtendedProtection
from minipop.exchange.refusals import Reason
from minipop.protocol import Challenge, LogonRefused, Maildrop

if TYPE_CHECKING:
    from spnego._ntlm_raw.messages import Authenticate, TargetInfo

T = TypeVar("T")

#: The Windows version that the challenge tells: 10.0, build 17763 is Windows Server 2019. Ours to choose.
VERSION = (10, 0, 17763)

#: Longest response of NTLMv1, and of LM ([MS-NLMP] 2.2.2.6); NTLMv2 is always longer.
V1_OCTETS = 24

#: What stands before the client's part of an NTLMv2 response: the proof ([MS-NLMP] 2.2.2.8).
PROOF_OCTETS = 16


@dataclass(frozen=True)
class ServerNames:
    """What the challenge tells anybody who asks, before any log-on.

    Args:
        domain: NetBIOS name of the domain.
        computer: NetBIOS name of the server.
        dns_domain: DNS name of the domain.
        dns_computer: DNS name of the server.
    """

    domain: str = "MUSTER"
    computer: str = "EX01"
    dns_domain: str = "muster.example"
    dns_computer: str = "ex01.muster.example"


def ntlm(
    find: Callable[[str, str], Account | None],
    open_: Callable[[Account], Maildrop],
    *,
    names: ServerNames = ServerNames(),
    prompt: Challenge = b"",
    allow_v1: bool = False,
    certificate: bytes | None = None,
    protection: ExtendedProtection = ExtendedProtection.NONE,
) -> Generator[Challenge, bytes, Maildrop]:
    """Exchange the three messages of NTLM.

    Args:
        find: finds the account of a domain and a name, both as the client sent them.
        open_: opens the account's maildrop.
        names: what the challenge tells.
        prompt: what answers ``AUTH NTLM``.
        allow_v1: whether an NTLMv1 response is taken; an LM response never is.
        certificate: the server's certificate in DER, None on a connection without TLS.
        protection: whether the response must be bound to that certificate; without TLS there is nothing to
            bind it to, so that `ExtendedProtection.REQUIRE` then refuses everybody.

    Raises:
        LogonRefused: a message is malformed, the response is wrong or of a kind that is not taken, or the
            maildrop does not open.
    """
    negotiate = yield prompt
    nonce = secrets.token_bytes(8)
    challenge = _readable(lambda: _challenge(negotiate, nonce, names))
    authenticate = yield challenge
    response = _readable(lambda: _response(authenticate))
    account = find(response.domain, response.user)
    nt_hash = _nt_hash(account)  # of nobody as well: the same work for a name that does not exist
    if response.pairs is not None:
        proven = _readable(lambda: _proves_v2(response, nt_hash, nonce, negotiate + challenge))
    elif allow_v1 and response.nt:
        proven = _readable(lambda: _proves_v1(response, nt_hash, nonce))
    else:
        raise LogonRefused(Reason.NTLM_V1.value)
    if account is None:
        raise LogonRefused(Reason.NO_ACCOUNT.value)
    if account.password is None or not proven:
        raise LogonRefused(Reason.PASSWORD.value)
    if not _is_bound(response, certificate, protection):
        raise LogonRefused(Reason.CHANNEL_BINDING.value)
    return open_(account)


@dataclass(frozen=True, repr=False)
class _Response:
    """The client's last message, read once, so that whatever is wrong with it shows at one place.

    Args:
        raw: the message.
        domain: as the client sent it.
        user: as the client sent it.
        nt: the NT response.
        lm: the LM response, in which NTLMv1 may carry a challenge of the client's own.
        pairs: what the client says about itself and the server in an NTLMv2 response, None in NTLMv1.
    """

    raw: "Authenticate"
    domain: str
    user: str
    nt: bytes
    lm: bytes
    pairs: "TargetInfo | None"


def _readable(read: Callable[[], T]) -> T:
    """Read what a client sent.

    Raises:
        LogonRefused: it cannot be read. pyspnego trusts lengths and offsets, so a wrong one ends in any of
            these errors.
    """
    try:
        return read()
    except (ValueError, struct.error, LookupError, TypeError, OverflowError, AttributeError):
        pass  # and not raised in here: the error's context would hold the message
    raise LogonRefused(Reason.MALFORMED.value)


def _challenge(negotiate: bytes, nonce: bytes, names: ServerNames) -> bytes:
    """Answer the client's first message by the second ([MS-NLMP] 3.2.5.1.1)."""
    from spnego._ntlm_raw.messages import (
        AvId,
        Challenge,
        FileTime,
        Negotiate,
        NegotiateFlags,
        TargetInfo,
        Version,
    )

    flags = NegotiateFlags(Negotiate.unpack(negotiate).flags)
    flags |= (
        NegotiateFlags.request_target
        | NegotiateFlags.ntlm
        | NegotiateFlags.always_sign
        | NegotiateFlags.target_info
        | NegotiateFlags.target_type_domain
    )
    flags &= ~NegotiateFlags.lm_key
    if flags & NegotiateFlags.unicode:
        flags &= ~NegotiateFlags.oem
    about = TargetInfo()
    about[AvId.nb_domain_name] = names.domain
    about[AvId.nb_computer_name] = names.computer
    about[AvId.dns_domain_name] = names.dns_domain
    about[AvId.dns_computer_name] = names.dns_computer
    about[AvId.timestamp] = FileTime.now()
    version = Version(*VERSION) if flags & NegotiateFlags.version else None
    return Challenge(flags, nonce, target_name=names.domain, target_info=about, version=version).pack()


def _response(data: bytes) -> _Response:
    """Read the client's last message."""
    from spnego._ntlm_raw.messages import Authenticate, NTClientChallengeV2

    raw = Authenticate.unpack(data)
    nt = raw.nt_challenge_response or b""
    return _Response(
        raw,
        raw.domain_name or "",
        raw.user_name or "",
        nt,
        raw.lm_challenge_response or b"",
        NTClientChallengeV2.unpack(nt[PROOF_OCTETS:]).av_pairs if len(nt) > V1_OCTETS else None,
    )


def _nt_hash(account: Account | None) -> bytes:
    """Return the NT hash of the password; for nobody, that of a password that nobody has."""
    from spnego._ntlm_raw.crypto import ntowfv1

    known = account.password if account else None
    return ntowfv1(known if known is not None else secrets.token_hex(16))


def _proves_v1(response: _Response, nt_hash: bytes, nonce: bytes) -> bool:
    """Tell whether an NTLMv1 response is right, with extended session security or without."""
    from spnego._ntlm_raw.crypto import compute_response_v1

    expected, _, _ = compute_response_v1(response.raw.flags, nt_hash, bytes(16), nonce, response.lm[:8])
    return hmac.compare_digest(response.nt, expected)


def _proves_v2(response: _Response, nt_hash: bytes, nonce: bytes, before: bytes) -> bool:
    """Tell whether an NTLMv2 response is right, and the three messages are as they were sent.

    The proof is computed over the client's own octets, so that nothing depends on writing them anew.

    Args:
        response: the client's last message.
        nt_hash: of the account's password.
        nonce: the server's challenge.
        before: the two messages before it.
    """
    from spnego._ntlm_raw.crypto import hmac_md5, ntowfv2, rc4k
    from spnego._ntlm_raw.messages import AvFlags, AvId, NegotiateFlags

    assert response.pairs is not None
    key = ntowfv2(response.user, nt_hash, response.domain)
    proof = hmac_md5(key, nonce + response.nt[PROOF_OCTETS:])
    proven = hmac.compare_digest(proof, response.nt[:PROOF_OCTETS])
    if not proven or not response.pairs.get(AvId.flags, 0) & AvFlags.mic:
        return proven
    raw, session_key = response.raw, hmac_md5(key, proof)
    if raw.flags & NegotiateFlags.key_exch and raw.flags & (NegotiateFlags.sign | NegotiateFlags.seal):
        session_key = rc4k(session_key, raw.encrypted_random_session_key or b"")
    code, raw.mic = raw.mic or b"", bytes(16)
    return hmac.compare_digest(code, hmac_md5(session_key, before + raw.pack()))


def _is_bound(response: _Response, certificate: bytes | None, protection: ExtendedProtection) -> bool:
    """Tell whether a response is bound to the TLS connection as far as it must be ([MS-NLMP] 3.2.5.1.2)."""
    if protection is ExtendedProtection.NONE:
        return True
    found = None
    if response.pairs is not None:
        from spnego._ntlm_raw.messages import AvId

        found = response.pairs.get(AvId.channel_bindings)
    if found in (None, bytes(16)):
        return protection is ExtendedProtection.ALLOW
    return certificate is not None and hmac.compare_digest(found, _binding(certificate))


def _binding(certificate: bytes) -> bytes:
    """Return what the client must have bound its response to: the certificate (RFC 5929, section 4)."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from spnego._ntlm_raw.crypto import md5
    from spnego.channel_bindings import GssChannelBindings

    read = x509.load_der_x509_certificate(certificate)
    algorithm = read.signature_hash_algorithm
    if algorithm is None or isinstance(algorithm, hashes.MD5 | hashes.SHA1):
        algorithm = hashes.SHA256()
    application_data = b"tls-server-end-point:" + read.fingerprint(algorithm)
    return md5(GssChannelBindings(application_data=application_data).pack())
