"""The dialogue of each session as ``C:`` and ``S:`` lines: secrets masked, the same in every run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, overload

from minipop.protocol import LogonRefused, Lost, Observer

from .capture import Endpoint
from .entry import Entry
from .explain import Explanation
from .unfold import MASK, Unfolded, unfold_challenge, unfold_response

#: What a transcript says besides the lines themselves. Ports bear their well-known numbers.
WORDS = {
    "de": {
        "plain": "Sitzung{n}, Port 110",
        "tls": "Sitzung{n}, Port 995 (TLS)",
        "message": "(Inhalt ausgelassen, {octets} Bytes)",
        "established": "(ab hier verschlüsselt)",
        "assumed": "(TLS ist ab hier nur angenommen: Die Bytes auf der Leitung sind nicht verschlüsselt)",
        "client": "(Verbindung ohne QUIT beendet)",
        "no-logon": "(Server hat die Verbindung beendet: keine Anmeldung innerhalb von {logon})",
        "idle": "(Server hat die Verbindung beendet: {idle} lang kein Befehl)",
        "stopped": "(Server hat die Verbindung beendet: Der Dienst wurde gestoppt)",
        "restarted": "(Server hat die Verbindung beendet: Der Dienst wurde neu gestartet)",
        "unreadable": "(Server hat die Verbindung beendet: Die Nachricht war nicht zu Ende zu lesen)",
        "thousands": ".",
    },
    "en": {
        "plain": "Session{n}, port 110",
        "tls": "Session{n}, port 995 (TLS)",
        "message": "(content left out, {octets} bytes)",
        "established": "(encrypted from here on)",
        "assumed": "(TLS is only assumed from here on: the bytes on the wire are not encrypted)",
        "client": "(connection ended without QUIT)",
        "no-logon": "(the server hung up: no log-on within {logon})",
        "idle": "(the server hung up: no command for {idle})",
        "stopped": "(the server hung up: the service was stopped)",
        "restarted": "(the server hung up: the service was restarted)",
        "unreadable": "(the server hung up: it could not read the rest of the message)",
        "thousands": ",",
    },
}


def _encrypts() -> bool:
    """Say that TLS encrypts, as it does everywhere but in a page that could not load its TLS library."""
    return True


#: The seconds that Exchange waits for the log-on and for a command, unless it is set otherwise.
TIMEOUTS = (60, 1800)


@dataclass
class Conversation(Observer):
    """One session; see `minipop.protocol.Observer`.

    Args:
        title: its number and port, in the reader's language.
        lang: the reader's language, ``de`` or ``en``.
        entries: the dialogue.
        tls: whether it is encrypted from the start.
        peer: where the server sees the client; None if that is not known.
        timeouts: the seconds that the server waits for the log-on, and afterwards for a command.
        mailbox: the alias of the account whose mailbox it has opened, empty before the log-on.
        encrypts: tells whether TLS is real, not only assumed; asked once there is TLS.
    """

    title: str
    lang: str
    entries: list[Entry] = field(default_factory=list)
    tls: bool = False
    peer: Endpoint | None = None
    timeouts: tuple[int, int] = TIMEOUTS
    mailbox: str = ""
    encrypts: Callable[[], bool] = _encrypts
    _refusal: LogonRefused | None = None
    _step: int = 0  # the number of the SASL message in its direction

    def line(self, who: Literal["C", "S"], text: str, name: str = "") -> None:
        entry = Entry(who, text, name)
        if who == "S":
            entry.refusal, self._refusal = self._refusal, None
        elif name == "AUTH":
            self._step = 0
        self.entries.append(entry)

    def challenge(self, mechanism: str, challenge: bytes) -> None:
        """Write down what a SASL challenge is made of."""
        self._unfolded("+ ", unfold_challenge(mechanism, self._step, challenge))

    def response(self, mechanism: str, response: bytes) -> None:
        """Write down what a SASL response is made of, its secrets masked."""
        before = self.entries[-1].text.removesuffix(MASK)
        self._unfolded(before, unfold_response(mechanism, self._step, response))
        self._step += 1

    def _unfolded(self, before: str, message: Unfolded) -> None:
        entry = self.entries[-1]
        entry.fields = message.fields
        if message.label:
            entry.text = before + message.label

    def refused(self, refusal: LogonRefused) -> None:
        """Remember why the log-on is refused, for the line that follows."""
        # A copy, because the exception's traceback holds the frames in which the password was. Its texts are
        # plain, because lessons print them.
        self._refusal = LogonRefused(
            str(refusal.reason), refusal.reply, form=str(refusal.form), instead=refusal.instead
        )

    def opened(self, owner: str) -> None:
        self.mailbox = owner

    def message(self, octets: int) -> None:
        """Write down that a message was sent, not its text."""
        words = WORDS[self.lang]
        size = f"{octets:,}".replace(",", words["thousands"])
        self.line("S", words["message"].format(octets=size))

    def tls_established(self) -> None:
        if self.encrypts():
            self.entries.append(Entry("", WORDS[self.lang]["established"], "tls"))
        else:
            self.tls_assumed()

    def tls_assumed(self) -> None:
        """Write down that there is no ciphertext on the wire, although there should be."""
        self.entries.append(Entry("", WORDS[self.lang]["assumed"], "assumed"))

    def lost(self, why: Lost) -> None:
        logon, idle = map(_duration, self.timeouts)
        text = WORDS[self.lang][why].format(logon=logon, idle=idle)
        self.entries.append(Entry("", text, "lost" if why is Lost.CLIENT else "hung-up"))

    def copy(self, *, numbered: bool = True) -> "Conversation":
        """Return a copy that no longer changes, with or without its number in the title."""
        title = self.title if numbered else _title(self.lang, self.tls)
        return Conversation(
            title, self.lang, self.entries[:], self.tls, self.peer, self.timeouts, self.mailbox
        )

    @property
    def lines(self) -> list[str]:
        """The dialogue as it is printed, without the title."""
        return [str(entry) for entry in self.entries]

    def explain(self, name: str = "") -> Explanation:
        """Return the dialogue for a notebook or a page, each line opening into its explanation.

        Args:
            name: a name for links to its lines, different from all others on the page.
        """
        return Explanation(self.title, self.entries, self.lang, name)

    def __str__(self) -> str:
        return "\n".join([self.title, *self.lines])

    __repr__ = __str__


def _duration(seconds: int) -> str:
    return f"{seconds} s" if seconds < 120 or seconds % 60 else f"{seconds // 60} min"


def _title(lang: str, tls: bool, number: str = "") -> str:
    return WORDS[lang]["tls" if tls else "plain"].format(n=number)


class Transcript(Sequence[Conversation]):
    """All sessions of a server, in the order in which they began.

    Args:
        lang: the language of what stands around the lines, ``de`` or ``en``.
        conversations: what there is already.
        encrypts: see `Conversation`.
    """

    def __init__(
        self,
        lang: str = "en",
        conversations: Sequence[Conversation] = (),
        encrypts: Callable[[], bool] = _encrypts,
    ) -> None:
        self._lang = lang
        self._conversations = list(conversations)
        self._encrypts = encrypts

    def begin(
        self, tls: bool, peer: Endpoint | None = None, timeouts: tuple[int, int] = TIMEOUTS
    ) -> Conversation:
        """Open a new conversation; see `Conversation`."""
        title = _title(self._lang, tls, f" {len(self) + 1}")
        conversation = Conversation(
            title, self._lang, tls=tls, peer=peer, timeouts=timeouts, encrypts=self._encrypts
        )
        if tls and not self._encrypts():
            conversation.tls_assumed()
        self._conversations.append(conversation)
        return conversation

    def copy(self) -> "Transcript":
        """Return a copy that no longer changes."""
        return Transcript(self._lang, [conversation.copy() for conversation in self._conversations])

    @overload
    def __getitem__(self, index: int) -> Conversation: ...
    @overload
    def __getitem__(self, index: slice) -> list[Conversation]: ...
    def __getitem__(self, index: int | slice) -> Conversation | list[Conversation]:
        return self._conversations[index]

    def __len__(self) -> int:
        return len(self._conversations)

    def __str__(self) -> str:
        return "\n\n".join(map(str, self._conversations))

    __repr__ = __str__
