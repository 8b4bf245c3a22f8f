"""MkDocs hook: the page about/compatibility, drawn from what the tests of tests/clients have committed.

- ``<!-- clients mechanisms -->``: the table of mechanisms and clients;
- ``<!-- clients reasons -->``: client by client, what does not work, and why;
- ``<!-- clients certificates -->``: which client verifies the server's certificate;
- ``<!-- clients configurations -->``: how each was configured;
- ``<!-- clients versions -->``: which versions were tried, and when.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

DATA = Path("tests", "clients", "compatibility.json")

#: What a page says of an outcome; see tests/clients/matrix.py.
WORDS = {
    "de": {
        "works": "geht",
        "refused": "abgelehnt",
        "gives up": "gibt auf",
        "another": "nimmt {said}",
        "lacks": "kann es nicht",
        "mechanism": "Mechanismus",
        "client": "Client",
        "version": "Version",
        "from": "Quelle",
        "debian": "Debian-Paket `{}`",
        "pypi": "PyPI-Paket `getmail6`",
        "tried": "Ausprobiert am {}.",
        "another authority": "andere Zertifizierungsstelle angegeben",
        "no authority": "keine angegeben",
        "yes": "bricht ab",
        "no": "**sendet das Kennwort**",
        "995": "Port 995, Kennwort",
        "110+STLS": "Port 110 mit STLS, Kennwort",
        "XOAUTH2": "Exchange Online, Port 995, Token",
        "secret": "Die Datei `~/secret` enthält das Kennwort oder das Token.",
    },
    "en": {
        "works": "works",
        "refused": "refused",
        "gives up": "gives up",
        "another": "takes {said}",
        "lacks": "cannot do it",
        "mechanism": "mechanism",
        "client": "client",
        "version": "version",
        "from": "source",
        "debian": "Debian package `{}`",
        "pypi": "PyPI package `getmail6`",
        "tried": "Tried on {}.",
        "another authority": "told to trust another authority",
        "no authority": "told of none",
        "yes": "breaks off",
        "no": "**sends the password**",
        "995": "Port 995, password",
        "110+STLS": "Port 110 with STLS, password",
        "XOAUTH2": "Exchange Online, port 995, token",
        "secret": "The file `~/secret` holds the password or the token.",
    },
}

#: The rows of the table; where no server is named, it is Exchange 2016.
ROWS = {
    "de": {
        "USER": "USER und PASS",
        "PLAIN": "AUTH PLAIN",
        "LOGIN": "AUTH LOGIN",
        "LOGIN, listed": "AUTH LOGIN, in CAPA genannt, rfc",
        "NTLM": "AUTH NTLM",
        "NTLM, v1 allowed": "AUTH NTLM, NTLMv1 erlaubt",
        "NTLM, 2003": "AUTH NTLM, NTLMv1 erlaubt, Exchange 2003",
        "GSSAPI": "AUTH GSSAPI",
        "XOAUTH2": "AUTH XOAUTH2, Exchange Online",
    },
    "en": {
        "USER": "USER and PASS",
        "PLAIN": "AUTH PLAIN",
        "LOGIN": "AUTH LOGIN",
        "LOGIN, listed": "AUTH LOGIN, named in CAPA, rfc",
        "NTLM": "AUTH NTLM",
        "NTLM, v1 allowed": "AUTH NTLM, NTLMv1 allowed",
        "NTLM, 2003": "AUTH NTLM, NTLMv1 allowed, Exchange 2003",
        "GSSAPI": "AUTH GSSAPI",
        "XOAUTH2": "AUTH XOAUTH2, Exchange Online",
    },
}

_FETCHMAIL = "[fetchmail(1)](https://www.fetchmail.info/fetchmail-man.html), `--auth`"
_GETMAIL = "[getmail](https://getmail6.org/configuration.html), `SimplePOP3Retriever`"

#: Why something does not work, by the name that `_reason` gives it: German and English.
REASONS = {
    "fetchmail-auth": (
        f"`auth` kennt weder PLAIN noch LOGIN (Handbuch: {_FETCHMAIL}).",
        f"`auth` knows neither PLAIN nor LOGIN (manual: {_FETCHMAIL}).",
    ),
    "fetchmail-oauth": (
        f"fetchmail 6.4 kennt keine Token (Handbuch: {_FETCHMAIL}).",
        f"fetchmail 6.4 knows no tokens (manual: {_FETCHMAIL}).",
    ),
    "getmail-auth": (
        "Für POP3 gibt es nur USER und PASS, APOP und XOAUTH2 (dasselbe Handbuch).",
        "For POP3 there are USER and PASS, APOP and XOAUTH2 alone (the same manual).",
    ),
    "getmail-kerberos": (
        "`use_kerberos` gibt es nur für IMAP (dasselbe Handbuch, `SimpleIMAPRetriever`).",
        "`use_kerberos` exists for IMAP alone (the same manual, `SimpleIMAPRetriever`).",
    ),
    "getmail-stls": (
        f"getmail kennt kein STLS, nur 110 ohne TLS und 995 (Handbuch: {_GETMAIL}).",
        f"getmail knows no STLS, just 110 without TLS and 995 (manual: {_GETMAIL}).",
    ),
    "ntlm-v1": (
        "Der Client sendet NTLMv1, und das nimmt der Server nur an, wenn man es ihm erlaubt.",
        "The client sends NTLMv1, which the server accepts only if it is told to.",
    ),
    "malformed": (
        "Der Client versteht `+OK` als Antwort auf AUTH nicht; was er sendet, ist keine NTLM-Nachricht.",
        "The client does not understand `+OK` as the answer to AUTH and sends what is no NTLM message.",
    ),
    "gives up": (
        "Der Server nennt ihn nicht in CAPA, obwohl er ihn annimmt; der Client versucht es gar nicht.",
        "The server does not name it in CAPA although it accepts it; the client does not even try.",
    ),
    "gives up +OK": (
        "Der Client wartet auf `+` und ein Leerzeichen; mit `+OK` kann er nichts anfangen.",
        "The client waits for `+` and a space; it can make nothing of `+OK`.",
    ),
    "another": (
        "USER und PASS lassen sich nicht erzwingen; der Client nimmt das Stärkste, was CAPA nennt.",
        "USER and PASS cannot be forced; the client takes the strongest that CAPA names.",
    ),
}

_MARK = re.compile(r"^<!-- clients (?P<what>[a-z]+) -->$", re.MULTILINE)

#: An outcome on one transport, as it is committed.
Cell = dict[str, str]


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill in the marks of the page."""
    if not _MARK.search(markdown):
        return markdown
    lang = str(page.file.locale)  # type: ignore[attr-defined]  # set by mkdocs-static-i18n
    record = json.loads((Path(config.config_file_path).parent / DATA).read_text("utf-8"))
    return _MARK.sub(lambda found: "\n".join(_PARTS[found["what"]](record, lang)), markdown)


def _mechanisms(record: dict[str, Any], lang: str) -> Iterable[str]:
    clients = record["clients"]
    yield f"| {' | '.join([WORDS[lang]['mechanism'], *clients])} |"
    yield f"| {'--- | ' * (len(clients) + 1)}"
    for row, heading in ROWS[lang].items():
        cells = [_cell(client["outcomes"][row], lang) for client in clients.values()]
        yield f"| {' | '.join([heading, *cells])} |"


def _cell(outcomes: dict[str, Cell], lang: str) -> str:
    """Write each outcome once, with the transports that share it unless those are all that there are."""
    shared: dict[str, list[str]] = {}
    for transport, outcome in outcomes.items():
        if outcome["word"] != "not offered":
            shared.setdefault(_word(outcome, lang), []).append(transport)
    if len(shared) == 1:
        return next(iter(shared))
    return "<br>".join(f"{', '.join(transports)}: {word}" for word, transports in shared.items())


def _word(outcome: Cell, lang: str) -> str:
    return WORDS[lang][outcome["word"]].format(said=outcome.get("said", ""))


def _reasons(record: dict[str, Any], lang: str) -> Iterable[str]:
    for name, client in record["clients"].items():
        found: dict[str, dict[str, None]] = {}  # rows by what is said of them, both in order and once
        for row, outcomes in client["outcomes"].items():
            for outcome in outcomes.values():
                if outcome["word"] not in ("works", "not offered"):
                    found.setdefault(_failure(outcome, lang), {})[ROWS[lang][row]] = None
        yield f"### {name} {{#client-{name}}}\n"
        yield from (f"- {text.format(rows='; '.join(rows))}" for text, rows in found.items())
        yield ""


def _failure(outcome: Cell, lang: str) -> str:
    """Say what did not work and why; what a client lacks needs no list of the attempts that it spares."""
    if outcome["word"] == "lacks":
        return _reason(outcome, lang)
    said = f" (`{outcome['reply']}`)" if "reply" in outcome else ""
    return f"{{rows}}: {_word(outcome, lang)}{said}. {_reason(outcome, lang)}"


def _reason(outcome: Cell, lang: str) -> str:
    """Return why something does not work; a name that is not in `REASONS` stops the build."""
    name = outcome.get("reason") or f"{outcome['word']} {outcome.get('reply', '')}".strip()
    return REASONS[name][0 if lang == "de" else 1]


def _certificates(record: dict[str, Any], lang: str) -> Iterable[str]:
    words, clients = WORDS[lang], record["clients"]
    yield f"| {words['client']} | {words['another authority']} | {words['no authority']} |"
    yield "| --- | --- | --- |"
    for name, client in clients.items():
        cells = []
        for told in ("another authority", "no authority"):
            outcomes = {transport: {"word": word} for transport, word in client["verifies"][told].items()}
            cells.append(_cell(outcomes, lang))
        yield f"| {' | '.join([name, *cells])} |"


def _configurations(record: dict[str, Any], lang: str) -> Iterable[str]:
    words = WORDS[lang]
    for name, client in record["clients"].items():
        yield f'??? example "{name}"\n'
        for heading, lines in client["configuration"].items():
            yield f"    {words[heading]}:\n"
            yield from ("    ```text", *(f"    {line}" for line in lines), "    ```\n")
        if any("~/secret" in line for lines in client["configuration"].values() for line in lines):
            yield f"    {words['secret']}\n"


def _versions(record: dict[str, Any], lang: str) -> Iterable[str]:
    words = WORDS[lang]
    yield f"| {words['client']} | {words['version']} | {words['from']} |"
    yield "| --- | --- | --- |"
    for name, client in record["clients"].items():
        package = client["package"]
        source = words["debian"].format(package) if package else words["pypi"]
        yield f"| {name} | {client['version']} | {source} |"
    yield f"\n{words['tried'].format(record['date'])}"


_PARTS: dict[str, Callable[[dict[str, Any], str], Iterable[str]]] = {
    "mechanisms": _mechanisms,
    "reasons": _reasons,
    "certificates": _certificates,
    "configurations": _configurations,
    "versions": _versions,
}
