"""MkDocs hook: every page stands in both languages, and the language switch stays on the page.

mkdocs-static-i18n builds the site once per language, German first. It fills a missing translation
with the German page; here that is a warning, at which a strict build stops.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils.templates import TemplateContext

log = logging.getLogger("mkdocs.hooks.languages")  # below "mkdocs": a strict build counts these

TREES = {"docs": "*.md", "notebooks": "*.ipynb"}


@event_priority(-150)  # after static-i18n, which would fill the gap with the German page
def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Warn of each page that the language being built lacks; a strict build stops then."""
    i18n: Any = config.plugins["i18n"]
    root = Path(config.config_file_path).parent
    for tree, pattern in TREES.items():
        pages = {
            language: {
                path.relative_to(root / tree / language).as_posix()
                for path in (root / tree / language).rglob(pattern)
                if ".ipynb_checkpoints" not in path.parts
            }
            for language in i18n.build_languages
        }
        for name in sorted(set().union(*pages.values()) - pages[i18n.current_language]):
            log.warning("missing translation: %s/%s/%s", tree, i18n.current_language, name)
    return files


@event_priority(-100)  # after static-i18n (50), which does this for all pages but the start page
def on_page_context(
    context: TemplateContext, page: Page, config: MkDocsConfig, nav: Navigation
) -> TemplateContext:
    """Link the start page to its twin relatively, so that the site works under any path."""
    twins: dict[str, File] = getattr(page.file, "alternates", {})
    _switch_to(config, {language: file.url for language, file in twins.items()})
    return context


def on_template_context(
    context: TemplateContext, template_name: str, config: MkDocsConfig
) -> TemplateContext:
    """Let the switch of the 404 page lead to the start pages, not to the page rendered last."""
    i18n: Any = config.plugins["i18n"]
    start = {code: "" if code == i18n.default_language else code for code in i18n.build_languages}
    _switch_to(config, {language: f"{folder}/".lstrip("/") for language, folder in start.items()})
    return context


def on_post_template(output: str, template_name: str, config: MkDocsConfig) -> str:
    """Keep the 404 page of the first build: there is one for both languages, at the root."""
    i18n: Any = config.plugins["i18n"]
    repeated = template_name == "404.html" and i18n.current_language != i18n.default_language
    return "" if repeated else output  # MkDocs writes no empty file


def _switch_to(config: MkDocsConfig, urls: dict[str, str]) -> None:
    # The attribute, not the key: static-i18n sets it page by page, and templates see it first.
    extra: Any = config.extra
    extra.alternate = [
        {**alternate, "link": urls.get(alternate["lang"], alternate["link"])}
        for alternate in extra["alternate"]
    ]
