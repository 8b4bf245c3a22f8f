"""Whatever was added is entered everywhere. It takes seconds, and each message names the file to edit."""

import json
import re
from collections.abc import Iterable

import pytest

from evidence import record
from minipop.exchange import EDITIONS
from minipop.exchange.refusals import Reason
from minipop.mailbox import DeletesTo
from minipop.protocol import COMMANDS, ReplyName, State
from minipop.wire.explain import texts
from tests import known
from tests.site.projects import ROOT
from website.pages import replies

LANGUAGES = ("de", "en")


def same(written: Iterable[str], wanted: Iterable[str], where: str, remedy: str = "") -> None:
    """Fail unless a place lists what it has to; the message says what it lacks or has too much."""
    there, right = set(written), set(wanted)
    if lacking := ", ".join(sorted(right - there)):
        pytest.fail(f"{where} lacks {lacking}; {remedy or 'write it there'}", pytrace=False)
    if surplus := ", ".join(sorted(there - right)):
        pytest.fail(f"{where} has {surplus} too much; {remedy or 'delete it there'}", pytrace=False)


def in_order(written: Iterable[str], wanted: Iterable[str], where: str, whose: str) -> None:
    """Fail unless a place lists the same in the same order as another."""
    if list(written) != list(wanted):
        pytest.fail(f"{where} has another order than {whose}", pytrace=False)


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


# -- commands -----------------------------------------------------------------------------------------


def test_every_command_is_valid_where_its_rfc_says_and_names_the_section_that_defines_it() -> None:
    same(known.COMMANDS, COMMANDS, "tests/known.py: _COMMANDS")
    in_order(known.COMMANDS, COMMANDS, "tests/known.py: _COMMANDS", "src/minipop/protocol/commands.py")
    for verb, row in COMMANDS.items():
        before, after = State.AUTHORIZATION in row.states, State.TRANSACTION in row.states
        right = known.COMMANDS[verb]
        assert (row.rfc, row.section, before, after) == (
            right.rfc,
            right.section,
            right.before,
            right.after,
        ), f"{verb} is one thing in src/minipop/protocol/commands.py, another in tests/known.py"


@pytest.mark.parametrize("edition", [name for name in EDITIONS if name in known.EDITIONS])
def test_every_edition_has_the_commands_that_it_should(edition: str) -> None:
    wanted = [verb for verb, row in known.COMMANDS.items() if edition in row.editions]
    where = f"src/minipop/exchange/editions.py: commands of {edition}"
    same(
        EDITIONS[edition].commands.value, wanted, where, "put it right there, or in tests/known.py: _COMMANDS"
    )


def test_every_command_belongs_to_an_edition() -> None:
    have = {verb for edition in EDITIONS.values() for verb in edition.commands.value}
    same(have, COMMANDS, "src/minipop/exchange/editions.py: commands")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_command_and_every_refusal_is_explained(lang: str) -> None:
    file = "src/minipop/wire/explanations.toml"
    same(texts(lang)["commands"], COMMANDS, f"{file}: [{lang}.commands]")
    same(texts(lang)["events"], ["tls", "assumed", "lost", "hung-up"], f"{file}: [{lang}.events]")
    same(texts(lang)["reasons"], Reason, f"{file}: [{lang}.reasons]")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_command_has_a_section_in_the_reference(lang: str) -> None:
    page = f"docs/{lang}/reference/commands.md"
    found = re.findall(r"^## (\S+) \{#(\S+)\}\n\n<!-- command (\S+) -->$", read(page), re.MULTILINE)
    wanted = [f"## {verb} {{#{verb.lower()}}} and below it <!-- command {verb} -->" for verb in COMMANDS]
    same(
        (f"## {title} {{#{anchor}}} and below it <!-- command {verb} -->" for title, anchor, verb in found),
        wanted,
        page,
    )


def test_every_command_is_given_in_a_transcript() -> None:
    given = "\n".join(file.read_text("utf-8") for file in (ROOT / "tests" / "protocol").glob("*.py"))
    have = [verb for verb in COMMANDS if re.search(rf"\b{verb}\b", given)]
    same(have, COMMANDS, "tests/protocol/", 'write a test with a transcript, as in "C: NOOP"')


# -- replies ------------------------------------------------------------------------------------------


def test_every_reply_has_the_status_that_it_should_and_ends_the_session_only_if_it_should() -> None:
    same(known.REFUSED, (name for name in ReplyName if name.status == "-ERR"), "tests/known.py: REFUSED")
    same(known.ACCEPTED, (name for name in ReplyName if name.status == "+OK"), "tests/known.py: ACCEPTED")
    same(known.LAST, (name for name in ReplyName if name.ends), "tests/known.py: LAST")


def test_every_reply_is_given_by_something() -> None:
    code = "\n".join(
        file.read_text("utf-8") for file in (ROOT / "src").rglob("*.py") if file.name != "replies.py"
    )
    given, members = set(re.findall(r"ReplyName\.(\w+)", code)), {*ReplyName.__members__}
    same(members, given | members, "src/minipop/protocol/replies.py")
    same(given, members, "src/minipop/protocol/handlers.py", "give it there, or delete the reply")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reply_is_in_the_error_decoder_and_leads_on(lang: str) -> None:
    for entries in replies.load(ROOT).values():
        for name, entry in entries.items():
            said, where = entry.said(lang), f"src/minipop/wire/replies.toml: [{name}] {lang}"
            empty = [key for key in ("meaning", "cause", "remedy") if not getattr(said, key).strip()]
            assert not empty, f"{where}: write {', '.join(empty)}"
            assert "](" in said.cause + said.remedy, f"{where}: link a page in cause or remedy"
            same(entry.after or (), {*(entry.after or ())} & {*COMMANDS}, f"{where[:-3]}: after")


# -- editions -----------------------------------------------------------------------------------------


def test_every_edition_is_expected_by_hand_oldest_first() -> None:
    lost = "src/minipop/exchange/editions.py: EDITIONS"
    same(EDITIONS, {*EDITIONS, *known.EDITIONS}, lost, "write it there, or delete it in tests/known.py")
    same(known.EDITIONS, EDITIONS, "tests/known.py: _EDITIONS")
    in_order(known.EDITIONS, EDITIONS, "tests/known.py: _EDITIONS", "src/minipop/exchange/editions.py")


def test_the_fuzzer_has_played_every_edition() -> None:
    remedy = "commit src/, then run .venv/bin/python -m evidence.fuzz --inputs 5000"
    same(record.load("fuzz")["editions"], EDITIONS, "evidence/records/fuzz.json", remedy)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_lesson_that_shows_every_edition_was_run_with_them(lang: str) -> None:
    lesson = f"notebooks/{lang}/06-ways-back.ipynb"
    cells = [cell for cell in json.loads(read(lesson))["cells"] if "ways_back()" in "".join(cell["source"])]
    printed = "".join(text for cell in cells for output in cell.get("outputs", ()) for text in output["text"])
    have = {line.split()[0] for line in printed.splitlines()[1:]}
    wanted = {name for name, edition in EDITIONS.items() if edition.deletes_to.value is not DeletesTo.NOWHERE}
    same(have, wanted, lesson, "run .venv/bin/python -m website.build.lessons 06")
