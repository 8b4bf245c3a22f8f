"""MkDocs hook: the page about/differences, drawn from docs/differences.yml and what its test has committed.

- ``<!-- differences figures -->``: how much was compared, with which Dovecot, and when;
- ``<!-- differences table -->``: every difference, and who keeps to the RFC;
- ``<!-- differences reasons -->``: one by one, with an example, the reason and the source.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from hooks import sources

DATA = Path("docs", "differences.yml")
RECORD = Path("tests", "differential", "record.json")

WORDS = {
    "figure": ("Was", "what"),
    "value": ("Wert", "value"),
    "what": ("was gesendet wird", "what is sent"),
    "right": ("nach RFC", "by the RFC"),
    "both": ("beides", "both"),
    "minipop": ("minipop", "minipop"),
    "dovecot": ("Dovecot", "Dovecot"),
    "said": ("Zum Beispiel", "For example"),
    "answers": (
        "Antwort von minipop: {}; von Dovecot: {}. **Gemessen** in {} Sitzungen.",
        "minipop's answer: {}; Dovecot's: {}. **Measured** in {} sessions.",
    ),
    "keeps": ("Im Recht nach RFC: {} ({}).", "Right by the RFC: {} ({})."),
    "sessions": ("Sitzungen", "sessions"),
    "lines": ("Antworten, die verglichen wurden", "answers compared"),
    "found": ("Arten von Unterschieden", "kinds of differences"),
    "unlike": ("Sitzungen mit einem Unterschied", "sessions with a difference"),
    "version": ("Dovecot", "Dovecot"),
    "date": ("Stand", "as of"),
}

#: Thousands are parted as each language does.
_THOUSANDS = (".", ",")

_MARK = re.compile(r"^<!-- differences (?P<what>figures|table|reasons) -->$", re.MULTILINE)

#: An entry of the data, or the record.
Entry = dict[str, Any]


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill in the marks of the page."""
    if not _MARK.search(markdown):
        return markdown
    lang = str(page.file.locale)  # type: ignore[attr-defined]  # set by mkdocs-static-i18n
    root = Path(config.config_file_path).parent
    record = json.loads((root / RECORD).read_text("utf-8"))
    return _MARK.sub(lambda found: "\n".join(_PARTS[found["what"]](root, record, lang)), markdown)


def read(root: Path) -> dict[str, Entry]:
    """Return every difference by its name, as in docs/differences.yml.

    Args:
        root: the project's folder.
    """
    entries: dict[str, Entry] = yaml.safe_load((root / DATA).read_text("utf-8"))
    return entries


def several(value: object) -> list[Any]:
    """Return a value of the data as a list, if it is none."""
    return value if isinstance(value, list) else [value]


def _figures(root: Path, record: Entry, lang: str) -> Iterable[str]:
    at = _at(lang)
    values = {
        **{name: _number(record[name], at) for name in ("sessions", "lines", "unlike")},
        "found": len(record["found"]),
        "version": record["dovecot"],
        "date": record["date"],
    }
    yield f"| {' | '.join(WORDS[name][at] for name in ('figure', 'value'))} |\n| --- | ---: |"
    yield from (f"| {WORDS[name][at]} | {value} |" for name, value in values.items())


def _table(root: Path, record: Entry, lang: str) -> Iterable[str]:
    at = _at(lang)
    yield f"| {' | '.join(WORDS[name][at] for name in ('what', 'minipop', 'dovecot', 'right'))} |"
    yield "| --- | --- | --- | --- |"
    for name, entry in read(root).items():
        cells = [f"[{entry[lang]['sent']}](#{name})", *_answers(entry, lang), WORDS[entry["right"]][at]]
        yield f"| {' | '.join(cells)} |"


def _reasons(root: Path, record: Entry, lang: str) -> Iterable[str]:
    at = _at(lang)
    for name, entry in read(root).items():
        shown = record["found"][name]
        cited = "; ".join(sources.cite(source, lang) for source in entry["sources"])
        yield f"### {entry[lang]['sent']} {{#{name}}}\n"
        yield f"{WORDS['said'][at]}:\n\n```text"
        yield from shown["example"]
        yield "```\n"
        yield f"- {WORDS['answers'][at].format(*_answers(entry, lang), _number(shown['sessions'], at))}"
        yield f"- {WORDS['keeps'][at].format(WORDS[entry['right']][at], cited)}"
        yield f"- {entry[lang]['reason']}\n"


def _answers(entry: Entry, lang: str) -> list[str]:
    """Return what both answer: in words, or the status that the predicate names."""
    if "answers" in entry:
        return list(entry["answers"][lang])
    return [f"`{entry['when'][server]}`" for server in ("minipop", "dovecot")]


def _number(number: int, at: int) -> str:
    return f"{number:,}".replace(",", _THOUSANDS[at])


def _at(lang: str) -> int:
    return 0 if lang == "de" else 1


_PARTS: dict[str, Callable[[Path, Entry, str], Iterable[str]]] = {
    "figures": _figures,
    "table": _table,
    "reasons": _reasons,
}
