"""Records are fresh and well-formed, and what makes one stale is told."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from importlib import import_module
from pathlib import Path

import pytest

from evidence import __main__ as programs
from evidence import record

#: The records, by the program that writes them.
RECORDS = {
    "clients": ["clients", "habits"],
    "differential": ["differences"],
    "probe": ["probe"],
    "fuzz": ["fuzz"],
    "soak": ["soak"],
    "twin": ["twin"],
    "page": [],
    "bench": ["servers", "project"],
}
NAMES = [(program, name) for program, names in RECORDS.items() for name in names]


def listed(program: str) -> Mapping[str, Mapping[str, Collection[str]]]:
    found: Mapping[str, Mapping[str, Collection[str]]] = import_module(f"evidence.{program}.__main__").LISTED
    return found


def test_every_program_is_run_and_every_record_is_one_of_them() -> None:
    assert list(programs.PROGRAMS) == list(RECORDS)
    assert {program: list(listed(program)) for program in RECORDS} == RECORDS
    assert {file.stem for file in record.FOLDER.iterdir()} == {name for _, name in NAMES}


@pytest.mark.parametrize(("program", "name"), NAMES)
def test_a_record_lists_what_its_program_looks_at_today(program: str, name: str) -> None:
    stale = record.stale(record.load(name), listed(program)[name])
    assert stale == [], f"run: .venv/bin/python -m evidence.{program}"


@pytest.mark.parametrize("name", [name for _, name in NAMES])
def test_a_record_says_when_and_from_what_it_was_taken(name: str) -> None:
    taken = record.load(name)["taken"]
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", taken["date"])
    assert record.VERSION.fullmatch(taken["version"])
    assert not taken["version"].endswith(".dirty"), (
        f"evidence/records/{name}.json: commit src/, then run the program that writes it again"
    )
    assert list(taken["machine"]) == ["processor", "cores", "system", "python"]


def test_what_records_list_is_what_there_is_by_hand() -> None:
    """Else a table that lost a row would make its record fresh."""
    assert list(record.load("clients")["clients"]) == [
        "alpine",
        "claws-mail",
        "curl",
        "fdm",
        "fetchmail",
        "getmail",
        "mpop",
        "mutt",
        "neomutt",
        "thunderbird",
    ]
    assert len(record.load("soak")["visits"]) == 13
    assert list(record.load("twin")["versions"]) == ["mkdocs", "properdocs"]
    assert list(record.load("twin")["differences"]) == ["generator"]
    assert len(record.load("servers")["figures"]) == 16
    servers = ["minipop-memory", "minipop-maildir", "dovecot", "dovecot-tuned", "twisted", "bare"]
    assert list(record.load("servers")["figures"]["sessions-50"]["values"]) == servers
    assert list(record.load("probe")["servers"]) == [
        *("dovecot", "dovecot, plaintext", "cyrus", "cyrus, challenges"),
        *("courier", "courier, one connection", "courier, TLS required"),
    ]
    assert [record.load("soak")["messages"][count] for count in ("lost", "doubled")] == [0, 0]


# -- what makes a record stale ------------------------------------------------------------------------

TAKEN = {"version": "0.1.0+gabcdef0"}
CLIENTS = {"clients": ["curl", "mutt"], "clients.*.outcomes": ["USER", "NTLM"]}
BOTH: dict[str, object] = {"USER": {}, "NTLM": {}}


@pytest.mark.parametrize(
    ("found", "sentences"),
    [
        ({"taken": TAKEN, "clients": {"curl": {"outcomes": BOTH}, "mutt": {"outcomes": BOTH}}}, []),
        ({"taken": TAKEN, "clients": {"curl": {"outcomes": BOTH}}}, ["clients lacks mutt"]),
        (
            {"taken": TAKEN, "clients": {"curl": {"outcomes": BOTH}, "mutt": {"outcomes": {"USER": {}}}}},
            ["clients.mutt.outcomes lacks NTLM"],
        ),
        (
            {"taken": TAKEN, "clients": {name: {"outcomes": BOTH} for name in ("curl", "mutt", "mpop")}},
            ["clients lists mpop, which nothing looks at"],
        ),
        ({"taken": TAKEN}, ["clients lacks curl", "clients lacks mutt"]),
        (
            {"taken": {"version": ""}, "clients": {name: {"outcomes": BOTH} for name in ("curl", "mutt")}},
            ["'' is no version that it was taken from"],
        ),
    ],
)
def test_a_stale_record_is_told(found: record.Record, sentences: list[str]) -> None:
    assert record.stale(found, CLIENTS) == sentences


def test_what_is_seen_now_is_compared_place_by_place() -> None:
    kept = {"USER": {"995": {"word": "works"}}, "NTLM": {"995": {"word": "refused"}}}
    now = {"USER": {"995": {"word": "works"}}, "NTLM": {"995": {"word": "works"}}}
    assert list(record.unlike(kept, kept)) == []
    assert list(record.unlike(kept, now)) == ["NTLM, 995, word: 'works', not 'refused' any more"]


def test_a_record_is_written_with_the_day_the_version_and_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "FOLDER", tmp_path)
    record.keep("x", {"values": [1.5, 2.5], "lines": ["a, b", "[c]"]})
    text = (tmp_path / "x.json").read_text("utf-8")
    assert "[1.5, 2.5]" in text
    assert (
        json.loads(text)
        == record.load("x")
        == {
            "taken": record.taken(),
            "values": [1.5, 2.5],
            "lines": ["a, b", "[c]"],
        }
    )
    monkeypatch.setattr(record, "ROOT", tmp_path)  # no git there
    assert record.version() == "0.1.0"


# -- all programs -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "status", "said"),
    [("", 0, "passed"), ("import sys; print('so'); sys.exit('soak: 1 lost')", 1, "failed (soak: 1 lost)")],
)
def test_all_programs_run_and_the_end_says_what_came_of_each(
    script: str,
    status: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    for name in ("one", "two"):
        (tmp_path / "evidence" / name).mkdir(parents=True)
        text = script if name == "two" else ""
        (tmp_path / "evidence" / name / "__main__.py").write_text(text, "utf-8")
    monkeypatch.setattr(programs, "PROGRAMS", ("one", "two"))
    monkeypatch.setattr(programs, "ROOT", tmp_path)
    monkeypatch.setattr("sys.argv", ["evidence", "--short"])
    assert programs.main() == status
    *_, first, second = capfd.readouterr().out.splitlines()
    assert re.fullmatch(r"evidence: one +\d+ s  passed", first)
    assert re.fullmatch(rf"evidence: two +\d+ s  {re.escape(said)}", second)
