"""What the Lab says in German and English, read from the TOML files beside this module when it is needed."""

import tomllib
from functools import cache
from importlib.resources import files

Texts = dict[str, dict[str, str]]


@cache
def texts(lang: str, name: str = "texts") -> Texts:
    """Return the texts of ``<name>.toml`` in one language, by kind and key."""
    tables: dict[str, Texts] = tomllib.loads((files(__package__) / f"{name}.toml").read_text("utf-8"))
    return tables[lang]
