"""The rooms of website/: imports only go down, MkDocs stays at the door, nothing that measures comes in."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site.projects import ROOT

SOURCE = ROOT / "website"

_TOOLS = {"data", "words", "tables", "content", "sources", "marks", "kinds"}

#: What each module or folder may import of the website, beside itself.
BELOW: dict[str, set[str]] = {
    "data": set(),
    "tables": set(),
    "words": {"data"},
    "content": {"data"},
    "sources": {"data", "words"},
    "marks": {"data", "words", "content"},
    "kinds": {"marks", "words"},
    "records": _TOOLS,
    "pages": _TOOLS,
    "figures": {*_TOOLS, "records"},
    "page": {"data"},
    "build": {*_TOOLS, "records", "pages", "page"},
    "hook": {*_TOOLS, "pages", "records", "page", "build"},
    "__init__": set(),
}

MODULES = sorted(SOURCE.rglob("*.py"))


def room_of(file: Path) -> str:
    return file.relative_to(SOURCE).parts[0].removesuffix(".py")


def imported(file: Path) -> Iterator[str]:
    """Give the full name of everything that a module imports."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file}: import by the full name, as everywhere in website/"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_there_is_something_to_look_at() -> None:
    assert len(MODULES) > 30
    assert {room_of(file) for file in MODULES} == set(BELOW)
    assert "website.data.Problem" in set(imported(SOURCE / "marks.py"))


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_a_module_imports_what_its_room_may(file: Path) -> None:
    names = [name.split(".") for name in imported(file)]
    rooms = {name[1] for name in names if name[0] == "website" and len(name) > 1}
    assert rooms - {room_of(file)} <= BELOW[room_of(file)]
    assert not {"tests", "bench", "evidence"} & {name[0] for name in names}
    if room_of(file) not in ("hook", "build"):
        assert "mkdocs" not in {name[0] for name in names}
