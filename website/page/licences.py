"""The licences of what the page loads, beside it: the text of each, and a page that names all."""

from __future__ import annotations

import json
from importlib.metadata import Distribution, distribution
from pathlib import Path

from website.page.archives import LIBRARIES

#: The texts that the npm packages and Pyodide's archives lack, and the page.
TEXTS = Path(__file__).parent / "licenses"
#: What the metadata of a package call its licence, where that is not the usual short name.
NAMES = {"LGPLv2": "LGPL-2.1"}
#: The files of the bundle that npm's packages are in.
PYODIDE = "`pyodide.js`, `pyodide.asm.js`, `pyodide.asm.wasm`, `stdlib.zip.gz`"
CIPHERS = "`ciphers.js`"


def licences(root: Path, node_modules: Path) -> dict[str, bytes]:
    """Return all files of the folder ``LICENSES``, by their names.

    Args:
        root: the project's folder.
        node_modules: npm's packages.
    """
    files = {
        "minipop/LICENSE.txt": (root / "LICENSE").read_bytes(),
        "pyodide/MPL-2.0.txt": (TEXTS / "MPL-2.0.txt").read_bytes(),
        "python/PSF-2.0.txt": (TEXTS / "PSF-2.0.txt").read_bytes(),
        "noble-ciphers/LICENSE.txt": (node_modules / "@noble/ciphers/LICENSE").read_bytes(),
    }
    rows = [(PYODIDE, *_npm(node_modules / "pyodide")), (CIPHERS, *_npm(node_modules / "@noble/ciphers"))]
    for archive, packages in LIBRARIES.items():
        for package in packages:
            installed = distribution(package)
            rows.append((f"`{archive}.zip.gz`", package, installed.version, _licence(installed)))
            files |= {f"{package}/{name}": text for name, text in texts(installed).items()}
    page = (TEXTS / "README.txt").read_text("utf-8")
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return {"README.txt": page.replace("{rows}", table).encode(), **files}


def texts(installed: Distribution) -> dict[str, bytes]:
    """Return what a package says of its licence, as files that a browser shows."""
    return {
        f"{path.stem}.txt": Path(str(path.locate())).read_bytes()
        for path in installed.files or ()
        if ".dist-info" in path.parts[0] and path.stem.upper() in ("LICENSE", "COPYING", "NOTICE", "AUTHORS")
    }


def _npm(package: Path) -> tuple[str, str, str]:
    described = json.loads((package / "package.json").read_text("utf-8"))
    return described["name"], described["version"], described["license"]


def _licence(installed: Distribution) -> str:
    keys = ("License-Expression", "License")
    given: str = next(installed.metadata[key] for key in keys if key in installed.metadata)
    return NAMES.get(given, given)
