"""What people and other programs do to a Maildir by hand while minipop runs, and clocks that jump."""

import itertools
import os
import time
from pathlib import Path

import pytest

from minipop.mailbox import DeletesTo, Mailbox
from minipop.mailbox.maildir import Maildirs, filenames
from tests.mailbox.test_maildir import directory, files, only, opened, uids

__all__ = ["directory"]

SPARE = 100  # as the documentation of the list of UIDs says


def listed(directory: Path) -> int:
    """Count the lines of the file of UIDs, without its head."""
    return len((directory / "anna" / "minipop-uids").read_bytes().splitlines()) - 1


def shown(box: Mailbox) -> list[tuple[str, str]]:
    """Log on, and return UIDs and subjects."""
    drop = box.open_maildrop()
    drop.close()
    return [(message.uid, message.subject) for message in drop.messages]


# -- moved by hand --------------------------------------------------------------------------------

ALL = [("101", "one"), ("102", "two"), ("103", "three")]


@pytest.mark.parametrize("looks", list(itertools.product([False, True], repeat=2)))
def test_a_file_that_is_moved_to_another_folder_and_back_keeps_its_uid(
    directory: Path, looks: tuple[bool, bool]
) -> None:
    with opened(directory) as box:
        here = only(directory, "anna/new/*W=18")
        there = directory / "anna" / ".Sent Items" / "cur" / f"{here.name}:2,S"
        back = directory / "anna" / "cur" / there.name
        sent = box.folders["Sent Items"]
        assert shown(box) == ALL
        here.rename(there)
        if looks[0]:
            assert [message.uid for message in sent] == ["103"]
        if looks[1]:
            assert shown(box) == ALL[:2]
        there.rename(back)
        assert shown(box) == ALL
        box.move(box.inbox[2], "Sent Items")
        assert [(m.uid, m.subject) for m in sent] == [("103", "three")]
        box.delete(sent[0])
        assert [(m.uid, m.subject) for m in box.recoverable_items] == [("103", "three")]
    with opened(directory) as box:
        assert [(m.uid, m.subject) for m in box.recoverable_items] == [("103", "three")]


def test_a_session_that_is_open_fetches_and_deletes_what_was_away_and_is_back(directory: Path) -> None:
    # Else QUIT would be answered by +OK, and the message still be there.
    with opened(directory) as box:
        drop = box.open_maildrop()
        here = only(directory, "anna/new/*W=18")
        there = directory / "anna" / ".Sent Items" / "cur" / f"{here.name}:2,"
        here.rename(there)
        assert shown(box) == ALL[:2]  # another session notices
        there.rename(here)
        assert shown(box) == ALL
        assert b"".join(drop.messages[2].open()) == b"Subject: three\r\n\r\n"
        drop.delete(drop.messages[2:])
        assert shown(box) == ALL[:2]
        assert [(m.uid, m.subject) for m in box.recoverable_items] == [("103", "three")]


@pytest.mark.parametrize("deletes_to", [DeletesTo.RECOVERABLE_ITEMS, DeletesTo.DUMPSTER])
def test_a_deleted_file_that_is_put_back_by_hand_keeps_its_uid_when_it_is_deleted_once_more(
    directory: Path, deletes_to: DeletesTo
) -> None:
    with opened(directory, deletes_to) as box:
        name = only(directory, "anna/new/*W=18").name
        for _ in range(3):
            assert shown(box) == ALL
            drop = box.open_maildrop()
            drop.delete(drop.messages[2:])
            assert [(m.uid, m.subject) for m in box.recoverable_items] == [("103", "three")]
            only(directory, f".recoverable/anna/*/cur/{name}*").rename(directory / "anna" / "cur" / name)
    assert uids(directory) == ["101", "102", "103"]


def test_a_file_with_the_name_of_a_deleted_one_keeps_its_uid_over_restarts(directory: Path) -> None:
    with opened(directory) as box:
        box.delete(box.inbox[2])
    deleted = only(directory, ".recoverable/anna/Deletions/cur/*")
    deleted.rename(directory / "anna" / "cur" / deleted.name)
    first = uids(directory)
    assert len(set(first)) == 3
    assert uids(directory) == first


def test_changes_right_after_one_another_are_seen_each_time(directory: Path) -> None:
    # Faster than the clock of a file system ticks.
    file = directory / "anna" / "cur" / "1:2,"
    with opened(directory) as box:
        told = set()
        for number in range(50):
            file.write_bytes(b"Subject: %d\r\n\r\n" % number)
            assert shown(box)[:3] == ALL
            assert [subject for _, subject in shown(box)[3:]] == [str(number)]
            told.add(shown(box)[3][0])
            file.rename(file.with_name("1:2,S"))
            assert len(shown(box)) == 4
            file.with_name("1:2,S").unlink()
            assert shown(box) == ALL
    assert len(told) == 1  # the same name is the same message, as always in a Maildir


# -- the list of UIDs does not grow for ever ------------------------------------------------------


@pytest.mark.slow
def test_what_other_programs_destroy_is_forgotten_while_minipop_runs(directory: Path) -> None:
    with opened(directory) as box:
        told = [uid for uid, _ in ALL]
        for number in range(1_000):
            file = directory / "anna" / "new" / str(number)
            file.write_bytes(b"")
            assert shown(box)[:3] == ALL
            told.append(shown(box)[3][0])
            file.unlink()
            assert listed(directory) <= 2 * 4 + SPARE
        assert len(set(told)) == 1_003
        assert shown(box) == ALL
    assert uids(directory) == ["101", "102", "103"]


def grow(directory: Path, box: Mailbox) -> None:
    """Let so many messages come and go that the list is looked through at least twice."""
    for number in range(3 * SPARE):
        file = directory / "anna" / "new" / f"grow{number}"
        file.write_bytes(b"")
        box.open_maildrop().close()
        file.unlink()


def test_what_lies_in_any_folder_is_not_forgotten_whoever_made_it_and_whether_minipop_looked_or_not(
    directory: Path,
) -> None:
    with opened(directory) as box:
        box.delete(box.inbox[0])
        file = only(directory, "anna/new/*W=18")
        made = directory / "anna" / ".Made by others" / "cur"
        made.mkdir(parents=True)
        file.rename(made / f"{file.name}:2,S")
        grow(directory, box)
        assert listed(directory) < SPARE + 10
        (made / f"{file.name}:2,S").rename(file)
        assert shown(box) == [("102", "two"), ("103", "three")]
        assert box.restore(box.recoverable_items[0])
    assert uids(directory) == ["102", "103", "101"]


@pytest.mark.parametrize("error", [PermissionError, OSError])
def test_while_a_folder_cannot_be_listed_nothing_is_forgotten(
    directory: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: type[OSError],
    caplog: pytest.LogCaptureFixture,
) -> None:
    listdir = os.listdir
    file = only(directory, "anna/new/*W=18")
    sent = directory / "anna" / ".Sent Items" / "cur"

    def failing(path: str | Path = ".") -> list[str]:
        if Path(path) == sent:
            raise error(5, "it fails", str(path))
        return listdir(path)

    with opened(directory) as box:
        file.rename(sent / file.name)
        with monkeypatch.context() as patch:
            patch.setattr(os, "listdir", failing)
            grow(directory, box)
        assert 0 < len(caplog.records) < 10  # not at every log-on
        assert "nothing is forgotten" in caplog.text
        (sent / file.name).rename(file)
        assert shown(box) == ALL
        grow(directory, box)
        assert listed(directory) < 3 * SPARE + 10 + SPARE
    assert uids(directory) == ["101", "102", "103"]


def test_a_message_that_is_away_for_a_while_is_not_forgotten(directory: Path, tmp_path: Path) -> None:
    with opened(directory) as box:
        assert shown(box) == ALL
        file = only(directory, "anna/new/*W=18")
        file.rename(tmp_path / "away")
        for number in range(2 * SPARE):  # the list is looked through, and nobody asks for the Inbox
            (directory / "anna" / ".Sent Items" / "cur" / str(number)).write_bytes(b"")
        assert len(box.folders["Sent Items"]) == 2 * SPARE
        (tmp_path / "away").rename(file)
        assert shown(box) == ALL
    assert uids(directory) == ["101", "102", "103"]


def test_a_message_that_was_forgotten_comes_back_as_another_though_a_session_still_has_it(
    directory: Path, tmp_path: Path
) -> None:
    with opened(directory) as box:
        drop = box.open_maildrop()
        file = only(directory, "anna/new/*W=18")
        file.rename(tmp_path / "away")
        grow(directory, box)
        (tmp_path / "away").rename(file)
        again = shown(box)
        assert again[:2] == ALL[:2]
        assert again[2][0] not in ("101", "102", drop.messages[2].uid)
    assert uids(directory) == [uid for uid, _ in again]


def test_a_mailbox_that_is_away_while_the_lab_starts_again_is_not_forgotten(
    directory: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    maildirs = Maildirs(directory, ["anna"])
    box = Mailbox("anna", store=maildirs.store("anna"))
    assert shown(box) == ALL
    maildirs.release()
    for part in ("cur", "new"):
        (directory / "anna" / part).rename(tmp_path / part)
    maildirs.acquire()
    assert "minipop-uids: [Errno 2]" in caplog.text
    box.deliver(b"Subject: sent\r\n\r\n", "Sent Items")
    assert len(box.folders["Sent Items"]) == 1
    for part in ("cur", "new"):
        (tmp_path / part).rename(directory / "anna" / part)
    assert shown(box) == ALL
    maildirs.release()
    assert uids(directory) == ["101", "102", "103"]


def test_a_list_that_could_not_be_written_leaves_no_half_of_it_behind(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    left = ["anna/minipop-uids.tmp"]  # of a process that was killed while it wrote
    (directory / left[0]).write_bytes(b"minipop-uids 1 10")
    (directory / "anna" / "cur" / "1").write_bytes(b"")
    with opened(directory) as box, monkeypatch.context() as patch:
        assert [name for name in files(directory) if name.endswith(".tmp")] == left
        patch.setattr(os, "fsync", full)
        for _ in range(2):
            with pytest.raises(OSError, match="No space"):
                box.open_maildrop()
            assert [name for name in files(directory) if name.endswith(".tmp")] == []
    assert uids(directory) == ["101", "102", "103", "104"]


# -- clocks that jump -----------------------------------------------------------------------------

YEARS = 10 * 365 * 86_400 * 10**9  # ten of them, in nanoseconds
NOW = 1_772_438_400 * 10**9  # 2 March 2026


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list whose only item is the time in nanoseconds; it stands still."""
    times = [NOW]
    monkeypatch.setattr(time, "time_ns", lambda: times[0])
    return times


JUMPS = {
    "stands still": [NOW, NOW, NOW],
    "back and forth": [NOW, NOW - YEARS, NOW, NOW + YEARS, NOW - YEARS, NOW, NOW + YEARS],
    "before 1970": [-YEARS, -YEARS, NOW, -YEARS, -2 * YEARS],
    "1970": [0, 0, NOW, 0],
}


@pytest.mark.parametrize("jumps", JUMPS.values(), ids=JUMPS)
@pytest.mark.parametrize("restarts", [False, True], ids=["one process", "a new process each time"])
def test_whatever_the_clock_does_no_message_is_written_over_and_no_uid_given_twice(
    tmp_path: Path, clock: list[int], jumps: list[int], restarts: bool
) -> None:
    # The number of the process is the same each time, as in a container; and so are the sizes.
    told: dict[str, str] = {}
    for start in [[jump] for jump in jumps] if restarts else [jumps]:
        with opened(tmp_path / "mail") as box:
            for clock[0] in start:
                for _ in range(3):
                    subject = f"{len(told):04}"
                    told[box.deliver(f"Subject: {subject}\r\n\r\n".encode()).uid] = subject
                box.delete(box.inbox[-1])
                assert {m.uid: m.subject for m in (*box.inbox, *box.recoverable_items)} == told
    assert len(told) == 3 * len(jumps)
    keys = [filenames.key(Path(name).name) for name in files(tmp_path / "mail") if ",S=" in name]
    assert len(set(keys)) == len(keys) == len(told)
    assert all(key[0].isdigit() for key in keys)


def test_two_processes_in_the_same_microsecond_give_different_names(
    clock: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert clock == [NOW]
    first = [next(filenames.keys()), next(filenames.keys())]
    monkeypatch.setattr(os, "getpid", lambda: 4242)
    second = next(filenames.keys())
    assert first[0] == first[1] != second  # which is why a new process looks at what is there


@pytest.mark.parametrize("then", [NOW - YEARS, NOW + YEARS, -YEARS])
def test_without_their_file_no_uid_is_used_again_though_the_clock_has_jumped(
    directory: Path, clock: list[int], then: int
) -> None:
    file = directory / "anna" / "minipop-uids"
    told = uids(directory)
    for clock[0] in (NOW - 1_000, then):
        file.unlink()
        told += uids(directory)
        clock[0] += 1_000_000
        assert uids(directory) == told[-3:]  # and the next start can read them
    assert len(set(told)) == 9
