"""The tests of `src` once more inside Pyodide under node: what the page runs is minipop, byte for byte.

Each group is a process of its own. There, Hypothesis tries fewer examples, and a stand-in takes the place of
its native part.
"""

import json
import os
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from website.page import ciphers

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent / "pyodide"
SITE = Path(pytest.__file__).parents[1]

#: How many tests pass in each group at least.
AT_LEAST = {"protocol": 530, "exchange": 1_900, "mailbox": 260, "wire": 750, "lab": 800, "page": 80}

#: The floor's own tests run there as well, because Pyodide's Python is another one.
PATHS = {
    "page": [f"tests/page/test_{name}.py" for name in ("loop", "sockets", "private_names", "lab")],
}

#: Packages that tests need beside minipop, all of them without native parts.
PACKAGES = (
    *("_pytest", "pytest", "pluggy", "iniconfig", "packaging", "pygments"),
    *("hypothesis", "sortedcontainers"),
    *(
        "tlslite",
        "ecdsa",
        "spnego",
        "jwt",
        "msal",
        "requests",
        "urllib3",
        "idna",
        "certifi",
        "charset_normalizer",
    ),
)
MODULES = ("py.py", "_hypothesis_globals.py", "six.py")

#: What is not run, by group: the id of a test, of a function or of a module, and the reason.
LEFT_OUT: dict[str, dict[str, str]] = tomllib.loads((HERE / "left_out.toml").read_text("utf-8"))


@dataclass
class Run:
    """What a run inside Pyodide said, and what became of its tests."""

    code: int
    output: str
    told: dict[str, Any]


def run_inside(group: str, folder: Path, certificates: Path) -> Run:
    """Run the tests of a group inside Pyodide."""
    if shutil.which("node") is None or not (ROOT / "node_modules" / "pyodide").is_dir():
        pytest.skip("needs node and npm's pyodide; make test installs them")
    (folder / "ciphers.mjs").write_text(ciphers.joined(ROOT / "node_modules" / "@noble" / "ciphers"), "utf-8")
    compiled = ROOT / ".cache" / "pyodide"
    compiled.mkdir(parents=True, exist_ok=True)
    given = {
        "pyodide": str(ROOT / "node_modules" / "pyodide"),
        "ciphers": str(folder / "ciphers.mjs"),
        "mounts": {
            "/project": str(ROOT),
            "/certificates": str(certificates),
            "/compiled": str(compiled),
            "/told": str(folder),
            **{f"/packages/{name}": str(SITE / name) for name in PACKAGES},
        },
        "files": {f"/packages/{name}": str(SITE / name) for name in MODULES},
        "path": ["/project", "/project/src", "/packages"],
        "env": {"PYTHONPYCACHEPREFIX": "/compiled", "EXAMPLES": os.environ.get("EXAMPLES_INSIDE", "0.05")},
        "argv": [
            *("--rootdir=/project", "--confcutdir=/project/tests", "-c", "/project/pyproject.toml"),
            *("-o", "addopts=", "-p", "no:cacheprovider", "-p", "no:threadexception"),
            *("--import-mode=importlib", "-q", "-rfE", "--tb=short", "--durations=10"),
            *PATHS.get(group, [f"tests/{group}"]),
        ],
        "left_out": list(LEFT_OUT.get(group, {})),
        "folder": "/told",
    }
    done = subprocess.run(
        ["node", HERE / "run.mjs", json.dumps(given)], capture_output=True, text=True, check=False
    )
    output = done.stdout + done.stderr
    if not (folder / "outcomes.json").exists():
        running = folder / "running"
        died = running.read_text("utf-8") if running.exists() else "its start"
        pytest.fail(f"Pyodide did not survive {died}:\n{output}")
    return Run(done.returncode, output, json.loads((folder / "outcomes.json").read_text("utf-8")))


@pytest.mark.slow
@pytest.mark.parametrize("group", AT_LEAST)
def test_a_group_of_tests_passes_inside_pyodide(group: str, tmp_path: Path, certificates: Path) -> None:
    run = run_inside(group, tmp_path, certificates)
    print(run.output)
    assert run.code == 0
    assert run.told["failed"] == []
    assert run.told["unused"] == []  # each entry of the list leaves something out
    assert run.told["passed"] >= AT_LEAST[group]
