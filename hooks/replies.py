"""MkDocs hook: the error decoder, drawn from minipop's own replies and from docs/replies.yml.

- ``<!-- replies search -->``: the place of the search box, which docs/assets/replies.js fills in;
- ``<!-- replies refused -->``, ``accepted``, ``asked``, ``silent``: the entries of one section.

The texts, who sends them and on whose word come from the editions; what a reply means, from the
explanations of transcripts, so that a page and a transcript never say different things. The file holds what
is in neither: causes and remedies, and what real servers were seen to say and minipop does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url
from mkdocs.utils.yaml import yaml_load

from hooks import sources
from minipop.exchange import DEFAULT, EDITIONS
from minipop.exchange.sources import Evidence, Fact, Source
from minipop.protocol import ReplyName
from minipop.protocol.sasl import challenge_line
from minipop.wire.explain import texts

DATA = "replies.yml"
SCRIPT = "assets/replies.js"

#: The status word of each section's replies.
STATUS = {"refused": "-ERR", "accepted": "+OK", "asked": "", "silent": ""}

WORDS: dict[str, dict[str, str]] = {
    "de": {
        "after": "Antwort auf {}",
        "connect": "das Verbinden",
        "meaning": "Bedeutung",
        "cause": "Ursachen",
        "remedy": "Abhilfe",
        "when": "Wann",
        "next": "Was nun",
        "head": "| Wortlaut | Wer | Beleg | Quelle |",
        "silence": "(nichts: Die Verbindung endet)",
        "space": "`+` und ein Leerzeichen",
        "label": "Antwort einfügen oder Stichwort eingeben",
        "all": "{} Antworten, alle sichtbar.",
        "many": "{} Antworten passen.",
        "one": "Eine Antwort passt.",
        "none": "Keine Antwort passt. Weniger Wörter finden mehr.",
        "noscript": "Ohne JavaScript gibt es hier kein Suchfeld; die Suche des Browsers findet alles.",
        "measured": "gemessen",
        "re-enacted": "nachgestellt",
        "invented": "*erfunden*",
        "narrated": "erzählt",
    },
    "en": {
        "after": "Answers {}",
        "connect": "the connection",
        "meaning": "Meaning",
        "cause": "Causes",
        "remedy": "Remedy",
        "when": "When",
        "next": "What next",
        "head": "| wording | who | evidence | source |",
        "silence": "(nothing: the connection ends)",
        "space": "`+` and a space",
        "label": "Paste a reply, or type a keyword",
        "all": "{} replies, all of them shown.",
        "many": "{} replies match.",
        "one": "One reply matches.",
        "none": "No reply matches. Fewer words find more.",
        "noscript": "Without JavaScript there is no search box here; the browser's own finds it all.",
        "measured": "measured",
        "re-enacted": "re-enacted",
        "invented": "*invented*",
        "narrated": "narrated",
    },
}

_MARK = re.compile(r"^<!-- replies (?P<what>search|refused|accepted|asked|silent) -->$", re.MULTILINE)

#: What the file says of one reply.
Entry = dict[str, Any]


class Row(NamedTuple):
    """A wording: who sends it, and on whose word."""

    text: str
    who: str
    kind: Evidence
    source: str


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill in the marks of the page."""
    if not _MARK.search(markdown):
        return markdown
    lang = str(page.file.locale)  # type: ignore[attr-defined]  # set by mkdocs-static-i18n
    known = load(Path(config.docs_dir) / DATA)

    def mark(found: re.Match[str]) -> str:
        what = found["what"]
        if what == "search":
            return _place(get_relative_url(SCRIPT, page.url), lang)
        titles = {name: _title(name, entry, STATUS[what]) for name, entry in known[what].items()}
        often = {title for title in titles.values() if list(titles.values()).count(title) > 1}
        return "\n\n".join(
            _entry(name, entry, what, lang, titles[name], alone=titles[name] not in often)
            for name, entry in known[what].items()
        )

    return _MARK.sub(mark, markdown)


def load(path: Path) -> dict[str, dict[str, Entry]]:
    """Return the entries of the file by section and name; what is told cites its source in both languages."""
    with path.open(encoding="utf-8") as file:
        known: dict[str, dict[str, Entry]] = yaml_load(file)
    for told in (told for section in known.values() for e in section.values() for told in e.get("told", ())):
        told["source"] = {lang: sources.cite(told["source"], lang) for lang in ("de", "en")}
    return known


def sent(name: str) -> Iterator[tuple[str, Fact[str]]]:
    """Yield which editions of minipop send a reply, with its text and the source of that.

    Args:
        name: a `ReplyName`, or ``challenge``.
    """
    for edition in EDITIONS.values():
        if name == "challenge":
            prompt = edition.ntlm_prompt if "NTLM" in edition.accepted.value else Fact("", Source.PROXY_244)
            prompt = Fact("", Source.OWN) if edition.name == "rfc" else prompt
            yield edition.name, Fact(challenge_line(prompt.value or b"").decode().strip(), prompt.source)
        elif text := edition.texts.get(ReplyName[name.upper()]):
            yield edition.name, text


def _rows(name: str, entry: Entry, status: str, lang: str) -> list[Row]:
    """Return the wordings of a reply; neighbours that agree in text and source share one."""
    if "told" in entry:
        return [
            Row(told["text"], told["by"][lang], Evidence(told.get("kind", "narrated")), told["source"][lang])
            for told in entry["told"]
        ]
    runs: list[tuple[list[str], Fact[str]]] = []
    for edition, fact in sent(name):
        if runs and runs[-1][1] == fact:
            runs[-1][0].append(edition)
        else:
            runs.append(([edition], fact))
    return [
        Row(f"{status} {fact.value}".strip(), _span(names), fact.source.kind, _source(fact, lang))
        for names, fact in runs
    ]


def _title(name: str, entry: Entry, status: str) -> str:
    """Return the wording that stands above an entry: that of the default edition, if it sends the reply."""
    if "told" in entry:
        return str(entry["told"][0]["text"])
    found = dict(sent(name))
    return f"{status} {found.get(DEFAULT, next(iter(found.values()))).value}".strip()


def _entry(name: str, entry: Entry, section: str, lang: str, title: str, *, alone: bool) -> str:
    """Draw one reply; where it is not alone with its title, that names the commands as well."""
    words, said = WORDS[lang], entry[lang]
    rows = _rows(name, entry, STATUS[section], lang)
    commands = [f"[`{verb}`](commands.md#{verb.lower()})" for verb in entry.get("after", ())]
    heading = _line(title, words) + ("" if alone else f" ({', '.join(entry['after'])})")
    good = section != "refused" and section != "silent"
    meaning = said.get("meaning") or texts(lang)["replies"][name]
    parts = [
        '<section class="reply" markdown>',
        f"### {heading} {{#reply-{name.replace('_', '-')}}}",
        words["after"].format(", ".join(commands) or words["connect"]) if "after" in entry else "",
        _definition(words["meaning"], meaning),
        _definition(words["when" if good else "cause"], said["cause"]),
        _definition(words["next" if good else "remedy"], said["remedy"]),
        "\n".join(
            [
                words["head"],
                "| --- | --- | --- | --- |",
                *(
                    f"| {_line(row.text, words)} | {row.who} | {words[row.kind.value]} | {row.source} |"
                    for row in rows
                ),
            ]
        ),
        "</section>",
    ]
    return "\n\n".join(part for part in parts if part)


def _definition(term: str, text: str) -> str:
    return f"{term}\n:   " + text.strip().replace("\n", "\n    ")


def _line(text: str, words: dict[str, str]) -> str:
    if not text:
        return words["silence"]
    return words["space"] if text == "+" else f"`{text}`"


def _span(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} – {names[-1]}"


def _source(fact: Fact[str], lang: str) -> str:
    if fact.source is Source.OWN:
        return "minipop"
    return "–" if fact.source.kind is Evidence.INVENTED else sources.cite(fact.source, lang)


def _place(script: str, lang: str) -> str:
    """Return the place of the search box: without the script there is no box that does nothing."""
    said = " ".join(
        f'data-{name}="{escape(WORDS[lang][name])}"' for name in ("label", "all", "many", "one", "none")
    )
    aside = f"<noscript><p>{WORDS[lang]['noscript']}</p></noscript>"
    return f'<div id="reply-search" {said}>{aside}</div>\n<script src="{script}" defer></script>'
