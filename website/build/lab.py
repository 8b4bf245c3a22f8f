"""Open the lessons in JupyterLab: copies to work in, whose links lead to the rendered site beside it.

``python -m website.build.lab --lang en`` copies the lessons to work/en and serves the site on a free port of
loopback as long as JupyterLab runs; if its sources have changed, it is built meanwhile. Options for
JupyterLab itself, such as ``--no-browser``, are handed on.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from website.data import LANGUAGES
from website.pages.downloads import portable

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("mkdocs.yml", "docs", "notebooks", "overrides", "src", "website", "evidence/records")
CACHE = Path(sys.prefix) / "lab-site"
NOTE = ".copied.json"  # what was copied, and with which address of the site


def copy(lessons: Path, work: Path, site: str) -> list[str]:
    """Copy lessons to where they are worked on, without outputs, and let their links lead to the site.

    A copy that was changed since is kept; in it, the address of the site alone is renewed.

    Args:
        lessons: the folder of the lessons.
        work: the folder of the copies.
        site: the address of the site.

    Returns:
        The names of the lessons that were kept.
    """
    work.mkdir(parents=True, exist_ok=True)
    note = work / NOTE
    before: dict[str, Any] = (
        json.loads(note.read_text("utf-8")) if note.exists() else {"site": site, "copies": {}}
    )
    copied, kept = {}, []
    for lesson in sorted(lessons.glob("*.ipynb")):
        target = work / lesson.name
        text = portable(lesson.read_text("utf-8"), site)
        was = before["copies"].get(lesson.name)
        if target.exists() and _sum(mine := target.read_text("utf-8")) not in (was, _sum(text)):
            kept.append(lesson.name)
            copied[lesson.name] = was
            text = mine.replace(f"]({before['site']}", f"]({site}")
        else:
            copied[lesson.name] = _sum(text)
        target.write_text(text, encoding="utf-8", newline="\n")
    note.write_text(json.dumps({"site": site, "copies": copied}), "utf-8")
    return kept


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def built() -> Path:
    """Return the folder of the built site, built anew if its sources have changed.

    Raises:
        subprocess.CalledProcessError: it cannot be built.
    """
    files = [file for name in SOURCES for file in [ROOT / name, *(ROOT / name).rglob("*")] if file.is_file()]
    sources = [file for file in files if "__pycache__" not in file.parts]
    stamp = _sum(
        "".join(f"{file} {file.stat().st_mtime_ns} {file.stat().st_size}\n" for file in sorted(sources))
    )
    done = CACHE / "stamp"
    if not done.exists() or done.read_text("utf-8") != stamp:
        print("lab: building the pages behind the lessons' links; until they are there, a link waits")
        shutil.rmtree(CACHE, ignore_errors=True)
        command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "-d", str(CACHE / "site")]
        subprocess.run(command, cwd=ROOT, env={"NO_MKDOCS_2_WARNING": "1", **os.environ}, check=True)
        done.write_text(stamp, "utf-8")
    return CACHE / "site"


class Pages(ThreadingHTTPServer):
    """The rendered site on a free port of loopback, until `close`; a request waits until it is built.

    Args:
        find: returns the folder of the site; may take its time.
    """

    daemon_threads = True

    def __init__(self, find: Callable[[], Path]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.address = f"http://127.0.0.1:{self.server_port}/"
        self.folder: Path | None = None
        self._found = threading.Event()
        for task in (self.serve_forever, functools.partial(self._find, find)):
            threading.Thread(target=task, daemon=True).start()

    def wait(self) -> Path | None:
        """Return the folder of the site once it is built, None if it cannot be."""
        self._found.wait()
        return self.folder

    def close(self) -> None:
        """End it."""
        self.shutdown()
        self.server_close()

    def _find(self, find: Callable[[], Path]) -> None:
        try:
            self.folder = find()
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"lab: no pages behind the lessons' links, because: {error}", file=sys.stderr)
        self._found.set()


class _Handler(SimpleHTTPRequestHandler):
    def translate_path(self, path: str) -> str:
        assert isinstance(self.server, Pages)
        self.directory = str(self.server.wait() or CACHE / "none")
        return super().translate_path(path)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing between JupyterLab's lines."""


def short_errors(lang: str, folder: Path) -> dict[str, str]:
    """Return the environment in which a new kernel shows errors as a Lab lets it: after a restart, none runs.

    Args:
        lang: the trainee's language.
        folder: where the file is kept that IPython runs in every new kernel.
    """
    startup = folder / f"startup-{lang}.py"
    install = f'minipop.lab.notebook.install("{lang}")'
    startup.write_text(f"import minipop.lab.notebook\n\n{install}\ndel minipop\n", "utf-8")
    return {"PYTHONSTARTUP": str(startup)}


def jupyterlab(lang: str, work: Path, options: list[str]) -> int:
    """Run JupyterLab until it ends; return its exit code.

    Args:
        lang: the language, whose folder in `work` is shown.
        work: JupyterLab's root.
        options: what it is told besides.
    """
    # News, update checks and the extension manager would ask hosts on the Internet: off.
    config = Path(sys.prefix) / "etc/jupyter/labconfig/page_config.json"
    config.parent.mkdir(parents=True, exist_ok=True)
    disabled = {"@jupyterlab/apputils-extension:announcements": True}
    config.write_text(json.dumps({"disabledExtensions": disabled}), "utf-8")
    command = [
        *(sys.executable, "-m", "jupyterlab", "--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={work}"),
        # A workspace for each language, because JupyterLab opens the tabs again that were open in it.
        f"--LabApp.default_url=/lab/workspaces/{lang}/tree/{lang}",
        "--LabApp.extension_manager=readonly",
        *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
        *options,
    ]
    with subprocess.Popen(command, env={**os.environ, **short_errors(lang, config.parent)}) as process:
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        while process.poll() is None:
            with suppress(KeyboardInterrupt):  # JupyterLab gets it as well, and asks whether it is meant
                process.wait()
        return process.returncode


def main() -> int:
    """Copy, serve, open; the exit code is JupyterLab's."""
    parser = argparse.ArgumentParser(prog="python -m website.build.lab", description=__doc__)
    parser.add_argument("--lang", choices=LANGUAGES, default=LANGUAGES[0], help="of the lessons")
    parser.add_argument("--dir", type=Path, default=ROOT / "work", help="where the copies are: DIR/<lang>")
    parser.add_argument("--site", type=Path, help="a site that is built already")
    given, options = parser.parse_known_args()
    site: Path | None = given.site
    pages = Pages((lambda: site) if site else built)
    folder = given.dir.resolve()
    if kept := copy(ROOT / "notebooks" / given.lang, folder / given.lang, pages.address):
        print(
            f"lab: kept your copies of {', '.join(kept)}; delete one in {folder / given.lang} to get it new"
        )
    try:
        return jupyterlab(given.lang, folder, options)
    finally:
        pages.close()


if __name__ == "__main__":
    sys.exit(main())
