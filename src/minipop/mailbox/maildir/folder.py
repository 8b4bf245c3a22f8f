"""A folder on disk.

A Maildir has no locks: other programs may rename files (flags), move and destroy them at any moment. So a
file that is not where it was is looked for again, and its message counts as gone only if the directory does
not list it either. minipop moves a message by a single rename, because then it is in exactly one place,
whenever the process is killed.

A directory is read anew only when it has changed since, by the time that the file system keeps of it, as
Dovecot does: most log-ons find nothing new.

The content of a message is flushed to the disk before the message gets its name, because otherwise a power
failure could leave a name with half a message. Directories are not flushed: if the power failure undoes a
rename, the message is where it was before, and a client that has deleted it sees it again.
"""

import logging
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from io import BytesIO
from operator import attrgetter
from pathlib import Path
from typing import BinaryIO
from weakref import WeakValueDictionary

from minipop.protocol.masking import printable

from ..folder import Folder
from ..message import PIECE, Deletion, StoredMessage
from ..retention import INBOX
from . import filenames, filesystem
from .message import TRIES, MaildirMessage, counted, ends_a_line, exists, plausible
from .uids import UidList

log = logging.getLogger(__name__)

#: The directories of every folder (D. J. Bernstein, maildir).
PARTS = ("cur", "new", "tmp")

#: Nanoseconds within which two changes of a directory may bear the same time, because the clocks of some file
#: systems are that coarse (FAT: 2 s).
_CLOCK_STEP = 2_000_000_000


class MaildirFolder(Folder):
    """A folder on disk.

    Args:
        name: the name that users see.
        path: its directory, with ``cur``, ``new`` and ``tmp`` in it, which are made if need be.
        uids: the UIDs of the mailbox.
        keys: gives keys for new messages.
        new_uid: gives UIDs for messages that other programs have brought.
        hidden: whether it belongs to Recoverable Items, where file names hold the deletion.

    Raises:
        OSError: a directory cannot be made.
    """

    def __init__(
        self,
        name: str,
        path: Path,
        uids: UidList,
        keys: Iterator[str],
        new_uid: Callable[[], str],
        *,
        hidden: bool = False,
    ) -> None:
        self.name = name
        self.path = str(path)
        self._uids = uids
        self._keys = keys
        self._new_uid = new_uid
        self._hidden = hidden
        self._known: dict[str, MaildirMessage] = {}  # by key, in order
        self._order: tuple[MaildirMessage, ...] = ()  # what was found last
        self._found_at: tuple[int, int] | None = None  # see `_changed_at`; None: to be read again
        #: Messages that are not here any more but that a session still holds. If the file comes back (another
        #: program moved it away and back), the session's message has to be the one that is found.
        self._vanished: WeakValueDictionary[str, MaildirMessage] = WeakValueDictionary()
        self.make()

    def make(self) -> None:
        """Make the directories that are not there."""
        for part in PARTS:
            Path(self.path, part).mkdir(mode=0o700, parents=True, exist_ok=True)

    # -- what a folder does -----------------------------------------------------------------------

    def store(
        self, uid: str, content: bytes | Path, received: datetime, *, read: bool = False
    ) -> MaildirMessage:
        """Put a new message at the end; a file is copied."""
        unique = next(self._keys)
        temporary = Path(self.path, "tmp", unique)
        try:
            with temporary.open("xb") as out, _source(content) as source:
                shutil.copyfileobj(source, out, PIECE)
                out.flush()
                os.fsync(out.fileno())
            when = received.timestamp()
            os.utime(temporary, (when, when))
            size = counted(temporary)
            key = f"{unique},S={temporary.stat().st_size}"
            if ends_a_line(temporary):  # because RETR adds a missing line end, which W= would not count
                key += f",W={size}"
            file = f"cur/{filenames.flagged(key, 'S')}" if read else f"new/{key}"
            temporary.rename(Path(self.path, file))
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        message = MaildirMessage(self, key, file, self._uids.put(key, uid, size), counted=True)
        self._known[key] = message
        return message

    def move(self, message: StoredMessage, target: "MaildirFolder", deletion: Deletion | None = None) -> bool:
        own = self._own(message)
        if own is None or not self._rename(own, target, lambda: target.place(own, deletion)):
            return False
        del self._known[own.key]
        key = filenames.key(Path(own.file).name)
        if key != own.key:  # a copy is there, and the UID is the copy's
            own.key, own.uid = key, self._new_uid()
        own.folder = target
        own.position = self._uids.put(own.key, own.uid, own.octets).position
        own.deletion = deletion
        target._known[own.key] = own
        return True

    def discard(self, message: StoredMessage) -> bool:
        own = self._own(message)
        if own is None:
            return False
        try:
            own.with_file(os.unlink)
        except FileNotFoundError:
            return False
        del self._known[own.key]
        self._uids.forget(own.key)
        own.file = ""
        return True

    def holds(self, message: StoredMessage) -> bool:
        return self._own(message) is not None

    def assign_uids(self, uids: Sequence[str]) -> None:
        """Give the messages new UIDs, one for each, in order; what has come just now keeps its own."""
        for uid, message in zip(uids, self.messages, strict=False):
            message.uid = uid
            self._uids.assign(message.key, uid)
        self._uids.save()

    @property
    def messages(self) -> Sequence[MaildirMessage]:
        """The messages as they are now, in order; those that other programs have brought get UIDs.

        Raises:
            OSError: the directory cannot be read, or the file of the UIDs not be written.
        """
        changed_at, now = self._changed_at(), time.time_ns()
        if changed_at and changed_at == self._found_at:
            return self._order
        found = self._scan()
        newcomers = found.keys() - self._known.keys()
        self._vanished.update((key, self._known.pop(key)) for key in self._known.keys() - found.keys())
        for key in sorted(newcomers, key=filenames.arrival):
            message = self._adopted(key, found[key])
            if message:
                self._known[key] = message
        self._order = tuple(sorted(self._known.values(), key=attrgetter("position")))
        self._known = {message.key: message for message in self._order}
        self._uids.save()
        settled = changed_at and max(changed_at) < now - _CLOCK_STEP and len(self._known) == len(found)
        self._found_at = changed_at if settled else None
        return self._order

    # -- what a message needs ---------------------------------------------------------------------

    def find(self, message: MaildirMessage) -> bool:
        if message.file:
            self._scan()
        return bool(message.file)

    def flag(self, message: MaildirMessage, flag: str, value: bool) -> None:
        def flagged() -> str:
            base = filenames.base(Path(message.file).name)
            flags = {*filenames.flags(message.file)} - {flag}
            return f"cur/{filenames.flagged(base, ''.join(sorted(flags | {flag} if value else flags)))}"

        self._rename(message, self, flagged)

    def correct(self, message: MaildirMessage, octets: int) -> None:
        log.warning(
            "%s: %d octets with CRLF line ends, not %d, and clients are told so from now on; take ,S= and ,W="
            " out of the name if other programs trust them",
            printable(f"{self.path}/{message.file or message.key}"),
            octets,
            message.octets,
        )
        message.octets = octets
        self._uids.correct(message.key, octets)

    def place(self, message: MaildirMessage, deletion: Deletion | None) -> str:
        """Return the file that a message gets in this folder, with a key that no other message has."""
        flags = filenames.flags(message.file)
        key = message.key
        while True:
            if deletion:
                name = filenames.hidden(key, deletion, filesystem.longest_name(f"{self.path}/cur"))
                file = f"cur/{filenames.flagged(name, flags)}"
            elif message.file == f"new/{key}":
                file = message.file
            else:
                file = f"cur/{filenames.flagged(key, flags)}"
            known = self._known.get(key, message)  # another program may have moved its file away
            if (known is message or not self.find(known)) and not exists(f"{self.path}/{file}"):
                return file
            key = next(self._keys)

    def keys(self) -> Iterable[str]:
        """Return the keys of the messages that were found last."""
        return self._known.keys()

    def clear(self) -> None:
        """Forget what was found: another process may have changed anything."""
        self._known.clear()
        self._found_at = None
        self._vanished.clear()

    # -- inside -----------------------------------------------------------------------------------

    def _own(self, message: StoredMessage) -> MaildirMessage | None:
        """Return a message as a message of this folder, None if it is not here."""
        known = self._known.get(message.key)
        return known if known is message else None

    def _changed_at(self) -> tuple[int, int] | None:
        """Return when the directories of new and of other messages were changed last, None if one is gone."""
        try:
            return os.stat(f"{self.path}/new").st_mtime_ns, os.stat(f"{self.path}/cur").st_mtime_ns  # noqa: PTH116
        except FileNotFoundError:
            return None

    def _scan(self) -> dict[str, str]:
        """Return the files by their keys, and note where the known messages are now.

        While a directory is read, a file that is being renamed may be seen twice or not at all. So if a
        known one is missing, a second look decides.
        """
        found = self._listed()
        if self._known.keys() - found.keys():
            found |= self._listed()
        for key, message in self._known.items():
            message.file = found.get(key, "")
        return found

    def _listed(self) -> dict[str, str]:
        """Return the files by their keys."""
        found: dict[str, str] = {}
        twice: list[tuple[str, str]] = []
        for part in ("new", "cur"):  # in this order, so that one that moves to cur meanwhile is not missed
            for name in self._inside(part):
                key = filenames.key(name) if self._hidden else filenames.base(name)
                if key in found:
                    twice.append((key, found[key]))
                found[key] = f"{part}/{name}"
        for key, file in twice:
            self._resolve_duplicate_key(key, file, found)
        return found

    def _inside(self, part: str) -> Iterator[str]:
        """Give the names of the messages; what is no plain file, such as a link, is none."""
        try:
            with os.scandir(f"{self.path}/{part}") as entries:
                for entry in entries:
                    if not entry.name.startswith(".") and entry.is_file(follow_symlinks=False):
                        yield entry.name
        except FileNotFoundError:
            if self.name == INBOX and not self._hidden:  # a missing Inbox is an error, not an empty one
                raise

    def _resolve_duplicate_key(self, key: str, file: str, found: dict[str, str]) -> None:
        """Give one of two files of the same key another one, because a restored backup may leave such two."""
        known = self._known.get(key)
        if known and known.file == file:
            file, found[key] = found[key], file
        try:
            if Path(self.path, file).samefile(Path(self.path, found[key])):
                return  # two names of one file: some programs rename by link and unlink
            unique = next(self._keys)
            part, _, name = file.partition("/")
            new = f"{part}/{unique}{name.removeprefix(key)}"
            os.rename(f"{self.path}/{file}", f"{self.path}/{new}")  # noqa: PTH104 - no paths
        except FileNotFoundError:  # it was renamed while the directory was read: both names were of one file
            return
        found[unique] = new

    def _adopted(self, key: str, file: str) -> MaildirMessage | None:
        """Return a message that was found, with what is remembered of it; None if it cannot be read."""
        entry = self._uids.get(key)
        try:
            told = entry.octets if entry else filenames.size(key)
            path = Path(self.path, file)
            size = told if told is not None and plausible(path, key, told) else counted(path)
            entry = entry or self._uids.put(key, self._new_uid(), size if told is None else told)
            message = self._vanished.get(key)
            # A key that was forgotten and is new again has another UID: then it is another message.
            if message is None or message.uid != entry.uid:
                message = MaildirMessage(self, key, file, entry)
            message.file = file
            if message.octets != size:
                self.correct(message, size)
            if self._hidden:
                name = Path(file).name
                message.gone = True
                renamed = datetime.fromtimestamp(Path(message.path).stat().st_ctime, UTC)
                message.deletion = filenames.deletion(name) or Deletion(renamed, INBOX)
        except FileNotFoundError:  # another program has just taken it
            return None
        except OSError as error:
            log.warning("%s/%s: %s; it is left out", self.path, printable(file), error.strerror)
            return None
        return message

    def _rename(self, message: MaildirMessage, target: "MaildirFolder", file: Callable[[], str]) -> bool:
        """Rename the file of a message into a folder; tell whether it was there.

        Raises:
            OSError: it cannot be renamed.
        """
        for _ in range(TRIES):
            wanted = file()
            if target is self and exists(f"{self.path}/{wanted}"):  # a rename would overwrite a copy
                return True
            try:
                os.rename(message.path, f"{target.path}/{wanted}")  # noqa: PTH104 - no paths
            except FileNotFoundError:  # the file, or the folder that it is to go to
                if not self.find(message):
                    return False
                target.make()
            else:
                message.file = wanted
                return True
        return False


def _source(content: bytes | Path) -> BinaryIO:
    return BytesIO(content) if isinstance(content, bytes) else content.open("rb")
