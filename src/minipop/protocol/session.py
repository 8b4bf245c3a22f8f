"""One POP3 session without a socket: bytes in, bytes out (RFC 1939, 2449, 2595, 5034).

The contract, for whatever owns the transport:

1. `Session.receive_data` takes bytes as they arrive. It only stores them.
2. `Session.data_to_send` executes the commands that have arrived whole and returns what is to be
   written. Call it until it returns ``b""``, and only while the transport can take more: a message is
   read as it is pulled, and a pipelined command waits until the replies before it are on their way.
3. When `Session.wants_tls` is true, start TLS and then call `Session.tls_established`.
4. When `Session.finished` is true, close the connection. When it ends by itself, for whatever reason,
   call `Session.connection_lost`: without QUIT nothing is deleted.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from typing import Literal

from . import masking, multiline, sasl
from .context import Context, Transaction
from .grammar import ArgumentError, parse, split_keyword
from .maildrop import MaildropError
from .observer import Lost, Observer
from .policy import Policy
from .replies import Reply, ReplyName
from .rules import Challenge, LogonRefused
from .sasl import Dialogue
from .states import TRANSITIONS, Event, State

#: How many octets `Session.data_to_send` gathers before it returns.
CHUNK = 65_536

#: How many lines of a list are made at a time.
LINES = 1_000

#: Longest status line in octets, CRLF included (RFC 1939, section 3; [MS-STANXPOP3] C0001).
REPLY_LIMIT = 512


class Session:
    """The server's side of one POP3 connection.

    Args:
        policy: the rules of the service.
        tls: whether the connection is encrypted from the start (port 995).
        observers: are told each line of the dialogue, for transcripts and logs.
        turned_away: the reply to a client that is not let in at all; it takes the greeting's place, and
            the session is over.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        tls: bool = False,
        observers: Sequence[Observer] = (),
        turned_away: ReplyName | None = None,
    ) -> None:
        self.state = State.AUTHORIZATION
        self.wants_tls = False
        self._policy = policy
        self._context = Context(policy, tls)
        self._observers = observers
        self._dialogue: Dialogue | None = None
        self._failed_logons = 0
        self._input = bytearray()
        self._scanned = 0  # octets of the input that hold no line end
        self._output: deque[bytes | Iterator[bytes]] = deque()
        self._answer(Reply(turned_away or ReplyName.GREETING))

    def receive_data(self, data: bytes) -> None:
        """Store bytes that arrived; call `data_to_send` next."""
        if self.state is not State.CLOSED:
            self._input += data

    def data_to_send(self) -> bytes:
        """Execute what has arrived and return the next bytes to write, ``b""`` if there are none.

        Returns:
            Some 64 KiB at most, unless a single chunk of a message is longer.
        """
        pieces: list[bytes] = []
        octets = 0
        while octets < CHUNK:
            if self._output:
                piece = self._pull()
                pieces.append(piece)
                octets += len(piece)
            elif not self._execute_next():
                break
        return b"".join(pieces)  # a single piece is passed on without a copy

    def tls_established(self, policy: Policy | None = None) -> None:
        """Go on inside TLS: what was learnt before it is forgotten (RFC 2595, section 4).

        Args:
            policy: the rules from here on, if the certificate was replaced since the greeting; None for those
                that held before.
        """
        self._policy = policy or self._policy
        self._context = Context(self._policy, tls=True)
        self.wants_tls = False
        for observer in self._observers:
            observer.tls_established()

    def connection_lost(self, why: Lost = Lost.CLIENT) -> None:
        """End the session because the connection did: nothing is deleted (RFC 1939, section 3).

        Args:
            why: what ended the connection.
        """
        self._output.clear()
        if self.state is not State.CLOSED:
            for observer in self._observers:
                observer.lost(why)
            self._move(Event.ENDED)

    @property
    def tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self._context.tls

    @property
    def deleted(self) -> frozenset[int]:
        """The numbers of the messages that are marked as deleted."""
        transaction = self._context.transaction
        return frozenset(transaction.deleted if transaction else ())

    @property
    def finished(self) -> bool:
        """Whether the session is over and everything has been sent."""
        return self.state is State.CLOSED and not self._output

    # -- input ------------------------------------------------------------------------------------

    def _execute_next(self) -> bool:
        """Execute one line if a whole one has arrived and nothing hinders it; tell whether it did."""
        if not self._input or self.state is State.CLOSED or self.wants_tls:
            return False
        limit = self._policy.line_limit if self._dialogue is None else sasl.RESPONSE_LIMIT
        end = self._input.find(b"\n", self._scanned)
        if (end + 1 if end >= 0 else len(self._input)) > limit:
            self._heard(f"(> {limit} octets)")
            self._answer(Reply(ReplyName.LINE_TOO_LONG))
            return True
        if end < 0:
            self._scanned = len(self._input)
            return False
        line = bytes(self._input[:end]).removesuffix(b"\r")
        del self._input[: end + 1]
        self._scanned = 0
        if self._dialogue is None:
            self._command(line)
        else:
            self._response(self._dialogue, line)
        return True

    def _command(self, line: bytes) -> None:
        context = self._context
        verb, rest = split_keyword(line)
        command = self._policy.commands.get(verb)
        if self._observers:
            self._heard(masking.shown(command, verb, rest), verb if command else "")
        # The name of USER is forgotten after the next command, even one that is refused, because PASS may
        # only come immediately after USER (RFC 1939, section 7).
        context.name, context.next_name = context.next_name, None
        context.pipelined = bool(self._input)
        if b"\0" in line:
            self._answer(Reply(ReplyName.CONTROL_CHARACTER))
        elif command is None:
            self._answer(Reply(ReplyName.UNKNOWN_COMMAND))
        elif self.state not in command.states:
            self._answer(Reply(ReplyName.NOT_IN_THIS_STATE))
        else:
            try:
                arguments = parse(command.arguments, rest)
                if command.event:
                    self._move(command.event)
                outcome = command.handler(context, arguments)
            except ArgumentError as error:
                self._answer(Reply(error.reply, {"verb": verb, **error.values}))
            except LogonRefused as refusal:
                self._refuse(refusal, ReplyName.LOGON_FAILURE)
            else:
                if isinstance(outcome, Reply):
                    self._answer(outcome)
                else:
                    self._converse(outcome)

    # -- SASL -------------------------------------------------------------------------------------

    def _converse(self, dialogue: Dialogue) -> None:
        """Begin a SASL exchange."""
        self._dialogue = dialogue
        dialogue.observers = self._observers
        self._step(dialogue, dialogue.begin)

    def _response(self, dialogue: Dialogue, line: bytes) -> None:
        """Take a line that belongs to the SASL exchange."""
        self._heard("*" if line == sasl.CANCEL else masking.MASK)
        if line == sasl.CANCEL:
            self._dialogue_over()
            self._answer(Reply(ReplyName.CANCELLED))
        else:
            self._step(dialogue, lambda: dialogue.respond(line))

    def _step(self, dialogue: Dialogue, step: Callable[[], Challenge | None]) -> None:
        """Send what the mechanism says: a challenge, success or refusal."""
        try:
            challenge = step()
        except LogonRefused as refusal:
            self._dialogue_over()
            self._refuse(refusal, ReplyName.AUTHENTICATION_FAILURE)
        except ValueError:
            self._dialogue_over()
            self._failed(ReplyName.BAD_BASE64)
        else:
            if challenge is not None:
                self._say(sasl.challenge_line(challenge), "challenge")
                if isinstance(challenge, bytes):
                    for observer in self._observers:
                        observer.challenge(dialogue.name, challenge)
            elif dialogue.maildrop is not None:
                self._dialogue_over()
                transaction = self._context.transaction = Transaction(dialogue.maildrop)
                self._answer(Reply(ReplyName.AUTHENTICATED, transaction.totals()))

    def _dialogue_over(self) -> None:
        if self._dialogue is not None:
            self._dialogue.close()
            self._dialogue = None

    # -- outcomes ---------------------------------------------------------------------------------

    def _refuse(self, refusal: LogonRefused, usual: ReplyName) -> None:
        """Answer a refused log-on; `usual` is the reply unless the refusal names its own."""
        for observer in self._observers:
            observer.refused(refusal)
        reply = refusal.reply or usual
        if reply.ends:
            self._answer(Reply(reply))
        else:
            self._failed(reply)

    def _failed(self, reply: ReplyName) -> None:
        """Answer a log-on that failed, and end the session at the last one that may.

        Every log-on that was refused counts, before TLS and inside it. One that the client cancels does not,
        because nothing was tried, and clients cancel to go on to another mechanism.
        """
        self._failed_logons += 1
        too_many = self._failed_logons >= self._policy.failed_logons
        self._answer(Reply(ReplyName.TOO_MANY_FAILURES if too_many else reply))

    def _answer(self, reply: Reply) -> None:
        """Send a reply, and do what it leads to."""
        name = reply.name
        text = self._policy.texts[name]
        if reply.values:
            text = text.format(**reply.values)
        line = f"{name.status} {text}" if text else name.status
        self._say(line.encode()[: REPLY_LIMIT - 2] + b"\r\n", name)
        if reply.lines is not None:
            self._output.append(self._joined(chain(reply.lines, ["."])))
        elif reply.message is not None:
            message = self._counted(reply.message) if self._observers else reply.message
            self._output.append(multiline.stuffed(message))
        if name.leads_to:
            self._move(name.leads_to)
        if name.ends:
            for observer in self._observers:
                observer.ended()

    def _move(self, event: Event) -> None:
        """Go on to the next state; at the end, let go of everything but what is still to be sent."""
        self.state = TRANSITIONS[self.state][event]
        if event is Event.STLS:
            self.wants_tls = True
        elif event is Event.LOGGED_ON and self._context.transaction:
            for observer in self._observers:
                observer.opened(self._context.transaction.owner)
        elif event is Event.ENDED:
            self._input.clear()
            self._dialogue_over()
            if self._context.transaction:
                self._context.transaction.close()

    # -- output -----------------------------------------------------------------------------------

    def _pull(self) -> bytes:
        """Return the next piece of output; empty at the end of a message."""
        item = self._output[0]
        if isinstance(item, bytes):
            self._output.popleft()
            return item
        try:
            piece = next(item, None)
            if piece is not None:
                return piece
            self._output.popleft()
        except (MaildropError, OSError):
            # The connection ends without the closing dot, because +OK has been sent, and no reply could tell
            # the client any more that the message is incomplete.
            self.connection_lost(Lost.UNREADABLE)
        return b""

    def _say(self, line: bytes, name: str) -> None:
        self._output.append(line)
        if self._observers:
            self._tell("S", line.decode("utf-8", "replace").rstrip("\r\n"), name)

    def _heard(self, text: str, verb: str = "") -> None:
        self._tell("C", text, verb)

    def _tell(self, who: Literal["C", "S"], text: str, name: str = "") -> None:
        for observer in self._observers:
            observer.line(who, text, name)

    def _joined(self, lines: Iterator[str]) -> Iterator[bytes]:
        """Give lines as they are sent, some at a time, because a list of 100,000 messages takes 2 MB."""
        while some := list(islice(lines, LINES)):
            if self._observers:
                for line in some:
                    self._tell("S", line)
            yield "\r\n".join([*some, ""]).encode()

    def _counted(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Pass a message through and tell the observers its size at its end."""
        octets = 0
        for chunk in chunks:
            octets += len(chunk)
            yield chunk
        for observer in self._observers:
            observer.message(octets)
        self._tell("S", ".")
