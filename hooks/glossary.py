"""MkDocs hook: ``<!-- glossary -->`` becomes the glossary, drawn from docs/glossary.yml.

Terms stand in the alphabetical order of the reader's language, each with an anchor of its own. A link to
where a term is explained carries the heading that stands there, read from the page or lesson itself.
"""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.utils.yaml import yaml_load

DATA = "glossary.yml"
MARK = "<!-- glossary -->"

#: The other language, and how its term, Microsoft's term and the words to avoid are introduced.
WORDS = {
    "de": {"other": "en", "in other": "Englisch", "microsoft": "Microsoft", "avoid": "nicht", "see": "Mehr"},
    "en": {"other": "de", "in other": "German", "microsoft": "Microsoft", "avoid": "not", "see": "More"},
}

#: What the file says of one term.
Term = dict[str, Any]


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill in the glossary."""
    if MARK not in markdown:
        return markdown
    lang = str(page.file.locale)  # type: ignore[attr-defined]  # set by mkdocs-static-i18n
    root = Path(config.config_file_path).parent
    terms: dict[str, Term] = load(root / "docs" / DATA)["terms"]
    drawn = [_term(name, terms[name], lang, root) for name in in_order(terms, lang)]
    return markdown.replace(MARK, "\n\n".join(['<div class="by-name" markdown>', *drawn, "</div>"]))


def load(path: Path) -> dict[str, Any]:
    """Return what the file holds: terms by name, and exceptions."""
    with path.open(encoding="utf-8") as file:
        known: dict[str, Any] = yaml_load(file)
    return known


def in_order(terms: dict[str, Term], lang: str) -> list[str]:
    """Return the names of the terms in alphabetical order; ä counts as a, as in DIN 5007."""

    def key(name: str) -> str:
        letters = unicodedata.normalize("NFD", terms[name][lang].casefold())
        return "".join(letter for letter in letters if letter.isalnum())

    return sorted(terms, key=key)


def _term(name: str, term: Term, lang: str, root: Path) -> str:
    words = WORDS[lang]
    other = words["other"]
    facts = [f"{words['in other']}: *{term[other]}*{{ lang={other} }}"]
    if known := term.get("microsoft"):
        both = f"{known[lang]} / *{known[other]}*{{ lang={other} }}"
        facts.append(f"{words['microsoft']}: {known[lang] if known[lang] == known[other] else both}")
    if avoided := term.get("avoid", {}).get(lang):
        facts.append(f"{words['avoid']}: {', '.join(word.rstrip('*') for word in avoided)}")
    more = f" {words['see']}: [{_heading(term['see'], lang, root)}]({term['see']})." if "see" in term else ""
    return f"**{term[lang]}**{{ #{name} }}\n:   {term['means'][lang]}{more}\n\n    {' · '.join(facts)}"


def _heading(link: str, lang: str, root: Path) -> str:
    """Return the heading that a link leads to; without an anchor, the title of the page."""
    path, _, anchor = link.partition("#")
    name = path.removeprefix("../") if path.startswith("../") else f"reference/{path}"
    if path.endswith(".ipynb"):
        cells = json.loads((root / "notebooks" / lang / Path(name).name).read_text("utf-8"))["cells"]
        text = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        pattern = rf'<a id="{anchor}"></a>\s*#+ (.+)' if anchor else r"^# (.+)"
    else:
        text = (root / "docs" / lang / name).read_text("utf-8")
        pattern = rf"^#+ (.+?) \{{#{anchor}\}}" if anchor else r"^# (.+)"
    if not (found := re.search(pattern, text, re.MULTILINE)):
        raise PluginError(f"docs/{DATA}: {link} leads to no heading in {lang}")
    return found[1].strip()
