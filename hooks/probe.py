"""MkDocs hook: reports of `minipop probe` that are made while the site is built, and what they can say.

What an author can write in a page:

- ``<!-- probe 2016 -->``: a Lab of that edition starts, is probed, and the report stands in the page;
- ``<!-- probe findings -->``: all findings with what to do, from the probe's own texts, by severity.

A report shows what was found on the wire. Only what would differ from build to build is replaced: date,
ports, path of the certificate authority and serial number in the certificate.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from minipop import Lab
from minipop.exchange import EDITIONS
from minipop.probe import report, verdict
from minipop.probe.observation import PLAIN, STLS, TLS, Observation, Target, Way
from minipop.probe.probe import look
from minipop.probe.verdict import Severity

#: Every report's clock: the day as of which the site's statements are checked.
WHEN = datetime(2026, 11, 23, 12, tzinfo=UTC)

#: The ports that reports show instead of those the system chose for the Lab.
PORTS = {PLAIN: 110, STLS: 110, TLS: 995}

LESSON_03 = "../learn/03-log-on-names.ipynb"
LESSON_04 = "../learn/04-ports-and-mechanisms.ipynb"
LESSON_09 = "../learn/09-ntlm-and-kerberos.ipynb"
LESSON_10 = "../learn/10-certificates-and-stls.ipynb"
STLS_COMMAND = "../reference/commands.md#stls"

#: Every finding by its severity, with the place of the site that shows it. `logon-refused` and
#: `logon-not-offered` are notices if another way to log on works.
FINDINGS: dict[Severity, dict[str, str]] = {
    Severity.DANGER: {
        "password-in-clear": f"{LESSON_04}#plain",
        "token-in-clear": f"{LESSON_04}#token",
        "stls-injection": STLS_COMMAND,
        "tls-old": "",
        "certificate-expired": f"{LESSON_10}#practice",
        "certificate-not-yet-valid": f"{LESSON_10}#practice",
    },
    Severity.WARNING: {
        "ntlm-in-clear": f"{LESSON_04}#table",
        "no-stls": f"{LESSON_04}#tls",
        "tls-no-new": "",
        "certificate-name": f"{LESSON_10}#host-name",
        "certificate-self-signed": f"{LESSON_10}#unverified",
        "certificate-untrusted": f"{LESSON_10}#unknown-ca",
        "certificate-ends-soon": f"{LESSON_10}#practice",
        "certificate-weak": "",
        "certificate-unreadable": "",
        "logon-refused": LESSON_03,
        "logon-not-offered": f"{LESSON_04}#table",
        "logon-not-tried": f"{LESSON_10}#unverified",
        "port-hung-up": "",
        "port-silent": "",
        "port-endless": "",
        "port-garbage": "",
        "port-rejected": "",
        "port-not-pop3": "",
        "port-no-tls": "",
        "port-handshake": "",
    },
    Severity.NOTICE: {
        "kerberos-in-clear": f"{LESSON_04}#table",
        "ntlm-tells": f"{LESSON_09}#predict",
        "greeting-tells": "",
        "greeting-names": "",
        "user-listed": f"{LESSON_10}#too-late",
        "stls-unlisted": f"{LESSON_10}#predict",
        "stls-unknown": "",
        "password-unknown": "",
        "tls-untestable": "",
        "tls-unanswered": "",
        "port-refused": "",
        "port-filtered": "",
        "port-unreachable": "",
        "port-unknown-host": "",
    },
    Severity.OK: {
        "no-password-in-clear": f"{LESSON_04}#tls",
        "stls-sound": STLS_COMMAND,
        "tls-new": "",
        "certificate-good": f"{LESSON_10}#practice",
        "logon-works": "",
    },
}

WORDS = {
    "de": {"lesson": "Lektion {}", "command": "Befehl `STLS`"},
    "en": {"lesson": "Lesson {}", "command": "Command `STLS`"},
}

_MARK = re.compile(r"^<!-- probe (?P<what>\S+) -->$", re.MULTILINE)

#: What is typed as it stands: cmdlets with their parameters, options, keys of the registry.
_CODE = re.compile(
    r"(?<!\w)(?:Enable|Get|Set)-\w+(?: -[A-Z]\w+(?: (?:\$false|[A-Z]\w+))?)*"
    r"|(?<!\w)-[A-Z]\w+|--[a-z-]+|SCHANNEL\\\w+"
)


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fill in the marks of a page."""
    lang = str(page.file.locale)  # type: ignore[attr-defined]  # set by mkdocs-static-i18n

    def mark(found: re.Match[str]) -> str:
        if found["what"] == "findings":
            return "\n\n".join(_findings(lang))
        if found["what"] not in EDITIONS:
            raise PluginError(f"{page.file.src_uri}: no edition {found['what']} to probe")
        return _sample(found["what"], lang)

    return _MARK.sub(mark, markdown)


# -- reports --------------------------------------------------------------------------------------


@cache
def observe(edition: str) -> Observation:
    """Start a Lab, probe it, and return what was seen, without what differs from build to build."""
    with Lab(edition) as lab:
        seen = look(Target(lab.host, lab.host, lab.port, lab.tls_port, str(lab.ca_file)))
    target = replace(seen.target, port=PORTS[PLAIN], tls_port=PORTS[TLS], ca_file="ca.pem")
    return replace(seen, target=target, when=WHEN, ways=[_settled(way) for way in seen.ways])


def _settled(way: Way) -> Way:
    seal = way.seal
    if seal and seal.certificate:
        subject = seal.certificate.subject.partition(",")[0]  # behind it: a serial number
        seal = replace(seal, certificate=replace(seal.certificate, subject=subject))
    return replace(way, port=PORTS[way.name], seal=seal)


def _sample(edition: str, lang: str) -> str:
    """Draw a report as a terminal shows it, its last part to be unfolded."""
    seen = observe(edition)
    heading = report.texts(lang)["words"]["seen"]
    upper, found, rest = report.as_text(seen, lang).partition(f"\n\n{heading}\n\n")
    assert found, "a report without its last part"
    option = "" if lang == "en" else f" --lang {lang}"
    command = f"$ .venv/bin/minipop probe {seen.target.host} --ca-file {seen.target.ca_file}{option}"
    status = verdict.EXIT[verdict.worst(verdict.findings(seen))]
    rest = f"{rest}\n$ echo $?\n{status}"
    folded = "\n".join(f"    {line}".rstrip() for line in ("```text", *rest.splitlines(), "```"))
    return f'```text\n{command}\n{upper}\n```\n\n??? note "{heading}"\n\n{folded}'


# -- findings -------------------------------------------------------------------------------------


def _findings(lang: str) -> Iterator[str]:
    texts = report.texts(lang)
    listed = {code for codes in FINDINGS.values() for code in codes}
    if listed != set(texts["findings"]):
        raise PluginError(f"hooks/probe.py: findings differ: {sorted(listed ^ set(texts['findings']))}")
    for severity, codes in FINDINGS.items():
        name = str(texts["severities"][severity.name][1])
        yield f"### {name[0].upper()}{name[1:]} {{#{severity.name.lower()}}}"
        for code, place in codes.items():
            yield _finding(code, texts["findings"][code], place, lang)


def _finding(code: str, sentences: list[str], place: str, lang: str) -> str:
    """Draw a finding: its code, what it means, and what to do."""
    what, *todo = map(_marked, sentences)
    head = report.texts(lang)["words"]["todo"].strip()
    if place:
        what += f" → {_link(place, lang)}"
    body = "\n\n    ".join([what, *(f"**{head}** {text}" for text in todo)])
    return f"`{code}` {{#{code}}}\n:   {body}"


def _marked(text: str) -> str:
    """Return a sentence of the report as Markdown, with dots for what a report fills in."""
    filled = text.format_map(defaultdict(lambda: "…")).replace("….", "…")
    return _CODE.sub(lambda found: f"`{found[0]}`", filled)


def _link(place: str, lang: str) -> str:
    number = re.search(r"/(\d\d)-", place)
    words = WORDS[lang]
    name = words["lesson"].format(number[1]) if number else words["command"]
    return f"[{name}]({place})"
