"""Libraries that are fetched when they are imported first."""

import gzip
import importlib
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from minipop.page.archives import ArchiveFinder, DownloadError


class Bytes:
    """A ``Uint8Array``, as far as Python sees it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def to_bytes(self) -> bytes:
        return self._content


class Server:
    """What is there to be fetched; writes down what was."""

    def __init__(self, **files: bytes) -> None:
        self.files = {f"{name}.zip.gz": content for name, content in files.items()}
        self.asked: list[str] = []

    def fetch(self, name: str) -> Bytes | None:
        self.asked.append(name)
        return Bytes(self.files[name]) if name in self.files else None


def archive() -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w") as files:
        files.writestr("sauce/__init__.py", "TASTE = 'mustard'\n")
        files.writestr("spoon.py", "import sauce\n")
    return packed.getvalue()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on Python's path; what was imported from there is forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    yield tmp_path
    for name in ("sauce", "spoon"):
        sys.modules.pop(name, None)


def serve(server: Server, folder: Path) -> None:
    archives = {"sauce": "kitchen.zip.gz", "spoon": "kitchen.zip.gz"}
    sys.meta_path.append(ArchiveFinder(archives, server.fetch, folder))


@pytest.mark.parametrize("packed", [gzip.compress(archive()), archive()], ids=["compressed", "as it is"])
def test_an_import_fetches_the_archive_once(folder: Path, packed: bytes) -> None:
    server = Server(kitchen=packed)
    serve(server, folder)
    assert importlib.import_module("spoon").sauce.TASTE == "mustard"
    assert importlib.import_module("sauce").TASTE == "mustard"
    assert server.asked == ["kitchen.zip.gz"]


def test_what_python_has_or_nobody_has_is_not_fetched(folder: Path) -> None:
    server = Server(kitchen=archive())
    serve(server, folder)
    (folder / "sauce.py").write_text("TASTE = 'ketchup'\n", "utf-8")
    assert importlib.import_module("sauce").TASTE == "ketchup"
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("fork")
    assert server.asked == []


def test_an_archive_that_does_not_come_is_named_and_asked_for_again(folder: Path) -> None:
    server = Server()
    serve(server, folder)
    with pytest.raises(DownloadError, match=r"^kitchen\.zip\.gz could not be downloaded$"):
        importlib.import_module("spoon")
    server.files["kitchen.zip.gz"] = archive()
    assert importlib.import_module("spoon").sauce.TASTE == "mustard"
    assert server.asked == ["kitchen.zip.gz"] * 2
