"""Lighthouse, run as a program."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evidence.browsing import ARGUMENTS
from evidence.patience import PATIENCE
from tests.site.projects import ROOT

#: From package-lock.json; `make test` sees to it.
PROGRAM = ROOT / "node_modules" / "lighthouse" / "cli" / "index.js"

#: What is judged: the start page, a page of the guide, a lesson; both languages are among them.
PAGES = ("", "en/guide/ports-and-encryption/", "learn/04-ports-and-mechanisms/")


def judge(url: str, categories: Sequence[str], chromium: str) -> dict[str, Any]:
    """Let Lighthouse judge a page, as on a phone.

    Args:
        url: the page, on this machine.
        categories: ``accessibility``, ``best-practices``, ``seo``, ``performance``.
        chromium: the path of the browser.

    Returns:
        Lighthouse's own report; ``categories`` holds the scores, 0 to 1.

    Raises:
        RuntimeError: Lighthouse failed; the text is what it said.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        options = {
            "only-categories": ",".join(categories),
            "output": "json",
            "output-path": str(report),
            "max-wait-for-load": str(int(1000 * PATIENCE)),
            "chrome-flags": f"--headless=new {' '.join(ARGUMENTS)}",
        }
        done = subprocess.run(
            ["node", str(PROGRAM), url, "--no-enable-error-reporting"]
            + [f"--{name}={value}" for name, value in options.items()],
            env={**os.environ, "CHROME_PATH": chromium},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"Lighthouse failed on {url}: {done.stderr}")
        judged: dict[str, Any] = json.loads(report.read_text("utf-8"))
        return judged
