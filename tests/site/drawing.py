"""Draw a mark as a page of the site would show it."""

from __future__ import annotations

from pathlib import Path

from tests.site.projects import ROOT
from website.marks import Context, fill


def drawn(mark: str, lang: str = "en", root: Path = ROOT, page: str = "reference/page.md") -> str:
    """Return what stands in a page for a mark, written without ``<!--`` and ``-->``."""
    return fill(f"<!-- {mark} -->", Context(lang, root, page))


def rows(table: str) -> list[list[str]]:
    """Return the cells of a table in Markdown, without the line below its head."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return [cells for cells in lines if not set("".join(cells)) <= {*"-: "} or not any(cells)]
