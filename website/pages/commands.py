"""The commands, drawn from the table that minipop answers by, and dialogues held while a page is built."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from minipop import Lab
from minipop.exchange import EDITIONS
from minipop.protocol import COMMANDS, Command, Session
from minipop.protocol.states import State
from minipop.wire import Conversation, Transcript
from website.data import Problem
from website.marks import Context, mark
from website.pages import terminal
from website.tables import table, version

_FENCE = re.compile(r"^```pop3(?P<words>[^\n]*)\n(?P<lines>.*?)^```$", re.MULTILINE | re.DOTALL)


@mark("commands")
def commands(context: Context) -> str:
    """Draw all commands, each linked to its heading."""
    rows = [
        (f"[`{command.syntax}`](#{verb.lower()})", _states(command), _source(command, context))
        for verb, command in COMMANDS.items()
    ]
    return table(context.words("commands")["head"], rows)


@mark("command")
def command(context: Context, verb: str) -> str:
    """Draw syntax, states and RFC of one command."""
    if verb not in COMMANDS:
        raise Problem(f"minipop has no command {verb}; there are {', '.join(COMMANDS)}")
    known = COMMANDS[verb]
    words = context.words("commands")
    facts = words["facts"].format(states=_states(known), source=_source(known, context))
    have = [version(edition.name) for edition in EDITIONS.values() if verb in edition.commands.value]
    if len(have) < len(EDITIONS):
        facts += words["only"].format(", ".join(have))
    return f"`{known.syntax}`\n\n{facts}"


@mark("commands by-state")
def by_state(context: Context) -> str:
    """Draw the states, with the commands that are valid in each."""
    words = context.words("states")
    rows = []
    for state in (State.AUTHORIZATION, State.TRANSACTION, State.UPDATE):
        valid = ", ".join(f"`{verb}`" for verb, command in COMMANDS.items() if state in command.states)
        rows.append(
            (
                state.value,
                words[f"{state.value} begins"],
                valid or words["none"],
                words[f"{state.value} ends"],
            )
        )
    return table(words["head"], rows)


def _states(command: Command) -> str:
    return ", ".join(sorted(state.value for state in command.states))


def _source(command: Command, context: Context) -> str:
    return context.words("commands")["source"].format(rfc=command.rfc, section=command.section)


# -- dialogues ------------------------------------------------------------------------------------------


def fill_dialogues(markdown: str, context: Context) -> str:
    """Return a page's text with each fence ``pop3`` replaced by the dialogue that came of its lines.

    The lines are a client's, without ``C:``. Behind ``pop3`` may stand an edition, ``plain`` for a connection
    without TLS, and ``anna`` to begin as Anna, logged on::

        ```pop3 2016 anna
        STAT
        ```

    Raises:
        Problem: a word behind ``pop3`` means nothing.
    """
    numbers = itertools.count(1)

    def held(fence: re.Match[str]) -> str:
        try:
            said = dialogue(fence["lines"].splitlines(), fence["words"].split(), context.lang)
        except Problem as problem:
            raise Problem(f"{context.file}: ```pop3{fence['words']}: {problem}") from problem
        html = said.explain(f"d{next(numbers)}").html()
        link = terminal.try_it(
            terminal.dialogue_preset(fence["lines"].splitlines(), fence["words"].split()), context
        )
        return html.removesuffix("</div>") + f"<p>{link}</p>\n</div>"

    return _FENCE.sub(held, markdown)


def dialogue(lines: Sequence[str], words: Sequence[str], lang: str) -> Conversation:
    """Say lines to a session of minipop and return what was said on both sides.

    Args:
        lines: the client's lines; ``(connect)`` as the first one shows the greeting, too.
        words: an edition, ``plain``, ``anna``; see `fill_dialogues`.
        lang: the language of what stands around the lines.

    Raises:
        Problem: a word means nothing.
    """
    if unknown := {*words} - {*EDITIONS, "plain", "anna"}:
        known = ", ".join([*EDITIONS, "plain", "anna"])
        raise Problem(f"{', '.join(sorted(unknown))} means nothing here; there are {known}")
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
