"""One POP3 session without a socket: bytes in, bytes out (RFC 1939, 2449, 2595, 5034).

The contract, for whoever owns the transport:

1. `Session.receive_data` takes bytes as they arrive. It only stores them.
2. `Session.data_to_send` executes the commands that have arrived whole and returns what is to be
   written. Call it until it returns ``b""``, and only while the transport can take more: a message is
   read as it is pulled, and a pipelined command waits until the replies before it are on their way.
3. When `Session.wants_tls` is true, start TLS and then call `Session.tls_established`.
4. When `Session.finished` is true, close the connection. When it ends by itself, for whatever reason,
   call `Session.connection_lost`: without QUIT nothing is deleted.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice

from . import masking, multiline, sasl
from .commands import COMMANDS
from .grammar import ArgumentError, parse, split_keyword
from .maildrop import Maildrop, MaildropError, Message
from .observer import Observer
from .policy import Challenge, LogonRefused, Policy
from .sasl import Dialogue
from .states import State

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
        observer: is told each line of the dialogue, for transcripts.
        turned_away: name of the reply to a client that is not let in at all; it takes the greeting's place,
            and the session is over.
    """

    def __init__(
        self, policy: Policy, *, tls: bool = False, observer: Observer | None = None, turned_away: str = ""
    ) -> None:
        self.policy = policy
        self.replies = policy.replies
        self.tls = tls
        self.state = State.AUTHORIZATION
        self.wants_tls = False
        self.name: str | None = None  # given by the USER command just before this one
        self.next_name: str | None = None
        self.deleted: set[int] = set()
        self._observer = observer
        self._maildrop: Maildrop | None = None
        self._messages: Sequence[Message] = ()
        self._octets = 0  # of all messages, those marked as deleted included
        self._dialogue: Dialogue | None = None
        self._failed_logons = 0
        self._input = bytearray()
        self._scanned = 0  # octets of the input that hold no line end
        self._output: deque[bytes | Iterator[bytes]] = deque()
        if turned_away:
            self.err(turned_away)
            self.end()
        else:
            self.ok("greeting")

    # -- the transport's side ---------------------------------------------------------------------

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
        self.policy = policy or self.policy
        self.wants_tls = False
        self.tls = True
        if self._observer:
            self._observer.tls_established()

    def connection_lost(self) -> None:
        """End the session because the connection did: nothing is deleted (RFC 1939, section 3)."""
        self._output.clear()
        if self._observer and self.state is not State.CLOSED:
            self._observer.lost()
        self.end()

    @property
    def finished(self) -> bool:
        """Whether the session is over and everything has been sent."""
        return self.state is State.CLOSED and not self._output

    @property
    def has_input(self) -> bool:
        """Whether bytes wait that belong to no command executed so far."""
        return bool(self._input)

    # -- the handlers' side -----------------------------------------------------------------------

    def ok(self, name: str, **values: object) -> None:
        """Send ``+OK`` and the text of that name in `Replies`, its braces filled with `values`."""
        self._status("+OK", name, values)

    def err(self, name: str, **values: object) -> None:
        """Send ``-ERR`` and the text of that name in `Replies`, its braces filled with `values`."""
        self._status("-ERR", name, values)

    def lines(self, lines: Iterable[str]) -> None:
        """Send short lines as a multi-line response, made as it is pulled; none of them starts with a dot."""
        self._output.append(self._joined(chain(lines, ["."])))

    def stream(self, chunks: Iterator[bytes]) -> None:
        """Send a message, in CRLF form, as a multi-line response, chunk by chunk as it is pulled."""
        self._output.append(multiline.stuffed(chunks if self._observer is None else self._counted(chunks)))

    def message(self, number: int | str) -> tuple[int, Message]:
        """Return the message with that number.

        Raises:
            ArgumentError: there is none, or it is marked as deleted.
        """
        number, count = int(number), len(self._messages)
        if not 1 <= number <= count:
            raise ArgumentError("no_such_message", number=number, count=count)
        if number in self.deleted:
            raise ArgumentError("message_deleted", number=number)
        return number, self._messages[number - 1]

    def remaining(self) -> Iterator[tuple[int, Message]]:
        """Give numbers and messages that are not marked as deleted."""
        return ((n, m) for n, m in enumerate(self._messages, 1) if n not in self.deleted)

    def totals(self) -> dict[str, int]:
        """Return the number of messages not marked as deleted, and the sum of their octets."""
        deleted = sum(self._messages[number - 1].octets for number in self.deleted)
        return {"count": len(self._messages) - len(self.deleted), "octets": self._octets - deleted}

    def converse(self, dialogue: Dialogue, initial: bytes | None) -> None:
        """Begin a SASL exchange; `initial` is the client's initial response in base64, if it gave one."""
        self._dialogue = dialogue
        if self._observer:
            dialogue.heard = self._observer.response
        self._answer(lambda: dialogue.begin(initial))

    def logged_on(self, maildrop: Maildrop, reply: str) -> None:
        """Enter TRANSACTION: the message numbers are fixed from here on."""
        self._maildrop = maildrop
        self._messages = maildrop.messages
        self._octets = sum(message.octets for message in self._messages)
        self.state = State.TRANSACTION
        self.ok(reply, **self.totals())

    def refuse(self, refusal: LogonRefused, usual: str) -> None:
        """Answer a refused log-on; `usual` names the reply unless the refusal names its own."""
        if self._observer:
            self._observer.refused(refusal)
        if refusal.ends:
            self.err(refusal.reply or usual)
            self.end()
        else:
            self._failed(refusal.reply or usual)

    def update(self) -> None:
        """Remove the marked messages: the UPDATE state (RFC 1939, section 6).

        Raises:
            MaildropError: not all could be removed.
        """
        self.state = State.UPDATE
        if self._maildrop:
            self._maildrop.delete([self._messages[number - 1] for number in sorted(self.deleted)])

    def end(self) -> None:
        """Close the session; what is still to be sent goes out first."""
        self.state = State.CLOSED
        self._input.clear()
        self._dialogue_over()
        if self._maildrop:
            self._maildrop.close()
            self._maildrop = None

    # -- inside -----------------------------------------------------------------------------------

    def _execute_next(self) -> bool:
        """Execute one line if a whole one has arrived and nothing hinders it; tell whether it did."""
        if not self._input or self.state is State.CLOSED or self.wants_tls:
            return False
        limit = self.policy.line_limit if self._dialogue is None else sasl.RESPONSE_LIMIT
        end = self._input.find(b"\n", self._scanned)
        if (end + 1 if end >= 0 else len(self._input)) > limit:
            self._heard(f"(> {limit} octets)")
            self.err("line_too_long")
            self.end()
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
            self._response(line)
        return True

    def _command(self, line: bytes) -> None:
        verb, rest = split_keyword(line)
        command = COMMANDS.get(verb)
        if self._observer:
            self._heard(masking.shown(command, verb, rest), verb if command else "")
        # A name holds for the command that follows, whatever becomes of it: PASS may only come
        # immediately after USER (RFC 1939, section 7).
        self.name, self.next_name = self.next_name, None
        if b"\0" in line:
            self.err("control_character")
        elif command is None:
            self.err("unknown_command")
        elif self.state not in command.states:
            self.err("not_in_this_state")
        else:
            try:
                command.handler(self, parse(command.arguments, rest))
            except ArgumentError as error:
                self.err(error.reply, verb=verb, **error.values)

    def _response(self, line: bytes) -> None:
        """Take a line that belongs to the SASL exchange."""
        dialogue = self._dialogue
        assert dialogue is not None
        self._heard("*" if line == sasl.CANCEL else masking.MASK)
        if line == sasl.CANCEL:
            self._dialogue_over()
            self.err("cancelled")
        else:
            self._answer(lambda: dialogue.respond(line))

    def _answer(self, step: Callable[[], Challenge | None]) -> None:
        """Send what the mechanism says: a challenge, success or refusal."""
        dialogue = self._dialogue
        assert dialogue is not None
        try:
            challenge = step()
        except LogonRefused as refusal:
            self._dialogue_over()
            self.refuse(refusal, "authentication_failure")
        except ValueError:
            self._dialogue_over()
            self._failed("bad_base64")
        else:
            if challenge is not None:
                self._say(sasl.challenge_line(challenge), "challenge")
                if self._observer and isinstance(challenge, bytes):
                    self._observer.challenge(dialogue.name, challenge)
            elif dialogue.maildrop is not None:
                self._dialogue_over()
                self.logged_on(dialogue.maildrop, "authenticated")

    def _failed(self, reply: str) -> None:
        """Answer a log-on that failed, and end the session at the last one that may.

        Whatever was refused counts, guess or garbage, before TLS and inside. What the client itself cancels
        does not: nothing was tried, and it is how clients go on to another mechanism.
        """
        self._failed_logons += 1
        if self._failed_logons < self.policy.failed_logons:
            self.err(reply)
        else:
            self.err("too_many_failures")
            self.end()

    def _dialogue_over(self) -> None:
        if self._dialogue is not None:
            self._dialogue.close()
            self._dialogue = None

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
            # The message broke off after +OK: no reply can say so any more. Without the closing dot
            # the client knows that it has not got the whole, and the connection ends.
            self.connection_lost()
        return b""

    def _status(self, status: str, name: str, values: dict[str, object]) -> None:
        text: str = getattr(self.replies, name)
        if values:
            text = text.format(**values)
        line = f"{status} {text}" if text else status
        self._say(line.encode()[: REPLY_LIMIT - 2] + b"\r\n", name)

    def _say(self, line: bytes, name: str) -> None:
        self._output.append(line)
        if self._observer:
            self._observer.line("S", line.decode("utf-8", "replace").rstrip("\r\n"), name)

    def _heard(self, text: str, verb: str = "") -> None:
        if self._observer:
            self._observer.line("C", text, verb)

    def _joined(self, lines: Iterator[str]) -> Iterator[bytes]:
        """Give lines as they are sent, some at a time: the list of 100,000 messages has 2 MB."""
        while some := list(islice(lines, LINES)):
            if self._observer:
                for line in some:
                    self._observer.line("S", line)
            yield "\r\n".join([*some, ""]).encode()

    def _counted(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Pass a message through and tell the observer its size at its end."""
        octets = 0
        for chunk in chunks:
            octets += len(chunk)
            yield chunk
        if self._observer:
            self._observer.message(octets)
            self._observer.line("S", ".")
