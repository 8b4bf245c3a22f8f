"""Errors in a notebook are shown in two lines by `minipop.lab.errors`, instead of a traceback.

`install` is called when a Lab starts. It does nothing outside IPython, which minipop does not need.
"""

import sys
from types import TracebackType
from typing import Any

from .errors import explained, shown

_lang = "en"


def install(lang: str) -> None:
    """Let errors of a notebook's cells be shown in two lines from now on; once for all Labs.

    Args:
        lang: the reader's language.
    """
    global _lang
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None:
        return
    _lang = lang
    if not shell.custom_exceptions:  # else it is installed, or somebody has a handler of their own
        shell.set_custom_exc((Exception,), _show)


def _show(
    shell: Any,  # noqa: ANN401  # IPython's, which has no types here
    kind: type[BaseException],
    error: BaseException,
    traceback: TracebackType | None,
    tb_offset: int | None = None,  # noqa: ARG001  # IPython gives it by name
) -> None:
    """Show an error as IPython would, so that the cell has failed, but in two lines."""
    shell._get_exc_info((kind, error, traceback))  # keeps them for %tb
    what = explained(error, _lang, shell.user_ns)[0].partition(": ")[2]
    shell._showtraceback(kind, what, shown(error, _lang, shell.user_ns))
