"""SASL messages, unfolded: what is inside the base64, its secrets masked on the spot.

A mechanism is made readable by a row in `RESPONSES` and, if its server says more than prompts, one in
`CHALLENGES`. Of any other message the length is shown.
"""

from collections.abc import Callable

from .messages import MASK, Fields, Unfolded, octets, shown
from .messages.bearer import xoauth2
from .messages.gssapi import gssapi
from .messages.ntlm import ntlm

__all__ = ["MASK", "Fields", "Unfolded", "octets", "shown", "unfold_challenge", "unfold_response"]

#: Makes a message readable, given its number in its direction of the exchange, from 0. It raises ValueError
#: if the message is none of its own.
Unfold = Callable[[int, bytes], Unfolded]


def _plain(_: int, response: bytes) -> Unfolded:
    authzid, authcid, password = response.split(b"\0")
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
RESPONSES: dict[str, Unfold] = {
    "PLAIN": _plain,
    "LOGIN": _login,
    "NTLM": ntlm,
    "GSSAPI": gssapi,
    "XOAUTH2": xoauth2,
}

#: What servers send, by mechanism.
CHALLENGES: dict[str, Unfold] = {"NTLM": ntlm, "GSSAPI": gssapi}


def unfold_response(mechanism: str, step: int, response: bytes) -> Unfolded:
    """Return the parts of a SASL response; secrets are masked.

    Args:
        mechanism: its name in capitals.
        step: the number of the response in the exchange, from 0.
        response: what the client sent, without base64.
    """
    return _unfold(RESPONSES.get(mechanism), step, response)


def unfold_challenge(mechanism: str, step: int, challenge: bytes) -> Unfolded:
    """Return the parts of a SASL challenge, like `unfold_response`; nothing for a mere prompt."""
    how = CHALLENGES.get(mechanism)
    return _unfold(how, step, challenge) if how and challenge else Unfolded()


def _unfold(how: Unfold | None, step: int, message: bytes) -> Unfolded:
    try:
        return how(step, message) if how else Unfolded(octets(message))
    except ValueError:
        return Unfolded(octets(message))
