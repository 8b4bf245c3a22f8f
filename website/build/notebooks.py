"""The notebooks in notebooks/<language>/ are the pages of learn/.

mkdocs-jupyter renders them, but beside mkdocs-static-i18n it would publish the notebook's JSON as the page,
and what it renders weighs 600 KB with the styles of JupyterLab. So

- each notebook is added to the files of the language that is built, and
- the rendered page is rewritten with the markup Material styles: about 30 KB.

What an author can rely on:

- Links are relative to the notebook's real place, so they work in JupyterLab too:
  `[RETR](../../docs/de/reference/commands.md#retr)`.
- `<a id="log-on"></a>` before a heading gives the heading that id, in both languages the same.
- An image has a text: `Image(…, alt=…)`, or the line `# alt: The states of a session` in its cell.
- A figure has a cell of its own: see pictures.py.
- A cell's tags say what the page folds: the code of `setup` and `proof`, the output of `predict`. JupyterLab
  hides the same, because a run stores it so: see lessons.py. What resolves a `predict` is a text cell that
  stands in `<details class="answer">` as a whole. A `<details>` of a text without a class is a solution.
"""

from __future__ import annotations

import html
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Comment, Tag
from markdown.extensions.toc import nest_toc_tokens
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import get_toc

from website.build import pictures, runnable
from website.marks import Context, draw
from website.pages import downloads, support
from website.words import words

log = logging.getLogger("mkdocs.website.notebooks")  # below "mkdocs": a strict build counts these

SECTION = "learn"  # notebooks/de/01-first-session.ipynb is the page learn/01-first-session/
#: The tags of cells whose code is folded; that of `predict` folds the output.
FOLDED_CODE = ("setup", "proof")
HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
# Names and spaces have no colour of their own in Material, punctuation and operators a paler one: their spans
# would be a quarter of a page.
PLAIN_TOKENS = "span:not([class]), span.n, span.w, span.p, span.o"


class NotebookFile(File):
    """A file of notebooks/<language>/, with what mkdocs-static-i18n notes on the files it makes."""

    def __init__(self, config: MkDocsConfig, language: str, source: Path) -> None:
        i18n: Any = config.plugins["i18n"]
        super().__init__(
            f"{language}/{SECTION}/{source.name}", None, config.site_dir, config.use_directory_urls
        )
        if language == i18n.default_language:
            self.dest_uri = self.dest_uri.removeprefix(f"{language}/")
        self.abs_src_path = str(source)
        self.edit_uri = Path(os.path.relpath(source, config.docs_dir)).as_posix()
        self.norm_src_uri = f"{SECTION}/{source.name}"
        self.locale = self.locale_alternate_of = self.localization = language
        self.alternates: dict[str, File] = {language: self}

    def is_documentation_page(self) -> bool:
        """A notebook is a page; MkDocs itself knows Markdown only."""
        return True


def add(files: Files, config: MkDocsConfig, root: Path) -> Files:
    """Add the notebooks of the language that is being built.

    Args:
        files: what static-i18n has made of MkDocs' files.
        config: MkDocs' configuration.
        root: the project's folder.
    """
    i18n: Any = config.plugins["i18n"]
    here: str = i18n.current_language
    for source in sorted((root / "notebooks" / here).glob("*.ipynb")):
        file = NotebookFile(config, here, source)
        for language in i18n.build_languages:
            twin = root / "notebooks" / language / source.name
            if language != here and twin.exists():
                file.alternates[language] = NotebookFile(config, language, twin)
        files.append(file)
    i18n.i18n_files_per_language[here] = files.documentation_pages()  # read by sitemap.xml
    return files


def rewrite(content: str, page: Page, files: Files, context: Context) -> str:
    """Rewrite what mkdocs-jupyter rendered: the same content, in the markup Material styles.

    Raises:
        Problem: a figure cannot be drawn.
    """
    assert isinstance(page.file, NotebookFile)
    labels = words(page.file.locale, "notebooks")
    rendered = BeautifulSoup(content, "html.parser")
    source = Path(str(page.file.abs_src_path))
    soup = BeautifulSoup("\n".join(_blocks(rendered, labels, runnable.cells(source))), "html.parser")
    _name_headings(soup, page)
    _resolve_links(soup, page.file, files)
    for image in soup.select("img"):
        if not image.get("alt"):
            log.warning("%s: image without a text ('# alt: …' in its cell)", page.file.src_uri)
    page.present_anchor_ids = {str(tag["id"]) for tag in soup.select("[id]")}
    download = f'<a href="{Path(page.file.src_uri).name}" download>{labels["download"]}</a>'
    if install := files.get_file_from_path(f"{page.file.locale}/how-to/install.md"):
        download += f' · <a href="{install.url_relative_to(page.file)}">{labels["install"]}</a>'
    supported = support.lesson(source, page.file.locale)
    if soup.select_one("[data-cell]"):
        runnable.around(soup, source.stem, page.file.locale)
    _insert_below_title(soup, f'<p class="nb-download">{download}<br>{supported}</p>')
    # Drawn last, because the parser would write the names of SVG's attributes in small letters.
    return re.sub(r"<!-- (figure .+?) -->", lambda found: draw(found[1].split(), context), str(soup))


def publish(file: NotebookFile, config: MkDocsConfig) -> None:
    """Write the notebook that the page offers, over the copy that mkdocs-jupyter has made."""
    offered = Path(file.abs_dest_path).with_name(Path(file.src_uri).name)
    text = Path(str(file.abs_src_path)).read_text("utf-8")
    offered.write_text(downloads.portable(text, config.site_url or "/"), encoding="utf-8")


def _blocks(
    rendered: BeautifulSoup, labels: dict[str, str], cells: dict[str, runnable.Cell]
) -> Iterator[str]:
    """Yield the notebook's texts and its cells in their order, without JupyterLab's wrapping."""
    for cell in rendered.select(".jp-Cell"):
        if cell.find_parent(class_="jp-Cell"):
            continue  # mkdocs-jupyter wraps each code cell once more
        tags = [str(name).removeprefix("celltag_") for name in cell["class"]]
        parts = list(_parts(cell, tags, labels))
        named = cell if cell.get("id") else cell.select_one("[id^='cell-id=']")
        name = str(named["id"]).removeprefix("cell-id=") if named else ""
        if name in cells and cells[name].page:
            kind = next((tag for tag in runnable.KINDS if tag in tags), "")
            yield runnable.wrapped(name, cells[name], kind, "\n".join(parts))
        else:
            yield from parts


def _parts(cell: Tag, tags: list[str], labels: dict[str, str]) -> Iterator[str]:
    """Yield text, code and outputs of a cell."""
    outputs = []
    for part in cell.select(".jp-MarkdownOutput, .highlight-ipynb, .jp-OutputArea-output"):
        for block in part.select("pre"):
            _as_code(block)
        if said := _picture(part):
            yield f"<!-- {' '.join(said)} -->"
        elif "jp-MarkdownOutput" in part["class"]:
            for solution in part.select("details:not([class])"):
                solution["class"] = "solution"
            yield part.decode_contents()
        elif "highlight-ipynb" in part["class"]:
            part["class"] = "highlight"
            folded = next((tag for tag in FOLDED_CODE if tag in tags), None)
            yield _fold(folded, labels[folded], str(part)) if folded else str(part)
        else:
            outputs.append(_output(part, labels["output"]))
    if outputs and "predict" in tags:
        yield _fold("answer", labels["predict"], "\n".join(outputs))
    else:
        yield from outputs


def _output(part: Tag, label: str) -> str:
    _describe_images(part)
    for block in part.select("pre > code"):
        _mark_client(block)
    for table in part.select("table.dataframe"):
        table.attrs.clear()  # Material styles the tables that have no class
    stderr = " nb-stderr" if "stderr" in str(part.get("data-mime-type")) else ""
    return f'<div class="nb-output{stderr}" role="group" aria-label="{label}">{part.decode_contents()}</div>'


def _fold(kind: str, summary: str, content: str) -> str:
    return f'<details class="{kind}"><summary>{summary}</summary>{content}</details>'


def _picture(part: Tag) -> list[str]:
    """Return the mark that a text cell begins with, none if it is not a picture."""
    first = next((child for child in part.children if str(child).strip()), None)
    return pictures.mark_of(f"<!--{first}-->") if isinstance(first, Comment) else []


def _as_code(block: Tag) -> None:
    """Turn `<pre>…` into `<pre><code>…`: Material's style, its copy button and keyboard focus."""
    if block.code is None:
        code = Tag(name="code")
        code.extend(list(block.contents))
        block.append(code)
    for token in block.select(PLAIN_TOKENS):
        token.unwrap()


def _mark_client(output: Tag) -> None:
    """Let the client's lines of a transcript stand out, as those of a dialogue on a page do."""
    written = output.decode_contents()
    marked = re.sub(r"^C: .*$", r'<span class="client">\g<0></span>', written, flags=re.MULTILINE)
    if marked != written:
        output.clear()
        output.append(BeautifulSoup(marked, "html.parser"))


def _describe_images(output: Tag) -> None:
    """Give the images of an output the text after `# alt:` in the cell that drew them."""
    cell = output.find_parent(class_="jp-CodeCell")
    source = cell.select_one(".highlight, .highlight-ipynb") if cell else None
    found = re.search(r"^# alt: (.+)$", source.get_text(), re.MULTILINE) if source else None
    for image in output.select("img"):
        if str(image.get("alt", "")).startswith("No description"):  # nbconvert's filler
            image["alt"] = found[1] if found else ""


def _name_headings(soup: BeautifulSoup, page: Page) -> None:
    """Take over the ids the author set, and draw title and table of contents from the headings."""
    for mark in soup.select("a[id]:not([href])"):
        heading = mark.find_parent(HEADINGS) or mark.find_next(HEADINGS)
        if isinstance(heading, Tag):
            heading["id"] = mark["id"]
            paragraph = mark.find_parent("p")
            mark.extract()
            if paragraph is not None and not paragraph.contents:
                paragraph.extract()
    tokens = []
    for heading in soup.find_all(HEADINGS):
        anchor = heading.select_one("a.anchor-link")
        if anchor is None:
            continue
        anchor.extract()
        text = html.escape(heading.get_text(), quote=False)
        tokens.append({"level": int(heading.name[1]), "id": str(heading["id"]), "name": text})
        permalink = Tag(name="a", attrs={"class": "headerlink", "href": f"#{heading['id']}"})
        permalink.append("#")
        heading.append(permalink)
    if tokens and tokens[0]["level"] == 1:
        page.title = tokens[0]["name"]
    page.toc = get_toc(nest_toc_tokens(tokens))


def _resolve_links(soup: BeautifulSoup, current: File, files: Files) -> None:
    """Point links that are relative to the notebook's real place at the pages of the site."""
    by_path = {os.path.realpath(file.abs_src_path): file for file in files if file.abs_src_path}
    here = Path(str(current.abs_src_path)).parent
    for tag in soup.select("a[href], img[src]"):
        attribute = "href" if tag.name == "a" else "src"
        url = urlsplit(str(tag[attribute]))
        if url.scheme or url.netloc or not url.path:
            continue
        target = by_path.get(os.path.realpath(here / unquote(url.path)))
        if target is None:
            log.warning("%s: link target not found: %s", current.src_uri, tag[attribute])
            continue
        fragment = f"#{url.fragment}" if url.fragment else ""
        tag[attribute] = target.url_relative_to(current) + fragment


def _insert_below_title(soup: BeautifulSoup, markup: str) -> None:
    addition = BeautifulSoup(markup, "html.parser")
    if soup.h1 is not None:
        soup.h1.insert_after(addition)
    else:
        soup.insert(0, addition)
