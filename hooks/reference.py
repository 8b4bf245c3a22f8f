"""MkDocs hook: tables and dialogues that are drawn from minipop itself while the site is built.

What an author can write in a page:

- ``<!-- commands -->``: the table of all commands, each linked to its heading ``{#retr}``;
- ``<!-- command RETR -->``: syntax, states and RFC of one command;
- a fence ``pop3`` with the lines of a client, without ``C:``. They are said to a session of minipop,
  and the page shows the dialogue that came of it. Behind ``pop3`` may stand an edition, ``plain`` for a
  connection without TLS, and ``anna`` to begin as Anna, logged on::

      ```pop3 2016 anna
      STAT
      ```
"""

from __future__ import annotations

import itertools
import re

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from minipop import Lab
from minipop.exchange import EDITIONS
from minipop.protocol import COMMANDS, Command, Session
from minipop.wire import Conversation, Transcript

WORDS = {
    "de": {
        "head": "| Befehl | Zustände | Quelle |",
        "facts": "**Zustände:** {states} · **Quelle:** {source}",
        "source": "RFC {rfc}, Abschnitt {section}",
    },
    "en": {
        "head": "| command | states | source |",
        "facts": "**States:** {states} · **Source:** {source}",
        "source": "RFC {rfc}, section {section}",
    },
}

_MARK = re.compile(r"^<!-- (?P<what>commands|command (?P<verb>[A-Z]+)) -->$", re.MULTILINE)
_FENCE = re.compile(r"^```pop3(?P<words>[^\n]*)\n(?P<lines>.*?)^```$", re.MULTILINE | re.DOTALL)


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill in the marks and fences of a page."""
    lang = str(page.file.locale)  # type: ignore[attr-defined]  # set by mkdocs-static-i18n

    def mark(found: re.Match[str]) -> str:
        if found["what"] == "commands":
            return _table(lang)
        verb = found["verb"]
        if verb not in COMMANDS:
            raise PluginError(f"{page.file.src_uri}: minipop has no command {verb}")
        return f"`{COMMANDS[verb].syntax}`\n\n{_facts(COMMANDS[verb], lang)}"

    numbers = itertools.count(1)

    def fence(found: re.Match[str]) -> str:
        try:
            said = dialogue(found["lines"].splitlines(), found["words"].split(), lang)
        except ValueError as error:
            raise PluginError(f"{page.file.src_uri}: {error}") from error
        return said.explain(f"d{next(numbers)}").html()

    return _FENCE.sub(fence, _MARK.sub(mark, markdown))


def dialogue(lines: list[str], words: list[str], lang: str) -> Conversation:
    """Say lines to a session of minipop and return what was said on both sides.

    Args:
        lines: the client's lines.
        words: an edition, ``plain``, ``anna``; see the head of this module.
        lang: the language of what stands around the lines.

    Raises:
        ValueError: a word means nothing.
    """
    unknown = set(words) - {*EDITIONS, "plain", "anna"}
    if unknown:
        raise ValueError(f"pop3: {', '.join(sorted(unknown))} means nothing behind a fence")
    edition = next((word for word in words if word in EDITIONS), "2016")
    conversation = Transcript(lang).begin("plain" not in words)
    lab = Lab(edition, lang=lang)
    session = Session(lab.policy, tls="plain" not in words, observers=[conversation])
    if "anna" in words:
        _say(session, "USER anna@muster.example", f"PASS {lab.accounts[0].password}")
    if "anna" in words or lines[:1] != ["(connect)"]:
        session.data_to_send()
        conversation.entries.clear()
    _say(session, *(line for line in lines if line != "(connect)"))
    conversation.title = ""  # on a page, the text around it says which connection this is
    return conversation


def _say(session: Session, *lines: str) -> None:
    for line in lines:
        session.receive_data(f"{line}\r\n".encode())
        while session.data_to_send():
            pass


def _table(lang: str) -> str:
    rows = [
        f"| [`{command.syntax}`](#{verb.lower()}) | {_states(command)} | {_source(command, lang)} |"
        for verb, command in COMMANDS.items()
    ]
    return "\n".join([WORDS[lang]["head"], "| --- | --- | --- |", *rows])


def _facts(command: Command, lang: str) -> str:
    return WORDS[lang]["facts"].format(states=_states(command), source=_source(command, lang))


def _states(command: Command) -> str:
    return ", ".join(sorted(state.value for state in command.states))


def _source(command: Command, lang: str) -> str:
    return WORDS[lang]["source"].format(rfc=command.rfc, section=command.section)
