"""Pages and lessons as their authors wrote them: where a file stands, what its headings and cells say."""

from __future__ import annotations

import json
import re
from pathlib import Path

from website.data import Problem


def file_of(lang: str, page: str) -> Path:
    """Return the file of a page or lesson, below the project's folder.

    Args:
        lang: its language.
        page: ``guide/administration`` or ``learn/01-first-session``.
    """
    if page.startswith("learn/"):
        return Path("notebooks", lang, f"{page.removeprefix('learn/')}.ipynb")
    return Path("docs", lang, f"{page}.md")


def text_cells(notebook: Path) -> list[str]:
    """Return the text cells of a lesson."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]


def heading(root: Path, lang: str, page: str, anchor: str = "") -> str:
    """Return the heading with an anchor, or without one the title of a page or lesson.

    Raises:
        Problem: there is none.
    """
    path = root / file_of(lang, page)
    if not path.is_file():
        raise Problem(f"there is no {path.relative_to(root).as_posix()}")
    if path.suffix == ".ipynb":
        text, pattern = "\n\n".join(text_cells(path)), rf'<a id="{anchor}"></a>\s*#+ (.+)'
    else:
        text, pattern = path.read_text("utf-8"), rf"^#+ (.+?) \{{#{anchor}\}}"
    found = re.search(pattern if anchor else r"^# (.+)", text, re.MULTILINE)
    if not found:
        raise Problem(f"no heading of {path.relative_to(root).as_posix()} has the id {anchor}")
    return found[1].strip()
