"""Run the lessons: `make notebooks` stores what they print, the tests compare it with a run by nbmake.

``python -m website.build.lessons 06`` runs one of them, in both languages.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import weakref
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from difflib import unified_diff
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from website.build import pictures

ROOT = Path(__file__).resolve().parents[2]

# A kernel would note its own version here, and every newer Python would change every file.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}

#: What JupyterLab hides of a cell with a tag, so that an author sets tags alone. A hidden output opens when
#: the cell is run: JupyterLab's `CodeCell.execute` sets `outputHidden` to false.
HIDDEN = {"setup": "source_hidden", "proof": "source_hidden", "predict": "outputs_hidden"}


class Kernel(AsyncKernelManager):
    """A kernel reached through files instead of ports.

    The port that is picked for a kernel may be taken before the kernel has started; beside tests
    that open ports all the time, that happens.
    """

    def __init__(self, **settings: Any) -> None:
        if sys.platform != "win32":
            folder = tempfile.mkdtemp(prefix="kernel-")
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            settings |= {"transport": "ipc", "ip": f"{folder}/socket"}
        super().__init__(**settings)


#: How a lesson is run, beside what nbclient does by itself.
CLIENT: dict[str, Any] = {
    "kernel_manager_class": Kernel,
    "coalesce_streams": True,  # because it is chance how often a pipe is emptied
}


def lessons(root: Path = ROOT) -> list[Path]:
    """Return every lesson, German and English."""
    return sorted((root / "notebooks").glob("*/*.ipynb"))


def run(path: Path) -> str:
    """Run a lesson in a new kernel, in its own folder, and return the file it should be.

    Raises:
        CellExecutionError: a cell raised.
    """
    notebook = nbformat.read(path, as_version=4)
    pictures.put(notebook, path.parent.name)
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=None, kernel_name="python3", resources=resources, **CLIENT).execute()
    return written(notebook)


def written(notebook: nbformat.NotebookNode) -> str:
    """Return the file that a notebook should be after it has run."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # when it ran, which no two runs share
        for name in ("jupyter", "collapsed"):  # JupyterLab writes a hidden output under both names
            cell.metadata.pop(name, None)
        if hidden := {HIDDEN[tag]: True for tag in cell.metadata.get("tags", []) if tag in HIDDEN}:
            cell.metadata["jupyter"] = nbformat.from_dict(hidden)
    return str(nbformat.writes(notebook)) + "\n"


def differences(path: Path, notebook: nbformat.NotebookNode) -> list[str]:
    """Return the lines in which a committed lesson differs from the notebook that a run has left, with signs.

    Args:
        path: the lesson.
        notebook: what its run has left.
    """
    committed, fresh = path.read_text("utf-8").splitlines(), written(notebook).splitlines()
    return list(unified_diff(committed, fresh, "committed", "fresh run", n=1, lineterm=""))


def refresh(path: Path) -> str:
    """Run a lesson and store it; return one line that says what came of it."""
    try:
        fresh = run(path)
    except CellExecutionError as error:
        return f"raised     {path}\n{error}"
    if fresh == path.read_text(encoding="utf-8"):
        return f"unchanged  {path}"
    path.write_text(fresh, encoding="utf-8")
    return f"renewed    {path}"


def main(numbers: Sequence[str] = ()) -> int:
    """Refresh lessons; the exit code says whether each ran through.

    Args:
        numbers: which lessons, such as ``06``; none for all.
    """
    chosen = [path for path in lessons() if not numbers or path.name.partition("-")[0] in numbers]
    if not chosen:
        print(f"no lesson {', '.join(numbers)}; a lesson is named by its two digits, such as 06")
        return 2
    with ProcessPoolExecutor() as pool:
        results = list(pool.map(refresh, chosen))
    print("\n".join(result.replace(f"{ROOT}/", "") for result in results))
    return int(any(result.startswith("raised") for result in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
