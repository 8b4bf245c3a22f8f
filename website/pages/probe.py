"""Reports of `minipop probe` that are made while the site is built, and what they can say.

A report shows what was found on the wire. Only what would differ from build to build is replaced: date and
ports; and the address of the Lab by the name of the server. The version in NTLM's challenge is left out where
it is not that of the edition's Windows.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from minipop import Lab
from minipop.probe import report, verdict
from minipop.probe.observation import PLAIN, STLS, TLS, Observation, Target
from minipop.probe.probe import probe
from minipop.probe.verdict import Severity, severities
from website.data import Problem, read
from website.marks import Context, mark
from website.pages.windows import HOST, VERSIONS, windows

#: Every report's clock: the day as of which the site's statements are checked.
WHEN = datetime(2026, 11, 23, 12, tzinfo=UTC)

#: The ports that reports show instead of those the system chose for the Lab.
PORTS = {PLAIN: 110, STLS: 110, TLS: 995}

#: The editions that run on the Windows whose version minipop's NTLM gives, whatever the edition: Server 2016.
_ON_WINDOWS_2016 = {"2016"}

#: What is typed as it stands: cmdlets with their parameters, options, keys of the registry.
_CODE = re.compile(
    r"(?<!\w)(?:Enable|Get|Set)-\w+(?: -[A-Z]\w+(?: (?:\$false|[A-Z]\w+))?)*"
    r"|(?<!\w)-[A-Z]\w+|--[a-z-]+|SCHANNEL\\\w+"
)


# -- reports --------------------------------------------------------------------------------------------


@mark("probe")
def sample(context: Context, edition: str) -> str:
    """Draw the report on a Lab of an edition as a terminal shows it, its last part to be unfolded."""
    if edition not in VERSIONS:
        raise Problem(f"no edition {edition} to probe; there are {', '.join(VERSIONS)}")
    lang, seen = context.lang, observe(edition)
    heading = report.texts(lang)["words"]["seen"]
    upper, found, rest = report.as_text(seen, lang).partition(f"\n\n{heading}\n\n")
    assert found, "a report without its last part"
    option = "" if lang == "en" else f" --lang {lang}"
    command = f"$ .venv/bin/minipop probe {seen.target.host}{option}"
    status = verdict.EXIT[verdict.worst(verdict.findings(seen))]
    rest = f"{rest}\n$ echo $?\n{status}"
    folded = "\n".join(f"    {line}".rstrip() for line in ("```text", *rest.splitlines(), "```"))
    return f'```text\n{command}\n{upper}\n```\n\n??? note "{heading}"\n\n{folded}'


@cache
def observe(edition: str) -> Observation:
    """Start a Lab with the TLS of Windows, probe it, and return what was seen, the same at each build."""
    with windows(edition), Lab(edition) as lab:
        seen = probe(Target(lab.host, HOST, lab.port, lab.tls_port))
    target = replace(seen.target, host=HOST, port=PORTS[PLAIN], tls_port=PORTS[TLS])
    endpoints = [replace(endpoint, port=PORTS[endpoint.name]) for endpoint in seen.endpoints]
    if edition not in _ON_WINDOWS_2016:
        endpoints = [replace(e, ntlm=e.ntlm and replace(e.ntlm, build="")) for e in endpoints]
    return replace(seen, target=target, when=WHEN, endpoints=endpoints)


# -- findings -------------------------------------------------------------------------------------------


def places(root: Path) -> dict[str, str]:
    """Return where the site shows what a finding means, by code, if it does.

    Raises:
        Problem: the probe has no such finding.
    """
    known = read(root, "docs/findings.yml", dict[str, str])
    if unknown := known.keys() - severities().keys():
        raise Problem(f"docs/findings.yml: the probe has no finding {', '.join(sorted(unknown))}")
    return known


@mark("probe findings")
def findings(context: Context) -> str:
    """Draw all findings with what to do, the worst first, from the probe's own texts."""
    return "\n\n".join(_findings(context))


def _findings(context: Context) -> Iterator[str]:
    texts = report.texts(context.lang)
    for severity in reversed(Severity):
        name = str(texts["severities"][severity.name][1])
        yield f"### {name[0].upper()}{name[1:]} {{#{severity.name.lower()}}}"
        for code in (code for code, known in severities().items() if known is severity):
            yield _finding(code, texts["findings"][code], context)


def _finding(code: str, sentences: list[str], context: Context) -> str:
    """Draw a finding: its code, what it means, and what to do."""
    what, *todo = map(_marked, sentences)
    head = report.texts(context.lang)["words"]["todo"].strip()
    if place := places(context.root).get(code):
        what += f" → [{_name(place, context)}]({context.link(place)})"
    remedies = report.texts(context.lang)["remedies"]
    named = [
        f"*{name.capitalize()}:* {_marked(fits[code])}" for name, fits in remedies.items() if code in fits
    ]
    body = "\n\n    ".join([what, *(f"**{head}** {text}" for text in todo), *named])
    return f"`{code}` {{#{code}}}\n:   {body}"


def _marked(text: str) -> str:
    """Return a sentence of the report as Markdown, with dots for what a report fills in."""
    filled = text.format_map(defaultdict(lambda: "…")).replace("….", "…")
    return _CODE.sub(lambda found: f"`{found[0]}`", filled)


def _name(place: str, context: Context) -> str:
    number = re.search(r"/(\d\d)-", place)
    words = context.words("probe")
    return words["lesson"].format(number[1]) if number else words["command"]
