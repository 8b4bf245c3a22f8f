"""What a transcript or a log may show of a line: no secrets, and no control characters."""

import re

from .command import Command

#: Stands in transcripts for whatever is secret.
MASK = "********"

#: Longest argument that a transcript shows, in characters.
SHOWN = 80

_KEYWORD = re.compile("|[A-Z]{3,4}")


def shown(command: Command | None, verb: str, rest: bytes) -> str:
    """Show a command line in a transcript, its secrets masked.

    A word that is no command is shown only if it has the length of a keyword (RFC 1939, section 3), because
    it may be a password typed in the wrong place.
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
    """Escape what is not printable, because it could end a line of a log or move the cursor."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def _printable(data: bytes) -> str:
    """Show bytes of a client in one line of `SHOWN` characters at most."""
    text = printable(data.decode("utf-8", "replace"))
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."
