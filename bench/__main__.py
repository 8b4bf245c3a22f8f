"""Measure what a contributor and a classroom wait for, print it, and keep it for the performance page.

    python -m bench            print the figures and write bench/results.json
    python -m bench --no-test  leave out `make test`, which takes longest

Every figure is a median with its smallest and largest value, taken on one machine in one run. The page
about/performance is drawn from bench/results.json: no figure is typed by hand.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from bench.machine import machine
from tests.site import lighthouse
from tests.site.browsing import chromium, served

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results.json"

#: Starts a Lab once and then twenty times in a process of its own, and prints the milliseconds of each start.
LAB_START = """
import time
from minipop import Lab
for _ in range(21):
    begin = time.perf_counter()
    lab = Lab().start()
    print((time.perf_counter() - begin) * 1000)
    lab.stop()
"""

#: Fills a Maildir with 100,000 messages, and prints the milliseconds of log-ons: for each of five starts of
#: the server the first, then four that follow.
MAILDIR_LOG_ON = """
import poplib, sys, time
from pathlib import Path
from minipop import Lab
directory = Path(sys.argv[1], "mail")
Lab(maildir=directory).stop()
for number in range(100_000):
    name = f"{1_700_000_000 + number}.M1P1.bench,S=16,W=17:2,S"
    Path(directory, "fax", "cur", name).write_bytes(b"Subject: bench\\n\\n")
for start in range(6):
    with Lab(maildir=directory, login_type="PlainTextLogin") as lab:
        for _ in range(5):
            pop = poplib.POP3(lab.host, lab.port)
            pop.user("svc-fax@muster.example")
            begin = time.perf_counter()
            pop.pass_("Faxe2026")
            took = (time.perf_counter() - begin) * 1000
            assert pop.stat()[0] == 100_003
            pop.quit()
            if start:
                print(took)
"""


def _python(*arguments: str) -> str:
    """Run Python in the project's folder and return what it prints."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, check=True, capture_output=True, text=True, env=_environment()
    )
    return done.stdout


def _environment() -> dict[str, str]:
    return {**os.environ, "NO_MKDOCS_2_WARNING": "1"}


def _seconds(run: Callable[[], object], runs: int) -> list[float]:
    """Time `run` a number of times."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
    return times


def _site_build(into: Path) -> None:
    # Not --quiet: it would keep --strict from counting warnings.
    _python("-m", "mkdocs", "build", "--strict", "--site-dir", str(into))


def _page_sizes(site: Path) -> list[float]:
    """Return the size of every page in KB (1,000 bytes), smallest first."""
    return sorted(page.stat().st_size / 1000 for page in site.rglob("index.html"))


def _performance(site: Path) -> list[float]:
    """Let Lighthouse judge start page, a page of the guide and a lesson, three times each."""
    with served(site) as address:
        reports = [
            lighthouse.judge(address + page, ["performance"], chromium())
            for page in lighthouse.PAGES
            for _ in range(3)
        ]
    return [100 * report["categories"]["performance"]["score"] for report in reports]


def measure(with_test: bool) -> dict[str, tuple[str, list[float]]]:
    """Take all figures: unit and values by the name of the figure."""
    figures: dict[str, tuple[str, list[float]]] = {}
    starts = [float(line) for line in _python("-c", LAB_START).split()]
    figures["lab_first_start"] = "ms", starts[:1]
    figures["lab_start"] = "ms", starts[1:]
    with tempfile.TemporaryDirectory() as folder:
        log_ons = [float(line) for line in _python("-c", MAILDIR_LOG_ON, folder).split()]
    figures["maildir_first_log_on"] = "ms", log_ons[::5]
    figures["maildir_log_on"] = "ms", [took for at, took in enumerate(log_ons) if at % 5]
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        figures["site_build"] = "s", _seconds(lambda: _site_build(site), 3)
        sizes = _page_sizes(site)
        figures["page_size"] = "KB", sizes
        figures["lighthouse_performance"] = "", _performance(site)
        figures["notebook_page_size"] = "KB", _page_sizes(site / "learn") + _page_sizes(site / "en" / "learn")
    figures["notebooks"] = (
        "s",
        _seconds(lambda: _python("-m", "pytest", "--quiet", "-n", "2", "--nbmake", "notebooks"), 3),
    )
    if with_test:
        figures["make_test"] = (
            "s",
            _seconds(
                lambda: subprocess.run(
                    ["make", "test"], cwd=ROOT, check=True, capture_output=True, text=True
                ),
                1,
            ),
        )
    return figures


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure and print the figures.")
    parser.add_argument("--no-test", action="store_true", help="leave out `make test`")
    options = parser.parse_args()
    figures: dict[str, dict[str, object]] = {}
    for name, (unit, values) in measure(not options.no_test).items():
        median, least, most = statistics.median(values), min(values), max(values)
        print(f"{name:20} {median:9.2f} {unit:3} ({least:.2f} to {most:.2f}, n = {len(values)})")
        figures[name] = {"unit": unit, "median": median, "min": least, "max": most, "n": len(values)}
    if options.no_test and RESULTS.exists():
        kept = json.loads(RESULTS.read_text("utf-8"))["figures"]
        figures.update({name: figure for name, figure in kept.items() if name not in figures})
    measured = {**machine(), "date": date.today().isoformat()}
    RESULTS.write_text(json.dumps({"machine": measured, "figures": figures}, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"bench: {' '.join(map(str, error.cmd))} failed:\n{error.stdout or ''}{error.stderr or ''}")
