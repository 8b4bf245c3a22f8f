"""MkDocs hook: the plans on about/instructors, drawn from what the lessons say of themselves.

Each lesson's first cell says what is learnt, how long it takes and which lesson comes before it. What an
author can write in a page:

- ``<!-- course -->``: all lessons with their minutes, and what is learnt;
- ``<!-- course 9:00 01 02 +15 03 -->``: a plan that begins at nine, with a break of 15 minutes.

What does not fit stops the build: a lesson without minutes, other minutes in the other language, a plan that
begins a lesson before the one that it needs.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

#: What a lesson's first cell says, in each language.
SAYS = {
    "de": re.compile(
        r"# \d\d · (?P<title>.+)\n\n\*\*Sie lernen:\*\* (?P<goal>.+)\n\n\*\*Zeit:\*\* (?P<teaching>\d+) "
        r"Minuten Unterricht, (?P<exercise>\d+) Minuten Übung\. \*\*Voraussetzung:\*\* (?P<needs>.+)"
    ),
    "en": re.compile(
        r"# \d\d · (?P<title>.+)\n\n\*\*You will learn:\*\* (?P<goal>.+)\n\n\*\*Time:\*\* (?P<teaching>\d+) "
        r"minutes of teaching, (?P<exercise>\d+) minutes for the exercise\. \*\*You need:\*\* (?P<needs>.+)"
    ),
}

WORDS = {
    "de": {
        "lesson": "Lektion",
        "teaching": "Unterricht",
        "exercise": "Übung",
        "needs": "nach",
        "goal": "Gelernt wird, …",
        "from": "Beginn",
        "all": "zusammen",
        "break": "Pause, {} Minuten",
        "end": "Ende",
    },
    "en": {
        "lesson": "lesson",
        "teaching": "teaching",
        "exercise": "exercise",
        "needs": "after",
        "goal": "what is learnt",
        "from": "begins",
        "all": "in all",
        "break": "break, {} minutes",
        "end": "end",
    },
}

_MARK = re.compile(r"^<!-- course(?P<plan> .*)? -->$", re.MULTILINE)
_CLOCK = re.compile(r"(\d?\d):(\d\d)")


@dataclass(frozen=True)
class Lesson:
    """What a lesson says of itself.

    Args:
        file: its notebook.
        title: its heading, without the number.
        goal: what is learnt.
        teaching: minutes of teaching.
        exercise: minutes for the exercise.
        needs: the numbers of the lessons that come before it.
    """

    file: str
    title: str
    goal: str
    teaching: int
    exercise: int
    needs: tuple[str, ...]

    @property
    def number(self) -> str:
        """Return the number that its file begins with: ``01``."""
        return self.file[:2]


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill in the marks of a page."""
    if not _MARK.search(markdown):
        return markdown
    lang = str(page.file.locale)  # type: ignore[attr-defined]  # set by mkdocs-static-i18n
    root = Path(config.config_file_path).parent
    folder = posixpath.dirname(page.file.src_uri.removeprefix(f"{lang}/"))
    course = read(root, lang)

    def fill(found: re.Match[str]) -> str:
        plan = (found["plan"] or "").split()
        lines = _plan(course, plan, lang, folder) if plan else _overview(course.values(), lang, folder)
        return "\n".join(lines)

    return _MARK.sub(fill, markdown)


def read(root: Path, lang: str) -> dict[str, Lesson]:
    """Return the lessons of a language by their number.

    Raises:
        PluginError: a lesson does not say what it should, or something else in another language.
    """
    course = _read(root, lang)
    for other in SAYS.keys() - {lang}:
        for number, twin in _read(root, other).items():
            if number in course and _figures(course[number]) != _figures(twin):
                raise PluginError(f"notebooks/{lang}/{twin.file}: minutes or needs differ from {other}")
    return course


def _read(root: Path, lang: str) -> dict[str, Lesson]:
    found = {}
    for path in sorted((root / "notebooks" / lang).glob("*.ipynb")):
        first = "".join(json.loads(path.read_text("utf-8"))["cells"][0]["source"])
        says = SAYS[lang].match(first)
        if says is None:
            raise PluginError(f"notebooks/{lang}/{path.name}: the first cell does not say goal and minutes")
        lesson = Lesson(
            path.name,
            says["title"],
            says["goal"].rstrip("."),
            int(says["teaching"]),
            int(says["exercise"]),
            tuple(re.findall(r"\]\((\d\d)-", says["needs"].partition(";")[0])),  # behind it: what helps
        )
        found[lesson.number] = lesson
    return found


def _figures(lesson: Lesson) -> tuple[int, int, tuple[str, ...]]:
    return lesson.teaching, lesson.exercise, lesson.needs


def _overview(course: Iterable[Lesson], lang: str, folder: str) -> Iterator[str]:
    words, lessons = WORDS[lang], list(course)
    yield f"| {' | '.join(words[name] for name in ('lesson', 'teaching', 'exercise', 'needs', 'goal'))} |"
    yield "| --- | ---: | ---: | --- | --- |"
    for lesson in lessons:
        needs = ", ".join(lesson.needs) or "–"
        yield f"| {_link(lesson, folder)} | {_times([lesson])} | {needs} | {lesson.goal} |"
    yield f"| **{words['all']}** | {_times(lessons)} | | |"


def _plan(course: dict[str, Lesson], plan: list[str], lang: str, folder: str) -> Iterator[str]:
    words = WORDS[lang]
    start = _CLOCK.fullmatch(plan[0])
    if start is None:
        raise PluginError(f"a plan begins with {plan[0]}, which is no time of day")
    now = int(start[1]) * 60 + int(start[2])
    yield f"| {' | '.join(words[name] for name in ('from', 'lesson', 'teaching', 'exercise'))} |"
    yield "| ---: | --- | ---: | ---: |"
    held: list[Lesson] = []
    for entry in plan[1:]:
        if entry.startswith("+"):
            yield f"| {_clock(now)} | *{words['break'].format(entry[1:])}* | | |"
            now += int(entry[1:])
            continue
        lesson = course.get(entry)
        if lesson is None:
            raise PluginError(f"a plan names lesson {entry}, which there is not")
        if missing := {*lesson.needs} - {before.number for before in held}:
            raise PluginError(f"a plan holds lesson {entry} before {', '.join(sorted(missing))}")
        yield f"| {_clock(now)} | {_link(lesson, folder)} | {_times([lesson])} |"
        now += lesson.teaching + lesson.exercise
        held.append(lesson)
    yield f"| {_clock(now)} | **{words['end']}** | {_times(held)} |"


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"


def _times(lessons: list[Lesson]) -> str:
    totals = (sum(lesson.teaching for lesson in lessons), sum(lesson.exercise for lesson in lessons))
    return " | ".join(f"{total} min" for total in totals)


def _link(lesson: Lesson, folder: str) -> str:
    target = posixpath.relpath(f"learn/{lesson.file}", folder or ".")
    return f"[{lesson.number} · {lesson.title}]({target})"
