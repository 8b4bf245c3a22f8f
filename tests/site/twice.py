"""Run a lesson as a class does: each cell twice, the whole lesson again, ten minutes of talk after each cell.

``python -m tests.site.twice 05 en`` says what of that lesson does not hold. Nothing waits: the clock of the
services' timers is moved on.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from difflib import unified_diff
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from tests.site.projects import ROOT
from website.build import lessons

#: Seconds for a cell; without a limit, one that waits for ever would not be found.
PATIENCE = 120

FOLLOW = (
    f"import sys; sys.path.append({str(ROOT)!r}); from tests import passing as _passing; _passing.follow()"
)
TALK = "_passing.let_pass_everywhere(10 * 60)"
ERRORS = ROOT / "src/minipop/lab/errors.toml"


class Step(NamedTuple):
    """A cell that is run: in which course of events, whether it has just been run, as committed, and now."""

    course: str
    again: bool
    committed: NotebookNode
    run: NotebookNode


def findings(path: Path) -> list[str]:
    """Run a lesson in one kernel, in three courses of events; return what does not hold, as sentences."""
    lesson = nbformat.read(path, as_version=4)
    steps = list(_steps([cell for cell in lesson.cells if cell.cell_type == "code"]))
    cells = [new_code_cell(FOLLOW)]
    for step in steps:
        cells.append(step.run)
        if step.course == "talk":
            cells.append(new_code_cell(TALK))
    NotebookClient(
        new_notebook(cells=cells),
        timeout=PATIENCE,
        allow_errors=True,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        **lessons.CLIENT,
    ).execute()
    hints = _hints(path.parent.name)
    return [said for step in steps for said in _judge(step, hints)]


def _steps(code: list[NotebookNode]) -> Iterator[Step]:
    for cell in code:
        yield Step("twice", False, cell, new_code_cell(cell.source))
        yield Step("twice", True, cell, new_code_cell(cell.source))
    for course in ("once more", "talk"):
        for cell in code:
            yield Step(course, False, cell, new_code_cell(cell.source))


def _judge(step: Step, hints: list[str]) -> Iterator[str]:
    expected, got = shown(step.committed), shown(step.run)
    error = next((output for output in step.run.outputs if output.output_type == "error"), None)
    if got == expected:
        return
    where = f"{step.committed.id} ({step.course}{', second run' if step.again else ''})"
    if error is None:
        changes = unified_diff(_lines(expected), _lines(got), n=0, lineterm="")
        yield "\n    ".join([f"{where}: prints something else", *islice(changes, 2, 8)])
    elif not step.again or not helps(error, hints):
        yield f"{where}: {error.ename}: {error.evalue}"


def shown(cell: NotebookNode) -> list[NotebookNode]:
    """Return the outputs of a cell without their number, which grows with every run."""
    outputs = deepcopy(cell.outputs)
    for output in outputs:
        output.pop("execution_count", None)
    return list(outputs)


def helps(error: NotebookNode, hints: list[str]) -> bool:
    """Tell whether an error says what to do; as long as no hints are written, whether a server refused."""
    if not hints:
        return bool(error.ename == "error_proto")
    said = re.sub(r"\x1b\[[\d;]*m", "", " ".join(error.traceback))
    return any(hint in said for hint in hints)


def _hints(lang: str) -> list[str]:
    """Return what an error tells a trainee to do."""
    if not ERRORS.exists():
        return []
    data = tomllib.loads(ERRORS.read_text("utf-8"))
    written = [*data[lang]["lab"].values(), *(hint[lang] for hint in data["hints"])]
    return [hint.rpartition("}")[2].strip() for hint in written]


def _lines(outputs: list[NotebookNode]) -> list[str]:
    return [line for output in outputs for line in str(output.get("text") or output).splitlines()]


def main(numbers: list[str], langs: list[str]) -> int:
    """Print what does not hold of lessons; the exit code says whether it is nothing.

    Args:
        numbers: which lessons, such as ``05``; none for all.
        langs: in which languages; none for both.
    """
    said = []
    for path in lessons.lessons():
        if (not numbers or path.name.partition("-")[0] in numbers) and (
            not langs or path.parent.name in langs
        ):
            said += [f"{path.parent.name}/{path.stem}: {finding}" for finding in findings(path)]
    print("\n".join(said) or "all holds")
    return int(bool(said))


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(main([word for word in given if word.isdigit()], [word for word in given if word.isalpha()]))
