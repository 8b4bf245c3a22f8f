"""Lets readers keep the site for use without a network: the list of its files, for the service worker.

Nothing is kept unless a reader asks for it; see docs/assets/page/offline.js.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

#: The service worker, at the root of the site, because it answers only for what lies below it.
WORKER = "service-worker.js"

_SOURCE = "docs/assets/page/service-worker.js"
_FILLED = "const SITE = {};"
_TOLD = re.compile(r'(<pop3-offline) data-version="\w*" data-bytes="\w*"')
#: The program that has built a page, which makes no difference to a reader.
_GENERATOR = re.compile(r'<meta name="generator" content="[^"]*">')
#: What a reader does not need: downloads, sources, compressed copies, what only search engines read.
_LEFT_OUT = re.compile(
    rf"download/|sitemap|404\.html|{re.escape(WORKER)}|.*(?:\.map|\.(?:js|wasm)\.gz|-source\.zip|bundle\.json)$"
)


def write(site: Path, root: Path) -> None:
    """Write the service worker of a built site, and tell its pages version and size.

    Args:
        site: the folder of the site.
        root: the project's folder.
    """
    files = dict(_kept(site))
    version = sha256(json.dumps(sorted(files.items())).encode()).hexdigest()[:10]
    listed = {"version": version, "files": [_address(name) for name in sorted(files)]}
    worker = (root / _SOURCE).read_text("utf-8")
    assert worker.count(_FILLED) == 1, _SOURCE
    (site / WORKER).write_text(worker.replace(_FILLED, f"const SITE = {json.dumps(listed)};"), "utf-8")
    size = round(sum(_transferred(site / name) for name in files), -5)
    for page in site.rglob("*.html"):
        text, count = _TOLD.subn(rf'\1 data-version="{version}" data-bytes="{size}"', page.read_text("utf-8"))
        if count:
            page.write_text(text, "utf-8")


def _kept(site: Path) -> Iterator[tuple[str, str]]:
    """Yield name and hash of each file; what `write` itself changes does not count."""
    for file in site.rglob("*"):
        name = file.relative_to(site).as_posix()
        if file.is_file() and not _LEFT_OUT.match(name):
            content = file.read_bytes()
            if name.endswith(".html"):
                content = _GENERATOR.sub("", _TOLD.sub(r"\1", content.decode())).encode()
            yield name, sha256(content).hexdigest()


def _address(name: str) -> str:
    """Return the address of a file as links have it."""
    return "./" if name == "index.html" else name.removesuffix("index.html")


def _transferred(file: Path) -> int:
    """Return about how many bytes a browser gets for a file from a server that compresses."""
    copy = file.with_name(f"{file.name}.gz")
    if copy.exists():
        return copy.stat().st_size
    content = file.read_bytes()
    return len(content) if file.suffix == ".gz" else len(gzip.compress(content, 1))
