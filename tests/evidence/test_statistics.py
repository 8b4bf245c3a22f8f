"""What is calculated from figures, with expectations that were worked out on paper."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

import pytest

from evidence.bench import comparison, peers
from evidence.bench.mail import message
from evidence.bench.rounds import Taken
from evidence.bench.statistics import percentile, ratio, spread
from evidence.bench.workloads import FIGURES, WORKLOADS
from evidence.program import Failed


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


#: Two rounds of each figure: minipop on Maildir has 20 and 40, tuned Dovecot 10 and 16.
VALUES = {
    name: {
        "minipop-maildir": [20.0, 40.0],
        "dovecot": [5.0, 5.0],
        "dovecot-tuned": [10.0, 16.0],
        "bare": [100.0, 80.0],
    }
    for name in FIGURES
}


def test_a_comparison_has_values_and_ratios_with_their_spread() -> None:
    found = comparison.compared(VALUES)["sessions-1"]
    assert found["values"]["minipop-maildir"] == (30.0, 20.0, 40.0)
    assert found["ratios"]["dovecot-tuned"] == (2.25, 2.0, 2.5)
    assert found["ratios"]["bare"] == (0.35, 0.2, 0.5)
    assert (found["unit"], found["more_is_better"], found["rounds"]) == ("1/s", True, 2)
    assert "twisted" not in found["values"]
    assert comparison.compared(VALUES)["sessions-1-p99"]["more_is_better"] is False


def test_four_digits_are_kept() -> None:
    values = {**VALUES, "retr-1": {"minipop-maildir": [12_345.67], "bare": [3.0]}}
    found = comparison.compared(values)["retr-1"]
    assert found["values"]["minipop-maildir"] == (12_350.0, 12_350.0, 12_350.0)
    assert found["ratios"]["bare"] == (4_115.0, 4_115.0, 4_115.0)


def test_there_is_no_ratio_to_what_was_too_little_to_measure() -> None:
    little = {**VALUES["idle-memory"], "bare": [0.2, -0.1]}
    found = comparison.compared({**VALUES, "idle-memory": little})["idle-memory"]
    assert "bare" in found["values"]
    assert sorted(found["ratios"]) == ["dovecot", "dovecot-tuned"]


def test_the_table_has_a_line_for_each_figure() -> None:
    head, *lines = comparison.table(comparison.compared(VALUES)).splitlines()
    assert len(lines) == 16
    assert head.split()[:4] == ["figure", "unit", "minipop-memory", "minipop-maildir"]
    first = "sessions-1 1/s - 30.0 5.0 13.0 - 90.0 - 6.00 (4.00-8.00) 2.25 (2.00-2.50) - 0.35 (0.20-0.50)"
    assert " ".join(lines[0].split()) == first


def test_a_peer_that_fails_is_left_out_of_its_workload_and_minipop_is_not() -> None:
    load = next(each for each in WORKLOADS if "idle-memory" in each.figures)
    taken = Taken({}, {})

    def fail() -> Mapping[str, float]:
        raise Failed("it fell over")

    taken.note(load, "dovecot", lambda: {"memory": 1.0})
    taken.note(load, "dovecot", fail)
    taken.note(load, "dovecot", lambda: {"memory": 1.0})
    taken.note(load, "twisted", lambda: {"memory": 2.0})
    assert taken.values == {"idle-memory": {"twisted": [2.0]}}
    assert taken.failed == {"idle-memory": {"dovecot": "it fell over"}}
    with pytest.raises(Failed, match="it fell over"):
        taken.note(load, "minipop-maildir", fail)


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
