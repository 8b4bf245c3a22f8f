"""Kills minipop at random moments of a session on a Maildir; `test_crash` reads what comes of it.

Every other kill falls after a random time, wherever the session is then; a busy machine may be past the
deletions, or not yet there. So the others fall just before a random rename among the deletions, and the first
two before the first and after the last.
"""

import itertools
import json
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from evidence.patience import PATIENCE
from minipop.mailbox import InboxMaildrop, Mailbox
from minipop.mailbox.maildir import MaildirMessage, Maildirs, filenames

MESSAGES = 250
DELETED = 200
SEED = 20260302


@dataclass
class Report:
    """What was found after the kills.

    Args:
        kills: how often the session was killed.
        before: how often it had not deleted anything yet, `during` something, `after` everything.
        lost: messages that were in no folder.
        doubled: messages that were in two.
        changed: messages whose UID was another.
        origins: the folders from which messages are said to have been deleted.
    """

    kills: int = 0
    before: int = 0
    during: int = 0
    after: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)


@contextmanager
def mailbox(directory: Path) -> Iterator[Mailbox]:
    """Open Anna's mailbox."""
    maildirs = Maildirs(directory, ["anna"])
    try:
        store = maildirs.store("anna")
        maildirs.filled()
        yield Mailbox("anna", store=store)
    finally:
        maildirs.release()


def messages(box: Mailbox) -> Iterator[MaildirMessage]:
    """Give the messages in the Inbox and those that were deleted."""
    for message in (*box.inbox, *box.recoverable_items):
        assert isinstance(message, MaildirMessage)
        yield message


def session(box: Mailbox, drop: InboxMaildrop, chosen: list[int]) -> None:
    """Fetch some messages, delete many, take one back, and log on again: renames, and the file of UIDs."""
    for number in chosen[:10]:
        list(drop.messages[number].open())  # sets the read flag
    drop.delete([drop.messages[number] for number in chosen])
    box.restore(box.recoverable_items[0])
    box.deliver(b"Subject: new\r\n\r\n")
    box.open_maildrop()


def die_at(rename: int) -> None:
    """Let this process be killed when it is about to rename a file for the nth time."""
    left = itertools.count(rename - 1, -1)

    def hear(event: str, _: object) -> None:
        if event == "os.rename" and not next(left):
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hear)


def run(directory: Path, chosen: list[int], seconds: float, rename: int = 0) -> float:
    """Let a child run the session, and kill it after that time or before the nth rename.

    Returns:
        How long the session took, in seconds.
    """
    heard, ready = os.pipe()
    child = os.fork()
    if not child:
        with mailbox(directory) as box:
            drop = box.open_maildrop()
            os.write(ready, b".")
            die_at(rename)
            session(box, drop, chosen)
        os._exit(0)
    os.close(ready)
    assert os.read(heard, 1) == b"."
    os.close(heard)
    begin = time.perf_counter()
    while time.perf_counter() - begin < seconds and not os.waitid(
        os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT
    ):
        pass  # to sleep would be too coarse
    took = time.perf_counter() - begin
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL)
    return took


def moments(chance: random.Random, longest: float) -> Iterator[tuple[float, int]]:
    """Give without end when to kill: after how many seconds, before which rename (0: none)."""
    yield PATIENCE, 1  # nothing is deleted yet
    yield PATIENCE, 0  # the session is over
    while True:
        yield chance.uniform(0, longest), 0
        yield (
            PATIENCE,
            chance.randrange(DELETED // 4, DELETED - 1),
        )  # read flags are renames too: a few at the start


@contextmanager
def copied(original: Path, copy: Path) -> Iterator[Path]:
    """Copy a tree for as long as it is needed; messages are linked, which no rename minds."""
    shutil.copytree(original, copy, copy_function=os.link)
    try:
        yield copy
    finally:
        shutil.rmtree(copy)


def examine(directory: Path, uids: dict[str, str], report: Report) -> None:
    """Look at what a killed session has left, first at the files, then as minipop does."""
    files = [path.name for place in ("anna", ".recoverable") for path in (directory / place).rglob("*,S=*")]
    seen = Counter(filenames.key(file) for file in files)
    report.lost += sorted(uids.keys() - seen.keys())
    report.doubled += sorted(key for key, count in seen.items() if count > 1)
    deleted = sum(",D=" in file for file in files)
    if deleted < DELETED - 1:  # one is taken back
        report.during += deleted > 0
        report.before += deleted == 0
    else:
        report.after += 1
    with mailbox(directory) as box:
        found = {message.key: message for message in messages(box)}
        report.changed += [key for key, uid in uids.items() if key not in found or found[key].uid != uid]
        origins = {message.deletion.folder for message in box.recoverable_items if message.deletion}
        report.origins = sorted({*report.origins, *origins})


def main(directory: Path, kills: int) -> None:
    """Kill that often and print the report as JSON."""
    original = directory / "original"
    with mailbox(original) as box:
        for number in range(MESSAGES):
            box.deliver(f"Subject: {number}\r\n\r\n".encode(), read=number % 3 == 0)
        uids = {message.key: message.uid for message in messages(box)}
    chance = random.Random(SEED)
    chosen = chance.sample(range(MESSAGES), DELETED)
    with copied(original, directory / "whole") as whole:
        longest = run(whole, chosen, PATIENCE)
    report = Report()
    for seconds, rename in itertools.islice(moments(chance, longest), kills):
        with copied(original, directory / "copy") as copy:
            run(copy, chance.sample(range(MESSAGES), DELETED), seconds, rename)
            examine(copy, uids, report)
        report.kills += 1
    print(json.dumps(asdict(report)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
