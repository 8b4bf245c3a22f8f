"""SASL mechanisms, one module each; a mechanism is a generator, see `minipop.protocol.policy.Mechanism`.

`PASSWORD_MECHANISMS` holds those that come down to a name and a password.
"""

from collections.abc import Callable, Generator

from minipop.protocol import Maildrop

from .login import login
from .plain import plain

LogOn = Callable[[str, str], Maildrop]

PASSWORD_MECHANISMS: dict[str, Callable[[LogOn], Generator[bytes, bytes, Maildrop]]] = {
    "PLAIN": plain,
    "LOGIN": login,
}
