"""The figures `servers`, minipop beside its peers, and `growth`, a mailbox that grows: bench/results.json."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import verdicts
from bench.reckoning import Spread, spread
from bench.rows import OURS, SERVERS, SIZES
from bench.verdicts import Verdict
from hooks import performance

from .svg import WIDTH, Picture, figure, width, wrap

#: The figures that are drawn as bars; the table has all.
DRAWN = ("sessions-1", "sessions-50", "sessions-500", "sessions-500-p99", "retr-1", "retr-8", "idle-memory")

WORDS: dict[str, dict[str, str]] = {
    "de": {
        "more": "mehr ist besser",
        "less": "weniger ist besser",
        "value": "{server}: {median} ({least} bis {most})",
        "missing": "{server}: kam nicht durch",
        "none": "kam nicht durch",
        "caption": "minipop neben anderen Servern. Der Balken reicht bis zum Median, der Strich vom "
        "kleinsten bis zum größten Wert der Runden. Schraffiert ist minipop mit Maildir; darauf beziehen "
        "sich die Ziele.",
        "evidence": "Gemessen",
        "proof": "in einem Lauf von make bench auf einer Maschine, mit denselben Postfächern.",
        "growth": "Dauer nach Größe des Postfachs, in ms",
        "log_on": "Anmeldung",
        "listing": "STAT und UIDL",
        "messages": "Nachrichten",
        "grown": "{what} mit {size} Nachrichten: {median} ms.",
        "growth-caption": "Wie die Dauer wächst, wenn das Postfach wächst. Beide Achsen sind logarithmisch. "
        "Durchgezogen, Kreise: die Anmeldung; gestrichelt, Quadrate: STAT und UIDL zusammen.",
        "growth-proof": "mit minipop und Maildir; die erste Anmeldung, die das Postfach einliest, zählt "
        "nicht.",
    },
    "en": {
        "more": "more is better",
        "less": "less is better",
        "value": "{server}: {median} ({least} to {most})",
        "missing": "{server}: did not get through",
        "none": "did not get through",
        "caption": "minipop beside other servers. The bar ends at the median, the line goes from the "
        "smallest to the largest value of the rounds. Hatched is minipop on Maildir, which the targets are "
        "about.",
        "evidence": "Measured",
        "proof": "in one run of make bench on one machine, with the same mailboxes.",
        "growth": "Duration by size of the mailbox, in ms",
        "log_on": "log-on",
        "listing": "STAT and UIDL",
        "messages": "messages",
        "grown": "{what} with {size} messages: {median} ms.",
        "growth-caption": "How durations grow as the mailbox does. Both axes are logarithmic. Solid, "
        "circles: the log-on; dashed, squares: STAT and UIDL together.",
        "growth-proof": "with minipop on Maildir; the first log-on, which reads the mailbox in, does not "
        "count.",
    },
}

# -- bars ---------------------------------------------------------------------------------------------

_EDGE, _LEFT, _RIGHT, _STEP, _BAR = 2, 142, 62, 24, 14


def draw(lang: str, root: Path) -> str:
    """Draw the figure `servers`: a picture for each of `DRAWN`."""
    words = WORDS[lang]
    found = {verdict.name: verdict for verdict in verdicts.read(performance.read(root)["servers"])}
    pictures = [_bars(found[name], lang) for name in DRAWN]
    return figure("servers", pictures, words["caption"], words["evidence"], words["proof"])


def _bars(verdict: Verdict, lang: str) -> str:
    words, servers = WORDS[lang], performance.WORDS[lang]
    picture = Picture(f"figure-servers-{verdict.name}")
    title = performance.named(verdict.name, lang)
    y = picture.lines(_EDGE, 14, wrap(title, WIDTH - 2 * _EDGE, "strong"), "strong")
    picture.text(_EDGE, y, words["more" if verdict.figure.more_is_better else "less"], "small", tone="pale")
    y += 12
    scale = (WIDTH - _LEFT - _RIGHT) / max(values.most for values in verdict.values.values())
    said = []
    for server in SERVERS:
        values = verdict.values.get(server)
        picture.text(_EDGE, y + 11, servers[server], "small strong" if server == OURS else "small")
        if values:
            _bar(picture, y, values, scale, hatched=server == OURS)
            picture.text(
                WIDTH - _EDGE, y + 11, performance.number(values.median, lang), "small", anchor="end"
            )
            told = {key: performance.number(value, lang) for key, value in values._asdict().items()}
            said.append(words["value"].format(server=servers[server], **told))
        else:
            picture.text(_LEFT + 6, y + 11, words["none"], "small", tone="pale")
            said.append(words["missing"].format(server=servers[server]))
        y += _STEP
    picture.line([(_LEFT, y - len(SERVERS) * _STEP - 3), (_LEFT, y - 4)])
    return picture.svg(title, f"{'; '.join(said)}.")


def _bar(picture: Picture, y: float, values: Spread, scale: float, *, hatched: bool) -> None:
    long = max(0.0, values.median * scale)
    if hatched:
        picture.hatch(_LEFT, y, long, _BAR)
    picture.box(_LEFT, y, long, _BAR, "outline" if hatched else "box", round=0)
    least, most = (_LEFT + max(0.0, value) * scale for value in (values.least, values.most))
    middle = y + _BAR / 2
    picture.line([(least, middle), (most, middle)], "line strong")
    for end in (least, most):
        picture.line([(end, middle - 4), (end, middle + 4)], "line strong")


# -- growth -------------------------------------------------------------------------------------------

_TOP, _HEIGHT, _AXIS = 44, 190, 52
_MARKS = {"log_on": "M-5 0A5 5 0 1 1 5 0A5 5 0 1 1 -5 0Z", "listing": "M-5 -5H5V5H-5Z"}
_LINES = {"log_on": "line strong", "listing": "line dashed"}


def draw_growth(lang: str, root: Path) -> str:
    """Draw the figure `growth`."""
    words = WORDS[lang]
    grown = performance.read(root)["growth"]
    medians = {key: [spread(grown[key][str(size)]).median for size in SIZES] for key in ("log_on", "listing")}
    picture = Picture("figure-growth")
    picture.text(_EDGE, 14, words["growth"], "strong")
    everything = [value for values in medians.values() for value in values]
    low, high = math.floor(math.log10(min(everything))), math.ceil(math.log10(max(everything)))

    def height(value: float) -> float:
        return _TOP + _HEIGHT * (high - math.log10(value)) / (high - low)

    _grid(picture, range(low, high + 1), height, lang)
    across = [_across(size) for size in SIZES]
    for key, values in medians.items():
        points = [(x, height(value)) for x, value in zip(across, values, strict=True)]
        picture.line(points, _LINES[key])
        for point in points:
            picture.shape(_MARKS[key], "mark", point)
    y = _TOP + _HEIGHT + 54
    for x, key in ((8.0, "log_on"), (WIDTH / 2, "listing")):
        picture.shape(_MARKS[key], "mark", (x, y - 4))
        picture.text(x + 14, y, words[key], "small")
    said = [
        words["grown"].format(
            what=words[key], size=performance.number(size, lang), median=performance.number(value, lang)
        )
        for key, values in medians.items()
        for size, value in zip(SIZES, values, strict=True)
    ]
    drawn = picture.svg(words["growth"], " ".join(said))
    return figure("growth", [drawn], words["growth-caption"], words["evidence"], words["growth-proof"])


def _across(size: int) -> float:
    """Return where a size is, from left to right."""
    low, high = math.log10(SIZES[0]), math.log10(SIZES[-1])
    return _AXIS + 14 + (WIDTH - _AXIS - 52) * (math.log10(size) - low) / (high - low)


def _grid(picture: Picture, powers: Sequence[int], height: Callable[[float], float], lang: str) -> None:
    """Draw axes, and a number at each power of ten."""
    bottom = _TOP + _HEIGHT
    for power in powers:
        y = height(10.0**power)
        picture.line([(_AXIS, y), (WIDTH, y)], "outline")
        told = f"{10.0**power:,g}"
        told = told.translate(str.maketrans(",.", ".,")) if lang == "de" else told
        picture.text(_AXIS - 6, y + 4, told, "small", anchor="end")
    for size in SIZES:
        picture.text(_across(size), bottom + 18, performance.number(size, lang), "small", anchor="middle")
    label = WORDS[lang]["messages"]
    picture.text(WIDTH - width(label, "small") / 2, bottom + 34, label, "small", anchor="middle")
