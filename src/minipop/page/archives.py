"""Libraries that the page fetches when one of their modules is imported first.

No line of a lesson has to ask for them: ``import msal`` works, and takes as long as the download. The file is
fetched while Python waits, which a worker may do.
"""

import gzip
import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Protocol
from zipfile import ZipFile

_GZIP = b"\x1f\x8b"


class Fetched(Protocol):
    """What JavaScript gives for a file: a ``Uint8Array``."""

    def to_bytes(self) -> bytes:
        """Return its content."""


class DownloadError(ImportError):
    """A file did not come; the text names it."""


class ArchiveFinder(MetaPathFinder):
    """Unpacks an archive when Python looks for one of its modules and has not found it elsewhere.

    Args:
        archives: the name of the archive by the name of each module or package that is in it.
        fetch: returns the content of an archive by its name, or None if it cannot be had.
        folder: where archives are unpacked; on Python's path.
    """

    def __init__(
        self, archives: Mapping[str, str], fetch: Callable[[str], Fetched | None], folder: Path
    ) -> None:
        self._archives = dict(archives)
        self._fetch = fetch
        self._folder = folder

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a module is, once its archive is there; None if it is in none.

        Raises:
            DownloadError: the archive cannot be had. The next import tries again.
        """
        del path, target
        if fullname not in self._archives:
            return None
        self._unpack(self._archives[fullname])
        return PathFinder.find_spec(fullname)

    def _unpack(self, archive: str) -> None:
        fetched = self._fetch(archive)
        if fetched is None:
            raise DownloadError(f"{archive} could not be downloaded")
        packed = fetched.to_bytes()
        if packed.startswith(_GZIP):  # some servers unpack it; a replacement may be an ordinary zip file
            packed = gzip.decompress(packed)
        with ZipFile(BytesIO(packed)) as files:
            files.extractall(self._folder)
        importlib.invalidate_caches()
        self._archives = {module: of for module, of in self._archives.items() if of != archive}


def install(archives: Mapping[str, str], fetch: Callable[[str], Fetched | None], folder: str) -> None:
    """Let imports find what is in archives; see `ArchiveFinder`."""
    sys.meta_path.append(ArchiveFinder(archives, fetch, Path(folder)))
