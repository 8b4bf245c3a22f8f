"""The form of a lesson, that it can be taught: short cells, folded answers, nothing that only works once.

``python -m tests.site.lesson_form 05`` says what of lesson 05 is not so yet, in both languages.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

from tests.site.projects import ROOT
from website.build import lessons

TAGS = {"setup", "predict", "proof", "exercise", "check"}
LINES = 15
PROOF = "# check"

#: Words of the German world, which an English lesson does not show; an umlaut tells others.
GERMAN = re.compile(
    r"\b(?:Anfrage|Angebot|Betreff|Bitte|Einladung|Faxrollen|Gelegenheit|Kuchen|Posteingang|Projekt|Projektstart|"
    r"Seiten?|Sicherungsbericht|Speiseplan|Torte|Unzustellbar|Warum|Wartung|Willkommen|Zeitplan|\w*[äöüÄÖÜß]\w*)\b"
)
#: People keep their names in both languages.
NAMES = {"Müller", "Weiß"}

_PUBLIC = re.compile(r"^::: (minipop\S+)$", re.MULTILINE)
_ANSWER = re.compile(r'\s*<details class="answer">\s*<summary>.+?</summary>.*</details>\s*', re.DOTALL)


def findings(path: Path) -> list[str]:
    """Return what of a lesson does not have the form, as sentences that begin with the cell's id."""
    cells = nbformat.read(path, as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    found = [*_tags(code), *_predictions(cells)]
    trees = [(cell, _parsed(cell.source)) for cell in code]
    labs = {name for _, tree in trees for name in _labs(tree)}
    public = _public()
    for cell, tree in trees:
        found += [f"{cell.id}: {said}" for said in _cell(cell, tree, labs, public)]
        if path.parent.name == "en":
            found += [f"{cell.id}: German: {word}" for word in german(cell)]
    return found


def tags(cell: NotebookNode) -> list[str]:
    """Return the tags of a cell."""
    return list(cell.metadata.get("tags", []))


def _tags(code: list[NotebookNode]) -> Iterator[str]:
    for cell in code:
        yield from (f"{cell.id}: unknown tag {tag}" for tag in tags(cell) if tag not in TAGS)
    if not any("predict" in tags(cell) for cell in code):
        yield "no cell is tagged predict"


def _predictions(cells: list[NotebookNode]) -> Iterator[str]:
    """Nothing that is open may stand between a question and its answer."""
    for cell, below in pairwise([*cells, nbformat.v4.new_code_cell()]):
        if "predict" not in tags(cell):
            continue
        if not cell.metadata.get("jupyter", {}).get("outputs_hidden"):
            yield f"{cell.id}: JupyterLab shows its output; make notebooks"
        if below.cell_type != "markdown" or not _ANSWER.fullmatch(below.source):
            yield f'{cell.id}: the next cell is no text that stands in <details class="answer"> as a whole'


def _cell(cell: NotebookNode, tree: ast.Module, labs: set[str], public: set[str]) -> Iterator[str]:
    lines = len(cell.source.splitlines())
    if lines > LINES and not {"setup", "proof", "check"} & {*tags(cell)}:
        yield f"{lines} lines, at most {LINES}"
    if "proof" in tags(cell) and cell.outputs:
        yield "a proof prints nothing"
    if "proof" in tags(cell) and cell.source.partition("\n")[0] != PROOF:
        yield f"a proof begins with {PROOF}, because JupyterLab shows the first line of what it hides"
    for node in ast.walk(tree):
        match node:
            case ast.Assert() if "proof" not in tags(cell):
                yield "assert outside a proof"
            case ast.Raise(ast.Call(ast.Name("AssertionError")) | ast.Name("AssertionError")):
                yield "AssertionError raised"
            case ast.NamedExpr():
                yield ":="
            case ast.Subscript(ast.Attribute(ast.Name(name), "transcript" | "wire" as kept), index):
                if name in labs and isinstance(index, ast.Constant | ast.UnaryOp):
                    yield f"absolute index {name}.{kept}[{ast.unparse(index)}]"
            case ast.ImportFrom(module, names) if module and module.partition(".")[0] == "minipop":
                imported = [f"{module}.{alias.name}" for alias in names]
                yield from (f"not in the API: {name}" for name in imported if name not in public)
            case ast.Import(names):
                imported = [alias.name for alias in names if alias.name.startswith("minipop.")]
                yield from (f"not in the API: {name}" for name in imported)


def _parsed(source: str) -> ast.Module:
    plain = TransformerManager().transform_cell(source)  # type: ignore[no-untyped-call]  # of %magics
    return ast.parse(plain)


def _labs(tree: ast.Module) -> Iterator[str]:
    """Yield the names under which a cell keeps a Lab."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign([ast.Name(name)], value) | ast.withitem(value, ast.Name(name)):
                called = [call.func for call in ast.walk(value) if isinstance(call, ast.Call)]
                if any(isinstance(func, ast.Name) and func.id == "Lab" for func in called):
                    yield name


def _public() -> set[str]:
    """Return what the pages of the Python API list."""
    pages = (ROOT / "docs/en/reference").glob("api*.md")
    return {"minipop.Lab", *(name for page in pages for name in _PUBLIC.findall(page.read_text("utf-8")))}


def german(cell: NotebookNode) -> list[str]:
    """Return the German words in code and outputs of a cell."""
    text = [cell.source]
    for output in cell.outputs:
        data = output.get("data", {})
        text += [output.get("text", ""), *(str(data[kind]) for kind in data if kind.startswith("text/"))]
    return sorted({*GERMAN.findall("\n".join(text))} - NAMES)


def main(numbers: list[str]) -> int:
    """Print what lessons do not have yet; the exit code says whether it is nothing.

    Args:
        numbers: which lessons, such as ``06``; none for all.
    """
    chosen = [path for path in lessons.lessons() if not numbers or path.name.partition("-")[0] in numbers]
    said = [f"{path.parent.name}/{path.stem}: {finding}" for path in chosen for finding in findings(path)]
    print("\n".join(said) or f"{len(chosen)} lessons have the form")
    return int(bool(said))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
