"""The figure `gates`: what a client has to pass on its way to a mailbox, and for whom each gate is set."""

from __future__ import annotations

from website.figures.svg import WIDTH, Picture, figure
from website.marks import Context, mark

#: From the client to the mailbox: the gate, and what sets it.
_FOR_ALL = {
    "firewall": "995, 110",
    "service": "Start-Service",
    "component": "PopProxy: Active",
    "login-type": "Set-PopSettings",
}
_FOR_ONE = {
    "password": "USER, PASS",
    "mailbox": "Set-CASMailbox",
}

_GATES = 240  #: How wide the gates are; for whom they are set stands beside them.
_HIGH, _STEP = 48, 66


@mark("figure gates")
def draw(context: Context) -> str:
    """Draw the figure."""
    words = context.words("figure gates")
    picture = Picture("figure-gates")
    middle = _GATES / 2
    picture.box(middle - 70, 1, 140, 30, "box", round=15)
    picture.text(middle, 20.5, words["client"], "strong", anchor="middle")
    y, number, said = 31.0, 0, []
    for scope, gates in (("all", _FOR_ALL), ("one", _FOR_ONE)):
        begin = y + _STEP - _HIGH
        for gate, sets in gates.items():
            number += 1
            picture.arrow([(middle, y), (middle, y + _STEP - _HIGH)])
            y += _STEP
            picture.box(1, y - _HIGH, _GATES, _HIGH, "box strong")
            picture.number(20, y - _HIGH / 2, number)
            picture.text(40, y - _HIGH + 20, words[gate], "strong")
            picture.text(40, y - _HIGH + 37, sets, "code")
            said.append(words["desc"].format(number=number, gate=words[gate], sets=sets, scope=words[scope]))
        x = _GATES + 14
        picture.line([(x - 6, begin), (x, begin), (x, y), (x - 6, y)])
        picture.paragraph(x + 7, (begin + y) / 2 - 4, words[scope], WIDTH - x - 7, "small strong")
    picture.arrow([(middle, y), (middle, y + 18)])
    picture.box(middle - 70, y + 18, 140, 30, "box", round=15)
    picture.icon("envelope", middle - 48, y + 33)
    picture.text(middle + 12, y + 37.5, words["inbox"], "strong", anchor="middle")
    return figure("gates", [picture.svg(words["title"], " ".join(said))], words)
