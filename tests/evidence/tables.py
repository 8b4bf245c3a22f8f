"""Tables of what is expected, as text."""

import re


def cells(table: str) -> dict[str, dict[str, str]]:
    """Read a table whose columns are two spaces apart: a word by row and column."""
    head, *rows = (
        re.split(r"\s{2,}", line.strip()) for line in table.strip("\n").splitlines() if line.strip()
    )
    return {name: dict(zip(head, words, strict=True)) for name, *words in rows}
