"""The two sites that are measured: ours, and JupyterLite with the same Pyodide from the same server."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from evidence.program import Failed
from evidence.record import ROOT

PYODIDE = ROOT / "node_modules" / "pyodide"
#: Where `make` has installed JupyterLite.
JUPYTERLITE = Path(sys.prefix, "jupyterlite", "bin")
#: What JupyterLite's kernel loads besides.
KERNEL = ROOT / "requirements-jupyterlite-kernel.txt"

#: Nothing is kept in the browser, and no other host is asked.
_SETTINGS = {
    "jupyter-lite-schema-version": 0,
    "jupyter-config-data": {
        "enableMemoryStorage": True,
        "settingsStorageDrivers": ["memoryStorageDriver"],
        "contentsStorageDrivers": ["memoryStorageDriver"],
        "litePluginSettings": {
            "@jupyterlite/pyodide-kernel-extension:kernel": {
                "pyodideUrl": "./../pyodide/pyodide.mjs",
                "disablePyPIFallback": True,
            }
        },
    },
}


def build_ours(site: Path) -> None:
    """Build the site.

    Raises:
        Failed: it cannot be built.
    """
    _run(sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", site)


def build_jupyterlite(site: Path) -> None:
    """Build JupyterLite's smallest application, a console, with its kernel and Pyodide beside it.

    Raises:
        Failed: it is not installed, or cannot be built.
    """
    if not (JUPYTERLITE / "jupyter").exists():
        raise Failed("no JupyterLite here; run: make evidence")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "jupyter-lite.json").write_text(json.dumps(_SETTINGS), "utf-8")
        lean = ("--no-unused-shared-packages", "--no-sourcemaps", "--no-libarchive")
        target = ("--lite-dir", folder, "--output-dir", site / "jupyter")
        _run(JUPYTERLITE / "jupyter", "lite", "build", "--apps", "repl", *lean, *target, cwd=Path(folder))
    pyodide = site / "pyodide"
    pyodide.mkdir()
    for name in ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip"):
        shutil.copy(PYODIDE / name, pyodide)
    any_python = ("--no-deps", "--only-binary=:all:", "--python-version", "3.14")
    quiet = ("--quiet", "--disable-pip-version-check", "--require-hashes")
    _run(sys.executable, "-m", "pip", "download", *quiet, *any_python, "-r", KERNEL, "-d", pyodide)
    lock = json.loads((PYODIDE / "pyodide-lock.json").read_text("utf-8"))
    packages = dict(_package(wheel, lock["packages"]) for wheel in sorted(pyodide.glob("*.whl")))
    (pyodide / "pyodide-lock.json").write_text(json.dumps({**lock, "packages": packages}), "utf-8")


def _package(wheel: Path, known: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return an entry of Pyodide's lock for a wheel.

    Raises:
        Failed: Pyodide wants another version.
    """
    name, version = wheel.name.split("-")[:2]
    name = name.replace("_", "-").lower()
    new = {"name": name, "imports": [name], "depends": [], "install_dir": "site", "package_type": "package"}
    entry = known.get(name, {**new, "unvendored_tests": False, "version": version})
    if entry["version"] != version:
        raise Failed(f"{KERNEL.name}: {name} {version}, but Pyodide has {entry['version']}; renew it")
    return name, {**entry, "file_name": wheel.name, "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest()}


def _run(program: str | Path, *arguments: str | Path, cwd: Path = ROOT) -> None:
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(
        [program, *arguments],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Failed(f"{Path(program).name} {arguments[1]}: {done.stdout.strip().splitlines()[-1]}")
