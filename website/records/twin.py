"""The page about/maintaining: what building the same site with MkDocs and with ProperDocs has come to."""

from __future__ import annotations

from dataclasses import dataclass

from website.marks import Context, mark
from website.records import record
from website.tables import number, table


@dataclass(frozen=True)
class Twin:
    """The record.

    Args:
        versions: the versions of both programs.
        files: how many files were compared.
        pages: how many of them are pages.
        differences: in how many files each listed difference was seen; a run that finds another is not kept.
    """

    versions: dict[str, str]
    files: int
    pages: int
    differences: dict[str, int]


@mark("twin")
def twin(context: Context) -> str:
    """Draw what was compared, and what differs."""
    words, found = context.words("twin"), record(context.root, "twin", Twin)
    counts = {"files": found.files, "pages": found.pages, **found.differences, "others": 0}
    rows = [(words[program], version) for program, version in found.versions.items()]
    rows += [(words[name], number(count, context.lang)) for name, count in counts.items()]
    return table(words["head"], rows, "lr")
