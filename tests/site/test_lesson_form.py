"""Every lesson has the form in which it can be taught; each rule, broken once, is seen red."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from tests.site import lesson_form
from website.build import lessons

LESSONS = lessons.lessons()
ANSWER = '<details class="answer">\n<summary>Answer</summary>\n\nTen.\n\n</details>'
GOOD = [
    ('LANG = "en"\nfrom minipop import Lab\n\nlab = Lab(lang=LANG).start()', []),
    ("\n".join(f"a{number} = {number}" for number in range(16)), ["setup"]),
    ("How many?", None),
    ('print("Clara Weiß and Bernd Müller:", 5 + 5)', ["predict"]),
    (ANSWER, None),
    ("# check\nassert 5 + 5 == 10", ["proof"]),
    ("...", ["exercise"]),
    ('lab.check("01")', ["check"]),
]


def written(folder: Path, cells: list[tuple[str, list[str] | None]], lang: str = "en") -> Path:
    """Write a lesson of cells, each a text and its tags, None for a text cell."""
    notebook = nbformat.v4.new_notebook()
    for number, (source, tags) in enumerate(cells):
        if tags is None:
            cell = nbformat.v4.new_markdown_cell(source)
        else:
            cell = nbformat.v4.new_code_cell(source, metadata={"tags": tags})
        cell["id"] = f"cell-{number}"
        notebook.cells.append(cell)
    return stored(folder / lang / "01-first.ipynb", notebook)


def stored(path: Path, notebook: NotebookNode) -> Path:
    """Store a notebook as a lesson is stored."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(lessons.written(notebook), "utf-8")
    return path


@pytest.mark.parametrize("name", sorted({path.stem for path in LESSONS}))
def test_every_lesson_has_the_form(name: str) -> None:
    findings = [
        f"{path.parent.name}: {finding}"
        for path in LESSONS
        if path.stem == name
        for finding in lesson_form.findings(path)
    ]
    assert findings == []


def test_a_lesson_of_that_form_passes(tmp_path: Path) -> None:
    assert lesson_form.findings(written(tmp_path, GOOD)) == []


@pytest.mark.parametrize(
    ("source", "tags", "finding"),
    [
        ("\n".join(["a = 1"] * 16), [], "cell-8: 16 lines, at most 15"),
        ("\n".join(["a = 1"] * 16), ["exercise"], "cell-8: 16 lines, at most 15"),
        ("assert a0 == 0", [], "cell-8: assert outside a proof"),
        ("raise AssertionError('no')", [], "cell-8: AssertionError raised"),
        ("lab.transcript[0]", [], "cell-8: absolute index lab.transcript[0]"),
        ("print(lab.wire[-1].reveal())", [], "cell-8: absolute index lab.wire[-1]"),
        (
            "with Lab() as old:\n    old.transcript[1].explain()",
            [],
            "cell-8: absolute index old.transcript[1]",
        ),
        ("from minipop.lab.realm import REALM", [], "cell-8: not in the API: minipop.lab.realm.REALM"),
        ("from minipop.wire import _tap", [], "cell-8: not in the API: minipop.wire._tap"),
        ("import minipop.server", [], "cell-8: not in the API: minipop.server"),
        ("[b for a in [1] if (b := a)]", [], "cell-8: :="),
        ("1", ["predcit"], "cell-8: unknown tag predcit"),
        (
            "assert 5 + 5 == 10",
            ["proof"],
            "cell-8: a proof begins with # check, because JupyterLab shows the first line of what it hides",
        ),
        ('b"Subject: Unzustellbar"', [], "cell-8: German: Unzustellbar"),
        ('"Grüße4Clara"', [], "cell-8: German: Grüße4Clara"),
    ],
)
def test_a_cell_that_breaks_a_rule_is_found(
    tmp_path: Path, source: str, tags: list[str], finding: str
) -> None:
    assert lesson_form.findings(written(tmp_path, [*GOOD, (source, tags)])) == [finding]


def test_public_names_may_be_imported_and_sessions_asked(tmp_path: Path) -> None:
    source = "from minipop.wire import read\nsession = lab.session(pop)\nsession.transcript[0]\nnames[0]"
    assert lesson_form.findings(written(tmp_path, [*GOOD, (source, [])])) == []


def test_german_may_stand_in_a_german_lesson(tmp_path: Path) -> None:
    cells: list[tuple[str, list[str] | None]] = [*GOOD, ('print("Grüße, Torte")', [])]
    assert lesson_form.findings(written(tmp_path, cells, "de")) == []


def test_german_that_is_printed_is_found(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].outputs = [nbformat.v4.new_output("stream", text="Um zehn gibt es Kuchen\n")]
    notebook.cells[1].outputs = [nbformat.v4.new_output("display_data", {"text/html": "<b>Gerät</b>"})]
    found = lesson_form.findings(stored(path, notebook))
    assert found == ["cell-0: German: Kuchen", "cell-1: German: Gerät"]


@pytest.mark.parametrize(
    "below",
    [
        ("Ten.", None),
        (f"Ten.\n\n{ANSWER}", None),
        (f"{ANSWER}\n\nTen.", None),
        ("# check\nassert 5 + 5 == 10", ["proof"]),
    ],
    ids=["open text", "text above", "text below", "proof"],
)
def test_what_gives_a_prediction_away_is_found(tmp_path: Path, below: tuple[str, list[str] | None]) -> None:
    found = lesson_form.findings(written(tmp_path, [*GOOD[:4], below, *GOOD[5:]]))
    assert found == ['cell-3: the next cell is no text that stands in <details class="answer"> as a whole']


def test_a_prediction_at_the_end_has_no_answer(tmp_path: Path) -> None:
    assert len(lesson_form.findings(written(tmp_path, GOOD[:4]))) == 1


def test_an_output_that_jupyterlab_shows_is_found(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    text = path.read_text("utf-8")
    assert '"outputs_hidden": true' in text
    path.write_text(text.replace('"outputs_hidden": true', '"outputs_hidden": false'), "utf-8")
    assert lesson_form.findings(path) == ["cell-3: JupyterLab shows its output; make notebooks"]


def test_a_lesson_without_a_question_is_found(tmp_path: Path) -> None:
    assert lesson_form.findings(written(tmp_path, GOOD[:3])) == ["no cell is tagged predict"]


def test_a_proof_that_prints_is_found(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[5].outputs = [nbformat.v4.new_output("stream", text="well\n")]
    assert lesson_form.findings(stored(path, notebook)) == ["cell-5: a proof prints nothing"]
