"""The site without a network: kept when a reader asks for it, complete, and removed again."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.site.browsing import served
from tests.site.projects import ROOT
from website.build import offline
from website.marks import Context
from website.pages.offline import offline as draw

PAGE = """<!doctype html><html lang="{lang}"><head><title>{title}</title><link rel="icon" href="data:,">
<script type="module" src="{root}assets/page/offline.js"></script></head><body>{body}</body></html>"""
NEVER_CHANGING = "lab/0123456789/stdlib.zip.gz"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A built site of three pages, with all that the service worker must tell apart."""
    pages = {"": draw(Context("en", ROOT)), "play/": "<p>Play</p>", "en/play/": "<p>Play in English</p>"}
    for name, body in pages.items():
        file = tmp_path / name / "index.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        root = "../" * name.count("/") or "./"
        file.write_text(PAGE.format(lang="en", title=name or "start", root=root, body=body), "utf-8")
    for name in (
        NEVER_CHANGING,
        "lab/0123456789/worker.js",
        "lab/0123456789/worker.js.gz",
        "lab/0123456789/tls-source.zip",
        "download/minipop.whl",
        "assets/site.min.js.map",
        "sitemap.xml",
        "404.html",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name, "utf-8")
    (tmp_path / "assets/page").mkdir()
    shutil.copy(ROOT / "docs/assets/page/offline.js", tmp_path / "assets/page")
    offline.write(tmp_path, ROOT)
    return tmp_path


def listed(site: Path) -> dict[str, object]:
    (found,) = re.findall(r"^const SITE = (.*?);", (site / offline.WORKER).read_text("utf-8"), re.MULTILINE)
    told: dict[str, object] = json.loads(found)
    return told


def test_everything_is_listed_that_a_reader_needs(site: Path) -> None:
    assert listed(site)["files"] == [
        "assets/page/offline.js",
        "en/play/",
        "./",
        NEVER_CHANGING,
        "lab/0123456789/worker.js",
        "play/",
    ]


def test_the_version_follows_from_what_is_listed_and_not_from_how_often_it_is_written(site: Path) -> None:
    before = listed(site)["version"]
    offline.write(site, ROOT)
    assert listed(site)["version"] == before
    start = (site / "index.html").read_text("utf-8")
    built_by = '<meta name="generator" content="another program">'
    (site / "index.html").write_text(start.replace("</head>", f"{built_by}</head>"), "utf-8")
    offline.write(site, ROOT)
    assert listed(site)["version"] == before
    (site / "play/index.html").write_text("changed", "utf-8")
    offline.write(site, ROOT)
    assert listed(site)["version"] != before
    assert f'data-version="{listed(site)["version"]}"' in (site / "index.html").read_text("utf-8")


class Switch:
    """A server that can be switched off."""

    def __init__(self, site: Path) -> None:
        self._running = ExitStack()
        self.address = self._running.enter_context(served(site))

    def off(self) -> None:
        self._running.close()


@pytest.fixture
def server(site: Path) -> Iterator[Switch]:
    switch = Switch(site)
    yield switch
    switch.off()


def state(page: Page, wanted: str) -> None:
    page.wait_for_selector(f"pop3-offline[data-state={wanted}]")


def test_it_is_kept_on_request_works_without_the_server_and_goes_again(
    page: Page, server: Switch, site: Path
) -> None:
    page.goto(server.address)
    state(page, "absent")
    assert page.evaluate("caches.keys()") == []
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then(all => all.length)") == 0
    version = listed(site)["version"]
    assert str(version) in page.inner_text("pop3-offline [role=status]")
    page.click("[data-do=offline]")
    state(page, "kept")
    assert page.evaluate("caches.keys()") == [f"offline-{version}"]
    server.off()
    page.goto(f"{server.address}en/play/?x=1#y")
    assert page.inner_text("p") == "Play in English"
    page.goto(server.address)
    state(page, "kept")
    told = page.evaluate(f"fetch('{NEVER_CHANGING}').then(answer => answer.text())")
    assert told == NEVER_CHANGING
    page.click("[data-do=offline]")
    state(page, "absent")
    assert page.evaluate("caches.keys()") == []
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then(all => all.length)") == 0


def test_with_a_network_a_page_is_never_old_but_the_button_says_that_what_is_kept_is(
    page: Page, server: Switch, site: Path
) -> None:
    page.goto(server.address)
    page.click("[data-do=offline]")
    state(page, "kept")
    changed = site / "play/index.html"
    changed.write_text("<p>New</p>", "utf-8")
    later = changed.stat().st_mtime + 10  # because a server tells versions apart by the second
    os.utime(changed, (later, later))
    offline.write(site, ROOT)
    page.goto(f"{server.address}play/")
    assert page.inner_text("p") == "New"
    page.goto(server.address)
    page.wait_for_selector("pop3-offline[data-state=old], pop3-offline[data-state=kept]")
    if page.get_attribute("pop3-offline", "data-state") == "old":  # the browser may have renewed it by itself
        page.click("[data-do=offline]")
    state(page, "kept")
    assert page.evaluate("caches.keys()") == [f"offline-{listed(site)['version']}"]


def test_a_file_that_does_not_come_leaves_nothing_behind(page: Page, server: Switch, site: Path) -> None:
    (site / NEVER_CHANGING).unlink()
    page.goto(server.address)
    state(page, "absent")
    page.click("[data-do=offline]")
    state(page, "failed")
    assert page.evaluate("caches.keys()") == []
    page.reload()
    state(page, "absent")
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then(all => all.length)") == 0
