"""Every page, judged by axe and by Lighthouse in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.site import checks, lighthouse
from tests.site.browsing import chromium, served

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
JUDGE = """levels => axe.run(document, {runOnly: levels, resultTypes: ["violations"]}).then(result =>
    result.violations.flatMap(({id, nodes}) => nodes.map(node =>
        `${id}: ${node.html.slice(0, 120)}: ${node.failureSummary.slice(0, 200)}`)))"""
SCHEMES = {"light": ("default", 1280), "dark": ("slate", 360)}

CATEGORIES = ("accessibility", "best-practices", "seo")
ENOUGH = 0.95


def module(*parts: str) -> Path:
    """Return a file of an npm package; without it, a test is skipped."""
    path = lighthouse.MODULES.joinpath(*parts)
    if not path.exists():
        pytest.skip("no npm packages here: install Node.js and npm, then make test")
    return path


def violations(browser: Browser, site: Path, scheme: str) -> list[str]:
    """Let axe judge every page of a site; return what it finds, with the page."""
    name, width = SCHEMES[scheme]
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    context.add_init_script(path=module("axe-core", "axe.min.js"))
    findings = []
    page = context.new_page()
    with served(site) as address:
        for file in checks.page_files(site):
            page.goto(address + file.removesuffix("index.html"), wait_until="load")
            page.wait_for_selector(f"body[data-md-color-scheme={name}]")
            findings += [f"{file}: {finding}" for finding in page.evaluate(JUDGE, LEVELS)]
    context.close()
    return findings


# Light on a wide screen, dark on a narrow one: colours do not depend on the width, nor the rest on colours.
@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_no_violation_of_wcag(browser: Browser, site: Path, scheme: str) -> None:
    assert violations(browser, site, scheme) == []


def test_axe_sees_what_is_wrong(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(
        "<!doctype html><html><title>x</title>"
        '<body data-md-color-scheme="default" style="background: #fff">'
        '<main><p style="color: #ccc">pale</p><img src="x.png"></main>',
        encoding="utf-8",
    )
    found = {finding.split(": ")[1] for finding in violations(browser, tmp_path, "light")}
    assert {"color-contrast", "html-has-lang", "image-alt"} <= found


@pytest.mark.parametrize("name", lighthouse.PAGES, ids=["start", "guide", "lesson"])
@pytest.mark.parametrize("lang", checks.LANGUAGES)
def test_lighthouse_is_content(address: str, lang: str, name: str) -> None:
    module("lighthouse")
    judged = lighthouse.judge(f"{address}{'en/' if lang == 'en' else ''}{name}", CATEGORIES, chromium())
    assert judged["lighthouseVersion"].startswith("12.")
    scores = {key: judged["categories"][key]["score"] for key in CATEGORIES}
    failed = [audit["id"] for audit in judged["audits"].values() if audit["score"] == 0]
    assert all(score >= ENOUGH for score in scores.values()), f"{scores}: {failed}"
