"""The SASL exchange inside AUTH (RFC 5034, section 4): base64, the cancelling ``*``, whose turn it is.

The mechanisms themselves live above, in `minipop.exchange.mechanisms`; here is only their frame.
"""

import base64
import binascii
from collections.abc import Callable, Generator, Sequence

from .maildrop import Maildrop
from .observer import Observer
from .rules import Challenge

#: Longest line of a SASL response in octets. RFC 5034 leaves the bound to the mechanism; Kerberos
#: tickets reach some tens of kilobytes.
RESPONSE_LIMIT = 65_536

#: The client's line that gives the exchange up.
CANCEL = b"*"

#: Mechanisms that a transcript may name. Any other word behind AUTH is masked, because it may be a secret.
MECHANISMS = frozenset(
    {
        "PLAIN",
        "LOGIN",
        "NTLM",
        "GSSAPI",
        "GSS-SPNEGO",
        "XOAUTH2",
        "OAUTHBEARER",
        "EXTERNAL",
        "ANONYMOUS",
        "CRAM-MD5",
        "DIGEST-MD5",
        "SCRAM-SHA-1",
        "SCRAM-SHA-256",
    }
)

#: An initial response that is present, but empty (RFC 5034, section 4).
EMPTY = b"="


class Dialogue:
    """One run of a mechanism, line by line.

    Args:
        name: the name of the mechanism, in capitals.
        run: the generator that a `Mechanism` returned.
        initial: the client's initial response in base64, None if it gave none.
    """

    def __init__(
        self, name: str, run: Generator[Challenge, bytes, Maildrop], initial: bytes | None = None
    ) -> None:
        self.name = name
        self._run = run
        self._initial = initial
        #: Are told each response of the client, decoded and unmasked.
        self.observers: Sequence[Observer] = ()
        self.maildrop: Maildrop | None = None

    def begin(self) -> Challenge | None:
        """Return the first challenge, or the answer to the client's initial response if it gave one.

        Raises:
            ValueError: the initial response is not base64.
            LogonRefused: the mechanism refused the client.
        """
        challenge = self._step(lambda: next(self._run))
        return challenge if self._initial is None else self.respond(self._initial)

    def respond(self, line: bytes) -> Challenge | None:
        """Hand a line of the client to the mechanism.

        Args:
            line: base64, without CRLF; ``=`` stands for an empty response.

        Returns:
            The next challenge, or None when the client is logged on and `maildrop` is set.

        Raises:
            ValueError: the line is not base64.
            LogonRefused: the mechanism refused the client.
        """
        if line == EMPTY:
            line = b""
        if len(line) % 4:  # asked here, because b64decode takes surplus padding
            raise ValueError("not base64")
        try:
            response = base64.b64decode(line, validate=True)
        except binascii.Error as error:
            raise ValueError("not base64") from error
        for observer in self.observers:
            observer.response(self.name, response)
        return self._step(lambda: self._run.send(response))

    def close(self) -> None:
        """Give the exchange up."""
        self._run.close()

    def _step(self, go: Callable[[], Challenge]) -> Challenge | None:
        try:
            return go()
        except StopIteration as done:
            self.maildrop = done.value
            return None


def challenge_line(challenge: Challenge) -> bytes:
    """Write a challenge as it goes over the wire: ``+ `` and base64, ``+ `` alone if it is empty."""
    line = challenge.encode() if isinstance(challenge, str) else b"+ " + base64.b64encode(challenge)
    return line + b"\r\n"
