"""Which server program a server says it is, so that the report can name the setting that helps."""

import re

from .observation import Endpoint

#: What greeting or IMPLEMENTATION (RFC 2449, section 6.9) of a program hold, as it is delivered.
_SIGNS = {
    "exchange": re.compile(r"Microsoft (Exchange|Windows POP3)", re.IGNORECASE),
    "dovecot": re.compile(r"\bDovecot\b", re.IGNORECASE),
    "courier": re.compile(r"\bCourier\b|^\+OK Hello there\.", re.IGNORECASE),
    "cyrus": re.compile(r"\bCyrus\b", re.IGNORECASE),
}

_IMPLEMENTATION = "IMPLEMENTATION "

# What may stand in a greeting and looks like a version, but is none.
_TIMESTAMP = re.compile(r"<[^<>]*>|\[[^\[\]]*\]")
_DATE = re.compile(
    r"\b\d{4}-\d\d?-\d\d?(T[\d:.]+Z?)?"
    r"|(?<![\d.])\d\d?([./])\d\d?\2(19|20)\d\d(?![\d.])"
    r"|\b(\d\d?[ -])?(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*[ -]"
    r"(\d\d?,? ?)?(\d\d:\d\d:\d\d )?\d{4}\b"
    r"|\b\d\d?:\d\d(:\d\d)?(\.\d+)?\b"
)
_ADDRESS = re.compile(r"\b[0-9a-f]{0,4}(:[0-9a-f]{0,4}){2,7}\b", re.IGNORECASE)
_QUAD = re.compile(r"(\w*)([ (\[]*)\b(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_HOST = re.compile(
    r"\b(?=[\w.-]*[a-z]{2})[a-z0-9_-]+(\.[a-z0-9_-]+)*\.[a-z][a-z0-9-]*[a-z]\b(?!\d)", re.IGNORECASE
)
_NOT_A_VERSION = (_TIMESTAMP, _DATE, _ADDRESS, _HOST)

#: Words in front of four numbers that make them an address.
_BEFORE_ADDRESS = ("", "on", "at", "from", "for", "host", "ip", "by", "to")

#: A version, or the year that Exchange 2000 and 2003 give instead of one.
_VERSION = re.compile(r"\d+\.\d+[\w.+~-]*|\b20[0-3]\d\b")


def implementation(endpoint: Endpoint) -> str:
    """Return what CAPA gives as IMPLEMENTATION, empty if nothing."""
    lines = endpoint.capabilities or ()
    found = (line[len(_IMPLEMENTATION) :] for line in lines if line.upper().startswith(_IMPLEMENTATION))
    return next(found, "")


def software(endpoints: list[Endpoint]) -> str:
    """Return ``exchange``, ``dovecot``, ``courier`` or ``cyrus``; empty if nothing names one of them."""
    texts = [text for each in endpoints for text in (each.greeting, implementation(each))]
    return next((name for name, sign in _SIGNS.items() if any(map(sign.search, texts))), "")


def version(text: str) -> str:
    """Return the version that a text tells, empty if it tells none; no address, date or host name."""
    for other in _NOT_A_VERSION:
        text = other.sub(" ", text)
    text = _QUAD.sub(lambda found: " " if _is_address(found) else found[0], text)
    found = _VERSION.search(text)
    return found[0] if found else ""


def _is_address(found: re.Match[str]) -> bool:
    """Tell whether four numbers are an IPv4 address; ``Dovecot 2.3.19.1`` is none."""
    return found[1].lower() in _BEFORE_ADDRESS or any(100 <= int(found[n]) <= 255 for n in range(3, 7))
