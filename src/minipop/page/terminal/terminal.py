"""One terminal: a Lab, a connection to it, and what has changed with each line."""

import socket
import ssl
from dataclasses import dataclass
from typing import Any

from minipop.exchange import DEFAULT, Account
from minipop.lab import Lab
from minipop.lab.session import Session

from .dialogue import described, shareable
from .mailbox import MailboxPane
from .suggestions import Logon, suggestions
from .wire import WirePane

#: The timers of the service run fifty times slower, because a reader thinks longer than a mail program.
TIME_LAPSE = 0.02

#: Octets that are read at a time.
PIECE = 65_536

#: What a socket raises when nothing is there to be read, plain or with OpenSSL.
NOTHING_YET = (BlockingIOError, ssl.SSLWantReadError)


@dataclass(frozen=True)
class Choice:
    """What the reader has chosen.

    Args:
        edition: which Exchange.
        account: the alias of who logs on.
        transport: ``110``, ``stls`` (110, and STLS at once) or ``995``.
        login: LoginType; empty for the edition's own.
        mechanism: ``USER/PASS`` or a SASL mechanism.
        lang: the reader's language.
    """

    edition: str = DEFAULT
    account: str = "anna"
    transport: str = "995"
    login: str = ""
    mechanism: str = "USER/PASS"
    lang: str = "en"

    @property
    def server(self) -> tuple[str, str, bool, str]:
        """What needs another server if it changes; the rest needs another connection only."""
        return self.edition, self.login, self.issuer, self.lang

    @property
    def issuer(self) -> bool:
        """Whether tokens are needed; without them no issuer is started, because it needs libraries."""
        return self.mechanism == "XOAUTH2"

    def lab(self) -> Lab:
        """Return the Lab that serves it."""
        return Lab(
            self.edition,
            lang=self.lang,
            login_type=self.login or None,
            issuer=self.issuer,
            record=True,
            time_lapse=TIME_LAPSE,
        )


class Terminal:
    """A terminal of the page. Its mail stays as it is until `reset`, or until another server is chosen."""

    def __init__(self) -> None:
        self._choice = Choice()
        self._lab: Lab | None = None
        self._sock: socket.socket | None = None

    # -- what the page calls ----------------------------------------------------------------------

    def open(self, choice: Choice) -> dict[str, Any]:
        """Connect as chosen.

        Returns:
            what there is to see (see `_view`), and ``replaced``: whether another server has begun.

        Raises:
            SettingsError: the edition does not have what was chosen.
        """
        self._hang_up()
        replaced = self._lab is not None and choice.server != self._choice.server
        if replaced:
            self._stop()
        if self._lab is None:
            self._lab = choice.lab().start()
            self._mailbox = MailboxPane(self._lab)
        self._choice = choice
        self._connect(self._lab)
        if choice.transport == "stls":
            self._send("STLS")
        return self._view(first=True) | {"replaced": replaced}

    def line(self, text: str) -> dict[str, Any]:
        """Send one line; return what has changed.

        Args:
            text: the line, without its end. If the connection is closed, it goes nowhere.
        """
        if self._sock:
            self._send(text)
        return self._view()

    def reset(self) -> dict[str, Any]:
        """Begin anew, with the mail as it was at first, and connect."""
        self.close()
        return self.open(self._choice)

    def close(self) -> dict[str, Any]:
        """Hang up, and stop the server."""
        self._hang_up()
        self._stop()
        return {}

    # -- the connection ---------------------------------------------------------------------------

    def _connect(self, lab: Lab) -> None:
        tls = self._choice.transport == "995"
        plain = socket.create_connection((lab.host, lab.tls_port if tls else lab.port))
        self._sock = self._secured(plain) if tls else plain
        self._session = lab.session(self._sock)
        self._account = next(one for one in lab.accounts if one.alias == self._choice.account)
        self._wire = WirePane(self._account)
        self._shown = 0
        self._received = b""
        self._logon = Logon(self._choice.mechanism, self._account, lab)
        self._receive()

    def _secured(self, plain: socket.socket) -> socket.socket:
        assert self._lab
        context = ssl.create_default_context(cafile=self._lab.ca_file)
        return context.wrap_socket(plain, server_hostname=self._lab.host)

    def _send(self, text: str) -> None:
        assert self._sock
        try:
            self._sock.sendall(text.encode() + b"\r\n")
        except OSError:  # the server has hung up
            self._hang_up()
            return
        reply = self._receive()
        if self._sock and text.strip().upper() == "STLS" and reply.startswith(b"+OK"):
            try:
                self._sock = self._secured(self._sock)
            except OSError:
                self._hang_up()

    def _receive(self) -> bytes:
        """Return what has come; hang up if the server has."""
        assert self._sock
        _ = self._session.transcript  # everything that was sent is dealt with then
        pieces: list[bytes] = []
        self._sock.settimeout(0)
        try:
            while piece := self._sock.recv(PIECE):
                pieces.append(piece)
        except NOTHING_YET:
            self._sock.settimeout(None)
        except OSError:
            self._hang_up()
        else:
            self._hang_up()
        self._received = b"".join(pieces)
        return self._received

    def _hang_up(self) -> None:
        if self._sock:
            self._sock.close()
        self._sock = None

    def _stop(self) -> None:
        if self._lab:
            self._lab.stop()
        self._lab = None

    # -- what there is to see ---------------------------------------------------------------------

    def _view(self, *, first: bool = False) -> dict[str, Any]:
        """Describe what has changed since the last time.

        Args:
            first: whether this is a new connection.

        Returns:
            ``title`` of a new connection; ``entries`` that are new; ``state``; ``wire``: what has crossed it
            since, and what an eavesdropper has read so far; ``mailbox``; ``suggestions``; ``logon``: the next
            line that logs on, empty if there is none; ``share``: the lines that a link may hold.
        """
        assert self._lab
        dialogue = self._session.transcript
        new = dialogue.entries[self._shown :]
        self._shown += len(new)
        state = self._state(dialogue.mailbox)
        self._mailbox.follow(dialogue.mailbox or self._choice.account, state, new)
        reply = self._received.removesuffix(b"\r\n").rpartition(b"\r\n")[2]
        logon = self._logon.next_line(dialogue.entries, reply) if state == "AUTHORIZATION" else ""
        return {
            "title": dialogue.title if first else "",
            "state": state,
            "entries": described(new, self._received, self._choice.lang),
            "wire": self._wire.update(self._session.wire),
            "mailbox": self._mailbox.view(),
            "logon": logon,
            "suggestions": suggestions(state, self._lab.settings, dialogue, logon),
            "share": shareable(dialogue.entries, self._choice.mechanism),
        }

    def _state(self, mailbox: str) -> str:
        if self._sock is None:
            return "closed"
        return "TRANSACTION" if mailbox else "AUTHORIZATION"

    _session: Session
    _account: Account
    _wire: WirePane
    _mailbox: MailboxPane
    _logon: Logon
