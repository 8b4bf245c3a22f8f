"""While `make serve` runs, a page is seen as soon as it is saved, and everything else after a full build.

MkDocs builds all pages in both languages for every change. Here, what a build has made of MkDocs'
configuration, files and menu is kept by language; if nothing but pages, lessons and assets has changed, these
alone are built again, with the functions that MkDocs' own build calls for each page.
"""

from __future__ import annotations

import copy
import logging
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment
from mkdocs.commands.build import _build_page, _populate_page
from mkdocs.config.config_options import Hooks
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import BuildError
from mkdocs.livereload import LiveReloadServer
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation

log = logging.getLogger("mkdocs.website.serve")

LAGGING = "search, menus and what other pages take from it follow with a full build (touch mkdocs.yml)"


@dataclass
class Built:
    """What the last build of a language has made."""

    config: MkDocsConfig
    files: Files
    nav: Navigation

    @cached_property
    def templates(self) -> Environment:
        """The theme's templates, compiled when they are needed first."""
        return self.config.theme.get_env()

    def find(self, path: str) -> File | None:
        """Return the file of the site that is made from a path, None if there is none."""
        of_path = (file for file in self.files if os.path.realpath(str(file.abs_src_path)) == path)
        return next((file for file in of_path if file.inclusion is not InclusionLevel.EXCLUDED), None)

    def again(self, file: File) -> None:
        """Build a page, or copy an asset."""
        if not file.is_documentation_page():
            file.copy_file()
            return
        assert file.page
        plugins: Any = self.config.plugins
        plugins["i18n"].current_language = file.locale  # type: ignore[attr-defined]
        _populate_page(file.page, self.config, self.files)
        plugins["autorefs"].on_env(self.templates, config=self.config, files=Files([file]))
        _build_page(file.page, self.config, self.files.documentation_pages(), self.nav, self.templates)
        file.page.validate_anchor_links(files=self.files, log_level=self.config.validation.links.anchors)


#: By language; this module alone is not forgotten before a full build, or what is kept would be.
_BUILT: dict[str, Built] = {}


def keep(lang: str, config: MkDocsConfig, files: Files, nav: Navigation) -> None:
    """Keep what a build has made of a language so far; its pages are not built yet."""
    kept = copy.copy(config)
    for key, value in config.items():  # the plugins change these in place for the next language
        if isinstance(value, list):
            kept[key] = list(value)
    kept.theme, kept.extra = copy.deepcopy(config.theme), copy.deepcopy(config.extra)
    _BUILT[lang] = Built(kept, files, nav)


def watch(server: LiveReloadServer, config: MkDocsConfig, records: Iterable[Path]) -> LiveReloadServer:
    """Build what has changed, and no more than that if it is pages and assets alone.

    Args:
        server: MkDocs' server.
        config: MkDocs' configuration; its documents, ``watch`` and the file itself are watched by MkDocs.
        records: what is to be watched besides.
    """
    build_everything = server.builder
    sys.dont_write_bytecode = True  # __pycache__ in a watched folder would ask for a second rebuild
    for path in records:
        server.watch(str(path))
    watched = [
        Path(str(path)) for path in (config.docs_dir, config.config_file_path, *config.watch, *records)
    ]
    built = dict(_times(watched))

    def build() -> None:
        nonlocal built
        now = dict(_times(watched))
        changed = sorted(path for path in built.keys() | now.keys() if built.get(path) != now.get(path))
        found = {path: [(of, file) for of in _BUILT.values() if (file := of.find(path))] for path in changed}
        if others := [Path(path).name for path in changed if not found[path] or path not in now]:
            log.info("Building everything, which takes a while, because of %s", ", ".join(others))
            _forget()
            build_everything()
        elif not _build_alone(
            {file.abs_dest_path: (of, file) for pairs in found.values() for of, file in pairs}.values()
        ):
            return
        built = now  # not after an error: what has it counts as changed until it is mended

    server.builder = build
    return server


def _build_alone(found: Iterable[tuple[Built, File]]) -> bool:
    """Build pages and assets; return whether that went well, and say why not."""
    for built, file in found:
        try:
            built.again(file)
        except BuildError as error:
            log.error("%s", error)
            return False
        lagging = f"; {LAGGING}" if file.is_documentation_page() else ""
        log.info("Built %s alone%s", file.src_uri, lagging)
    return True


def _times(watched: Iterable[Path]) -> Iterator[tuple[str, int]]:
    """Yield each watched file with its time of change, but not what editors leave beside it."""
    for path in watched:
        for file in path.rglob("*") if path.is_dir() else [path]:
            parts = file.relative_to(path).parts
            beside = any(part.startswith((".", "#", "__pycache__")) or part.endswith("~") for part in parts)
            if not beside and file.is_file():
                yield os.path.realpath(file), file.stat().st_mtime_ns


def _forget() -> None:
    """Forget what was loaded: MkDocs loads its hook once per process, and Python a module once."""
    Hooks._load_hook.cache_clear()
    for name in [name for name in sys.modules if name.split(".")[0] in ("website", "minipop")]:
        if name != __name__:
            del sys.modules[name]
