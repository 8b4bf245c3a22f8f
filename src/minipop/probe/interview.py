"""The questions that every endpoint is asked: what it lists, and which ways to log on it begins."""

from collections.abc import Callable
from typing import TypeVar

from . import ntlm
from .client import LINE_LIMIT, Pop3Client, ProbeError, shown
from .mechanisms import ALWAYS, KNOWN, MOST, names, spoken, timestamp
from .observation import Answer, Endpoint

T = TypeVar("T")

#: The name for USER, which belongs to no mailbox.
MADE_UP = b"minipop-probe"

#: Replies waited for in vain, after which a server is asked nothing more: each costs the whole timeout.
_PATIENCE = 2

#: Troubles after which a further question can bring nothing.
_FINAL = ("client-certificate", "limited", "deadline")


def interview(
    endpoint: Endpoint, client: Pop3Client, enter: Callable[[], Pop3Client], greeting: str
) -> Pop3Client | None:
    """Ask what is offered and how one may log on, and note it in the endpoint.

    Args:
        endpoint: where.
        client: a connection that has just been let in.
        enter: gives another one, should the server hang up.
        greeting: the server's greeting, which offers APOP or not.

    Returns:
        The connection that is left, None if there is none.
    """
    asked = _Interview(client, enter)
    endpoint.capa, listed = asked.lines(b"CAPA")
    endpoint.capabilities = listed
    sasl = [line for line in map(str.upper, listed or ()) if line.startswith("SASL ")]
    endpoint.listed = names([word for line in sasl for word in line.split()[1:]])
    endpoint.auth, auth = asked.lines(b"AUTH")
    endpoint.auth_listed = names([line.strip() for line in auth or ()])
    if timestamp(greeting):
        # Not tried, because that would be a failed log-on.
        endpoint.answers["APOP"] = Answer(greeting)
    unlisted = KNOWN if listed is None else ()
    mechanisms = list(dict.fromkeys((*ALWAYS, *endpoint.listed, *endpoint.auth_listed, *unlisted)))
    for mechanism in mechanisms[:MOST]:
        responses = [ntlm.type_1()] if mechanism == "NTLM" else []
        answer, challenge = asked.begin(spoken(mechanism).encode(), *responses)
        endpoint.answers[mechanism] = answer
        if mechanism == "NTLM":
            endpoint.ntlm = ntlm.read_type_2(challenge)
    for mechanism in mechanisms[MOST:]:
        endpoint.answers[mechanism] = Answer("", "endless")
    endpoint.answers["USER"], _ = asked.begin(b"USER " + MADE_UP)
    if asked.stopped and asked.stopped.kind == "client-certificate":
        endpoint.trouble = asked.stopped
    return asked.client


class _Interview:
    """Questions to a server; if it hangs up, the next one gets a new connection."""

    def __init__(self, client: Pop3Client, enter: Callable[[], Pop3Client]) -> None:
        self.client: Pop3Client | None = client
        self.stopped: ProbeError | None = None
        self._enter = enter
        self._patience = _PATIENCE
        self._used = False  # whether the connection has answered a question already

    def ask(self, question: Callable[[Pop3Client], T]) -> T | ProbeError:
        """Ask; return what came of it, or why nothing did."""
        if self.stopped:
            return self.stopped
        try:
            if self.client is None:
                self.client, self._used = self._enter(), False
            answer = question(self.client)
            self._used = True
            return answer
        except ProbeError as error:
            self.client = None
            if self._used and error.kind == "hung-up":
                # It may have been the question before that ended the connection.
                return self.ask(question)
            if error.kind in ("silent", "endless", "filtered"):
                self._patience -= 1
            if error.kind in _FINAL or not self._patience:
                self.stopped = error
            return error

    def lines(self, command: bytes) -> tuple[Answer, tuple[str, ...] | None]:
        """Ask for a multi-line reply; return the answer, and its lines if there are any to the end."""
        first = Answer("")

        def question(client: Pop3Client) -> tuple[str, ...] | None:
            nonlocal first
            reply = client.ask(command)
            first = Answer(shown(reply))
            if not reply.startswith(b"+"):
                return None
            found = client.lines() if reply.startswith(b"+OK") else []
            return tuple(shown(line, LINE_LIMIT) for line in found)  # whole, because mechanisms stand there

        found = self.ask(question)
        if isinstance(found, ProbeError):
            return Answer(first.reply, found.kind), None
        return first, found

    def begin(self, command: bytes, *responses: bytes) -> tuple[Answer, bytes]:
        """Begin a log-on and give it up; return the answer to the command, and the last challenge if any."""
        first: Answer | None = None

        def question(client: Pop3Client) -> bytes:
            nonlocal first
            reply = client.ask(command)
            first = Answer(shown(reply))
            for response in responses:
                if reply.startswith(b"+"):
                    reply = client.ask(response)
            if reply.startswith(b"+") and command.startswith(b"AUTH"):
                client.ask(b"*")
            return reply

        last = self.ask(question)
        challenge, trouble = (b"", last.kind) if isinstance(last, ProbeError) else (last, "")
        return first or Answer("", trouble), challenge
