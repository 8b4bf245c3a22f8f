"""Tables in Markdown, and numbers as readers of each language write them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TypeVar

T = TypeVar("T")

_RULES = {"l": "---", "r": "---:"}

#: How readers write the editions whose name in code is another.
_VERSIONS = {"se": "SE", "online": "Exchange Online"}


def table(head: str, rows: Iterable[Sequence[object]], columns: str = "") -> str:
    """Write a table.

    Args:
        head: what stands above the columns, parted by ``|``.
        rows: the cells of each row, Markdown.
        columns: how each is aligned, ``l`` or ``r``; to the left without.
    """
    titles = [title.strip() for title in head.split("|")]
    rules = [_RULES[column] for column in columns or "l" * len(titles)]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in (titles, rules, *rows))


def neighbours(pairs: Iterable[tuple[str, T]]) -> list[tuple[list[str], T]]:
    """Put names together that follow each other and have the same value: they share a row or a column."""
    return [([name for name, _ in run], value) for value, run in groupby(pairs, lambda pair: pair[1])]


def version(name: str) -> str:
    """Write the name of an edition as readers do: SE for ``se``."""
    return _VERSIONS.get(name, name)


def span(names: Sequence[str]) -> str:
    """Write editions that share a row: the first and the last."""
    return " – ".join(version(name) for name in dict.fromkeys((names[0], names[-1])))


def number(value: float, lang: str, digits: int = 0) -> str:
    """Write a number with the thousands and the decimals parted as the reader does.

    Args:
        value: the number.
        lang: the reader's language.
        digits: how many digits count, if there are not more before the point; 0 for no decimals.
    """
    decimals = max(0, digits - len(str(int(abs(value)))))
    text = f"{value:,.{decimals}f}"
    return text.translate(str.maketrans(",.", ".,")) if lang == "de" else text
