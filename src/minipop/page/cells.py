"""A notebook's cells, run as IPython runs them: one namespace, and the value of the last expression shown.

What a cell prints goes to standard output while it runs. Errors are shown in two lines, as in JupyterLab, and
``%tb`` in a cell of its own gives the whole traceback of the last one. There are no other magics.
"""

import ast
import builtins
import hashlib
import io
import linecache
import sys
from collections.abc import Iterable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from traceback import format_exception
from typing import Any, NamedTuple, TextIO

from minipop.lab import Lab, errors, stage

from .stage import PageStage

#: Columns above which a collection is shown with one item in a line, as IPython does.
_COLUMNS = 79

#: Characters that a cell prints line by line. The rest comes in blocks, because each piece is a message to
#: the page, and a loop that prints without end would leave it no time for the button that stops it.
_LINE_BY_LINE = 20_000
_BLOCK = 16_000

#: Characters that are kept for comparison; a loop that prints without end must not use up the memory.
_KEPT = 1_000_000

#: The brackets of the collections that are shown with one item in a line.
_BRACKETS: dict[type, tuple[str, str]] = {
    list: ("[", "]"),
    tuple: ("(", ")"),
    set: ("{", "}"),
    dict: ("{", "}"),
}


class Ran(NamedTuple):
    """What came of a cell.

    Attributes:
        printed: what it printed; the page has it already, piece by piece.
        value: what is shown of the last expression, by MIME type; empty if there is nothing to show.
        error: what is shown of the error that it raised, line by line; empty if it raised none.
    """

    printed: str
    value: dict[str, str]
    error: list[str]


class Cells:
    """The cells of one notebook, and the names they share."""

    def __init__(self) -> None:
        self._names: dict[str, object] = {}
        self._last_error: BaseException | None = None
        self.forget()

    def run(self, name: str, source: str, lang: str) -> Ran:
        """Run a cell.

        Args:
            name: the cell's id, which tracebacks show.
            source: its code.
            lang: the language of what is said about errors.
        """
        printed, value, error = _Printed(sys.stdout), dict[str, str](), list[str]()
        with redirect_stdout(printed), redirect_stderr(printed):
            if source.strip() == "%tb":
                print(self._traceback())
                return Ran(printed.end(), {}, [])
            try:
                value = self._execute(f"<{name}>", source)
            except BaseException as raised:  # SystemExit, too: a cell does not end the page
                self._last_error = raised
                error = errors.shown(raised, lang, self._names)
        return Ran(printed.end(), value, error)

    def forget(self) -> None:
        """Forget all names, and stop the Labs among them."""
        for value in self._names.values():
            if isinstance(value, Lab):
                value.stop()
        self._last_error = None
        self._names.clear()
        self._names.update(__name__="__main__", __builtins__=builtins)

    def _execute(self, file: str, source: str) -> dict[str, str]:
        """Run code; return what is shown of its last expression."""
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        tree = ast.parse(source, file)
        last = tree.body.pop() if tree.body else None
        if not isinstance(last, ast.Expr):
            tree.body += [last] if last else []
            exec(compile(tree, file, "exec"), self._names)
            return {}
        exec(compile(tree, file, "exec"), self._names)
        value = eval(compile(ast.Expression(last.value), file, "eval"), self._names)
        if value is None or source.rstrip().endswith(";"):
            return {}
        self._names["_"] = value
        return shown(value)

    def _traceback(self) -> str:
        if self._last_error is None:
            return "No traceback available to show."
        lines = format_exception(self._last_error)
        own = f'  File "{__file__}"'
        return "".join(line for line in lines if not line.startswith(own)).rstrip()


class _Printed(io.StringIO):
    """What a cell prints: kept, and passed on while the cell runs."""

    def __init__(self, to: TextIO) -> None:
        super().__init__()
        self._to = to
        self._waiting: list[str] = []
        self._count = self._unsent = 0

    def write(self, text: str) -> int:
        """Keep some text, and pass on what has come so far if it is time to."""
        if self._count < _KEPT:
            super().write(text)
        self._waiting.append(text)
        self._count += len(text)
        self._unsent += len(text)
        if self._unsent > _BLOCK or (self._count < _LINE_BY_LINE and "\n" in text):
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Pass on what has come so far."""
        if self._waiting:
            self._to.write("".join(self._waiting))
            self._to.flush()
            self._waiting.clear()
            self._unsent = 0

    def end(self) -> str:
        """Pass on the rest, and return what was printed."""
        self.flush()
        return self.getvalue()


def shown(value: object) -> dict[str, str]:
    """Return how a value is shown, by MIME type, as IPython does it."""
    parts = {"text/plain": plain(value)}
    as_html = getattr(type(value), "_repr_html_", None)
    if as_html is not None and (html := as_html(value)) is not None:
        parts["text/html"] = html
    return parts


def plain(value: object, indent: int = 0, before: int = 0) -> str:
    """Return the text of a value: as `repr` has it, or with one item in a line if that is too long.

    Args:
        value: the value.
        indent: by how many columns its further lines are indented.
        before: how many more columns are taken before it in its first line.
    """
    flat = repr(value)
    if indent + before + len(flat) <= _COLUMNS or type(value) not in _BRACKETS or not value:
        return flat
    opening, closing = _BRACKETS[type(value)]
    items: Iterable[str]
    if isinstance(value, dict):
        keys = ((f"{key!r}: ", item) for key, item in value.items())
        items = [key + plain(item, indent + 1, len(key)) for key, item in keys]
    else:
        assert isinstance(value, list | tuple | set)
        ordered = sorted(value, key=repr) if isinstance(value, set) else value
        items = [plain(item, indent + 1) for item in ordered]
    if isinstance(value, tuple) and len(value) == 1:
        closing = ",)"
    return opening + f",\n{' ' * (indent + 1)}".join(items) + closing


def digest(printed: str, value: Mapping[str, str]) -> str:
    """Return what tells two outputs of a cell apart: a few digits of the SHA-256 of what a reader sees.

    The built page holds those of the stored outputs, so that it knows whether a cell came out the same.

    Args:
        printed: what the cell printed.
        value: what is shown of its last expression, by MIME type.
    """
    seen = value.get("text/html", value.get("text/plain", ""))
    return hashlib.sha256(f"{printed}\0{seen}".encode()).hexdigest()[:8]


_cells = Cells()


def run(id: str, source: str, lang: str) -> dict[str, Any]:
    """Run a cell for the page.

    Args:
        id: the cell's id.
        source: its code.
        lang: the page's language.

    Returns:
        ``value`` and ``error`` of `Ran`; the ``digest`` of the output; in ``skipped`` the seconds by which
        the clock of the page has jumped, because there was nothing left to do but wait.
    """
    before = _skipped()
    ran = _cells.run(id, source, lang)
    return {
        "value": ran.value,
        "error": ran.error,
        "digest": digest(ran.printed, ran.value),
        "skipped": _skipped() - before,
    }


def _skipped() -> float:
    here = stage.current()
    return here.skipped if isinstance(here, PageStage) else 0.0


def forget() -> None:
    """Forget the names of all cells, and stop their Labs."""
    _cells.forget()
