"""What the programs that measure have written, drawn into pages; nothing of them is imported here."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from website.data import read

T = TypeVar("T")

#: Every record, below the project's folder, with the command that writes it.
RECORDS = {
    "performance": ("bench/results.json", "make bench"),
    "reliability": ("bench/reliability.json", "make soak, and make fuzz"),
    "clients": ("tests/clients/compatibility.json", "make compatibility"),
    "habits": ("tests/clients/habits.json", "make compatibility"),
    "differences": ("tests/differential/record.json", "make compatibility"),
}


def record(root: Path, name: str, kind: type[T]) -> T:
    """Return what a record holds.

    Args:
        root: the project's folder.
        name: one of `RECORDS`.
        kind: the type of what is drawn of it; it may hold more.

    Raises:
        Problem: it is missing, or lacks something.
    """
    path, command = RECORDS[name]
    return read(root, path, kind, f"; run: {command}")
