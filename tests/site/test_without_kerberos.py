"""On a machine without MIT Kerberos the lessons say so, in the reader's language, and the rest runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from evidence.patience import PATIENCE
from website.build import lessons

SENTENCE = {"de": "Für Kerberos fehlt hier: Python's gssapi", "en": "Kerberos needs Python's gssapi"}

#: What a module that is not installed looks like to Python.
HIDE = "import sys; sys.modules['gssapi'] = None"


def with_kerberos() -> list[Path]:
    """Return the lessons that use Kerberos."""
    return [path for path in lessons.lessons() if "minipop.lab.realm" in path.read_text("utf-8")]


def test_there_are_such_lessons_in_both_languages() -> None:
    names = {
        language: [p.name for p in with_kerberos() if p.parent.name == language] for language in SENTENCE
    }
    assert names["de"] == names["en"]
    assert "04-ports-and-mechanisms.ipynb" in names["de"]


@pytest.mark.parametrize("path", with_kerberos(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_lesson_runs_through_and_says_what_to_install(path: Path) -> None:
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    run = subprocess.run(
        [sys.executable, "-c", "\n".join([HIDE, *cells])],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        cwd=path.parent,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.count(SENTENCE[path.parent.name]) == 1
