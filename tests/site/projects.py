"""Build the real site, or a small one with the real configuration, hook and theme."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import nbformat
from mkdocs.commands.build import build as build_site
from mkdocs.config import load_config
from mkdocs.exceptions import Abort, MkDocsException

from website.build import lessons

ROOT = Path(__file__).resolve().parents[2]

# What makes a site of a folder of texts; shared by the real site and the small ones.
MACHINERY = ("mkdocs.yml", "website", "overrides", "docs/assets", "docs/search.yml")

SMALL = """\
INHERIT: mkdocs.yml
watch: []
nav: [index.md, learn/01-first.ipynb]
extra: {part_of_the_site: true}
"""
INDEX = {
    "de": "# Start\n\n## Weiter {#more}\n\n[Lektion](learn/01-first.ipynb#log-on)\n",
    "en": "# Start\n\n## More {#more}\n\n[Lesson](learn/01-first.ipynb#log-on)\n",
}
LESSON = {
    "de": ("# Erste\n", '<a id="log-on"></a>\n\n## Anmelden\n\n[Start](../../docs/de/index.md)\n'),
    "en": ("# First\n", '<a id="log-on"></a>\n\n## Log on\n\n[Start](../../docs/en/index.md)\n'),
}


def build(project: Path, site: Path, config: str = "mkdocs.yml") -> subprocess.CompletedProcess[str]:
    """Build a project strictly, as `make build` does; stderr holds the warnings.

    Never with --quiet: MkDocs then does not count the warnings either, and nothing is strict.
    """
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", config, "-d", str(site)],
        cwd=project,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "SITE_URL": "http://127.0.0.1:8000/"},
        capture_output=True,
        text=True,
        check=False,
    )


def build_here(project: Path, config: str = "small.yml") -> str:
    """Build a project strictly in this process, where all that a build imports is loaded already.

    What draws is the working copy's own `website`, whatever lies in the project.

    Returns:
        Why a strict build stops, warnings and errors; empty if it does not.
    """
    said = StringIO()
    handler = logging.StreamHandler(said)
    handler.setLevel(logging.WARNING)
    logger = logging.getLogger("mkdocs")
    logger.addHandler(handler)
    try:
        with patch.dict(os.environ, NO_MKDOCS_2_WARNING="1", SITE_URL="http://127.0.0.1:8000/"):
            loaded = load_config(str(project / config), strict=True, site_dir=str(project / "site"))
            loaded.plugins.on_startup(command="build", dirty=False)
            build_site(loaded)
    except (Abort, MkDocsException) as error:
        return f"{said.getvalue()}{error}"
    finally:
        logger.removeHandler(handler)
    return ""


def small_project(folder: Path) -> Path:
    """Lay a project of one page and one lesson in two languages, healthy in every respect."""
    for name in MACHINERY:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    (folder / "small.yml").write_text(SMALL, encoding="utf-8")
    for language in INDEX:
        index = folder / "docs" / language / "index.md"
        index.parent.mkdir(parents=True)
        index.write_text(INDEX[language], encoding="utf-8")
        write_lesson(
            folder / "notebooks" / language / "01-first.ipynb",
            LESSON[language][0],
            (f'LANG = "{language}"', ""),
            LESSON[language][1],
            ("print(1 + 1)", "2\n"),
        )
    return folder


def write_lesson(path: Path, *cells: str | tuple[str, str]) -> None:
    """Write a notebook as a run leaves it; a text is a text cell, a pair is code and its output."""
    notebook = nbformat.v4.new_notebook(metadata=lessons.METADATA)
    count = 0
    for number, content in enumerate(cells):
        if isinstance(content, str):
            cell = nbformat.v4.new_markdown_cell(content)
        else:
            count += 1
            code, printed = content
            output = nbformat.v4.new_output("stream", name="stdout", text=printed)
            cell = nbformat.v4.new_code_cell(code, execution_count=count, outputs=[output] if printed else [])
        cell["id"] = f"cell-{number}"
        notebook.cells.append(cell)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


def replace(path: Path, old: str, new: str) -> None:
    """Replace text in a file, and make sure that it stood there."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
