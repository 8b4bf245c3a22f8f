"""What all programs share: their command line, and how they end when something is found that must not be."""

import argparse
import sys
from collections.abc import Callable


class Failed(Exception):
    """Something was found that must not be, or could not be looked for; the text says what in one line."""


def parser(name: str, about: str | None) -> argparse.ArgumentParser:
    """Return the command line of a program.

    Args:
        name: as in ``python -m evidence.NAME``.
        about: the docstring that says what it does.
    """
    made = argparse.ArgumentParser(prog=f"python -m evidence.{name}", description=about)
    made.add_argument("--short", action="store_true", help="less of everything; no record is written")
    return made


def run(name: str, main: Callable[[], None]) -> None:
    """Run a program; it ends with 1 and a line that says why if it has failed."""
    try:
        main()
    except Failed as failure:
        sys.exit(f"{name}: {failure}")
