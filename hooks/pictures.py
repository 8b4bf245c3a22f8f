"""MkDocs hook: figures that are drawn from data while the site is built; see hooks/figures/.

What an author can write in a page:

- ``<!-- figure states -->``: the figure of that name, one of `FIGURES`;
- ``<!-- timeline -->``: the data of the figure ``timeline`` as a table.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

sys.path.append(str(Path(__file__).resolve().parents[1]))  # MkDocs loads a hook by its path alone

from hooks.figures import deletion, eavesdropper, servers, states, timeline

#: Draws each figure, given a language and the folder of the project.
FIGURES: dict[str, Callable[[str, Path], str]] = {
    "states": lambda lang, _: states.draw(lang),
    "deletion": lambda lang, _: deletion.draw(lang),
    "eavesdropper": lambda lang, _: eavesdropper.draw(lang),
    "timeline": timeline.draw,
    "servers": servers.draw,
    "growth": servers.draw_growth,
}

_MARK = re.compile(r"^<!-- (?:figure (?P<name>.*?)|(?P<table>timeline)) -->$", re.MULTILINE)


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill in the marks of a page."""
    lang = str(page.file.locale)  # type: ignore[attr-defined]  # set by mkdocs-static-i18n
    root = Path(config.config_file_path).parent
    try:
        return fill(markdown, lang, root)
    except (ValueError, OSError) as error:
        raise PluginError(f"{page.file.src_uri}: {error}") from error


def fill(markdown: str, lang: str, root: Path) -> str:
    """Replace the marks in a text.

    Raises:
        ValueError: there is no such figure, it stands on the page already, or its data are wrong.
        OSError: its data cannot be read.
    """
    drawn: set[str] = set()

    def mark(found: re.Match[str]) -> str:
        if found["table"]:
            return timeline.table(lang, root)
        name = found["name"]
        if name not in FIGURES:
            raise ValueError(f"no figure {name}; there are {', '.join(FIGURES)}")
        if name in drawn:
            raise ValueError(f"figure {name} stands on the page twice")
        drawn.add(name)
        return FIGURES[name](lang, root)

    return _MARK.sub(mark, markdown)
