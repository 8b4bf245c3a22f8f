"""The error decoder, reference/replies: what servers and programs say, what it means and what to do.

Texts, senders and patterns come from `minipop.explain`, which the command of that name uses as well; what
a reply means, from the list by which transcripts explain their lines. So a page, a transcript and the command
never say different things.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from pathlib import Path

from minipop.exchange import DEFAULT, EDITIONS
from minipop.exchange.sources import Evidence
from minipop.explain.catalogue import CHALLENGE, as_json, on_record, sent
from minipop.protocol import ReplyName
from website import kinds, sources
from website.data import Problem, Text, read
from website.marks import Context, mark
from website.pages import terminal
from website.tables import neighbours, span, table
from website.words import Section

NAME = "src/minipop/wire/replies.toml"
PRESETS = "docs/presets.yml"
PROGRAMS = "src/minipop/explain/clients.toml"
SCRIPT = "assets/replies.js"
PATTERNS = "assets/patterns.js"

#: The sections, and the status word of what minipop's editions send in them.
_STATUS = {
    "refused": "-ERR",
    "assumed": "-ERR",
    "clients": "",
    "elsewhere": "",
    "log": "",
    "silent": "",
    "accepted": "+OK",
    "asked": "",
}

#: Sections of what is as it should be: what is told of their replies has other headings.
_GOOD = ("accepted", "asked")

#: The source of what is told from our own knowledge alone.
_OWN = "own-knowledge"


@dataclass(frozen=True)
class Said:
    """What is said of a reply in one language."""

    meaning: str
    cause: str
    remedy: str
    title: str = ""


@dataclass(frozen=True)
class Told:
    """A wording that a real server or a program was seen to send."""

    text: str
    by: Text
    source: str
    kind: Evidence = Evidence.CITED

    @property
    def evidence(self) -> Evidence:
        """The kind of evidence: what rests on our own knowledge alone is none."""
        return Evidence.ASSUMED if self.source == _OWN else self.kind


@dataclass(frozen=True)
class Reply:
    """An entry; the heads of the files say what each key means."""

    de: Said
    en: Said
    after: list[str] | None = None
    find: list[str] = field(default_factory=list)
    see: list[str] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    among: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    unless: list[str] = field(default_factory=list)
    section: str = ""
    told: list[Told] = field(default_factory=list)

    def said(self, lang: str) -> Said:
        """Return what is said of it in a language."""
        return self.de if lang == "de" else self.en


def load(root: Path) -> dict[str, dict[str, Reply]]:
    """Return the entries by section and name.

    Args:
        root: the project's folder.

    Raises:
        Problem: the entries are not those of minipop's replies.
    """
    known = read(root, NAME, dict[str, Reply])
    drawn = {name for name, reply in known.items() if not reply.told}
    if missing := {*ReplyName, CHALLENGE} - drawn:
        raise Problem(f"{NAME}: no entry {', '.join(sorted(missing))}; write it there")
    if surplus := drawn - {*ReplyName, CHALLENGE}:
        raise Problem(
            f"{NAME}: {', '.join(sorted(surplus))}: minipop has no such reply; "
            "write it in src/minipop/protocol/replies.py, or who sends it (told)"
        )
    programs = read(root, PROGRAMS, dict[str, Reply])
    if silent := [name for name, reply in programs.items() if not reply.told]:
        raise Problem(f"{PROGRAMS}: {', '.join(silent)}: write who says it, as told")
    known = known | programs
    for name, reply in known.items():
        if unknown := {*reply.see, *reply.among, *reply.unless} - known.keys():
            raise Problem(
                f"{name}: see, among or unless names {', '.join(sorted(unknown))}, which is no entry"
            )
    return {
        section: {name: reply for name, reply in known.items() if _section(name, reply) == section}
        for section in _STATUS
    }


def _section(name: str, reply: Reply) -> str:
    """Return the section in which an entry stands: as it says itself, or by status word and evidence."""
    if reply.section or name == CHALLENGE:
        return reply.section or "asked"
    if reply.told and not reply.told[0].text:
        return "silent"
    text = reply.told[0].text if reply.told else ReplyName[name.upper()].status
    if text.startswith("+OK"):
        return "accepted"
    return "refused" if on_record(name) else "assumed"


# -- the page -------------------------------------------------------------------------------------------


def patterns() -> str:
    """Return the module that the script takes the patterns from; both languages share it."""
    return f"export const known = {as_json()};\n"


@mark("replies search")
def search(context: Context) -> str:
    """Draw the place of the box; the script makes the box, which needs it."""
    words = context.words("replies")
    said = " ".join(
        f'data-{name}="{escape(words[name])}"'
        for name in ("label", "all", "many", "one", "none", "best", "line", "unknown", "more")
    )
    aside = f"<noscript><p>{words['noscript']}</p></noscript>"
    script = posixpath.relpath(SCRIPT, context.url or ".")
    return f'<div id="reply-search" {said}>{aside}</div>\n<script src="{script}" type="module"></script>'


@mark("replies")
def replies(context: Context, section: str) -> str:
    """Draw a section; their names are those of `_STATUS`."""
    if section not in _STATUS:
        raise Problem(f"no section {section}; there are {', '.join(_STATUS)}")
    known = load(context.root)
    titles = {
        name: reply.said(context.lang).title or _title(name, reply, _STATUS[each])
        for each, replies in known.items()
        for name, reply in replies.items()
    }
    often = {title for title, count in Counter(titles.values()).items() if count > 1}
    return "\n\n".join(
        _entry(name, reply, section, titles[name], context, alone=titles[name] not in often)
        for name, reply in known[section].items()
    )


def _evidence(name: str, reply: Reply, section: str, context: Context) -> Iterator[str]:
    """Draw wordings, who sends each, and on whose word; neighbouring editions that agree share one.

    The sources of what editions send stand in the table of editions, which is linked.
    """
    lang, words = context.lang, context.words("replies")
    if reply.told:
        cite = sources.load(context.root).cite
        yield table(
            words["head"],
            _merged(
                (_line(one.text, words), one.by[lang], kinds.span(one.evidence, lang), cite(one.source, lang))
                for one in reply.told
            ),
        )
        return
    rows = []
    for names, fact in neighbours(sent(name)):
        text = f"{_STATUS[section]} {fact.value}".strip()
        rows.append((_line(text, words), span(names), kinds.span(fact.source.kind, lang)))
    yield table(words["head"].rpartition(" | ")[0], _merged(rows))
    if name == CHALLENGE:
        yield words["sources"].format("editions.md#ntlm-prompt")
    elif any(ReplyName[name.upper()] in edition.replies for edition in EDITIONS.values()):
        yield words["sources"].format(f"editions.md#reply-{name.replace('_', '-')}")


def _merged(rows: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Write a wording once: what is said of it in rows that follow each other stands below each other."""
    return [
        (text, *map("<br>".join, zip(*(others for _, *others in same), strict=True)))
        for text, same in groupby(rows, lambda row: row[0])
    ]


def _title(name: str, reply: Reply, status: str) -> str:
    """Return the wording that stands above an entry: that of the default edition, if it sends the reply."""
    if reply.told:
        return reply.told[0].text
    found = dict(sent(name))
    if not found:
        raise Problem(f"{NAME}: [{name}]: after: no edition has {', '.join(reply.after or ())}")
    return f"{status} {found.get(DEFAULT, next(iter(found.values()))).value}".strip()


def _entry(name: str, reply: Reply, section: str, title: str, context: Context, *, alone: bool) -> str:
    """Draw one reply; where it is not alone with its title, that names the commands as well."""
    words, said = context.words("replies"), reply.said(context.lang)
    after = reply.after or ()
    commands = ", ".join(f"[`{verb}`](commands.md#{verb.lower()})" for verb in after)
    heading = said.title or _line(title, words) + ("" if alone else f" ({', '.join(after)})")
    answers = "" if reply.after is None else words["after"].format(commands or words["connect"])
    bad = section not in _GOOD
    parts = [
        '<section class="reply" markdown>',
        f"### {heading} {{#reply-{name.replace('_', '-')}}}",
        " ".join(filter(None, (answers, _ending(name, words)))),
        _definition(words["meaning"], said.meaning),
        _definition(words["cause" if bad else "when"], said.cause),
        _definition(words["remedy" if bad else "next"], said.remedy),
        _try_it(name, context),
        f'<details class="evidence" markdown>\n<summary>{words["evidence"]}</summary>',
        *_evidence(name, reply, section, context),
        "</details>",
        "</section>",
    ]
    return "\n\n".join(part for part in parts if part)


def _try_it(name: str, context: Context) -> str:
    """Link the terminal, where a reader can get that reply."""
    presets = read(context.root, PRESETS, dict[str, str])
    return terminal.try_it(presets[name], context) if name in presets else ""


def _ending(name: str, words: Section) -> str:
    """Say that the session is over with a reply of minipop's."""
    ends = name.upper() in ReplyName.__members__ and ReplyName[name.upper()].ends
    return words["ends"] if ends else ""


def _definition(term: str, text: str) -> str:
    return f"{term}\n:   " + text.strip().replace("\n", "\n    ")


def _line(text: str, words: Section) -> str:
    if not text:
        return words["silence"]
    return words["space"] if text == "+" else f"`{text}`"
