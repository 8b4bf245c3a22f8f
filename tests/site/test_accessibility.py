"""Every page in a real browser, judged by axe; some by Lighthouse, too."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.site import axe, checks, lighthouse
from tests.site.browsing import chromium

CATEGORIES = ("accessibility", "best-practices", "seo")
ENOUGH = 0.95


# Light on a wide screen here, dark on a narrow one in test_browser.py: colours do not depend on the width,
# nor does the rest on colours.
def test_axe_finds_no_violation_of_wcag_in_light_colours(browser: Browser, site: Path, address: str) -> None:
    if not axe.SCRIPT.exists():
        pytest.skip("no npm packages here: install Node.js and npm, then make test")
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light")
    page = context.new_page()
    found = {}
    for name in checks.lasting_pages(site):
        page.goto(address + name.removesuffix("index.html"), wait_until="load")
        page.wait_for_selector("body[data-md-color-scheme=default]")
        if violations := axe.violations(page):
            found[name] = violations
    context.close()
    assert found == {}


def test_axe_sees_what_is_wrong(page: Page) -> None:
    if not axe.SCRIPT.exists():
        pytest.skip("no npm packages here: install Node.js and npm, then make test")
    page.set_content('<main style="background: #fff"><p style="color: #ccc">pale</p><img src="x.png"></main>')
    found = {violation.partition(":")[0] for violation in axe.violations(page)}
    assert {"color-contrast", "html-has-lang", "image-alt"} <= found


@pytest.mark.parametrize("name", lighthouse.PAGES, ids=["start", "guide", "lesson"])
def test_lighthouse_is_content(address: str, name: str) -> None:
    if not lighthouse.PROGRAM.exists():
        pytest.skip("no npm packages here: install Node.js and npm, then make test")
    judged = lighthouse.judge(address + name, CATEGORIES, chromium())
    assert judged["lighthouseVersion"].startswith("12.")
    scores = {key: judged["categories"][key]["score"] for key in CATEGORIES}
    failed = [audit["id"] for audit in judged["audits"].values() if audit["score"] == 0]
    assert all(score >= ENOUGH for score in scores.values()), f"{scores}: {failed}"
