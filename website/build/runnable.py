"""What a lesson's page holds so that its cells can be run there: docs/assets/page/notebook.js reads it.

Each code cell says in its metadata whether it runs in a page: ``"minipop": {"page": "runs"}``, or the reason
why it does not, one of `REASONS`. A cell that does not run keeps the output that is committed.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import NamedTuple

import nbformat
from bs4 import BeautifulSoup

from minipop.page.cells import digest
from website.words import for_script, words

RUNS = "runs"

#: Why a cell does not run in a page. Each has a text for the reader, below ``notebook`` in website/words.
REASONS = ("kerberos", "imap")

#: Tags that matter where a cell is run: setup runs by itself before what needs it, a prediction stays folded.
KINDS = ("setup", "predict")

#: The words that the build draws; the script needs the others.
_DRAWN = ("lead", "start", "size")


class Cell(NamedTuple):
    """A code cell as its page needs it.

    Attributes:
        page: `RUNS`, or one of `REASONS`; empty in a notebook that is no lesson.
        output: the digest of the output that is committed.
    """

    page: str
    output: str


def cells(lesson: Path) -> dict[str, Cell]:
    """Return the code cells of a lesson by their ids."""
    found = nbformat.read(lesson, as_version=4).cells
    return {cell.id: _cell(cell) for cell in found if cell.cell_type == "code"}


def _cell(cell: nbformat.NotebookNode) -> Cell:
    printed = "".join(output.text for output in cell.outputs if output.output_type == "stream")
    values = [output.data for output in cell.outputs if output.output_type == "execute_result"]
    page = str(cell.metadata.get("minipop", {}).get("page", ""))
    return Cell(page, digest(printed, values[0] if values else {}))


def wrapped(name: str, cell: Cell, kind: str, content: str) -> str:
    """Return the code and the output of a cell as the page knows them.

    Args:
        name: the cell's id.
        cell: what is known of it.
        kind: the tag that matters for running it, or nothing.
        content: what is shown of it.
    """
    attributes = {"data-cell": name, "data-state": "stored", "data-output": cell.output}
    if kind:
        attributes["data-kind"] = kind
    if cell.page != RUNS:
        attributes |= {"data-state": "not-here", "data-reason": cell.page}
    written = " ".join(f'{key}="{escape(value)}"' for key, value in attributes.items())
    return f"<div {written}>{content}</div>"


def around(soup: BeautifulSoup, lesson: str, lang: str) -> None:
    """Put the element around a lesson: below its title, which is no part of it.

    Args:
        soup: the lesson as it is read.
        lesson: its name.
        lang: its language.
    """
    known = words(lang, "notebook")
    element = soup.new_tag("pop3-notebook", attrs={"data-lesson": f"{lang}/{lesson}"})
    said = {key: escape(known[key]) for key in _DRAWN}
    button = (
        f'<button type="button" class="md-button md-button--primary" data-do="start">{said["start"]}</button>'
    )
    start = f"""<div class="nb-bar" role="group" aria-label="{said["lead"]}">
<p>{said["lead"]}</p>
<p>{button} <span>{said["size"]}</span></p>
</div>
<script type="application/json">{for_script(known.without(_DRAWN))}</script>"""
    first = soup.h1
    moved = list(first.next_siblings) if first is not None else list(soup.contents)
    element.append(BeautifulSoup(start, "html.parser"))
    element.extend([part.extract() for part in moved])
    soup.append(element)
