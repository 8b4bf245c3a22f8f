"""MkDocs hook: `<!-- editions -->` becomes the tables of all editions, drawn from minipop's own data.

``<!-- edition line_limit -->`` becomes one of them, that of the property named.

Each cell says which kind of evidence stands behind it and names the source. Neighbouring editions with
the same value from the same source share a row, or a column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from hooks import sources
from minipop.exchange import EDITIONS, Directory, Edition, ExchangePolicy, Settings, Trust
from minipop.exchange.names import Form
from minipop.exchange.sources import Evidence, Fact
from minipop.exchange.tokens import Token
from minipop.mailbox import DeletesTo
from minipop.protocol import ReplyName
from minipop.wire.explain import texts

MARK = "<!-- editions -->"

_ONE = re.compile(r"^<!-- edition (?P<name>\w+) -->$", re.MULTILINE)

WORDS: dict[str, dict[str, str]] = {
    "de": {
        "head": "| Edition | Wert | Beleg | Quelle |",
        "forms": "Formen des Anmeldenamens",
        "form": "Form",
        "forms_note": "Das Kennwort ist richtig und die Verbindung verschlüsselt. „Ja“ heißt: Die Form wird "
        "verstanden. „Wenn beide gleich sind“ heißt: Sie führt nur zum Postfach, wenn Alias und "
        "sAMAccountName übereinstimmen. Bei online steht „ja“ beim UPN nur für die Anmeldung mit Token; mit "
        "einem Kennwort kommt dort niemand hinein.",
        "if_same": "wenn beide gleich sind",
        "replies": "Wortlaut der Antworten",
        "settings": "Einstellungen und Grenzen",
        "capa": "CAPA in drei Situationen",
        "capa_note": "Was ein Client mit den Standardeinstellungen zu sehen bekommt, nach denselben "
        "Regeln berechnet, nach denen der Server antwortet.",
        "before": "Auf Port 110 vor TLS",
        "inside": "Nach STLS und auf Port 995",
        "after": "Nach der Anmeldung, mit TLS",
        "True": "ja",
        "False": "nein",
        "None": "gibt es nicht",
        "seconds": "{} s",
        "octets": "{} Bytes",
        "empty": "(nur `+OK`)",
        "nothing": "nirgends",
        "dumpster": "im Dumpster des Ordners",
        "recoverable-items": "unter „Wiederherstellbare Elemente“, *Deletions*",
        "prompt": "`+` und ein Leerzeichen",
        "unlimited": "unbegrenzt",
        "connections": "insgesamt {0}, je Adresse {1}, je Benutzer {2}",
        "measured": "gemessen",
        "re-enacted": "nachgestellt",
        "invented": "erfunden",
        "narrated": "erzählt",
    },
    "en": {
        "head": "| edition | value | evidence | source |",
        "forms": "Forms of the log-on name",
        "form": "form",
        "forms_note": "The password is right and the connection is encrypted. “Yes” means that the form is "
        "understood. “If both are the same” means that it leads to the mailbox only if alias and "
        "sAMAccountName are identical. For online, “yes” at the UPN refers to logging on with a token; a "
        "password lets nobody in there.",
        "if_same": "if both are the same",
        "replies": "Wording of the replies",
        "settings": "Settings and limits",
        "capa": "CAPA in three situations",
        "capa_note": "What a client gets to see with the default settings, worked out by the same rules "
        "by which the server answers.",
        "before": "On port 110 before TLS",
        "inside": "After STLS and on port 995",
        "after": "After the log-on, with TLS",
        "True": "yes",
        "False": "no",
        "None": "does not exist",
        "seconds": "{} s",
        "octets": "{} bytes",
        "empty": "(`+OK` alone)",
        "nothing": "nowhere",
        "dumpster": "in the dumpster of its folder",
        "recoverable-items": "in Recoverable Items, *Deletions*",
        "prompt": "`+` and a space",
        "unlimited": "unlimited",
        "connections": "{0} in all, {1} per address, {2} per user",
        "measured": "measured",
        "re-enacted": "re-enacted",
        "invented": "invented",
        "narrated": "narrated",
    },
}

#: Fields of `Edition` in the order of the page: German and English heading, and how a value is written.
SETTINGS: dict[str, tuple[str, str, str]] = {
    "listed": ("SASL-Mechanismen in CAPA", "SASL mechanisms in CAPA", "words"),
    "accepted": ("SASL-Mechanismen, die AUTH annimmt", "SASL mechanisms that AUTH accepts", "words"),
    "login_type": ("LoginType, Standardwert", "LoginType, default", "plain"),
    "plaintext_before_tls": ("Kennwort auf Port 110 ohne TLS", "Password on port 110 without TLS", "plain"),
    "negotiated_before_tls": (
        "NTLM und Kerberos auf Port 110 ohne TLS",
        "NTLM and Kerberos on port 110 without TLS",
        "plain",
    ),
    "gssapi_ntlm": (
        "EnableGSSAPIAndNTLMAuth, Standardwert",
        "EnableGSSAPIAndNTLMAuth, default",
        "plain",
    ),
    "extended_protection": (
        "ExtendedProtectionPolicy, Standardwert",
        "ExtendedProtectionPolicy, default",
        "plain",
    ),
    "ntlm_prompt": ("Antwort auf `AUTH NTLM`", "Answer to `AUTH NTLM`", "line"),
    "own_mailbox": (
        "NTLM und Kerberos öffnen das eigene Postfach auch dann, wenn der Alias anders lautet",
        "NTLM and Kerberos open one's own mailbox even if the alias differs",
        "plain",
    ),
    "stls": ("STLS auf Port 110", "STLS on port 110", "plain"),
    "passwords": ("Anmeldung mit Kennwort", "Log-on with a password", "plain"),
    "line_limit": ("Längste Befehlszeile", "Longest command line", "octets"),
    "failed_logons": (
        "Gescheiterte Anmeldungen, nach denen die Verbindung endet",
        "Failed log-ons after which the connection ends",
        "number",
    ),
    "logon_timeout": ("Zeitlimit bis zur Anmeldung", "Time-out before log-on", "seconds"),
    "idle_timeout": ("Zeitlimit bei Untätigkeit", "Idle time-out", "seconds"),
    "connections": ("Höchstzahl der Verbindungen", "Maximum connections", "connections"),
    "address_list": (
        "Liste der Adressen, die sich verbinden dürfen, im Dienst selbst",
        "List of the addresses that may connect, in the service itself",
        "plain",
    ),
    "deletes_to": ("Was POP3 löscht, liegt danach", "What POP3 deletes is then", "deletes_to"),
    "retention_days": ("Aufbewahrung in Tagen", "Retention in days", "number"),
    "single_item_recovery": (
        "Wiederherstellung einzelner Elemente, Standardwert",
        "Single item recovery, default",
        "plain",
    ),
    "base64_uids": (
        "UIDL nennt Base64 statt Dezimalzahlen",
        "UIDL tells base64, not decimals",
        "plain",
    ),
    "exclusive": ("Postfach für eine Sitzung gesperrt", "Mailbox locked for one session", "plain"),
}

#: Headings whose address is older than the name of their field.
ADDRESSES = {"deletes_to": "keeping"}

#: A realm and an issuer, for listing what would be offered with both.
ALL_THERE = Trust(keytab=Path("keytab"), verify=lambda _: Token(None, None))

#: A name of these forms serves as sAMAccountName and as alias at once (MSXFAQ: only if they are the same).
SHORT = {Form.ALIAS, Form.SAM, Form.DOMAIN_SAM}


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill in the tables."""
    lang = str(page.file.locale)  # type: ignore[attr-defined]  # set by mkdocs-static-i18n
    markdown = _ONE.sub(lambda found: _property(found["name"], lang), markdown)
    return markdown.replace(MARK, "\n\n".join(_page(lang))) if MARK in markdown else markdown


def _page(lang: str) -> Iterable[str]:
    words = WORDS[lang]
    yield f"## {words['settings']} {{#settings}}"
    for name, (german, english, _) in SETTINGS.items():
        yield f"### {german if lang == 'de' else english} {{#{ADDRESSES.get(name, name.replace('_', '-'))}}}"
        yield _property(name, lang)
    yield f"## {words['capa']} {{#capa}}"
    yield words["capa_note"]
    for name, tls, logged_on in (
        ("before", False, False),
        ("inside", True, False),
        ("after", True, True),
    ):
        yield f"### {words[name]} {{#capa-{name}}}"
        yield _table(list(_capa(name, tls, logged_on)), "words", lang)
    yield f"## {words['forms']} {{#forms}}"
    yield words["forms_note"]
    yield _forms(lang)
    yield f"## {words['replies']} {{#replies}}"
    for name in ReplyName:
        facts = [(e.name, e.replies[name]) for e in EDITIONS.values() if name in e.replies]
        if facts:
            yield f"### `{name}` {{#reply-{name.replace('_', '-')}}}"
            yield _table(facts, "reply", lang)


def _capa(situation: str, tls: bool, logged_on: bool) -> Iterable[tuple[str, Fact[object]]]:
    """Ask each edition for CAPA, with the source that stands behind the answer."""
    for edition in EDITIONS.values():
        policy = ExchangePolicy(Settings(edition), Directory(()), {}, ALL_THERE)
        lines = policy.capabilities(tls=tls, logged_on=logged_on)
        sources = {
            "before": edition.capa_before_tls,
            "inside": edition.capa_inside_tls,
            "after": edition.capa_logged_on,
        }
        yield edition.name, Fact(tuple(lines), sources[situation])


def _property(name: str, lang: str) -> str:
    """Draw a property that has one value in each edition."""
    return _table([(e.name, getattr(e, name)) for e in EDITIONS.values()], SETTINGS[name][2], lang)


def _table(facts: Iterable[tuple[str, Fact[object]]], how: str, lang: str) -> str:
    """Draw one property: a row for each run of editions that agree in value and source."""
    runs: list[tuple[list[str], Fact[object]]] = []
    for edition, fact in facts:
        if runs and runs[-1][1] == fact:
            runs[-1][0].append(edition)
        else:
            runs.append(([edition], fact))
    rows = [
        f"| {_span(names)} | {_value(fact.value, how, lang)} | {_kind(fact, lang)} "
        f"| {sources.cite(fact.source, lang)} |"
        for names, fact in runs
    ]
    return "\n".join([WORDS[lang]["head"], "| --- | --- | --- | --- |", *rows])


def _forms(lang: str) -> str:
    """Draw the forms as a matrix: a column for each run of editions that agree in all of them."""
    columns: list[list[Edition]] = []
    for edition in EDITIONS.values():
        if columns and columns[-1][0].forms == edition.forms:
            columns[-1].append(edition)
        else:
            columns.append([edition])
    head = [WORDS[lang]["form"], *(_span([e.name for e in column]) for column in columns)]
    lines = [f"| {' | '.join(head)} |", "| --- " * len(head) + "|"]
    for form in Form:
        answers = [_answer(column[0], form, lang) for column in columns]
        lines.append(f"| {texts(lang)['forms'][form.value]} | {' | '.join(answers)} |")
    return "\n".join(lines)


def _answer(edition: Edition, form: Form, lang: str) -> str:
    fact = edition.forms[form]
    word = "if_same" if form in SHORT and edition.forms[Form.SAM].value else str(fact.value)
    return f"{WORDS[lang][word]}, {_kind(fact, lang)}"


def _span(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} – {names[-1]}"


def _kind(fact: Fact[object], lang: str) -> str:
    kind = WORDS[lang][fact.source.kind.value]
    return f"*{kind}*" if fact.source.kind is Evidence.INVENTED else kind


def _value(value: object, how: str, lang: str) -> str:
    words = WORDS[lang]
    if isinstance(value, DeletesTo):
        return words[value.value]
    if how == "number":
        return str(value)
    if isinstance(value, Enum):
        return f"`{value.value}`"
    if how == "line":
        return f"`{value}`" if value else words["prompt"]
    if how == "reply":
        return f"`{value}`" if value else words["empty"]
    if how == "connections" and isinstance(value, tuple):
        return words["connections"].format(*(words["unlimited"] if n is None else n for n in value))
    if how == "words" and isinstance(value, tuple):
        return ", ".join(f"`{word}`" for word in value) or words["None"]
    if how in ("seconds", "octets"):
        return words[how].format(value)
    return words[str(value)]
