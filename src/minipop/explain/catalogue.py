"""What can be explained: replies of servers and sentences of programs, each with the patterns that find it.

Replies are in ``wire/replies.toml``, with what minipop's editions say for each; sentences of programs, of
other protocols and of Exchange's protocol log are in ``clients.toml`` beside this file. The page is drawn
from the same two files and is given the patterns as `patterns` has them, so it cannot find anything else.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from minipop.exchange import EDITIONS, Edition
from minipop.exchange.sources import Evidence, Fact, Source
from minipop.protocol import ReplyName
from minipop.protocol.sasl import challenge_line

from .finder import END, GAP, START, Finder
from .tokens import words

#: The line with which the server asks for more in AUTH. It is no reply with a name, because it has no status.
CHALLENGE = "challenge"

#: Words in a row from which on a sentence is found without its status word, too. What a server says to agree
#: is what other programs say as well.
TELLING = {"-err": 3, "+ok": 5}

#: Stands in a wording between lines that follow each other.
NEXT = "⏎"

_NUMBER = re.compile(r"\{(count|number|octets|version)\}")
#: What is different each time: other places in braces, addresses of hosts, the server's name in base64.
_VARIES = re.compile(r"\{[a-z ]+\}|\([^()]*\.[^()]*\)|\[[A-Za-z0-9+/=]{12,}\]|…")


@cache
def entries() -> Mapping[str, Mapping[str, Any]]:
    """Return all entries by name, as the files have them: replies first."""
    read: dict[str, Mapping[str, Any]] = {}
    for package, name in (("minipop.wire", "replies.toml"), ("minipop.explain", "clients.toml")):
        read.update(tomllib.loads((files(package) / name).read_text("utf-8")))
    return read


def sent(name: str) -> Iterator[tuple[str, Fact[str]]]:
    """Yield which editions of minipop send a reply, with its text and the source of that.

    An edition that has none of the commands that it answers does not send it.

    Args:
        name: a `ReplyName`, or ``challenge``.
    """
    after = entries().get(name, {}).get("after", ())
    for edition in EDITIONS.values():
        if after and not {*after} & {*edition.commands.value}:
            continue
        if name == CHALLENGE:
            yield edition.name, _challenge(edition)
        elif text := edition.texts.get(ReplyName[name.upper()]):
            yield edition.name, text


def on_record(name: str) -> bool:
    """Tell whether a real server is known to send a reply: it is told, or an edition has a source for it.

    Args:
        name: the name of an entry.
    """
    told = entries()[name].get("told", [])
    facts = [] if told else [fact for _, fact in sent(name)]
    return bool(told) or any(fact.source.kind is Evidence.MODELLED for fact in facts)


def wordings(name: str) -> list[str]:
    """Return what is said, with the status word: by real servers or programs, or by minipop."""
    told = entries()[name].get("told", [])
    if told:
        return list(dict.fromkeys(wording["text"] for wording in told if wording["text"]))
    status = "" if name == CHALLENGE else ReplyName[name.upper()].status
    return list(dict.fromkeys(f"{status} {fact.value}".strip() for _, fact in sent(name)))


def patterns() -> dict[str, dict[str, Any]]:
    """Return what finds each entry, as `Finder` and the page take it.

    Returns:
        ``patterns``; ``after`` (the commands that it answers) and ``see`` (entries given along with it);
        ``among`` and ``unless`` (when it is said in front of another); ``dialogue``, ``trace``, ``names`` and
        ``words``, which are patterns as well. Each is by entry; but for ``patterns``, an entry that has none
        is left out, because the page has a limit.
    """
    weaker = {
        key: {
            name: [_written(text) for text in entry[key]] for name, entry in entries().items() if key in entry
        }
        for key in ("trace", "names", "words")
    }
    found: dict[str, list[str]] = {}
    dialogue: dict[str, list[list[str]]] = {}
    for name, entry in entries().items():
        written = [_written(text) for text in entry.get("find", []) if NEXT not in text]
        told = [] if "among" in entry else wordings(name)  # because those words alone do not tell of it
        said = [_of_wording(text) for text in told if NEXT not in text]
        weak = {pattern for key in ("trace", "names") for pattern in weaker[key].get(name, ())}
        found[name] = [pattern for pattern in dict.fromkeys([*said, *written]) if pattern not in weak]
        lines = [text.split(NEXT) for text in (*told, *entry.get("find", [])) if NEXT in text]
        if lines:
            steps = sorted(lines, key=len, reverse=True)  # because the longest explains most
            dialogue[name] = [[_of_wording(step.strip()) for step in each] for each in steps]
    others = {
        key: {name: entry[key] for name, entry in entries().items() if entry.get(key)}
        for key in ("after", "see", "among", "unless")
    }
    return {"patterns": found, **others, "dialogue": dialogue, **weaker}


def as_json() -> str:
    """Return the patterns as the page takes them."""
    return json.dumps(patterns(), ensure_ascii=False, separators=(",", ":"))


@cache
def finder() -> Finder:
    """Return what finds entries in a paste."""
    return Finder(**patterns())


def _of_wording(text: str) -> str:
    """Return a pattern for a wording: the shorter it is, the more it has to be the whole reply."""
    pattern = _written(text)
    said = [word for word in pattern.split(" ") if word not in ("#", GAP)]
    status = said[0] if said[0] in ("+ok", "-err", "+") else ""
    if status == "+":
        return f"{START} {pattern}"
    bare = pattern.removeprefix(f"{status} ").removeprefix(f"{GAP} ").removesuffix(f" {GAP}")
    longest = max(len([word for word in chunk.split() if word != "#"]) for chunk in bare.split(GAP))
    if not status or longest >= TELLING[status]:
        return bare
    if len(said) > 1 or pattern.endswith(GAP):
        return f"{START} {pattern.removesuffix(f' {GAP}')}"
    return f"{START} {pattern} {END}"


def _written(text: str) -> str:
    """Return a text as a pattern: its words, with a gap where it varies, and with its ``^`` and ``$``."""
    start, end = text.startswith(START), text.endswith(END)
    text = _NUMBER.sub("0", text.strip(f"{START}{END}").strip().lower())
    status = next(
        (word for word in ("+ok", "-err", "* ok", "* bye", "* preauth", "+") if text.startswith(word)), ""
    )
    said = [" ".join(words(piece)) for piece in _VARIES.split(text[len(status) :])]
    pattern = f" {GAP} ".join(said).strip()
    while f"{GAP}  {GAP}" in pattern or f"{GAP} {GAP}" in pattern:
        pattern = pattern.replace(f"{GAP}  {GAP}", GAP).replace(f"{GAP} {GAP}", GAP)
    parts = (START if start else "", status.replace(" ", ""), pattern, END if end else "")
    return " ".join(part for part in parts if part)


def _challenge(edition: Edition) -> Fact[str]:
    """Return the first line that asks for more: without NTLM, an empty one was seen."""
    asks = "NTLM" in edition.accepted.value or edition.own_texts is Source.OWN
    prompt = edition.ntlm_prompt if asks else Fact("", Source.PROXY_244)
    return Fact(challenge_line(prompt.value or b"").decode().strip(), prompt.source)
