"""No password is in any output: not in the lessons' committed ones, not in a dialogue on a page.

The passwords of the sample world are public, and a lesson's code types them. What the project prints is
another matter: there they are masked, and are searched for raw and encoded.
"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from minipop.wire import read
from tests.site import checks
from website.build import lessons

PASSWORDS = (
    "Sommer2026",
    "Winter ist kalt 7",
    "Grüße4Clara",
    "£20 for Clara",
    "Herbst2026",
    "Faxe2026",
    "Faxabruf-Geheimnis",
)


def leaks(text: str) -> list[str]:
    """Return the passwords that a text holds, in any encoding that an eavesdropper would try."""
    return [password for password in PASSWORDS if read(text.encode(), password)]


@pytest.mark.parametrize("path", lessons.lessons(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_no_lesson_prints_a_password(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    outputs = "\n".join(str(output) for cell in cells for output in cell.get("outputs", []))
    assert len(outputs) > 500  # there is something to search
    assert leaks(outputs) == []
    assert not re.search(r"eyJ[\w-]{20,}", outputs)  # the beginning of every token


def test_no_dialogue_or_output_on_a_page_holds_a_password(site: Path) -> None:
    blocks = [
        str(block)
        for soup in checks.pages(site).values()
        for block in soup.select(".pop3-dialogue, .nb-output")
    ]
    assert len(blocks) > 50
    assert leaks("\n".join(blocks)) == []


@pytest.mark.parametrize(
    "text",
    ["PASS Sommer2026", "AGFubmFAbXVzdGVyLmV4YW1wbGUAU29tbWVyMjAyNg==", "R3LDvMOfZTRDbGFyYQ=="],
    ids=["raw", "AUTH PLAIN", "AUTH LOGIN"],
)
def test_the_search_finds_what_it_must_not_find(text: str) -> None:
    assert leaks(text)
