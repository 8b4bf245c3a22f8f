"""For readers on Windows: a block for a shell that PowerShell cannot run is followed by one that it can."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PAGES = sorted(
    page
    for place in ("how-to/*.md", "teach/instructors.md", "reference/replies.md")
    for page in ROOT.glob(f"docs/*/{place}")
)

#: What a POSIX shell understands and PowerShell does not, or in another way; ``&&`` is an error in 5.1.
FOREIGN = re.compile(
    r"\\$|&&|<<| < |\$\?|/bin/|~/|\b(?:export|umask|chmod|make|set -a) |\bmkdir -p|\d>&1 \||^\w+=\S* \S|/\*/",
    re.MULTILINE,
)

BLOCK = re.compile(r'^( *)```(\w+)(?: title="([^"]+)")?\n(.*?)^ *```\n\n?', re.MULTILINE | re.DOTALL)


def blocks(page: Path) -> list[tuple[str, str, int, int]]:
    """Return kind, text, beginning and end of every block of code; the kind is followed by the title."""
    text = page.read_text("utf-8")
    return [(f"{m[2]} {m[3] or ''}".strip(), m[4], m.start(), m.end()) for m in BLOCK.finditer(text)]


def test_there_are_pages_and_such_blocks() -> None:
    assert len(PAGES) >= 14
    found = [
        text for page in PAGES for kind, text, *_ in blocks(page) if kind == "sh" and FOREIGN.search(text)
    ]
    assert len(found) >= 2 * 12


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parts[-3]}/{page.stem}")
def test_what_powershell_cannot_run_is_followed_by_what_it_can(page: Path) -> None:
    found = blocks(page)
    after = {start: kind for kind, _, start, _ in found}
    lacking = [
        text
        for kind, text, _, end in found
        if kind == "sh" and FOREIGN.search(text) and after.get(end) != "powershell PowerShell"
    ]
    assert lacking == []


@pytest.mark.parametrize(
    "page", [*PAGES, ROOT / "README.md"], ids=lambda page: f"{page.parts[-3]}/{page.stem}"
)
def test_no_block_for_powershell_holds_what_it_cannot_run(page: Path) -> None:
    # What cmd is given, PowerShell does not read.
    lines = [
        line
        for kind, text, *_ in blocks(page)
        if kind.startswith("powershell")
        for line in text.splitlines()
        if not line.startswith("cmd /c ")
    ]
    assert [line for line in lines if FOREIGN.search(line)] == []
