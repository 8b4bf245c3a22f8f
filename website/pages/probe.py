"""Reports of `minipop probe` that are made while the site is built, and what they can say.

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
from pathlib import Path

from minipop import Lab
from minipop.exchange import EDITIONS
from minipop.probe import report, verdict
from minipop.probe.observation import PLAIN, STLS, TLS, Endpoint, Observation, Target
from minipop.probe.probe import probe
from minipop.probe.verdict import Severity, severities
from website.data import Problem, read
from website.marks import Context, mark

#: Every report's clock: the day as of which the site's statements are checked.
WHEN = datetime(2026, 11, 23, 12, tzinfo=UTC)

#: The ports that reports show instead of those the system chose for the Lab.
PORTS = {PLAIN: 110, STLS: 110, TLS: 995}

#: What is typed as it stands: cmdlets with their parameters, options, keys of the registry.
_CODE = re.compile(
    r"(?<!\w)(?:Enable|Get|Set)-\w+(?: -[A-Z]\w+(?: (?:\$false|[A-Z]\w+))?)*"
    r"|(?<!\w)-[A-Z]\w+|--[a-z-]+|SCHANNEL\\\w+"
)


# -- reports --------------------------------------------------------------------------------------------


@mark("probe")
def sample(context: Context, edition: str) -> str:
    """Draw the report on a Lab of an edition as a terminal shows it, its last part to be unfolded."""
    if edition not in EDITIONS:
        raise Problem(f"no edition {edition} to probe; there are {', '.join(EDITIONS)}")
    lang, seen = context.lang, observe(edition)
    heading = report.texts(lang)["words"]["seen"]
    upper, found, rest = report.as_text(seen, lang).partition(f"\n\n{heading}\n\n")
    assert found, "a report without its last part"
    option = "" if lang == "en" else f" --lang {lang}"
    command = f"$ .venv/bin/minipop probe {seen.target.host} --ca-file {seen.target.ca_file}{option}"
    status = verdict.EXIT[verdict.worst(verdict.findings(seen))]
    rest = f"{rest}\n$ echo $?\n{status}"
    folded = "\n".join(f"    {line}".rstrip() for line in ("```text", *rest.splitlines(), "```"))
    return f'```text\n{command}\n{upper}\n```\n\n??? note "{heading}"\n\n{folded}'


@cache
def observe(edition: str) -> Observation:
    """Start a Lab, probe it, and return what was seen, without what differs from build to build."""
    with Lab(edition) as lab:
        seen = probe(Target(lab.host, lab.host, lab.port, lab.tls_port, str(lab.ca_file)))
    target = replace(seen.target, port=PORTS[PLAIN], tls_port=PORTS[TLS], ca_file="ca.pem")
    return replace(
        seen, target=target, when=WHEN, endpoints=[_settled(endpoint) for endpoint in seen.endpoints]
    )


def _settled(endpoint: Endpoint) -> Endpoint:
    tls = endpoint.tls
    if tls and tls.certificate:
        subject = tls.certificate.subject.partition(",")[0]  # behind it: a serial number
        tls = replace(tls, certificate=replace(tls.certificate, subject=subject))
    return replace(endpoint, port=PORTS[endpoint.name], tls=tls)


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
    body = "\n\n    ".join([what, *(f"**{head}** {text}" for text in todo)])
    return f"`{code}` {{#{code}}}\n:   {body}"


def _marked(text: str) -> str:
    """Return a sentence of the report as Markdown, with dots for what a report fills in."""
    filled = text.format_map(defaultdict(lambda: "…")).replace("….", "…")
    return _CODE.sub(lambda found: f"`{found[0]}`", filled)


def _name(place: str, context: Context) -> str:
    number = re.search(r"/(\d\d)-", place)
    words = context.words("probe")
    return words["lesson"].format(number[1]) if number else words["command"]
