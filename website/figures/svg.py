"""What all figures are drawn with: text that wraps, boxes, arrows, bands, icons, and the frame.

A picture is 340 units wide or less, about the width of a phone's screen: there a unit is a pixel, and no
text is smaller than 12 units. Colours and fonts are classes, whose rules stand at the end of
docs/assets/site.css; they use the theme's variables, so that one picture serves the light and the dark
scheme and paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

WIDTH = 340
LINE = 16  #: From one line of text to the next.

#: How wide characters are, in thousandths of the font's size. They are those of DejaVu Sans, the widest font
#: that a reader's system is likely to take for Helvetica: text that fits with it fits with all.
_WIDTHS = {
    "ijl'|": (280, 340),
    "IJ": (290, 370),
    " ,.‘’·": (320, 380),
    "/:;\\": (340, 400),
    "fr-": (400, 490),
    "()t!": (400, 480),
    "szc„“”": (550, 660),
    '"*_–': (500, 520),
    "LFkvxyPTYaoe": (620, 690),
    "ESbdghnpqu0123456789": (640, 730),
    "KAVBRXZC": (700, 770),
    "UHNDGOQw": (820, 920),
    "+=<>→Mm…W": (1000, 1100),
}
_WIDTH = {character: widths for characters, widths in _WIDTHS.items() for character in characters}

#: The classes of text: size, whether it is bold, whether every character is as wide as any other.
_KINDS = {
    "": (13.0, False, False),
    "small": (12.0, False, False),
    "strong": (13.0, True, False),
    "small strong": (12.0, True, False),
    "head": (14.0, True, False),
    "code": (12.0, False, True),
    "code strong": (12.0, True, True),
}


def width(text: str, kind: str = "") -> float:
    """Return how wide a text may become at most, in units."""
    size, bold, code = _KINDS[kind]
    if code:
        return 0.61 * size * len(text)
    base = text.translate(_PLAIN)
    return sum(_WIDTH.get(character, (820, 920))[bold] for character in base) * size / 1000


_PLAIN = str.maketrans("ÄÖÜäöüß", "AOUaoub")


def wrap(text: str, room: float, kind: str = "") -> list[str]:
    """Break a text into lines that fit: between words, at soft hyphens, and elsewhere only if it must."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if width(longer.replace("\u00ad", ""), kind) <= room:
            line = longer
            continue
        for head, tail in _breaks(word):
            joined = f"{line} {head}" if line else head
            if width(joined.replace("\u00ad", ""), kind) <= room:
                line, word = joined, tail
                break
        if line:
            lines.append(line)
        while width(word.replace("\u00ad", ""), kind) > room:
            head, word = next(
                (head, tail)
                for head, tail in [*_breaks(word), *_anywhere(word)]
                if width(head.replace("\u00ad", ""), kind) <= room
            )
            lines.append(head)
        line = word
    return [line.replace("\u00ad", "") for line in [*lines, line]]


def _breaks(word: str) -> Iterable[tuple[str, str]]:
    """Give the places where a word may be broken, the longest head first."""
    for at in range(len(word) - 1, 0, -1):
        if word[at] == "\u00ad":
            yield f"{word[:at]}-", word[at + 1 :]
        elif word[at - 1] in "-/" and word[at] not in "-/":
            yield word[:at], word[at:]


def _anywhere(word: str) -> Iterable[tuple[str, str]]:
    return ((word[:at], word[at:]) for at in range(len(word) - 1, 0, -1))


#: What is small and means the same in every picture: paths and their classes, around the middle.
_ICONS = {
    "eye": (("M-7 0Q0 -8 7 0Q0 8 -7 0Z", "icon"), ("M-2 0A2 2 0 1 1 2 0A2 2 0 1 1 -2 0Z", "dot")),
    "lock": (("M-5 -1H5V6H-5Z", "dot"), ("M-3 -1V-3A3 3 0 0 1 3 -3V-1", "icon")),
    "key": (("M-8 0A3 3 0 1 1 -2 0A3 3 0 1 1 -8 0Z", "icon"), ("M-2 0H7V4M3.5 0V3", "icon")),
    "envelope": (("M-8 -5.5H8V5.5H-8Z", "mark thin"), ("M-8 -5.5L0 1L8 -5.5", "icon")),
    "yes": (("M-5 0L-1.5 4L5 -4.5", "icon bold"),),
    "no": (("M-4.5 -4.5L4.5 4.5M-4.5 4.5L4.5 -4.5", "icon bold"),),
}


class Picture:
    """A drawing; its height is what the lowest part of it needs.

    Args:
        id: unique on the page, begins the ids inside the picture.
        width: its width.
    """

    def __init__(self, id: str, width: float = WIDTH) -> None:
        self.id = id
        self.width = width
        self.height = 0.0
        self._parts: list[str] = []

    # -- parts ------------------------------------------------------------------------------------

    def text(
        self,
        x: float,
        y: float,
        text: str,
        kind: str = "",
        *,
        anchor: str = "",
        tone: str = "",
        plate: bool = False,
    ) -> None:
        """Write one line.

        Args:
            x: where it starts, or where its middle or end is.
            y: its base line.
            text: the line.
            kind: size and weight, one of `_KINDS`.
            anchor: empty, ``middle`` or ``end``.
            tone: a further class, for the colour.
            plate: whether it hides what is behind it; its middle is at x then.
        """
        if plate:
            wide = width(text, kind) + 8
            self.box(x - wide / 2, y - 12, wide, 17, "ground", round=2)
        names = " ".join(filter(None, [kind, tone]))
        shown = f' class="{names}"' if names else ""
        placed = f' text-anchor="{anchor}"' if anchor else ""
        self._add(f'<text x="{_n(x)}" y="{_n(y)}"{shown}{placed}>{escape(text)}</text>', y + 5)

    def lines(
        self, x: float, y: float, lines: Sequence[str], kind: str = "", *, anchor: str = "", tone: str = ""
    ) -> float:
        """Write lines below each other; return where the base line of the next one would be."""
        for line in lines:
            self.text(x, y, line, kind, anchor=anchor, tone=tone)
            y += LINE
        return y

    def box(self, x: float, y: float, w: float, h: float, kind: str = "box", *, round: float = 5) -> None:
        """Draw a rectangle."""
        self._add(
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(w)}" height="{_n(h)}" rx="{_n(round)}" '
            f'class="{kind}"/>',
            y + h + 1,
        )

    def hatch(self, x: float, y: float, w: float, h: float) -> None:
        """Draw a rectangle full of slanting lines."""
        if 'class="hatch"' not in "".join(self._parts):
            self._parts.append(
                f'<defs><pattern id="{self.id}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
                'patternTransform="rotate(45)"><path d="M0 0V6" class="hatch"/></pattern></defs>'
            )
        self._add(
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(w)}" height="{_n(h)}" fill="url(#{self.id}-hatch)"/>',
            y + h,
        )

    def line(
        self, points: Sequence[tuple[float, float]], kind: str = "line", *, behind: bool = False
    ) -> None:
        """Draw a line through points, on what is there already or behind all of it."""
        path = "L".join(f"{_n(x)} {_n(y)}" for x, y in points)
        self._parts.insert(0 if behind else len(self._parts), f'<path d="M{path}" class="{kind}"/>')
        self.reach(max(y for _, y in points) + 1)

    def arrow(self, points: Sequence[tuple[float, float]], kind: str = "line") -> None:
        """Draw a line through points, with a head at its end."""
        (x0, y0), (x, y) = points[-2:]
        length = abs(x - x0) + abs(y - y0)  # arrows run along the edges of the picture
        dx, dy = (x - x0) / length, (y - y0) / length
        self.line([*points[:-1], (x - 4 * dx, y - 4 * dy)], kind)
        left, right = (x - 9 * dx + 5 * dy, y - 9 * dy + 5 * dx), (x - 9 * dx - 5 * dy, y - 9 * dy - 5 * dx)
        self.shape(f"M{_n(x)} {_n(y)}L{_n(left[0])} {_n(left[1])}L{_n(right[0])} {_n(right[1])}Z", "tip")

    def shape(self, path: str, kind: str, at: tuple[float, float] = (0, 0)) -> None:
        """Draw a path, moved to a place."""
        moved = f' transform="translate({_n(at[0])} {_n(at[1])})"' if at != (0, 0) else ""
        self._parts.append(f'<path d="{path}" class="{kind}"{moved}/>')

    def icon(self, name: str, x: float, y: float) -> None:
        """Draw one of `_ICONS`, its middle at a place."""
        for path, kind in _ICONS[name]:
            self.shape(path, kind, (x, y))
        self.reach(y + 8)

    def number(self, x: float, y: float, number: int) -> None:
        """Draw a number in a circle, its middle at a place."""
        self.shape("M-9 0A9 9 0 1 1 9 0A9 9 0 1 1 -9 0Z", "mark thin", (x, y))
        self.text(x, y + 4.5, str(number), "small strong", anchor="middle")

    def paragraph(
        self, x: float, y: float, text: str, room: float, kind: str = "small", *, anchor: str = ""
    ) -> float:
        """Write a text in lines that fit; return where the base line of the next one would be."""
        return self.lines(x, y, wrap(text, room, kind), kind, anchor=anchor)

    def node(
        self, x: float, y: float, w: float, name: str, about: str = "", kind: str = "box strong"
    ) -> float:
        """Draw a box with a name and a line or more about it; return where it ends."""
        names = wrap(name, w - 16, "strong")
        lines = wrap(about, w - 16, "small") if about else []
        height = 32 + LINE * (len(names) - 1) + LINE * len(lines) + (2 if lines else 0)
        self.box(x, y, w, height, kind)
        below = self.lines(x + w / 2, y + 21, names, "strong", anchor="middle")
        self.lines(x + w / 2, below + 2, lines, "small", anchor="middle")
        return y + height

    def band(self, x: float, y: float, w: float, h: float, kind: str) -> None:
        """Draw a piece of a line as a listener sees it: ``open``, ``hidden`` by TLS, or ``absent``."""
        if kind == "hidden":
            self.hatch(x, y, w, h)
            self.box(x, y, w, h, "outline", round=0)
        else:
            self.box(x, y, w, h, "box" if kind == "open" else "outline dashed", round=0)

    def reach(self, y: float) -> None:
        """Make the picture at least so high."""
        self.height = max(self.height, y)

    def _add(self, part: str, bottom: float) -> None:
        self._parts.append(part)
        self.reach(bottom)

    # -- the whole --------------------------------------------------------------------------------

    def svg(self, title: str, description: str) -> str:
        """Return the picture, with its title and what it says, in words, for those who do not see it.

        The search leaves it out: words torn out of a drawing tell nothing among its results.
        """
        ids = f"{self.id}-title {self.id}-desc"
        view = f"0 0 {_n(self.width)} {_n(self.height)}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}" role="img" '
            f'aria-labelledby="{ids}" data-search-exclude>'
            f'<title id="{self.id}-title">{escape(title)}</title>'
            f'<desc id="{self.id}-desc">{escape(description)}</desc>'
            f"{''.join(self._parts)}</svg>"
        )


def figure(name: str, pictures: Sequence[str], words: Mapping[str, str], **blanks: object) -> str:
    """Return one or several pictures with their caption, as HTML in a single line.

    Args:
        name: the name of the figure.
        pictures: what `Picture.svg` gave.
        words: ``caption``, what is to be seen. If sessions were held for the picture, also ``evidence``, the
            kind of evidence, and ``proof``, what stands behind it. All plain text.
        blanks: what the proof is filled in with.
    """
    row = " drawn-row" if len(pictures) > 1 else ""
    proof = ""
    if "proof" in words:
        kind, said = escape(words["evidence"]), escape(words["proof"].format(**blanks))
        proof = f" <strong>{kind}:</strong> {said}"
    return (
        f'<figure class="drawn{row}" id="figure-{name}">{"".join(pictures)}'
        f"<figcaption>{escape(words['caption'])}{proof}</figcaption></figure>"
    )


def _n(value: float) -> str:
    """Write a number as short as it can be."""
    return f"{value:.1f}".removesuffix(".0")
