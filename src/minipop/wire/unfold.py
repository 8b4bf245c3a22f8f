"""SASL responses, unfolded: what is inside the base64, its secrets masked on the spot.

A mechanism is made readable by a row in `UNFOLD`; a response of any other is told by its length alone.
"""

from collections.abc import Callable

Fields = tuple[tuple[str, str], ...]

_MASK = "********"


def _text(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    return "".join(c if c.isprintable() else "?" for c in text)[:80]


def _plain(_: int, response: bytes) -> Fields:
    parts = response.split(b"\0")
    if len(parts) != 3:
        return (("octets", str(len(response))),)
    authzid, authcid, password = parts
    return (
        ("authzid", _text(authzid)),
        ("authcid", _text(authcid)),
        ("password", _MASK if password else ""),
    )


def _login(step: int, response: bytes) -> Fields:
    return (("authcid", _text(response)),) if step == 0 else (("password", _MASK if response else ""),)


#: By mechanism: makes the fields of a response, given its number in the exchange, from 0.
UNFOLD: dict[str, Callable[[int, bytes], Fields]] = {"PLAIN": _plain, "LOGIN": _login}


def unfold(mechanism: str, step: int, response: bytes) -> Fields:
    """Return the parts of a SASL response, by name; secrets are masked.

    Args:
        mechanism: its name in capitals.
        step: the number of the response in the exchange, from 0.
        response: what the client sent, without base64.
    """
    how = UNFOLD.get(mechanism)
    return how(step, response) if how else (("octets", str(len(response))),)
