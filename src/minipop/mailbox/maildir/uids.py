"""The UIDs of a mailbox in a file of minipop's own: one line for each message, in the order of the messages.

    minipop-uids 1 <next number> <number of lines>
    <uid> <octets> <key>

The file is always replaced as a whole, by a rename, and before any client hears of a UID in it. If it is
missing or damaged, every message gets a new UID, as after a mailbox move. These then count from the time in
microseconds, because the lost file may have held any smaller number. So none is used twice, unless the clock
was set back to the very same microsecond.

Messages that other programs destroy are forgotten at the start, and later each time the list has doubled,
because the search reads every directory (O(n)): doubling spreads that cost over the messages that came.
"""

import contextlib
import logging
import os
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from ..folder import FIRST_NUMBER

log = logging.getLogger(__name__)

_HEAD = re.compile(r"minipop-uids 1 (\d{1,18}) (\d{1,18})")
_LINE = re.compile(r"([\x21-\x7e]{1,70}) (\d{1,18}) (.*)")

#: How many messages may come before the directories are searched for those that are gone.
SPARE = 100


class UidEntry(NamedTuple):
    """What is remembered of a message.

    Args:
        uid: its unique id.
        octets: its size with CRLF line ends.
        position: orders the messages of a mailbox; what comes later is greater.
    """

    uid: str
    octets: int
    position: int


class UidList:
    """The UIDs of one mailbox, by the keys of its messages.

    Args:
        file: where they are kept.
        present: gives the keys of all messages that are there.
        new: whether the mailbox was made just now, so that there is no file yet.

    Raises:
        OSError: the file cannot be read or written.
    """

    def __init__(self, file: Path, present: Callable[[], Iterable[str]], *, new: bool = False) -> None:
        self._file = file
        self._present = present
        self._entries: dict[str, UidEntry] = {}
        self._most = SPARE  # with more entries, `save` looks for those whose messages are gone
        self._next = FIRST_NUMBER
        self._position = 0
        self._changed = new
        if not new:
            self.load()
        self.save()

    def take_number(self) -> int:
        """Return a number that was never returned before."""
        self._next += 1
        self._changed = True
        return self._next - 1

    def get(self, key: str) -> UidEntry | None:
        """Return what is remembered of a message."""
        return self._entries.get(key)

    def put(self, key: str, uid: str, octets: int) -> UidEntry:
        """Remember a message as the last one."""
        self._entries.pop(key, None)
        self._position += 1
        entry = self._entries[key] = UidEntry(uid, octets, self._position)
        self._changed = True
        return entry

    def assign(self, key: str, uid: str) -> None:
        """Give a message another UID."""
        self._entries[key] = self._entries[key]._replace(uid=uid)
        self._changed = True

    def correct(self, key: str, octets: int) -> None:
        """Remember another size of a message; one that is forgotten is passed over."""
        if entry := self._entries.get(key):
            self._entries[key] = entry._replace(octets=octets)
            self._changed = True

    def forget(self, key: str) -> None:
        """Forget a message that is no more."""
        self._changed |= self._entries.pop(key, None) is not None

    def __len__(self) -> int:
        return len(self._entries)

    def save(self) -> None:
        """Write the file if anything has changed.

        It is flushed to the disk before it takes its name: a power failure must not leave an empty file,
        after which every client would fetch everything once more.

        Raises:
            OSError: it cannot be written; the old one is still there.
        """
        if not self._changed:
            return
        if len(self) > self._most:
            self._forget_what_is_gone()
        lines = [f"minipop-uids 1 {self._next} {len(self._entries)}"]
        lines += [f"{entry.uid} {entry.octets} {_quoted(key)}" for key, entry in self._entries.items()]
        temporary = self._file.with_name(f"{self._file.name}.tmp")
        temporary.unlink(missing_ok=True)  # of a process that was killed while it wrote
        try:
            with temporary.open("xb") as out:
                out.write("\n".join((*lines, "")).encode("utf-8", "surrogateescape"))
                out.flush()
                os.fsync(out.fileno())
            temporary.replace(self._file)
        except BaseException:
            with contextlib.suppress(OSError):  # the disk may be full, so nothing half written stays
                temporary.unlink()
            raise
        self._changed = False

    def load(self) -> None:
        """Read the file.

        Raises:
            OSError: it cannot be read.
        """
        self._entries.clear()
        try:
            head, *lines = self._file.read_bytes().decode("utf-8", "surrogateescape").split("\n")
            self._parse(head, lines)
        except (FileNotFoundError, ValueError) as error:
            log.warning("%s: %s; all messages get new UIDs", self._file, error)
            if not isinstance(error, FileNotFoundError):
                self._file.replace(self._file.with_name(f"{self._file.name}.damaged"))
            self._entries.clear()
            self._next = max(self._next, abs(time.time_ns()) // 1000)  # a clock may stand before 1970
            self._changed = True
        self._forget_what_is_gone()

    def _forget_what_is_gone(self) -> None:
        """Forget the messages that are in no folder any more; if one cannot be listed, none is forgotten."""
        gone = set(self._entries)
        try:
            for _ in range(2):  # a file that is being renamed can be missed once
                if gone:
                    gone.difference_update(self._present())
        except OSError as error:
            log.warning("%s: %s; nothing is forgotten", self._file, error)
        else:
            for key in gone:
                self.forget(key)
        self._most = 2 * len(self) + SPARE

    def _parse(self, head: str, lines: list[str]) -> None:
        """Take in the lines of the file.

        Raises:
            ValueError: it is damaged.
        """
        found = _HEAD.fullmatch(head)
        if not found or lines[-1:] != [""] or len(lines) - 1 != int(found[2]):
            raise ValueError("damaged")
        del lines[-1]
        self._next = int(found[1])
        for position, line in enumerate(lines, 1):
            match = _LINE.fullmatch(line)
            if not match:
                raise ValueError(f"damaged in line {position + 1}")
            uid, octets, key = match.groups()
            self._entries[unquote(key, errors="surrogateescape")] = UidEntry(uid, int(octets), position)
        if len({entry.uid for entry in self._entries.values()}) != len(lines):
            raise ValueError("damaged: a message or a UID stands there twice")
        self._position = len(lines)


def _quoted(key: str) -> str:
    """Write a key so that it fits on a line: a file name may hold line ends."""
    return key.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")
