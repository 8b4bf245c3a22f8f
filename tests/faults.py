"""A disk on which file operations fail, each in its turn: how they would if it were full, broken or away."""

import builtins
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Self

import pytest

#: What of `os` goes to the disk; everything in minipop ends there or in `io.open`, pathlib as well.
CALLS = (
    *("fstat", "fsync", "link", "listdir", "lstat", "mkdir", "open"),
    *("rename", "replace", "rmdir", "scandir", "stat", "unlink", "utime"),
)

Call = Callable[..., object]


class Disk:
    """Sees every file operation below a directory, and lets some of them fail.

    Args:
        directory: what happens elsewhere is not seen.

    Attributes:
        operations: the names of those that were seen since the last `watched`.
        failed: how many failed, in all.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = str(directory)
        self.operations: list[str] = []
        self.failed = 0
        self._failing: Callable[[int], bool] = lambda _: False
        self._errno = 0
        self._handles: set[int] = set()

    @contextmanager
    def watched(self, number: int = 0, errno: int = 0, *, for_good: bool = False) -> Iterator[None]:
        """See what happens in the ``with`` block.

        Args:
            number: which operation fails, counted from 1; 0 for none.
            errno: how it fails.
            for_good: whether all that follow fail, too.
        """
        self.operations, self._errno = [], errno
        self._failing = lambda now: bool(number) and (now >= number if for_good else now == number)
        with pytest.MonkeyPatch.context() as patch:
            for name in filter(partial(hasattr, os), CALLS):  # not every system has them all
                patch.setattr(os, name, self._seen(name, getattr(os, name)))
            for module in (io, builtins):
                patch.setattr(module, "open", self._opened(io.open))
            yield

    def happens(self, operation: str, path: object = "") -> None:
        """Note an operation.

        Raises:
            OSError: it is its turn to fail.
        """
        self.operations.append(operation)
        if self._failing(len(self.operations)):
            self.failed += 1
            raise OSError(self._errno, os.strerror(self._errno), path)

    def _here(self, path: object) -> bool:
        if isinstance(path, int):
            return path in self._handles
        return isinstance(path, str | os.PathLike) and os.fspath(path).startswith(self._directory)

    def _seen(self, name: str, call: Call) -> Call:
        def seen(path: object, *arguments: object, **named: object) -> object:
            if self._here(path):
                self.happens(name, path)
            done = call(path, *arguments, **named)
            if isinstance(done, int) and self._here(path):
                self._handles.add(done)
            return done

        return seen

    def _opened(self, call: Callable[..., io.BufferedRandom]) -> Call:
        def opened(path: object, *arguments: object, **named: object) -> object:
            if not self._here(path):
                return call(path, *arguments, **named)
            if not isinstance(path, int):
                self.happens("open", path)
            file = call(path, *arguments, **named)
            self._handles.add(file.fileno())
            return File(file, self)

        return opened


class File:
    """A file on such a disk."""

    def __init__(self, file: io.BufferedRandom, disk: Disk) -> None:
        self._file, self._disk = file, disk

    def read(self, *arguments: int) -> bytes:
        """Read, or fail."""
        self._disk.happens("read", self._file.name)
        return self._file.read(*arguments)

    def read1(self, *arguments: int) -> bytes:
        """Read what comes at once, or fail."""
        self._disk.happens("read", self._file.name)
        return self._file.read1(*arguments)

    def write(self, data: bytes) -> int:
        """Write, or fail."""
        self._disk.happens("write", self._file.name)
        return self._file.write(data)

    def flush(self) -> None:
        """Flush, or fail."""
        self._disk.happens("flush", self._file.name)
        self._file.flush()

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
