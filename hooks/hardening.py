"""MkDocs hook: ``<!-- hardening -->`` becomes the classes of attack, drawn from docs/hardening.yml."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

DATA = Path("docs", "hardening.yml")
MARK = "<!-- hardening -->"

#: The heads of the columns.
HEADS = {
    "de": ("Was versucht wird", "Was minipop tut", "Welcher Test es zeigt"),
    "en": ("What is tried", "What minipop does", "Which test shows it"),
}


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill in the table."""
    if MARK not in markdown:
        return markdown
    lang = str(page.file.locale)  # type: ignore[attr-defined]  # set by mkdocs-static-i18n
    rows = (HEADS[lang], ("---",) * 3, *_rows(read(Path(config.config_file_path).parent), lang))
    return markdown.replace(MARK, "\n".join(f"| {' | '.join(row)} |" for row in rows))


def read(root: Path) -> dict[str, Any]:
    """Return the classes by their keys.

    Args:
        root: the project's folder.
    """
    classes: dict[str, Any] = yaml.safe_load((root / DATA).read_text("utf-8"))
    return classes


def _rows(classes: dict[str, Any], lang: str) -> Iterator[tuple[str, str, str]]:
    for key, known in classes.items():
        cves = ", ".join(f"[{cve}](https://www.cve.org/CVERecord?id={cve})" for cve in known.get("cves", ()))
        attack = f'<span id="{key}">{known["attack"][lang]}</span>'
        tests = "<br>".join(map(_test, known["tests"]))
        yield "<br>".join(filter(None, (attack, cves))), known["answer"][lang], tests


def _test(address: str) -> str:
    """Write a test as the sentence that its name is, and the file that it stands in."""
    file, _, name = address.partition("::")
    sentence = name.removeprefix("test_").replace("_", " ")
    return f'<span lang="en">{sentence}</span> (`{file.removeprefix("tests/")}`)'
