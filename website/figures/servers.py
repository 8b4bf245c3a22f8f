"""The figures `servers`, minipop beside its peers, and `growth`, a mailbox that grows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import median

from website.figures.svg import WIDTH, Picture, figure, width, wrap
from website.marks import Context, mark
from website.records.performance import Compared, Servers, Spread, load, named
from website.tables import number

#: The figures that are drawn as bars; the table has all.
DRAWN = ("sessions-1", "sessions-50", "sessions-500", "sessions-500-p99", "retr-1", "retr-8", "idle-memory")

# -- bars -----------------------------------------------------------------------------------------------

_EDGE, _LEFT, _RIGHT, _STEP, _BAR = 2, 142, 62, 24, 14


@mark("figure servers")
def draw(context: Context) -> str:
    """Draw a picture for each of `DRAWN`."""
    words, servers = context.words("figure servers"), load(context.root).servers
    pictures = [_bars(name, servers.figures[name], servers, context) for name in DRAWN]
    return figure("servers", pictures, words)


def _bars(name: str, compared: Compared, servers: Servers, context: Context) -> str:
    words, called, lang = context.words("figure servers"), context.words("servers"), context.lang
    picture = Picture(f"figure-servers-{name}")
    title = named(name, lang)
    y = picture.lines(_EDGE, 14, wrap(title, WIDTH - 2 * _EDGE, "strong"), "strong")
    picture.text(_EDGE, y, words["more" if compared.more_is_better else "less"], "small", tone="pale")
    y += 12
    scale = (WIDTH - _LEFT - _RIGHT) / max(Spread(*values).most for values in compared.values.values())
    said = []
    for server in servers.servers:
        ours = server == servers.roles["ours"]
        picture.text(_EDGE, y + 11, called[server], "small strong" if ours else "small")
        if values := compared.value(server):
            _bar(picture, y, values, scale, hatched=ours)
            told = {key: number(value, lang, 3) for key, value in values._asdict().items()}
            picture.text(WIDTH - _EDGE, y + 11, told["median"], "small", anchor="end")
            said.append(words["value"].format(server=called[server], **told))
        else:
            picture.text(_LEFT + 6, y + 11, words["none"], "small", tone="pale")
            said.append(words["missing"].format(server=called[server]))
        y += _STEP
    picture.line([(_LEFT, y - len(servers.servers) * _STEP - 3), (_LEFT, y - 4)])
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


# -- growth ---------------------------------------------------------------------------------------------

_TOP, _HEIGHT, _AXIS = 44, 190, 52
_MARKS = {"log_on": "M-5 0A5 5 0 1 1 5 0A5 5 0 1 1 -5 0Z", "listing": "M-5 -5H5V5H-5Z"}
_LINES = {"log_on": "line strong", "listing": "line dashed"}


@mark("figure growth")
def draw_growth(context: Context) -> str:
    """Draw how durations grow with the mailbox, both axes logarithmic."""
    words, lang, grown = context.words("figure growth"), context.lang, load(context.root).growth
    medians = {
        key: {int(size): median(taken) for size, taken in by_size.items()}
        for key, by_size in (("log_on", grown.log_on), ("listing", grown.listing))
    }
    sizes = list(medians["log_on"])
    picture = Picture("figure-growth")
    picture.text(_EDGE, 14, words["title"], "strong")
    everything = [value for by_size in medians.values() for value in by_size.values()]
    low, high = math.floor(math.log10(min(everything))), math.ceil(math.log10(max(everything)))

    def height(value: float) -> float:
        return _TOP + _HEIGHT * (high - math.log10(value)) / (high - low)

    def across(size: int) -> float:
        smallest, largest = math.log10(sizes[0]), math.log10(sizes[-1])
        return _AXIS + 14 + (WIDTH - _AXIS - 52) * (math.log10(size) - smallest) / (largest - smallest)

    _grid(picture, range(low, high + 1), height, {size: across(size) for size in sizes}, context)
    for key, by_size in medians.items():
        points = [(across(size), height(value)) for size, value in by_size.items()]
        picture.line(points, _LINES[key])
        for point in points:
            picture.shape(_MARKS[key], "mark", point)
    y = _TOP + _HEIGHT + 54
    for x, key in ((8.0, "log_on"), (WIDTH / 2, "listing")):
        picture.shape(_MARKS[key], "mark", (x, y - 4))
        picture.text(x + 14, y, words[key], "small")
    said = [
        words["grown"].format(what=words[key], size=number(size, lang), median=number(value, lang, 3))
        for key, by_size in medians.items()
        for size, value in by_size.items()
    ]
    return figure("growth", [picture.svg(words["title"], " ".join(said))], words)


def _grid(
    picture: Picture,
    powers: Sequence[int],
    height: Callable[[float], float],
    sizes: Mapping[int, float],
    context: Context,
) -> None:
    """Draw axes, a number at each power of ten, and each size where it is from left to right."""
    bottom = _TOP + _HEIGHT
    for power in powers:
        y = height(10.0**power)
        picture.line([(_AXIS, y), (WIDTH, y)], "outline")
        told = number(10.0**power, context.lang, 1 - power if power < 0 else 0)
        picture.text(_AXIS - 6, y + 4, told, "small", anchor="end")
    for size, x in sizes.items():
        picture.text(x, bottom + 18, number(size, context.lang), "small", anchor="middle")
    label = context.words("figure growth")["messages"]
    picture.text(WIDTH - width(label, "small") / 2, bottom + 34, label, "small", anchor="middle")
