"""Runs inside Pyodide: puts the page to use, runs pytest there, and writes down what became of each test."""

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.page.pyodide import hypothesis_native


class Outcomes:
    """Leaves out the tests that cannot run here, and counts the others.

    Args:
        left_out: their ids, or those of their modules and functions.
        running: the file that names the test that is running, because the engine may not survive it.
    """

    def __init__(self, left_out: list[str], running: Path) -> None:
        self._left_out, self._running = left_out, running
        self.passed = 0
        self.failed: list[str] = []
        self.skipped: Counter[str] = Counter()
        self.unused = set(left_out)

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "xdist_group(name): pytest-xdist's, which is not here")

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Do not even import a module of which every test is left out, because it may import anything."""
        name = collection_path.as_posix().removeprefix("/project/")
        if name not in self._left_out:
            return None
        self.unused.discard(name)
        return True

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        kept = []
        for item in items:
            names = {item.nodeid, item.nodeid.partition("[")[0]} & {*self._left_out}
            self.unused -= names
            if not names:
                kept.append(item)
        items[:] = kept

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._running.write_text(nodeid, "utf-8")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid)
        elif report.skipped:
            self.skipped[f"{report.nodeid}: {_reason(report)}"] += 1

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid)
        elif report.skipped:
            self.skipped[f"{report.nodeid.partition('[')[0]}: {_reason(report)}"] += 1
        elif report.when == "call":
            self.passed += 1


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    return report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)


def run(argv: list[str], left_out: list[str], folder: str) -> int:
    """Run pytest on the page's stage; return its exit code.

    Args:
        argv: its arguments.
        left_out: see `Outcomes`.
        folder: where ``outcomes.json`` tells what became of the tests, and ``running`` which one is running.
    """
    hypothesis_native.install()
    import minipop.page

    minipop.page.install(Path("/certificates"))
    outcomes = Outcomes(left_out, Path(folder, "running"))
    code = int(pytest.main(argv, [outcomes]))
    became = {name: value for name, value in vars(outcomes).items() if not name.startswith("_")}
    text = json.dumps(became | {"unused": sorted(outcomes.unused)})
    Path(folder, "outcomes.json").write_text(text, "utf-8")
    return code
