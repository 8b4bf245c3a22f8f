"""A SASL message made readable, and what any of them needs for that."""

from dataclasses import dataclass

Fields = tuple[tuple[str, str], ...]

MASK = "********"

#: Longest text of a client that is shown, in characters.
LONGEST = 80


@dataclass(frozen=True)
class Unfolded:
    """A SASL message made readable; nothing in it is secret, and nothing varies from run to run.

    Args:
        fields: its parts: name and value.
        label: what a transcript shows in place of the base64, such as ``<NTLM type 3>``; empty if that may
            stay as it is (a challenge) or is masked (a response).
    """

    fields: Fields = ()
    label: str = ""


def printable(text: str) -> str:
    """Return a client's text for one line: printable, `LONGEST` characters at most."""
    return "".join(c if c.isprintable() else "?" for c in text[:LONGEST])


def shown(data: bytes) -> str:
    """Return a client's octets, which should be UTF-8, like `printable`."""
    return printable(data.decode("utf-8", "replace"))


def octets(data: bytes) -> Fields:
    """Return the length, for a message of which no more is to be said."""
    return (("octets", str(len(data))),)
