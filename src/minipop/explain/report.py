"""What is said of a paste: as text for people, as JSON for programs."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from html import unescape
from importlib.resources import files
from textwrap import fill
from typing import Any

from minipop.protocol import COMMANDS
from minipop.wire.explain import texts

from .catalogue import entries, finder, on_record, wordings
from .finder import Found
from .tokens import LONGEST_PASTE

WIDTH = 100

#: Longest line of a paste that is shown.
SHOWN = 200

_LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")


class Report:
    """What a paste holds, explained in one language.

    Args:
        paste: the text, without secrets.
        lang: ``de`` or ``en``.
    """

    def __init__(self, paste: str, lang: str) -> None:
        self._lines = paste.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._cut = len(paste) > LONGEST_PASTE
        self._lang = lang
        self._words = _words(lang)
        self._found: Found = finder().find(paste)

    @property
    def known(self) -> bool:
        """Whether anything in it is known."""
        return bool(self._found.commands) or any(finding.entries for finding in self._found.findings)

    def as_json(self) -> dict[str, Any]:
        """Return what was found: every line with its entries, and what is said of each entry, once."""
        named = list(dict.fromkeys(name for finding in self._found.findings for name in finding.entries))
        return {
            "lines": len(self._lines),
            "cut": self._cut,
            "findings": [
                {
                    "line": finding.line,
                    "text": self._shown(finding.line),
                    "command": finding.command or None,
                    "entries": list(finding.entries),
                }
                for finding in self._found.findings
            ],
            "commands": [
                {"line": line, "text": self._shown(line), "command": verb, "meaning": self._command(verb)}
                for line, verb in self._found.commands.items()
            ],
            "entries": {name: self._entry(name) for name in named},
        }

    def as_text(self) -> str:
        """Return it line by line, each entry in full where it is first, equal lines once."""
        words, blocks = self._words, list[str]()
        lines: set[tuple[str, ...]] = set()
        first: dict[str, int] = {}
        for number, said in self._by_line().items():
            key = (*said, self._shown(number) if "" in said else "")
            if key in lines:  # because a log says the same thousands of times
                continue
            lines.add(key)
            block = [f"{words['line']} {number}: {self._shown(number)}"]
            for name in said:
                block.append(self._explained(name, number, first))
            blocks.append("\n".join(block))
        if self._cut:
            blocks.insert(0, words["cut"].format(count=LONGEST_PASTE))
        if not self.known:
            blocks.append(words["nothing"])
        return "\n\n".join(blocks)

    def _by_line(self) -> dict[int, list[str]]:
        """Return what is known of each line: a command, names of entries, or an empty name."""
        lines = {line: [verb] for line, verb in self._found.commands.items()}
        for finding in self._found.findings:
            lines.setdefault(finding.line, []).extend(finding.entries or ("",))
        order = sorted(lines, key=lambda number: (number != self._found.first, number))
        return {number: list(dict.fromkeys(lines[number])) for number in order}

    def _explained(self, name: str, number: int, first: dict[str, int]) -> str:
        if not name:
            return _wrapped(self._words["refusal"], "  ")
        if name in COMMANDS:
            return _wrapped(self._command(name), "  ")
        if first.setdefault(name, number) == number:
            return self._in_full(name)
        meaning = _plain(entries()[name][self._lang]["meaning"])
        return _wrapped(f"{meaning} ({self._words['see']} {first[name]})", "  ")

    def _in_full(self, name: str) -> str:
        entry = self._entry(name)
        assumed = "" if entry["on_record"] else f" ({self._words['assumed']})"
        parts = [_wrapped(text, "  ") for text in (entry["title"], entry["meaning"] + assumed) if text]
        for key in ("cause", "remedy"):
            parts.append(f"  {self._words[key]}")
            parts.extend(_wrapped(text, "    ") for text in entry[key].split("\n"))
        return "\n".join(parts)

    def _entry(self, name: str) -> dict[str, Any]:
        said = entries()[name][self._lang]
        return {
            "anchor": f"reply-{name.replace('_', '-')}",
            "title": _plain(said.get("title", "")),
            "wordings": wordings(name),
            "on_record": on_record(name),
            **{key: _plain(said[key]) for key in ("meaning", "cause", "remedy")},
        }

    def _command(self, verb: str) -> str:
        return _plain(texts(self._lang)["commands"][verb])

    def _shown(self, number: int) -> str:
        line = self._lines[number - 1].strip()
        line = "".join(letter if letter.isprintable() else "?" for letter in line)
        return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


@cache
def _words(lang: str) -> Mapping[str, str]:
    read = tomllib.loads((files(__package__) / "words.toml").read_text("utf-8"))
    return {name: said[lang] for name, said in read.items()}


def _plain(text: str) -> str:
    """Return Markdown and HTML as plain text: words of links, without their addresses."""
    text = re.sub(r"</?[a-z]+[^<>]*>", "", _LINK.sub(r"\1", text.strip()))
    return unescape(re.sub(r"\*\*([^*]+)\*\*|(?<!\*)\*([^*\s][^*]*)\*", r"\1\2", text).replace("`", ""))


def _wrapped(text: str, margin: str) -> str:
    hanging = margin + ("  " if text.startswith("- ") else "")
    return fill(text, WIDTH, initial_indent=margin, subsequent_indent=hanging, break_long_words=False)
