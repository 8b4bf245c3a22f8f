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

from tests.site.projects import ROOT, replace, small_project

SECONDS = 60


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = small_project(tmp_path / "project")
    replace(folder / "small.yml", "watch: []", "watch: [website, notebooks]")
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
        server.wait(timeout=SECONDS)


def wait_for(address: str, text: str) -> None:
    """Ask for a page until it holds a text."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, timeout=SECONDS) as answer:
                if text in answer.read().decode():
                    return
        except OSError:
            pass
        time.sleep(0.2)
    pytest.fail(f"{address} does not show {text!r} after {SECONDS} s")


def test_an_edit_of_a_page_a_lesson_or_of_what_draws_shows_by_itself(project: Path, address: str) -> None:
    lesson = address + "learn/01-first/"
    wait_for(lesson, "Notebook herunterladen")
    replace(project / "docs/de/index.md", "## Weiter", "## Ganz neu")
    wait_for(address, "Ganz neu")
    replace(project / "notebooks/de/01-first.ipynb", "## Anmelden", "## Frisch angemeldet")
    wait_for(lesson, "Frisch angemeldet")
    replace(project / "website/words/de.yml", "Notebook herunterladen", "Notebook holen")
    wait_for(lesson, "Notebook holen")


def test_make_serves_with_live_reload() -> None:
    assert "mkdocs serve --livereload" in (ROOT / "Makefile").read_text("utf-8")
