"""The figures of deleted messages: `mark-or-delete`, and `ways-back`."""

from __future__ import annotations

from collections.abc import Iterable

from minipop import Lab
from minipop.protocol import Session
from website.figures.svg import WIDTH, Picture, figure, wrap
from website.marks import Context, mark

USER = "anna"

_HALF = 162
_MARKED = 1  #: Which of the three messages is marked, counted from 0.


@mark("figure mark-or-delete")
def mark_or_delete(context: Context) -> str:
    """Draw two sessions that mark a message: one says QUIT, the other breaks off."""
    words = context.words("figure mark-or-delete")
    picture, said = Picture("figure-mark-or-delete"), []
    for x, end in ((1.0, "quit"), (WIDTH - 1 - _HALF, "lost")):
        left = [number for number in range(3) if number != _MARKED or not _deletes(end)]
        picture.text(x, 16, words[end], "head")
        y = _letters(picture, x, 26, words["before"], range(3))
        y = _step(picture, x, y, "DELE 2", "code strong")
        y = _letters(picture, x, y, words["marked"], range(3), crossed=_MARKED)
        y = _step(picture, x, y, words[f"{end}-step"], "code strong" if end == "quit" else "small strong")
        _letters(picture, x, y, words["after"], left)
        said.append(words[f"desc-{end}"].format(left=len(left)))
    return figure("mark-or-delete", [picture.svg(words["title"], " ".join(said))], words)


def _deletes(end: str) -> bool:
    """Mark a message in a session and end it; return whether the message is gone."""
    lab = Lab()
    account = next(account for account in lab.accounts if account.alias == USER)
    session = Session(lab.policy, tls=True)
    lines = [f"USER {account.upn}", f"PASS {account.password}", f"DELE {_MARKED + 1}"]
    session.receive_data("".join(f"{line}\r\n" for line in [*lines, *["QUIT"][: end == "quit"]]).encode())
    before = len(lab.mailbox(USER).inbox)
    while session.data_to_send():
        continue
    session.connection_lost()
    return len(lab.mailbox(USER).inbox) < before


def _step(picture: Picture, x: float, y: float, text: str, kind: str) -> float:
    """Draw what happens between two rows of messages; return where the next one begins."""
    picture.arrow([(x + 24, y + 4), (x + 24, y + 44)])
    lines = wrap(text, _HALF - 40, kind)
    picture.lines(x + 36, y + (28 if len(lines) == 1 else 20), lines, kind)
    return y + 44


def _letters(
    picture: Picture, x: float, y: float, says: str, numbers: Iterable[int], crossed: int = -1
) -> float:
    """Draw messages with their numbers on the server; return where they end."""
    picture.box(x, y, _HALF, 66)
    picture.text(x + 10, y + 18, says, "small")
    for number in numbers:
        middle = x + 30 + 48 * number
        picture.icon("envelope", middle, y + 36)
        picture.text(middle, y + 57, str(number + 1), "small", anchor="middle")
        if number == crossed:
            picture.icon("no", middle + 16, y + 36)
    return y + 66


#: Where a deleted message may still be, from top to bottom, and the ways that lead back from there.
_PLACES = {
    "deletions": (1, 2, 3),
    "purges": (2, 3),
    "backup": (4,),
    "client": (5,),
}


@mark("figure ways-back")
def ways_back(context: Context) -> str:
    """Draw where a deleted message may still be, and who brings it back from there."""
    words = context.words("figure ways-back")
    picture = Picture("figure-ways-back")
    rail = WIDTH - 14
    y = picture.node(1, 1, WIDTH - 2, words["visible"], words["in-visible"])
    top, said = y, []
    for place, ways in _PLACES.items():
        start = y + 18
        room = rail - 34
        names = [words[f"way-{way}"] for way in ways]
        height = 46 + 24 * len(ways)
        picture.box(1, start, room, height)
        picture.text(12, start + 20, words[place], "strong")
        picture.text(12, start + 37, words[f"in-{place}"], "small")
        for number, name in zip(ways, names, strict=True):
            at = start + 46 + 24 * ways.index(number) + 8
            picture.number(22, at, number)
            picture.text(38, at + 4.5, name, "small")
        picture.line([(1 + room, start + height / 2), (rail, start + height / 2)])
        said.append(
            words["desc"].format(place=words[place], where=words[f"in-{place}"], ways=", ".join(names))
        )
        y = start + height
        last = start + height / 2
    picture.arrow([(rail, last), (rail, top)])
    return figure("ways-back", [picture.svg(words["title"], " ".join(said))], words)
