"""The POP3 terminal as it is before anything is loaded, and the links that lead to it with a preset."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from html import escape
from itertools import chain
from urllib.parse import quote

from minipop.exchange import DEFAULT, EDITIONS
from minipop.lab import world
from website.data import LANGUAGES, Problem, prefix
from website.marks import Context, mark, prose
from website.words import Section, for_script

#: What a first visitor gets: a connection on which a password can be read, as the tour wants it.
FIRST = {"edition": DEFAULT, "account": "anna", "transport": "110", "login": "PlainTextLogin"}

TRANSPORTS = ("110", "stls", "995")
LOGIN_TYPES = ("PlainTextLogin", "PlainTextAuthentication", "SecureLogin")
#: Kerberos needs a domain controller, which no page can start.
MECHANISMS = ("USER/PASS", "PLAIN", "LOGIN", "NTLM", "XOAUTH2")

_PEOPLE = [account for account in world.accounts(LANGUAGES[0]) if account.password]
_ALIASES = {name: person.alias for person in _PEOPLE for name in (person.alias, person.sam or "")}

#: What can be chosen, by the name of its field.
CHOICES: dict[str, Collection[str]] = {
    "edition": EDITIONS,
    "account": [person.alias for person in _PEOPLE],
    "transport": TRANSPORTS,
    "login": LOGIN_TYPES,
    "mechanism": MECHANISMS,
}

_WRITTEN = re.compile(r"\{try ([^{}]+)\}")

#: The words that stand in the page; its script needs the others.
_DRAWN = ("intro", "no script", "settings", "start", "size", "retry", "try it")


@mark("terminal")
def terminal(context: Context, size: str = "") -> str:
    """Draw the terminal; ``small`` folds its choices away."""
    if size not in ("", "small"):
        raise Problem(f"a terminal is small, or nothing is said; not {size}")
    words = context.words("terminal")
    texts = words.without(_DRAWN)
    data = {"words": texts, "editions": dict(_editions()), "first": FIRST, "page": _address(context)}
    choices = f'<div class="terminal-choices">{"".join(_choices(words))}</div>'
    if size:
        choices = f"<details><summary>{escape(words['settings'])}</summary>{choices}</details>"
    return f"""<div class="terminal">
<noscript><p>{escape(words["no script"])}</p></noscript>
<pop3-terminal data-state="idle">
<p class="terminal-intro">{escape(words["intro"])}</p>
{choices}
<p class="terminal-start"><button type="button" class="md-button md-button--primary" data-do="start">\
{escape(words["start"])}</button> <span>{escape(words["size"])}</span></p>
<div class="terminal-loading" hidden>\
<progress max="1" value="0" aria-label="{escape(words["start"])}"></progress><p></p></div>
<div class="terminal-failure" role="alert" hidden><p></p>\
<button type="button" class="terminal-button" data-do="retry">{escape(words["retry"])}</button></div>
<script type="application/json">{for_script(data)}</script>
</pop3-terminal>
</div>"""


def _choices(words: Section) -> Iterator[str]:
    yield _select("edition", words, ((edition.name, edition.title) for edition in EDITIONS.values()))
    yield _select("account", words, ((person.alias, person.name) for person in _PEOPLE))
    yield _select("transport", words, ((name, words[f"transport {name}"]) for name in TRANSPORTS))
    yield _select("login", words, ((name, name) for name in ("", *LOGIN_TYPES)))
    yield _select("mechanism", words, ((name, name) for name in MECHANISMS))


def _select(name: str, words: Section, options: Iterable[tuple[str, str]]) -> str:
    drawn = ""
    for value, text in options:
        selected = " selected" if FIRST.get(name) == value else ""
        drawn += f'<option value="{escape(value)}"{selected}>{escape(text)}</option>'
    return f'<label>{escape(words[name])} <select name="{name}">{drawn}</select></label>'


def _editions() -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield what can be chosen with each edition: its LoginType, STLS, mechanisms."""
    for edition in EDITIONS.values():
        own = edition.login_type.value
        yield (
            edition.name,
            {
                "login": own.value if own else "",
                "stls": edition.stls.value,
                "mechanisms": ["USER/PASS", *(name for name in MECHANISMS if name in edition.accepted.value)],
            },
        )


# -- links ----------------------------------------------------------------------------------------------


def fill(markdown: str, context: Context) -> str:
    """Return a page's text with the links drawn; those in code stay.

    A link is written ``{try 2010 bernd.mueller: USER bmueller; PASS}``; see `try_it`.

    Raises:
        Problem: a word of a preset means nothing.
    """

    def drawn(text: str) -> str:
        return _WRITTEN.sub(lambda found: try_it(found[1], context), text)

    return "".join(drawn(part) if is_prose else part for is_prose, part in prose(markdown))


def try_it(preset: str, context: Context) -> str:
    """Return a link to the terminal with a preset, as HTML.

    Args:
        preset: in any order an edition, an account, a transport, a LoginType and a mechanism, each only if it
            matters; behind a colon, the lines that the reader can send there, parted by semicolons. ``LOGON``
            stands for all lines that log on, and ``PASS`` for the one with the password: the terminal fills
            both in, so that no secret is in a link.
        context: the page it stands on.

    Raises:
        Problem: a word means nothing.
    """
    words, _, lines = preset.partition(":")
    chosen = {choice_of(word): word for word in words.split()}
    do = ";".join(line.strip() for line in lines.split(";"))
    values = {**{name: chosen.get(name, "") for name in CHOICES}, "do": do}
    values["edition"] = values["edition"] or DEFAULT
    fragment = "&".join(f"{name}={quote(value, safe='@;/')}" for name, value in values.items() if value)
    text = escape(context.words("terminal")["try it"])
    return f'<a class="try-it" href="{_address(context)}#{escape(fragment)}">{text}</a>'


def dialogue_preset(lines: Iterable[str], words: Iterable[str]) -> str:
    """Return the preset with which a reader can repeat a dialogue of a page; see `try_it`.

    Args:
        lines: of the client, as `website.pages.commands.dialogue` takes them.
        words: an edition, ``plain``, ``anna``, as there.
    """
    given = list(words)
    chosen = [word for word in given if word in EDITIONS] + ["110" if "plain" in given else "995"]
    do = ["LOGON"] if "anna" in given else []
    for line in lines:
        verb, _, rest = line.partition(" ")
        if verb == "USER" and (alias := _ALIASES.get(rest.partition("@")[0])):
            chosen.append(alias)
        if verb == "PASS":
            do.append("PASS")
        elif verb == "AUTH" and " " in rest:
            chosen.append(rest.partition(" ")[0])
            do.append("LOGON")
        elif line != "(connect)":
            do.append(line)
    return f"{' '.join(dict.fromkeys(chosen))}: {'; '.join(do)}"


def choice_of(word: str) -> str:
    """Return which choice a word of a preset is."""
    for name, known in CHOICES.items():
        if word in known:
            return name
    raise Problem(f"{word} means nothing in a preset; there are {', '.join(chain(*CHOICES.values()))}")


def _address(context: Context) -> str:
    """Return the address of the terminal's page as seen from another page of the same language."""
    return posixpath.relpath(f"{prefix(context.lang)}play", context.url or ".") + "/"
