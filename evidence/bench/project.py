"""What a contributor and a class wait for: start of the Lab, build of the site, tests."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

from evidence.bench.statistics import Spread, spread
from evidence.record import ROOT

#: Starts a Lab again and again in a process of its own, and prints the milliseconds of each start.
LAB_START = """
import sys, time
from minipop import Lab
for _ in range(int(sys.argv[1])):
    begin = time.perf_counter()
    lab = Lab().start()
    print((time.perf_counter() - begin) * 1000)
    lab.stop()
"""

#: The figures by their names, with their units.
FIGURES = {"lab_first_start": "ms", "lab_start": "ms", "site_build": "s", "make_test": "s"}

Figures = dict[str, dict[str, object]]


def measure() -> Figures:
    """Take all figures; the tests take some minutes.

    Raises:
        CalledProcessError: the site cannot be built, or a test fails.
    """
    first, *further = lab_starts(21)
    with tempfile.TemporaryDirectory() as folder:
        # Not --quiet: it would keep --strict from counting warnings.
        build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder]
        builds = _seconds(lambda: _run(build), 3)
    tests = _seconds(lambda: _run(["make", "test"]), 1)
    taken = {"lab_first_start": [first], "lab_start": further, "site_build": builds, "make_test": tests}
    return {name: _figure(FIGURES[name], spread(values), len(values)) for name, values in taken.items()}


def lab_starts(times: int) -> list[float]:
    """Return how long a Lab takes to start, in milliseconds; the first one loads what it needs."""
    return [float(line) for line in _run([sys.executable, "-c", LAB_START, str(times)]).split()]


def _figure(unit: str, values: Spread, count: int) -> dict[str, object]:
    return {"unit": unit, "values": [round(value, 2) for value in values], "count": count}


def _seconds(run: Callable[[], object], times: int) -> list[float]:
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        run()
        taken.append(time.perf_counter() - begin)
    return taken


def _run(command: list[str]) -> str:
    """Run a program in the project's folder and return what it prints."""
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    return done.stdout
