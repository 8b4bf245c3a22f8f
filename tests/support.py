"""What the tests share: a dialogue written as a lesson, and a maildrop and a policy without Exchange."""

import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from minipop.protocol import (
    COMMANDS,
    TEXTS,
    Commands,
    LogonRefused,
    Maildrop,
    MaildropError,
    Mechanism,
    Message,
    MessageGone,
    Session,
    Texts,
)


def drain(session: Session) -> bytes:
    """Pull everything that the session has to say just now."""
    out = b""
    while data := session.data_to_send():
        out += data
    return out


def send(session: Session, data: bytes) -> bytes:
    """Hand over bytes and return all that comes back."""
    session.receive_data(data)
    return drain(session)


def talk(session: Session, lesson: str) -> None:
    """Play the ``C:`` lines of a lesson and compare what comes back with its ``S:`` lines.

    ``...`` in an ``S:`` line stands for any text, and ``␠`` for a space at the end of a line.
    """
    expected = [line.strip().replace("␠", " ") for line in lesson.strip().splitlines()]
    actual = [f"S: {line}" for line in _lines(drain(session))]
    for line in expected:
        if line.startswith("C: ") or line == "C:":
            actual.append(line)
            actual += [f"S: {reply}" for reply in _lines(send(session, line[3:].encode() + b"\r\n"))]
    matches = len(actual) == len(expected) and all(map(_matches, expected, actual))
    assert matches, "\n".join(["expected:", *expected, "", "but it was:", *actual])


def _lines(data: bytes) -> list[str]:
    if not data:
        return []
    assert data.endswith(b"\r\n"), f"a reply without its line end: {data!r}"
    return data.decode("utf-8").removesuffix("\r\n").split("\r\n")


def _matches(expected: str, actual: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in expected.split("..."))
    return bool(re.fullmatch(pattern, actual))


@dataclass
class FakeMessage:
    """A message whose content, chunks and mishaps the test chooses."""

    content: bytes = b"Subject: x\r\n\r\nbody\r\n"
    uid: str = "uid-1"
    size: int | None = None
    chunk: int = 65_536
    breaks_after: int | None = None
    error: type[Exception] = MaildropError
    gone: bool = False

    @property
    def octets(self) -> int:
        """The size that the test chose, else the length of the content."""
        return len(self.content) if self.size is None else self.size

    def open(self) -> Iterator[bytes]:
        """Return the content in chunks of the chosen length."""
        if self.gone:
            raise MessageGone("Another session removed the message.")
        return self._chunks()

    def _chunks(self) -> Iterator[bytes]:
        for start in range(0, len(self.content), self.chunk):
            if self.breaks_after is not None and start >= self.breaks_after:
                raise self.error("the disk is gone")
            yield self.content[start : start + self.chunk]


@dataclass
class FakeMaildrop:
    """A maildrop that remembers what was asked of it."""

    messages: Sequence[Message]
    fails: Exception | None = None
    deleted: list[str] = field(default_factory=list)
    commits: int = 0
    closed: int = 0
    owner: str = "mrose"

    def delete(self, messages: Sequence[Message]) -> None:
        """Remember the commit, or fail."""
        self.commits += 1
        if self.fails:
            raise self.fails
        self.deleted += [message.uid for message in messages]

    def close(self) -> None:
        """Remember it."""
        self.closed += 1


def three_messages() -> FakeMaildrop:
    """Return a maildrop of three messages with 120, 200 and 45 octets."""
    return FakeMaildrop(
        [
            FakeMessage(b"Subject: one\r\n\r\none\r\n", "uid-1", size=120),
            FakeMessage(b"Subject: two\r\n\r\ntwo\r\n", "uid-2", size=200),
            FakeMessage(b"Subject: three\r\n\r\nthree\r\n", "uid-3", size=45),
        ]
    )


@dataclass
class FakePolicy:
    """A service with one account: ``mrose``, password ``secret``. Everything else is the test's choice."""

    maildrop: FakeMaildrop = field(default_factory=three_messages)
    password: str = "secret"
    plaintext: bool = True
    stls: bool = True
    line_limit: int = 255
    failed_logons: int = 10
    commands: Commands = field(default_factory=lambda: COMMANDS)
    texts: Texts = field(default_factory=lambda: TEXTS)
    attempts: list[tuple[str, str]] = field(default_factory=list)

    def capabilities(self, *, tls: bool, logged_on: bool) -> Sequence[str]:
        """Tell what was asked, so that a test can see it."""
        return ["TOP", "UIDL", f"X-TLS {tls}", f"X-LOGGED-ON {logged_on}"]

    def offers_stls(self) -> bool:
        """Tell the test's choice."""
        return self.stls

    def allows_user(self, *, tls: bool) -> bool:
        """Tell the test's choice."""
        return tls or self.plaintext

    def mechanisms(self, *, tls: bool) -> Mapping[str, Mechanism]:
        """Return one mechanism of one step, and one of two."""
        return {"PLAIN": self._plain, "LOGIN": self._login} if self.allows_user(tls=tls) else {}

    def log_on(self, name: str, password: str) -> Maildrop:
        """Compare both with the one account."""
        self.attempts.append((name, password))
        if (name, password) != ("mrose", self.password):
            raise LogonRefused("unknown")
        return self.maildrop

    def _plain(self) -> Generator[bytes, bytes, Maildrop]:
        name, _, password = (yield b"").decode().removeprefix("\0").partition("\0")
        return self.log_on(name, password)

    def _login(self) -> Generator[bytes, bytes, Maildrop]:
        name = yield b"Username:"
        password = yield b"Password:"
        return self.log_on(name.decode(), password.decode())


def connect(policy: FakePolicy | None = None, *, tls: bool = False) -> Session:
    """Return a session whose greeting has been read."""
    session = Session(policy or FakePolicy(), tls=tls)
    assert drain(session).startswith(b"+OK")
    return session


def log_on(maildrop: FakeMaildrop | None = None) -> Session:
    """Return a session in the TRANSACTION state."""
    session = connect(FakePolicy(maildrop or three_messages()))
    assert send(session, b"USER mrose\r\nPASS secret\r\n").count(b"+OK") == 2
    return session


#: For tables of tests: a step that brings a new session somewhere.
Prepare = Callable[[], Session]
