"""What is in the archives of Python that the page loads: standard library, minipop, and the libraries.

Everything is compiled (compile_archives.py) and, where the page has no use for it, left out.
"""

from __future__ import annotations

import tomllib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import distribution
from io import BytesIO
from pathlib import Path, PurePosixPath

#: The archives of libraries, each fetched when one of its modules is first imported, and what is in them.
LIBRARIES = {
    "tls": ("tlslite-ng", "ecdsa", "six"),
    "jwt": ("PyJWT",),
    "msal": ("msal", "requests", "urllib3", "idna", "certifi", "charset-normalizer"),
    "spnego": ("pyspnego",),
}
#: The folder in which the page unpacks them.
UNPACKED = "/lib/python3.14/site-packages/"

_TABLE = Path(__file__).parent / "stdlib.toml"


@dataclass(frozen=True)
class Archive:
    """An archive before it is compiled.

    Args:
        name: its name.
        root: the folder that tracebacks name.
        content: its files by their names.
        stripped: names of modules without docstrings and assertions.
    """

    name: str
    root: str
    content: Mapping[str, bytes]
    stripped: frozenset[str] = frozenset()

    def packed(self) -> bytes:
        """Return it as a zip file; the same content gives the same bytes."""
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name in sorted(self.content):
                archive.writestr(zipfile.ZipInfo(name), self.content[name], zipfile.ZIP_DEFLATED)
        return packed.getvalue()

    def modules(self) -> list[str]:
        """Return the names under which its content is imported."""
        return sorted({_top(name).removesuffix(".py") for name in self.content})


def standard_library(pyodide: Path) -> Archive:
    """Return Pyodide's standard library without what is not used.

    Args:
        pyodide: the folder of npm's package.
    """
    table = tomllib.loads(_TABLE.read_text("utf-8"))
    unused, encodings, documented = (table[key].split() for key in ("unused", "encodings", "documented"))

    def used(name: str) -> bool:
        if name.endswith("/") or not {name, *map(str, PurePosixPath(name).parents)}.isdisjoint(unused):
            return False
        return _top(name) != "encodings" or PurePosixPath(name).stem in encodings

    with zipfile.ZipFile(pyodide / "python_stdlib.zip") as archive:
        content = {name: archive.read(name) for name in archive.namelist() if used(name)}
    stripped = frozenset(name for name in content if _top(name).removesuffix(".py") not in documented)
    return Archive("stdlib", "/lib/python314.zip/", content, stripped)


def _top(name: str) -> str:
    return PurePosixPath(name).parts[0]


def minipop(source: Path, certificates: Mapping[str, bytes]) -> Archive:
    """Return minipop with the certificates for the page; without the probe, because a page reaches no server.

    Args:
        source: the folder of the package.
        certificates: PEM files by their names.
    """
    content = {
        str(PurePosixPath("minipop", *file.relative_to(source).parts)): file.read_bytes()
        for file in source.rglob("*")
        if file.is_file() and not {"__pycache__", "probe"} & set(file.parts)
    }
    issued = {f"minipop/page/certificates/{name}": pem for name, pem in certificates.items()}
    return Archive("minipop", UNPACKED, content | issued)


def library(name: str) -> Archive:
    """Return one of `LIBRARIES`, from what is installed.

    Raises:
        importlib.metadata.PackageNotFoundError: it is not installed.
    """
    # Their certificates, tests and compiled files are no use in a page.
    content = {
        path.as_posix(): Path(str(path.locate())).read_bytes()
        for package in LIBRARIES[name]
        for path in distribution(package).files or ()
        if path.suffix == ".py" and ".." not in path.parts and not path.name.startswith("test_")
    }
    return Archive(name, UNPACKED, content)
