"""The dialogue of each session as ``C:`` and ``S:`` lines: secrets masked, the same in every run."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, overload

#: What a transcript says besides the lines themselves. Ports bear their well-known numbers.
WORDS = {
    "de": {
        "plain": "Sitzung {n}, Port 110",
        "tls": "Sitzung {n}, Port 995 (TLS)",
        "message": "(Inhalt ausgelassen, {octets} Bytes)",
        "established": "(ab hier verschlüsselt)",
        "lost": "(Verbindung ohne QUIT beendet)",
        "thousands": ".",
    },
    "en": {
        "plain": "Session {n}, port 110",
        "tls": "Session {n}, port 995 (TLS)",
        "message": "(content left out, {octets} bytes)",
        "established": "(encrypted from here on)",
        "lost": "(connection ended without QUIT)",
        "thousands": ",",
    },
}


@dataclass
class Conversation:
    """One session; see `minipop.protocol.Observer`.

    Args:
        title: its number and port, in the reader's language.
        words: what else it says, in the reader's language.
        lines: the dialogue.
    """

    title: str
    words: dict[str, str]
    lines: list[str] = field(default_factory=list)

    def line(self, who: Literal["C", "S"], text: str) -> None:
        """Write down a line."""
        self.lines.append(f"{who}: {text}")

    def message(self, octets: int) -> None:
        """Write down that a message was sent, not its text."""
        size = f"{octets:,}".replace(",", self.words["thousands"])
        self.line("S", self.words["message"].format(octets=size))

    def tls_established(self) -> None:
        """Write down that TLS began."""
        self.lines.append(f"   {self.words['established']}")

    def lost(self) -> None:
        """Write down that the connection broke off."""
        self.lines.append(f"   {self.words['lost']}")

    def __str__(self) -> str:
        return "\n".join([self.title, *self.lines])

    __repr__ = __str__


class Transcript(Sequence[Conversation]):
    """All sessions of a server, in the order in which they began.

    Args:
        lang: the language of what stands around the lines, ``de`` or ``en``.
        conversations: what there is already.
    """

    def __init__(self, lang: str = "en", conversations: Sequence[Conversation] = ()) -> None:
        self._lang = lang
        self._conversations = list(conversations)

    def begin(self, tls: bool) -> Conversation:
        """Open a new conversation; `tls` tells whether it is encrypted from the start."""
        words = WORDS[self._lang]
        title = words["tls" if tls else "plain"].format(n=len(self) + 1)
        self._conversations.append(Conversation(title, words))
        return self._conversations[-1]

    def copy(self) -> "Transcript":
        """Return a copy that no longer changes."""
        copies = [Conversation(c.title, c.words, c.lines[:]) for c in self._conversations]
        return Transcript(self._lang, copies)

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
