"""What must hold of the words: headings say the glossary's, and quotation marks are those of the language.

Only prose is looked at. Whatever else a text holds is blanked out first, in place, so that line numbers stay.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mkdocs.utils.yaml import yaml_load

from website.pages import glossary
from website.pages.glossary import Term

#: What is no prose, in the order in which it goes.
NO_PROSE = (
    re.compile(r"\A---\n.*?\n---\n", re.DOTALL),  # front matter
    re.compile(r"^ *(```+|~~~+).*?^ *\1 *$", re.DOTALL | re.MULTILINE),  # fences
    re.compile(r"<!--.*?-->|<(code|pre|script|style)\b.*?</\1>", re.DOTALL),
    re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL),  # code
    re.compile(r"<[a-zA-Z/][^<>]*>"),  # tags, with their attributes
    re.compile(r"^(?:!!!|\?\?\?) .*$", re.MULTILINE),  # the first line of an admonition
    re.compile(r"(?<=\])\([^()\s]*(\s\"[^\"]*\")?\)|(?<=\])\[[^\[\]]*\]"),  # what links lead to
    re.compile(
        r"\{[^{}\n]*\}|^::: .*$|https?://\S+|--[a-z][\w-]*", re.MULTILINE
    ),  # places, API, addresses, options
    re.compile(r"\b\w+\.\w+\([^()\n]*\)|\b\w+=\S+"),  # code in plain text, as in the hints of exercises
)

#: Titles and foreign words.
ITALICS = re.compile(r"(?<![*\w])\*(?![*\s])[^*\n]+(?<!\s)\*(?![*\w])")

_HEADINGLESS = re.compile(r"^(?!#).*$", re.MULTILINE)

OPEN, CLOSE = {"de": "„", "en": "“"}, {"de": "“", "en": "”"}


class Text(NamedTuple):
    """A piece of text in one language, and where it begins."""

    file: str
    line: int
    lang: str
    text: str


class Avoided(NamedTuple):
    """A word that no heading says, and the right one."""

    pattern: re.Pattern[str]
    word: str
    right: str


def texts(root: Path) -> Iterator[Text]:
    """Yield every text that a reader gets to see: pages, text cells of lessons, and data drawn into pages."""
    for lang in ("de", "en"):
        for page in sorted((root / "docs" / lang).rglob("*.md")):
            yield Text(page.relative_to(root).as_posix(), 1, lang, page.read_text("utf-8"))
        for lesson in sorted((root / "notebooks" / lang).glob("*.ipynb")):
            yield from _cells(lesson, lesson.relative_to(root).as_posix(), lang)
    typed = root / "docs/search.yml"  # what readers type, in their own words
    for data in sorted({*(root / "docs").rglob("*.yml")} - {typed}):
        with data.open(encoding="utf-8") as file:
            yield from _data(data, root, yaml_load(file))
    for words in sorted((root / "website" / "words").glob("*.yml")):
        with words.open(encoding="utf-8") as file:
            yield from _data(words, root, {words.stem: yaml_load(file)})
    titles = root / "src/minipop/exchange/sources.toml"
    for data in sorted({*(root / "src").rglob("*.toml")} - {titles}):
        yield from _data(data, root, tomllib.loads(data.read_text("utf-8")))


def wrong_words(root: Path) -> list[str]:
    """No heading says a word that the glossary avoids; no exception is there for nothing.

    The text below a heading may say it: it is a word that readers use.
    """
    known = glossary.load(root)
    findings = []
    exceptions = known.exceptions
    idle = {lang: set(phrases) for lang, phrases in exceptions.items()}
    avoided = {lang: list(_avoided(known.terms, lang)) for lang in exceptions}
    for file, line, lang, text in texts(root):
        prose = _HEADINGLESS.sub(_blank, blanked(text))
        for phrase in exceptions[lang]:
            if phrase in prose:
                idle[lang].discard(phrase)
                prose = prose.replace(phrase, " " * len(phrase))
        prose = ITALICS.sub(_blank, prose)
        for pattern, word, right in avoided[lang]:
            for found in pattern.finditer(prose):
                if found[0].isupper() and not word.isupper():
                    continue  # a command or a mechanism, such as USER and LOGIN
                at = line + prose.count("\n", 0, found.start())
                findings.append(f"{file}:{at}: “{found[0]}” ({word}): {right}")
    findings += [f"docs/glossary.yml: no text needs “{p}”" for lang in idle for p in sorted(idle[lang])]
    return findings


def wrong_quotes(root: Path) -> list[str]:
    """German quotes „so“ and English “like this”; neither with the straight marks of a typewriter."""
    findings = []
    for file, line, lang, text in texts(root):
        for number, paragraph in _paragraphs(blanked(text)):
            if problem := _quotes(paragraph, lang):
                findings.append(f"{file}:{line + number}: {problem}")
    return findings


def blanked(text: str) -> str:
    """Return a text with blanks for all that is no prose."""
    for pattern in NO_PROSE:
        text = pattern.sub(_blank, text)
    return text


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])


def _avoided(terms: dict[str, Term], lang: str) -> Iterator[Avoided]:
    for term in terms.values():
        for word in term.avoid.get(lang, ()):
            ending = r"\w*" if word.endswith("*") else r"(?!\w)"
            pattern = re.compile(rf"(?<![\w.@/]){re.escape(word.rstrip('*'))}{ending}", re.IGNORECASE)
            yield Avoided(pattern, word, term.said(lang))


def _quotes(paragraph: str, lang: str) -> str:
    is_open = False
    for mark in re.findall('["„“”«»]', paragraph):
        if mark == OPEN[lang] and not is_open:
            is_open = True
        elif mark == CLOSE[lang] and is_open:
            is_open = False
        else:
            return f"{mark} in {' '.join(paragraph.split())[:60]!r}"
    return f"{OPEN[lang]} stays open in {' '.join(paragraph.split())[:60]!r}" if is_open else ""


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Yield paragraphs, items of lists and rows of tables, each with the number of its first line, from 0."""
    number, lines = 0, list[str]()
    for at, line in enumerate([*text.split("\n"), ""]):
        if lines and (not line.strip() or re.match(r" *([-*|#>]|\d+\.) *", line)):
            yield number, "\n".join(lines)
            lines = []
        if line.strip():
            number = number if lines else at
            lines.append(line)


def _cells(path: Path, name: str, lang: str) -> Iterator[Text]:
    """Yield the text cells of a lesson, with the line in the file where the first one of each stands."""
    lines = path.read_text("utf-8").split("\n")
    at = 0
    for cell in json.loads("\n".join(lines))["cells"]:
        if cell["cell_type"] != "markdown" or not cell["source"]:
            continue
        first = json.dumps(cell["source"][0], ensure_ascii=False)
        at = next(n for n in range(at, len(lines)) if lines[n].strip().rstrip(",") == first)
        yield Text(name, at + 1, lang, "".join(cell["source"]))
        at += len(cell["source"])


def _data(path: Path, root: Path, data: object) -> Iterator[Text]:
    """Yield what a data file says in either language: all texts below a key de or en.

    Other words for a term are not among them, nor names that are Microsoft's.
    """
    lines = path.read_text("utf-8").split("\n")
    for lang, text in _below(data, ""):
        words = text.strip().split("\n")[0][:40]
        line = next((n for n, known in enumerate(lines, 1) if words in known), 1)
        yield Text(path.relative_to(root).as_posix(), line, lang, text)


def _below(data: object, lang: str) -> Iterator[tuple[str, str]]:
    if isinstance(data, str) and lang:
        yield lang, data
    elif isinstance(data, list):
        for item in data:
            yield from _below(item, lang)
    elif isinstance(data, dict):
        for key, value in data.items():
            if key not in ("also", "avoid", "exceptions", "forms", "microsoft"):
                yield from _below(value, key if key in ("de", "en") else lang)
