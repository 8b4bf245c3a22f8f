"""What is reckoned from figures, with expectations that were worked out on paper."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Mapping

import pytest

from bench import __main__ as command
from bench import peers, verdicts
from bench.mail import message
from bench.peers import Failure
from bench.reckoning import Target, percentile, ratio, spread
from bench.rounds import Taken
from bench.rows import ROWS
from tests.bench.results import SERVERS


@pytest.mark.parametrize(
    ("percent", "expected"), [(1, 15.0), (30, 20.0), (40, 20.0), (50, 35.0), (99, 50.0), (100, 50.0)]
)
def test_a_percentile_is_the_nearest_rank(percent: float, expected: float) -> None:
    assert percentile([50.0, 15.0, 40.0, 20.0, 35.0], percent) == expected


def test_the_99th_percentile_of_a_hundred_is_the_last_but_one() -> None:
    assert percentile([float(number) for number in range(1, 101)], 99) == 99.0


def test_a_spread_has_median_and_ends() -> None:
    assert spread([3.0, 1.0, 2.0, 10.0]) == (2.5, 1.0, 10.0)


def test_ratios_are_taken_round_by_round() -> None:
    # Of the medians it would be 2 / 4.
    assert ratio([2.0, 9.0, 1.0], [1.0, 4.0, 8.0]) == (2.0, 0.125, 2.25)
    with pytest.raises(ValueError, match="shorter"):
        ratio([1.0, 2.0], [1.0])


def test_a_target_is_met_at_its_bound() -> None:
    assert [Target(1.2).met(value) for value in (1.19, 1.2, 1.21)] == [False, True, True]
    assert [Target(0.5, more_is_better=False).met(value) for value in (0.49, 0.5, 0.51)] == [
        True,
        True,
        False,
    ]


def test_the_targets_are_those_that_were_set() -> None:
    targets = {verdict.name: verdict.figure.target for verdict in verdicts.read(SERVERS)}
    assert {name: target for name, target in targets.items() if target} == {
        "sessions-1": (1.2, True),
        "sessions-50": (1.5, True),
        "sessions-500": (1.5, True),
        "sessions-500-p99": (0.5, False),
        "retr-1": (0.8, True),
        "retr-8": (1.0, True),
        "retr-large": (0.8, True),
        "idle-memory": (0.5, False),
    }


def test_verdicts_tell_ratios_targets_and_who_is_ahead() -> None:
    found = {verdict.name: verdict for verdict in verdicts.read(SERVERS)}
    assert found["sessions-1"].ratios["dovecot-tuned"] == (2.25, 2.0, 2.5)
    assert found["sessions-1"].ratios["bare"] == pytest.approx((0.35, 0.2, 0.5))
    told = {name: (found[name].met, found[name].ahead) for name in ("sessions-1", "retr-1", "idle-memory")}
    assert told == {"sessions-1": (True, True), "retr-1": (False, False), "idle-memory": (True, True)}
    assert (found["sessions-1-p99"].met, found["sessions-1-p99"].ahead) == (None, False)  # less is better
    assert (found["log-ons-tls"].met, found["log-ons-tls"].ahead) == (None, None)
    assert "dovecot" not in found["sessions-500"].values


def test_there_is_no_ratio_to_what_was_too_little_to_measure() -> None:
    little = copy.deepcopy(SERVERS)
    little["values"]["idle-memory"]["bare"] = [0.2, -0.1]
    verdict = next(verdict for verdict in verdicts.read(little) if verdict.name == "idle-memory")
    assert "bare" in verdict.values
    assert sorted(verdict.ratios) == ["dovecot", "dovecot-tuned", "minipop-memory", "twisted"]


def test_a_missing_figure_is_missed() -> None:
    short = copy.deepcopy(SERVERS)
    del short["values"]["retr-8"]
    with pytest.raises(ValueError, match="no figures of servers for retr-8; run: make bench"):
        verdicts.read(short)


def test_the_table_has_a_line_for_each_figure_and_tells_what_was_left_out() -> None:
    head, *lines = verdicts.table(SERVERS).splitlines()
    assert len(lines) == 16 + 1
    told = {line.split()[0]: line.split()[1:] for line in lines}
    first = "1/s 30.0 30.0 5.0 13.0 10.0 90.0 2.25 (2.00-2.50) >= 1.2 yes 3.00 (2.00-4.00) 0.35 (0.20-0.50)"
    assert " ".join(told["sessions-1"]) == first
    behind = "(0.50-0.70) >= 0.8 NO 0.75 (0.70-0.80) BEHIND 0.09 (0.07-0.10)"
    assert " ".join(told["retr-1"][8:]) == behind
    assert head.split()[:4] == ["figure", "unit", "minipop-memory", "minipop-maildir"]
    assert lines[-1] == "sessions-500, dovecot: left out, 3 of 500 clients were still waiting"


def test_a_peer_that_fails_is_left_out_of_its_row_and_minipop_is_not() -> None:
    row = next(row for row in ROWS if "idle-memory" in row.figures)
    taken = Taken({}, {})

    def fail() -> Mapping[str, float]:
        raise Failure("it fell over")

    taken.note(row, "dovecot", lambda: {"memory": 1.0})
    taken.note(row, "dovecot", fail)
    taken.note(row, "dovecot", lambda: {"memory": 1.0})
    taken.note(row, "twisted", lambda: {"memory": 2.0})
    assert taken.values == {"idle-memory": {"twisted": [2.0]}}
    assert taken.failed == {"idle-memory": {"dovecot": "it fell over"}}
    with pytest.raises(Failure, match="it fell over"):
        taken.note(row, "minipop-maildir", fail)


def test_parts_can_be_chosen_and_left_out() -> None:
    everything = ["servers", "growth", "lab", "maildir", "site", "notebooks", "test"]
    assert command.chosen([]) == (everything, False)
    assert command.chosen(["--no-test"]) == (everything[:-1], False)
    assert command.chosen(["--only", "growth", "servers", "--quick"]) == (["servers", "growth"], True)


@pytest.mark.parametrize("octets", [250, 2_000, 2_001, 1_000_000])
def test_a_message_has_as_many_octets_on_the_wire_as_it_should(octets: int) -> None:
    wire = message(7, octets).replace(b"\n", b"\r\n")
    assert len(wire) == octets
    assert wire.startswith(b"From: bench@bench.example\r\nSubject: message 00007\r\n\r\nxxx")
    assert b"\n." not in wire
    assert max(map(len, wire.split(b"\r\n"))) <= 114


def test_memory_counts_what_a_process_has_started() -> None:
    waiting = "import sys; print(flush=True); sys.stdin.read()"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {waiting!r}])"
    with subprocess.Popen(
        [sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        process.stdout.readline()
        family = list(peers._family(process.pid))
        assert len(family) == 2
        assert peers.memory(process.pid) > peers.memory(family[1]) > 1_000
        process.communicate(b"")
