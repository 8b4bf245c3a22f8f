"""Both servers on Maildirs of the same content, and the sessions that go to both."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from evidence import dovecot
from evidence.differential.dialogue import Client, Reply
from evidence.differential.mail import BOXES, Box
from evidence.differential.sessions import PASSWORD, Session, session
from minipop import Lab

#: Settings of Dovecot for thousands of short sessions, many of which fail: it neither waits nor starts anew.
BUSY = """\
auth_failure_delay = 0
mail_fsync = never
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service pop3-login {
  service_count = 0
  process_min_avail = 1
}
service pop3 {
  service_count = 0
  process_min_avail = 4
}
"""

#: Clients at the same time, each with mailboxes of its own.
CLIENTS = 6


@dataclass
class Played:
    """What came of one visit at one server.

    Args:
        before: the messages that were in the mailbox, in order.
        replies: the greeting, a reply to each line until the connection was closed, and what came after.
        after: the messages that are in the mailbox now.
    """

    before: tuple[str, ...]
    replies: list[Reply]
    after: tuple[str, ...]


class Server:
    """A server and its mailboxes.

    Args:
        address: where it listens.
        boxes: its Maildirs, by user.
    """

    def __init__(self, address: tuple[str, int], boxes: dict[str, Box]) -> None:
        self._address = address
        self._boxes = boxes

    def play(self, said: Session) -> list[Played]:
        """Play a session."""
        box = self._boxes[said.user]
        found = []
        for visit in said.visits:
            before = box.present()
            replies = Client(self._address, PASSWORD).say(visit)
            found.append(Played(before, replies, box.present()))
        return found

    def restore(self, user: str) -> None:
        """Deliver the messages of a mailbox anew."""
        self._boxes[user].fill()


Both = tuple[Session, list[Played], list[Played]]


@contextmanager
def servers() -> Iterator[tuple[Server, Server]]:
    """Start minipop and Dovecot."""
    users = {f"{kind}{client}": kind for client in range(CLIENTS) for kind in BOXES}
    with ExitStack() as started:
        folder = Path(started.enter_context(tempfile.TemporaryDirectory(prefix="minipop-differences-")))
        accounts = folder / "accounts.toml"
        table = '[[accounts]]\nname = "{0}"\nalias = "{0}"\npassword = "{1}"\n'
        accounts.write_text("".join(table.format(user, PASSWORD) for user in users), "utf-8")
        lab = started.enter_context(Lab("rfc", accounts=accounts, maildir=folder / "minipop"))
        ours, theirs = (
            {user: Box(folder / name / user, BOXES[kind]) for user, kind in users.items()}
            for name in ("minipop", "mail")
        )
        passwords = dict.fromkeys(users, PASSWORD)
        running = started.enter_context(dovecot.running(folder / "mail", passwords, settings=BUSY))
        yield Server((lab.host, lab.port), ours), Server((dovecot.HOST, running.port), theirs)


def play(ours: Server, theirs: Server, numbers: range) -> list[Both]:
    """Play the sessions with these numbers at both servers; return them in order."""

    def client(which: int) -> list[tuple[int, Both]]:
        found: list[tuple[int, Both]] = []
        for number in numbers[which::CLIENTS]:
            said = session(number, which)
            both = said, ours.play(said), theirs.play(said)
            found.append((number, both))
            if any(played[-1].after != played[0].before for played in both[1:]):
                ours.restore(said.user)
                theirs.restore(said.user)
        return found

    with ThreadPoolExecutor(CLIENTS) as clients:
        done = [each for found in clients.map(client, range(CLIENTS)) for each in found]
    return [both for _, both in sorted(done, key=lambda each: each[0])]
