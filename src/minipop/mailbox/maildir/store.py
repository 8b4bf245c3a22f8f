"""A mailbox's folders on disk, and the directory that holds the Maildirs of all mailboxes.

    DIR/<alias>/                     the Maildir++ of a mailbox: its Inbox
    DIR/<alias>/.Sent Items/         another folder
    DIR/<alias>/minipop-uids         the UIDs; see `uids`
    DIR/.recoverable/<alias>/<name>  Recoverable Items or a dumpster, where no mail program lists it
    DIR/.minipop.lock                held by the minipop that serves the directory

Symbolic links are not followed: a folder or a message that is one is left out, a Maildir that is one is
refused. All must lie on one file system, so that a rename reaches from everywhere to everywhere.
"""

import contextlib
import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from ..retention import INBOX
from . import filenames, filesystem
from .folder import PARTS, MaildirFolder
from .uids import UidList

RECOVERABLE = ".recoverable"
LOCK = ".minipop.lock"
FILLING = ".minipop-filling"
UIDS = "minipop-uids"


class MaildirError(Exception):
    """A directory cannot serve as a store of mail; the text says which, why and what to do."""


class MaildirStore:
    """Keeps the folders of one mailbox in a Maildir++; see `minipop.mailbox.folder.Store`.

    Args:
        path: the Maildir; made if it is not there or empty.
        recoverable: where what is hidden lies.

    Raises:
        MaildirError: the Maildir is none, or cannot be used.
    """

    def __init__(self, path: Path, recoverable: Path) -> None:
        self.path = path
        self._recoverable = recoverable
        self._new_uid: Callable[[], str] = lambda: str(self.take_number())
        self._folders: list[MaildirFolder] = []
        with maildir_errors(path):
            new = _prepare(path, PARTS)
            _prepare(recoverable, ())
            _must_share_a_file_system(path, recoverable)
            self._uids = UidList(path / UIDS, self._present, new=new)
            self._keys = filenames.keys(self._present())

    def names(self) -> Sequence[str]:
        return [name for name in self._directories() if name != INBOX]

    def folder(self, name: str) -> MaildirFolder:
        """Return a folder that its user sees; it is made if it is not there.

        Raises:
            MaildirError: it cannot be made, or it would be none of this mailbox.
        """
        path = self._directories().get(name) or self.path / f".{_directory(name)}"
        folder = self._opened(name, path)
        if path != self.path:  # then other programs have to see that it is part of a mailbox (Maildir++)
            (path / "maildirfolder").touch()
        return folder

    def hidden(self, name: str) -> MaildirFolder:
        """Return a folder of Recoverable Items, or the dumpster of the folder of that name.

        Raises:
            MaildirError: it cannot be made.
        """
        return self._opened(name, self._recoverable / _directory(name), hidden=True)

    def take_number(self) -> int:
        return self._uids.take_number()

    def set_uid_factory(self, new_uid: Callable[[], str]) -> None:
        self._new_uid = new_uid

    def save(self) -> None:
        """Write the UIDs of all messages that were delivered since the last session."""
        self._uids.save()

    def reload(self) -> None:
        """Forget what was read: another process may have had the Maildir in between."""
        for folder in self._folders:
            folder.clear()
        self._uids.load()

    # -- inside -----------------------------------------------------------------------------------

    def _directories(self) -> dict[str, Path]:
        """Return the directories of the folders by the names that users see."""
        found = {INBOX: self.path}
        with os.scandir(self.path) as entries:
            inside = sorted(e.name for e in entries if e.is_dir(follow_symlinks=False))
        for directory in inside:
            cur = self.path / directory / "cur"
            if directory.startswith(".") and cur.is_dir() and not cur.is_symlink():
                name = filenames.folder(directory[1:])
                found[directory if name in found else name] = self.path / directory
        return found

    def _opened(self, name: str, path: Path, *, hidden: bool = False) -> MaildirFolder:
        for part in (path, *(path / part for part in PARTS)):
            if part.is_symlink():
                raise MaildirError(f"{part}: a symbolic link, which minipop does not follow; move it away")
        with maildir_errors(path):
            folder = MaildirFolder(name, path, self._uids, self._keys, lambda: self._new_uid(), hidden=hidden)
        self._folders.append(folder)
        return folder

    def _present(self) -> Iterator[str]:
        """Give the keys of all messages that a folder knows or that lie in a directory of the Maildir.

        Raises:
            OSError: a directory cannot be listed; or the Inbox is missing, maybe only unmounted for a while.
        """
        for folder in self._folders:
            yield from folder.keys()
        shown = (self.path, *(entry for entry in self.path.iterdir() if entry.name.startswith(".")))
        for directories, key in ((shown, filenames.base), (self._recoverable.iterdir(), filenames.key)):
            for directory, part in itertools.product(directories, ("new", "cur")):
                try:
                    yield from map(key, os.listdir(directory / part))  # noqa: PTH208 - no paths
                except (FileNotFoundError, NotADirectoryError):
                    if directory == self.path:
                        raise


class Maildirs:
    """The directory that holds one Maildir for each account.

    Args:
        directory: made if it is not there.
        aliases: the aliases of the accounts.

    Attributes:
        new: whether it is new or was empty, so that it may be filled with sample mail.

    Raises:
        MaildirError: it cannot be used, or another minipop uses it.
    """

    def __init__(self, directory: Path | str, aliases: Sequence[str]) -> None:
        self.path = Path(directory)
        self._lock: BinaryIO | None = None
        self._stores: list[MaildirStore] = []
        with maildir_errors(self.path):
            if not self.path.exists():
                self.path.mkdir(mode=0o700)
            found = {entry.name for entry in self.path.iterdir()}
            _must_be_usable(self.path)
        if "cur" in found:
            raise MaildirError(
                f"{self.path}: a Maildir itself; name the directory that holds one Maildir for each account"
            )
        if found and not found & {*aliases, LOCK, RECOVERABLE}:
            raise MaildirError(
                f"{self.path}: holds other things, and no Maildir of an account; name a new directory"
            )
        self.new = not found - {LOCK}
        self.acquire()
        try:
            if FILLING in found:
                raise MaildirError(
                    f"{self.path}: was left half filled with sample mail; remove the directory, or only the"
                    f" file {FILLING} to take it as it is"
                )
            if self.new:
                with maildir_errors(self.path):
                    (self.path / FILLING).touch()
        except MaildirError:
            self.release()
            raise

    def store(self, alias: str) -> MaildirStore:
        """Return the store of an account's mailbox.

        Raises:
            MaildirError: its Maildir is none, or cannot be used.
        """
        if alias.startswith(".") or not filesystem.may_be_named(alias):
            raise MaildirError(f"{alias!r} cannot be the name of a Maildir")
        recoverable = self.path / RECOVERABLE
        with maildir_errors(recoverable):
            _prepare(recoverable, ())
        store = MaildirStore(self.path / alias, recoverable / alias)
        self._stores.append(store)
        return store

    def filled(self) -> None:
        """Note that all sample mail is in it, so that it counts no longer as half filled."""
        for store in self._stores:
            store.save()
        (self.path / FILLING).unlink(missing_ok=True)

    def acquire(self) -> None:
        """Lock the directory against other minipops, and read again what they may have changed before.

        Raises:
            MaildirError: another minipop uses the directory, or it cannot be read.
        """
        if self._lock:
            return
        with contextlib.ExitStack() as held, maildir_errors(self.path):
            lock = held.enter_context((self.path / LOCK).open("ab"))
            try:
                filesystem.lock(lock)
            except ImportError:
                raise MaildirError(f"{self.path}: Maildirs need Windows, Linux, macOS or the like") from None
            except OSError:
                raise MaildirError(
                    f"{self.path}: another minipop serves it; stop that one, or name another directory"
                ) from None
            for store in self._stores:
                store.reload()
            self._lock = lock
            held.pop_all()

    def release(self) -> None:
        """Unlock the directory; may be called twice."""
        if self._lock:
            for store in self._stores:
                with contextlib.suppress(OSError):  # because no client has seen the UIDs that are lost then
                    store.save()
            filesystem.unlock(self._lock)
            self._lock = None


def _prepare(path: Path, parts: Sequence[str]) -> bool:
    """Make a directory and those in it, as far as they are missing; tell whether it itself was.

    Raises:
        MaildirError: it is a link, no directory, or holds other things.
        OSError: it cannot be made or read.
    """
    if path.is_symlink():
        raise MaildirError(f"{path}: a symbolic link, which minipop does not follow; move the directory here")
    new = not path.exists()
    if new:
        path.mkdir(mode=0o700)
    inside = {entry.name for entry in path.iterdir()}
    if parts and inside and "cur" not in inside:
        raise MaildirError(
            f"{path}: no Maildir, it has no directory cur; move it away, or name another place"
        )
    for part in parts:
        if (path / part).is_symlink():
            raise MaildirError(f"{path / part}: a symbolic link, which minipop does not follow; move it away")
        (path / part).mkdir(mode=0o700, exist_ok=True)
        _must_be_usable(path / part)
    _must_be_usable(path)
    return new


def _must_be_usable(path: Path) -> None:
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise MaildirError(f"{path}: may not be read and written; change its owner or its permissions")


def _must_share_a_file_system(path: Path, recoverable: Path) -> None:
    if len({place.stat().st_dev for place in (path, path / "cur", path / "new", recoverable)}) > 1:
        raise MaildirError(f"{path}: not on the file system of {recoverable}; move both to one")


def _directory(name: str) -> str:
    try:
        return filenames.directory(name)
    except ValueError as error:
        raise MaildirError(str(error)) from None


@contextlib.contextmanager
def maildir_errors(path: Path | str) -> Iterator[None]:
    """Turn an OSError of the ``with`` block into a MaildirError: one line with what cannot be used, and why.

    Args:
        path: what is named if the error names no file.

    Raises:
        MaildirError: the disk refused something.
    """
    try:
        yield
    except OSError as error:
        raise MaildirError(
            f"{error.filename or path}: {error.strerror or error}; name a directory that you may write to"
        ) from error
