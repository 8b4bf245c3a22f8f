"""The comparison of two built sites sees what is wrong; `make evidence` builds and compares the real ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from evidence.program import Failed
from evidence.twin import building
from evidence.twin.comparison import Comparison, compare

PAGE = '<html>\n<meta name="generator" content="{}">\n<p>Three messages</p>\n'
MKDOCS = {"index.html": PAGE.format("mkdocs-1.6.1"), "en/index.html": PAGE.format("mkdocs-1.6.1")}
PROPERDOCS = {name: PAGE.format("mkdocs-ProperDocs 1.6.7") for name in MKDOCS}
BESIDE = {"search/search_index.json": '{"docs": []}', "assets/site.css": "p { color: red }\n"}


def compared(tmp_path: Path, left: Mapping[str, str], right: Mapping[str, str]) -> Comparison:
    """Write two sites and compare them."""
    for program, site in {"mkdocs": left, "properdocs": right}.items():
        for name, text in site.items():
            file = tmp_path / program / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    return compare(tmp_path / "mkdocs", tmp_path / "properdocs")


def test_sites_that_differ_in_the_listed_tag_alone_are_equal(tmp_path: Path) -> None:
    found = compared(tmp_path, {**MKDOCS, **BESIDE}, {**PROPERDOCS, **BESIDE})
    assert found == Comparison(files=4, pages=2, differences={"generator": 2}, wrong=[])


def test_a_listed_difference_is_counted_only_where_it_is(tmp_path: Path) -> None:
    found = compared(tmp_path, MKDOCS, {**PROPERDOCS, "index.html": MKDOCS["index.html"]})
    assert (found.differences, found.wrong) == ({"generator": 1}, [])


def test_a_listed_difference_that_is_gone_has_to_leave_the_list(tmp_path: Path) -> None:
    found = compared(tmp_path, MKDOCS, MKDOCS)
    assert found.wrong == ["generator is listed, but does not differ any more"]


def test_folders_without_files_are_not_equal(tmp_path: Path) -> None:
    assert compared(tmp_path, {}, {}).wrong[0] == "there are no files"


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        (
            "index.html",
            PROPERDOCS["index.html"].replace("Three", "Four"),
            "index.html: line 3: '<html>\\ngenerator\\n<p>Three messages</p>\\n' "
            "is '<html>\\ngenerator\\n<p>Four messages</p>\\n'",
        ),
        (
            "index.html",
            PROPERDOCS["index.html"].replace("content=", "contents="),
            "index.html: line 2: '<html>\\ngenerator\\n<p>Three messages</p>\\n' "
            'is \'<html>\\n<meta name="generator" contents="mkdocs-ProperDocs 1.\'',
        ),
        (
            "assets/site.css",
            "p { color: red }",
            "assets/site.css: line 1: 'p { color: red }\\n' is 'p { color: red }'",
        ),
        ("en/new.html", "<html>\n", "en/new.html is missing from mkdocs"),
    ],
    ids=["another word", "not the listed tag", "an end of line", "a file more"],
)
def test_any_other_difference_is_named_with_its_file(
    name: str, text: str, sentence: str, tmp_path: Path
) -> None:
    found = compared(tmp_path, {**MKDOCS, **BESIDE}, {**PROPERDOCS, **BESIDE, name: text})
    assert found.wrong == [sentence]


def test_a_file_less_is_named(tmp_path: Path) -> None:
    less = {name: text for name, text in {**PROPERDOCS, **BESIDE}.items() if name != "assets/site.css"}
    found = compared(tmp_path, {**MKDOCS, **BESIDE}, less)
    assert found.wrong == ["assets/site.css is missing from properdocs"]
    assert found.files == 4


# -- the programs -------------------------------------------------------------------------------------


def test_a_program_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(building.PROGRAMS, "properdocs", tmp_path / "bin" / "python")
    with pytest.raises(Failed, match=r"^no properdocs here; run: make evidence$"):
        building.build("properdocs", tmp_path / "site")


def test_a_site_that_is_not_built_fails_with_the_last_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mkdocs.yml").write_text("site_name: x\ntheme: no-such-theme\n", "utf-8")
    monkeypatch.setattr(building, "ROOT", tmp_path)
    with pytest.raises(Failed, match=r"^mkdocs does not build the site: Aborted with a configuration error"):
        building.build("mkdocs", tmp_path / "site")
