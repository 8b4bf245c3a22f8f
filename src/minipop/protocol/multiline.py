"""Multi-line responses: CRLF line ends, dot-stuffing, the closing dot (RFC 1939, section 3).

Everything works on chunks of any length, so that a message of 200 MB never lies in memory whole.
"""

from collections.abc import Iterable, Iterator

TERMINATOR = b".\r\n"


def crlf(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """End every line with CRLF, whether it was stored with CRLF, LF or, the last one, with nothing.

    A lone CR is no line end and stays as it is.
    """
    held = b""  # a CR at the end of a chunk, because its LF may come with the next one
    last = b"\n"
    for chunk in chunks:
        if held:
            chunk, held = held + chunk, b""
        if chunk.endswith(b"\r"):
            chunk, held = chunk[:-1], b"\r"
        if chunk:
            last = chunk
            if b"\r" in chunk:  # asked first, because most mail on disk has none
                chunk = chunk.replace(b"\r\n", b"\n")
            yield chunk.replace(b"\n", b"\r\n")
    if held or not last.endswith(b"\n"):
        yield held + b"\r\n"


class OctetCount:
    """Counts the octets of a message as `crlf` gives it, while its chunks pass."""

    def __init__(self) -> None:
        self._octets = 0
        self._last = b"\n"

    def add(self, chunk: bytes) -> None:
        """Count one more chunk."""
        self._octets += len(chunk) + chunk.count(b"\n")
        if b"\r" in chunk or self._last == b"\r":
            self._octets -= (self._last + chunk).count(b"\r\n")
        self._last = chunk[-1:] or self._last

    @property
    def total(self) -> int:
        """The octets of what was counted so far, the last line ended."""
        return self._octets + (0 if self._last == b"\n" else 2)


def octets(chunks: Iterable[bytes]) -> int:
    """Count the octets of a message as `crlf` would give it."""
    count = OctetCount()
    for chunk in chunks:
        count.add(chunk)
    return count.total


def top(chunks: Iterable[bytes], lines: int) -> Iterator[bytes]:
    """Cut a message after its header, the empty line and `lines` lines of its body.

    Args:
        chunks: the message as `crlf` gives it: a CR and its LF are never parted.
        lines: how many lines of the body, 0 or more.
    """
    in_header = True
    line_is_empty = True  # nothing of the current line has been seen in an earlier chunk
    for chunk in chunks:
        start = 0
        while start < len(chunk):
            if not in_header and lines <= 0:
                yield chunk[:start]
                return
            newline = chunk.find(b"\n", start)
            if newline < 0:
                line_is_empty = False
                break
            if not in_header:
                lines -= 1
            elif line_is_empty and newline - start == 1:
                in_header = False
            line_is_empty = True
            start = newline + 1
        yield chunk


def stuffed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Double the dot at the start of a line, and close with a line that holds a dot alone.

    Args:
        chunks: a message as `crlf` or `top` give it, its last line ended.
    """
    at_line_start = True
    for chunk in chunks:
        if chunk:
            first = b"." if at_line_start and chunk.startswith(b".") else b""
            at_line_start = chunk.endswith(b"\n")
            yield first + chunk.replace(b"\r\n.", b"\r\n..")
    yield TERMINATOR
