"""What clients leave on the server, fetch again, and leave to a second device; typed by hand.

The record must agree, and so must a habit and two devices that are watched here.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from evidence import record
from evidence.clients.habits import (
    BY_NAME,
    DEVICES,
    Device,
    Habit,
    observe,
    observe_devices,
    observe_numbers,
    said,
)
from minipop import Lab
from tests.evidence.tables import cells

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
    fdm                                      10     0     10    0              10           1       0      STAT LIST UIDL RETR DELE QUIT
    fdm: keep                                10     10    10    0              0            11      10     STAT LIST UIDL RETR QUIT
    claws-mail                               10     10    10    0              0            1       10     STAT LIST UIDL RETR QUIT
    claws-mail: remove_mail=0                10     10    10    0              0            1       10     STAT LIST UIDL RETR QUIT
    thunderbird: // new account              10     10    10    0              0            1       10     STAT LIST UIDL RETR QUIT
    mutt                                     10     10    10    0              0            11      10     STAT RETR QUIT
    mutt: set pop_delete = yes               10     0     10    0              10           1       0      STAT RETR DELE QUIT
"""  # noqa: E501

#: First and second device, what each fetches in two rounds, and what is then in the Inbox.
EXPECTED_DEVICES: list[tuple[str, str, list[int], list[int], int]] = [
    ("fetchmail", "mpop: keep on", [10, 1], [0, 0], 0),
    ("mpop: keep on", "fetchmail", [10, 1], [10, 1], 0),
    ("mpop: keep on", "getmail: read_all = false", [10, 1], [10, 1], 11),
]

#: Number and UID of three messages, before another device deletes the first and after that.
EXPECTED_NUMBERS = [["1", "101", "", ""], ["2", "102", "1", "102"], ["3", "103", "2", "103"]]

RECORD = record.load("habits")


def words(seen: Mapping[str, object]) -> dict[str, str]:
    """Return what was seen as the table has it."""
    text = {name: " ".join(value) if isinstance(value, list) else str(value) for name, value in seen.items()}
    return {name: word for name, word in text.items() if name in ("said", *next(iter(TABLE.values())))}


TABLE = cells(EXPECTED)


def test_the_record_says_what_is_expected() -> None:
    assert {name: words(seen) for name, seen in RECORD["habits"].items()} == TABLE
    aged = {name: seen["aged"] for name, seen in RECORD["habits"].items() if "aged" in seen}
    assert aged == {
        "getmail: read_all = false; delete_after = 7": 0,
        "claws-mail": 0,
        "thunderbird: // new account": 0,
    }
    assert [
        (*row["names"], row["first"], row["second"], row["left"]) for row in RECORD["devices"]
    ] == EXPECTED_DEVICES
    assert [tuple(row["names"]) for row in RECORD["devices"]] == list(DEVICES)
    assert RECORD["numbers"] == EXPECTED_NUMBERS


@pytest.mark.parametrize("name", ["poplib: RETR; DELE; QUIT", "mpop: keep on"])
def test_a_client_leaves_and_fetches_again_what_is_expected(name: str) -> None:
    if BY_NAME[name].absent:
        pytest.skip(BY_NAME[name].absent)
    assert words(observe(BY_NAME[name])) == TABLE[name]


def test_two_devices_get_what_is_expected() -> None:
    first, second, *expected = EXPECTED_DEVICES[0]
    for name in (first, second):
        if BY_NAME[name].absent:
            pytest.skip(BY_NAME[name].absent)
    assert list(observe_devices(first, second).values()) == expected


def test_numbers_move_up_when_a_message_goes_and_uids_stay() -> None:
    assert observe_numbers() == EXPECTED_NUMBERS


def test_curl_without_head_waits_for_more_than_ok_and_deletes_nothing() -> None:
    """DELE has an answer of one line; curl gives up waiting for others, without QUIT."""
    impatient = Habit("curl", ('request = "DELE"', "max-time = 1"))
    if impatient.absent:
        pytest.skip(impatient.absent)
    with Lab("2016") as lab, Device(impatient, lab) as device:
        device.fetch()
        assert len(lab.mailbox("anna").inbox) == 10
        assert said(lab) == ["DELE"]
