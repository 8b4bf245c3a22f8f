"""What axe would find, and some pages judged by Lighthouse; axe judges every page in test_browser.py."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.site import axe, lighthouse
from tests.site.browsing import chromium

CATEGORIES = ("accessibility", "best-practices", "seo")
ENOUGH = 0.95


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
