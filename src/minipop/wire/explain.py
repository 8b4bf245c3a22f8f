"""Explain this line: a transcript in which each line opens, as plain HTML (`details`), without a script.

It works by keyboard, can be printed, and each line has an address of its own.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from html import escape
from importlib.resources import files

from minipop.protocol import COMMANDS

from .entry import Entry

Texts = dict[str, dict[str, str]]


@cache
def texts(lang: str) -> Texts:
    """Return the texts of ``explanations.toml`` in one language, by kind and name."""
    tables: dict[str, Texts] = tomllib.loads((files(__package__) / "explanations.toml").read_text("utf-8"))
    return tables[lang]


@cache
def meanings(lang: str) -> dict[str, str]:
    """Return what each reply means, by its name, and each event that is no line."""
    replies = tomllib.loads((files(__package__) / "replies.toml").read_text("utf-8"))
    return {**{name: reply[lang]["meaning"] for name, reply in replies.items()}, **texts(lang)["events"]}


class Explanation:
    """A conversation whose lines open; notebooks and pages show it as HTML, everything else as text.

    Args:
        title: what stands above it.
        entries: its lines.
        lang: the language of the explanations, ``de`` or ``en``.
        name: the prefix of the addresses of its lines, different from all others on the page; empty for
            a transcript that nobody links to.
    """

    def __init__(self, title: str, entries: Sequence[Entry], lang: str, name: str = "") -> None:
        self.title = title
        self._entries = entries
        self._lang = lang
        self._name = name

    def html(self) -> str:
        """Return the conversation as HTML."""
        lines = "\n".join(self._line(n, entry) for n, entry in enumerate(self._entries, 1))
        title = f"<p>{escape(self.title)}</p>\n" if self.title else ""
        return f'<div class="pop3-dialogue">\n{title}{lines}\n</div>'

    def explanations(self) -> list[list[str]]:
        """Return what each line opens into, sentence by sentence; empty for a line that does not open."""
        return [list(self._sentences(entry)) for entry in self._entries]

    def _repr_html_(self) -> str:
        return self.html()

    def __repr__(self) -> str:
        return "\n".join([self.title, *map(str, self._entries)])

    def _form(self, form: str) -> str:
        return texts(self._lang)["forms"].get(form, form)

    def _line(self, number: int, entry: Entry) -> str:
        code = f"<code>{escape(str(entry).strip())}</code>"
        if entry.who == "C":
            code = f'<span class="client">{code}</span>'
        sentences = list(self._sentences(entry))
        if not sentences:
            return f"<div>{code}</div>"
        address = ""
        if self._name:
            target = f"{escape(self._name)}-{number}"
            address = f' id="{target}"'
            sentences.append(f'<a href="#{target}">{texts(self._lang)["words"]["link"]}</a>')
        text = "".join(f"<p>{sentence}</p>" for sentence in sentences)
        return f"<details{address}><summary>{code}</summary>{text}</details>"

    def _sentences(self, entry: Entry) -> Iterator[str]:
        """Yield what there is to say about a line, as HTML."""
        known = texts(self._lang)
        words = known["words"]
        if entry.who == "C" and entry.name in COMMANDS:
            command = COMMANDS[entry.name]
            states = ", ".join(sorted(state.value for state in command.states))
            yield _text(known["commands"], entry.name, "explanations.toml")
            yield words["command"].format(
                syntax=escape(command.syntax), states=states, rfc=command.rfc, section=command.section
            )
        elif entry.who != "C" and entry.name:
            yield _text(meanings(self._lang), entry.name, "replies.toml")
        if entry.fields:
            yield (
                words["fields"]
                + " "
                + "; ".join(
                    f"{known['fields'][name]} <code>{escape(value) or words['empty']}</code>"
                    for name, value in entry.fields
                )
            )
        if entry.refusal:
            reason = _text(known["reasons"], entry.refusal.reason, "explanations.toml")
            yield reason.format(form=escape(self._form(entry.refusal.form)))
            if entry.refusal.instead:
                yield words["instead"].format(name=escape(entry.refusal.instead))


def _text(known: Mapping[str, str], name: str, file: str) -> str:
    """Return a text.

    Raises:
        LookupError: there is none; the message says where to write it.
    """
    if name not in known:
        raise LookupError(
            f"src/minipop/wire/{file} has no text for {name}; write it there, in both languages"
        )
    return known[name]
