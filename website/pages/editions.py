"""All editions side by side, drawn from minipop's own data.

Each cell says which kind of evidence stands behind it and names the source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from pathlib import Path

from minipop.exchange import EDITIONS, Directory, Edition, ExchangePolicy, Settings, Trust
from minipop.exchange.edition import ConnectionLimits
from minipop.exchange.names import Form
from minipop.exchange.sources import Evidence, Fact
from minipop.exchange.support import Support
from minipop.exchange.tokens import Token
from minipop.mailbox import DeletesTo
from minipop.protocol import ReplyName
from minipop.wire.explain import texts
from website import kinds, sources
from website.data import Problem
from website.marks import Context, mark
from website.pages import replies
from website.tables import neighbours, span, table
from website.words import Section

#: How numbers are written that have a unit, by the field of `Edition`.
_UNITS = {"line_limit": "octets", "logon_timeout": "seconds", "idle_timeout": "seconds"}

#: Addresses of headings that others link to, where the field has another name today.
_ADDRESSES = {"deletes_to": "keeping"}

#: A realm and an issuer, to list what would be offered with both.
_ALL_THERE = Trust(keytab=Path("keytab"), verify=lambda _: Token(None, None))

#: The situations in which CAPA is shown: inside TLS or not, logged on or not, and whose source vouches.
_CAPA = {
    "before": (False, False, "capa_before_tls"),
    "inside": (True, False, "capa_inside_tls"),
    "after": (True, True, "capa_logged_on"),
}

#: A name of these forms serves as sAMAccountName and as alias at once (MSXFAQ: only if they are the same).
_SHORT = {Form.ALIAS, Form.SAM, Form.DOMAIN_SAM}


@mark("edition")
def edition(context: Context, name: str) -> str:
    """Draw one property of all editions, a field of `Edition`: ``line_limit``."""
    if name not in context.words("edition-properties"):
        raise Problem(f"no property {name}; there are {', '.join(context.words('edition-properties'))}")
    return _table(context, name, [(edition.name, getattr(edition, name)) for edition in EDITIONS.values()])


@mark("editions")
def editions(context: Context) -> str:
    """Draw all properties, what CAPA lists, the forms of log-on names, and the wording of the replies."""
    return "\n\n".join(_sections(context))


def _sections(context: Context) -> Iterator[str]:
    words = context.words("editions")
    yield f"## {words['settings']} {{#settings}}"
    for name, title in context.words("edition-properties").items():
        yield f"### {title} {{#{_id(name)}}}"
        yield edition(context, name)
    yield f"## {words['capa']} {{#capa}}"
    yield words["capa_note"]
    for situation in _CAPA:
        yield f"### {words[situation]} {{#capa-{situation}}}"
        yield _table(context, "capa", _capa(situation))
    yield f"## {words['forms']} {{#forms}}"
    yield words["forms_note"]
    yield _forms(context)
    yield f"## {words['replies']} {{#replies}}"
    yield words["replies_note"]
    headings = replies.headings(context)
    for name in ReplyName:
        if facts := [
            (edition.name, edition.replies[name]) for edition in EDITIONS.values() if name in edition.replies
        ]:
            yield f"### {headings[name]} {{#{replies.anchor(name)}}}"
            yield _table(context, name, facts)


def _id(name: str) -> str:
    return _ADDRESSES.get(name, name.replace("_", "-"))


def _capa(situation: str) -> Iterator[tuple[str, Fact[object]]]:
    """Ask each edition for CAPA; what it lists has the source that the edition names for the situation."""
    tls, logged_on, source = _CAPA[situation]
    for known in EDITIONS.values():
        policy = ExchangePolicy(Settings.of(known.name), Directory(()), {}, _ALL_THERE)
        yield (
            known.name,
            Fact(tuple(policy.capabilities(tls=tls, logged_on=logged_on)), getattr(known, source)),
        )


def _table(context: Context, name: str, facts: Iterable[tuple[str, Fact[object]]]) -> str:
    """Draw one property: editions that follow each other and agree in value and source share a row."""
    lang, words, cited = context.lang, context.words("editions"), sources.load(context.root)
    rows = [
        (
            span(names),
            _support(fact.value, context) if name == "support" else _value(name, fact.value, words),
            _evidence(name, fact, lang),
            cited.cite(fact.source, lang),
        )
        for names, fact in neighbours(facts)
    ]
    return table(words["head"], rows)


def _support(value: object, context: Context) -> str:
    """Say how long a version is supported; what is not Exchange has no such date."""
    return (
        value.text(context.lang) if isinstance(value, Support) else context.words("editions")["inapplicable"]
    )


def _evidence(name: str, fact: Fact[object], lang: str) -> str:
    """Write the kind of evidence; until when Microsoft supports a version, minipop cannot imitate."""
    if name != "support":
        return kinds.span(fact.source.kind, lang)
    return kinds.span(Evidence.CITED, lang) if fact.value else "–"


def _forms(context: Context) -> str:
    """Draw the forms: editions that follow each other and agree in all of them share a column.

    There are so many columns that a kind of evidence is only its sign there; the words stand above.
    """
    columns = neighbours((edition.name, edition.forms) for edition in EDITIONS.values())
    head = [context.words("editions")["form"], *(span(names) for names, _ in columns)]
    rows = [
        [
            texts(context.lang)["forms"][form.value],
            *(_answer(EDITIONS[names[0]], form, context) for names, _ in columns),
        ]
        for form in Form
    ]
    key = " · ".join(kinds.span(kind, context.lang) for kind in Evidence)
    return f"{key}\n\n{table('|'.join(head), rows)}"


def _answer(edition: Edition, form: Form, context: Context) -> str:
    fact = edition.forms[form]
    word = "if_same" if form in _SHORT and edition.forms[Form.SAM].value else str(fact.value)
    return f"{context.words('editions')[word]} {kinds.span(fact.source.kind, context.lang)}"


def _value(name: str, value: object, words: Section) -> str:
    """Write a value of a property."""
    if isinstance(value, DeletesTo):
        return words[value.value]
    if isinstance(value, Enum):
        return f"`{value.value}`"
    if isinstance(value, ConnectionLimits):
        return words["connections"].format(*(words["unlimited"] if n is None else n for n in value))
    if isinstance(value, tuple):
        return ", ".join(f"`{word}`" for word in value) or words["None"]
    if isinstance(value, str):
        return f"`{value}`" if value else words["prompt" if name == "ntlm_prompt" else "empty"]
    if isinstance(value, bool) or value is None:
        return words[str(value)]
    return words[_UNITS[name]].format(value) if name in _UNITS else str(value)
