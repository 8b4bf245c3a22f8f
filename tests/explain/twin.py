"""Runs the page's own finder, ``docs/assets/finder.js``, in Node.js."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest

from evidence.patience import PATIENCE
from minipop.explain import catalogue
from tests.site.projects import ROOT

SOURCE = ROOT / "docs/assets/finder.js"


def run(expression: str, data: Any) -> Any:  # noqa: ANN401
    """Return what an expression of JavaScript comes to, beside the code of the page's finder.

    Args:
        expression: it knows ``Finder``, ``known`` (the patterns) and ``data``.
        data: what JSON can hold.
    """
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node.js on this machine")
    source = SOURCE.read_text("utf-8").replace("export class", "class")
    begin = 'const {known, data} = JSON.parse(require("fs").readFileSync(0, "utf8"));'
    program = f"{source}\n{begin}\nconsole.log(JSON.stringify({expression}));"
    done = subprocess.run(
        [node, "--input-type=commonjs", "--eval", program],
        input=json.dumps({"known": catalogue.patterns(), "data": data}),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def find(pastes: list[str]) -> list[dict[str, Any]]:
    """Return for each paste what the page finds: ``findings``, ``commands`` and ``work``."""
    results = """(finder => data.map(paste => {
      const {findings, commands, work} = finder.find(paste);
      return {findings: findings.map(f => [f.line, f.entries, f.command]), commands: [...commands], work};
    }))(new Finder(known))"""
    found: list[dict[str, Any]] = run(results, pastes)
    return found
