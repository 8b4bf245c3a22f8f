"""What the Lab says in two languages: the same keys in both, the same places to fill in, nothing empty."""

import re
import string

import pytest

from minipop.lab.data import table, texts
from minipop.lab.exercises import EXERCISES

FILES = ["texts", "exercises", "errors"]


def flat(lang: str, name: str) -> dict[str, str]:
    return {f"{kind}.{key}": text for kind, table in texts(lang, name).items() for key, text in table.items()}


def places(text: str) -> set[str | None]:
    """Return the names of the places in a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text)} - {None}


@pytest.mark.parametrize("name", FILES)
def test_both_languages_have_the_same_keys_in_the_same_order(name: str) -> None:
    assert list(flat("de", name)) == list(flat("en", name)), f"src/minipop/lab/{name}.toml"


@pytest.mark.parametrize("name", FILES)
def test_both_languages_leave_the_same_places_open(name: str) -> None:
    german, english = flat("de", name), flat("en", name)
    assert {key: places(text) for key, text in german.items()} == {k: places(t) for k, t in english.items()}
    assert all(text.strip() for text in (*german.values(), *english.values()))


@pytest.mark.parametrize("hint", table("errors.toml")["hints"], ids=lambda hint: hint["error"])
def test_what_to_do_about_an_error_is_said_in_both_languages(hint: dict[str, str]) -> None:
    assert set(hint) == {"error", "de", "en"}
    re.compile(hint["error"])
    assert places(hint["de"]) == places(hint["en"]) <= {"why"}


def test_each_condition_of_an_exercise_has_its_hint_and_no_hint_is_left_over() -> None:
    hints = {lesson: set(table) - {"praise"} for lesson, table in texts("de", "exercises").items()}
    assert hints.pop("words") == {"solved", "not-yet", "nothing-to-check", "start-again", "record-again"}
    wanted = {lesson: set(conditions) for lesson, conditions in EXERCISES.items()}
    assert hints == wanted, "src/minipop/lab/exercises.toml has not the conditions of exercises.py"


@pytest.mark.parametrize("lang", ["de", "en"])
def test_a_hint_leaves_nothing_open_but_words_that_there_are(lang: str) -> None:
    words = texts(lang, "exercises")["words"]
    assert all("{" not in text.format_map(words) for text in flat(lang, "exercises").values())
