"""The plans on teach/instructors, drawn from what each lesson's first cell says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from website.content import text_cells
from website.data import LANGUAGES, Problem
from website.marks import Context, mark
from website.tables import table
from website.words import words

_CLOCK = re.compile(r"(\d?\d):(\d\d)")


@dataclass(frozen=True)
class Lesson:
    """What a lesson says of itself.

    Args:
        file: its notebook.
        title: its heading, without the number.
        goal: what is learnt.
        teaching: minutes that the lesson itself takes.
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
        """The number that its file begins with: ``01``."""
        return self.file[:2]


def read(root: Path, lang: str) -> dict[str, Lesson]:
    """Return the lessons of a language by their number.

    Raises:
        Problem: a lesson does not say what it should, or something else in another language.
    """
    course = _read(root, lang)
    for other in {*LANGUAGES} - {lang}:
        for number, twin in _read(root, other).items():
            if number in course and _figures(course[number]) != _figures(twin):
                raise Problem(f"notebooks/{lang}/{twin.file}: minutes or needs differ from {other}")
    return course


def _read(root: Path, lang: str) -> dict[str, Lesson]:
    template = words(lang, "course")["first-cell"]
    pattern = re.sub(r"\\{(\w+)\\}", _group, re.escape(template))
    lessons = {}
    for path in sorted((root / "notebooks" / lang).glob("*.ipynb")):
        says = re.match(pattern, "".join(text_cells(path)[:1]))
        if says is None:
            raise Problem(
                f"notebooks/{lang}/{path.name}: the first cell does not say goal and minutes; "
                f"it begins with\n{template}"
            )
        lesson = Lesson(
            path.name,
            says["title"],
            says["goal"].rstrip("."),
            int(says["teaching"]),
            int(says["exercise"]),
            tuple(re.findall(r"\]\((\d\d)-", says["needs"].partition(";")[0])),  # behind it: what helps
        )
        lessons[lesson.number] = lesson
    return lessons


def _group(found: re.Match[str]) -> str:
    """Return the pattern of one blank of the template."""
    name = found[1]
    what = r"\d+" if name in ("number", "teaching", "exercise") else ".+"
    return f"(?P<{name}>{what})"


def _figures(lesson: Lesson) -> tuple[int, int, tuple[str, ...]]:
    return lesson.teaching, lesson.exercise, lesson.needs


@mark("course")
def course(context: Context, *plan: str) -> str:
    """Draw all lessons; or a plan, ``9:00 01 02 +15 03``: from nine, with a break of 15 minutes."""
    lessons = read(context.root, context.lang)
    said = context.words("course")
    if plan:
        return table(said["plan"], _plan(lessons, plan, context), "rlrr")
    return table(said["overview"], _overview(lessons.values(), context), "lrrll")


def _overview(lessons: Iterable[Lesson], context: Context) -> Iterator[Sequence[str]]:
    known = list(lessons)
    for lesson in known:
        needs = ", ".join(lesson.needs) or "–"
        yield _link(lesson, context), *_minutes([lesson]), needs, lesson.goal
    yield f"**{context.words('course')['all']}**", *_minutes(known), "", ""


def _plan(lessons: dict[str, Lesson], plan: Sequence[str], context: Context) -> Iterator[Sequence[str]]:
    said = context.words("course")
    start = _CLOCK.fullmatch(plan[0])
    if start is None:
        raise Problem(f"a plan begins with {plan[0]}, which is no time of day; write 9:00")
    now = int(start[1]) * 60 + int(start[2])
    held: list[Lesson] = []
    for entry in plan[1:]:
        if re.fullmatch(r"\+\d+", entry):
            yield _clock(now), f"*{said['break'].format(entry[1:])}*", "", ""
            now += int(entry[1:])
            continue
        lesson = lessons.get(entry)
        if lesson is None:
            raise Problem(f"a plan names lesson {entry}, which there is not; there are {', '.join(lessons)}")
        if missing := {*lesson.needs} - {before.number for before in held}:
            raise Problem(f"a plan holds lesson {entry} before {', '.join(sorted(missing))}")
        yield _clock(now), _link(lesson, context), *_minutes([lesson])
        now += lesson.teaching + lesson.exercise
        held.append(lesson)
    yield _clock(now), f"**{said['end']}**", *_minutes(held)


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"


def _minutes(lessons: list[Lesson]) -> tuple[str, str]:
    teaching = sum(lesson.teaching for lesson in lessons)
    return f"{teaching} min", f"{sum(lesson.exercise for lesson in lessons)} min"


def _link(lesson: Lesson, context: Context) -> str:
    return f"[{lesson.number} · {lesson.title}]({context.link(f'learn/{lesson.file}')})"
