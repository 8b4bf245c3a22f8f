"""Makes Python's files behave as on Windows; ``tests/test_windows.py`` puts this folder on the path.

What Windows lacks is taken away, and what it refuses is refused: names that no file may have there, renaming
onto a file that exists, renaming and deleting files that are open, links. Each refusal is written to the file
that WINDOWS_REFUSALS names as well, because a program may pass over the error. The rest of Python stays what
it is: slashes in paths, for example.
"""

import asyncio
import fcntl
import importlib.util
import os
import shutil
import signal
import subprocess  # noqa: F401 - before there is a module msvcrt, by which it would know Windows
import sys
import tempfile  # noqa: F401 - before the flags that it would open files with are gone
import traceback
import types
import warnings
from pathlib import Path
from typing import Any

# -- names (Microsoft, *Naming Files, Paths, and Namespaces*) ---------------------------------------------

FORBIDDEN = '<>:"|?*\\'
DEVICES = {
    *("con", "prn", "aux", "nul", "conin$", "conout$"),
    *(f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"),
}


def what_is_wrong(name: str) -> str:
    """Say why no file may have this name; empty if it may."""
    if any(character in FORBIDDEN or ord(character) < 32 for character in name):
        return "forbidden character"
    if name.endswith((" ", ".")) and name not in (".", ".."):
        return "blank or dot at its end"
    if name.partition(".")[0].rstrip(" ").lower() in DEVICES:
        return "name of a device"
    return "longer than 255 characters" if len(name.encode("utf-16-le")) > 510 else ""


# -- files --------------------------------------------------------------------------------------------------


def refuse(error: type[OSError], why: str, path: str) -> None:
    """Refuse something and note it, with the line of the program that has asked for it."""
    asked = [frame for frame in traceback.extract_stack() if frame.filename != __file__][-1]
    with open(os.environ["WINDOWS_REFUSALS"], "a", encoding="utf-8") as refusals:  # noqa: PTH123
        refusals.write(f"{why}: {path} ({asked.filename}:{asked.lineno})\n")
    raise error(13, why, path)


def check_name(path: str) -> None:
    """Refuse a path that a file or directory cannot have."""
    for part in path.split("/"):
        if part and (wrong := what_is_wrong(part)):
            refuse(OSError, wrong, path)
    if len(path) > 259:
        refuse(FileNotFoundError, "path longer than 259 characters", path)


def check_closed(path: str) -> None:
    """Refuse to rename or delete what this process has open."""
    if not os.path.islink(path):  # noqa: PTH114
        for handle in os.listdir("/proc/self/fd"):  # noqa: PTH208
            try:
                target = os.readlink(f"/proc/self/fd/{handle}")  # noqa: PTH115
            except FileNotFoundError:  # that of the list itself
                continue
            if target == os.path.realpath(path) and not os.path.isdir(target):  # noqa: PTH112
                refuse(PermissionError, "used by another process", path)


def audit(event: str, arguments: tuple[Any, ...]) -> None:
    """Look at what is about to be done with files."""
    opens = event == "open" and isinstance(arguments[0], str | bytes)
    if event == "os.mkdir" or (opens and arguments[2] & os.O_CREAT):
        check_name(os.path.abspath(os.fsdecode(arguments[0])))  # noqa: PTH100
    elif event == "os.symlink":
        refuse(PermissionError, "links need a privilege", os.fsdecode(arguments[1]))
    elif event in ("os.rename", "os.link"):
        check_name(os.path.abspath(os.fsdecode(arguments[1])))  # noqa: PTH100
        if event == "os.rename":
            check_closed(os.fsdecode(arguments[0]))
            check_closed(os.fsdecode(arguments[1]))
    elif event == "os.remove":
        check_closed(os.fsdecode(arguments[0]))


_replace = os.rename


def rename(source: str, target: str, **directories: Any) -> None:
    """Rename, but not onto something that is there."""
    if os.path.lexists(target):
        refuse(FileExistsError, "exists already", os.fsdecode(target))
    _replace(source, target, **directories)


# -- what there is, and what there is not -------------------------------------------------------------------


def locking(handle: int, mode: int, _: int) -> None:
    """Lock or unlock a file, as the function of that name in msvcrt."""
    fcntl.flock(handle, {0: fcntl.LOCK_UN, 2: fcntl.LOCK_EX | fcntl.LOCK_NB}[mode])


def add_signal_handler(*_: Any) -> None:
    """Refuse, as the event loops of Windows do."""
    raise NotImplementedError


def without(module: types.ModuleType, names: str) -> None:
    """Take names out of a module."""
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)


def load_filesystem() -> None:
    """Load the one module of minipop that asks which system this is, and tell it that it is Windows."""
    found = importlib.util.find_spec("minipop")
    assert found
    assert found.origin
    name = "minipop.mailbox.maildir.filesystem"
    file = Path(found.origin).parent / "mailbox" / "maildir" / "filesystem.py"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec
    assert spec.loader
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    real, sys.platform = sys.platform, "win32"
    spec.loader.exec_module(module)
    sys.platform = real
    vars(module)["sys"] = types.SimpleNamespace(platform="win32")


def install() -> None:
    """Make this process one on Windows; there is no way back."""
    msvcrt = types.ModuleType("msvcrt")
    vars(msvcrt).update(LK_UNLCK=0, LK_LOCK=1, LK_NBLCK=2, locking=locking)
    sys.modules["msvcrt"] = msvcrt
    for absent in ("fcntl", "grp", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty"):
        sys.modules[absent] = None  # type: ignore[assignment]
    asyncio.SelectorEventLoop.add_signal_handler = add_signal_handler  # type: ignore[method-assign, assignment]
    vars(shutil)["_use_fd_functions"] = False  # remove trees by their paths
    without(
        os, "O_CLOEXEC O_DIRECTORY O_NOFOLLOW O_NONBLOCK O_SYNC chown fchown fork mkfifo statvfs sync uname"
    )
    without(os, "getegid geteuid getgid getpgid getpgrp getuid killpg setsid")
    without(signal, "SIGALRM SIGHUP SIGUSR1 SIGUSR2")
    load_filesystem()
    os.rename = rename  # type: ignore[assignment]
    sys.addaudithook(audit)
    # Text is not UTF-8 on Windows unless that is said (see PYTHONWARNDEFAULTENCODING).
    warnings.filterwarnings("error", category=EncodingWarning, module=r"minipop|__main__")


if __name__ == "sitecustomize":
    install()
