"""One input of the fuzzer, played as a session with a service of Muster GmbH, and what must hold of it.

The first octet chooses the edition and whether TLS comes first; the rest is what a client sends. An octet FF
cuts it into packets and is never sent itself. So a seed can be written by hand, and read.

It is played twice: in its packets, and line by line, where each reply can be told from the next. Both must
come to the same, but for what STLS forbids to come in its packet.
"""

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from types import SimpleNamespace
from typing import Any

from evidence.replies import LONGEST, read
from minipop.exchange import EDITIONS, Directory, Settings, Trust
from minipop.exchange.mechanisms import ntlm
from minipop.exchange.policy import ExchangePolicy
from minipop.exchange.tokens import Token, TokenVerifier
from minipop.lab import world
from minipop.mailbox import Mailbox
from minipop.mailbox.folder import Folder
from minipop.protocol import Session, State
from minipop.wire import ProtocolLog, Transcript

CUT = b"\xff"
NOW = datetime(2026, 3, 2, tzinfo=UTC)

#: The key of an issuer of tokens. Nobody knows the other half, so nothing that is sent is genuine.
KEYS = {
    "keys": [
        {"kty": "RSA", "kid": "k1", "use": "sig", "e": "AQAB", "n": "sXchDaQebHnPiGvyDOAT4saGEUetSyo9" * 11}
    ]
}
#: Tokens that are genuine all the same, and what they are worth.
TOKENS = {
    "annas": Token("anna@muster.example", None),
    "doras": Token("dora@muster.example", None),
    "strangers": Token("nobody@muster.example", None),
}

VERIFIER = TokenVerifier(lambda: KEYS, "https://issuer.example/", ["https://outlook.office.com"], "tenant")


def verify(token: str) -> Token:
    """Take `TOKENS`, and look at all others as a service would."""
    return TOKENS[token] if token in TOKENS else VERIFIER.verify(token)


#: The editions that the first octet of an input chooses from: below 80 hexadecimal always these, so that the
#: corpus keeps its meaning when an edition is added; from there on, all that there are.
FIRST_TEN = ("2000", "2003", "2007", "2010", "2013", "2016", "2019", "se", "online", "rfc")

#: Messages of each mailbox: a short one, one with a dot at the start of a line, and one with bare LF.
MAIL = (
    b"Subject: one\r\n\r\n",
    b"Subject: two\r\n\r\n.\r\n..x\r\n",
    b"Subject: three\n\nlast line without end",
)


#: The UIDs of each mailbox.
WHOLE = ["101", "102", "103"]


@dataclass(frozen=True)
class Played:
    """What came of an input that was played once."""

    out: bytes
    stls: bool  # whether TLS was begun by STLS, or forbidden bytes came with it
    inboxes: dict[str, list[str]]
    state: State
    shown: str


def chosen(head: int) -> tuple[str, bool]:
    """Return what the first octet of an input chooses: an edition, and whether TLS comes first."""
    names = FIRST_TEN if head < 0x80 else tuple(EDITIONS)
    return names[head % len(names)], head // len(names) % 2 == 1


def play(data: bytes) -> None:
    """Play an input, and raise what goes wrong, AssertionError for what must not be."""
    with _always_the_same():
        head, said = data[:1] or b"\0", data[1:]
        once, ended = _line_by_line(head[0], said.replace(CUT, b""))
        again = _in_packets(head[0], said.split(CUT))
    if not (once.stls or again.stls):
        assert again == once
    for played in (once, again):
        _nothing_went_without_quit(played, quit_=ended or played.stls)
        _nothing_secret_is_shown(played.shown, said.replace(CUT, b""))
        assert played.shown.replace("\n", "").isprintable()
        lines = said.count(b"\n") + 2
        assert len(played.out) < lines * (LONGEST + 3 * 100)
        assert len(played.shown) < lines * 2_000


# -- inside --------------------------------------------------------------------------------------------


@contextmanager
def _always_the_same() -> Iterator[None]:
    """Let NTLM's challenge be the same in every session, so that two can be compared."""
    module: Any = ntlm
    kept = module.secrets, module.datetime
    module.secrets = SimpleNamespace(token_bytes=bytes, token_hex=lambda count: "00" * count)
    module.datetime = SimpleNamespace(now=lambda _: NOW)
    try:
        yield
    finally:
        module.secrets, module.datetime = kept


@cache
def _directory() -> Directory:
    return Directory(world.accounts("de"))


def _service(head: int) -> tuple[ExchangePolicy, Session, Transcript, ProtocolLog]:
    name, tls = chosen(head)
    edition = EDITIONS[name]
    login_type = "PlainTextLogin" if head & 0x40 and edition.login_type.value else None
    directory, mailboxes = _directory(), {}
    for account in directory.accounts:
        mailboxes[account.alias] = mailbox = Mailbox(account.alias)
        for mail in MAIL:
            mailbox.deliver(mail)
    settings = Settings.of(edition.name, login_type)
    rules = ExchangePolicy(settings, directory, mailboxes, Trust(verify=verify))
    transcript, log = Transcript(), ProtocolLog(lambda: NOW)
    observer = log.begin("127.0.0.1", "127.0.0.1", tls=tls)
    return rules, Session(rules, tls=tls, observers=[transcript.begin(tls=tls), observer]), transcript, log


def _line_by_line(head: int, said: bytes) -> tuple[Played, bool]:
    """Play it line by line; tell also whether a QUIT was answered that ends a session after the log-on."""
    rules, session, transcript, log = _service(head)
    out = _answer(session)
    assert read(b"", out).status == "+OK"
    stls = ended = False
    *lines, rest = said.split(b"\n")
    for line in lines:
        over, in_transaction = session.finished, session.state is State.TRANSACTION
        reply = _answer(session, line + b"\n")
        if over:
            assert reply == b""
            continue
        answer = read(line.removesuffix(b"\r"), reply)
        ended = ended or (in_transaction and session.finished and answer.status == "+OK")
        out += reply
        if session.wants_tls:
            stls = True
            session.tls_established()
    out += _answer(session, rest)
    return _over(session, rules, transcript, log, out, stls=stls), ended


def _in_packets(head: int, packets: list[bytes]) -> Played:
    rules, session, transcript, log = _service(head)
    out = _answer(session)
    stls = False
    for packet in packets:
        out += _answer(session, packet)
        if session.wants_tls:
            stls = True
            session.tls_established()
            out += _answer(session)
    stls = stls or b"data_after_stls" in str([entry.name for entry in transcript[0].entries]).encode()
    return _over(session, rules, transcript, log, out, stls=stls)


def _answer(session: Session, data: bytes = b"") -> bytes:
    """Hand over bytes and return all that comes back."""
    session.receive_data(data)
    return b"".join(iter(session.data_to_send, b""))


def _over(
    session: Session,
    rules: ExchangePolicy,
    transcript: Transcript,
    log: ProtocolLog,
    out: bytes,
    *,
    stls: bool,
) -> Played:
    state = session.state
    session.connection_lost()
    assert session.finished
    inboxes = {alias: _uids(box.inbox) for alias, box in rules._mailboxes.items()}
    for alias, box in rules._mailboxes.items():
        assert box.open_maildrops == 0
        assert sorted(inboxes[alias] + _uids(box.recoverable_items)) == WHOLE  # each once
    shown = f"{transcript}\n{transcript[0].explain().explanations()}\n{log}"
    return Played(out, stls, inboxes, state, shown)


def _uids(folder: Folder) -> list[str]:
    return [message.uid for message in folder]


def _nothing_went_without_quit(played: Played, *, quit_: bool) -> None:
    if not quit_:
        assert all(inbox == WHOLE for inbox in played.inboxes.values()), "something was deleted without QUIT"


# -- secrets -------------------------------------------------------------------------------------------

SECRET = b"Sommer2026"
LOGIN_SECRET = base64.b64encode(SECRET)

#: Where the password may stand: behind PASS, and in base64 where AUTH asks for it.
_IN_PLACE = re.compile(
    rb"(?im)^PASS [^\n]*\n"
    rb"|^AUTH LOGIN(?: |\r?\n)(?P<name>[A-Za-z0-9+/=]+)\r?\n%b\r?\n"
    rb"|^AUTH PLAIN(?: |\r?\n)(?P<plain>[A-Za-z0-9+/=]+)\r?\n" % LOGIN_SECRET
)


def _nothing_secret_is_shown(shown: str, said: bytes) -> None:
    """See to it that Anna's password is in no transcript, unless it was sent where something else belongs."""
    rest = _IN_PLACE.sub(_out_of_place, said)
    words = re.findall(rb"[A-Za-z0-9+/]+", rest)
    if SECRET in rest or LOGIN_SECRET in rest or any(SECRET in _decoded(word) for word in words):
        return
    assert SECRET.decode() not in shown
    assert LOGIN_SECRET.decode() not in shown


def _out_of_place(found: re.Match[bytes]) -> bytes:
    """Return what a log-on holds besides the password."""
    names = _decoded(found["plain"] or b"").rpartition(b"\0")[0]
    return b" ".join((found["name"] or b"", names, b"\n"))


def _decoded(word: bytes) -> bytes:
    word = word.rstrip(b"=")
    return b"" if b"=" in word or len(word) % 4 == 1 else base64.b64decode(word + b"=" * (-len(word) % 4))
