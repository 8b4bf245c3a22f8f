"""What a transcript or a log may show of a line: everything but secrets, and nothing that does harm."""

import re

from .command import Command

#: Stands in transcripts for whatever is secret.
MASK = "********"

#: Longest argument that a transcript shows, in characters.
SHOWN = 80

_KEYWORD = re.compile("|[A-Z]{3,4}")


def shown(command: Command | None, verb: str, rest: bytes) -> str:
    """Show a command line in a transcript, its secrets masked.

    What is no command may be anything, a password typed in the wrong place included: only what has the
    length of a keyword is shown of it (RFC 1939, section 3).
    """
    if command is None:
        return (verb if _KEYWORD.fullmatch(verb) else MASK) + (f" {MASK}" if rest else "")
    words = [verb]
    for argument in command.arguments:
        word, rest = argument.split(rest)
        if word:
            words.append(_printable(word) if argument.may_be_shown(word) else MASK)
    secrets = any(argument.masked for argument in command.arguments)
    if rest.strip(b" ") and words[-1] != MASK:
        words.append(MASK if secrets else _printable(rest))
    return " ".join(words)


def printable(text: str) -> str:
    """Show a stranger's text in a log: it ends no line and moves no cursor."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def _printable(data: bytes) -> str:
    """Show bytes of a stranger: one line, no control characters, not endless."""
    text = printable(data.decode("utf-8", "replace"))
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."
