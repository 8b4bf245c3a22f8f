"""The ways into the site: the pages of a section with what each answers, and the lessons as a path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

from website.content import file_of, heading
from website.data import Problem
from website.marks import Context, mark
from website.pages.course import Lesson, read

_ANSWER = re.compile(r"\A---\n(?:.*\n)*?description: (.+)\n(?:.*\n)*?---\n")

#: How much a lesson asks for, by its number.
_LEVELS = {**dict.fromkeys(("01", "02", "03", "05"), "basic"), **dict.fromkeys(("09", "10"), "advanced")}


@cache
def menu(root: Path) -> dict[str, list[str]]:
    """Return the pages of each section in the menu's order: ``{"guide": ["guide/what-pop3-is", …]}``.

    Args:
        root: the project's folder.
    """
    # BaseLoader, because it leaves alone what only MkDocs knows, such as !ENV.
    nav = yaml.load((root / "mkdocs.yml").read_text("utf-8"), yaml.BaseLoader)["nav"]
    sections: dict[str, list[str]] = {}
    for entry in nav:
        for listed in entry.values():
            if isinstance(listed, list):
                names = [file.rpartition(".")[0] for file in listed]
                index = next(name for name in names if name.endswith("/index"))
                sections[index.partition("/")[0]] = [name for name in names if name != index]
    return sections


@mark("pages")
def pages(context: Context, section: str) -> str:
    """Draw the pages of a section, each with what it answers."""
    known = menu(context.root)
    if section not in known:
        raise Problem(f"mkdocs.yml has no section {section}; there are {', '.join(known)}")
    return "\n".join(_entries(context, known[section]))


def _entries(context: Context, names: list[str]) -> Iterator[str]:
    for name in names:
        title = heading(context.root, context.lang, name)
        yield f"- **[{title}]({context.link(f'{name}.md')})**<br>{_answer(context, name)}"


def _answer(context: Context, name: str) -> str:
    file = file_of(context.lang, name)
    found = _ANSWER.match((context.root / file).read_text("utf-8"))
    if not found:
        raise Problem(
            f"{file.as_posix()} does not say what it answers; begin it with ---, description: …, ---"
        )
    return found[1].strip('"')


@mark("path")
def path(context: Context, goals: str = "") -> str:
    """Draw the lessons as a numbered path with minutes and level; with `goals`, also what is learnt."""
    if goals not in ("", "goals"):
        raise Problem("write <!-- path --> or <!-- path goals -->")
    lessons = read(context.root, context.lang).values()
    return "\n".join(_step(context, lesson, goals=bool(goals)) for lesson in lessons)


def _step(context: Context, lesson: Lesson, *, goals: bool) -> str:
    said = context.words("ways")
    level = said[_LEVELS.get(lesson.number, "intermediate")]
    facts = said["facts"].format(minutes=lesson.teaching + lesson.exercise, level=level)
    link = f"[{lesson.title}]({context.link(f'learn/{lesson.file}')})"
    goal = f"<br>{lesson.goal[0].upper()}{lesson.goal[1:]}." if goals else ""
    return f'{int(lesson.number)}. **{link}** <span class="facts">{facts}</span>{goal}'
