"""Programs that cannot be tried here, on the page how-to/set-up-clients: what their makers say of them."""

from __future__ import annotations

from dataclasses import dataclass

from website import sources
from website.data import Text, read
from website.marks import Context, mark
from website.tables import table


@dataclass(frozen=True)
class Program:
    """What is on record of a program; the head of the file says what each key means."""

    pop3: Text
    oauth: Text
    leaves: Text
    sources: list[str]


@mark("programs")
def programs(context: Context) -> str:
    """Draw phones, services and ticket systems."""
    cited, lang = sources.load(context.root), context.lang
    rows = [
        (
            name,
            known.pop3[lang],
            known.oauth[lang],
            known.leaves[lang],
            "; ".join(cited.cite(source, lang) for source in known.sources),
        )
        for name, known in read(context.root, "docs/programs.yml", dict[str, Program]).items()
    ]
    return table(context.words("programs")["head"], rows)
