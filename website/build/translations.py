"""Every page stands in both languages, and the language switch stays on the page.

mkdocs-static-i18n builds the site once per language, the first one at the root of the site.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from website.data import LANGUAGES, prefix

_TREES = {"docs": "*.md", "notebooks": "*.ipynb"}


def missing(root: Path, lang: str) -> Iterator[str]:
    """Yield each page and lesson that another language has and this one lacks.

    Args:
        root: the project's folder.
        lang: the language.
    """
    for tree, pattern in _TREES.items():
        pages = {
            language: {
                path.relative_to(root / tree / language).as_posix()
                for path in (root / tree / language).rglob(pattern)
                if ".ipynb_checkpoints" not in path.parts
            }
            for language in LANGUAGES
        }
        yield from (f"{tree}/{lang}/{name}" for name in sorted(set().union(*pages.values()) - pages[lang]))


def starts() -> dict[str, str]:
    """Return the addresses of the start pages, from the root of the site."""
    return {lang: prefix(lang) for lang in LANGUAGES}
