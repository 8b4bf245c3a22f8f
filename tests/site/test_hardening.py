"""The page on bad input: each test that it names is there, and each class that is tried is on it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.site import checks
from tests.site.projects import ROOT
from website.pages.hardening import load

CLASSES = load(ROOT)
NAMED = sorted({test for known in CLASSES.values() for test in known.tests})


def found_in(file: str) -> dict[str, str]:
    """Return the tests of a module, and what each says of itself."""
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {node.name: ast.get_docstring(node) or "" for node in functions if node.name.startswith("test_")}


@pytest.mark.parametrize("test", NAMED)
def test_a_test_that_the_table_names_is_there(test: str) -> None:
    file, _, name = test.partition("::")
    assert name in found_in(file)


def test_each_test_of_a_class_is_in_the_table_and_names_no_other_cve() -> None:
    file = "tests/server/test_cve_classes.py"
    for name, said in found_in(file).items():
        known = [row for row in CLASSES.values() if f"{file}::{name}" in row.tests]
        assert known, name
        cves = {cve for row in known for cve in row.cves}
        assert set(re.findall(r"CVE-\d{4}-\d+", said)) <= cves, name


def test_every_class_has_a_test() -> None:
    assert len(CLASSES) > 15
    for known in CLASSES.values():
        assert known.tests
        assert all(re.fullmatch(r"CVE-\d{4}-\d{4,}", cve) for cve in known.cves)


@pytest.mark.parametrize("page", ["about", "en/about"])
def test_the_page_has_a_row_for_each_class(site: Path, page: str) -> None:
    article = checks.article(checks.page(site, f"{page}/hardening/index.html"))
    assert [span["id"] for span in article.select("td span[id]")] == list(CLASSES)
    row = article.select_one("#stls-injection")
    assert row
    cells = [cell.get_text(" ") for cell in row.find_parent("tr").find_all("td")]  # type: ignore[union-attr]
    assert "CVE-2021-38084" in cells[0]
    assert "commands in the packet of stls are neither answered nor executed" in cells[2]
