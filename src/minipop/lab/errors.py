"""Errors for trainees: what happened in one line, and what to do in the next, instead of a traceback.

The texts are in errors.toml. `minipop.lab.notebook` shows them in IPython, `minipop.page.cells` in a page.
"""

import linecache
import re
from collections.abc import Mapping
from textwrap import wrap
from traceback import walk_tb
from types import FrameType
from typing import TYPE_CHECKING
from weakref import WeakSet

from .data import table
from .session import end_of

if TYPE_CHECKING:
    from .records import Records

#: What differs from run to run or from machine to machine, and what is shown instead.
_VARYING = (
    (r" ?\(_ssl\.c:\d+\)", ""),
    (r"\[(Errno|WinError) -?\d+\] ", ""),
    (r" at 0x[0-9A-Fa-f]+", ""),
    (r"(127\.0\.0\.1|localhost|::1)(['\"]?\]?[:,] ?)\d+", r"\1\2…"),
    (r"(?<![\w/:.\\])(?:[A-Za-z]:)?(?:[/\\][\w.+-]+)+[/\\]([\w.+-]+)", r"\1"),
)

#: Most columns of a line, because JupyterLab breaks a longer one inside a word.
_COLUMNS = 90

_records: "WeakSet[Records]" = WeakSet()


def remember(records: "Records") -> None:
    """Note the records of a Lab that starts; they tell why its server hung up."""
    _records.add(records)


def shown(error: BaseException, lang: str, cells: Mapping[str, object]) -> list[str]:
    """Return what `explained` says, in lines that are short enough to be shown."""
    lines = explained(error, lang, cells)
    return [part for line in lines for part in wrap(line, _COLUMNS, break_on_hyphens=False)]


def explained(error: BaseException, lang: str, cells: Mapping[str, object]) -> list[str]:
    """Return what happened and what to do about it, in one or two lines; the same in every run.

    Args:
        error: an error that a cell has raised.
        lang: the reader's language.
        cells: the global names of the cells.
    """
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    place = _place(error, cells)
    what = _text(error) or (place[1] if isinstance(error, AssertionError) else "")
    line = f"{type(error).__name__}: {what}".removesuffix(": ")
    own = frames and str(frames[-1].f_globals.get("__name__")).startswith("minipop.")
    if own or (isinstance(error, AssertionError) and error.args):
        return [line]
    texts = table("errors.toml")
    words = texts[lang]["words"]
    for hint in texts["hints"]:
        if re.search(hint["error"], line):
            return [line, hint[lang].format(why=_why(frames) or words["gone"])]
    return [line, words["where"].format(line=place[0], code=place[1])]


def _text(error: BaseException) -> str:
    """Return what an error says, in one line and without what varies."""
    if isinstance(error, SyntaxError):
        return error.msg
    said = error.args[0] if len(error.args) == 1 else str(error)
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    text = " ".join(text.split("\n")[0].split())
    for pattern, instead in _VARYING:
        text = re.sub(pattern, instead, text)
    return text


def _place(error: BaseException, cells: Mapping[str, object]) -> tuple[int, str]:
    """Return the number and the text of the line of a cell in which an error was raised."""
    if isinstance(error, SyntaxError):  # of the cell itself, which has not run
        return error.lineno or 0, (error.text or "").strip()
    found = [(frame, number) for frame, number in walk_tb(error.__traceback__) if frame.f_globals is cells]
    if not found:
        return 0, ""
    frame, number = found[-1]
    return number, linecache.getline(frame.f_code.co_filename, number).strip()


def _why(frames: list[FrameType]) -> str:
    """Return why the server hung up on the client that has raised an error, empty if it is not known."""
    client = next((f.f_locals["self"] for f in frames if hasattr(f.f_locals.get("self"), "sock")), None)
    end = None if client is None else end_of(client)
    if end is None:
        return ""
    for records in _records:
        session = records.session(end)
        last = session.transcript.entries[-1] if session else None
        if last and last.name == "hung-up":
            said = last.text.strip("()")
            return f"{said[0].upper()}{said[1:]}."
    return ""
