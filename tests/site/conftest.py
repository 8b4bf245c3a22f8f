"""The built site, once per test run however many processes share the work; a browser; kernels for nbmake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from evidence.browsing import ARGUMENTS
from evidence.patience import PATIENCE
from tests.site.browsing import chromium, served
from tests.site.projects import ROOT, build


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


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Where the site is served."""
    with served(site) as address:
        yield address


# For a module only: Playwright's event loop would be in the way of tests that run their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS, timeout=1000 * PATIENCE)
        for method in ("new_context", "new_page"):
            setattr(browser, method, patient(getattr(browser, method)))
        yield browser
        browser.close()


def patient(opens: Callable[..., BrowserContext | Page]) -> Callable[..., BrowserContext | Page]:
    """Return what opens the same, but waits as long as any test for what must come."""

    def opened(**options: Any) -> BrowserContext | Page:
        made = opens(**options)
        made.set_default_timeout(1000 * PATIENCE)
        return made

    return opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page on a wide screen."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()
