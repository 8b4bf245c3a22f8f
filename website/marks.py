"""Marks in pages: ``<!-- settings mailbox -->`` stands where something is drawn, on a line of its own.

To add one, register a function in a module of pages/, records/ or figures/, and write the mark into a page,
in both languages::

    @mark("settings mailbox")
    def mailbox(context: Context) -> str:
        return table(…)

A mark that takes a paragraph draws what stands right below it, without a blank line between, as well.

The function's further parameters are what may stand behind the mark's name: ``<!-- probe 2016 -->`` calls
``probe(context, "2016")``. It returns Markdown, and raises `Problem` for what the page's author has to put
right.
"""

from __future__ import annotations

import inspect
import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache
from importlib import import_module
from pathlib import Path
from textwrap import indent
from typing import NamedTuple, TypeVar

from website.content import text_cells
from website.data import LANGUAGES, Problem
from website.words import Section, words

#: The folders whose modules register marks.
ROOMS = ("pages", "records", "figures")

_MARK = re.compile(r" *<!-- (?P<text>\S.*?) --> *")
_FENCE = re.compile(r" *(?P<fence>`{3,}|~{3,})[^`]*")
_CODE = re.compile(r"(`+).+?\1")

F = TypeVar("F", bound=Callable[..., str])


@dataclass(frozen=True)
class Context:
    """Where something is drawn.

    Args:
        lang: the reader's language.
        root: the project's folder.
        page: the page's file below its language: ``guide/administration.md``.
        url: its address in the site: ``en/guide/administration/``.
        site: the address of the site, with a slash at its end.
        repository: where the project can be cloned from; empty if that is not said.
        paragraph: what stands right below the mark, if it takes that.
    """

    lang: str
    root: Path
    page: str = "index.md"
    url: str = ""
    site: str = "/"
    repository: str = ""
    paragraph: str = ""

    @property
    def file(self) -> str:
        """The page's file: ``docs/en/guide/administration.md``."""
        return f"docs/{self.lang}/{self.page}"

    def words(self, section: str) -> Section:
        """Return a section of the words of the reader's language."""
        return words(self.lang, section)

    def link(self, target: str) -> str:
        """Link the page to another file below the language: ``learn/01-first-session.ipynb``."""
        return posixpath.relpath(target, posixpath.dirname(self.page) or ".")


class Mark(NamedTuple):
    """A registered mark: what draws it, the file where that stands, and whether it takes a paragraph."""

    draw: Callable[..., str]
    file: str
    takes_paragraph: bool = False

    def usage(self, name: str) -> str:
        """Return how the mark is written: what must stand behind its name and, in brackets, what may."""
        return f"<!-- {' '.join([name, *map(_shown, self.parameters())])} -->"

    def parameters(self) -> list[inspect.Parameter]:
        """Return what may stand behind its name."""
        return list(inspect.signature(self.draw).parameters.values())[1:]

    def takes(self, arguments: list[str]) -> bool:
        """Tell whether so many words may stand behind its name."""
        try:
            inspect.signature(self.draw).bind(None, *arguments)
        except TypeError:
            return False
        return True


def _shown(parameter: inspect.Parameter) -> str:
    name = parameter.name.upper()
    if parameter.kind is parameter.VAR_POSITIONAL:
        return f"[{name} …]"
    return name if parameter.default is parameter.empty else f"[{name}]"


_MARKS: dict[str, Mark] = {}


def mark(name: str, *, takes_paragraph: bool = False) -> Callable[[F], F]:
    """Register what draws a mark.

    Args:
        name: the mark's words, without arguments.
        takes_paragraph: whether it draws the paragraph right below it, too: `Context.paragraph`.
    """

    def register(draw: F) -> F:
        file = f"{draw.__module__.replace('.', '/')}.py"
        if name in _MARKS:
            raise Problem(f"{file}: <!-- {name} --> is registered already, in {_MARKS[name].file}")
        _MARKS[name] = Mark(draw, file, takes_paragraph)
        return draw

    return register


@cache
def known() -> dict[str, Mark]:
    """Return all marks by their names; that loads the modules that register them."""
    here = Path(__file__).parent
    for room in ROOMS:
        for module in sorted((here / room).glob("[!_]*.py")):
            import_module(f"website.{room}.{module.stem}")
    return _MARKS


class Found(NamedTuple):
    """A mark in a page: its line, from 0, and its words; no words if it is not written as a mark is."""

    line: int
    words: list[str]


def find(markdown: str) -> Iterator[Found]:
    """Yield the marks of a page; what stands in code, in a fence or in backticks, is none."""
    for number, (fenced, line) in enumerate(_lines(markdown)):
        if not fenced and "<!--" in _CODE.sub("", line):
            written = _MARK.fullmatch(line)
            yield Found(number, written["text"].split() if written else [])


def prose(markdown: str) -> Iterator[tuple[bool, str]]:
    """Split a page into parts, each with whether it is text; what stands in code is none."""
    for number, (fenced, line) in enumerate(_lines(markdown)):
        if number:
            yield False, "\n"
        if fenced:
            yield False, line
            continue
        end = 0
        for code in _CODE.finditer(line):
            yield True, line[end : code.start()]
            yield False, code[0]
            end = code.end()
        yield True, line[end:]


def _lines(markdown: str) -> Iterator[tuple[bool, str]]:
    """Yield the lines of a page, each with whether it belongs to a fence."""
    fence = ""
    for line in markdown.split("\n"):
        if fence:
            yield True, line
            fence = "" if line.strip().startswith(fence) else fence
        elif opening := _FENCE.fullmatch(line):
            fence = opening["fence"]
            yield True, line
        else:
            yield False, line


def fill(markdown: str, context: Context, before: int = 0) -> str:
    """Return a page's text with all its marks drawn.

    Args:
        markdown: the text.
        context: which page it is.
        before: how many lines stand before it in the page's file.

    Raises:
        Problem: a mark is not known or cannot be drawn; the message begins with the page's file and the line.
    """
    lines = markdown.split("\n")
    drawn: set[tuple[str, ...]] = set()
    for number, said in find(markdown):
        text = lines[number].strip()
        try:
            margin = lines[number].partition("<")[0]
            name = name_of(said)
            paragraph = _take(lines, number + 1) if name and known()[name].takes_paragraph else ""
            if (*said, paragraph) in drawn:
                raise Problem("it stands on the page twice, so that its ids are not unique")
            drawn.add((*said, paragraph))
            lines[number] = indent(draw(said, replace(context, paragraph=paragraph)), margin)
        except Problem as problem:
            line = before + number + 1
            raise Problem(f"{context.file}:{line}: {text}: {problem}") from problem
    return "\n".join(lines)


def _take(lines: list[str], first: int) -> str:
    """Return the lines up to a blank one, and leave them empty: those behind keep their numbers."""
    last = next((at for at in range(first, len(lines)) if not lines[at].strip()), len(lines))
    taken = "\n".join(lines[first:last])
    lines[first:last] = [""] * (last - first)
    return taken


def draw(said: list[str], context: Context) -> str:
    """Return what a mark draws.

    Args:
        said: its words: the name, which may be of several, and the arguments.
        context: where it is drawn.

    Raises:
        Problem: there is no such mark, or not with such arguments.
    """
    if not said:
        raise Problem("a comment is a mark; write <!-- MARK --> and nothing else on the line")
    name = name_of(said)
    if not name:
        alike = _alike(said)
        guess = f"do you mean <!-- {alike} -->? " if alike else ""
        raise Problem(
            f"no such mark; {guess}Draw it in website/pages/, or write one of these: "
            f"{', '.join(sorted(known()))}"
        )
    registered, arguments = known()[name], said[len(name.split()) :]
    if not registered.takes(arguments):
        raise Problem(f"write {registered.usage(name)}")
    return registered.draw(context, *arguments)


def name_of(said: list[str]) -> str:
    """Return the longest name of a mark that words begin with, empty if there is none."""
    names = (" ".join(said[:length]) for length in range(len(said), 0, -1))
    return next((name for name in names if name in known()), "")


def _alike(said: list[str]) -> str:
    """Return the name of the mark that words may have been meant for, empty if none is spelt alike."""

    def likeness(name: str) -> float:
        return SequenceMatcher(None, " ".join(said[: len(name.split())]), name).ratio()

    best = max(known(), key=likeness)
    return best if likeness(best) > 0.6 else ""


def unused(root: Path) -> Iterator[str]:
    """Say which marks no page of a language uses, a sentence for each.

    Args:
        root: the project's folder.
    """
    for lang in LANGUAGES:
        pages = [page.read_text("utf-8") for page in sorted((root / "docs" / lang).rglob("*.md"))]
        cells = [
            cell for path in sorted((root / "notebooks" / lang).glob("*.ipynb")) for cell in text_cells(path)
        ]
        used = {name_of(found.words) for text in [*pages, *cells] for found in find(text)}
        for name, registered in known().items():
            if name not in used:
                says = f"no page of docs/{lang} uses {registered.usage(name)}"
                yield f"{registered.file}: {says}; write it there, or delete its function"
