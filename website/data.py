"""What docs/*.yml, lists of minipop and the records hold, read into the types that draw it.

A file is read as a type: ``read(root, "docs/settings.yml", dict[str, Setting])``. Dataclasses name the keys
of an entry, their annotations say what stands there, and whatever does not fit is a `Problem` that names
file, entry, key and what to write.
"""

from __future__ import annotations

import dataclasses
import json
import tomllib
import types
from collections.abc import Callable, Mapping
from datetime import date
from enum import Enum
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import yaml

LANGUAGES = ("de", "en")


def prefix(lang: str) -> str:
    """Return what the addresses of a language begin with: nothing, or ``en/``."""
    return "" if lang == LANGUAGES[0] else f"{lang}/"


T = TypeVar("T")


#: What an author calls the types of YAML.
_CALLED: dict[type, str] = {
    str: "a text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "entries, each with its key",
}


_PARSERS: dict[str, Callable[[str], object]] = {
    ".json": json.loads,
    ".toml": tomllib.loads,
    ".yml": yaml.safe_load,
}


class Problem(ValueError):
    """What an author has to put right: where it stands, what is wrong and what to write."""


class Text(dict[str, str]):
    """A text in both languages; ``Text()``, the default of what an entry may lack, is empty in both."""

    def __missing__(self, lang: str) -> str:
        return ""


def read(root: Path, name: str, kind: type[T], hint: str = "") -> T:
    """Return what a file holds; it is read again once it has changed.

    Args:
        root: the project's folder.
        name: the file's path below it, ending in ``.yml``, ``.toml`` or ``.json``.
        kind: the type of what it holds.
        hint: what else the message of a `Problem` says: what writes the file.

    Raises:
        Problem: there is no such file, or what it holds does not fit.
    """
    try:
        changed = (root / name).stat().st_mtime_ns
        return cast(T, _read(root / name, name, changed, cast(Any, kind)))
    except FileNotFoundError as error:
        raise Problem(f"there is no {name}{hint}") from error
    except Problem as problem:
        raise Problem(f"{problem}{hint}") from problem


@cache
def _read(path: Path, name: str, _changed: int, kind: Any) -> object:
    text = path.read_text("utf-8")
    try:
        data = _PARSERS[path.suffix](text)
    except (yaml.YAMLError, ValueError) as error:
        raise Problem(f"{name}: {error}") from error
    return fitted(data, kind, name, surplus=path.suffix == ".json")


def fitted(value: object, kind: Any, where: str, *, surplus: bool = False) -> Any:
    """Return a value as a type.

    Args:
        value: as YAML or JSON gives it.
        kind: a dataclass, `Text`, an enum, ``object`` for anything, ``str``, a number, ``Literal``, or a
            list, tuple, dict or union of these.
        where: file, entry and key, for the message.
        surplus: whether an entry may hold more than its dataclass has; programs write for other readers, too.

    Raises:
        Problem: it does not fit.
    """
    fit = partial(fitted, surplus=surplus)
    origin, of = get_origin(kind), get_args(kind)
    if kind is object:
        return value
    if kind is str and type(value) in (int, date):  # 2027 and 2022-10-01, which YAML does not take for text
        return str(value)
    if dataclasses.is_dataclass(kind):
        return _entry(value, kind, where, surplus)
    if kind is Text:
        if not isinstance(value, dict) or {*value} != {*LANGUAGES} or not all(value.values()):
            raise Problem(f"{where} is not in both languages; write {{de: …, en: …}}")
        return Text(value)
    if origin in (Union, types.UnionType):
        choice = next((one for one in of if isinstance(value, _plain(one))), of[0])
        return fit(value, choice, where)
    if origin is Literal:
        if value not in of:
            raise Problem(f"{where} is {value!r}; write one of {', '.join(of)}")
        return value
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(fit(value, Literal[tuple(one.value for one in kind)], where))
    if origin is dict and isinstance(value, dict):
        return {str(key): fit(one, of[1], f"{where}: {key}") for key, one in value.items()}
    if origin in (list, tuple) and isinstance(value, list):
        return origin(fit(one, of[0], f"{where}, no. {number}") for number, one in enumerate(value, 1))
    if origin is None and isinstance(value, (int, float) if kind is float else kind):
        return value
    raise Problem(f"{where} is {value!r}; write {_CALLED[_plain(kind)]}")


def _plain(kind: Any) -> type:
    """Return what `isinstance` knows a value of a type by, as YAML gives it."""
    if dataclasses.is_dataclass(kind) or kind is Text:
        return dict
    origin = get_origin(kind) or kind
    if origin is Literal or issubclass(origin, Enum):
        return str
    return list if origin is tuple else cast(type, origin)


def _entry(value: object, kind: Any, where: str, surplus: bool) -> object:
    if not isinstance(value, Mapping):
        raise Problem(f"{where} is {value!r}; write an entry with {', '.join(_keys(kind))}")
    hints = get_type_hints(kind)
    if (unknown := [str(key) for key in value if key not in hints]) and not surplus:
        raise Problem(f"{where}: nothing is called {', '.join(unknown)}; there are {', '.join(hints)}")
    if lacking := [key for key in _keys(kind) if key not in value]:
        raise Problem(f"{where} lacks {', '.join(lacking)}")
    given = {
        key: fitted(value[key], hint, f"{where}: {key}", surplus=surplus)
        for key, hint in hints.items()
        if key in value
    }
    return kind(**given)


def _keys(kind: Any) -> list[str]:
    """Return the keys that an entry must have."""
    empty = dataclasses.MISSING
    return [
        field.name
        for field in dataclasses.fields(kind)
        if field.default is empty and field.default_factory is empty
    ]
