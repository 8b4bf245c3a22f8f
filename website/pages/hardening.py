"""The page about/hardening: classes of attack, drawn from docs/hardening.yml."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from website.data import Text, read
from website.marks import Context, mark
from website.tables import table


@dataclass(frozen=True)
class Attack:
    """A class of attacks; the head of the file says what each key means."""

    attack: Text
    answer: Text
    tests: list[str]
    cves: list[str] = field(default_factory=list)


def load(root: Path) -> dict[str, Attack]:
    """Return the classes by their keys.

    Args:
        root: the project's folder.
    """
    return read(root, "docs/hardening.yml", dict[str, Attack])


@mark("hardening")
def hardening(context: Context) -> str:
    """Draw the classes, what minipop does, and the tests that show it."""
    return table(
        context.words("hardening")["head"],
        [
            (
                _attack(key, known, context.lang),
                known.answer[context.lang],
                "<br>".join(map(_test, known.tests)),
            )
            for key, known in load(context.root).items()
        ],
    )


def _attack(key: str, known: Attack, lang: str) -> str:
    attack = f'<span id="{key}">{known.attack[lang]}</span>'
    cves = ", ".join(f"[{cve}](https://www.cve.org/CVERecord?id={cve})" for cve in known.cves)
    return f"{attack}<br>{cves}" if cves else attack


def _test(address: str) -> str:
    """Write a test as the sentence that its name is, and the file that it stands in."""
    file, _, name = address.partition("::")
    sentence = name.removeprefix("test_").replace("_", " ")
    return f'<span lang="en">{sentence}</span> (`{file.removeprefix("tests/")}`)'
