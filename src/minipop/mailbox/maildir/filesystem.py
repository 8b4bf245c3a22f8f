"""What the files of Windows do otherwise than those of other systems: names, locks, files that are open."""

import os
import re
import stat
import sys
from io import BytesIO, FileIO
from pathlib import Path
from typing import BinaryIO

WINDOWS = sys.platform == "win32"

#: Parts the key of a message from its flags. Windows takes what follows a colon for the name of a stream in
#: the file; the exclamation mark is what Python's `mailbox` proposes instead.
SEPARATOR = "!" if WINDOWS else ":"

#: What no name of a directory may hold on Windows, and how it may not end, as a regular expression
#: (Microsoft, *Naming Files, Paths, and Namespaces*).
FORBIDDEN = r'["*:<>?\\|]+| $'

_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)", re.IGNORECASE)


#: Octets in the longest file name of the usual file systems.
LONGEST = 255

#: Characters in the longest path on Windows, unless its registry allows more.
_LONGEST_PATH = 259


def longest_name(directory: str) -> int:
    """Return how long the name of a file in a directory may be."""
    if not WINDOWS:
        return LONGEST
    return min(LONGEST, _LONGEST_PATH - len(f"{os.path.abspath(directory)}/"))  # noqa: PTH100


def is_reserved(name: str) -> bool:
    """Tell whether Windows takes a name for a device's, such as ``con`` or ``con.x``."""
    return _RESERVED.match(name) is not None


def may_be_named(name: str) -> bool:
    """Tell whether a directory may have a name on this system."""
    if not name or re.search(r"[/\0]", name):
        return False
    return not WINDOWS or not (re.search(rf"{FORBIDDEN}|[\x01-\x1f]|\.$", name) or is_reserved(name))


def lock(file: BinaryIO) -> None:
    """Lock a file that was opened for appending, until it is unlocked or the process ends, however it ends.

    Raises:
        OSError: another process has locked it.
        ImportError: this system has no locks, as in a browser page.
    """
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def unlock(file: BinaryIO) -> None:
    """Unlock a file and close it."""
    with file:
        if sys.platform == "win32":  # because what is only closed may stay locked for a while there
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)


def open_plain(path: str) -> FileIO | BytesIO:
    """Open a message: no link, which could lead out of the Maildir, and no pipe, which could wait for ever.

    On Windows it is read whole, because a file that is open can be neither renamed nor deleted there.

    Raises:
        OSError: it is not there, or no plain file.
    """
    if sys.platform == "win32":
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise OSError(f"{path} is no plain file")
        return BytesIO(Path(path).read_bytes())
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(f"{path} is no plain file")
        return open(handle, "rb", buffering=0)  # noqa: PTH123 - a handle, no path; the caller closes it
    except BaseException:
        os.close(handle)
        raise
