"""The error decoder, reference/replies: every reply, who sends it, what it means and what to do.

Texts, senders and sources come from the editions; what a reply means, from the list by which transcripts
explain their lines, so that a page and a transcript never say different things.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from minipop.exchange import DEFAULT, EDITIONS, Edition
from minipop.exchange.sources import Evidence, Fact, Source
from minipop.protocol import ReplyName
from minipop.protocol.sasl import challenge_line
from website import sources
from website.data import Problem, Text, read
from website.marks import Context, mark
from website.tables import neighbours, span, table
from website.words import Section

NAME = "src/minipop/wire/replies.toml"
SCRIPT = "assets/replies.js"

#: The status word of each section's replies.
_STATUS = {"refused": "-ERR", "accepted": "+OK", "asked": "", "silent": ""}

#: The line with which the server asks for more in AUTH. It is no reply with a name, because it has no status.
CHALLENGE = "challenge"

#: Sections of what goes wrong: what is told of their replies has other headings.
_BAD = ("refused", "silent")


@dataclass(frozen=True)
class Said:
    """What is said of a reply in one language."""

    meaning: str
    cause: str
    remedy: str


@dataclass(frozen=True)
class Told:
    """A wording that a real server was seen to send."""

    text: str
    by: Text
    source: str
    kind: Evidence = Evidence.NARRATED


@dataclass(frozen=True)
class Reply:
    """An entry; the head of the file says what each key means."""

    de: Said
    en: Said
    after: list[str] | None = None
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
        raise Problem(f"{NAME}: {', '.join(sorted(surplus))}: minipop has no such reply; write who sends it")
    return {
        section: {name: reply for name, reply in known.items() if _section(name, reply) == section}
        for section in _STATUS
    }


def _section(name: str, reply: Reply) -> str:
    """Return the section in which an entry stands: what a server told decides, or the reply's own status."""
    if name == CHALLENGE:
        return "asked"
    if reply.told and not reply.told[0].text:
        return "silent"
    text = reply.told[0].text if reply.told else ReplyName[name.upper()].status
    return "accepted" if text.startswith("+OK") else "refused"


def sent(name: str, after: Sequence[str] = ()) -> Iterator[tuple[str, Fact[str]]]:
    """Yield which editions of minipop send a reply, with its text and the source of that.

    Args:
        name: a `ReplyName`, or ``challenge``.
        after: the commands that it answers; an edition that has none of them does not send it.
    """
    for edition in EDITIONS.values():
        if after and not {*after} & {*edition.commands.value}:
            continue
        if name == CHALLENGE:
            yield edition.name, _challenge(edition)
        elif text := edition.texts.get(ReplyName[name.upper()]):
            yield edition.name, text


def _challenge(edition: Edition) -> Fact[str]:
    """Return the first line that asks for more: without NTLM, an empty one was seen."""
    asks = "NTLM" in edition.accepted.value or edition.own_texts is Source.OWN
    prompt = edition.ntlm_prompt if asks else Fact("", Source.PROXY_244)
    return Fact(challenge_line(prompt.value or b"").decode().strip(), prompt.source)


# -- the page -------------------------------------------------------------------------------------------


@mark("replies search")
def search(context: Context) -> str:
    """Draw the place of the search box; the script makes the box, which would do nothing without it."""
    words = context.words("replies")
    said = " ".join(
        f'data-{name}="{escape(words[name])}"' for name in ("label", "all", "many", "one", "none")
    )
    aside = f"<noscript><p>{words['noscript']}</p></noscript>"
    script = posixpath.relpath(SCRIPT, context.url or ".")
    return f'<div id="reply-search" {said}>{aside}</div>\n<script src="{script}" defer></script>'


@mark("replies")
def replies(context: Context, section: str) -> str:
    """Draw a section: ``refused``, ``accepted``, ``asked``, ``silent``."""
    if section not in _STATUS:
        raise Problem(f"no section {section}; there are {', '.join(_STATUS)}")
    known = load(context.root)[section]
    titles = {name: _title(name, reply, _STATUS[section]) for name, reply in known.items()}
    often = {title for title in titles.values() if list(titles.values()).count(title) > 1}
    return "\n\n".join(
        _entry(name, reply, section, titles[name], context, alone=titles[name] not in often)
        for name, reply in known.items()
    )


def _wordings(name: str, reply: Reply, section: str, context: Context) -> Iterator[tuple[str, ...]]:
    """Yield wordings, who sends each, and on whose word; neighbouring editions that agree share one."""
    lang, words = context.lang, context.words("replies")
    cited = sources.load(context.root)
    for told in reply.told:
        kind = sources.kind(told.kind, lang)
        yield _line(told.text, words), told.by[lang], kind, cited.cite(told.source, lang)
    for names, fact in [] if reply.told else neighbours(sent(name, reply.after or ())):
        text = f"{_STATUS[section]} {fact.value}".strip()
        yield (
            _line(text, words),
            span(names),
            sources.kind(fact.source.kind, lang),
            _source(fact, cited, lang),
        )


def _title(name: str, reply: Reply, status: str) -> str:
    """Return the wording that stands above an entry: that of the default edition, if it sends the reply."""
    if reply.told:
        return reply.told[0].text
    found = dict(sent(name, reply.after or ()))
    if not found:
        raise Problem(f"{NAME}: [{name}]: after: no edition has {', '.join(reply.after or ())}")
    return f"{status} {found.get(DEFAULT, next(iter(found.values()))).value}".strip()


def _entry(name: str, reply: Reply, section: str, title: str, context: Context, *, alone: bool) -> str:
    """Draw one reply; where it is not alone with its title, that names the commands as well."""
    words, said = context.words("replies"), reply.said(context.lang)
    after = reply.after or ()
    commands = ", ".join(f"[`{verb}`](commands.md#{verb.lower()})" for verb in after)
    heading = _line(title, words) + ("" if alone else f" ({', '.join(after)})")
    answers = "" if reply.after is None else words["after"].format(commands or words["connect"])
    bad = section in _BAD
    parts = [
        '<section class="reply" markdown>',
        f"### {heading} {{#reply-{name.replace('_', '-')}}}",
        " ".join(filter(None, (answers, _ending(name, words)))),
        _definition(words["meaning"], said.meaning),
        _definition(words["cause" if bad else "when"], said.cause),
        _definition(words["remedy" if bad else "next"], said.remedy),
        table(words["head"], _wordings(name, reply, section, context)),
        "</section>",
    ]
    return "\n\n".join(part for part in parts if part)


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


def _source(fact: Fact[str], cited: sources.Sources, lang: str) -> str:
    if fact.source is Source.OWN:
        return "minipop"
    if fact.source in (Source.INVENTED, Source.CARRIED_OVER):
        return "–"
    return cited.cite(fact.source, lang)
