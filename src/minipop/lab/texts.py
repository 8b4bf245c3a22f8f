"""What the Lab says and writes, read from the files beside this module when it is needed."""

import tomllib
from functools import cache
from importlib.resources import files
from string import Template

Texts = dict[str, dict[str, str]]


@cache
def texts(lang: str, name: str = "texts") -> Texts:
    """Return the texts of ``<name>.toml`` in one language, ``de`` or ``en``, by kind and key."""
    tables: dict[str, Texts] = tomllib.loads(_read(f"{name}.toml"))
    return tables[lang]


@cache
def template(file: str) -> Template:
    """Return a file in which words that begin with a dollar sign are to be replaced."""
    return Template(_read(file))


def _read(file: str) -> str:
    return (files(__package__) / file).read_text("utf-8")
