"""A disk that is full, broken or away: every file operation fails once, and then it and all after it.

Whatever fails: no reply promises what was not done, no message is lost or doubled, no UID changes, nothing
half-written stays, the log says in one line what it was, and the next client is served.
"""

import errno
import logging
import os
from collections import Counter
from pathlib import Path

import pytest

from minipop import Lab
from minipop.lab import MaildirError
from minipop.protocol import Session
from tests.faults import Disk
from tests.lab.maildirs import LOG_ON, MAIL, Trial, delivered, served
from tests.support import drain, send

pytestmark = pytest.mark.slow

ERRORS = ("ENOSPC", "EDQUOT", "EIO", "EACCES", "EPERM", "EROFS", "ESTALE", "ENOENT")

#: A session in which everything happens that touches the disk.
SESSION = (*LOG_ON, b"UIDL", b"RETR 1", b"RETR 2", b"DELE 1", b"DELE 2", b"QUIT")

UIDS = {"one": b"101", "two": b"102", "three": b"103"}

Fault = tuple[int, bool]


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return Trial(tmp_path_factory.mktemp("disk"))


@pytest.fixture
def disk(trial: Trial) -> Disk:
    trial.restore()
    return Disk(trial.directory)


def faults(operations: int) -> list[Fault]:
    """Return which operations fail, and whether all after them do."""
    return [(number, for_good) for for_good in (False, True) for number in range(1, operations + 1)]


def play(session: Session) -> dict[bytes, bytes]:
    """Play the session as far as it goes, and return the replies."""
    drain(session)
    replies: dict[bytes, bytes] = {}
    for line in SESSION:
        if not session.finished:
            replies[line] = send(session, line + b"\r\n")
    return replies


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what was logged, and that it is fit for a log."""
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert not any("\n" in line or "Sommer2026" in line for line in told)
    assert not any(record.exc_info for record in caplog.records)
    caplog.clear()
    return told


@pytest.mark.parametrize("error", ERRORS)
def test_whatever_fails_in_a_session_no_mail_is_lost_and_no_reply_is_wrong(
    trial: Trial, disk: Disk, error: str, caplog: pytest.LogCaptureFixture
) -> None:
    with trial.open() as lab, disk.watched():
        assert [reply[:3] for reply in play(Session(lab.policy)).values()] == [b"+OK"] * 8
    seen = Counter(disk.operations)
    # Else less would be tried than is claimed: the listing, what others have brought, the UIDs; for each RETR
    # its pieces and the flag; for each DELE its rename.
    assert seen["scandir"] >= 2
    assert seen["read"] >= 8
    assert seen["rename"] == 4
    assert {"open", "fstat", "lstat", "unlink", "write", "flush", "fsync", "replace"} <= seen.keys()
    for number, for_good in faults(seen.total()):
        trial.restore()
        with trial.open() as lab:
            session = Session(lab.policy)
            with disk.watched(number, getattr(errno, error), for_good=for_good):
                replies = play(session)
            told = complaints(caplog)
            places = trial.places()
            assert {subject: len(found) for subject, found in places.items()} == dict.fromkeys(UIDS, 1)
            # The replies.
            quit_ = replies.get(SESSION[-1], b"")
            logged_on = replies[SESSION[1]].startswith(b"+OK")
            if not logged_on:
                assert replies[SESSION[1]].startswith(b"-ERR [SYS/TEMP]")
            for command, subject in ((b"RETR 1", "one"), (b"RETR 2", "two")):
                reply = replies.get(command, b"")
                if reply.endswith(b"\r\n.\r\n"):
                    assert reply == b"+OK\r\n" + delivered(subject)
                elif reply and logged_on:
                    broken_off = reply[5:] != b"" and delivered(subject).startswith(reply[5:])
                    assert reply.startswith(b"-ERR") or broken_off
            deleted = sorted(subject for subject, found in places.items() if found == ["Deletions"])
            if logged_on and quit_.startswith(b"+OK"):
                assert deleted == ["one", "two"]
            else:
                assert deleted in ([], ["one"])
            if not all(reply.startswith(b"+OK") for reply in replies.values()) or not quit_:
                assert told
            # What is left, and the next client.
            if not for_good:
                assert trial.unfinished() == []
            expected = {subject: uid for subject, uid in UIDS.items() if subject not in deleted}
            assert served(lab) == expected
            assert trial.unfinished() == []
        with trial.open() as lab:
            assert served(lab) == expected
            assert {m.subject: m.uid.encode() for m in lab.mailbox("anna").recoverable_items} == {
                subject: UIDS[subject] for subject in deleted
            }
    assert disk.failed > 60


def test_what_cannot_be_looked_at_is_not_renamed_over(trial: Trial, disk: Disk) -> None:
    # A copy has the very name that the deleted message is to get; the Lab's clock says when that is.
    (file,) = (trial.directory / "anna" / "new").glob("*S=24*")
    name = f"{file.name},D=20260302T080000.000000Z,F=Inbox:2,S"
    copy = trial.directory / ".recoverable" / "anna" / "Deletions" / "cur" / name
    seen = 0
    for number, for_good in faults(40):
        trial.restore()
        copy.write_bytes(MAIL["four"])
        with trial.open() as lab, disk.watched(number, errno.EIO, for_good=for_good):
            play(Session(lab.policy))
        assert copy.read_bytes() == MAIL["four"]
        assert len(trial.places()["one"]) == 1
        seen += disk.operations[number - 1 : number] == ["lstat"]
    assert seen >= 6


@pytest.mark.parametrize("error", ERRORS)
def test_whatever_fails_in_a_delivery_the_message_has_come_once_or_not_at_all(
    trial: Trial, disk: Disk, error: str
) -> None:
    with trial.open() as lab, disk.watched():
        lab.mailbox("anna").deliver(MAIL["four"])
    assert {"open", "write", "flush", "fsync", "utime", "rename"} <= set(disk.operations)
    for number, for_good in faults(len(disk.operations)):
        trial.restore()
        with trial.open() as lab:
            with disk.watched(number, getattr(errno, error), for_good=for_good):
                try:
                    lab.mailbox("anna").deliver(MAIL["four"])
                except OSError:
                    come = 0
                else:
                    come = 1
            assert len(trial.places().get("four", [])) == come
            if not for_good:
                assert trial.unfinished() == []
            lab.mailbox("anna").deliver(MAIL["four"])
            assert len(trial.places()["four"]) == come + 1
            uids = [message.uid for message in lab.mailbox("anna").inbox]
            assert len({*uids}) == len(uids) == come + 4
        with trial.open() as lab:
            assert [message.uid for message in lab.mailbox("anna").inbox] == uids


@pytest.mark.parametrize("error", ["ENOSPC", "EIO", "EACCES"])
def test_whatever_fails_at_the_start_is_told_and_the_next_start_finds_everything(
    trial: Trial, disk: Disk, error: str, caplog: pytest.LogCaptureFixture
) -> None:
    with disk.watched(), trial.open():
        pass
    refusals: list[str] = []
    for number, for_good in faults(len(disk.operations)):
        trial.restore()
        with disk.watched(number, getattr(errno, error), for_good=for_good):
            try:
                trial.lab().stop()
            except MaildirError as told:
                refusals.append(str(told))
        assert trial.unfinished() == []
        with trial.open() as lab:
            assert served(lab) == UIDS
    complaints(caplog)
    assert len(refusals) > 60
    assert all(os.strerror(getattr(errno, error)) in told and "\n" not in told for told in refusals)


def test_whatever_fails_when_a_lab_starts_again_it_forgets_no_uid(trial: Trial, disk: Disk) -> None:
    lab = trial.lab()
    assert served(lab) == UIDS
    refusals: list[str] = []
    for number in range(1, 9):
        lab.stop()
        with disk.watched(number, errno.EIO):
            try:
                lab.start()
            except MaildirError as told:
                refusals.append(str(told))
        lab.stop()
        lab.start()
        assert served(lab) == UIDS
    lab.stop()
    assert len(refusals) > 2
    assert all("Input/output error" in told for told in refusals)


def test_a_disk_that_is_full_at_the_very_first_start_is_told_and_no_half_is_taken_for_the_whole(
    tmp_path: Path,
) -> None:
    disk = Disk(tmp_path)
    with disk.watched():
        Lab(maildir=tmp_path / "whole").stop()
    for number in (*range(1, 10), *range(10, len(disk.operations), 37)):  # the lock and the mark come first
        directory = tmp_path / str(number)
        with (
            disk.watched(number, errno.ENOSPC, for_good=True),
            pytest.raises(MaildirError, match="No space left on device"),
        ):
            Lab(maildir=directory)
        if (directory / ".minipop-filling").exists():
            with pytest.raises(MaildirError, match="half filled"):
                Lab(maildir=directory)
        else:
            lab = Lab(maildir=directory)
            lab.stop()
            assert len(lab.mailbox("anna").inbox) == 10
