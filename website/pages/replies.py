"""The error decoder, reference/replies: what servers and programs say, what it means and what to do.

Texts and patterns come from `minipop.explain`, which the command of that name uses as well; what a reply
means, from the list by which transcripts explain their lines. So a page, a transcript and the command never
say different things. Who says it, and on whose word, is drawn on a page of its own, reference/wordings,
because all of it together is more than one page should weigh.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import NamedTuple

from minipop.exchange import DEFAULT
from minipop.exchange.sources import Evidence
from minipop.explain.catalogue import CHALLENGE, on_record, sent
from minipop.protocol import ReplyName
from website.data import Problem, Text, read
from website.marks import Context, mark
from website.pages import terminal
from website.words import Section

NAME = "src/minipop/wire/replies.toml"
PRESETS = "docs/presets.yml"
PROGRAMS = "src/minipop/explain/clients.toml"
SCRIPT = "assets/replies.js"


class Part(NamedTuple):
    """A section of the page.

    Args:
        status: the status word of what minipop's editions send in it.
        cause: the word above the cause of an entry.
        remedy: the word above what to do.
        rest: which of cause and remedy stand with the wordings instead, because few readers need them.
        wordings: the words of the link to the wordings.
    """

    status: str = ""
    cause: str = "cause"
    remedy: str = "remedy"
    rest: tuple[str, ...] = ()
    wordings: str = "wordings"


#: What is as it should be has no causes, and nothing to mend.
_GOOD = Part("+OK", "when", "next", rest=("cause", "remedy"), wordings="details_and_wordings")

SECTIONS = {
    "refused": Part("-ERR"),
    "assumed": Part("-ERR", rest=("cause",), wordings="causes_and_wordings"),
    "clients": Part(),
    "elsewhere": Part(),
    "log": Part(),
    "silent": Part(),
    "accepted": _GOOD,
    "asked": _GOOD._replace(status=""),
}

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
        for section in SECTIONS
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


@mark("replies search")
def search(context: Context) -> str:
    """Draw the place of the box; the script makes the box, which needs it."""
    words = context.words("replies")
    said = " ".join(
        f'data-{name}="{escape(words[name])}"'
        for name in ("label", "all", "many", "one", "none", "best", "line", "unknown", "more")
    )
    aside = f"<noscript><p>{words['noscript'].format('../wordings/')}</p></noscript>"
    script = posixpath.relpath(SCRIPT, context.url or ".")
    return f'<div id="reply-search" {said}>{aside}</div>\n<script src="{script}" type="module"></script>'


@mark("replies")
def replies(context: Context, section: str) -> str:
    """Draw a section; their names are those of `SECTIONS`."""
    return "\n\n".join(
        _entry(name, reply, title, section, context) for name, reply, title in titled(context, section)
    )


def titled(context: Context, section: str) -> list[tuple[str, Reply, str]]:
    """Return the entries of a section, each with name and heading.

    Raises:
        Problem: there is no such section.
    """
    if section not in SECTIONS:
        raise Problem(f"no section {section}; there are {', '.join(SECTIONS)}")
    known, titles = load(context.root), headings(context)
    return [(name, reply, titles[name]) for name, reply in known[section].items()]


def headings(context: Context) -> dict[str, str]:
    """Return what stands above each entry: its title or wording, with the commands if others say the same."""
    known, words = load(context.root), context.words("replies")
    titles = {
        name: reply.said(context.lang).title or _title(name, reply, SECTIONS[each].status)
        for each, replies in known.items()
        for name, reply in replies.items()
    }
    often = {title for title, count in Counter(titles.values()).items() if count > 1}

    def heading(name: str, reply: Reply) -> str:
        if said := reply.said(context.lang).title:
            return said
        commands = f" ({', '.join(reply.after or ())})" if titles[name] in often else ""
        return line(titles[name], words) + commands

    return {name: heading(name, reply) for replies in known.values() for name, reply in replies.items()}


def _title(name: str, reply: Reply, status: str) -> str:
    """Return the wording that stands above an entry: that of the default edition, if it sends the reply."""
    if reply.told:
        return reply.told[0].text
    found = dict(sent(name))
    if not found:
        raise Problem(f"{NAME}: [{name}]: after: no edition has {', '.join(reply.after or ())}")
    return f"{status} {found.get(DEFAULT, next(iter(found.values()))).value}".strip()


def _entry(name: str, reply: Reply, heading: str, section: str, context: Context) -> str:
    """Draw one reply; what else there is to it is linked."""
    words, part = context.words("replies"), SECTIONS[section]
    commands = ", ".join(f"[`{verb}`](commands.md#{verb.lower()})" for verb in reply.after or ())
    answers = "" if reply.after is None else words["after"].format(commands or words["connect"])
    more = f"[{words[part.wordings]}](wordings.md#{anchor(name)})"
    return framed(
        name,
        heading,
        " ".join(filter(None, (answers, _ending(name, words)))),
        *definitions(reply, section, context, {"meaning", "cause", "remedy"} - {*part.rest}),
        _try_it(name, context),
        more,
    )


def _try_it(name: str, context: Context) -> str:
    """Link the terminal, where a reader can get that reply."""
    presets = read(context.root, PRESETS, dict[str, str])
    return terminal.try_it(presets[name], context) if name in presets else ""


def _ending(name: str, words: Section) -> str:
    """Say that the session is over with a reply of minipop's."""
    ends = name.upper() in ReplyName.__members__ and ReplyName[name.upper()].ends
    return words["ends"] if ends else ""


# -- what both pages draw -------------------------------------------------------------------------------


def anchor(name: str) -> str:
    """Return the id of an entry, which is the same on both pages."""
    return f"reply-{name.replace('_', '-')}"


def framed(name: str, heading: str, *parts: str) -> str:
    """Draw an entry: its heading, and below it what there is of its parts."""
    opening = ('<section class="reply" markdown>', f"### {heading} {{#{anchor(name)}}}")
    return "\n\n".join(filter(None, (*opening, *parts, "</section>")))


def definitions(reply: Reply, section: str, context: Context, wanted: Iterable[str]) -> list[str]:
    """Draw what is said of a reply.

    Args:
        reply: the reply.
        section: where it stands.
        context: where it is drawn.
        wanted: ``meaning``, ``cause`` and ``remedy``, or some of them.
    """
    words, said, part = context.words("replies"), reply.said(context.lang), SECTIONS[section]
    terms = {"meaning": "meaning", "cause": part.cause, "remedy": part.remedy}
    return [
        f"{words[term]}\n:   " + getattr(said, key).strip().replace("\n", "\n    ")
        for key, term in terms.items()
        if key in wanted
    ]


def line(text: str, words: Section) -> str:
    """Write a wording as it stands in headings and tables."""
    if not text:
        return words["silence"]
    return words["space"] if text == "+" else f"`{text}`"
