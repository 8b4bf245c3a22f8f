"""The figure `deletion`: the way of a message that POP3 deletes, edition by edition.

Where it goes is looked at: in a mailbox of each edition a message is deleted, purged and left lying until
its time is over. Editions in which the same happens share a lane.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from minipop import Lab
from minipop.exchange import EDITIONS, BackupRestore, SettingsError
from minipop.exchange.sources import Evidence
from minipop.lab.recovery_matrix import METHODS
from minipop.mailbox import DELETIONS, INBOX, PURGES, DeletesTo
from website.data import Problem
from website.figures.svg import LINE, Picture, figure
from website.marks import Context, mark
from website.words import Section

NAME = "deletion"

ALIAS = "anna"


@dataclass(frozen=True)
class Fate:
    """What becomes of a message in an edition.

    Args:
        place: the hidden folder where it is after QUIT, as `minipop.mailbox.Mailbox.hidden` names it.
        days: for how many days it stays there.
        assumed: whether these days have no public source.
        purged: the hidden folder where it is once its user has purged it, empty if it is gone.
        backup: whether administrators can restore a backup of the database.
    """

    place: str
    days: int
    assumed: bool
    purged: str
    backup: bool


@cache
def lanes() -> tuple[tuple[tuple[str, ...], Fate], ...]:
    """Return the editions that imitate an Exchange, neighbours with the same fate together."""
    names = [name for name, edition in EDITIONS.items() if edition.deletes_to.value is not DeletesTo.NOWHERE]
    return tuple((tuple(group), fate) for fate, group in groupby(names, _fate))


def _fate(name: str) -> Fate:
    """Delete a message in a mailbox, purge it, and let its time pass.

    Raises:
        Problem: the mailbox does not do what the picture says.
    """
    edition = EDITIONS[name]
    days = edition.retention_days.value
    place, purged = _where(name, _wait), _where(name, _purge)
    kept = _where(name, _wait, days - 0.5)
    late = _where(name, _wait, days) or _where(name, _purge, days)
    if place not in (INBOX, DELETIONS) or kept != place or purged not in ("", PURGES) or late:
        raise Problem(f"Exchange {name} does not delete as the picture says")
    if Evidence.ASSUMED in (edition.deletes_to.source.kind, edition.single_item_recovery.source.kind):
        raise Problem(f"what Exchange {name} does is assumed, and the picture does not say so")
    assumed = edition.retention_days.source.kind is Evidence.ASSUMED
    return Fate(place, days, assumed, purged, _has_backup(name))


def _where(name: str, act: Callable[[Lab], object], days: float = 0) -> str:
    """Delete a message as QUIT does, do something, and let days pass.

    Returns:
        the hidden folder that holds the message then, empty if none does.

    Raises:
        Problem: it is where its user sees it.
    """
    lab = Lab(name)
    mailbox = lab.mailbox(ALIAS)
    drop = mailbox.open_maildrop()
    lost = drop.messages[0]
    drop.delete([lost])
    drop.close()
    act(lab)
    lab.fast_forward(days)
    if any(message.uid == lost.uid for folder in mailbox.folders.values() for message in folder):
        raise Problem(f"in Exchange {name} a folder shows what POP3 has deleted")
    holding = (hidden for hidden, folder in mailbox.hidden.items() for message in folder if message is lost)
    return next(holding, "")


def _wait(_: Lab) -> None:
    pass


def _purge(lab: Lab) -> None:
    lab.purge_deleted_items(ALIAS, dumpster_always_on=True)


def _has_backup(name: str) -> bool:
    """Try to bring mail back from a backup.

    2000 did that on a second server (lesson 06, cited): there is a backup, and nothing to try.
    """
    lab = Lab(name)
    if lab.settings.edition.backup_restore.value is BackupRestore.RECOVERY_SERVER:
        return True
    try:
        METHODS["Backup"](lab, lab.backup())
    except SettingsError:
        return False
    return True


@mark("figure deletion")
def draw(context: Context) -> str:
    """Draw the figure: a picture for each lane."""
    words = context.words("figure deletion")
    pictures = []
    for number, (names, fate) in enumerate(lanes(), start=1):
        shown = [name.upper() if name == "se" else name.capitalize() for name in names]
        lane = f"Exchange {shown[0]}" + (f"–{shown[-1]}" if len(shown) > 1 else "")
        picture = Picture(f"figure-{NAME}-{number}", _WIDTH)
        time = [words["time"].format(days=fate.days), *([words["assumed"]] if fate.assumed else [])]
        backup = "backup" if fate.backup else "no-backup"
        _lane(picture, lane, fate, time, backup, words)
        where = {"past": words["past"], "place": words[fate.place], "where": words[f"in-{fate.place}"]}
        after = {"purged": words[f"desc-{fate.purged}"], "backup": words[f"desc-{backup}"]}
        said = words["desc"].format(lane=lane, time=" ".join(time), **where, **after)
        pictures.append(picture.svg(words["title"].format(lane=lane), said))
    return figure(NAME, pictures, words)


_WIDTH = 300
_LEFT, _RIGHT = 30, 150  # where the arrows run


def _lane(picture: Picture, lane: str, fate: Fate, time: list[str], backup: str, words: Section) -> None:
    """Draw a lane from top to bottom."""
    picture.text(1, 16, lane, "head")
    _place(picture, 1, 28, words["inbox"], "", "box strong")
    picture.arrow([(_LEFT, 60), (_LEFT, 110)])
    picture.text(_LEFT + 12, 82, words["quit"], "small strong")
    picture.text(_LEFT + 12, 82 + LINE, words["past"], "small")
    _place(picture, 1, 110, words[fate.place], words[f"in-{fate.place}"], "box strong")
    picture.lines(_LEFT + 12, 182, time, "small")
    picture.lines(_RIGHT + 12, 182, words["purge"].splitlines(), "small")
    end = 324 if fate.purged else 232
    picture.arrow([(_LEFT, 160), (_LEFT, end)])
    if fate.purged:
        picture.arrow([(_RIGHT, 160), (_RIGHT, 230)])
        _place(picture, 106, 230, words[fate.purged], words[f"in-{fate.purged}"], "box strong")
        picture.arrow([(_RIGHT, 280), (_RIGHT, end)])
        picture.lines(_RIGHT + 12, 298, words["same-time"].format(days=fate.days).splitlines(), "small")
    else:
        picture.arrow([(_RIGHT, 160), (_RIGHT, end)])
    _place(picture, 1, end, words["gone"], "", "outline dashed")
    picture.text(1, end + 58, words["left"], "small")
    kind = "box" if fate.backup else "outline dashed"
    _place(picture, 1, end + 66, words[backup], words[f"in-{backup}"], kind)


def _place(picture: Picture, x: float, y: float, name: str, more: str, kind: str) -> None:
    """Draw a box with a name and a line about it."""
    picture.box(x, y, _WIDTH - 1 - x, 50 if more else 32, kind)
    picture.text(x + 12, y + 21, name, "strong")
    if more:
        picture.text(x + 12, y + 21 + LINE + 2, more, "small")
