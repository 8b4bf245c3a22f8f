"""Time the start of the Lab in the page, beside JupyterLite's: ``python -m evidence.page [--short]``.

Both are served by the same server on loopback and opened in Chromium, by turns: in a fresh profile (cold),
and once more in the same one (warm). The time of the Lab is that from the click on *Start* to the greeting of
the first POP3 session. JupyterLite's is that from the address of its console to the output of a line of
Python, with nothing of minipop. No record is kept; what is found is printed. It fails only if something does
not start.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, sync_playwright

from evidence.browsing import ARGUMENTS, chromium
from evidence.page.serving import Server, served
from evidence.page.sites import build_jupyterlite, build_ours
from evidence.patience import PATIENCE
from evidence.program import Failed, parser, run

#: It keeps none, because a page says nothing of it.
LISTED: dict[str, object] = {}

#: How many profiles are made, in the short form and in the other.
SHORT, LONG = 1, 7


@dataclass
class Visits:
    """What one of the two came to.

    Args:
        cold: seconds of the first visit of each profile.
        warm: seconds of the second.
        requests: how many there were in a first visit, after the click if there is one.
        octets: what was transferred by them.
    """

    cold: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)
    requests: int = 0
    octets: int = 0

    def told(self) -> str:
        """Return it as a line."""
        times = ", ".join(f"{name} {_spread(getattr(self, name))}" for name in ("cold", "warm"))
        return f"{times}; {self.octets / 1e6:.1f} MB in {self.requests} requests"


def _spread(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f})"


def start_ours(page: Page, server: Server) -> float:
    """Start the terminal; return the seconds from the click to the greeting."""
    page.goto(f"{server.address}en/play/", wait_until="networkidle")
    server.begin()
    begin = time.perf_counter()
    page.click("pop3-terminal [data-do=start]")
    page.wait_for_selector("pop3-terminal[data-state=ready], pop3-terminal[data-state=failed]")
    seconds = time.perf_counter() - begin
    if page.get_attribute("pop3-terminal", "data-state") == "failed":
        raise Failed("the terminal does not start")
    return seconds


def start_jupyterlite(page: Page, server: Server) -> float:
    """Open a console; return the seconds from its address to the output of a line."""
    server.begin()
    begin = time.perf_counter()
    page.goto(f"{server.address}jupyter/repl/index.html?kernel=python&execute=1&code=print(6*7)")
    page.wait_for_selector('.jp-OutputArea-output:has-text("42")')
    return time.perf_counter() - begin


def visit(browser: Browser, server: Server, start: Callable[[Page, Server], float], visits: Visits) -> None:
    """Visit a site twice in a fresh profile."""
    context = browser.new_context()
    context.set_default_timeout(1000 * PATIENCE)
    try:
        for seconds in (visits.cold, visits.warm):
            page = context.new_page()
            seconds.append(start(page, server))
            page.close()  # or it would work beside the next one
            if seconds is visits.cold:
                visits.requests, visits.octets = server.requests, server.octets
    except Error as error:
        raise Failed(str(error).splitlines()[0]) from error
    finally:
        context.close()


def main() -> None:
    """Build, visit, print."""
    times = SHORT if parser("page", __doc__).parse_args().short else LONG
    path = chromium()
    if path is None:
        raise Failed("no Chromium on this machine; Debian's package is in apt.txt")
    ours, theirs = Visits(), Visits()
    with tempfile.TemporaryDirectory(prefix="minipop-page-") as folder:
        sites = Path(folder, "ours"), Path(folder, "theirs")
        build_ours(sites[0])
        build_jupyterlite(sites[1])
        with (
            served(sites[0]) as own,
            served(sites[1]) as other,
            sync_playwright() as playwright,
            playwright.chromium.launch(executable_path=path, args=ARGUMENTS) as browser,
        ):
            for _ in range(times):
                visit(browser, own, start_ours, ours)
                visit(browser, other, start_jupyterlite, theirs)
    print(f"the Lab in the page: {ours.told()}")
    print(f"JupyterLite: {theirs.told()}")
    cold, warm = (
        statistics.median(getattr(theirs, name)) / statistics.median(getattr(ours, name))
        for name in ("cold", "warm")
    )
    print(f"JupyterLite takes {cold:.1f} times as long cold, {warm:.1f} times warm")


if __name__ == "__main__":
    run("page", main)
