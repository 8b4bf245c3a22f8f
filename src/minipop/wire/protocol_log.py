"""The protocol log that an administrator of Exchange can have written: a line for each step of a session.

Modelled: the fields, their order, the signs in `event`, numbers from 0 (Microsoft, “Protocol logging for
POP3 and IMAP4”, Exchange 2013); five stars for a password (a log of Exchange 2010, jaapwesselius.com). Real
files are on record with other columns, see how-to/find-and-switch-off.

Assumed: what exactly stands in `data`; the steps told by ``*``, the user's name among them, which AUTH hides
otherwise; the `session-id`, documented as a GUID, in the sixteen digits of that log; the client's port, which
would be another one in each run.
"""

import csv
import io
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Literal

from minipop.protocol import Lost, Observer, ReplyName
from minipop.protocol.masking import MASK, printable

from .unfold import unfold_response

FIELDS = (
    *("date-time", "connector-id", "session-id", "sequence-number"),
    *("local-endpoint", "remote-endpoint", "event", "data", "context"),
)

#: Stands for whatever is secret.
SECRET = "*****"

#: The first port that is told of a client; the next session has the next one.
FIRST_PORT = 50001


class ProtocolLog:
    """The log of a service.

    Args:
        clock: tells the time, in UTC.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._sessions = 0
        self._text = io.StringIO()
        self._rows = csv.writer(self._text, lineterminator="\n")

    def begin(self, server: str, client: str, *, tls: bool) -> "LoggedSession":
        """Return what is told a session's dialogue.

        Args:
            server: the address of the server.
            client: the address of the client.
            tls: whether the session is encrypted from the start: port 995.
        """
        ends = _endpoint(server, 995 if tls else 110), _endpoint(client, FIRST_PORT + self._sessions)
        self._sessions += 1
        return LoggedSession(partial(self._write, f"{self._sessions:016X}", ends))

    def _write(self, session: str, ends: tuple[str, str], number: int, event: str, data: str) -> None:
        now = self._clock().isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
        # Escaped, because a client could otherwise add lines to the log.
        self._rows.writerow([now, "", session, number, *ends, event, printable(data), ""])

    def __str__(self) -> str:
        """Return it as a file would hold it, with the line that names the fields; empty without sessions."""
        return f"#Fields: {','.join(FIELDS)}\n{self._text.getvalue()}" if self._sessions else ""


class LoggedSession(Observer):
    """Writes one session into the log; see `minipop.protocol.Observer`.

    Args:
        write: writes a line, given its number, event and data.
    """

    def __init__(self, write: Callable[[int, str, str], None]) -> None:
        self._line = write
        self._number = self._step = 0
        self._user = ""
        self._write("+")

    def _write(self, event: str, data: str = "") -> None:
        self._line(self._number, event, data)
        self._number += 1

    def line(self, who: Literal["C", "S"], text: str, name: str = "") -> None:
        if who == "C":
            self._write("<", text.replace(MASK, SECRET))
            if name == "AUTH":
                self._user, self._step = "", 0
            return
        if name == ReplyName.AUTHENTICATED and self._user:
            self._write("*", f"User {self._user}")
        self._write(">", f"+ {SECRET}" if name == "challenge" and text != "+ " else text)

    def response(self, mechanism: str, response: bytes) -> None:
        """Remember who it is from, for the moment when the server has accepted it."""
        said = dict(unfold_response(mechanism, self._step, response).fields)
        name = said.get("authcid") or said.get("user", "")
        if name:
            self._user = f"{said['domain']}\\{name}" if said.get("domain") else name
        self._step += 1

    def message(self, octets: int) -> None:
        """Write down that a message was sent, not its text."""
        self._write("*", f"Message of {octets} octets")

    def tls_established(self) -> None:
        self._write("*", "TLS")

    def ended(self) -> None:
        self._write("-")

    def lost(self, _: Lost) -> None:
        self._write("-")


def _endpoint(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
