"""Sessions that nobody thought of, beside a small model: same answers, and nothing goes without QUIT.

Up to three clients at a time, in any order: log-on, every command, nonsense, mail that arrives, connections
that break off. The model below knows RFC 1939 and nothing of the server's code. It runs in memory and on a
Maildir.
"""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from evidence.replies import read
from minipop.mailbox import Mailbox
from minipop.mailbox.maildir import Maildirs
from minipop.protocol import Maildrop, Session
from tests.properties import examples
from tests.support import FakePolicy, drain, send

# -- the model -----------------------------------------------------------------------------------------


@dataclass
class Mail:
    """A message: its lines, and the UID that some client has been told."""

    lines: list[bytes]
    uid: str = ""

    @property
    def text(self) -> bytes:
        """The message as a client must get it."""
        return b"".join(line + b"\r\n" for line in self.lines)

    def top(self, n: int) -> bytes:
        """The header, the empty line, and so many lines of the body."""
        end = self.lines.index(b"") + 1 + n
        return b"".join(line + b"\r\n" for line in self.lines[:end])


@dataclass
class Box:
    """The maildrop: what is in it, and what QUIT took out of it, in this order, and how often."""

    inbox: list[Mail] = field(default_factory=list)
    deleted: list[Mail] = field(default_factory=list)
    commits: int = 0


@dataclass
class Expected:
    """What must be answered: whether it is ``+OK``, what must follow, and the lines after that."""

    ok: bool
    text: str | None = None
    content: bytes | None = None


#: How many log-ons may fail on one connection.
FAILED_LOGONS = 3

ERR = Expected(ok=False)
OK = Expected(ok=True)


@dataclass
class Client:
    """One session by RFC 1939."""

    box: Box
    named: bool = False
    shown: dict[int, Mail] | None = None  # by message number, from the log-on on
    marked: set[int] = field(default_factory=set)
    failed: int = 0  # log-ons
    over: bool = False

    def answer(self, verb: str, *words: str) -> Expected:
        """Say what a command must be answered."""
        named, self.named = self.named, False
        numbers = [int(word) for word in words] if all(word.isdecimal() for word in words) else []
        if verb == "QUIT":
            return self._quit()
        if verb == "CAPA":
            return OK
        if self.shown is None:
            return self._log_on(verb, words, named=named)
        left = {n: mail for n, mail in self.shown.items() if n not in self.marked}
        octets = sum(len(mail.text) for mail in left.values())
        if verb in ("USER", "PASS", "JUNK") or (words and not numbers):
            return ERR
        if numbers and numbers[0] not in left:
            return ERR
        if verb == "DELE":
            self.marked.add(numbers[0])
        if verb == "RSET":
            self.marked.clear()
        if verb in ("NOOP", "DELE", "RSET"):
            return OK
        if verb == "STAT":
            return Expected(True, f"{len(left)} {octets}")
        if verb in ("LIST", "UIDL"):
            listed = {n: len(mail.text) if verb == "LIST" else mail.uid for n, mail in left.items()}
            if numbers:
                return Expected(True, f"{numbers[0]} {listed[numbers[0]]}")
            return Expected(True, content="".join(f"{n} {what}\r\n" for n, what in listed.items()).encode())
        mail = left[numbers[0]]
        if mail in self.box.deleted:  # another client has been faster
            return ERR
        return Expected(True, content=mail.text if verb == "RETR" else mail.top(numbers[1]))

    def _log_on(self, verb: str, words: tuple[str, ...], *, named: bool) -> Expected:
        if verb == "USER":
            self.named = True
            return OK
        if verb == "PASS" and named and words == ("secret",):
            self.shown = dict(enumerate(self.box.inbox, 1))
            return OK
        if verb == "PASS" and named:
            self.failed += 1
            self.over = self.failed == FAILED_LOGONS
        return ERR

    def _quit(self) -> Expected:
        for number in sorted(self.marked):
            mail = (self.shown or {})[number]
            if mail in self.box.inbox:
                self.box.inbox.remove(mail)
                self.box.deleted.append(mail)
        self.box.commits += self.shown is not None
        self.over = True
        return OK


# -- the machine ---------------------------------------------------------------------------------------


class Service(FakePolicy):
    """A service with one account and its mailbox."""

    mailbox: Mailbox

    def log_on(self, name: str, password: str) -> Maildrop:
        super().log_on(name, password)
        return self.mailbox.open_maildrop()


WHO = st.sampled_from([0, 0, 0, 1, 1, 2])
NUMBERS = st.sampled_from([1, 1, 1, 2, 2, 3, 4, 5, 0, 7]).map(str)
LINES = st.lists(st.sampled_from([b"", b".", b"..", b".x", b"text", "Grüße".encode()]), max_size=4)

COMMANDS = st.one_of(
    st.tuples(st.sampled_from(["STAT", "LIST", "UIDL", "RSET", "RSET", "NOOP", "CAPA"])),
    st.tuples(st.sampled_from(["LIST", "UIDL", "RETR", "RETR"]), NUMBERS),
    st.tuples(st.just("DELE"), NUMBERS),
    st.tuples(st.just("TOP"), NUMBERS, NUMBERS),
    st.sampled_from(["USER mrose", "PASS secret", "JUNK", "RETR x", "DELE -1"]).map(str.split),
)


class Machine(RuleBasedStateMachine):
    """Clients of one mailbox in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.service = Service(failed_logons=FAILED_LOGONS)
        self.box = Box()
        self.clients: dict[int, tuple[Session, Client]] = {}
        self.delivered = 0
        self.uids: list[str] = []

    @initialize()
    def fill(self) -> None:
        """Begin with a mailbox that holds three messages, and two clients who have logged on."""
        self.service.mailbox = self.new_mailbox()
        for _ in range(3):
            self.deliver([b"one", b".", b"three"], bare=False)
        for who in range(2):
            self.log_on(who, "secret")

    def new_mailbox(self) -> Mailbox:
        return Mailbox("mrose")

    @rule(body=LINES, bare=st.booleans())
    def deliver(self, body: list[bytes], bare: bool) -> None:
        """Let a message arrive, its lines ended by LF alone or by CRLF."""
        self.delivered += 1
        lines = [b"Subject: %d" % self.delivered, b"", *body]
        end = b"\n" if bare else b"\r\n"
        self.service.mailbox.deliver(b"".join(line + end for line in lines))
        self.box.inbox.append(Mail(lines))

    def say(self, who: int, verb: str, *words: str) -> None:
        """Send a command and compare what comes back with what must."""
        if who not in self.clients:
            session = Session(self.service)
            assert read(b"", drain(session)).status == "+OK"
            self.clients[who] = session, Client(self.box)
        session, client = self.clients[who]
        line = " ".join([verb, *words]).encode()
        reply = read(line, send(session, line + b"\r\n"))
        expected = client.answer(verb, *words)
        assert (reply.status == "+OK") == expected.ok, f"{line!r}: {reply}"
        if expected.text is not None:
            assert reply.text == expected.text
        if expected.content is not None:
            assert reply.content == expected.content
        if client.over:
            assert session.finished
            assert send(session, b"STAT\r\n") == b""
            del self.clients[who]

    @rule(who=WHO, password=st.sampled_from(["secret", "wrong"]))
    def log_on(self, who: int, password: str) -> None:
        """Log on, and learn the UIDs that nobody has been told so far."""
        self.say(who, "USER", "mrose")
        self.say(who, "PASS", password)
        if who not in self.clients:  # it has failed once too often
            return
        session, client = self.clients[who]
        if client.shown is None or client.marked:
            return
        told = read(b"UIDL", send(session, b"UIDL\r\n")).content or b""
        uids = [line.split(" ")[1] for line in told.decode().splitlines()]
        for mail, uid in zip(client.shown.values(), uids, strict=True):
            if not mail.uid:
                assert uid not in self.uids, f"{uid} stands for two messages"
                self.uids.append(uid)
                mail.uid = uid

    @rule(who=WHO, commands=st.lists(COMMANDS, min_size=1, max_size=6))
    def talk(self, who: int, commands: list[tuple[str, ...]]) -> None:
        """Say all kinds of things, some of them without sense, mostly logged on."""
        if who not in self.clients:
            self.log_on(who, "secret")
        for command in commands:
            self.say(who, *command)

    @precondition(lambda self: self.clients)
    @rule(who=WHO, last=st.sampled_from([b"", b"QUIT", b"QUIT\r", b"DELE 1\r\nQUI", *[b"QUIT\r\n"] * 4]))
    def end(self, who: int, last: bytes) -> None:
        """End a session as one should, or let the connection break off, in the middle of a command or not."""
        if who in self.clients and last == b"QUIT\r\n":
            self.say(who, "QUIT")
            for other, (_, client) in self.clients.items():
                for number in client.shown or {}:  # the others keep their numbers, not what has gone
                    self.say(other, "TOP", str(number), "0")
        elif who in self.clients:
            session, _ = self.clients.pop(who)
            send(session, last)
            session.connection_lost()
            assert session.finished

    @invariant()
    def nothing_is_lost_or_there_twice(self) -> None:
        """Look into the mailbox: what is there, and what was deleted, each once."""
        if self.delivered:
            box = self.service.mailbox
            assert box.sessions_ended == self.box.commits
            for folder, mails in ((box.inbox, self.box.inbox), (box.recoverable_items, self.box.deleted)):
                assert folder.subjects == [mail.lines[0].decode()[9:] for mail in mails]


class MaildirMachine(Machine):
    """The same on a Maildir."""

    def new_mailbox(self) -> Mailbox:
        """Return an empty mailbox in a new directory."""
        self.directory = tempfile.TemporaryDirectory()
        self.maildirs = Maildirs(Path(self.directory.name), ["mrose"])
        return Mailbox("mrose", store=self.maildirs.store("mrose"))

    def teardown(self) -> None:
        """Remove the directory; what another program would see of it must be the inbox."""
        cur_and_new = [Path(self.directory.name, "mrose", part) for part in ("cur", "new")]
        assert sum(len(list(part.iterdir())) for part in cur_and_new) == len(self.box.inbox)
        self.maildirs.release()
        self.directory.cleanup()


@pytest.mark.slow
@pytest.mark.parametrize(("machine", "count"), [(Machine, 300), (MaildirMachine, 60)])
def test_clients_of_a_mailbox_get_the_answers_of_the_model(machine: type[Machine], count: int) -> None:
    run_state_machine_as_test(machine, settings=examples(count, steps=30))
