"""The one hook that MkDocs knows. Its events, in the order in which they come, and what is done at each.

MkDocs calls these functions by their names; what they do is done elsewhere. A `Problem` of what draws
becomes an error that stops the build, and so does every warning if the build is strict.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils.templates import TemplateContext

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # MkDocs loads this file by its path: Python does not know where `website` is

from website import kinds, marks
from website.build import elements, notebooks, offline, pictures, search, serve, slim, terms, translations
from website.data import Problem
from website.page import bundle
from website.pages import commands, downloads, replies, terminal
from website.records import RECORDS, path

log = logging.getLogger("mkdocs.website")  # below "mkdocs": a strict build counts its warnings


@event_priority(-150)  # after static-i18n (-100): it would drop the notebooks, or publish their JSON as pages
def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Warn of what the language lacks that is built now, and add its notebooks and what is generated."""
    i18n: Any = config.plugins["i18n"]
    lang: str = i18n.current_language
    # First, because static-i18n has filled what is missing with the German pages.
    for name in translations.missing(ROOT, lang):
        log.warning("missing translation: %s", name)
    if not config.extra.get("part_of_the_site"):  # such as some tests build, with neither marks nor src/
        if lang == i18n.default_language:  # once
            for sentence in marks.unused(ROOT):
                log.warning("%s", sentence)
        _offer(files, config)
        if lang == i18n.default_language:
            _add_the_lab(files, config)
        files.append(File.generated(config, replies.PATTERNS, content=replies.patterns()))
    return notebooks.add(files, config, ROOT)


@event_priority(-150)  # after static-i18n (-100), which takes the languages out of the menu
def on_nav(nav: Navigation, config: MkDocsConfig, files: Files) -> Navigation:
    """Keep what there is of the language now, so that `make serve` can build one page of it again."""
    i18n: Any = config.plugins["i18n"]
    serve.keep(i18n.current_language, config, files, nav)
    return nav


@event_priority(100)  # before static-i18n (50), which takes the last line's end away: lines are counted here
def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Draw the marks and dialogues of a page."""
    context = _context(page, config)
    try:
        if isinstance(page.file, notebooks.NotebookFile):
            pictures.check(Path(str(page.file.abs_src_path)), context.lang)
            return markdown
        before = page.file.content_string.count("\n") - markdown.count("\n")  # front matter
        # Dialogues last: to name a mark's line, every line has to be where the author has put it.
        drawn = kinds.fill(marks.fill(markdown, context, before), context.lang)
        return commands.fill_dialogues(terminal.fill(drawn, context), context)
    except Problem as problem:
        raise PluginError(str(problem)) from problem


def on_page_content(content: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Rewrite what mkdocs-jupyter has made of a notebook, and link the terms of the glossary."""
    context = _context(page, config)
    try:
        if isinstance(page.file, notebooks.NotebookFile):
            content = notebooks.rewrite(content, page, files, context)
        if not (glossary := files.get_file_from_path(f"{context.lang}/reference/glossary.md")):
            return content
        return terms.link(content, ROOT, context.lang, context.page, glossary.url_relative_to(page.file))
    except Problem as problem:
        raise PluginError(f"{page.file.src_uri}: {problem}") from problem


@event_priority(-100)  # after static-i18n (50), which links the twins of all pages but the start page
def on_page_context(
    context: TemplateContext, page: Page, config: MkDocsConfig, nav: Navigation
) -> TemplateContext:
    """Link each page to its twin relatively, so that the site works under any path."""
    twins: dict[str, File] = getattr(page.file, "alternates", {})
    _switch_to(config, {lang: file.url for lang, file in twins.items()})
    return context


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Let a page name its Lab and the index of its language, slim its frame, and publish a lesson."""
    if isinstance(page.file, notebooks.NotebookFile):
        notebooks.publish(page.file, config)
    if not config.extra.get("part_of_the_site"):
        output = elements.add(output, ROOT, page.url)
    # Slim last: the index's address is found by how Material writes it, line ends included.
    return slim.slim(search.rebase(output, _language(page), page.file.dest_uri))


def on_template_context(
    context: TemplateContext, template_name: str, config: MkDocsConfig
) -> TemplateContext:
    """Let the switch of the 404 page lead to the start pages, not to the page rendered last."""
    _switch_to(config, translations.starts())
    return context


def on_post_template(output: str, template_name: str, config: MkDocsConfig) -> str:
    """Keep the 404 page of the first build: there is one for both languages, at the root."""
    i18n: Any = config.plugins["i18n"]
    repeated = template_name == "404.html" and i18n.current_language != i18n.default_language
    return "" if repeated else output  # MkDocs writes no empty file


@event_priority(-200)  # after the search plugin (0) and static-i18n (-100) have written their index
def on_post_build(config: MkDocsConfig) -> None:
    """Give each language a search index of its own, which waits for a search; then list all files."""
    try:
        search.wait(Path(config.site_dir))
        search.split(Path(config.site_dir), ROOT, part=bool(config.extra.get("part_of_the_site")))
        i18n: Any = config.plugins["i18n"]
        if not i18n.building and not config.extra.get("part_of_the_site"):
            offline.write(Path(config.site_dir), ROOT)
    except Problem as problem:
        raise PluginError(str(problem)) from problem


def on_serve(server: LiveReloadServer, config: MkDocsConfig, builder: Callable[[], None]) -> LiveReloadServer:
    """Watch the records, too, and build no more than has changed."""
    records = [ROOT / path(name) for name in RECORDS]
    return serve.watch(server, config, [file for file in records if file.is_file()])


def _offer(files: Files, config: MkDocsConfig) -> None:
    """Add the files for download."""
    try:
        for file in downloads.offered(ROOT, config.site_url or "/"):
            files.append(File.generated(config, f"{downloads.FOLDER}/{file.name}", content=file.content))
    except Problem as problem:
        raise PluginError(str(problem)) from problem


def _add_the_lab(files: Files, config: MkDocsConfig) -> None:
    """Add what the Lab in the page runs on, once for both languages."""
    try:
        lab = bundle.build(ROOT)
    except Problem as problem:
        raise PluginError(str(problem)) from problem
    for name, content in lab.files.items():
        files.append(File.generated(config, f"{bundle.FOLDER}/{lab.version}/{name}", content=content))


def _language(page: Page) -> str:
    return str(page.file.locale)  # type: ignore[attr-defined]  # set by mkdocs-static-i18n


def _context(page: Page, config: MkDocsConfig) -> marks.Context:
    lang = _language(page)
    name = page.file.src_uri.removeprefix(f"{lang}/")
    site, repository = config.site_url or "/", config.extra.get("repository") or ""
    return marks.Context(lang, ROOT, name, page.url, site, repository)


def _switch_to(config: MkDocsConfig, urls: dict[str, str]) -> None:
    """Let the language switch lead to addresses, by language."""
    # The attribute, not the key: static-i18n sets it page by page, and templates see it first.
    extra: Any = config.extra
    extra.alternate = [
        {**alternate, "link": urls.get(alternate["lang"], alternate["link"])}
        for alternate in extra["alternate"]
    ]
