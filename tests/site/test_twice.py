"""A lesson survives a class: cells run twice, the whole lesson again, ten minutes of talk after each cell."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from tests.site import twice
from tests.site.projects import ROOT
from tests.site.test_lesson_form import stored
from website.build import lessons

START = 'LANG = "en"\nimport poplib, ssl\nfrom minipop import Lab\nlab = Lab(lang=LANG).start()'
CONNECT = (
    "context = ssl.create_default_context(cafile=lab.ca_file)\n"
    "pop = poplib.POP3_SSL(lab.host, lab.tls_port, context=context)"
)
LOG_ON = "pop.user('anna@muster.example')\nprint(pop.pass_('Sommer2026').decode())"
COUNT = "print(pop.stat()[0])"


def lesson(folder: Path, *cells: str) -> Path:
    """Write a lesson, run it once, and store what it printed."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    path = stored(folder / "en" / "01-first.ipynb", notebook)
    path.write_text(lessons.run(path), "utf-8")
    return path


def found(path: Path) -> list[str]:
    """Return the first line of each finding, of an error its name."""
    return [re.sub(r"(Error|error_proto): .*", r"\1", said.splitlines()[0]) for said in twice.findings(path)]


# The others, which take a minute and more together, are run by `python -m tests.site.twice`.
@pytest.mark.slow
@pytest.mark.parametrize("lang", ["de", "en"])
def test_a_lesson_survives_a_class(lang: str) -> None:
    assert twice.findings(ROOT / f"notebooks/{lang}/03-log-on-names.ipynb") == []


@pytest.mark.slow
def test_a_session_that_is_logged_on_may_live_on(tmp_path: Path) -> None:
    assert found(lesson(tmp_path, START, f"{CONNECT}\n{LOG_ON}", COUNT, "lab.stop()")) == []


@pytest.mark.slow
def test_what_a_class_breaks_is_found(tmp_path: Path) -> None:
    start = f"{START}\nleft = ['the last']"
    cells = start, CONNECT, LOG_ON, "left.pop()", "pop.quit()", "print(lab.transcript[0])", "lab.stop()"
    assert found(lesson(tmp_path, *cells)) == [
        "cell-3 (twice, second run): IndexError",  # no hint fits it
        *([] if twice.ERRORS.exists() else ["cell-4 (twice, second run): AttributeError"]),
        "cell-5 (twice): prints something else",
        "cell-5 (twice, second run): prints something else",
        "cell-2 (talk): error_proto",
        "cell-4 (talk): SSLEOFError",
        "cell-5 (talk): prints something else",
    ]


@pytest.mark.parametrize(
    ("hints", "helped"),
    [
        ([], False),
        (["Run the first code cell again."], True),
        (["Connect again."], False),
    ],
)
def test_an_error_helps_if_it_says_what_to_do(hints: list[str], helped: bool) -> None:
    traceback = [
        "\x1b[31mLabStopped\x1b[0m: This Lab is stopped.",
        "Run the \x1b[1mfirst\x1b[0m code cell again.",
    ]
    error = nbformat.v4.new_output("error", ename="LabStopped", evalue="", traceback=traceback)
    assert twice.helps(error, hints) == helped


def test_without_hints_the_servers_refusal_helps() -> None:
    assert twice.helps(nbformat.v4.new_output("error", ename="error_proto", evalue="", traceback=[]), [])
