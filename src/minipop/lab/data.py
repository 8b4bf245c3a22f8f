"""What the Lab says, writes and offers, read when it is needed from the files below this folder."""

import tomllib
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any

Texts = dict[str, dict[str, str]]


@cache
def texts(lang: str, name: str = "texts") -> Texts:
    """Return the texts of ``<name>.toml`` in one language, ``de`` or ``en``, by kind and key."""
    tables: dict[str, Texts] = table(f"{name}.toml")
    return tables[lang]


@cache
def template(file: str) -> Template:
    """Return a file in which words that begin with a dollar sign are to be replaced."""
    return Template(text(file))


def table(file: str) -> dict[str, Any]:
    """Return a TOML file."""
    return tomllib.loads(text(file))


def text(file: str) -> str:
    """Return a file as it is."""
    return (files(__package__) / file).read_text("utf-8")
