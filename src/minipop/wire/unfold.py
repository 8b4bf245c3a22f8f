"""SASL messages, unfolded: what is inside the base64, its secrets masked on the spot.

A mechanism is made readable by a row in `RESPONSES` and, if its server says more than prompts, one in
`CHALLENGES`; a response of any other is told by its length alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

Fields = tuple[tuple[str, str], ...]

MASK = "********"


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


#: Makes a message readable, given its number in its direction of the exchange, from 0.
Unfold = Callable[[int, bytes], Unfolded]


def shown(data: bytes) -> str:
    """Return a stranger's text for one line: printable, not endless."""
    text = data.decode("utf-8", "replace")
    return "".join(c if c.isprintable() else "?" for c in text)[:80]


def octets(data: bytes) -> Fields:
    """Return the length, for a message of which no more is to be said."""
    return (("octets", str(len(data))),)


def _plain(_: int, response: bytes) -> Unfolded:
    parts = response.split(b"\0")
    if len(parts) != 3:
        return Unfolded(octets(response))
    authzid, authcid, password = parts
    return Unfolded(
        (
            ("authzid", shown(authzid)),
            ("authcid", shown(authcid)),
            ("password", MASK if password else ""),
        )
    )


def _login(step: int, response: bytes) -> Unfolded:
    if step == 0:
        return Unfolded((("authcid", shown(response)),))
    return Unfolded((("password", MASK if response else ""),))


#: What clients send, by mechanism.
RESPONSES: dict[str, Unfold] = {"PLAIN": _plain, "LOGIN": _login}

#: What servers send, by mechanism.
CHALLENGES: dict[str, Unfold] = {}


def unfold_response(mechanism: str, step: int, response: bytes) -> Unfolded:
    """Return the parts of a SASL response; secrets are masked.

    Args:
        mechanism: its name in capitals.
        step: the number of the response in the exchange, from 0.
        response: what the client sent, without base64.
    """
    how = RESPONSES.get(mechanism)
    return how(step, response) if how else Unfolded(octets(response))


def unfold_challenge(mechanism: str, step: int, challenge: bytes) -> Unfolded:
    """Return the parts of a SASL challenge, like `unfold_response`; nothing for a mere prompt."""
    how = CHALLENGES.get(mechanism)
    return how(step, challenge) if how and challenge else Unfolded()
