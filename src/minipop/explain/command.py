"""The sub-command ``minipop explain [FILE|-]``."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

#: Octets that are read; of a longer file the last ones, where a log has its error.
LONGEST = 8_000_000

#: Marks at the beginning of a text that tell its encoding: Windows PowerShell writes UTF-16.
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class Unreadable(Exception):
    """The input cannot be read; the text says why in one line."""


def add_parser(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add ``explain`` to the sub-commands."""
    parser = commands.add_parser(
        "explain",
        help="explain a reply, a transcript, a protocol log of Exchange or a client's debug output",
        description="Explain what servers and clients say, line by line. Secrets are masked first.",
        epilog="Exit status: 0 if something is known, 1 if nothing is, 2 if the input cannot be read.",
    )
    parser.add_argument(
        "file", nargs="?", default="-", metavar="FILE", help="a text file; - or none for standard input"
    )
    parser.add_argument(
        "--lang", choices=("de", "en"), default="en", help="language of the explanations (default en)"
    )
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Explain a text and return the exit status.

    Returns:
        0 if something in it is known, 1 if nothing is; 2 if it cannot be read, with one line on standard
        error.
    """
    from .report import Report  # here, because `minipop serve` needs none of it
    from .secrets import masked

    try:
        text = _text(options.file)
    except Unreadable as error:
        print(f"minipop explain: {error}", file=sys.stderr)
        return 2
    report = Report(masked(text), options.lang)
    utf_8 = (sys.stdout.encoding or "utf-8").lower() == "utf-8"  # as JSON has to be, unless it is ASCII
    said = json.dumps(report.as_json(), ensure_ascii=not utf_8) if options.json else report.as_text()
    print(said, flush=True)
    return 0 if report.known else 1


def _text(name: str) -> str:
    """Return what is to be explained.

    Raises:
        Unreadable: there is no such file, or it is no text.
    """
    shown = "standard input" if name == "-" else name
    if name == "-" and sys.stdin.isatty():
        print("Paste the text, then press Ctrl+D (Windows: Ctrl+Z and Enter).", file=sys.stderr)
    try:
        data = sys.stdin.buffer.read() if name == "-" else _read(Path(name))
    except OSError as error:
        raise Unreadable(f"{shown}: {error.strerror}") from None
    encoding = next((known for mark, known in _MARKS if data.startswith(mark)), "")
    if not encoding and b"\0" in data[:LONGEST]:
        raise Unreadable(f"{shown} is no text: it holds NUL characters")
    try:
        return data.decode(encoding or "utf-8", "strict")
    except UnicodeDecodeError:
        if encoding == "utf-16":
            raise Unreadable(f"{shown} is no text: it begins as UTF-16 and does not go on so") from None
        return data.decode("cp1252", "replace")


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        start = file.read(4) if file.seek(0) == 0 else b""
        mark = next((mark for mark, _ in _MARKS if start.startswith(mark)), b"")
        if size <= LONGEST:
            return start + file.read()
        file.seek(size - LONGEST)  # an even number, as UTF-16 needs it, since both are
        return mark + file.read()
