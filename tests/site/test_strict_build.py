"""Break it on purpose: what a strict build must not let pass."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.site import checks
from tests.site.projects import build_here, replace, small_project

LESSON = "notebooks/de/01-first.ipynb"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return small_project(tmp_path / "project")


@pytest.mark.parametrize("name", ["docs/en/index.md", "notebooks/de/01-first.ipynb"])
def test_a_missing_translation_stops_the_build(project: Path, name: str) -> None:
    (project / name).unlink()
    assert f"missing translation: {name}" in build_here(project)


@pytest.mark.parametrize(
    ("name", "old", "new", "warning"),
    [
        (
            "docs/de/index.md",
            "learn/01-first.ipynb#log-on",
            "learn/02-second.ipynb",
            "'learn/02-second.ipynb'",
        ),
        ("docs/en/index.md", "#log-on", "#log-off", "does not contain an anchor '#log-off'"),
        (
            "notebooks/de/01-first.ipynb",
            "/de/index.md",
            "/de/gone.md",
            "link target not found: ../../docs/de/gone.md",
        ),
    ],
    ids=["page to nowhere", "page to no heading", "lesson to nowhere"],
)
def test_a_dead_link_stops_the_build(project: Path, name: str, old: str, new: str, warning: str) -> None:
    replace(project / name, old, new)
    assert warning in build_here(project)


def test_an_image_without_a_text_stops_the_build(project: Path) -> None:
    replace(project / LESSON, "[Start](", "![](../../docs/assets/site.css) [Start](")
    assert "image without a text" in build_here(project)


@pytest.mark.parametrize(
    ("name", "old", "new", "warning"),
    [
        (
            "docs/de/index.md",
            "# Start",
            "---\nhide: [toc]\n---\n\n# Start\n\n<!-- setings mailbox -->",
            "docs/de/index.md:7: <!-- setings mailbox -->: no such mark; "
            "do you mean <!-- settings mailbox -->? "
            "Draw it in website/pages/, or write one of these: article, checked, claims count, ",
        ),
        (
            "docs/en/index.md",
            "# Start",
            "# Start\n\n<!-- command NONSENSE -->",
            "docs/en/index.md:3: <!-- command NONSENSE -->: minipop has no command NONSENSE; there are",
        ),
        (
            "docs/en/index.md",
            "# Start",
            "# Start\n\n```pop3 2004\nQUIT\n```",
            "docs/en/index.md: ```pop3 2004: 2004 means nothing here; there are 2000, ",
        ),
        (
            LESSON,
            "# Erste",
            "# Erste\\n\\n<!-- settings mailbox -->",
            "notebooks/de/01-first.ipynb: <!-- settings mailbox -->: JupyterLab draws no marks",
        ),
        (
            "small.yml",
            "part_of_the_site: true",
            "part_of_the_site: false",
            "website/pages/glossary.py: no page of docs/en uses <!-- glossary -->; write it there, or delete",
        ),
    ],
    ids=["unknown", "wrong argument", "dialogue", "in a lesson", "unused"],
)
def test_a_wrong_mark_stops_the_build(project: Path, name: str, old: str, new: str, warning: str) -> None:
    replace(project / name, old, new)
    assert warning in build_here(project)


def test_without_the_hook_a_green_build_would_publish_json(project: Path) -> None:
    """What the hook is for; when this fails, mkdocs-jupyter and static-i18n get on by themselves."""
    shutil.copytree(project / "notebooks/de", project / "docs/de/learn")
    shutil.copytree(project / "notebooks/en", project / "docs/en/learn")
    with (project / "small.yml").open("a", encoding="utf-8") as config:
        config.write("hooks: []\nvalidation: {links: {not_found: ignore, anchors: ignore}}\n")
    assert build_here(project) == ""
    assert "learn/01-first/index.html: is not HTML but begins '{" in "\n".join(
        checks.wrong_language(project / "site")
    )
