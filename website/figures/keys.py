"""The figure `keys`: why a short log-on name has to fit twice, and the UPN does not.

The log-ons take place in a Lab while the site is built; what let them in or not is in its transcript.
"""

from __future__ import annotations

from dataclasses import dataclass

from minipop import Lab
from minipop.exchange import Account
from minipop.protocol import LogonRefused
from website.data import Problem
from website.figures.svg import Picture, figure
from website.marks import Context, mark
from website.words import Section

#: The last version for which the rule of the short names is on record.
EDITION = "2010"


@dataclass(frozen=True)
class Try:
    """What became of a name.

    Args:
        name: what was typed.
        account: the sAMAccountName of the account that was found, empty if none was.
        mailbox: the alias of the mailbox that was found, empty if none was.
    """

    name: str
    account: str
    mailbox: str


def tries() -> list[Try]:
    """Look for Anna and Bernd by their names, as Exchange did up to 2010.

    Raises:
        Problem: the edition does not let in whom the picture lets in.
    """
    lab = Lab(EDITION)
    anna, bernd = (next(a for a in lab.accounts if a.alias == alias) for alias in ("anna", "bernd.mueller"))
    found = [
        *(_short(lab, name) for name in (anna.sam or "", bernd.sam or "", bernd.alias)),
        Try(bernd.upn or "", bernd.sam or "", bernd.alias),
    ]
    for attempt in found:
        account = bernd if attempt.name != anna.sam else anna
        if _lets_in(lab, attempt.name, account) != bool(attempt.account and attempt.mailbox):
            raise Problem(f"Exchange {EDITION} does not treat {attempt.name} as the picture says")
    return found


def _short(lab: Lab, name: str) -> Try:
    account = next((a.sam or "" for a in lab.accounts if a.sam == name), "")
    mailbox = next((a.alias for a in lab.accounts if a.alias == name), "")
    return Try(name, account, mailbox if account else "")


def _lets_in(lab: Lab, name: str, account: Account) -> bool:
    try:
        lab.policy.log_on(name, account.password or "").close()
    except LogonRefused:
        return False
    return True


@mark("figure keys")
def draw(context: Context) -> str:
    """Draw the figure."""
    words = context.words("figure keys")
    picture = Picture("figure-keys")
    for x, what in zip(_DOORS, ("account", "mailbox"), strict=True):
        picture.text(x + _DOOR / 2, 14, words[what], "strong", anchor="middle")
        picture.text(x + _DOOR / 2, 30, words[f"{what}-key"], "small", anchor="middle")
    y, said = 32.0, []
    for number, attempt in enumerate(tries()):
        if number in (0, 3):
            y += 22
            picture.text(0, y, words["upn" if number else "short"], "small strong")
        y = _row(picture, y + 24, attempt, words)
        outcome = "in" if attempt.mailbox else "no-mailbox" if attempt.account else "no-account"
        said.append(words[f"desc-{outcome}"].format(name=attempt.name))
    return figure("keys", [picture.svg(words["title"], " ".join(said))], words)


_DOOR = 138
_DOORS = (26, 195)


def _row(picture: Picture, y: float, attempt: Try, words: Section) -> float:
    """Draw a name, and the doors that it comes to; return where the row ends."""
    picture.icon("key", 9, y - 4)
    picture.text(24, y, attempt.name, "code strong")
    middle, way = y + 25, True
    start = 4.0
    for x, found in zip(_DOORS, (attempt.account, attempt.mailbox), strict=True):
        kind = "box strong" if found else "box" if way else "outline dashed"
        picture.box(x, y + 10, _DOOR, 30, kind)
        if way:
            picture.arrow([(start, middle), (x, middle)])
            picture.icon("yes" if found else "no", x + 14, middle)
            picture.text(x + 28, middle + 4.5, found or words["none"], "code" if found else "small")
        start, way = x + _DOOR, way and bool(found)
    return y + 46
