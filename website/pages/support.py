"""Which versions Microsoft supports: a line where versions are compared, and one at the head of a lesson."""

from __future__ import annotations

import json
import re
from itertools import groupby
from pathlib import Path

from minipop.exchange import DEFAULT, EDITIONS
from minipop.exchange.support import day
from website.marks import Context, mark
from website.words import words

#: How a lesson starts its first Lab: ``Lab("2016", …)``, ``Lab(edition="2016", …)``, or without an edition.
_LAB = re.compile(r'Lab\((?:edition=)?"?(?P<edition>\w*)')

#: How many ends of support the line names, the latest ones: older servers are rare.
_LATEST = 2


@mark("support")
def line(context: Context) -> str:
    """Draw which versions are supported, and the latest whose support has ended."""
    said = context.words("support")
    products = {name: e.support.value for name, e in EDITIONS.items() if e.support.value}
    supported = [EDITIONS[name].title for name, support in products.items() if not support.ended]
    over = [(support.ended, name) for name, support in products.items() if support.ended]
    ended = [
        said["ended"].format(
            titles=_and([said["name"].format(name=name) for _, name in group], said["both"]),
            day=day(when, context.lang),
        )
        for when, group in groupby(over, lambda pair: pair[0])
    ]
    text = said["line"].format(
        supported=_and(supported, said["both"]),
        ended=", ".join(ended[: -_LATEST - 1 : -1]),
        link=f"{context.link('reference/editions.md')}#support",
    )
    return f"{text}\n{{ .support }}"


def lesson(notebook: Path, lang: str) -> str:
    """Say which edition a lesson begins with, and whether it is supported."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    found = _LAB.search(code)
    edition = EDITIONS[found["edition"] if found and found["edition"] in EDITIONS else DEFAULT]
    return words(lang, "support")["lesson"].format(title=edition.title, text=edition.support_text(lang))


def _and(names: list[str], both: str) -> str:
    *before, last = names
    return both.format(first=", ".join(before), last=last) if before else last
