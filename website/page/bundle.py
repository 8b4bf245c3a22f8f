"""The bundle: all that the Lab in the page needs, in the folder ``lab/<version>/`` of the site.

The version follows from what is in it, so browsers may keep it for ever. The same sources give the same
bytes. What takes seconds to make is kept in ``.cache/page/`` under the hash of what it is made of, because
tests build the site many times, and `make serve` after every change of minipop.
"""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from website.data import Problem
from website.page import ciphers
from website.page.archives import LIBRARIES, UNPACKED, Archive, library, minipop, standard_library
from website.page.certificates import certificates
from website.page.licences import licences, texts

#: The folder of the site that has a folder for each version.
FOLDER = "lab"
#: What the worker fetches before the Lab is ready, beside itself.
STARTS = ("pyodide.js", "pyodide.asm.js", "pyodide.asm.wasm", "stdlib.zip.gz", "minipop.zip.gz", "ciphers.js")

_HERE = Path(__file__).parent
_WORKER = "docs/assets/page/worker.js"
#: The line of the worker that is filled in.
_FILLED = "const BUNDLE = {};"


@dataclass(frozen=True)
class Bundle:
    """What is published.

    Args:
        version: the name of its folder.
        files: content by name. With ``.gz`` behind the name of another file, it is that file, compressed.
    """

    version: str
    files: Mapping[str, bytes]


@cache
def build(root: Path) -> Bundle:
    """Make the bundle, or take it from the cache.

    Args:
        root: the project's folder.

    Raises:
        Problem: something is missing; says what to do.
    """
    try:
        return _build(root, root / "node_modules")
    except (FileNotFoundError, PackageNotFoundError) as missing:
        name = str(missing.filename) if isinstance(missing, FileNotFoundError) else missing.name
        name = name.removeprefix(f"{root}/")
        raise Problem(
            f"the Lab in the page cannot be built without {name}; `make build` and `make serve` install it"
        ) from missing


def _build(root: Path, node_modules: Path) -> Bundle:
    pyodide, kept = node_modules / "pyodide", root / ".cache" / "page"
    _up_to_date(root, node_modules)
    archives = [standard_library(pyodide), minipop(root / "src" / "minipop", certificates())]
    libraries = [library(name) for name in LIBRARIES]
    with ThreadPoolExecutor(2) as pool:  # each is a process of its own
        compiled = pool.map(lambda archive: _compiled(archive, pyodide, kept), archives + libraries)
    files = {
        "pyodide.js": (pyodide / "pyodide.mjs").read_bytes(),
        "pyodide.asm.js": (pyodide / "pyodide.asm.mjs").read_bytes(),
        "pyodide.asm.wasm": (pyodide / "pyodide.asm.wasm").read_bytes(),
        "ciphers.js": ciphers.joined(node_modules / "@noble" / "ciphers").encode(),
        **{
            f"{archive.name}.zip.gz": data
            for archive, data in zip(archives + libraries, compiled, strict=True)
        },
        "tls-source.zip": _source(libraries[0]).packed(),
        **{f"LICENSES/{name}": text for name, text in licences(root, node_modules).items()},
    }
    smaller = {
        name: _compressed(name, data, kept) for name, data in files.items() if name.endswith((".js", ".wasm"))
    }
    described = {
        "files": {name: [len(data), len(smaller.get(name, data))] for name, data in sorted(files.items())},
        "starts": STARTS,
        "unpacked": UNPACKED,
        "modules": {
            module: f"{archive.name}.zip.gz" for archive in libraries for module in archive.modules()
        },
        "lock": {
            "info": json.loads((pyodide / "pyodide-lock.json").read_text("utf-8"))["info"],
            "packages": {},
        },
    }
    worker = (root / _WORKER).read_text("utf-8")
    assert worker.count(_FILLED) == 1, _WORKER
    files["worker.js"] = worker.replace(_FILLED, f"const BUNDLE = {json.dumps(described)};").encode()
    smaller["worker.js"] = _gzip(files["worker.js"])
    version = _hash(*(part for name in sorted(files) for part in (name.encode(), files[name])))[:10]
    files["bundle.json"] = json.dumps({"version": version, **described}, indent=1).encode()
    return Bundle(version, files | {f"{name}.gz": data for name, data in smaller.items()})


def _up_to_date(root: Path, node_modules: Path) -> None:
    wanted = json.loads((root / "package.json").read_text("utf-8"))["dependencies"]
    for name, version in wanted.items():
        found = json.loads((node_modules / name / "package.json").read_text("utf-8"))["version"]
        if found != version:
            raise Problem(
                f"node_modules has {name} {found}, not {version}; `make build` and `make serve` renew it"
            )


def _source(tls: Archive) -> Archive:
    """Return the source of what the LGPL says must be replaceable, with the licences."""
    said = {
        f"{package}/{name}": text
        for package in LIBRARIES["tls"]
        for name, text in texts(distribution(package)).items()
    }
    return Archive("tls-source", "", {**tls.content, **said})


def _compiled(archive: Archive, pyodide: Path, kept: Path) -> bytes:
    """Return an archive as bytecode, compressed as a whole."""
    tools = [(_HERE / name).read_bytes() for name in ("compile.mjs", "compile_archives.py")]
    python = (pyodide / "package.json").read_bytes()
    content = (part for name in sorted(archive.content) for part in (name.encode(), archive.content[name]))
    key = _hash(*tools, python, archive.root.encode(), repr(sorted(archive.stripped)).encode(), *content)

    def compile_it() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder, "source.zip"), Path(folder, "target.zip")
            source.write_bytes(archive.packed())
            done = subprocess.run(
                [node(), _HERE / "compile.mjs", pyodide, source, target, archive.root],
                input="\n".join(archive.stripped),
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                reason = done.stderr.strip().splitlines()[-1]
                raise Problem(f"{archive.name} cannot be compiled for the page: {reason}")
            return _gzip(target.read_bytes())

    return _keep(kept, f"{archive.name}.zip.gz", key, compile_it)


def _compressed(name: str, data: bytes, kept: Path) -> bytes:
    return _keep(kept, f"{name}.gz", _hash(data), lambda: _gzip(data))


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, 9, mtime=0)


def _hash(*parts: bytes) -> str:
    """Return a hash over parts that differs, too, if the same bytes are parted otherwise."""
    whole = sha256()
    for part in parts:
        whole.update(sha256(part).digest())
    return whole.hexdigest()


def node() -> str:
    """Return the program that runs Pyodide here; `make` puts one into .venv where the machine has none."""
    found = shutil.which("node") or shutil.which("node", path=str(Path(sys.prefix, "node", "bin")))
    if found is None:
        raise FileNotFoundError(2, "no such program", "node")
    return found


def _keep(folder: Path, name: str, key: str, make: Callable[[], bytes]) -> bytes:
    """Return what was made with the same key before, or make it; what was made with other keys is removed."""
    file = folder / f"{key[:16]}-{name}"
    if file.exists():
        return file.read_bytes()
    made = make()
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"*-{name}"):
        old.unlink(missing_ok=True)
    # Two builds may do this at the same time: each file appears whole.
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as half:
        half.write(made)
    Path(half.name).replace(file)
    return made
