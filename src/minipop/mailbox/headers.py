"""Header fields of mail as people are shown them, whatever the bytes are.

Python's own parser is not used, because it raises on some fields, which ones depends on its version (3.11 on
Exchange's own Message-ID in brackets, ``<[0123@microsoft.com]>``), and takes seconds for a field of many
encoded words. Fields are shown here, not understood: what cannot be read stands as it is.
"""

import re
from binascii import a2b_base64, a2b_qp
from codecs import lookup
from io import BytesIO, FileIO
from itertools import groupby

from minipop.protocol.masking import printable

#: Octets of a message that are searched for the end of its header; a field beyond them is not found.
HEAD = 262_144

#: Octets of a field that are looked at, and the most characters that are returned of it.
LONGEST = 65_536

#: Characters of a field in which encoded words are decoded; those beyond stand as they are.
DECODED = 16_384

_PIECE = 8_192
_END = re.compile(rb"^\r?\n", re.MULTILINE)

# The text of a word may hold spaces, against the RFC, because some programs leave them in.
_WORD = re.compile(r"=\?([^?*\s]{1,40})(?:\*[^?\s]{0,40})?\?([bq])\?([^?]*)\?=", re.IGNORECASE)
_WORDS = re.compile(rf"{_WORD.pattern}(?:\s*{_WORD.pattern})*", re.IGNORECASE)

#: Python's codecs that are no charsets of mail, and either warn or take time that grows with the square.
_NO_CHARSETS = {"idna", "punycode", "raw-unicode-escape", "unicode-escape"}


def head(file: FileIO | BytesIO) -> bytes:
    """Read the header of a message: what stands before the first empty line.

    Raises:
        OSError: it cannot be read.
    """
    found = b""
    while len(found) < HEAD and (piece := file.read(_PIECE)):
        start = max(0, len(found) - 1)  # the CR of the empty line may have been the last octet
        found += piece
        if end := _END.search(found, start):
            return found[: end.start()]
    return found[:HEAD]


def field(head: bytes, name: str) -> str:
    r"""Return a field on one line, its encoded words decoded (RFC 2047); empty if there is none.

    Args:
        head: the header of the message.
        name: the field, such as ``Subject``; of several, the first counts.

    Returns:
        at most `LONGEST` characters, all of them printable; others are written ``\x07``.
    """
    pattern = rb"^%s[ \t]*:(.*(?:\n[ \t].*)*)" % re.escape(name.encode())
    found = re.search(pattern, head, re.MULTILINE | re.IGNORECASE)
    if not found:
        return ""
    text = found[1][:LONGEST].decode("utf-8", "backslashreplace").replace("\r\n", "").replace("\n", "")
    text = _WORDS.sub(_decoded, text[:DECODED]) + text[DECODED:]
    return printable("".join(" " if c.isspace() else c for c in text).strip())[:LONGEST]


def _decoded(found: re.Match[str]) -> str:
    """Decode encoded words that follow one another; spaces count only beside one that cannot be read."""
    run, shown, end, readable = found[0], "", 0, True
    for charset, group in groupby(_WORD.finditer(run), key=lambda word: word[1].lower()):
        words = list(group)
        start, text = words[0].start(), _text(charset, words)
        if text is None or not readable:
            shown += run[end:start]
        end, readable = words[-1].end(), text is not None
        shown += run[start:end] if text is None else text
    return shown


def _text(charset: str, words: list[re.Match[str]]) -> str | None:
    """Decode words of one charset together, because some programs cut within a character.

    Returns:
        the text, None if it cannot be read.
    """
    try:
        if lookup(charset).name.replace("_", "-") in _NO_CHARSETS:
            return None
        text = b"".join(map(_octets, words)).decode(charset)
        text.encode()  # UTF-7 can hold half a character
    except (LookupError, ValueError):
        return None
    return text


def _octets(word: re.Match[str]) -> bytes:
    """Return what an encoded word holds.

    Raises:
        ValueError: it is no base64, or not ASCII.
    """
    text = word[3]
    return a2b_base64(f"{text}==") if word[2] in "bB" else a2b_qp(text, header=True)
