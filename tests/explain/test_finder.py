"""What is found in a paste: what a person would say, the same on the page, in bounded work."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minipop.explain import catalogue, finder, tokens
from minipop.explain.secrets import masked
from tests.explain import twin
from tests.explain.lines import rows

ROWS = rows()


def found(paste: str) -> dict[str, Any]:
    seen = catalogue.finder().find(paste)
    return {
        "findings": [[one.line, list(one.entries), one.command] for one in seen.findings],
        "commands": [list(pair) for pair in seen.commands.items()],
        "work": seen.work,
    }


def test_there_are_two_hundred_lines() -> None:
    assert len(ROWS) >= 200
    assert {entry for _, replies in ROWS for reply in replies for entry in reply} <= {*catalogue.entries()}


@pytest.mark.parametrize(("paste", "wanted"), ROWS)
def test_a_paste_finds_what_is_in_it(paste: str, wanted: list[tuple[str, ...]]) -> None:
    assert [one.entries for one in catalogue.finder().find(paste).findings] == wanted


def test_the_page_finds_the_same() -> None:
    pastes = [paste for paste, _ in ROWS]
    whole = "\n".join(pastes)
    assert twin.find([*pastes, whole]) == [found(paste) for paste in [*pastes, whole]]


def test_the_page_reads_every_text_alike() -> None:
    """Pieces that Python and JavaScript might take differently, in any order."""
    pieces = [
        "-ERR ",
        "+OK",
        "* OK ",
        "+ ",
        "Logon failure: ",
        "unknown user name",
        " or bad password.",
        "Msg=",
    ]
    pieces += [
        "\n",
        "\r",
        "\\r\\n",
        "\x0b",
        "\x85",
        "\u2028",
        "\x1c",
        "\ufeff",
        "'",
        '"',
        "`",
        "<b>",
        "&lt;br&gt;",
    ]
    pieces += [
        "ß",
        "Ä",
        "İ",
        "\u212a",
        "ſ",
        "σΣ",
        "é",
        "😀",
        "١",
        "²",
        "C: ",
        "STAT",
        "S: ",
        "12.3",
        "–",
        "pass,x,R=",
    ]
    pastes: list[str] = []

    @settings(max_examples=400, derandomize=True, database=None)
    @given(st.lists(st.sampled_from(pieces), max_size=25).map("".join))
    def collect(paste: str) -> None:
        pastes.append(paste)

    collect()
    assert twin.find(pastes) == [found(paste) for paste in pastes]


def test_every_entry_is_found_by_its_own_wordings() -> None:
    for name in catalogue.entries():
        for wording in catalogue.wordings(name):
            said = re.sub(r"\{(count|number|octets|version)\}", "7", wording)
            said = re.sub(r"\{[a-z ]+\}", "something", said).replace(" ⏎ ", "\n")
            entries = {entry for one in catalogue.finder().find(said).findings for entry in one.entries}
            # A bare +OK means ten things; without the command before it, six of them are given.
            assert name in entries or said == "+OK", (name, said)


def test_at_most_six_entries_are_given_for_a_reply() -> None:
    for paste in ("+OK", "-ERR Logon", "+OK 1 2", "-ERR the is", *(paste for paste, _ in ROWS)):
        for one in catalogue.finder().find(paste).findings:
            assert len(one.entries) <= 6


def test_the_number_is_that_of_the_line_in_the_paste() -> None:
    paste = "\r\n\nfirst\r-ERR Unknown command.\r\nb'+OK\\r\\n-ERR Server Unavailable. 21\\r\\n'\n"
    lines = [(one.line, one.entries[0]) for one in catalogue.finder().find(paste).findings]
    assert lines[0] == (4, "unknown_command")
    assert lines[-1] == (5, "server-unavailable")


# -- the common subset ------------------------------------------------------------------------------------

PATTERNS = {
    "TAG": tokens._TAG,
    "STATUS": tokens._STATUS,
    "PLUS": tokens._PLUS,
    "WORD": tokens._WORD,
    "NUMBER": tokens._NUMBER,
    "SAID": tokens._SAID,
    "LOGGED": tokens._LOGGED,
}


def test_both_sides_have_the_same_regular_expressions_and_limits() -> None:
    sources = twin.run(f"[{','.join(f'{name}.source' for name in PATTERNS)}]", None)
    plain = [source.replace("\\/", "/") for source in sources]
    assert plain == [pattern.pattern for pattern in PATTERNS.values()]
    limits = twin.run("[LONGEST_PASTE, LONGEST_LINE, MOST, TYPED, WRAPPED]", None)
    assert limits == [
        *(tokens.LONGEST_PASTE, tokens.LONGEST_LINE),
        *(finder.MOST, finder.TYPED, finder.WRAPPED),
    ]


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_a_regular_expression_keeps_to_what_both_languages_understand_alike(pattern: re.Pattern[str]) -> None:
    assert pattern.flags == re.UNICODE
    assert re.findall(r"\\[a-zA-Z0-9]", pattern.pattern) == []  # \d, \w, \s, \b and back references
    assert (
        re.findall(r"\(\?(?!=|!)", pattern.pattern) == []
    )  # of groups with a question mark, lookahead alone


def test_a_pattern_is_made_of_words_that_a_paste_can_hold() -> None:
    for name, patterns in catalogue.patterns()["patterns"].items():
        for pattern in patterns:
            for word in pattern.split(" "):
                status = word in ("^", "$", "…", "#", "+", "+ok", "-err", "*ok", "*bye", "*preauth")
                assert status or tokens.words(word) == [word], (name, pattern)


def test_no_pattern_is_so_short_that_any_text_holds_it() -> None:
    for name, patterns in catalogue.patterns()["patterns"].items():
        for pattern in patterns:
            letters = sum(map(len, re.findall("[a-z0-9_äöüß=぀-ヿ一-鿿]+", pattern)))
            assert letters >= 4 or pattern.startswith("^"), (name, pattern)


# -- how much work ----------------------------------------------------------------------------------------

MEGABYTE = 1_048_576


def filled(line: str) -> str:
    """Return a megabyte of a line, numbered so that no two are equal."""
    lines = (line.replace("#", f"{number:x}") for number in range(MEGABYTE // len(line)))
    return "\n".join(lines)[:MEGABYTE]


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [
        "2026-03-02 08:00:00 C: UIDL #x",
        "S: -ERR something #x went wrong on this server",
        "a#x " * 900,
        "-ERR " * 700 + "#x",
        "'-err \"+ok #x ",
        "<b " + "-" * 3000 + "#x",
    ],
    ids=["commands", "unknown refusals", "long lines", "status words", "quotation marks", "brackets"],
)
def test_a_megabyte_is_read_with_bounded_work(line: str) -> None:
    seen = catalogue.finder().find(filled(line))
    assert seen.work <= 4 * MEGABYTE


@pytest.mark.slow
def test_the_worst_line_costs_no_more_than_each_pattern_looking_at_each_word() -> None:
    known = catalogue.finder()
    anchors = " ".join(finder._anchor(pattern) for pattern in known._patterns)
    line = f"#x {anchors}"[: tokens.LONGEST_LINE]
    words = len(tokens.words(line))
    paste = filled(line)
    assert known.find(paste).work <= len(known._patterns) * words * (paste.count("\n") + 1)
    assert known.find(filled("#x")).work == 0


@pytest.mark.slow
def test_of_a_longer_paste_the_end_is_read() -> None:
    paste = "-ERR Unknown command.\n" + "x\n" * 600_000 + "-ERR Server Unavailable. 21"
    assert [(one.line, *one.entries) for one in catalogue.finder().find(paste).findings] == [
        (600_002, "server-unavailable")
    ]


# -- secrets ----------------------------------------------------------------------------------------------


def test_masking_changes_nothing_that_is_found() -> None:
    for paste, _ in ROWS:
        assert found(masked(paste))["findings"] == found(paste)["findings"], paste
