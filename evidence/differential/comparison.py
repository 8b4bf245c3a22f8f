"""What two servers made of the same session: status and data line by line, and the mailbox afterwards."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from evidence.differential.dialogue import Reply, verb
from evidence.differential.running import Both, Played

_CODE = re.compile(r"\[([A-Z][A-Z/-]*)\]")
_UID = re.compile(r"[!-~]{1,70}")

#: What a reply says, by aspect: ``numbers``, ``octets`` and so on.
Facts = dict[str, object]


@dataclass(frozen=True)
class Difference:
    """A difference between two replies to the same line.

    Args:
        state: AUTHORIZATION, SASL (inside AUTH), TRANSACTION; empty for the mailbox afterwards.
        previous: what the line before was answered, and that line, without its end.
        refused: how many lines were refused in this state so far.
        line: what was said, without its end.
        aspect: of what the servers say different things; see `facts`.
        minipop: what minipop says.
        dovecot: what Dovecot says.
    """

    state: str
    previous: str
    refused: int
    line: str
    aspect: str
    minipop: str
    dovecot: str


@dataclass
class Uids:
    """The UIDs that a server has given the messages of a mailbox so far."""

    given: dict[str, str] = field(default_factory=dict)

    def verdict(self, message: str, uid: str) -> str:
        """Say whether a UID is what it has to be: well-formed, unique, and the same as ever."""
        if not _UID.fullmatch(uid):
            return "malformed"
        if self.given.setdefault(message, uid) != uid:
            return "changed"
        return "unique" if list(self.given.values()).count(uid) == 1 else "shared"


def facts(line: str, reply: Reply, messages: tuple[str, ...], uids: Uids) -> Facts:
    """Return what a reply says beside its wording, which RFC 1939 leaves to the server.

    Args:
        line: what was said.
        reply: what was answered.
        messages: the messages of the session; the first has number 1.
        uids: what is known of them.
    """
    code = _CODE.match(reply.text)
    found: Facts = {"status": reply.status, "code": code[1] if code else ""}
    if reply.status == "+":
        found["challenge"] = base64.b64decode(reply.text)
    elif reply.status == "+OK" and (read := _READ.get(verb(line.encode("latin-1")))):
        found |= read(reply, messages, uids)
    elif reply.status == "closed":
        found["rest"] = reply.text
    return found


def _stat(reply: Reply, _: tuple[str, ...], __: Uids) -> Facts:
    count, octets = reply.text.split()[:2]
    return {"count": int(count), "octets": {"in all": int(octets)}}


def _list(reply: Reply, messages: tuple[str, ...], _: Uids) -> Facts:
    rows = _rows(reply)
    return {
        "numbers": [int(number) for number, _ in rows],
        "octets": {messages[int(number) - 1].split()[0]: int(size) for number, size in rows},
    }


def _uidl(reply: Reply, messages: tuple[str, ...], uids: Uids) -> Facts:
    rows = _rows(reply)
    return {
        "numbers": [int(number) for number, _ in rows],
        "uids": [uids.verdict(messages[int(number) - 1], uid) for number, uid in rows],
    }


def _content(reply: Reply, _: tuple[str, ...], __: Uids) -> Facts:
    return {"content": reply.body}


def _words(reply: Reply, _: tuple[str, ...], __: Uids) -> Facts:
    lines = (reply.body or b"").decode("latin-1").splitlines()
    return {"words": {line.partition(" ")[0]: line for line in lines}}


def _rows(reply: Reply) -> list[list[str]]:
    """Return number and value of each line of a list, or of the one line that there is."""
    if reply.body is None:
        return [reply.text.split()]
    return [line.split() for line in reply.body.decode("latin-1").splitlines()]


_READ: dict[str, Callable[[Reply, tuple[str, ...], Uids], Facts]] = {
    "STAT": _stat,
    "LIST": _list,
    "UIDL": _uidl,
    "RETR": _content,
    "TOP": _content,
    "CAPA": _words,
    "AUTH": _words,
}


class Comparison:
    """Compares sessions, in order, and remembers the UIDs of both servers.

    Args:
        goes_on: tells of a difference whether the sessions are still in the same state after it.
    """

    def __init__(self, goes_on: Callable[[Difference], bool]) -> None:
        self._goes_on = goes_on
        self._uids: dict[str, tuple[Uids, Uids]] = {}
        #: How many lines were compared.
        self.lines = 0

    def of(self, both: Both) -> list[Difference]:
        """Return the differences in a session, up to the first after which nothing can be compared."""
        said, ours, theirs = both
        uids = self._uids.setdefault(said.user, (Uids(), Uids()))
        found: list[Difference] = []
        for visit, mine, other in zip(said.visits, ours, theirs, strict=True):
            lines = [line.decode("latin-1").rstrip("\r\n") for line in visit.lines]
            for difference in self._visit(lines, mine, other, uids):
                found.append(difference)
                if not self._goes_on(difference):
                    return found
        return found

    def _visit(
        self, lines: list[str], mine: Played, other: Played, uids: tuple[Uids, Uids]
    ) -> Iterator[Difference]:
        state, previous, refused = "AUTHORIZATION", "", 0
        assert mine.before == other.before
        for line, reply, their_reply in zip(["", *lines, ""], mine.replies, other.replies, strict=False):
            self.lines += 1
            yield from (
                Difference(state, previous, refused, line, aspect, one, another)
                for aspect, one, another in _unlike(
                    facts(line, reply, mine.before, uids[0]), facts(line, their_reply, other.before, uids[1])
                )
            )
            refused += reply.status == "-ERR"
            new = _next(state, line, reply.status)
            if new == "TRANSACTION" != state:
                refused = 0
            state = new
            previous = f"{reply.status} {line}"
        if mine.after != other.after:
            yield Difference("", previous, 0, "", "mailbox", str(mine.after), str(other.after))


def _next(state: str, line: str, status: str) -> str:
    """Return the state after a reply."""
    if state == "TRANSACTION":
        return state
    if status == "+":
        return "SASL"
    if status == "+OK" and (state == "SASL" or _logs_on(line)):
        return "TRANSACTION"
    return "AUTHORIZATION"


def _logs_on(line: str) -> bool:
    keyword = verb(line.encode("latin-1"))
    return keyword == "PASS" or (keyword == "AUTH" and len(line.split()) > 1)


def _unlike(ours: Facts, theirs: Facts) -> Iterator[tuple[str, str, str]]:
    """Give the aspects in which two replies differ, and what each says; sizes as the differences of them."""
    if ours["status"] != theirs["status"]:
        yield "status", str(ours["status"]), str(theirs["status"])
        return
    for aspect in sorted(ours.keys() | theirs.keys()):
        one, another = ours.get(aspect), theirs.get(aspect)
        if isinstance(one, dict) and isinstance(another, dict):
            for name in sorted(one.keys() | another.keys()):
                if one.get(name) != another.get(name):
                    yield aspect, *_pair(name, one.get(name), another.get(name))
        elif one != another:
            yield aspect, str(one), str(another)


def _pair(name: str, one: object, another: object) -> tuple[str, str]:
    """Write two values of the same thing; numbers by how much the first is more."""
    if isinstance(one, int) and isinstance(another, int):
        return f"{one - another:+} {name}", ""
    return "" if one is None else str(one), "" if another is None else str(another)
