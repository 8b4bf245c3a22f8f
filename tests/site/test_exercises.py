"""The exercises as a trainee meets them: left empty they fail, with the printed solution they pass."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from evidence.patience import PATIENCE
from website.build import lessons

PASSED = {"de": "✓ Geschafft!", "en": "✓ Well done!"}
FAILED = {
    "de": ("✗ Noch nicht:", "– Noch nichts zu prüfen:"),
    "en": ("✗ Not yet:", "– Nothing to check yet:"),
}

SOLUTION = re.compile(r"<details>.*?```python\n(.*?)```.*?</details>", re.DOTALL)


def tagged(notebook: nbformat.NotebookNode, tag: str) -> nbformat.NotebookNode:
    cells: list[nbformat.NotebookNode] = notebook.cells
    (cell,) = [cell for cell in cells if tag in cell.metadata.get("tags", [])]
    return cell


def verdict(notebook: nbformat.NotebookNode) -> str:
    (output,) = tagged(notebook, "check").outputs
    return str(output["data"]["text/plain"])


@pytest.mark.parametrize("path", lessons.lessons(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_printed_solution_passes_and_the_empty_exercise_does_not(path: Path) -> None:
    language = path.parent.name
    notebook = nbformat.read(path, as_version=4)
    assert verdict(notebook).startswith(FAILED[language])  # as committed; a fresh run prints the same

    (solution,) = [
        found
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for found in SOLUTION.findall(cell.source)
    ]
    tagged(notebook, "exercise").source = solution
    NotebookClient(notebook, timeout=PATIENCE, kernel_manager_class=lessons.Kernel).execute()
    assert verdict(notebook).startswith(PASSED[language])
