"""The pictures of the lessons.

A lesson's picture is a text cell of its own. It begins with the mark of a figure, ``<!-- figure keys -->``.
Below the mark stands what the figure draws, as an image that needs nothing else, because JupyterLab draws no
marks, but shows images with a data URL, in a notebook that was downloaded alone as well. On the site, the
mark is drawn as on any page, so that the picture follows the reader's colours, and the image is left out.

``python -m website.build.pictures`` writes what is below the marks, and so does a run of the lessons.
"""

from __future__ import annotations

import base64
import html
import re
import sys
from functools import cache
from pathlib import Path

import nbformat

from website.content import text_cells
from website.data import LANGUAGES, Problem
from website.marks import Context, draw, find

ROOT = Path(__file__).resolve().parents[2]

_PICTURE = re.compile(
    r'<svg xmlns="(?P<xmlns>[^"]+)" viewBox="0 0 (?P<width>\S+) (?P<height>\S+)"[^>]*>'
    r"<title[^>]*>(?P<title>.*?)</title><desc[^>]*>(?P<desc>.*?)</desc>(?P<parts>.*?)</svg>"
)
_CAPTION = re.compile(r"<figcaption>(.*)</figcaption>")
_RULE = re.compile(r"^\.drawn (?P<selector>[\w.]+) \{ (?P<body>[^}]+?);? \}", re.MULTILINE)
_VARIABLE = re.compile(r"(--[\w-]+): ([^;}]+)")

#: Material's own colours, which docs/assets/site.css uses and does not set.
_MATERIAL = {
    "--md-default-bg-color": "#fff",
    "--md-default-fg-color": "#212121",
    "--md-default-fg-color--light": "#757575",
}
_MARGIN = 12


def mark_of(cell: str) -> list[str]:
    """Return the words of the mark that a text cell begins with, none if it is not a picture."""
    found = next(find(cell), None)
    return found.words if found and found.line == 0 and found.words[:1] == ["figure"] else []


def in_lessons(root: Path, lang: str) -> dict[str, list[list[str]]]:
    """Return the marks of the pictures of each lesson, by its file's name."""
    lessons = sorted((root / "notebooks" / lang).glob("*.ipynb"))
    return {path.name: [said for cell in text_cells(path) if (said := mark_of(cell))] for path in lessons}


def check(path: Path, lang: str) -> None:
    """See to it that a lesson holds no other marks than those of its pictures.

    Raises:
        Problem: it does.
    """
    for cell in text_cells(path):
        for found in find(cell):
            if found.line or not mark_of(cell):
                line = cell.split("\n")[found.line].strip()
                raise Problem(
                    f"notebooks/{lang}/{path.name}: {line}: JupyterLab draws no marks but those of figures, "
                    "each in a cell of its own; put it on a page and link that"
                )


def put(notebook: nbformat.NotebookNode, lang: str) -> None:
    """Write what the figures draw below the marks of a lesson."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and (said := mark_of(cell.source)):
            cell.source = written(said, lang)


def written(said: list[str], lang: str) -> str:
    """Return the text cell of a picture: its mark, the image and the caption.

    Args:
        said: the words of the mark.
        lang: the lesson's language.
    """
    figure = draw(said, Context(lang, ROOT))
    images = [_image(found) for found in _PICTURE.finditer(figure)]
    caption = _CAPTION.search(figure)
    if not images or not caption:
        raise Problem(f"<!-- {' '.join(said)} --> draws no picture")
    plain = html.unescape(re.sub(r"<[^>]+>", "", caption[1]))
    return "\n\n".join([f"<!-- {' '.join(said)} -->", *images, f"*{plain}*"])


def _image(picture: re.Match[str]) -> str:
    """Return a picture as an image in Markdown, with what it shows in words."""
    width, height = (float(picture[name]) + 2 * _MARGIN for name in ("width", "height"))
    svg = (
        f'<svg xmlns="{picture["xmlns"]}" width="{width:g}" height="{height:g}" '
        f'viewBox="{-_MARGIN} {-_MARGIN} {width:g} {height:g}" font-family="Helvetica, Arial, sans-serif">'
        f"<style>{_style(picture['parts'])}</style>"
        f'<rect x="{-_MARGIN}" y="{-_MARGIN}" width="100%" height="100%" rx="6" fill="#fff"/>'
        f"{picture['parts']}</svg>"
    )
    said = html.unescape(f"{picture['title']}. {picture['desc']}").replace("[", "(").replace("]", ")")
    return f"![{said}](data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()})"


def _style(parts: str) -> str:
    """Return the rules of the site's style sheet that a picture needs, in the colours of the light scheme."""
    used = {name for names in re.findall(r'class="([^"]+)"', parts) for name in names.split()}
    style = ""
    for selector, body in _rules():
        tag, *classes = selector.split(".")
        if used.issuperset(classes) and tag in ("", "text"):
            style += f"{selector}{{{body}}}"
    return style


@cache
def _rules() -> list[tuple[str, str]]:
    css = (ROOT / "docs/assets/site.css").read_text("utf-8")
    colours = dict(_MATERIAL)
    for name, value in _VARIABLE.findall(css):
        colours.setdefault(name, value.strip())

    def colour(found: re.Match[str]) -> str:
        if found[1] not in colours:
            raise Problem(f"docs/assets/site.css: no value for {found[1]}, which figures are drawn with")
        return re.sub(r"var\((--[\w-]+)\)", colour, colours[found[1]])

    return [
        (found["selector"], re.sub(r"var\((--[\w-]+)\)", colour, found["body"]))
        for found in _RULE.finditer(css)
    ]


def main() -> int:
    """Write all pictures of all lessons anew, and say which lessons have changed."""
    for lang in LANGUAGES:
        for path in sorted((ROOT / "notebooks" / lang).glob("*.ipynb")):
            notebook = nbformat.read(path, as_version=4)
            put(notebook, lang)
            fresh = str(nbformat.writes(notebook)) + "\n"
            if fresh != path.read_text("utf-8"):
                path.write_text(fresh, encoding="utf-8")
                print(f"renewed    notebooks/{lang}/{path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
