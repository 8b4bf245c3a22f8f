"""What a contributor and a classroom wait for: start of the Lab, log-ons, the site, notebooks, tests."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.site import lighthouse
from tests.site.browsing import chromium, served

ROOT = Path(__file__).resolve().parent.parent

#: Unit and values by the name of the figure.
Figures = dict[str, tuple[str, list[float]]]

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


def _lab() -> Figures:
    starts = [float(line) for line in _python("-c", LAB_START).split()]
    return {"lab_first_start": ("ms", starts[:1]), "lab_start": ("ms", starts[1:])}


def _maildir() -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        log_ons = [float(line) for line in _python("-c", MAILDIR_LOG_ON, folder).split()]
    further = [took for at, took in enumerate(log_ons) if at % 5]
    return {"maildir_first_log_on": ("ms", log_ons[::5]), "maildir_log_on": ("ms", further)}


def _site() -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        return {
            "site_build": ("s", _seconds(lambda: _site_build(site), 3)),
            "page_size": ("KB", _page_sizes(site)),
            "lighthouse_performance": ("", _performance(site)),
            "notebook_page_size": ("KB", _page_sizes(site / "learn") + _page_sizes(site / "en" / "learn")),
        }


def _notebooks() -> Figures:
    run = ("-m", "pytest", "--quiet", "-n", "2", "--nbmake", "notebooks")
    return {"notebooks": ("s", _seconds(lambda: _python(*run), 3))}


def _test() -> Figures:
    def run() -> None:
        subprocess.run(["make", "test"], cwd=ROOT, check=True, capture_output=True, text=True)

    return {"make_test": ("s", _seconds(run, 1))}


#: The parts of a run, by name; each takes some figures.
PARTS: Mapping[str, Callable[[], Figures]] = {
    "lab": _lab,
    "maildir": _maildir,
    "site": _site,
    "notebooks": _notebooks,
    "test": _test,
}
