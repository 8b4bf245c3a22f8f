"""axe-core, which judges a page in the browser by WCAG 2.2, levels A and AA."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.site.projects import ROOT

SCRIPT = ROOT / "node_modules" / "axe-core" / "axe.min.js"  # from package-lock.json; `make test` sees to it
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]

_JUDGE = """levels => axe.run(document, {runOnly: levels, resultTypes: ["violations"]}).then(result =>
    result.violations.flatMap(({id, nodes}) => nodes.map(node =>
        `${id}: ${node.html.slice(0, 120)}: ${node.failureSummary.slice(0, 200)}`)))"""


def violations(page: Page) -> list[str]:
    """Judge the page that is shown; return the rule, the element and the remedy of each violation."""
    page.evaluate(SCRIPT.read_text("utf-8"))
    found: list[str] = page.evaluate(_JUDGE, LEVELS)
    return found
