"""Building the site with each of the two programs."""

import os
import subprocess
import sys
from pathlib import Path

from evidence.program import Failed
from evidence.record import ROOT

#: Each program, and the Python that has it. ProperDocs takes the place of MkDocs in all that imports it, so
#: it has an environment of its own, as `make` sets it up.
PROGRAMS = {
    "mkdocs": Path(sys.executable),
    "properdocs": Path(sys.prefix) / "properdocs" / "bin" / "python",
}

#: A day, or a site built before midnight would differ from one built after it; and neither program warns of
#: the other, because a strict build would stop.
ENVIRONMENT = {
    "SOURCE_DATE_EPOCH": "1800000000",
    "NO_MKDOCS_2_WARNING": "1",
    "DISABLE_MKDOCS_2_WARNING": "true",
    "PYTHONPATH": str(ROOT / "src"),  # minipop is not installed beside ProperDocs
}


def build(program: str, site: Path) -> None:
    """Build the site strictly.

    Args:
        program: one of `PROGRAMS`.
        site: the folder that it is written to.

    Raises:
        Failed: the program is not there, or does not build it.
    """
    # Not --quiet: it would keep --strict from counting warnings.
    done = _run(program, "-m", program, "build", "--strict", "-f", "mkdocs.yml", "-d", str(site))
    if done.returncode:
        print(done.stdout)
        raise Failed(f"{program} does not build the site: {done.stdout.strip().splitlines()[-1]}")


def version(program: str) -> str:
    """Return the version of one of `PROGRAMS`."""
    asked = f"from importlib.metadata import version; print(version({program!r}))"
    return _run(program, "-c", asked).stdout.strip()


def _run(program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    python = PROGRAMS[program]
    if not python.exists():
        raise Failed(f"no {program} here; run: make evidence")
    return subprocess.run(
        [python, *arguments],
        cwd=ROOT,
        env={**os.environ, **ENVIRONMENT},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
