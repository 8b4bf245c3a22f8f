"""What the programs of evidence/ have found, drawn into pages; nothing of them is imported here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from website.data import read

T = TypeVar("T")

#: Every record.
RECORDS = ("clients", "habits", "differences", "fuzz", "soak", "twin", "servers", "project")


@dataclass(frozen=True)
class Taken:
    """When a record was taken, from which version of minipop, and on what machine."""

    date: str
    version: str
    machine: dict[str, object]


def path(name: str) -> str:
    """Return where a record lies below the project's folder."""
    return f"evidence/records/{name}.json"


def record(root: Path, name: str, kind: type[T]) -> T:
    """Return what a record holds.

    Args:
        root: the project's folder.
        name: one of `RECORDS`.
        kind: the type of what is drawn of it; it may hold more.

    Raises:
        Problem: it is missing, or lacks something.
    """
    return read(root, path(name), kind, "; run: make evidence")
