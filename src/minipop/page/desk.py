"""The one door through which the page's worker calls Python: a name and JSON in, JSON out."""

import json
from collections.abc import Callable
from typing import Any

from . import cells
from .terminal import Choice, Terminal

_terminal = Terminal()


def _open(**chosen: str) -> dict[str, Any]:
    return _terminal.open(Choice(**chosen))


#: What can be called, by name; each takes its arguments by keyword and returns what JSON can hold.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "cell.run": cells.run,
    "cell.forget": cells.forget,
    "terminal.open": _open,
    "terminal.line": _terminal.line,
    "terminal.reset": _terminal.reset,
    "terminal.close": _terminal.close,
}


def call(name: str, arguments: str) -> str:
    """Call a function of the page.

    Args:
        name: one of `FUNCTIONS`.
        arguments: its keywords, as a JSON object.

    Returns:
        What it returns, as JSON.

    Raises:
        KeyError: there is no such function.
    """
    return json.dumps(FUNCTIONS[name](**json.loads(arguments)))
