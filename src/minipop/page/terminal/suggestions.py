"""What a reader could type next, as whole lines, by the state of the session."""

import base64
from collections.abc import Callable, Sequence

from minipop.exchange import Account, Settings
from minipop.lab import Lab
from minipop.wire import Conversation
from minipop.wire.entry import Entry

#: After the log-on, in the order in which a first visitor needs them.
TRANSACTION = ("LIST", "RETR 1", "DELE 1", "QUIT", "STAT", "UIDL", "TOP 2 5", "RSET", "CAPA")

#: Answers a challenge, both without base64.
Step = Callable[[bytes], bytes]


class Logon:
    """Knows the lines that log an account on by a mechanism.

    Args:
        mechanism: ``USER/PASS`` or a SASL mechanism.
        account: whose name and password it takes.
        lab: where tokens are issued.
    """

    def __init__(self, mechanism: str, account: Account, lab: Lab) -> None:
        self._mechanism = mechanism
        self._account = account
        self._lab = lab
        self._step: Step | None = None

    def next_line(self, entries: Sequence[Entry], reply: bytes) -> str:
        """Return the next line.

        Args:
            entries: the dialogue so far.
            reply: the server's last line, since a transcript shows no challenge as it came.
        """
        name, password = self._account.upn or "", self._account.password or ""
        if waits_for_response(entries):
            return self._response(reply)
        self._step = None
        if self._mechanism != "USER/PASS":
            return f"AUTH {self._mechanism}"
        named = entries and entries[-1].name == "user"
        return f"PASS {password}" if named else f"USER {name}"

    def _response(self, challenge: bytes) -> str:
        # Exchange 2000 and 2003 answer AUTH NTLM by “+ OK” and “+OK”, which is no base64 and counts as empty.
        asked = b"" if challenge.endswith(b"OK") else base64.b64decode(challenge[2:])
        self._step = self._step or self._steps()
        return base64.b64encode(self._step(asked)).decode()

    def _steps(self) -> Step:
        name, password = self._account.upn or "", self._account.password or ""
        if self._mechanism == "NTLM":
            return _ntlm(name, password)
        if self._mechanism == "XOAUTH2":
            return lambda _: f"user={name}\1auth=Bearer {self._lab.issuer.issue(name)}\1\1".encode()
        if self._mechanism == "PLAIN":
            return lambda _: f"\0{name}\0{password}".encode()
        return lambda asked: (password if asked.startswith(b"Pass") else name).encode()


def _ntlm(name: str, password: str) -> Step:
    import spnego  # here, because the page fetches it when it is first wanted

    options = spnego.NegotiateOptions.use_ntlm
    client = spnego.client(name, password, protocol="ntlm", options=options)
    return lambda challenge: client.step(challenge) or b""


def waits_for_response(entries: Sequence[Entry]) -> bool:
    """Tell whether the server has asked for a SASL response last."""
    return bool(entries) and entries[-1].name == "challenge"


def suggestions(state: str, settings: Settings, dialogue: Conversation, logon: str) -> list[str]:
    """Return lines that make sense now, the most obvious one first.

    Args:
        state: ``AUTHORIZATION``, ``TRANSACTION`` or ``closed``.
        settings: of the service.
        dialogue: what was said.
        logon: the next line that logs on.
    """
    if state == "closed":
        return []
    if waits_for_response(dialogue.entries):
        return [logon, "*"]
    if state == "TRANSACTION":
        return list(TRANSACTION)
    encrypted = dialogue.tls or any(entry.name == "tls" for entry in dialogue.entries)
    stls = ["STLS"] if settings.edition.stls.value and not encrypted else []
    return [logon, "CAPA", *stls, "QUIT"]
