"""AUTH NTLM: whole dialogues with pyspnego's client, and messages of which no client would be proud."""

import base64
import contextlib
import random
import secrets
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import spnego
from spnego._ntlm_raw import crypto
from spnego._ntlm_raw.messages import Authenticate, Challenge, FileTime, TargetInfo
from spnego.channel_bindings import GssChannelBindings

from minipop.exchange import Account
from minipop.exchange.edition import ExtendedProtection
from minipop.exchange.mechanisms import ntlm as module
from minipop.exchange.mechanisms.channel_binding import tls_server_end_point
from minipop.exchange.mechanisms.ntlm import ServerNames, ntlm
from minipop.protocol import LogonRefused, Maildrop
from tests.exchange.dialogue import Played
from tests.exchange.muster import ACCOUNTS

ANNA, BERND, CLARA, _, INFO = ACCOUNTS
KNOWN = {
    ("MUSTER", "anna"): ANNA,
    ("", "anna"): ANNA,
    ("", "anna@muster.example"): ANNA,
    ("MUSTER", "bmueller"): BERND,
    ("", "bmueller"): BERND,
    ("", "bmueller@muster.example"): BERND,
    ("MUSTER", "cweiss"): CLARA,
    ("", "cweiss"): CLARA,
    ("", "clara.weiss@muster.example"): CLARA,
    ("MUSTER", "info"): INFO,
}

# Flags, typed from [MS-NLMP] 2.2.2.5.
UNICODE, OEM, REQUEST_TARGET, SIGN, NTLM = 0x1, 0x2, 0x4, 0x10, 0x200
ALWAYS_SIGN, TARGET_TYPE_DOMAIN, ESS, TARGET_INFO = 0x8000, 0x10000, 0x80000, 0x800000
VERSION, KEY_128, KEY_EXCH, KEY_56 = 0x2000000, 0x20000000, 0x40000000, 0x80000000

NONE, ALLOW, REQUIRE = ExtendedProtection


class Server(Played):
    """AUTH NTLM; `settings` are the mechanism's own."""

    def __init__(self, **settings: Any) -> None:
        first = settings.get("prompt", b"")
        super().__init__(KNOWN, lambda find, open_: ntlm(find, open_, **settings), first)


def client(
    name: str = r"MUSTER\anna", password: str = "Sommer2026", bound_to: bytes | None = None
) -> spnego.ContextProxy:
    """Return pyspnego's client, whose answers are NTLMv2 with a check of integrity."""
    bindings = GssChannelBindings(application_data=bound_to) if bound_to else None
    return spnego.client(
        name,
        password,
        hostname="ex01.muster.example",
        service="pop",
        protocol="ntlm",
        channel_bindings=bindings,
        options=spnego.NegotiateOptions.use_ntlm,
    )


def answer(server: Server, who: spnego.ContextProxy) -> bytes:
    """Play the first two messages; return the client's type 3."""
    challenge = server.hear(who.step() or b"")
    return who.step(challenge) or b""


def old_answer(
    challenge: bytes,
    password: str,
    *,
    ess: bool = False,
    lm_only: bool = False,
    user: str = "anna",
    domain: str = "MUSTER",
    charset: int = UNICODE,
) -> bytes:
    """Return a type 3 as clients of NTLMv1 write it, [MS-NLMP] 3.3.1."""
    nonce = Challenge.unpack(challenge).server_challenge
    flags = charset | NTLM | (ESS if ess else 0)
    nt, lm, _ = crypto.compute_response_v1(
        flags,
        crypto.ntowfv1(password),
        crypto.lmowfv1(password),
        nonce,
        b"\x11" * 8,
        no_lm_response=False,
    )
    return bytes(
        Authenticate(
            flags,
            lm_challenge_response=lm,
            nt_challenge_response=None if lm_only else nt,
            domain_name=domain,
            username=user,
            workstation="WS01",
        ).pack()
    )


def begin(flags: int = UNICODE | NTLM) -> bytes:
    """Return a type 1 of 32 octets, as libntlm and curl write it."""
    return b"NTLMSSP\0" + struct.pack("<II", 1, flags) + bytes(16)


# -- who gets in --------------------------------------------------------------------------------------

PASSWORDS = {ANNA: "Sommer2026", BERND: "Winter ist kalt 7", CLARA: "Grüße4Clara"}


@pytest.mark.parametrize(
    ("account", "name", "asked"),
    [
        (ANNA, r"MUSTER\anna", ("MUSTER", "anna")),
        (ANNA, "anna@muster.example", ("", "anna@muster.example")),
        (ANNA, "anna", ("", "anna")),
        (BERND, r"MUSTER\bmueller", ("MUSTER", "bmueller")),
        (BERND, "bmueller@muster.example", ("", "bmueller@muster.example")),
        (BERND, "bmueller", ("", "bmueller")),
        (CLARA, r"MUSTER\cweiss", ("MUSTER", "cweiss")),
        (CLARA, "clara.weiss@muster.example", ("", "clara.weiss@muster.example")),
        (CLARA, "cweiss", ("", "cweiss")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_password_opens_the_maildrop_without_crossing_the_wire(
    account: Account, name: str, asked: tuple[str, str]
) -> None:
    server = Server()
    password = PASSWORDS[account]
    message = answer(server, client(name, password))
    assert password.encode("utf-16-le") not in message
    assert server.ends(message) is server.maildrop
    assert (server.asked, server.opened) == ([asked], [account])


def test_a_client_that_writes_no_unicode_gets_in_as_well() -> None:
    server = Server()
    challenge = Challenge.unpack(server.hear(begin(OEM | NTLM)))
    assert challenge.flags & (OEM | UNICODE) == OEM
    assert challenge.target_name == "MUSTER"
    key = crypto.ntowfv2("anna", crypto.ntowfv1("Sommer2026"), "MUSTER")
    info = challenge.target_info
    assert info is not None
    nt, lm, _ = crypto.compute_response_v2(key, challenge.server_challenge, b"\x22" * 8, FileTime.now(), info)
    server.ends(Authenticate(OEM | NTLM, lm, nt, "MUSTER", "anna").pack())
    assert server.opened == [ANNA]


# [MS-NLMP] 4.2: user "User", domain "Domain", password "Password", server challenge 01 23 45 67 89 ab cd ef,
# client challenge aa aa aa aa aa aa aa aa, time 0, NetBIOS names "Domain" and "Server".
SPEC_NONCE = bytes.fromhex("0123456789abcdef")
SPEC_USER = Account(name="User", alias="user", domain="Domain", sam="User", password="Password")
SPEC_V2 = bytes.fromhex(
    "68cd0ab851e51c96aabc927bebef6a1c"  # 4.2.4.2.2
    "0101000000000000"
    "0000000000000000"
    "aaaaaaaaaaaaaaaa"
    "00000000"
    "02000c0044006f006d00610069006e00"
    "01000c00530065007200760065007200"
    "00000000"
    "00000000"
)
SPEC_V1 = bytes.fromhex("67c43011f30298a2ad35ece64f16331c44bdbed927841f94")  # 4.2.2.2.1
SPEC_V1_ESS = bytes.fromhex("7537f803ae367128ca458204bde7caf81e97ed2683267232")  # 4.2.3.2.2
SPEC_LM_ESS = bytes.fromhex("aaaaaaaaaaaaaaaa") + bytes(16)  # 4.2.3.2.1


@pytest.mark.parametrize(
    ("flags", "lm", "nt"),
    [(UNICODE, bytes(24), SPEC_V2), (UNICODE, bytes(24), SPEC_V1), (UNICODE | ESS, SPEC_LM_ESS, SPEC_V1_ESS)],
    ids=["NTLMv2", "NTLMv1", "NTLMv1 with extended session security"],
)
def test_the_specifications_own_examples_are_right(
    monkeypatch: pytest.MonkeyPatch, flags: int, lm: bytes, nt: bytes
) -> None:
    monkeypatch.setattr(secrets, "token_bytes", lambda _: SPEC_NONCE)
    monkeypatch.setitem(KNOWN, ("Domain", "User"), SPEC_USER)
    server = Server(allow_v1=True)
    server.hear(begin())
    server.ends(Authenticate(flags | NTLM, lm, nt, "Domain", "User", "COMPUTER").pack())
    assert server.opened == [SPEC_USER]


# -- what the challenge says --------------------------------------------------------------------------


def test_the_challenge_tells_anyone_the_servers_names_and_its_windows() -> None:
    challenge = Challenge.unpack(Server().hear(client().step() or b""))
    assert challenge.target_name == "MUSTER"
    assert challenge.flags & TARGET_TYPE_DOMAIN
    info = challenge.target_info
    assert info is not None
    assert {int(kind): value for kind, value in info.items() if kind not in (0, 7)} == {
        1: "EX01",
        2: "MUSTER",
        3: "ex01.muster.example",
        4: "muster.example",
    }
    assert str(challenge.version) == "10.0.14393.15"
    # The clock is right, and in UTC wherever the server stands.
    assert abs(info[7].replace(tzinfo=UTC) - datetime.now(UTC)) < timedelta(minutes=5)


def test_the_names_can_be_others() -> None:
    names = ServerNames("AD", "MAIL", "ad.example", "mail.ad.example", (10, 0, 20348))
    challenge = Challenge.unpack(Server(names=names).hear(begin()))
    info = challenge.target_info
    assert info is not None
    assert [challenge.target_name, info[1], info[2], info[3], info[4], str(challenge.version)] == [
        "AD", "MAIL", "AD", "mail.ad.example", "ad.example", "10.0.20348.15",
    ]  # fmt: skip


def test_every_challenge_is_another() -> None:
    nonces = {Challenge.unpack(Server().hear(begin())).server_challenge for _ in range(50)}
    assert len(nonces) == 50
    assert all(len(nonce) == 8 for nonce in nonces)


def test_the_challenge_takes_up_what_the_client_asks_for_and_nothing_weak() -> None:
    asked = 0xFFFFFFFF & ~OEM
    flags = Challenge.unpack(Server().hear(begin(asked) + bytes(8))).flags
    expected = UNICODE | REQUEST_TARGET | SIGN | 0x20 | NTLM | ALWAYS_SIGN | TARGET_TYPE_DOMAIN | ESS
    assert flags == expected | TARGET_INFO | VERSION | KEY_128 | KEY_EXCH | KEY_56
    flags = Challenge.unpack(Server().hear(begin(UNICODE | OEM))).flags
    assert flags == UNICODE | REQUEST_TARGET | NTLM | ALWAYS_SIGN | TARGET_TYPE_DOMAIN | TARGET_INFO | VERSION


def test_the_prompt_is_the_editions() -> None:
    server = Server(prompt="+OK")  # Exchange 2003; the constructor looks at it
    server.ends(answer(server, client()))


# -- who does not -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "password", "reason"),
    [
        (r"MUSTER\anna", "sommer2026", "password"),
        (r"MUSTER\anna", "Sommer2026 ", "password"),
        (r"MUSTER\anna", "", "password"),
        (r"MUSTER\cweiss", "Grusse4Clara", "password"),
        (r"MUSTER\nobody", "Sommer2026", "no-account"),
        (r"OTHER\anna", "Sommer2026", "no-account"),
        (r"MUSTER\info", "", "no-account"),  # a shared mailbox, no password
        (r"MUSTER\info", "Sommer2026", "no-account"),
    ],
)
def test_a_wrong_password_or_name_is_refused(name: str, password: str, reason: str) -> None:
    server = Server()
    assert server.refuses(answer(server, client(name, password))) == reason


def test_two_hashes_in_place_of_a_password_are_a_password_like_any_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks_like_hashes = f"{'0' * 32}:{crypto.ntowfv1('Sommer2026').hex()}"
    odd = Account(name="Odd", alias="odd", domain="MUSTER", sam="odd", password=looks_like_hashes)
    monkeypatch.setitem(KNOWN, ("MUSTER", "odd"), odd)
    server = Server()
    assert server.refuses(answer(server, client(r"MUSTER\odd", "Sommer2026"))) == "password"


def test_unknown_names_cost_the_same_work_as_wrong_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    from spnego._ntlm_raw import md4

    work: list[int] = []
    real = md4.md4

    def counted(data: bytes) -> bytes:
        work.append(len(data) // 56)
        return real(data)

    monkeypatch.setattr(md4, "md4", counted)
    for name in (r"MUSTER\anna", r"MUSTER\nobody", r"MUSTER\info"):
        server = Server()
        server.refuses(answer(server, client(name, "wrong")))
    assert work == [0, 0, 0]  # one block each; the client's own hash is another import


@pytest.mark.parametrize("nt", [None, b"\x11" * 24, SPEC_V2], ids=["no response", "NTLMv1", "NTLMv2"])
def test_nobody_gets_in_anonymously(nt: bytes | None) -> None:
    server = Server(allow_v1=True)
    server.hear(begin())
    assert server.refuses(Authenticate(UNICODE | NTLM | 0x800, b"\0", nt).pack()) == "no-account"


def test_an_answer_to_another_challenge_is_refused() -> None:
    first = Server()
    message = answer(first, client())
    first.ends(message)
    again = Server()
    again.hear(client().step() or b"")
    assert again.refuses(message) == "password"


def test_a_maildrop_that_does_not_open_says_why() -> None:
    def closed(account: Account) -> Maildrop:
        raise LogonRefused("pop-disabled", instead=account.alias)

    server = Server()
    server.dialogue = ntlm(server.find, closed)
    next(server.dialogue)
    assert server.refuses(answer(server, client())) == "pop-disabled"


# -- NTLMv1 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ess", [False, True], ids=["plain", "extended session security"])
def test_ntlm_version_1_is_taken_only_where_it_is_allowed(ess: bool) -> None:
    server = Server()
    assert server.refuses(old_answer(server.hear(begin()), "Sommer2026", ess=ess)) == "ntlm-v1"
    server = Server(allow_v1=True)
    server.ends(old_answer(server.hear(begin()), "Sommer2026", ess=ess))
    assert server.opened == [ANNA]
    server = Server(allow_v1=True)
    assert server.refuses(old_answer(server.hear(begin()), "Sommer2027", ess=ess)) == "password"
    server = Server(allow_v1=True)
    message = old_answer(server.hear(begin()), "Sommer2026", ess=ess, user="nobody")
    assert server.refuses(message) == "no-account"


@pytest.mark.parametrize("level", ["0", "1", "2"])
def test_pyspnegos_client_of_version_1_gets_in_where_it_is_allowed(
    monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    monkeypatch.setenv("LM_COMPAT_LEVEL", level)
    server = Server(allow_v1=True)
    server.ends(answer(server, client()))
    assert server.opened == [ANNA]
    server = Server()
    assert server.refuses(answer(server, client())) == "ntlm-v1"


@pytest.mark.parametrize("allow_v1", [False, True])
def test_the_lm_response_alone_is_never_taken(allow_v1: bool) -> None:
    server = Server(allow_v1=allow_v1)
    assert server.refuses(old_answer(server.hear(begin()), "SOMMER2026", lm_only=True)) == "ntlm-v1"


def test_libntlm_names_the_servers_own_domain_for_the_users() -> None:
    server = Server(allow_v1=True)
    challenge = server.hear(begin(OEM | NTLM))
    domain = Challenge.unpack(challenge).target_name or ""
    server.ends(old_answer(challenge, "Sommer2026", domain=domain, charset=OEM))
    assert server.asked == [("MUSTER", "anna")]


# -- bound to a TLS connection ------------------------------------------------------------------------


#: Two certificates, each signed by its own P-256 key, with SHA-256.
HERE = base64.b64decode("""
MIIBJzCBz6ADAgECAgEBMAoGCCqGSM49BAMCMB4xHDAaBgNVBAMME2V4MDEubXVzdGVyLmV4YW1wbGUwHhcNMjYwMT
AxMDAwMDAwWhcNMzYwMTAxMDAwMDAwWjAeMRwwGgYDVQQDDBNleDAxLm11c3Rlci5leGFtcGxlMFkwEwYHKoZIzj0C
AQYIKoZIzj0DAQcDQgAExcGsBFN2ZZcAtxigZeaGgLJ0ukCgBPi3EOANy24emMGJI+P7Vq9803dfXtx+IgXQR9aEzq
2D7UT0GtMHYtmtRjAKBggqhkjOPQQDAgNHADBEAiBW3xfM9egVefn5orlcAGPgIJOxlY6g/q0PWMRxuE1/3wIgUqSS
q0lvaZ5T9XubFmTASUVJNM0wEaXXbDKZUsJiHxM=
""")
ELSEWHERE = base64.b64decode("""
MIIBKDCBz6ADAgECAgEBMAoGCCqGSM49BAMCMB4xHDAaBgNVBAMME2V4MDEubXVzdGVyLmV4YW1wbGUwHhcNMjYwMT
AxMDAwMDAwWhcNMzYwMTAxMDAwMDAwWjAeMRwwGgYDVQQDDBNleDAxLm11c3Rlci5leGFtcGxlMFkwEwYHKoZIzj0C
AQYIKoZIzj0DAQcDQgAEGM6OvIj3cEw0vH7cAJdXvcpG193NF9a3xzSozkpyazHHzRyC1aj/IwLcKwiRPeP4OrrbU0
+f5quopuTHzKJWwTAKBggqhkjOPQQDAgNIADBFAiEAlCYmDCtvXMhNuX5JeXFQONhTe0oDF63Chmjg4lnca8kCIEw3
OIdwjZ+F8ZhmOKu41qhmYvv+FogjKjK59XTsl3kZ
""")

#   policy, the client is bound to, the server's certificate, refused
BOUND = [
    (NONE, None, HERE, False),
    (NONE, HERE, HERE, False),
    (NONE, ELSEWHERE, HERE, False),
    (NONE, ELSEWHERE, None, False),
    (NONE, None, None, False),
    (ALLOW, None, HERE, False),
    (ALLOW, HERE, HERE, False),
    (ALLOW, ELSEWHERE, HERE, True),
    (ALLOW, None, None, False),
    (ALLOW, ELSEWHERE, None, True),  # passed on from a TLS connection of somebody else's
    (REQUIRE, None, HERE, True),
    (REQUIRE, HERE, HERE, False),
    (REQUIRE, ELSEWHERE, HERE, True),
    (REQUIRE, None, None, True),
    (REQUIRE, HERE, None, True),
]


@pytest.mark.parametrize(("policy", "bound_to", "own", "refused"), BOUND)
def test_extended_protection_refuses_what_is_not_bound_to_this_connection(
    policy: ExtendedProtection, bound_to: bytes | None, own: bytes | None, refused: bool
) -> None:
    server = Server(protection=policy, certificate=own)
    binding = tls_server_end_point(bound_to) if bound_to else None
    message = answer(server, client(bound_to=binding))
    if refused:
        assert server.refuses(message) == "channel-binding"
    else:
        server.ends(message)
        assert server.opened == [ANNA]


@pytest.mark.parametrize(("policy", "refused"), [(NONE, False), (ALLOW, False), (REQUIRE, True)])
def test_zeros_stand_for_no_binding(policy: ExtendedProtection, refused: bool) -> None:
    server = Server(protection=policy, certificate=HERE)
    message = made(server, {10: bytes(16)})
    if refused:
        assert server.refuses(message) == "channel-binding"
    else:
        server.ends(message)


def test_without_tls_no_binding_is_right_not_even_one_to_nothing() -> None:
    for policy in (ALLOW, REQUIRE):
        server = Server(protection=policy)
        nothing = crypto.md5(GssChannelBindings().pack())
        assert server.refuses(made(server, {10: nothing})) == "channel-binding"


@pytest.mark.parametrize(("policy", "refused"), [(NONE, False), (ALLOW, False), (REQUIRE, True)])
def test_version_1_cannot_be_bound(policy: ExtendedProtection, refused: bool) -> None:
    server = Server(protection=policy, certificate=HERE, allow_v1=True)
    message = old_answer(server.hear(begin()), "Sommer2026")
    if refused:
        assert server.refuses(message) == "channel-binding"
    else:
        server.ends(message)


def test_a_wrong_password_is_a_wrong_password_whatever_the_binding() -> None:
    server = Server(protection=REQUIRE, certificate=HERE)
    assert server.refuses(answer(server, client(password="wrong"))) == "password"


# -- tampered with ------------------------------------------------------------------------------------


def made(server: Server, pairs: dict[int, object], flags: int = UNICODE | NTLM, **more: object) -> bytes:
    """Return a type 3 of NTLMv2 with pairs of the test's choice, from somebody who knows the password."""
    nonce = Challenge.unpack(server.hear(begin())).server_challenge
    info = TargetInfo()
    for kind, value in pairs.items():
        info[kind] = value  # type: ignore[index]
    key = crypto.ntowfv2("anna", crypto.ntowfv1("Sommer2026"), "MUSTER")
    nt, lm, _ = crypto.compute_response_v2(key, nonce, b"\x33" * 8, FileTime.now(), info)
    settings = {"domain_name": "MUSTER", "username": "anna", **more}
    return bytes(Authenticate(flags, lm, nt, **settings).pack())  # type: ignore[arg-type]


def test_an_answer_without_a_check_of_integrity_is_taken() -> None:
    server = Server()
    server.ends(made(server, {}))
    assert server.opened == [ANNA]


def test_a_check_of_integrity_that_is_announced_must_be_right() -> None:
    server = Server()
    assert server.refuses(made(server, {6: 2})) == "malformed"


@pytest.mark.parametrize("key", [None, b"\0", b"\0" * 15, b"\0" * 17])
def test_a_session_key_that_could_be_guessed_is_no_key(key: bytes | None) -> None:
    # The key of the check would be as short as this one; an empty one is known to everybody.
    server, type1 = Server(), begin()
    challenge = server.hear(type1)
    nonce = Challenge.unpack(challenge).server_challenge
    info = TargetInfo()
    info[6] = 2  # type: ignore[index]
    owf = crypto.ntowfv2("anna", crypto.ntowfv1("Sommer2026"), "MUSTER")
    nt, lm, exchange = crypto.compute_response_v2(owf, nonce, b"\x33" * 8, FileTime.now(), info)
    flags = UNICODE | NTLM | SIGN | KEY_EXCH
    message = Authenticate(flags, lm, nt, "MUSTER", "anna", encrypted_session_key=key)
    session_key = crypto.rc4k(exchange, key) if key else b""
    message.mic = crypto.hmac_md5(session_key, type1 + challenge + message.pack())
    assert server.refuses(message.pack()) == "malformed"


def test_whoever_changes_any_bit_of_an_answer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    server, who = Server(), client()
    monkeypatch.setattr(secrets, "token_bytes", lambda _: SPEC_NONCE)
    type1 = who.step() or b""
    challenge = server.hear(type1)
    monkeypatch.setattr(module, "_challenge", lambda *_: challenge)  # its timestamp, too, is the same again
    message = who.step(challenge) or b""
    for place in range(len(message) * 8):
        changed = bytearray(message)
        changed[place // 8] ^= 1 << place % 8
        again = Server()
        again.hear(type1)
        assert again.refuses(bytes(changed)), place
    again = Server()
    again.hear(type1)
    again.ends(message)


def test_whoever_changes_what_was_said_before_is_refused() -> None:
    server, who = Server(), client()
    type1 = bytearray(who.step() or b"")
    type1[15] &= 0x7F  # no 56-bit keys: nothing that matters
    assert server.refuses(who.step(server.hear(bytes(type1))) or b"") == "malformed"


# -- garbage ------------------------------------------------------------------------------------------


def wrong_beginnings() -> Iterator[bytes]:
    """Give what is no type 1."""
    whole = client().step() or b""
    yield from (whole[:length] for length in range(len(whole)))
    yield from (b"NTLMSSP\0" + whole[8:12] + bytes(28), begin(NTLM), b"ntlmssp\0" + whole[8:])
    yield from (b"NTLMSSP\0" + struct.pack("<I", kind) + whole[12:] for kind in (0, 2, 3, 4, 2**32 - 1))
    yield from (b"\0", b"*", b"+OK", b"\xff" * 40, b"A" * 70_000, "Grüße".encode())


def test_what_is_no_type_1_is_malformed() -> None:
    for message in wrong_beginnings():
        assert Server().refuses(message) == "malformed", message[:60]


def test_an_answer_that_is_cut_off_anywhere_is_refused() -> None:
    server = Server()
    whole = answer(server, client())
    for length in range(len(whole)):
        again = Server()
        again.hear(begin())
        assert again.refuses(whole[:length]) == "malformed", length
    server.ends(whole)


def test_an_old_answer_that_is_cut_off_anywhere_is_refused() -> None:
    server = Server(allow_v1=True)
    whole = old_answer(server.hear(begin()), "Sommer2026")
    for length in range(len(whole)):
        again = Server(allow_v1=True)
        again.hear(begin())
        assert again.refuses(whole[:length]) == "malformed", length
    server.ends(whole)


def test_what_is_no_type_3_is_malformed() -> None:
    for message in wrong_beginnings():
        server = Server()
        server.hear(begin())
        assert server.refuses(message) == "malformed"
    server = Server()
    challenge = server.hear(begin())
    assert server.refuses(challenge) == "malformed"


@pytest.mark.parametrize("nt", [b"\x11", b"\x11" * 23, b"\x11" * 25, b"\x11" * 43, b"\x11" * 47])
def test_a_response_of_no_known_length_is_malformed(nt: bytes) -> None:
    server = Server(allow_v1=True)
    server.hear(begin())
    assert server.refuses(Authenticate(UNICODE, bytes(24), nt, "MUSTER", "anna").pack()) == "malformed"


@pytest.mark.parametrize(
    "pairs",
    ["", "0000", "02000c", "02000c0044", "0200ffff44", "02000000", "ffff0000"],
)
def test_pairs_without_an_end_are_malformed(pairs: str) -> None:
    server = Server()
    server.hear(begin())
    nt = b"\x11" * 44 + bytes.fromhex(pairs)
    assert server.refuses(Authenticate(UNICODE, bytes(24), nt, "MUSTER", "anna").pack()) == "malformed"


def test_names_that_are_no_text_are_malformed() -> None:
    for charset, name in [(UNICODE, b"a"), (UNICODE, b"\x00\xd8"), (OEM, b"\x81")]:
        server = Server()
        server.hear(begin())
        message = bytearray(Authenticate(charset, bytes(24), SPEC_V2, "", "#" * 9).pack())
        start = message.index("#".encode("utf-16-le" if charset is UNICODE else "ascii"))
        message[start : start + len(name)] = name
        message[36:40] = struct.pack("<HH", len(name), len(name))
        assert server.refuses(bytes(message)) == "malformed"


@pytest.mark.slow
def test_random_changes_end_in_a_refusal_or_a_log_on_and_in_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(secrets, "token_bytes", lambda _: SPEC_NONCE)
    who = client()
    first = who.step() or b""
    challenge = Server().hear(first)
    answers = [
        who.step(challenge) or b"",
        *(old_answer(challenge, "Sommer2026", ess=e) for e in (False, True)),
    ]
    monkeypatch.setattr(module, "_challenge", lambda *_: challenge)
    dice = random.Random(2026)
    opened = 0
    for turn in range(6_000):
        server = Server(allow_v1=True, protection=ALLOW, certificate=HERE)
        server.hear(first)
        message = mutated(dice, answers[turn % 3])
        try:
            server.dialogue.send(message)
        except LogonRefused:
            assert server.opened == []
        except StopIteration:
            opened += 1
            assert server.opened == [ANNA]
            assert turn % 3 or message == answers[0]  # NTLMv2 is checked to the last bit
    assert 0 < opened < 1_000  # NTLMv1 has bits that nobody looks at


def test_random_changes_of_a_beginning_end_in_a_refusal_or_a_challenge() -> None:
    dice = random.Random(2026)
    first = client().step() or b""
    for _ in range(3_000):
        with contextlib.suppress(LogonRefused):
            Server().hear(mutated(dice, first))


def mutated(dice: random.Random, message: bytes) -> bytes:
    """Return a message with some octets changed, left out or put in."""
    changed = bytearray(message)
    for _ in range(dice.randint(1, 6)):
        place = dice.randrange(len(changed) or 1)
        match dice.randrange(4):
            case 0:
                changed[place : place + dice.randint(1, 40)] = b""
            case 1:
                changed[place:place] = dice.randbytes(dice.randint(1, 40))
            case _:
                changed[place : place + 1] = dice.choice([b"\0", b"\xff", dice.randbytes(1)])
    return bytes(changed)


# -- secrets ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("password", ["Sommer2026", "wrong"])
def test_a_refusal_holds_nothing_of_what_was_sent(password: str) -> None:
    server = Server(protection=REQUIRE, certificate=HERE)
    message = answer(server, client(password=password))
    with pytest.raises(LogonRefused) as refusal:
        server.dialogue.send(message)
    error = refusal.value
    assert error.__context__ is None
    response = Authenticate.unpack(message).nt_challenge_response or b""
    trace = error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == module.__file__:
            for value in trace.tb_frame.f_locals.values():
                assert response[:16] not in (value if isinstance(value, bytes) else b"")
                assert not isinstance(value, module._Answer)
        trace = trace.tb_next


def test_an_answer_does_not_show_itself() -> None:
    read = module._parse(answer(Server(), client()))
    assert read is not None
    assert repr(read).startswith("<minipop.")
