"""What clients leave behind by their settings: on the server, in their memory, and for a second device.

A habit is a client with the lines of its configuration that say what it fetches and what it deletes; without
such lines it does what it does by default. What is observed is read off the mailbox and the messages that the
client has stored.
"""

from __future__ import annotations

import copy
import poplib
import re
import tempfile
import time
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from evidence.clients.client import OUT, Account, Client
from evidence.clients.drivers import CLIENTS
from evidence.clients.matrix import PASSWORD, USER_NAME, compare
from evidence.clients.running import prepare, run
from minipop import Lab
from minipop.lab.clients import Transport, session, user_pass
from minipop.mailbox import base64_uid, decimal_uid

#: A message that arrives between two runs.
NEWS = b"Subject: News\r\nMessage-ID: <news@muster.example>\r\n\r\nThere is cake.\r\n"

#: The commands that show a habit; the others log on, or ask what the server can do.
TELLING = ("STAT", "LIST", "LAST", "UIDL", "TOP", "RETR", "DELE", "QUIT")

#: mutt's key G, which fetches into a mailbox of one's own, instead of reading the mailbox on the server.
_FETCH_MAIL = (f"set pop_host = $spoolfile spoolfile = ~/{OUT}", "push '<fetch-mail><quit>'")

#: Where a client that deletes after some days notes the UIDs, and when it saw each, in seconds since 1970.
MEMORIES = {
    "getmail": "oldmail-*",
    "claws-mail": ".claws-mail/uidl/*",
    "thunderbird": f"{OUT}/popstate.dat",
}
_TIME = re.compile(r"(?<!\d)1\d{9}(?!\d)")

#: What Thunderbird sets for a new account (AccountConfig in its source): leave for 14 days, or until deleted.
_NEW_ACCOUNT = tuple(
    f'user_pref("mail.server.server1.{name}", {value});'
    for name, value in (
        ("leave_on_server", "true"),
        ("delete_by_age_from_server", "true"),
        ("num_days_to_leave_on_server", "14"),
        ("delete_mail_left_on_server", "true"),
    )
)


@dataclass(frozen=True)
class Habit:
    """A client and how it is set.

    Args:
        client: its name; ``poplib`` for commands that a program of one's own says.
        lines: of its configuration; of ``poplib``, the commands.
        needs: lines that have nothing to do with the habit, but without which the client cannot be tried.
        days: how much later a run deletes what has been fetched; None if no later run does.
    """

    client: str
    lines: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    days: int | None = None

    @property
    def name(self) -> str:
        """Its name: ``fetchmail``, or ``fetchmail: keep``."""
        return ": ".join(filter(None, (self.client, "; ".join(self.lines))))

    @property
    def absent(self) -> str:
        """Say how to install the client; empty if it is there."""
        driver = self.driver
        return driver.absent if driver and driver.program is None else ""

    @property
    def driver(self) -> Client | None:
        """The driver with these lines; None for ``poplib``."""
        if self.client == "poplib":
            return None
        driver = copy.copy(CLIENTS[self.client])
        driver.habit = (*self.lines, *self.needs)
        return driver


HABITS = (
    Habit("poplib", ("RETR", "QUIT")),
    Habit("poplib", ("RETR", "DELE", "QUIT")),
    Habit("poplib", ("RETR", "DELE")),
    Habit("curl"),
    Habit("curl", ('request = "DELE"', "head")),
    Habit("fetchmail"),
    Habit("fetchmail", ("keep",)),
    Habit("fetchmail", ("keep", "fetchall")),
    Habit("getmail"),
    Habit("getmail", ("read_all = false",)),
    Habit("getmail", ("read_all = false", "delete_after = 7"), days=8),
    Habit("getmail", ("delete = true",)),
    Habit("mpop"),
    Habit("mpop", ("keep on",)),
    Habit("fdm"),
    Habit("fdm", ("keep",)),
    Habit("claws-mail", days=8),
    Habit("claws-mail", ("remove_mail=0",)),
    Habit("thunderbird", ("// new account",), _NEW_ACCOUNT, days=15),
    Habit("mutt", (), _FETCH_MAIL),
    Habit("mutt", ("set pop_delete = yes",), _FETCH_MAIL),
)

BY_NAME = {habit.name: habit for habit in HABITS}

#: Pairs of habits at one mailbox: the first device fetches first.
DEVICES = (
    ("fetchmail", "mpop: keep on"),
    ("mpop: keep on", "fetchmail"),
    ("mpop: keep on", "getmail: read_all = false"),
)


class Device:
    """A client with a home of its own, and so with a memory of its own. Use it in a ``with`` statement.

    Args:
        habit: what it does.
        lab: the server.
    """

    def __init__(self, habit: Habit, lab: Lab) -> None:
        self.habit = habit
        self._lab = lab
        self._folder = tempfile.TemporaryDirectory(prefix="minipop-habit-")
        #: Its home.
        self.home = Path(self._folder.name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def fetch(self) -> int:
        """Let it fetch Anna's mail once; return how many messages of the Inbox it has got, and intact."""
        stored = [message.raw() for message in self._lab.mailbox("anna").inbox]
        if (client := self.habit.driver) is None:
            return by_hand(self._lab, self.habit.lines, stored)
        account = Account(
            host="localhost",
            port=self._lab.tls_port,
            user=USER_NAME,
            secret=PASSWORD,
            ca=self._lab.ca_file,
            home=str(self.home),
            messages=len(stored),
        )
        prepare(client, account, "USER" if "PLAIN" in client.lacks else "PLAIN", Transport.TLS)
        run(client, account)
        intact, damaged = compare(client, account.home, stored)
        assert not [message for message in damaged if message], damaged  # a file may be empty, not wrong
        for file in client.stored(self.home):
            file.unlink()
        return intact

    def age(self, days: int) -> None:
        """Date back what the client remembers, as if it had fetched everything some days ago."""
        (memory,) = self.home.glob(MEMORIES[self.habit.client])
        then = int(time.time()) - days * 86_400
        memory.write_text(_TIME.sub(str(then), memory.read_text("utf-8")), "utf-8")


class Dropped(Exception):
    """The connection drops."""


def logged_on(lab: Lab) -> AbstractContextManager[tuple[poplib.POP3, str]]:
    """Log on as Anna on 995; an exception inside drops the connection, otherwise QUIT ends it."""
    return session(lab, Transport.TLS, lambda pop: user_pass(pop, USER_NAME, PASSWORD))


def by_hand(lab: Lab, commands: tuple[str, ...], stored: list[bytes]) -> int:
    """Say commands to every message; without QUIT among them, the connection drops."""
    numbers = range(1, len(stored) + 1)
    fetched = []
    with suppress(Dropped), logged_on(lab) as (pop, _):
        fetched = [b"\r\n".join([*pop.retr(number)[1], b""]) for number in numbers]
        if "DELE" in commands:
            for number in numbers:
                pop.dele(number)
        if "QUIT" not in commands:
            raise Dropped
    return sum(message in stored for message in fetched)


def observe(habit: Habit) -> dict[str, object]:
    """Watch a habit: ten messages are in the Inbox; see the keys for what is noted.

    Returns:
        How many messages the first run fetched (first), how many were then in the Inbox (left), read (read),
        added to Deleted Items (deleted_items) and to Recoverable Items (recoverable); what it said (said);
        how many a second run fetched after one had arrived (second); of a habit with ``days``, how many
        a run that much later left (aged); how many were fetched again after a move to Exchange 2007 had
        changed all UIDs (moved).
    """
    with Lab("2016") as lab, Device(habit, lab) as device:
        anna = lab.mailbox("anna")
        thrown_away = len(anna.deleted_items)
        seen: dict[str, object] = {"first": device.fetch()}
        anna = lab.mailbox("anna")
        seen |= {
            "left": len(anna.inbox),
            "read": sum(message.read for message in (*anna.inbox, *anna.recoverable_items)),
            "deleted_items": len(anna.deleted_items) - thrown_away,
            "recoverable": len(anna.recoverable_items),
            "said": said(lab),
        }
        anna.deliver(NEWS)
        seen["second"] = device.fetch()
        if habit.days is not None:
            device.age(habit.days)
            device.fetch()
            seen["aged"] = len(lab.mailbox("anna").inbox)
    return seen | {"moved": fetched_after_move(habit)}


def said(lab: Lab) -> list[str]:
    """Return the telling commands of all dialogues so far, each once."""
    heard = {
        entry.text.split()[0].upper()
        for conversation in lab.transcript
        for entry in conversation.entries
        if entry.who == "C" and entry.text.strip()
    }
    return [command for command in TELLING if command in heard]


def fetched_after_move(habit: Habit) -> int:
    """Let a client fetch through Exchange 2007 from a mailbox of 2003, move that to 2007, fetch again.

    Returns:
        How many messages it fetched after the move; none of them is new.
    """
    with Lab("2007") as lab, Device(habit, lab) as device:
        lab.mailbox("anna").change_uids(base64_uid)
        device.fetch()
        lab.mailbox("anna").change_uids(decimal_uid)
        return device.fetch()


def observe_devices(first: str, second: str) -> dict[str, object]:
    """Let two devices fetch one after the other, then once more when a message has arrived.

    Returns:
        first, second: how many messages each fetched in both rounds; left: how many are then in the Inbox.
    """
    with Lab("2016") as lab, Device(BY_NAME[first], lab) as one, Device(BY_NAME[second], lab) as two:
        rounds = [(one.fetch(), two.fetch())]
        lab.mailbox("anna").deliver(NEWS)
        rounds.append((one.fetch(), two.fetch()))
        left = len(lab.mailbox("anna").inbox)
    return {"first": [a for a, _ in rounds], "second": [b for _, b in rounds], "left": left}


def observe_numbers() -> list[list[str]]:
    """Look at three messages before and after another device deletes the first.

    Returns:
        For each: number and UID before, number and UID after; empty where it is gone.
    """
    with Lab("2016") as lab:
        before = numbers_and_uids(lab)
        with logged_on(lab) as (pop, _):
            pop.dele(1)
        after = numbers_and_uids(lab)
    return [[*pair, *after.get(message, ("", ""))] for message, pair in list(before.items())[:3]]


def numbers_and_uids(lab: Lab) -> dict[bytes, list[str]]:
    """Return number and UID by Message-ID, which tells messages apart whatever the server calls them."""
    with logged_on(lab) as (pop, _):
        found = {}
        for number, uid in (line.decode().split() for line in pop.uidl()[1]):
            header = pop.top(int(number), 0)[1]
            message = next(line for line in header if line.lower().startswith(b"message-id:"))
            found[message] = [number, uid]
        return found


def take_all(*, short: bool = False) -> dict[str, object]:
    """Watch all habits, and return what is on record of them, for the page reference/client-habits.

    The short form leaves out slow clients.
    """
    return {
        "habits": {
            habit.name: {"client": habit.client, "lines": list(habit.lines), **observe(habit)}
            for habit in HABITS
            if not (short and habit.driver and habit.driver.slow)
        },
        "devices": [{"names": list(pair), **observe_devices(*pair)} for pair in DEVICES],
        "numbers": observe_numbers(),
    }
