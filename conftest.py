"""What all tests share: their order, what may be skipped, and how nbmake runs a lesson.

On a contributor's machine what is not installed may be skipped, under CI nothing. A lesson runs once: nbmake
runs it, and what that run printed is compared with what is committed.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from functools import partial
from typing import TypeVar

import nbmake.nb_run
import nbmake.pytest_items
import pytest

from tests.site.lesson_run import LessonRun
from website.build import lessons

pytest_plugins = ["pytester"]  # test_tooling.py runs pytest in pytest

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


#: What takes longest goes first, or one process would be left alone with it at the end. pytest-xdist keeps to
#: it with --no-loadscope-reorder alone: else it sorts modules by how many tests they have.
LONGEST = (
    "tests/site/test_browser.py",
    "tests/site/test_accessibility.py",
    "tests/site/test_deployment.py",
    "tests/site/test_strict_build.py",
    "tests/mailbox/test_crash.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest modules first; all others stay in their order."""
    places = {module: place for place, module in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(places)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped test into a failed one where CI=true."""
    return _forbid_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn a skipped module into a failed one where CI=true."""
    return _forbid_skip((yield))


def _forbid_skip(report: Report) -> Report:
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"CI=true, so nothing may be skipped. {reason}"
    return report


nbmake.nb_run.NotebookClient = partial(nbmake.nb_run.NotebookClient, **lessons.CLIENT)
nbmake.pytest_items.NotebookRun = LessonRun
