"""The lines of a dialogue, described for the page: what opens below each, and the mail that came."""

from collections.abc import Iterator, Sequence
from typing import Any

from minipop.protocol import COMMANDS
from minipop.wire.entry import Entry
from minipop.wire.explain import Explanation

#: The octets of a message that are shown; the rest is counted.
MOST = 3000

#: The replies behind which a message follows.
MESSAGES = ("retr", "top")

#: Commands whose arguments are shared with a link; the others are shared without, because they take secrets.
OPEN = {"STLS", "USER", "STAT", "LIST", "UIDL", "RETR", "TOP", "DELE", "RSET", "NOOP", "QUIT", "CAPA"}


def described(entries: Sequence[Entry], received: bytes, lang: str) -> list[dict[str, Any]]:
    """Describe new lines.

    Args:
        entries: the lines.
        received: what the client has received for them.
        lang: the reader's language.

    Returns:
        For each line ``who``, ``text`` and ``name`` of its `Entry`, and ``sentences``, HTML that explains it.
        Where the mail itself stands, ``content``, its text, ``octets``, and ``left``: how many are not shown.
    """
    explained = Explanation("", entries, lang).explanations()
    lines = []
    before = ""
    for entry, sentences in zip(entries, explained, strict=True):
        line: dict[str, Any] = {"who": entry.who, "text": entry.text, "name": entry.name}
        if before in MESSAGES:
            text, octets = _content(received)
            left = len(text[MOST:])
            line |= {"content": text[:MOST].decode("utf-8", "replace"), "octets": octets, "left": left}
        before = entry.name
        lines.append({**line, "sentences": sentences})
    return lines


def _content(received: bytes) -> tuple[bytes, int]:
    """Return the message behind the first line, without the dots put in (RFC 1939, 3), and its octets."""
    lines = received.partition(b"\r\n")[2].removesuffix(b".\r\n").split(b"\r\n")
    lines = [line.removeprefix(b".") for line in lines]
    return b"\n".join(lines), len(b"\r\n".join(lines))


def shareable(entries: Sequence[Entry], mechanism: str) -> list[str]:
    """Return what a link may hold of a session: commands without secrets.

    A log-on by the chosen mechanism is ``LOGON``: the terminal fills in name and secret of its own world.

    Args:
        entries: the dialogue.
        mechanism: the chosen mechanism.
    """
    return list(_shareable(entries, f"AUTH {mechanism}"))


def _shareable(entries: Sequence[Entry], auth: str) -> Iterator[str]:
    for entry in entries:
        if entry.who != "C" or entry.name not in COMMANDS:
            continue
        words = entry.text.split(" ")
        if entry.name == "PASS":
            yield "PASS"
        elif words[:2] == auth.split(" "):
            yield "LOGON"
        elif entry.name in OPEN and len(words) - 1 <= len(COMMANDS[entry.name].arguments):
            yield entry.text  # with more words, one of them may be a password in the wrong place
