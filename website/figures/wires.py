"""The figures of the line between client and server: `three-ways`, `mallory`, `stripped`.

What is hatched is inside TLS. What is open can be read by anybody on the line.
"""

from __future__ import annotations

from website.figures.svg import LINE, WIDTH, Picture, figure, width, wrap
from website.marks import Context, mark
from website.words import Section

#: On each way: its pieces, with the share of the width that each takes.
_WAYS = {
    "110": (("open", "all", 1.0),),
    "110-stls": (("open", "begin", 0.47), ("hidden", "rest", 0.53)),
    "995": (("hidden", "all", 1.0),),
}


@mark("figure three-ways")
def three_ways(context: Context) -> str:
    """Draw where TLS begins on each port."""
    words = context.words("figure three-ways")
    picture = Picture("figure-three-ways")
    y, said = 0.0, []
    for way, pieces in _WAYS.items():
        y += 16
        picture.text(0, y, words[way], "head")
        x = 1.0
        for kind, what, share in pieces:
            wide = share * (WIDTH - 2)
            _piece(picture, x, y + 10, wide, 60, kind, words[what])
            x += wide
            said.append(words[f"desc-{kind}"].format(way=words[way], what=words[what]))
        y += 94
    picture.reach(y - 20)
    return figure("three-ways", [picture.svg(words["title"], " ".join(said))], words)


@mark("figure mallory")
def mallory(context: Context) -> str:
    """Draw an attacker between two connections that are both encrypted."""
    return _between("mallory", "hidden", context.words("figure mallory"))


@mark("figure stripped")
def stripped(context: Context) -> str:
    """Draw an attacker who has struck the offer of TLS from the first of two connections."""
    return _between("stripped", "open", context.words("figure stripped"))


_PARTY, _HIGH = 72, 66


def _between(name: str, first: str, words: Section) -> str:
    """Draw client, attacker and server, and the two connections between them.

    Args:
        name: the figure's name.
        first: whether the client's connection is ``hidden`` by TLS or ``open``.
        words: the figure's words.
    """
    picture = Picture(f"figure-{name}")
    middle = (WIDTH - _PARTY) / 2
    for x, kind, leg in ((_PARTY, first, "left"), (middle + _PARTY, "hidden", "right")):
        _piece(picture, x, 1 + (_HIGH - 44) / 2, middle - _PARTY, 44, kind, words[f"{leg}-leg"])
    for x, party in ((1.0, "client"), (middle, "mallory"), (WIDTH - 1 - _PARTY, "server")):
        picture.box(x, 1, _PARTY, _HIGH, "box strong")
        picture.text(
            x + _PARTY / 2,
            1 + _HIGH / 2 + (-4 if party == "mallory" else 5),
            words[party],
            "strong",
            anchor="middle",
        )
    picture.icon("eye", WIDTH / 2, 1 + _HIGH / 2 + 14)

    below = _HIGH + 24
    ends = [
        picture.paragraph(1, below, words["left"], 92),
        picture.paragraph(WIDTH / 2, below, words["reads"], 110, "small strong", anchor="middle"),
        picture.paragraph(WIDTH - 1, below, words["right"], 92, anchor="end"),
    ]
    picture.reach(max(ends) - LINE + 6)
    return figure(name, [picture.svg(words["title"], words["desc"])], words)


def _piece(picture: Picture, x: float, y: float, wide: float, high: float, kind: str, text: str) -> None:
    """Draw a piece of a connection with an eye or a lock, and what goes over it."""
    picture.band(x, y, wide, high, kind)
    lines = wrap(text, wide - 16, "small strong")
    room = max(width(line, "small strong") for line in lines) + 12
    tall = LINE * len(lines) + 24
    middle = x + wide / 2
    top = y + (high - tall) / 2
    if kind == "hidden":
        picture.box(middle - room / 2, top, room, tall, "ground", round=3)
    picture.icon("lock" if kind == "hidden" else "eye", middle, top + 10)
    picture.lines(middle, top + 31, lines, "small strong", anchor="middle")
