"""Names in a Maildir: folders as directories (Maildir++), messages as files.

A message's file is ``key:2,flags`` (D. J. Bernstein, maildir): the key stays the same for as long as the
message exists, the flags change with a rename. Windows allows no colon, so there it is ``key!2,flags``; both
are read everywhere, because a Maildir may be copied.

A key may hold sizes: ``,S=`` octets of the file, ``,W=`` octets with CRLF line ends (Dovecot, Maildir). The
name of a file in Recoverable Items also says when and from where it was deleted,
``key,D=20260302T080000.000000Z,F=Inbox:2,flags``, because then the one rename that deletes a message
records that as well.
"""

import base64
import os
import re
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from ..message import Deletion
from ..retention import INBOX
from . import filesystem

_AT = "%Y%m%dT%H%M%S.%fZ"
_HIDDEN = re.compile(r"(.*),D=(\d{8}T\d{6}\.\d{6}Z)(?:,F=(.+))?", re.DOTALL)
_ARRIVED = re.compile(r"(\d{1,18})(?:\.M(\d{1,18}))?")
_SIZE = re.compile(r",S=(\d{1,18})(?=,|$)")
_CRLF_SIZE = re.compile(r",W=(\d{1,18})(?=,|$)")
_TO_ENCODE = re.compile(
    r"&|[^\x20-\x2d\x2f-\x7e]+" + (f"|{filesystem.FORBIDDEN}" if filesystem.WINDOWS else "")
)
_WINDOWS_INFO = re.compile("!(?=2,[A-Za-z]*$)")
_ENCODED = re.compile("&([^-]*)-")


# -- folders --------------------------------------------------------------------------------------


def directory(folder: str) -> str:
    """Return the name of a folder's directory, without the dot that Maildir++ puts before it.

    ``/`` parts a folder from the one that holds it, and becomes ``.``; everything beyond ASCII, and a ``.``
    in a name, is written in modified UTF-7 (RFC 3501, section 5.1.3). No result holds a ``/`` or begins with
    a dot, so no name leads out of the Maildir. What Windows does not allow is encoded there as well.

    Raises:
        ValueError: a part of the name is empty.
    """
    parts = folder.split("/")
    if not all(parts):
        raise ValueError(f"{folder!r} is no folder's name: a part of it is empty")
    name = ".".join(_TO_ENCODE.sub(lambda found: _encoded(found[0]), part) for part in parts)
    if filesystem.WINDOWS and filesystem.is_reserved(name):
        return _encoded(name[0]) + name[1:]
    return name


def folder(directory: str) -> str:
    """Return the folder whose directory has that name, without its first dot.

    A name that is no modified UTF-7 is taken as it is: some programs write UTF-8.
    """
    try:
        parts = [_ENCODED.sub(lambda found: _decoded(found[1]), part) for part in directory.split(".")]
    except ValueError:
        return directory
    return "/".join(parts) if all(parts) else directory


def _encoded(text: str) -> str:
    if text == "&":
        return "&-"
    code = base64.b64encode(text.encode("utf-16-be", "surrogatepass"), b"+,")
    return f"&{code.decode().rstrip('=')}-"


def _decoded(code: str) -> str:
    if not code:
        return "&"
    padded = code + "=" * (-len(code) % 4)
    text = base64.b64decode(padded, b"+,", validate=True).decode("utf-16-be", "surrogatepass")
    if "/" in text:  # because the name would then stand for a folder inside another
        raise ValueError(code)
    return text


# -- messages -------------------------------------------------------------------------------------


def keys(there: Iterable[str] = ()) -> Iterator[str]:
    """Return an endless supply of new keys: time, microseconds, process and host (maildir).

    Args:
        there: the keys of the messages that are there. New keys are later than those of this process number,
            because an earlier process may have had it (in a container always) and the clock been set back.
    """
    host = _host()
    own = f"P{os.getpid()}.{host}"
    seconds, microseconds, _ = max((arrival(key) for key in there if own in key), default=(0, 0, ""))
    return _keys(host, seconds * 1_000_000 + microseconds)


def _host() -> str:
    """Return the name of this machine, as it may stand in a key."""
    from socket import gethostname  # here: see `minipop.lab.stage`

    escape = "_" if filesystem.WINDOWS else "\\{:03o}"  # because Windows allows no backslash
    return re.sub("[/:,!]", lambda found: escape.format(ord(found[0])), gethostname())


def _keys(host: str, last: int) -> Iterator[str]:
    while True:
        last = max(time.time_ns() // 1000, last + 1)
        yield f"{last // 1_000_000}.M{last % 1_000_000:06}P{os.getpid()}.{host}"


def flagged(base: str, flags: str) -> str:
    """Return the name of a message's file, given what stands before its flags."""
    return f"{base}{filesystem.SEPARATOR}2,{flags}"


def base(file: str) -> str:
    """Return the name of a message's file without its flags: the key of a message that is not hidden."""
    return _split(file)[0]


def _split(file: str) -> tuple[str, str]:
    """Part the name of a message's file into what stands before its flags, and ``2,flags`` or nothing."""
    name, colon, info = file.partition(":")
    if not colon and "!" in name and (found := _WINDOWS_INFO.search(name)):
        return name[: found.start()], name[found.end() :]
    return name, info


def key(file: str) -> str:
    """Return the key of a message's file, as it was before the message was deleted if it is hidden."""
    name = base(file)
    found = ",D=" in name and _HIDDEN.fullmatch(name)
    return found[1] if found else name


def flags(file: str) -> str:
    """Return the flags in the name of a message's file: ``S`` for read, and others."""
    info = _split(file)[1]
    return info[2:] if info.startswith("2,") else ""


def deletion(file: str) -> Deletion | None:
    """Return what the name of a hidden file says of the deletion, None if nothing.

    A name that was too long to hold the folder stands for the Inbox.
    """
    found = _HIDDEN.fullmatch(base(file))
    if not found:
        return None
    try:
        at = datetime.strptime(found[2], _AT).replace(tzinfo=UTC)
    except ValueError:
        return None
    return Deletion(at, folder(found[3]) if found[3] else INBOX)


def hidden(key: str, deletion: Deletion, longest: int = filesystem.LONGEST) -> str:
    """Return the name of a hidden message's file, before its flags.

    If it would be too long, the folder is left out, then the time; see `deletion`.

    Args:
        key: the key of the message.
        deletion: what the name is to say.
        longest: how long a file name may be.
    """
    at = f"{key},D={deletion.at.astimezone(UTC).strftime(_AT)}"
    separator = filesystem.SEPARATOR
    whole = f"{at},F={directory(deletion.folder).replace(separator, _encoded(separator))}"
    room = longest - len(":2,") - 26  # a letter for every flag
    return next((name for name in (whole, at) if len(os.fsencode(name)) <= room), key)


def arrival(key: str) -> tuple[int, int, str]:
    """Return a sort key: the time in a message's key."""
    found = _ARRIVED.match(key)
    return (int(found[1]), int(found[2] or 0), key) if found else (0, 0, key)


def size(key: str) -> int | None:
    """Return the octets with CRLF line ends that a key holds, None if it holds none."""
    found = _CRLF_SIZE.search(key)
    return int(found[1]) if found else None


def size_fits(key: str, octets: int) -> bool:
    """Tell whether the sizes that a key holds can be those of a file.

    Args:
        key: the key; without ``,S=`` there is nothing to compare, and the answer is yes.
        octets: the size of the file.
    """
    found, crlf = _SIZE.search(key), size(key)
    if not found:
        return True
    # Every octet is a line end at most, so CRLF line ends can only double the size.
    return int(found[1]) == octets and (crlf is None or octets <= crlf <= 2 * octets)
