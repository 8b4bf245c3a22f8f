r"""How a paste is read: lines, replies in a line, words of a reply.

``docs/assets/finder.js`` does the same for the page, step by step and under the same names, and a test gives
both the same lines. So regular expressions keep to what Python and JavaScript understand alike: literals,
classes, groups, ``? * + {m,n}``, ``^ $``, lookahead. There is no ``\d``, ``\w``, ``\s`` or ``\b``, because
these differ beyond ASCII.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

#: Characters of a paste that are looked at; of a longer one, the last so many, where a log has its error.
LONGEST_PASTE = 1_100_000

#: Characters of a line that are looked at together; a longer line is cut.
LONGEST_LINE = 4000

#: Characters that programs for text put in place of others; quotation marks become one kind.
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
        **dict.fromkeys("“”„‟«»″＂", '"'),
        **dict.fromkeys("‘’‚‛‹›′´", "'"),
        **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u202f\t", " "),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", ""),
    }
)

#: Characters written as HTML or as a program's source does, and what they stand for.
_WRITTEN = (
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", '"'),
    ("&#34;", '"'),
    ("&#39;", "'"),
    ("&apos;", "'"),
    ("&nbsp;", " "),
    ("&ndash;", "-"),
    ("&minus;", "-"),
    ("&#8211;", "-"),
    ("&amp;", "&"),
    ("\\r", "\n"),
    ("\\n", "\n"),
    ("\\t", " "),
    ('\\"', '"'),
    ("\\'", "'"),
)

_TAG = re.compile("</?[A-Za-z][A-Za-z0-9]{0,9}( [^<>]*)?/?>")
_STATUS = re.compile("(^|[^a-z0-9_])(\\+ok|-err|\\* ok|\\* bye|\\* preauth)(?![a-z0-9_])")
_PLUS = re.compile("^[^a-z0-9+]*(s:|server:|pop3<|resp\\*|get\\*)?[ <>-]{0,3}b?[\"']?\\+(?=[ \"']|$)")
# An error code is read as a word and a number, so that one pattern finds all; Japanese has no blanks.
# Windows' own numbers stay as they are, because they mean the same in every language.
_WORD = re.compile("aadsts(?=[0-9])|-21[0-9]{8}(?![0-9])|[a-z0-9_ß-öø-ɏ]+=?|[぀-ヿ一-鿿]")
_NUMBER = re.compile("^(?!10053$|10054$|10060$|10061$|11001$)[0-9]+$")

_VERBS = "CAPA|STLS|USER|PASS|APOP|AUTH|STAT|LIST|UIDL|RETR|TOP|DELE|RSET|NOOP|QUIT"
_SAID = re.compile(
    "^([^A-Za-z]*|[^+]*(C:|>|\\[tx\\]|cmd\\*|put\\*|POP3:)[ <>-]{0,3})b?[\"']?(" + _VERBS + ")(?=[ \"']|$)"
)
_LOGGED = re.compile(f",({_VERBS.lower()}),[^,]*,[\"' ]*[Rr]=")


class Segment(NamedTuple):
    """A reply with its status word, or what stands between replies.

    Args:
        status: ``+ok``, ``-err``, ``+``, IMAP's ``*ok``, or empty.
        words: what is compared, the status word first.
    """

    status: str
    words: list[str]


class Line(NamedTuple):
    """A line of the paste, or a part of it that stands for a line of its own.

    Args:
        number: the line of the paste, from 1.
        text: the text as it was pasted, cut where it is too long.
        segments: its replies and what is between them.
        verb: the command, if it is a client's.
    """

    number: int
    text: str
    segments: list[Segment]
    verb: str


def lines(paste: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a paste with their numbers, empty ones left out and long ones cut."""
    dropped = paste[:-LONGEST_PASTE].replace("\r\n", "\n").replace("\r", "\n").count("\n")
    text = paste[-LONGEST_PASTE:].replace("\r\n", "\n").replace("\r", "\n")
    for number, line in enumerate(text.split("\n"), dropped + 1):
        for start in range(0, len(line), LONGEST_LINE):
            if line[start : start + LONGEST_LINE].strip(" \t"):
                yield number, line[start : start + LONGEST_LINE]


def read(number: int, text: str) -> Iterator[Line]:
    r"""Yield what a line of the paste holds: more than one line where it shows line ends as ``\r\n``.

    Args:
        number: its number.
        text: the text.
    """
    for part in plain(text).split("\n"):
        if part.strip(" "):
            yield Line(number, text, segments(part.lower()), verb(part))


def plain(text: str) -> str:
    """Return a text without typography, markup and the ways of writing characters by others."""
    text = text.translate(_PLAIN)
    for written, meant in _WRITTEN:
        text = text.replace(written, meant)
    return _TAG.sub(" ", text)


def verb(text: str) -> str:
    """Return the command that a client says in a line, empty if it says none.

    Args:
        text: a line, made plain.
    """
    if said := _SAID.search(text):
        return said[3]
    logged = _LOGGED.search(text)
    return logged[1].upper() if logged else ""


def segments(text: str) -> list[Segment]:
    """Return the replies of a line and what is between them.

    A reply ends where the next begins, or where the quotation ends that it begins.

    Args:
        text: a line, made plain, in small letters.
    """
    found: list[Segment] = []
    plus = _PLUS.search(text)
    if plus:
        return [Segment("+", ["+", *words(text[plus.end() :])])]
    place, status = 0, ""
    for match in _STATUS.finditer(text):
        if match.start(2) < place:  # inside what a quotation has closed already
            continue
        _add(found, status, text[place : match.start(2)])
        place, status = match.end(), match[2].replace(" ", "")
        end = text.find(match[1], place) if match[1] in ('"', "'", "`") else -1
        if end >= 0:
            _add(found, status, text[place:end])
            place, status = end, ""
    _add(found, status, text[place:])
    return found


def _add(found: list[Segment], status: str, text: str) -> None:
    said = words(text)
    if status or said:
        found.append(Segment(status, [status, *said] if status else said))


def words(text: str) -> list[str]:
    """Return the words of a text; numbers count as equal, and several in a row, as in a version, as one."""
    found: list[str] = []
    for match in _WORD.finditer(text):
        word = "#" if _NUMBER.search(match[0]) else match[0]
        if word != "#" or found[-1:] != ["#"]:
            found.append(word)
    return found
