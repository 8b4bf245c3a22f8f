"""The figures that show who says what to whom, in its order: `session`, `token`, `ntlm`, `kerberos`.

Time runs down; each party has a line. What they say is in the words of the figure, and the steps are tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from minipop.protocol.states import State
from website.figures.svg import LINE, WIDTH, Picture, figure, width, wrap
from website.marks import Context, mark
from website.words import Section


class Says(NamedTuple):
    """A party says something to another.

    Args:
        start: the one who says it, counted from 0.
        end: the one who hears it.
        what: the key of its words.
        code: what it looks like on the wire.
        icon: what it carries, of the icons that pictures share.
    """

    start: int
    end: int
    what: str
    code: str = ""
    icon: str = ""


class Note(NamedTuple):
    """What one party does by itself.

    Args:
        party: which one, counted from 0.
        what: the key of its words.
        icon: what it works with.
    """

    party: int
    what: str
    icon: str = ""


Step = Says | Note | State  #: A state is a line across: what follows happens in it.

_SESSION: tuple[Step, ...] = (
    State.AUTHORIZATION,
    Says(1, 0, "greets", "+OK"),
    Says(0, 1, "who", "USER, PASS", "key"),
    Says(1, 0, "lets-in", "+OK"),
    State.TRANSACTION,
    Says(0, 1, "asks", "STAT, LIST"),
    Says(1, 0, "counts", "+OK"),
    Says(0, 1, "wants", "RETR 1"),
    Says(1, 0, "message", "+OK", "envelope"),
    Says(0, 1, "leaves", "QUIT"),
    State.UPDATE,
    Note(1, "deletes"),
    Says(1, 0, "ends", "+OK"),
)

_TOKEN: tuple[Step, ...] = (
    Says(0, 1, "asks"),
    Says(1, 0, "code"),
    Says(0, 1, "signs-in", icon="key"),
    Says(0, 1, "collects"),
    Says(1, 0, "token"),
    Says(0, 2, "shows", "AUTH XOAUTH2"),
    Note(2, "verifies"),
    Says(2, 0, "lets-in", "+OK"),
)

_NTLM: tuple[Step, ...] = (
    Says(0, 1, "type-1", "NTLM 1"),
    Says(1, 0, "type-2", "NTLM 2"),
    Note(0, "computes", "key"),
    Says(0, 1, "type-3", "NTLM 3"),
    Note(1, "compares", "key"),
    Says(1, 0, "lets-in", "+OK"),
)

_KERBEROS: tuple[Step, ...] = (
    Says(0, 1, "proves", icon="key"),
    Says(1, 0, "first"),
    Says(0, 1, "asks"),
    Says(1, 0, "ticket", icon="lock"),
    Says(0, 2, "shows", "AUTH GSSAPI"),
    Note(2, "opens", "key"),
    Says(2, 0, "answers"),
)


@mark("figure session")
def session(context: Context) -> str:
    """Draw a session from the greeting to the farewell."""
    return _drawn("session", 2, _SESSION, context)


@mark("figure token")
def token(context: Context) -> str:
    """Draw how a token is fetched and shown."""
    return _drawn("token", 3, _TOKEN, context)


@mark("figure ntlm")
def ntlm(context: Context) -> str:
    """Draw the three messages of NTLM."""
    return _drawn("ntlm", 2, _NTLM, context)


@mark("figure kerberos")
def kerberos(context: Context) -> str:
    """Draw how a ticket is fetched and shown."""
    return _drawn("kerberos", 3, _KERBEROS, context)


def _drawn(name: str, count: int, steps: Sequence[Step], context: Context) -> str:
    """Draw a figure.

    Args:
        name: its name.
        count: how many parties there are; the words call them ``party-0``, ``party-1``, …
        steps: what happens, in order.
        context: where it is drawn.
    """
    words = context.words(f"figure {name}")
    parties = [words[f"party-{number}"] for number in range(count)]
    dialogue = _Dialogue(f"figure-{name}", parties)
    for step in steps:
        dialogue.draw(step, words)
    said = [_sentence(step, parties, words, context.words("figures")) for step in steps]
    return figure(name, [dialogue.end().svg(words["title"], " ".join(said))], words)


def _sentence(step: Step, parties: list[str], words: Section, phrases: Section) -> str:
    """Say a step for those who do not see it."""
    if isinstance(step, State):
        return phrases["state"].format(state=step.value)
    what = words[step.what]
    if isinstance(step, Note):
        return phrases["note"].format(party=parties[step.party], what=what)
    if step.code:
        what = f"{step.code}, {what}"
    return phrases["says"].format(start=parties[step.start], end=parties[step.end], what=what)


class _Dialogue:
    """Draws steps below each other, and the lines of the parties along with them."""

    def __init__(self, id: str, parties: list[str]) -> None:
        self.picture = Picture(id)
        room = (WIDTH - 2 - 10 * (len(parties) - 1)) / len(parties)
        wide = min(room, 130)
        last = len(parties) - 1
        self._at = [1 + wide / 2 + number * (WIDTH - 2 - wide) / last for number in range(len(parties))]
        lines = max(len(wrap(party, wide - 16, "strong")) for party in parties)
        for x, party in zip(self._at, parties, strict=True):
            shown = wrap(party, wide - 16, "strong")
            self.picture.box(x - wide / 2, 1, wide, 16 + LINE * lines, "box strong")
            first = 1 + 21 + LINE * (lines - len(shown)) / 2
            self.picture.lines(x, first, shown, "strong", anchor="middle")
        self._y = self._top = 17.0 + LINE * lines

    def draw(self, step: Step, words: Section) -> None:
        """Draw a step."""
        if isinstance(step, State):
            self._state(step.value)
        elif isinstance(step, Note):
            self._note(step, words[step.what])
        else:
            self._says(step, words[step.what])

    def end(self) -> Picture:
        """Draw the parties' lines behind all steps; return the picture."""
        for x in self._at:
            self.picture.line([(x, self._top), (x, self._y)], "line dashed thin", behind=True)
        return self.picture

    def _on(self, height: float) -> float:
        """Go down; return where it was."""
        before, self._y = self._y, self._y + height
        return before

    def _state(self, name: str) -> None:
        y = self._on(34) + 20
        self.picture.line([(0, y), (WIDTH, y)], "line thin")
        self.picture.text(WIDTH / 2, y + 4, name, "small strong", anchor="middle", plate=True)

    def _says(self, step: Says, text: str) -> None:
        start, end = self._at[step.start], self._at[step.end]
        middle = (start + end) / 2
        lines = [(line, "small") for line in wrap(text, abs(end - start) - 16, "small")]
        if step.code:
            lines.insert(0, (step.code, "code strong"))
        y = self._on(LINE * len(lines) + (28 if step.icon else 22)) + 20
        for line, kind in lines:
            self.picture.text(middle, y, line, kind, anchor="middle", plate=abs(step.end - step.start) > 1)
            y += LINE
        y -= 2 if step.icon else 8
        self.picture.arrow([(start, y), (end, y)])
        if step.icon:
            self.picture.box(middle - 13, y - 8, 26, 16, "ground", round=0)
            self.picture.icon(step.icon, middle, y)

    def _note(self, step: Note, text: str) -> None:
        x, margin = self._at[step.party], 28 if step.icon else 8
        lines = wrap(text, 140, "small")
        wide = max(width(line, "small") for line in lines) + margin + 8
        left = min(max(1, x - wide / 2), WIDTH - 1 - wide)
        height = LINE * len(lines) + 10
        y = self._on(height + 14) + 12
        self.picture.box(left, y, wide, height)
        if step.icon:
            self.picture.icon(step.icon, left + 16, y + 13)
        self.picture.lines(left + margin, y + 17, lines, "small")
