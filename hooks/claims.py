"""MkDocs hook: what the article claims and what holds today, drawn from docs/claims.yml and docs/article.yml.

What an author can write in a page:

- ``<!-- claim C27 -->`` or ``<!-- claims C27 C28 -->``: the claims themselves, each a box with the anchor
  ``#c27``. Every claim has its place on one page, the same in both languages;
- ``<!-- claims table C04 C36 -->``: a short table of some claims, each linked to its box;
- ``<!-- claims count -->``, ``<!-- claims list -->``: how many claims have which verdict, and all of them;
- ``<!-- article -->``: the article's headings and paragraphs, numbered, each with the claims it makes.

The data are checked while the site is built (`problems`); the first thing that is wrong stops it.
"""

from __future__ import annotations

import functools
import itertools
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from hooks import sources
from hooks.claim_data import (
    KINDS,
    MARK,
    VERDICTS,
    Data,
    evidence_of,
    file_of,
    problems,
    read,
    verdicts,
)

WORDS = {
    "de": {
        "says": "Der Artikel",
        "today": "Heute",
        "background": "Der Artikel sagt davon nichts",
        "evidence": "Beleg",
        "sources": "Quelle",
        "lesson": "Lektion {}",
        "test": "Test",
        "table": "| Der Artikel sagt | Heute gilt | Urteil |",
        "list": "| | Aussage | Urteil | Beleg |",
        "count": "| Urteil | Aussagen |",
        "article": "| Nr. | Worum es geht | Aussagen |",
    },
    "en": {
        "says": "The article",
        "today": "Today",
        "background": "The article does not mention it",
        "evidence": "Evidence",
        "sources": "Source",
        "lesson": "lesson {}",
        "test": "test",
        "table": "| the article says | today | verdict |",
        "list": "| | claim | verdict | evidence |",
        "count": "| verdict | claims |",
        "article": "| no. | what it is about | claims |",
    },
}

_LESSON = re.compile(r"learn/(?P<number>\d\d)-")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Read the data anew for each build."""
    _data.cache_clear()
    return config


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill in the marks of a page."""
    if not MARK.search(markdown):
        return markdown
    lang = str(page.file.locale)  # type: ignore[attr-defined]  # set by mkdocs-static-i18n
    root = Path(config.config_file_path).parent
    here = page.file.src_uri.removeprefix(f"{lang}/")
    writer = Writer(_data(root), root, lang, posixpath.dirname(here))

    def fill(found: re.Match[str]) -> str:
        words = (found["what"] or "article").split()
        match words:
            case ["article"]:
                return "\n\n".join(writer.article())
            case ["count"]:
                return writer.count()
            case ["list"]:
                return writer.list()
            case ["table", *names]:
                return writer.table(names)
            case names:
                return "\n\n".join(['<div class="claims" markdown>', *map(writer.box, names), "</div>"])

    return MARK.sub(fill, markdown)


@functools.cache
def _data(root: Path) -> Data:
    data = read(root)
    if found := next(problems(data, root), None):
        raise PluginError(f"docs/claims.yml: {found}")
    return data


@dataclass(frozen=True)
class Writer:
    """Writes claims as Markdown.

    Args:
        data: the claims.
        root: the project's folder.
        lang: the reader's language.
        folder: where the page lies that they are written for, below the language.
    """

    data: Data
    root: Path
    lang: str
    folder: str

    def box(self, name: str) -> str:
        """Write one claim in full."""
        claim, words = self.data.claims[name], WORDS[self.lang]
        said = f"{words['says']}\n:   {self._text(claim['says'])}" if "says" in claim else ""
        cited = (sources.cite(source, self.lang) for source in claim["sources"])
        facts = [
            said or f"{words['says']}\n:   {words['background']}.",
            f"{words['today']}\n:   {self._text(claim['today'])}",
            f"{words['evidence']}\n:   {self._evidence(claim)}",
            f"{words['sources']}\n:   {'; '.join(cited)}",
        ]
        head = f"[{name}](#{name.lower()}) **{claim['about'][self.lang]}** {self.verdict(claim)}"
        return "\n\n".join([f'<div class="claim" id="{name.lower()}" markdown>', head, *facts, "</div>"])

    def table(self, names: Iterable[str]) -> str:
        """Write some claims in short."""
        rows = [
            f"| {self._text(c['says'])} | {self._text(c['today'])} {self.link(name)} | {self.verdict(c)} |"
            for name in names
            for c in [self.data.claims[name]]
        ]
        return "\n".join([WORDS[self.lang]["table"], "| --- " * 3 + "|", *rows])

    def list(self) -> str:
        """Write all claims, a line for each."""
        rows = [
            [self.link(name), c["about"][self.lang], self.verdict(c), self._evidence(c, short=True)]
            for name, c in self.data.claims.items()
        ]
        lines = [f"| {' | '.join(row)} |" for row in rows]
        return "\n".join([WORDS[self.lang]["list"], "| --- " * 4 + "|", *lines])

    def count(self) -> str:
        """Write how many claims have which verdict; one with two counts with the first."""
        first = Counter(next(iter(verdicts(claim).values())) for claim in self.data.claims.values())
        rows = [
            f"| {_badge(v, words[self.lang])} | {first[v]} |" for v, words in VERDICTS.items() if first[v]
        ]
        return "\n".join([WORDS[self.lang]["count"], "| --- | ---: |", *rows])

    def article(self) -> Iterator[str]:
        """Write the article's headings and paragraphs with the claims that each makes."""
        numbers = itertools.count(1)
        for heading in self.data.headings:
            yield f"### {heading['title'][self.lang]} {{#{heading['id']}}}"
            rows = []
            for paragraph in heading["paragraphs"]:
                links = f'<span class="claim-links">{" ".join(map(self.link, paragraph["claims"]))}</span>'
                rows.append(f"| {next(numbers)} | {paragraph['about'][self.lang]} | {links} |")
            yield "\n".join([WORDS[self.lang]["article"], "| ---: | --- | --- |", *rows])

    def link(self, name: str) -> str:
        """Link a claim to its box."""
        page = self.data.places[self.lang][name][0]
        return f"[{name}]({posixpath.relpath(f'{page}.md', self.folder or '.')}#{name.lower()})"

    def verdict(self, claim: Mapping[str, Any]) -> str:
        """Write the verdict, with the editions that it is for where there is more than one."""
        return ", ".join(
            f"{_badge(verdict, VERDICTS[verdict][self.lang])}{f' ({editions})' if editions else ''}"
            for editions, verdict in verdicts(claim).items()
        )

    def _evidence(self, claim: Mapping[str, Any], *, short: bool = False) -> str:
        """Write the evidence, kind by kind with the places that show it; in short, a test is only a word."""
        places: dict[str, list[str]] = {}
        for kind, place in evidence_of(claim):
            shown = places.setdefault(KINDS[kind][self.lang], [])
            if place and (written := self._place(place, short=short)) not in shown:
                shown.append(written)
        return ", ".join(f"{kind} ({', '.join(at)})" if at else kind for kind, at in places.items())

    def _place(self, place: str, *, short: bool) -> str:
        words = WORDS[self.lang]
        if place.startswith("tests/"):
            return words["test"] if short else f"{words['test']} `{place}`"
        page, _, anchor = place.partition("#")
        file = file_of(self.root, self.lang, page)
        target = f"{page}{file.suffix}" + (f"#{anchor}" if anchor else "")
        lesson = _LESSON.match(page)
        title = words["lesson"].format(lesson["number"]) if lesson else _title(self.root / file)
        return f"[{title}]({posixpath.relpath(target, self.folder or '.')})"

    def _text(self, text: str | Mapping[str, str]) -> str:
        one = text if isinstance(text, str) else text[self.lang]
        return " ".join(one.split())


def _badge(verdict: str, words: str) -> str:
    return f'<span class="verdict verdict-{verdict}">{words}</span>'


@functools.cache
def _title(path: Path) -> str:
    return next(line[2:] for line in path.read_text("utf-8").splitlines() if line.startswith("# "))
