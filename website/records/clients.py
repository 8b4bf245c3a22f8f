"""The page reference/compatibility: what real clients did, mechanism by mechanism."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from website.marks import Context, mark
from website.records import record
from website.tables import table


@dataclass(frozen=True)
class Outcome:
    """What came of a mechanism on one transport, in the words of evidence/clients/matrix.py."""

    word: str
    said: str = ""
    reply: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Client:
    """What is on record of a client; what it did by row and transport, Debian's package or an empty text."""

    version: str
    package: str
    configuration: dict[str, list[str]]
    outcomes: dict[str, dict[str, Outcome]]
    verifies: dict[str, dict[str, str]]


@dataclass(frozen=True)
class Clients:
    """The record: the clients by name."""

    clients: dict[str, Client]


def _load(context: Context) -> Clients:
    return record(context.root, "clients", Clients)


@mark("clients mechanisms")
def mechanisms(context: Context) -> str:
    """Draw the table of clients and mechanisms; clients are rows, because there may be more of them."""
    headings = context.words("client-rows")
    rows = [
        [name, *(_cell(client.outcomes[row], context) for row in headings)]
        for name, client in _load(context).clients.items()
    ]
    return table("|".join([context.words("clients")["client"], *headings.values()]), rows)


def _cell(outcomes: dict[str, Outcome], context: Context) -> str:
    """Write each outcome once, with the transports that share it unless those are all that there are."""
    shared: dict[str, list[str]] = {}
    for transport, outcome in outcomes.items():
        if outcome.word != "not offered":
            shared.setdefault(_word(outcome, context), []).append(transport)
    if len(shared) == 1:
        return next(iter(shared))
    return "<br>".join(f"{', '.join(transports)}: {word}" for word, transports in shared.items())


def _word(outcome: Outcome, context: Context) -> str:
    return context.words("clients")[outcome.word].format(said=outcome.said)


@mark("clients reasons")
def reasons(context: Context) -> str:
    """Draw, client by client, what does not work, and why."""
    return "\n".join(_reasons(context))


def _reasons(context: Context) -> Iterator[str]:
    headings = context.words("client-rows")
    for name, client in _load(context).clients.items():
        found: dict[str, dict[str, None]] = {}  # rows by what is said of them, both in order and once
        for row, outcomes in client.outcomes.items():
            for outcome in outcomes.values():
                if outcome.word not in ("works", "not offered"):
                    found.setdefault(_failure(name, outcome, context), {})[headings[row]] = None
        yield f"### {name} {{#client-{name}}}\n"
        yield from (f"- {text.format(rows='; '.join(rows))}" for text, rows in found.items())
        yield ""


def _failure(client: str, outcome: Outcome, context: Context) -> str:
    """Say what did not work and why; what a client lacks needs no list of the attempts that it spares."""
    detail = client if outcome.word == "another" else outcome.reply or ""
    name = outcome.reason or f"{outcome.word} {detail}".strip()
    reason = context.words("client-reasons")[name]
    if outcome.word in ("lacks", "untried"):
        return reason
    said = "" if outcome.reply is None else f" (`{outcome.reply}`)"
    return f"{{rows}}: {_word(outcome, context)}{said}. {reason}"


@mark("clients certificates")
def certificates(context: Context) -> str:
    """Draw which client verifies the server's certificate."""
    rows = [
        [
            name,
            *(
                _cell(
                    {transport: Outcome(word) for transport, word in client.verifies[told].items()}, context
                )
                for told in ("another authority", "no authority")
            ),
        ]
        for name, client in _load(context).clients.items()
    ]
    return table(context.words("clients")["certificates"], rows)


@mark("clients configurations")
def configurations(context: Context) -> str:
    """Draw how each client was configured."""
    return "\n".join(_configurations(context, _load(context).clients.items()))


def _configurations(context: Context, clients: Iterable[tuple[str, Client]]) -> Iterator[str]:
    words = context.words("clients")
    for name, client in clients:
        yield f'??? example "{name}"\n'
        for heading, lines in client.configuration.items():
            yield f"    {words[heading]}:\n"
            text = "\n".join(lines)  # an entry may have several lines
            yield from ("    ```text", *(f"    {line}" for line in text.splitlines()), "    ```\n")
        if any("~/secret" in line for lines in client.configuration.values() for line in lines):
            yield f"    {words['secret']}\n"


@mark("clients versions")
def versions(context: Context) -> str:
    """Draw which versions were tried."""
    words, tried = context.words("clients"), _load(context)
    rows = [
        (name, client.version, words["debian"].format(client.package) if client.package else words["pypi"])
        for name, client in tried.clients.items()
    ]
    return table(words["versions"], rows)
