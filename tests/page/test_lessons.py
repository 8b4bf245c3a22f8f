"""The lessons in the page: cell for cell what is committed, by the files that the site publishes, in node."""

import json
import subprocess
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import pytest

from website.build import lessons, runnable
from website.page import bundle

ROOT = lessons.ROOT

LANGUAGES = ("de", "en")

#: How many code cells each lesson has, of which how many run in the page: in both languages the same.
CELLS = {
    "01": (21, 21),
    "02": (18, 18),
    "03": (18, 18),
    "04": (24, 23),
    "05": (23, 23),
    "06": (32, 32),
    "07": (24, 24),
    "08": (24, 24),
    "09": (31, 26),
    "10": (25, 25),
}

#: Which cells do not, and why.
NOT_HERE = {
    ("04", "table"): "kerberos",
    ("09", "realm"): "kerberos",
    ("09", "ticket"): "kerberos",
    ("09", "overheard"): "kerberos",
    ("09", "refused"): "kerberos",
    ("09", "forged"): "kerberos",
}

#: Cells that are to run and do not so far. Lesson 06 starts an IMAP4 server, pymap, in a process of its own;
#: a page has none. Whether pymap runs on the loop of the page has not been tried.
MISSING = {"06": frozenset({"imap", "imap-proof", "uids", "uids-proof"})}


def name(lesson: Path) -> str:
    return lesson.name.partition("-")[0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_code_cell_says_whether_it_runs_in_the_page(lang: str) -> None:
    said: dict[tuple[str, str], str] = {}
    counts = {}
    for lesson in lessons.lessons():
        if lesson.parent.name == lang:
            cells = runnable.cells(lesson)
            runs = [cell for cell in cells.values() if cell.page == "runs"]
            counts[name(lesson)] = (len(cells), len(runs))
            said |= {(name(lesson), id): cell.page for id, cell in cells.items() if cell.page != "runs"}
    assert counts == CELLS
    assert said == NOT_HERE
    assert len(said) * len(LANGUAGES) <= 12


# -- under node -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Mapping[tuple[str, str], list[dict[str, Any]]]:
    """What came of each cell, by language and lesson."""
    folder = tmp_path_factory.mktemp("bundle")
    for file, content in bundle.build(ROOT).files.items():
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_bytes(content)

    def run(lang: str) -> list[str]:
        found = [str(lesson) for lesson in lessons.lessons() if lesson.parent.name == lang]
        program = Path(__file__).parent / "pyodide" / "lessons.mjs"
        done = subprocess.run(
            [bundle.node(), program, folder, *found], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout.splitlines()

    came: dict[tuple[str, str], list[dict[str, Any]]] = {}
    with ThreadPoolExecutor(len(LANGUAGES)) as pool:
        for lines in pool.map(run, LANGUAGES):
            for cell in map(json.loads, lines):
                came.setdefault((cell["lang"], cell["lesson"][:2]), []).append(cell)
    return came


def differences(lang: str, lesson: str, came: list[dict[str, Any]]) -> dict[str, object]:
    """Return what came of the cells that are marked `runs` and did not come out as committed."""
    (path,) = (ROOT / "notebooks" / lang).glob(f"{lesson}-*.ipynb")
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert [cell.id for cell in cells] == [cell["id"] for cell in came]
    found: dict[str, object] = {}
    for cell, new in zip(cells, came, strict=True):
        printed = "".join(output.text for output in cell.outputs if output.output_type == "stream")
        values = [output.data for output in cell.outputs if output.output_type != "stream"]
        same = (new["printed"], new["value"], new["error"]) == (printed, *(values or [{}]), [])
        if cell.metadata.minipop.page == "runs" and not same:
            found[cell.id] = new
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("lesson", CELLS)
def test_every_cell_that_runs_equals_its_committed_output(
    lang: str, lesson: str, ran: Mapping[tuple[str, str], list[dict[str, Any]]]
) -> None:
    found = differences(lang, lesson, ran[lang, lesson])
    missing = MISSING.get(lesson, frozenset())
    assert found.keys() - missing == set(), {id: found[id] for id in found.keys() - missing}
    assert missing - found.keys() == set(), "these cells run by now; take them out of MISSING"


def test_a_cell_that_differs_is_found(ran: Mapping[tuple[str, str], list[dict[str, Any]]]) -> None:
    came = [dict(cell) for cell in ran["en", "01"]]
    came[1]["printed"] += "!"
    came[-2]["value"] = {}
    came[-1]["error"] = ["NameError"]
    assert list(differences("en", "01", came)) == ["connect", "check", "stop"]


def test_as_many_cells_are_equal_as_we_say(ran: Mapping[tuple[str, str], list[dict[str, Any]]]) -> None:
    count: Counter[str] = Counter()
    for (lang, lesson), came in ran.items():
        count["cells"] += len(came)
        count["differ"] += len(differences(lang, lesson, came))
    assert count == {"cells": 480, "differ": 2 * sum(map(len, MISSING.values()))}
