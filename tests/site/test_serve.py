"""`make serve`: what an author edits shows without a restart."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence.patience import PATIENCE
from tests.site.projects import ROOT, replace, small_project

#: A second hook, which tells of each page that is built.
TELL = """
def on_post_page(output, page, config):
    print("BUILT", page.file.src_uri, flush=True)
"""

PAGES = ["de/index.md", "de/learn/01-first.ipynb", "en/index.md", "en/learn/01-first.ipynb"]
ALONE = "alone; search, menus and what other pages take from it follow with a full build (touch mkdocs.yml)"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = small_project(tmp_path / "project")
    replace(
        folder / "small.yml", "watch: []", "watch: [website, notebooks]\nhooks: [website/hook.py, tell.py]"
    )
    (folder / "tell.py").write_text(TELL, encoding="utf-8")
    return folder


@pytest.fixture
def address(project: Path, tmp_path: Path) -> Iterator[str]:
    """Where the small project is served."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        place = f"127.0.0.1:{probe.getsockname()[1]}"
    command = [sys.executable, "-m", "mkdocs", "serve", "--livereload", "--dev-addr", place]
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(
            [*command, "-f", "small.yml"],
            cwd=project,
            env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
            stdout=log,
            stderr=log,
        )
        yield f"http://{place}/"
        server.terminate()  # not SIGINT, which is ignored by whatever a shell started in the background
        server.wait(timeout=PATIENCE)


def wait_for(address: str, text: str) -> None:
    """Ask for a page until it holds a text."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
                if text in answer.read().decode():
                    return
        except OSError:
            pass
        time.sleep(0.2)
    pytest.fail(f"{address} does not show {text!r} after {PATIENCE} s")


def wait_for_line(log: Log, text: str) -> None:
    """Wait until the server has written a text."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if text in log.path.read_text("utf-8"):
            return
        time.sleep(0.2)
    pytest.fail(f"the server does not write {text!r} within {PATIENCE} s")


class Log:
    """What the server has written since it was asked last."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.read = 0

    def news(self) -> str:
        """Return it."""
        text = self.path.read_text("utf-8")
        news, self.read = text[self.read :], len(text)
        return news


def built(news: str) -> list[str]:
    """Return the pages that were built."""
    return sorted(line.removeprefix("BUILT ") for line in news.splitlines() if line.startswith("BUILT "))


def test_an_edit_shows_by_itself_and_builds_no_more_than_it_must(
    project: Path, address: str, tmp_path: Path
) -> None:
    lesson, log = address + "learn/01-first/", Log(tmp_path / "log")
    wait_for(lesson, "Notebook herunterladen")
    assert built(log.news()) == PAGES

    replace(project / "docs/de/index.md", "## Weiter", "## Ganz neu")
    wait_for(address, "Ganz neu")
    news = log.news()
    assert built(news) == ["de/index.md"]
    assert f"Built de/index.md {ALONE}" in news

    replace(project / "notebooks/de/01-first.ipynb", "## Anmelden", "## Frisch angemeldet")
    wait_for(lesson, "Frisch angemeldet")
    assert built(log.news()) == ["de/learn/01-first.ipynb"]

    with (project / "docs/assets/site.css").open("a", encoding="utf-8") as style:
        style.write("/* a new rule */")
    wait_for(address + "assets/site.css", "a new rule")
    news = log.news()
    assert built(news) == []
    assert "Built assets/site.css alone\n" in news

    replace(project / "docs/en/index.md", "## More", "<!-- nonsense -->\n\n## More still")
    wait_for_line(log, "docs/en/index.md:3: <!-- nonsense -->: no such mark")
    wait_for(address + "en/", "More")  # as it was before
    replace(project / "docs/en/index.md", "<!-- nonsense -->\n\n", "")
    wait_for(address + "en/", "More still")
    assert built(log.news()) == ["en/index.md"]

    replace(project / "website/words/de.yml", "Notebook herunterladen", "Notebook holen")
    wait_for(lesson, "Notebook holen")
    news = log.news()
    assert built(news) == PAGES
    assert "Building everything, which takes a while, because of de.yml\n" in news

    replace(project / "notebooks/de/01-first.ipynb", "## Frisch angemeldet", "## Wieder allein")
    wait_for(lesson, "Wieder allein")
    wait_for(lesson, "Notebook holen")  # built with what the last full build has made
    assert built(log.news()) == ["de/learn/01-first.ipynb"]


def test_make_serves_with_live_reload() -> None:
    assert "mkdocs serve --livereload" in (ROOT / "Makefile").read_text("utf-8")
