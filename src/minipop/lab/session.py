"""A client's own session, found by the client's socket: its dialogue and its bytes."""

from collections.abc import Callable
from typing import Any, TypeVar

from minipop.wire import Capture, Conversation
from minipop.wire.capture import Endpoint

Kept = TypeVar("Kept", Conversation, Capture)

NO_TRANSCRIPT = "this Lab keeps no transcript; start it without transcript=False"
NO_WIRE = "this Lab does not record the wire; start it with Lab(..., record=True)"


class Session:
    """The session of one client, as `Lab.session` returns it; printed, it is its transcript.

    It can still be read when the client has closed its connection or the Lab is stopped. Its title bears no
    number, so that it is the same whenever a cell is run.

    Args:
        between_commands: does something once all that clients have sent is dealt with.
        conversation: the dialogue; None if no transcript is kept.
        capture: the bytes; None if they are not recorded.
    """

    def __init__(
        self,
        between_commands: Callable[[Callable[[], Any]], Any],
        conversation: Conversation | None,
        capture: Capture | None,
    ) -> None:
        self._between_commands = between_commands
        self._conversation = conversation
        self._capture = capture

    @property
    def transcript(self) -> Conversation:
        """The dialogue up to now, passwords masked.

        Raises:
            RuntimeError: the Lab keeps no transcript.
        """
        return self._up_to_now(self._conversation, NO_TRANSCRIPT)

    @property
    def wire(self) -> Capture:
        """The bytes that have crossed the wire up to now: ciphertext where TLS is. See `Lab.wire`.

        Raises:
            RuntimeError: the Lab does not record.
        """
        return self._up_to_now(self._capture, NO_WIRE)

    def _up_to_now(self, kept: Kept | None, missing: str) -> Kept:
        if kept is None:
            raise RuntimeError(missing)
        copy: Kept = self._between_commands(lambda: kept.copy(numbered=False))
        return copy

    def __repr__(self) -> str:
        return str(self.transcript if self._conversation else self.wire)


def end_of(client: object) -> Endpoint | None:
    """Return the client's end of its connection, None if it has closed it.

    Args:
        client: a socket, or what has one in `sock`, such as `poplib.POP3`.

    Raises:
        TypeError: it is neither.
    """
    sock = getattr(client, "sock", client)
    if sock is None:  # poplib's sign of a client that has closed
        return None
    if not hasattr(sock, "getsockname"):
        raise TypeError(f"a client with a socket is needed, such as poplib.POP3, not {type(client).__name__}")
    try:
        host, port = sock.getsockname()[:2]
    except OSError:  # a socket that is closed
        return None
    return host, port
