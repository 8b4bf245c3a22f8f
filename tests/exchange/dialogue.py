"""A mechanism whose dialogue a test plays by hand, with fakes above and below it."""

from collections.abc import Callable, Generator, Mapping

import pytest

from minipop.exchange import Account
from minipop.protocol import Challenge, LogonRefused, Maildrop
from tests.support import FakeMaildrop

Find = Callable[[str, str], Account | None]
Open = Callable[[Account], Maildrop]


class Played:
    """A mechanism that looks people up and opens one maildrop.

    Args:
        known: who is found, by domain or realm and name.
        start: starts the mechanism.
        first: the first challenge, which is expected.
    """

    def __init__(
        self,
        known: Mapping[tuple[str, str], Account],
        start: Callable[[Find, Open], Generator[Challenge, bytes, Maildrop]],
        first: Challenge = b"",
    ) -> None:
        self._known = known
        self.asked: list[tuple[str, str]] = []
        self.opened: list[Account] = []
        self.maildrop = FakeMaildrop([])
        self.dialogue = start(self.find, self.open)
        assert next(self.dialogue) == first

    def find(self, domain: str, user: str) -> Account | None:
        """Find one of the known, and remember who was asked for."""
        self.asked.append((domain, user))
        return self._known.get((domain, user))

    def open(self, account: Account) -> Maildrop:
        """Open the one maildrop and remember whose it was to be."""
        self.opened.append(account)
        return self.maildrop

    def hear(self, response: bytes) -> bytes:
        """Hand over a response, which must not be the last one."""
        challenge = self.dialogue.send(response)
        assert isinstance(challenge, bytes)
        return challenge

    def ends(self, response: bytes) -> Maildrop:
        with pytest.raises(StopIteration) as end:
            self.dialogue.send(response)
        maildrop: Maildrop = end.value.value
        return maildrop

    def refuses(self, response: bytes) -> str:
        """Hand over a response that ends the dialogue; return the reason."""
        with pytest.raises(LogonRefused) as refusal:
            self.dialogue.send(response)
        assert self.opened == []
        return refusal.value.reason
