"""The POP3 terminal as it is before anything is loaded, and the links that lead to it with a preset."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from urllib.parse import quote

from mkdocs.utils import get_relative_url

from minipop.exchange import DEFAULT, EDITIONS, Edition
from minipop.lab import world
from website.data import LANGUAGES
from website.marks import Context, mark
from website.words import Section

#: What a first visitor gets: a connection on which a password can be read, as the tour wants it. The other places
#: begin as their links say.
FIRST = {"edition": DEFAULT, "account": "anna", "transport": "110", "login": "PlainTextLogin"}

TRANSPORTS = ("110", "stls", "995")
LOGIN_TYPES = ("PlainTextLogin", "PlainTextAuthentication", "SecureLogin")
#: Kerberos needs a domain controller, which no page can start.
MECHANISMS = ("USER/PASS", "PLAIN", "LOGIN", "NTLM", "XOAUTH2")

#: The words that stand in the page; its script needs the others.
_DRAWN = ("intro", "no script", "settings", "start", "size", "try it")


@mark("terminal")
def terminal(context: Context) -> str:
    """Draw the terminal."""
    words = context.words("terminal")
    texts = {key: text for key, text in words.items() if key not in _DRAWN}
    data = {"words": texts, "editions": dict(_editions()), "first": FIRST, "page": _address(context)}
    script = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    choices = "\n".join(_choices(words, context.lang))
    return f"""<div class="terminal">
<noscript><p>{escape(words["no script"])}</p></noscript>
<pop3-terminal data-state="idle">
<p class="terminal-intro">{escape(words["intro"])}</p>
<div class="terminal-choices" role="group" aria-label="{escape(words["settings"])}">
{choices}
</div>
<p class="terminal-start"><button type="button" class="md-button md-button--primary" data-do="start">\
{escape(words["start"])}</button> <span>{escape(words["size"])}</span></p>
<script type="application/json">{script}</script>
</pop3-terminal>
</div>"""


def _choices(words: Section, lang: str) -> Iterator[str]:
    people = [account for account in world.accounts(lang) if account.password]
    yield _select("edition", words, ((edition.name, edition.title) for edition in EDITIONS.values()))
    yield _select("account", words, ((person.alias, person.name) for person in people))
    yield _select("transport", words, ((name, words[f"transport {name}"]) for name in TRANSPORTS))
    yield _select("login", words, ((name, name) for name in ("", *LOGIN_TYPES)))
    yield _select("mechanism", words, ((name, name) for name in MECHANISMS))


def _select(name: str, words: Section, options: Iterable[tuple[str, str]]) -> str:
    drawn = "".join(
        f'<option value="{escape(value)}"{" selected" if FIRST.get(name) == value else ""}>{escape(text)}</option>'
        for value, text in options
    )
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


def try_it(context: Context, edition: Edition | str = "", lines: Iterable[str] = (), **chosen: str) -> str:
    """Return a link to the terminal with a preset, as HTML.

    Args:
        context: the page it stands on.
        edition: which Exchange; empty for what the terminal begins with.
        lines: what the reader can send there at once. ``PASS`` alone and ``LOGON`` are filled in by the terminal,
            so no secret is in the link.
        chosen: ``account``, ``transport``, ``login`` and ``mechanism``.
    """
    name = edition if isinstance(edition, str) else edition.name
    preset = {"edition": name, **chosen, "do": ";".join(lines)}
    fragment = "&".join(f"{key}={quote(value, safe='@;/')}" for key, value in preset.items() if value)
    text = escape(context.words("terminal")["try it"])
    return f'<a class="try-it" href="{_address(context)}#{escape(fragment)}">{text}</a>'


def _address(context: Context) -> str:
    """Return the address of the terminal's page as seen from another page of the same language."""
    return get_relative_url("play/" if context.lang == LANGUAGES[0] else f"{context.lang}/play/", context.url)
