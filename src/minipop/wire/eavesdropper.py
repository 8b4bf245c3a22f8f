"""The eavesdropper: looks for a text in the bytes that crossed the wire.

A text is searched for in UTF-8, Latin-1 and UTF-16LE (NTLM's), each as it is and inside base64 (AUTH's and
MIME's). Base64 turns three bytes into four characters, so the same text looks different at each of three
alignments, and its first and last characters may share their bits with a neighbour.

“Not found” proves something only together with a control in which the same search finds the same text: a
message may be encoded in yet another way (quoted-printable, base64 broken into lines), and a text may be
misspelt. `minipop.lab.logon_matrix` demands such a control.
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .capture import Stream

#: The encodings of a text, by the names under which they are reported.
ENCODINGS = {"UTF-8": "utf-8", "Latin-1": "latin-1", "UTF-16LE": "utf-16-le"}

IN_BASE64 = "{} in base64"

#: Fewest bytes that are searched for, because fewer turn up by chance: three given bytes stand at a place of
#: random ones in one of 17 million cases, four in one of 4,000 million, and a capture may have millions of
#: places.
FEWEST = 4


@dataclass(frozen=True)
class Reading:
    """What an eavesdropper found of one text; true if it was readable.

    Args:
        found_in: the encodings in which it was found, such as ``UTF-8`` or ``UTF-16LE in base64``. Where
            two of them give the same bytes, as UTF-8 and Latin-1 do for ASCII, the first is named.
    """

    found_in: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.found_in)


def read(heard: bytes | Stream, text: str) -> Reading:
    """Search bytes for a text.

    It is found as a part of a longer one as well, and only with the same capitals. A text that Latin-1
    cannot write is not searched for in Latin-1.

    Args:
        heard: what crossed the wire in one direction.
        text: one line or a part of it.

    Returns:
        In which encodings it was found; the text itself is not in it.

    Raises:
        ValueError: the text is too short to be told from chance, holds a line break (which may look
            different on the wire), or cannot be encoded.
    """
    stream = heard if isinstance(heard, Stream) else Stream([heard])
    return Reading(tuple(name for name, form, longest in _forms(text) if stream.holds(form, longest)))


def _forms(text: str) -> Iterator[tuple[str, re.Pattern[bytes], int]]:
    """Give what to look for: the name of the encoding, a pattern, and its length in bytes."""
    if len(text.splitlines()) > 1 or text.strip("\r\n") != text:
        raise ValueError("a text with a line break cannot be searched for: take a part of one line")
    encoded: dict[bytes, str] = {}
    for name, codec in ENCODINGS.items():
        try:
            encoded.setdefault(text.encode(codec), name)
        except UnicodeEncodeError:
            if codec != "latin-1":
                raise ValueError(f"the text cannot be encoded in {name}") from None
    if min(map(len, encoded)) < FEWEST:
        raise ValueError(
            f"a text of {len(text)} characters is too short to be told from chance inside base64; "
            f"it takes {FEWEST} or more"
        )
    for data, name in encoded.items():
        yield name, re.compile(re.escape(data)), len(data)
        yield IN_BASE64.format(name), re.compile(b"|".join(_in_base64(data))), len(data) * 4 // 3 + 2


def _in_base64(data: bytes) -> Iterator[bytes]:
    """Give patterns of what bytes look like in base64 after 0, 1 or 2 others.

    A character of base64 holds 6 bits: the first one with bits of `data` may hold bits of the byte before,
    too, and the last one bits of the byte after. There the pattern allows what any neighbour would give;
    in between it allows one character alone.
    """
    for before in range(3):
        first, end = 8 * before // 6, -(-8 * (before + len(data)) // 6)
        # The bytes 0x00, 0x11 … 0xFF stand for all neighbours, because no more than the four bits next to the
        # data share a character with it.
        neighbours = (bytes([17 * half]) for half in range(16))
        encoded = [base64.b64encode(byte * before + data + byte * 2) for byte in neighbours]
        yield b"".join(b"[%s]" % bytes({text[at] for text in encoded}) for at in range(first, end))
