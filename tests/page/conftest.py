"""The page in the place of this process's sockets, for one test."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from minipop.lab import stage
from minipop.page.install import patches
from minipop.page.loop import PageLoop
from minipop.page.stage import PageStage


@pytest.fixture
def loop() -> Iterator[PageLoop]:
    """The event loop of a page."""
    made = PageLoop()
    yield made
    made.close()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificates that the build of the site issues; inside Pyodide they are there already."""
    if sys.platform == "emscripten":
        return Path("/certificates")
    from website.page.certificates import issue

    folder = tmp_path_factory.mktemp("certificates")
    issue(folder)
    return folder


@pytest.fixture
def page(loop: PageLoop, certificates: Path, monkeypatch: pytest.MonkeyPatch) -> PageStage:
    """The page, on which everything runs until the test ends."""
    for owner, name, value in patches(loop):
        monkeypatch.setattr(owner, name, value, raising=False)
    own = PageStage(loop, certificates)
    monkeypatch.setattr(stage, "_stage", own)
    return own
