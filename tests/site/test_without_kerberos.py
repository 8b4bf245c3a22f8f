"""On a machine without MIT Kerberos the lessons say so, in the reader's language, and the rest runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from evidence.patience import PATIENCE
from website.build import lessons

#: How each is made of this machine: gssapi is not installed; on Windows, nor are MIT's programs.
MACHINES = {
    "Linux": "import sys; sys.modules['gssapi'] = None",
    "Windows": """
import sys, types
from minipop.lab import realm
sys.modules['gssapi'] = None
realm.PROGRAMS = dict.fromkeys(('krb5kdc-not-here', 'kinit-not-here'), 'krb5')
realm.sys = types.SimpleNamespace(platform='win32')
""",
}

SENTENCES = {
    ("Linux", "de"): "Für Kerberos fehlt hier: Python's gssapi",
    ("Linux", "en"): "Kerberos needs Python's gssapi",
    ("Windows", "de"): "Kerberos braucht Programme des MIT, die nur unter Linux laufen. ",
    ("Windows", "en"): "Kerberos needs programs from MIT that run only on Linux. ",
}


def cells(path: Path) -> list[str]:
    """Return the code of a lesson."""
    return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def with_kerberos() -> list[Path]:
    """Return the lessons whose code has to do with Kerberos."""
    words = ("kerberos", "gssapi", "realm")
    return [
        path for path in lessons.lessons() if any(word in "\n".join(cells(path)).lower() for word in words)
    ]


def test_these_lessons_use_kerberos_in_both_languages() -> None:
    names = [f"{path.parent.name}/{path.name[:2]}" for path in with_kerberos()]
    assert names == ["de/04", "de/09", "en/04", "en/09"]


@pytest.mark.slow
@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("path", with_kerberos(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_lesson_runs_through_and_says_what_is_missing(path: Path, machine: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", "\n".join([MACHINES[machine], *cells(path)])],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        cwd=path.parent,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.count(SENTENCES[machine, path.parent.name]) == 1
    assert "Kerberos: OK" not in run.stdout
