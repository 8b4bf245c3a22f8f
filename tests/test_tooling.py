"""The way in: make's targets and errors, Debian packages, the rule that CI skips nothing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SKIPPING = """
    import pytest

    def test_in_a_test():
        pytest.skip("no Chromium on this machine")

    @pytest.mark.skip(reason="no Dovecot")
    def test_by_a_mark():
        pass

    @pytest.mark.xfail(reason="known")
    def test_that_is_known_to_fail():
        assert False

    def test_that_passes():
        pass
"""


def stub(folder: Path, name: str, script: str) -> None:
    """Put a shell script of this name where PATH finds it first."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def run(*command: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command in the project's folder, with stubs first in PATH."""
    search = os.environ["PATH"] if path is None else f"{path}:{os.environ['PATH']}"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**environment, "PATH": search},
        capture_output=True,
        text=True,
        check=False,
    )


# --- Skips -----------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pytest in pytest import what conftest.py does."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def outcomes(pytester: pytest.Pytester, text: str) -> tuple[dict[str, int], str]:
    """Run tests under the project's conftest.py and return how they ended, and what was printed."""
    pytester.makeconftest((ROOT / "conftest.py").read_text("utf-8"))
    pytester.makepyfile(text)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    return result.parseoutcomes(), result.stdout.str()


def test_a_skip_is_a_skip_for_a_contributor(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    assert outcomes(pytester, SKIPPING)[0] == {"skipped": 2, "xfailed": 1, "passed": 1}


def test_a_skip_is_a_failure_under_ci(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    ended, printed = outcomes(pytester, SKIPPING)
    assert ended == {"failed": 1, "errors": 1, "xfailed": 1, "passed": 1}
    assert "CI=true, so nothing may be skipped. Skipped: no Chromium on this machine" in printed


def test_a_skipped_module_is_a_failure_under_ci(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    ended, printed = outcomes(pytester, 'import pytest\npytest.importorskip("no_such_module")')
    assert ended == {"errors": 1}
    assert "CI=true, so nothing may be skipped." in printed


# --- make ------------------------------------------------------------------------------------


def test_help_names_every_target() -> None:
    targets = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    named = re.findall(r"^  make (\w+)", run("make").stdout, re.MULTILINE)
    assert sorted(named) == sorted(targets[0].split())


@pytest.mark.parametrize("lessons", ["de", "en"])
def test_the_lessons_of_a_language_are_opened(lessons: str) -> None:
    assert f"-m website.build.lab --lang {lessons}\n" in run("make", "-n", "lab", f"LESSONS={lessons}").stdout


@pytest.mark.parametrize(
    ("python", "message"),
    [
        (None, "make: python3.x not found; name another with make PYTHON=…"),
        (
            'case "$*" in --version) echo Python 3.9.2;; *version_info*) exit 1;; esac',
            "make: Python 3.9.2 is too old, 3.11 or later is needed; "
            "name another with make PYTHON=python3.12 …",
        ),
        (
            'case "$*" in *ensurepip*) exit 1;; esac',
            "make: python3.x cannot make a virtual environment; "
            "on Debian or Ubuntu: apt install python3-venv",
        ),
    ],
    ids=["missing", "too old", "without venv"],
)
def test_a_python_that_will_not_do_is_named_in_one_line(
    tmp_path: Path, python: str | None, message: str
) -> None:
    if python is not None:
        stub(tmp_path, "python3.x", python)
    venv = tmp_path / "venv"
    done = run("make", "PYTHON=python3.x", f"VENV={venv}", f"{venv}/.ready", path=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == message
    assert not venv.exists()


def without_npm(folder: Path) -> Path:
    """Return a folder with the programs that make needs, npm not among them."""
    folder.mkdir()
    for name in ("make", "sh", "python3"):
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    return folder


@pytest.mark.parametrize("npm", [True, False], ids=["npm", "no npm"])
def test_node_comes_from_a_wheel_only_where_npm_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, npm: bool
) -> None:
    if npm:
        stub(tmp_path, "npm", "true")
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    else:
        monkeypatch.setenv("PATH", str(without_npm(tmp_path / "bin")))
    venv = tmp_path / "venv"
    lines = run("make", "-n", f"VENV={venv}", "-W", "package-lock.json", "build").stdout.splitlines()
    (fetched,) = [line for line in lines if "npm ci " in line]
    assert fetched.partition(" ci ")[0] == ("npm" if npm else f"{venv}/node/bin/npm")
    assert "--omit=dev" in fetched
    installed = [line for line in lines if "requirements-node.txt" in line]
    assert len(installed) == (0 if npm else 1)
    assert lines.index(fetched) < lines.index(f"{venv}/bin/python -m mkdocs build --strict")
    assert "npm ci" not in run("make", "-n", f"VENV={venv}", "setup").stdout


# --- Debian packages -------------------------------------------------------------------------


def apt(tmp_path: Path, *, root: bool, works: bool = True) -> tuple[str, str]:
    """Run .ci/apt where chromium is missing; return what it called and what it said."""
    calls = tmp_path / "calls"
    calls.touch()
    stub(tmp_path, "id", f"echo {0 if root else 1000}")
    stub(tmp_path, "sudo", "exit 1")
    stub(tmp_path, "dpkg-query", '[ "$3" = chromium ] || printf installed')
    stub(tmp_path, "apt-get", f'echo "$@" >> {calls}; {"true" if works else "false"}')
    done = run(".ci/apt", path=tmp_path)
    assert done.returncode == 0
    return calls.read_text("utf-8"), done.stderr


def test_a_missing_package_is_installed_by_root(tmp_path: Path) -> None:
    calls, said = apt(tmp_path, root=True)
    assert [line.split()[-1] for line in calls.splitlines()] == ["update", "chromium"]
    assert said == ""


def test_without_rights_nothing_is_installed_and_one_line_says_so(tmp_path: Path) -> None:
    calls, said = apt(tmp_path, root=False)
    assert calls == ""
    assert said.splitlines() == [
        "apt: not installed: chromium (no root, no password-less sudo); tests that need them are skipped"
    ]


def test_a_package_that_cannot_be_had_is_said_in_one_line(tmp_path: Path) -> None:
    _, said = apt(tmp_path, root=True, works=False)
    assert said.splitlines() == ["apt: could not install chromium; tests that need it are skipped"]
