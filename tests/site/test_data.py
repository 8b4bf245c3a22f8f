"""What docs/*.yml hold is read into types; what does not fit is refused, with what to write instead."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Literal

import pytest

from website.data import Problem, Text, fitted, read


class Colour(Enum):
    """What a word of a file becomes."""

    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Fruit:
    """An entry with one key of each kind."""

    name: str
    said: Text
    size: Literal["small", "large"] = "small"
    colour: Colour = Colour.RED
    weight: float | None = None
    seeds: list[int] = field(default_factory=list)
    note: Text = field(default_factory=Text)


SAID = {"de": "Apfel", "en": "apple"}


def test_an_entry_becomes_its_dataclass() -> None:
    assert fitted({"name": "a", "said": SAID, "colour": "blue", "seeds": [1, 2]}, Fruit, "x") == Fruit(
        "a", Text(SAID), colour=Colour.BLUE, seeds=[1, 2]
    )
    assert Fruit("a", Text()).note["de"] == ""


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"said": SAID}, "f.yml: apple lacks name"),
        ("red", "f.yml: apple is 'red'; write an entry with name, said"),
        (
            {"name": "a", "said": {"de": "x"}},
            "f.yml: apple: said is not in both languages; write {de: …, en: …}",
        ),
        (
            {"name": "a", "said": {**SAID, "fr": "p"}},
            "f.yml: apple: said is not in both languages; write {de: …, en: …}",
        ),
        (
            {"name": "a", "said": SAID, "sise": "small"},
            "f.yml: apple: nothing is called sise; there are name, said",
        ),
        (
            {"name": "a", "said": SAID, "size": "big"},
            "f.yml: apple: size is 'big'; write one of small, large",
        ),
        (
            {"name": "a", "said": SAID, "colour": "green"},
            "f.yml: apple: colour is 'green'; write one of red, blue",
        ),
        ({"name": "a", "said": SAID, "seeds": [1, "x"]}, "f.yml: apple: seeds, no. 2 is 'x'; write a number"),
        ({"name": "a", "said": SAID, "weight": "x"}, "f.yml: apple: weight is 'x'; write a number"),
        ({"name": ["a"], "said": SAID}, "f.yml: apple: name is ['a']; write a text"),
    ],
)
def test_what_does_not_fit_is_refused(entry: object, says: str) -> None:
    with pytest.raises(Problem) as refused:
        fitted({"apple": entry}, dict[str, Fruit], "f.yml")
    assert str(refused.value).startswith(says)


def test_a_program_may_write_more_than_is_drawn() -> None:
    assert fitted({"name": "a", "said": SAID, "since": 1}, Fruit, "f.json", surplus=True).name == "a"


def test_a_file_is_read_again_when_it_has_changed(tmp_path: Path) -> None:
    file = tmp_path / "fruit.yml"
    kind: Any = dict[str, int]
    file.write_text("apple: 1\n", encoding="utf-8")
    assert read(tmp_path, "fruit.yml", kind) == {"apple": 1}
    file.write_text("apple: 2\n", encoding="utf-8")
    os.utime(file, ns=(1, 1))
    assert read(tmp_path, "fruit.yml", kind) == {"apple": 2}


def test_a_missing_or_broken_file_is_named_with_what_writes_it(tmp_path: Path) -> None:
    kind: Any = dict[str, int]
    with pytest.raises(Problem, match=r"^there is no fruit\.json; run: make fruit$"):
        read(tmp_path, "fruit.json", kind, "; run: make fruit")
    (tmp_path / "fruit.json").write_text('{"apple": ', encoding="utf-8")
    with pytest.raises(Problem, match=r"^fruit\.json: Expecting value.*; run: make fruit$"):
        read(tmp_path, "fruit.json", kind, "; run: make fruit")
