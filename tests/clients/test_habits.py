"""What clients leave on the server, fetch again, and leave to a second device; typed by hand.

The page reference/client-habits is drawn from what is committed, which has to be what is seen here.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from minipop import Lab
from tests.clients.checks import cells
from tests.clients.habits import (
    BY_NAME,
    DEVICES,
    FILE,
    HABITS,
    Device,
    Habit,
    observe,
    observe_devices,
    observe_numbers,
    said,
)

#: Ten messages are in the Inbox; one more arrives before the second run. For the columns see `observe`.
EXPECTED = """
                                             first  left  read  deleted_items  recoverable  second  moved  said
    poplib: RETR; QUIT                       10     10    10    0              0            11      10     RETR QUIT
    poplib: RETR; DELE; QUIT                 10     0     10    0              10           1       0      RETR DELE QUIT
    poplib: RETR; DELE                       10     10    10    0              0            11      10     RETR DELE
    curl                                     10     10    10    0              0            11      10     RETR QUIT
    curl: request = "DELE"; head             0      0     0     0              10           0       0      DELE QUIT
    fetchmail                                10     0     10    0              10           1       0      STAT LIST LAST UIDL TOP DELE QUIT
    fetchmail: keep                          10     10    10    0              0            1       10     STAT LIST LAST UIDL RETR QUIT
    fetchmail: keep; fetchall                10     10    10    0              0            11      10     STAT LIST RETR QUIT
    getmail                                  10     10    10    0              0            11      10     LIST UIDL RETR QUIT
    getmail: read_all = false                10     10    10    0              0            1       10     LIST UIDL RETR QUIT
    getmail: read_all = false; delete_after = 7  10  10   10    0              0            1       10     LIST UIDL RETR QUIT
    getmail: delete = true                   10     0     10    0              10           1       0      LIST UIDL RETR DELE QUIT
    mpop                                     10     0     10    0              10           1       0      STAT LIST UIDL RETR DELE QUIT
    mpop: keep on                            10     10    10    0              0            1       10     STAT LIST UIDL RETR QUIT
    mutt                                     10     10    10    0              0            11      10     STAT RETR QUIT
    mutt: set pop_delete = yes               10     0     10    0              10           1       0      STAT RETR DELE QUIT
"""  # noqa: E501

#: First and second device, what each fetches in two rounds, and what is then in the Inbox.
EXPECTED_DEVICES = [
    ("fetchmail", "mpop: keep on", [10, 1], [0, 0], 0),
    ("mpop: keep on", "fetchmail", [10, 1], [10, 1], 0),
    ("mpop: keep on", "getmail: read_all = false", [10, 1], [10, 1], 11),
]


@pytest.fixture(scope="module")
def committed() -> dict[str, Any]:
    """What the page is drawn from."""
    record: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return record


@pytest.mark.parametrize("habit", HABITS, ids=lambda habit: habit.name)
def test_a_client_leaves_and_fetches_again_what_is_expected_and_what_the_page_says(
    habit: Habit, committed: dict[str, Any]
) -> None:
    if habit.absent:
        pytest.skip(habit.absent)
    seen = observe(habit)
    words = {name: " ".join(value) if isinstance(value, list) else str(value) for name, value in seen.items()}
    assert words.pop("aged", None) == ("0" if "delete_after" in habit.name else None)
    assert words == cells(EXPECTED)[habit.name]
    assert committed["habits"][habit.name] == {"client": habit.client, "lines": list(habit.lines)} | seen


@pytest.mark.parametrize(
    ("first", "second", "gets_first", "gets_second", "left"), EXPECTED_DEVICES, ids=lambda value: str(value)
)
def test_two_devices_get_what_is_expected_and_what_the_page_says(
    first: str,
    second: str,
    gets_first: list[int],
    gets_second: list[int],
    left: int,
    committed: dict[str, Any],
) -> None:
    for name in (first, second):
        if BY_NAME[name].absent:
            pytest.skip(BY_NAME[name].absent)
    seen = observe_devices(first, second)
    assert seen == {"first": gets_first, "second": gets_second, "left": left}
    assert {"names": [first, second]} | seen in committed["devices"]


def test_numbers_move_up_when_a_message_goes_and_uids_stay(committed: dict[str, Any]) -> None:
    seen = observe_numbers()
    assert seen == [["1", "101", "", ""], ["2", "102", "1", "102"], ["3", "103", "2", "103"]]
    assert committed["numbers"] == seen


def test_curl_without_head_waits_for_more_than_ok_and_deletes_nothing() -> None:
    """DELE has an answer of one line; curl gives up waiting for others, without QUIT."""
    impatient = Habit("curl", ('request = "DELE"', "max-time = 1"))
    if impatient.absent:
        pytest.skip(impatient.absent)
    with Lab("2016") as lab, Device(impatient, lab) as device:
        device.fetch()
        assert len(lab.mailbox("anna").inbox) == 10
        assert said(lab) == ["DELE"]


def test_the_page_has_no_other_rows(committed: dict[str, Any]) -> None:
    assert set(committed["habits"]) == set(cells(EXPECTED)) == set(BY_NAME)
    pairs = [(first, second) for first, second, *_ in EXPECTED_DEVICES]
    assert [tuple(row["names"]) for row in committed["devices"]] == pairs == list(DEVICES)
