"""What must hold of the site. Each check returns its findings as sentences; none means all is well.

They are plain functions so that test_guards.py can show each of them a broken site.
"""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from itertools import pairwise, zip_longest
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

from minipop.lab import world

LANGUAGES = ("de", "en")  # the first stands at the root of the site
SITE_URL = "http://127.0.0.1:8000/"
# Bytes of a page's HTML: as it is, and compressed as a server does it.
PAGE_BYTES = 160_000, 30_000
NOTEBOOK_BYTES = 120_000, 25_000
# Pages that hold a whole list, because their box searches it in the browser.
LIST_BYTES = 205_000, 43_000
LISTS = ("reference/replies/index.html", "en/reference/replies/index.html")

# Elements whose address a browser asks for by itself, unlike a link the reader follows.
LOADED = {
    "script[src]": "src",
    "img[src], iframe[src], source[src], video[src], audio[src], embed[src]": "src",
    "link[rel~=stylesheet], link[rel~=icon], link[rel~=preload], link[rel~=modulepreload]": "href",
    "link[rel~=preconnect], link[rel~=dns-prefetch], link[rel~=manifest]": "href",
    "object[data]": "data",
}
CSS_ADDRESS = re.compile(r"""(?:url\(|@import)\s*["']?((?:https?:)?//[^"')\s]+)""")
JS_IMPORT = re.compile(r"""\b(?:import|from)\b\s*\(?\s*["']((?:https?:)?//[^"']+)""")
FENCE = re.compile(r"^ *(```+[^\n]*\n.*?^ *```+)$", re.MULTILINE | re.DOTALL)
MARK = re.compile(r"^ *(<!-- .*? -->)$", re.MULTILINE)
PROSE = re.compile(r"(?:^|(?<=\s))#.*$| --lang (?:de|en)\b|(?<=lang=)\"(?:de|en)\"", re.MULTILINE)  # in code
FOREIGN = re.compile(r"^(?:https?:|wss?:)?//")


def language_of(page: str) -> str:
    """Return the language that the page's place promises: en below en/, else de."""
    return "en" if page.startswith("en/") else "de"


def page_files(site: Path) -> dict[str, Path]:
    """Return every page's file by its path in the site; a site without pages would pass anything."""
    found = {path.relative_to(site).as_posix(): path for path in sorted(site.rglob("*.html"))}
    assert found, f"no page in {site}"
    return found


def lasting_pages(site: Path) -> list[str]:
    """Return all pages but those whose address has ended: a browser leaves them at once."""
    return [name for name, path in page_files(site).items() if 'rel="moved"' not in path.read_text("utf-8")]


def pages(site: Path) -> dict[str, BeautifulSoup]:
    """Return every page by its path in the site."""
    return {name: page(site, name) for name in page_files(site)}


def page(site: Path, name: str) -> BeautifulSoup:
    """Return the page of a path in the site."""
    return _parsed((site / name).read_text("utf-8"))


# To parse the whole site takes seconds, and many tests look at it: none of them changes what it gets.
@cache
def _parsed(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "html.parser")


def article(soup: BeautifulSoup) -> Tag:
    """Return the part of a page that its author wrote."""
    found = soup.select_one("article")
    assert found is not None, "a page without <article>"
    return found


def wrong_language(site: Path) -> list[str]:
    """Every page is HTML and says the language of its place."""
    findings = []
    for page, path in page_files(site).items():
        text = path.read_text("utf-8")
        if not text.lstrip().lower().startswith("<!doctype html>"):
            findings.append(f"{page}: is not HTML but begins {text.lstrip()[:20]!r}")
            continue
        html = _parsed(text).html
        said = html.get("lang") if html else None
        if said != language_of(page):
            findings.append(f"{page}: says lang={said!r}, its place promises {language_of(page)!r}")
    return findings


def too_large(site: Path) -> list[str]:
    """No page keeps a reader on a slow line waiting."""
    findings = []
    for page, path in page_files(site).items():
        limits = NOTEBOOK_BYTES if list(path.parent.glob("*.ipynb")) else PAGE_BYTES
        limits = LIST_BYTES if page in LISTS else limits
        sizes = len(html := path.read_bytes()), len(gzip.compress(html))
        if any(size > limit for size, limit in zip(sizes, limits, strict=True)):
            findings.append("{}: {} bytes, {} compressed, at most {} and {}".format(page, *sizes, *limits))
    return findings


def badly_structured(site: Path) -> list[str]:
    """One title, no level left out, no id twice, a text for every image."""
    findings = []
    for page, soup in pages(site).items():
        body = article(soup)
        levels = [int(heading.name[1]) for heading in body.select("h1, h2, h3, h4, h5, h6")]
        if levels.count(1) != 1 or levels[0] != 1:
            findings.append(f"{page}: {levels.count(1)} titles, or not at the top")
        if any(below - above > 1 for above, below in pairwise(levels)):
            findings.append(f"{page}: a heading level is left out: {levels}")
        ids = [str(tag["id"]) for tag in soup.select("[id]")]
        findings += [f"{page}: id {name!r} stands twice" for name in {*ids} if ids.count(name) > 1]
        findings += [f"{page}: no alt: {tag}" for tag in body.select("img") if not tag.get("alt")]
    return findings


def foreign_hosts(site: Path) -> list[str]:
    """No page, style sheet or script loads anything from another host."""
    findings = []
    for page, soup in pages(site).items():
        for selector, attribute in LOADED.items():
            for tag in soup.select(selector):
                if FOREIGN.match(str(tag[attribute])):
                    findings.append(f"{page}: loads {tag[attribute]}")
        styles = [tag.get_text() for tag in soup.select("style")]
        styles += [str(tag["style"]) for tag in soup.select("[style]")]
        findings += [f"{page}: loads {address}" for s in styles for address in CSS_ADDRESS.findall(s)]
    for pattern, address in (("*.css", CSS_ADDRESS), ("*.js", JS_IMPORT), ("*.mjs", JS_IMPORT)):
        for path in sorted(site.rglob(pattern)):
            for found in address.findall(path.read_text("utf-8")):
                findings.append(f"{path.relative_to(site).as_posix()}: loads {found}")
    return findings


def dead_links(site: Path) -> list[str]:
    """Every link inside the site reaches a page, and every fragment an element."""
    command = [
        str(Path(sys.executable).with_name("lychee")),
        *("--offline", "--no-progress", "--include-fragments", "--format", "json"),
        *("--exclude", r"/play/?#\w+="),  # what is chosen in the terminal is no element of its page
        *("--index-files", "index.html", "--root-dir", str(site)),
        *("--remap", f"{SITE_URL} file://{site}/"),
        str(site / "**/*.html"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout.startswith("{"):
        return [f"lychee did not run: {done.stderr}"]
    report = json.loads(done.stdout)
    if not report["total"]:
        return ["lychee found no link at all"]
    return [
        f"{Path(page).relative_to(site).as_posix()}: dead link {found['url']}"
        for page, founds in sorted(report["error_map"].items())
        for found in founds
    ]


def lost_switch(site: Path) -> list[str]:
    """The language switch and the hreflang links of a page lead to that page in each language."""
    findings = []
    for page, soup in pages(site).items():
        if page == "404.html":
            continue
        plain = page.removeprefix("en/").removesuffix("index.html")
        expected = {"de": f"/{plain}", "en": f"/en/{plain}"}
        for what, selector in {
            "switch": "a.md-select__link",
            "hreflang": "link[rel~=alternate][hreflang]",
        }.items():
            found = {
                str(tag["hreflang"]): urljoin(f"/{page}", str(tag["href"])) for tag in soup.select(selector)
            }
            if found != expected:
                findings.append(f"{page}: {what} leads to {found}, not to {expected}")
    return findings


def untranslated(site: Path) -> list[str]:
    """Both languages have the same pages, headings, links and figures."""
    found = pages(site)
    german = {page for page in found if language_of(page) == "de" and page != "404.html"}
    english = {page.removeprefix("en/") for page in found if language_of(page) == "en"}
    findings = [f"{page}, {_written(page)}: only in one language" for page in sorted(german ^ english)]
    features: dict[str, Callable[[str, Tag], list[str]]] = {
        "heading ids": _heading_ids,
        "links": lambda page, body: _addresses(
            # Not the terms: each language uses them in its own order. Nor the letters that they begin with.
            page,
            body,
            "a[href]:not(.headerlink, .term, .letters *, .by-name *)",
            "href",
        ),
        "lists by name": lambda page, body: sorted(  # in each language's own order
            _addresses(page, body, ".by-name a[href]", "href")
            + [str(tag["id"]) for tag in body.select(".by-name [id]")]
        ),
        "figures": lambda page, body: _addresses(page, body, "img[src]", "src"),
        "drawings": lambda _, body: [str(tag.get("id")) for tag in body.select("figure, svg[role=img]")],
        "claims": lambda _, body: [str(tag["id"]) for tag in body.select("div.statement")],
        "tables": lambda _, body: [f"{len(t.select('tr'))} rows" for t in body.select("table")],
    }
    for page in sorted(german & english):
        for feature, of in features.items():
            here = of(page, article(found[page]))
            there = of(f"en/{page}", article(found[f"en/{page}"]))
            for left, right in zip_longest(here, there):
                if left != right:
                    findings.append(
                        f"{page}, {_written(page)}: {feature} differ: de has {left}, en has {right}"
                    )
                    break
    return findings


def _written(page: str) -> str:
    """Return the files that a page is written in, in both languages."""
    name = page.removesuffix("index.html").rstrip("/") or "index"
    if name.startswith("learn/"):
        return f"notebooks/*/{name.removeprefix('learn/')}.ipynb"
    return f"docs/*/{name}.md"


def _heading_ids(_: str, body: Tag) -> list[str]:
    """Return the ids that links can name; the title's is not among them, a link names its page."""
    headings = body.select("h1, h2, h3, h4, h5, h6")
    return ["h1" if tag.name == "h1" else f"{tag.name}#{tag.get('id')}" for tag in headings]


def _addresses(page: str, body: Tag, selector: str, attribute: str) -> list[str]:
    return [_plain(page, str(tag[attribute])) for tag in body.select(selector)]


def _plain(page: str, address: str) -> str:
    """Return an address without the language in it, the same on a page and on its translation."""
    if address.startswith("data:"):
        return "data:"
    if urlsplit(address).scheme:
        return re.sub(r"/(?:de-de|en-us)/", "/*/", address, flags=re.IGNORECASE)
    return urljoin(f"/{page}", address).replace("/en/", "/", 1)


def differing_lessons(root: Path) -> list[str]:
    """A lesson's two notebooks have the same cells, and the same code but for LANG and words of the world."""
    findings = []
    german, english = (
        {path.name: path for path in sorted((root / "notebooks" / language).glob("*.ipynb"))}
        for language in LANGUAGES
    )
    findings += [f"{name}: only in one language" for name in sorted(german.keys() ^ english.keys())]
    for name in sorted(german.keys() & english.keys()):
        pair = zip_longest(_cells(german[name]), _cells(english[name]), fillvalue=("no cell", "", ()))
        for number, (here, there) in enumerate(pair, start=1):
            if here[0] != there[0]:
                findings.append(f"{name}: cell {number} is {here[0]} in de, {there[0]} in en")
                break
            if here[2] != there[2]:
                findings.append(f"{name}: cell {number} is tagged {here[2]} in de, {there[2]} in en")
            if here[0] == "code" and in_english(here[1]) != there[1]:
                findings.append(f"{name}: cell {number}: code differs between de and en")
        for language, path in zip(LANGUAGES, (german[name], english[name]), strict=True):
            if f'LANG = "{language}"' not in _code(path):
                findings.append(f'notebooks/{language}/{name}: no line LANG = "{language}"')
    return findings


def in_english(code: str) -> str:
    """Put the English words of the world for the German ones, the longest first."""
    german, english = (
        [word for kind in world.words(lang).values() for word in kind.values()] for lang in ("de", "en")
    )
    pairs = dict(zip(german, english, strict=True))
    longest_first = sorted(pairs, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest_first)), lambda found: pairs[found[0]], code)


def _cells(path: Path) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return kind, text and tags of each cell, without what may differ between the languages."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    varying = re.compile(r'^(LANG = "(?:de|en)"|# alt: .*)$', re.MULTILINE)
    return [
        (cell["cell_type"], varying.sub("", "".join(cell["source"])), tuple(cell["metadata"].get("tags", ())))
        for cell in cells
    ]


def differing_pages(root: Path) -> list[str]:
    """A page's two texts hold the same code, but for comments, and the same marks for what is drawn."""
    findings = []
    german, english = (
        {path.relative_to(root / "docs" / language).as_posix(): path.read_text("utf-8") for path in found}
        for language in LANGUAGES
        for found in [sorted((root / "docs" / language).rglob("*.md"))]
    )
    findings += [f"docs/*/{name}: only in one language" for name in sorted(german.keys() ^ english.keys())]
    for name in sorted(german.keys() & english.keys()):
        for what, pattern in {"code": FENCE, "marks": MARK}.items():
            here, there = (
                [PROSE.sub("", found) for found in pattern.findall(text)]
                for text in (german[name], english[name])
            )
            for number, (left, right) in enumerate(zip_longest(here, there), start=1):
                if left != right:
                    findings.append(
                        f"docs/*/{name}: {what} differ at no. {number}: de has {left!r}, en has {right!r}"
                    )
                    break
    return findings


def _code(path: Path) -> list[str]:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return "".join(
        "".join(cell["source"]) + "\n" for cell in cells if cell["cell_type"] == "code"
    ).splitlines()
