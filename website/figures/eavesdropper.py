"""The figure `eavesdropper`: what can be read of a session on each port, mechanism by mechanism.

While the site is built, sessions take place in Labs that record, and their bytes are searched. That
something was not found is drawn only if the same search found such a text in another session.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

from minipop import Lab
from minipop.exchange import Account
from minipop.lab.clients import MECHANISMS, Mechanism, Transport, session
from minipop.lab.logon_matrix import LANG, MESSAGE, USER
from minipop.wire import read
from website.data import Problem
from website.figures.svg import LINE, WIDTH, Picture, figure, width, wrap
from website.marks import Context, mark
from website.words import Section

NAME = "eavesdropper"

#: In which Labs the sessions take place: edition, settings, mechanisms. No Exchange takes a token on 110
#: without TLS; minipop's own edition does, so that the picture can show what would be read.
LABS: tuple[tuple[str, dict[str, Any], tuple[str, ...]], ...] = (
    ("2016", {"login_type": "PlainTextLogin"}, ("USER/PASS", "AUTH PLAIN", "AUTH NTLM")),
    ("rfc", {"issuer": True}, ("AUTH XOAUTH2",)),
)


@dataclass(frozen=True)
class Overheard:
    """What was found of one session; each part is the encoding it was found in, empty if it was not.

    Args:
        transport: how the client reached the server.
        mechanism: how it logged on.
        begin: that it asked for STLS.
        name: the log-on name.
        secret: the password or token.
        message: a line of the message.
    """

    transport: Transport
    mechanism: str
    begin: str
    name: str
    secret: str
    message: str

    @property
    def word(self) -> str:
        """What the secret is called."""
        return "token" if self.mechanism == "AUTH XOAUTH2" else "password"

    @property
    def sealed(self) -> bool:
        """Whether nothing but the beginning was found."""
        return not (self.name or self.secret or self.message)


@cache
def sessions() -> tuple[Overheard, ...]:
    """Run the sessions, once for both languages.

    Raises:
        Problem: the search misses a text where it stands in the open, so “not found” proves nothing.
    """
    found: list[Overheard] = []
    for edition, settings, names in LABS:
        with Lab(edition, lang=LANG, record=True, **settings) as lab:
            account = next(account for account in lab.accounts if account.alias == USER)
            found += [_listen(lab, account, way, MECHANISMS[name]) for way in Transport for name in names]
    in_clear = {heard.mechanism: heard for heard in found if heard.transport is Transport.PLAIN}
    for name in in_clear:
        control = in_clear[MECHANISMS[name].control or name]
        if not (control.name and control.secret and control.message):
            raise Problem(f"in clear, the search does not find all of {control.mechanism}")
    return tuple(sorted(found, key=lambda heard: list(Transport).index(heard.transport)))


def _listen(lab: Lab, account: Account, transport: Transport, mechanism: Mechanism) -> Overheard:
    """Fetch a message in a session of its own and search its bytes; no secret is in what is returned."""
    secret = mechanism.secret(lab, account)
    with session(lab, transport, lambda pop: mechanism.log_on(pop, lab, account, secret)) as (pop, _):
        pop.retr(1)
    client, server = lab.wire[-1].sent_by("C"), lab.wire[-1].sent_by("S")
    found = (
        read(client, "STLS"),
        read(client, account.upn or ""),
        read(client, secret),
        read(server, MESSAGE),
    )
    return Overheard(transport, mechanism.name, *(", ".join(reading.found_in) for reading in found))


@mark("figure eavesdropper")
def draw(context: Context) -> str:
    """Draw the figure."""
    words = context.words("figure eavesdropper")
    picture = Picture(f"figure-{NAME}")
    _ends(picture, words)
    y = 44.0
    said = []
    for transport, group in groupby(sessions(), lambda heard: heard.transport):
        y += 26
        picture.text(0, y, words[transport.value], "head")
        y += 8
        for mechanisms, heard in _alike(list(group)):
            label = ", ".join(mechanisms)
            for line in wrap(label, WIDTH, "code"):
                y += LINE
                picture.text(0, y, line, "code")
            parts = list(_parts(heard, words))
            _wire(picture, y + 6, parts, words)
            y += 6 + _HEIGHT + 4
            said.append(_sentence(words, transport, label, parts))
    y += 10
    for kind in ("open", "hidden", "absent"):
        y += 22
        picture.band(1, y - 13, 34, 18, kind)
        _icon(picture, 18, y - 4, kind)
        picture.text(44, y, words[f"legend-{kind}"], "small")
    return figure(NAME, [picture.svg(words["title"], " ".join(said))], words, count=len(sessions()))


_HEIGHT = 44


@dataclass(frozen=True)
class _Part:
    """A piece of a session: what it is, how much room it takes, what became of it and how it is encoded."""

    what: str
    share: float
    kind: str
    how: str


def _alike(group: list[Overheard]) -> Iterator[tuple[list[str], Overheard]]:
    """Give the sessions of one transport, those that look the same together."""
    rows: dict[tuple[str, ...], list[Overheard]] = {}
    for heard in group:
        outcome = (heard.begin, heard.name, heard.secret, heard.message, "" if heard.sealed else heard.word)
        rows.setdefault(outcome, []).append(heard)
    for row in rows.values():
        yield [heard.mechanism for heard in row], row[0]


def _parts(heard: Overheard, words: Section) -> Iterator[_Part]:
    """Give the pieces of a session in their order. What is not there without TLS was not sent."""
    hidden = "absent" if heard.transport is Transport.PLAIN else "hidden"

    def part(what: str, share: float, found: str) -> _Part:
        how = words["base64" if "base64" in found else "plain"] if found else ""
        return _Part(words[what], share, "open" if found else hidden, how)

    if heard.begin:
        yield part("begin", 0.8, heard.begin)
    yield part("name", 0.9, heard.name)
    yield part("secret" if heard.sealed else heard.word, 1.5, heard.secret)
    yield part("message", 0.9, heard.message)


def _wire(picture: Picture, y: float, parts: list[_Part], words: Section) -> None:
    """Draw a session as a band."""
    unit = (WIDTH - 2) / sum(part.share for part in parts)
    x = 1.0
    for part in parts:
        wide = part.share * unit
        picture.band(x, y, wide, _HEIGHT, part.kind)
        middle = x + wide / 2
        lines = part.what.splitlines()
        room = max(width(line, "small strong") for line in lines) + 24
        if part.kind == "hidden":
            high = 6 + LINE * len(lines)
            picture.box(middle - room / 2, y + (_HEIGHT - high) / 2, room, high, "ground", round=3)
        else:
            lines_below = [part.how or words["absent"]]
            picture.lines(middle, y + 35, lines_below, "small", anchor="middle")
        top = y + (18 if part.kind != "hidden" else 26.5 - LINE * (len(lines) - 1) / 2)
        shift = 9 if part.kind != "absent" else 0
        picture.lines(middle + shift, top, lines, "small strong", anchor="middle")
        _icon(picture, middle - room / 2 + 10, y + 14 if part.kind == "open" else y + 22, part.kind)
        x += wide


def _icon(picture: Picture, x: float, y: float, kind: str) -> None:
    """Draw an eye or a lock, its middle at a place."""
    if kind == "open":
        picture.icon("eye", x, y)
    elif kind == "hidden":
        picture.box(x - 8, y - 8, 16, 16, "ground", round=2)
        picture.icon("lock", x, y)


def _ends(picture: Picture, words: Section) -> None:
    """Draw client and server, the line between them, and an eye above it."""
    picture.line([(80, 22), (WIDTH - 80, 22)])
    for x, name in ((1, "client"), (WIDTH - 81, "server")):
        picture.box(x, 6, 80, 32)
        picture.text(x + 40, 26.5, words[name], "strong", anchor="middle")
    picture.box(WIDTH / 2 - 22, 8, 44, 28, "ground", round=0)
    picture.shape("M-16 0Q0 -19 16 0Q0 19 -16 0Z", "icon", (WIDTH / 2, 22))
    picture.shape("M-5 0A5 5 0 1 1 5 0A5 5 0 1 1 -5 0Z", "dot", (WIDTH / 2, 22))


def _sentence(words: Section, transport: Transport, label: str, parts: list[_Part]) -> str:
    told = [
        words[f"desc-{part.kind}"].format(what=" ".join(part.what.split()), how=part.how) for part in parts
    ]
    return words["desc-row"].format(transport=words[transport.value], mechanisms=label, parts=", ".join(told))
