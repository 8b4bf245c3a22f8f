"""The figures of who sees what of a mailbox: `maildrop`, `copies`."""

from __future__ import annotations

from minipop import Lab
from minipop.mailbox import INBOX
from website.figures.svg import WIDTH, Picture, figure
from website.marks import Context, mark
from website.words import Section

USER = "anna"

_FOLDERS = 218  # how wide the mailbox is; what looks at it is beside it
_ROW = 38


@mark("figure maildrop")
def maildrop(context: Context) -> str:
    """Draw the folders of a mailbox, and that POP3 sees one of them."""
    words = context.words("figure maildrop")
    folders = Lab(lang=context.lang).mailbox(USER).folders
    counts = {key: len(folder) for key, folder in folders.items()}
    names = {key: folder.name for key, folder in folders.items()}
    rest = (words["calendar"], words["contacts"])

    picture = Picture("figure-maildrop")
    bottom = 34 + _ROW * (len(counts) + len(rest)) + 4
    picture.box(1, 1, _FOLDERS, bottom - 1, "outline")
    picture.text(12, 22, words["mailbox"], "head")
    y = 34.0
    for name, count in counts.items():
        picture.box(10, y, _FOLDERS - 18, _ROW - 8, "box strong" if name == INBOX else "box")
        picture.icon("envelope", 26, y + 15)
        picture.text(42, y + 19.5, names[name], "strong" if name == INBOX else "small")
        picture.text(_FOLDERS - 16, y + 19.5, str(count), "small strong", anchor="end")
        y += _ROW
    for name in rest:
        picture.box(10, y, _FOLDERS - 18, _ROW - 8, "box")
        picture.text(42, y + 19.5, name, "small")
        y += _ROW

    left, inbox = _FOLDERS + 34, 34 + (_ROW - 8) / 2
    picture.node(left, inbox - 16, WIDTH - 1 - left, "POP3")
    picture.arrow([(_FOLDERS - 8, inbox), (left, inbox)])
    picture.line(
        [(_FOLDERS + 8, 34), (_FOLDERS + 16, 34), (_FOLDERS + 16, bottom - 12), (_FOLDERS + 8, bottom - 12)]
    )
    middle = (inbox + bottom) / 2
    picture.arrow([(_FOLDERS + 16, middle), (left, middle)])
    picture.node(left, middle - 16, WIDTH - 1 - left, "Outlook")
    said = words["desc"].format(
        inbox=counts[INBOX],
        all=sum(counts.values()),
        folders=", ".join(names.values()),
    )
    return figure("maildrop", [picture.svg(words["title"], said)], words)


_WIDTH, _DEVICE = 300, 138


@mark("figure copies")
def copies(context: Context) -> str:
    """Draw two devices on one mailbox, with POP3 and with protocols that keep it in step."""
    words = context.words("figure copies")
    pictures = []
    for way in ("pop3", "in-step"):
        picture = Picture(f"figure-copies-{way}", _WIDTH)
        _devices(picture, way, words)
        pictures.append(picture.svg(words[way], words[f"desc-{way}"]))
    return figure("copies", pictures, words)


def _devices(picture: Picture, way: str, words: Section) -> None:
    picture.text(1, 16, words[way], "head")
    picture.node(1, 28, _WIDTH - 2, words["server"], words["mailbox"])
    for x, device in ((1.0, "laptop"), (_WIDTH - 1 - _DEVICE, "phone")):
        middle = x + _DEVICE / 2
        picture.arrow([(middle, 78), (middle, 126)])
        if way == "in-step":
            picture.arrow([(middle, 102), (middle, 78)])
        picture.icon("envelope", middle + 18, 100)
        kind = "box strong" if way == "in-step" else "box"
        end = picture.node(x, 126, _DEVICE, words[device], words[f"{device}-{way}"], kind)
    picture.paragraph(1, end + 22, words[f"says-{way}"], _WIDTH - 2)
