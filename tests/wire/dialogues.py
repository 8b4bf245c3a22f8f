"""Whole dialogues of the mechanisms that are not mere names and passwords, as a transcript shows them."""

import base64
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from functools import partial

import spnego

from minipop.exchange.mechanisms.ntlm import ntlm
from minipop.exchange.mechanisms.xoauth2 import xoauth2
from minipop.exchange.tokens import Token
from minipop.protocol import LogonRefused, Maildrop, Mechanism, Session
from minipop.wire import Conversation, Transcript
from tests.exchange.muster import ACCOUNTS
from tests.support import FakePolicy, drain, send, three_messages
from tests.wire.kerberos_tokens import ANSWER, AP_REP, AP_REQ, OFFER

#: What a client answers to a challenge.
Answer = Callable[[bytes], bytes]


@dataclass
class OneMechanism(FakePolicy):
    """A service with one mechanism of the test's choice."""

    chosen: dict[str, Mechanism] = field(default_factory=dict)

    def mechanisms(self, *, tls: bool) -> Mapping[str, Mechanism]:  # noqa: ARG002
        """Return that one."""
        return self.chosen


def play(name: str, mechanism: Mechanism, answers: list[Answer], lang: str = "en") -> Conversation:
    """Play AUTH; return the transcript."""
    conversation = Transcript(lang).begin(tls=False)
    session = Session(OneMechanism(chosen={name: mechanism}), tls=False, observers=[conversation])
    drain(session)
    line = send(session, f"AUTH {name}\r\n".encode())
    for answer in answers:
        challenge = base64.b64decode(line[2:]) if line.startswith(b"+ ") else b""
        line = send(session, base64.b64encode(answer(challenge)) + b"\r\n")
    return conversation


def ntlm_dialogue(lang: str = "en", password: str = "Sommer2026", *, prompt: str = "") -> Conversation:
    """Let Anna log on by NTLM; NETBIOS_COMPUTER_NAME names her workstation."""
    client = spnego.client(
        r"MUSTER\anna",
        password,
        hostname="ex01.muster.example",
        service="pop",
        protocol="ntlm",
        options=spnego.NegotiateOptions.use_ntlm,
    )
    mechanism = partial(ntlm, lambda *_: ACCOUNTS[0], lambda _: three_messages(), prompt=prompt or b"")
    return play("NTLM", mechanism, [lambda _: client.step() or b"", lambda c: client.step(c) or b""], lang)


def kerberos_dialogue(lang: str = "en") -> Conversation:
    """Let Anna log on by Kerberos, with tokens that were recorded."""

    def recorded() -> Generator[bytes, bytes, Maildrop]:
        yield b""
        yield AP_REP
        yield OFFER
        return three_messages()

    return play("GSSAPI", recorded, [lambda _: AP_REQ, lambda _: b"", lambda _: ANSWER], lang)


def bearer_dialogue(message: bytes, lang: str = "en", *, refuse: bool = False) -> Conversation:
    """Let somebody log on by a token."""

    def verify(_: str) -> Token:
        if refuse:
            raise LogonRefused("token-expired")
        return Token(upn="anna@muster.example", app=None)

    mechanism = partial(xoauth2, verify, lambda *_: three_messages())
    return play("XOAUTH2", mechanism, [lambda _: message], lang)
