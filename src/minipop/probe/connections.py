"""Connections one after the other: each waits for the end of the one before it, and for the pause.

A server may limit how many connections an address has, at once or in a minute. Then it turns away the probe,
which would take that for a fault of TLS or of the certificate. So what is turned away after others have been
let in is tried again, and if that does not help, the trouble is called a limit.
"""

import re
from collections import Counter
from collections.abc import Callable
from time import monotonic, sleep
from typing import TypeVar

from .client import Pop3Client, ProbeError
from .observation import Target

T = TypeVar("T")

#: Seconds to wait before each further try at a port that turned the probe away.
WAITS = (1.0, 2.0, 4.0)

#: Words of a greeting that turns away because of a limit.
_LIMIT = re.compile(r"too many|limit|maximum|exceed|connections|later|\[(IN-USE|SYS/TEMP)\]", re.IGNORECASE)


class Connections:
    """Opens the connections of one run.

    Args:
        target: the server, with the pause between two connections and the time for the whole run.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._ends = monotonic() + target.deadline
        self._let_in: set[int] = set()  # ports
        self.given_up: set[int] = set()
        self._lingering = True
        self._first = True
        self._stopped = False
        self.turned_away: Counter[int] = Counter()

    def enter(self, port: int, step: Callable[[Pop3Client], T]) -> tuple[Pop3Client, T]:
        """Connect and go as far as a step leads; try again if the server turns the probe away.

        Args:
            port: the port.
            step: what is to be done to be let in, such as reading the greeting.

        Raises:
            ProbeError: the step failed; ``limited`` if the server turns the probe away again and again.
        """
        for wait in (0.0, *(() if port in self.given_up else WAITS)):
            if wait:
                self.wait(wait)
            try:
                return self.enter_once(port, step)
            except ProbeError as error:
                if not self.is_limit(port, error):
                    raise
                self.turned_away[port] += 1
                detail = error.detail
        self.given_up.add(port)
        raise ProbeError("limited", detail)

    def enter_once(self, port: int, step: Callable[[Pop3Client], T]) -> tuple[Pop3Client, T]:
        """Connect and go as far as a step leads, once.

        Raises:
            ProbeError: that failed.
        """
        if not self._first:
            self.wait(self._target.pause)
        self._first = False
        client = Pop3Client(self._target.host, port, self._target.timeout, self._ends)
        try:
            result = step(client)
        except BaseException:
            client.close()
            raise
        self._let_in.add(port)
        return client, result

    def leave(self, client: Pop3Client) -> None:
        """Say QUIT and wait for the end; a server that does not hang up is not waited for again."""
        if not client.quit(linger=self._lingering):
            self._lingering = False

    def is_limit(self, port: int, error: ProbeError) -> bool:
        """Tell whether a trouble looks like a limit, because the server had let in the probe before."""
        if error.kind == "rejected":
            elsewhere = bool(self._let_in) and _LIMIT.search(error.detail) is not None
            return port in self._let_in or elsewhere
        early = error.early and error.kind in ("hung-up", "handshake")
        return port in self._let_in and (early or error.kind == "refused")

    def wait(self, seconds: float) -> None:
        """Wait.

        Raises:
            ProbeError: the time for the whole run is over, or would be after that.
        """
        if seconds >= self.left():
            self._stopped = True
            raise ProbeError("deadline")
        if seconds:
            sleep(seconds)

    @property
    def out_of_time(self) -> bool:
        """Whether the time for the whole run was over before its end."""
        return self._stopped or self.left() <= 0

    def left(self) -> float:
        """Return the seconds that are left of the time for the whole run."""
        return self._ends - monotonic()
