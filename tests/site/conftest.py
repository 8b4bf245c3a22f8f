"""The built site, once per test run however many processes share the work; kernels for nbmake."""

from __future__ import annotations

from pathlib import Path

import jupyter_client
import pytest
from filelock import FileLock

from hooks.lessons import Kernel
from tests.site.projects import ROOT, build

# nbmake lets nbclient choose the kernel's manager, and nbclient takes what has this name.
jupyter_client.AsyncKernelManager = Kernel  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """The site of this working copy, built strictly."""
    base = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):  # below pytest-xdist: one folder above is shared
        base = base.parent
    target, log = base / "site", base / "site.log"
    with FileLock(base / "site.lock"):
        if not log.exists():
            done = build(ROOT, target)
            lines = [line for line in done.stderr.splitlines() if not line.startswith("INFO")]
            log.write_text("\n".join(lines) if done.returncode else "", encoding="utf-8")
    if failure := log.read_text("utf-8"):
        pytest.fail(f"mkdocs build --strict failed:\n{failure}", pytrace=False)
    return target
