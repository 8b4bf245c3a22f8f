"""Whether Microsoft supports the server, as far as its greeting tells which Exchange it is."""

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from .observation import Endpoint


def said(endpoints: Iterable[Endpoint], lang: str) -> str:
    """Return one sentence; empty if no greeting is that of an Exchange on-premises."""
    greetings = [endpoint.greeting for endpoint in endpoints]
    for known in _known():
        if any(known["greeting"] in greeting for greeting in greetings):
            return known[lang]
    return ""


@cache
def _known() -> list[dict[str, str]]:
    known: list[dict[str, str]] = tomllib.loads((files(__package__) / "support.toml").read_text("utf-8"))[
        "exchange"
    ]
    return known
