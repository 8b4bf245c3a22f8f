"""The Maildir: what is on disk, other programs beside minipop, and names and links that lead astray."""

import mailbox
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from minipop.mailbox import DeletesTo, Deletion, Mailbox, Retention
from minipop.mailbox.maildir import MaildirError, Maildirs, filenames
from minipop.protocol import MessageGone

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


@contextmanager
def opened(directory: Path, deletes_to: DeletesTo = DeletesTo.RECOVERABLE_ITEMS) -> Iterator[Mailbox]:
    """Open Anna's mailbox as a process does, and end that process."""
    maildirs = Maildirs(directory, ["anna"])
    try:
        store = maildirs.store("anna")
        maildirs.filled()
        yield Mailbox("anna", store=store, retention=Retention(deletes_to), clock=lambda: AT)
    finally:
        maildirs.release()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Return a directory with a mailbox of three messages: one, two and three."""
    with opened(tmp_path / "mail") as box:
        for subject in ("one", "two", "three"):
            box.deliver(f"Subject: {subject}\r\n\r\n".encode())
    return tmp_path / "mail"


def files(path: Path) -> list[str]:
    """Return the files under a path, as they are seen from there."""
    return sorted(str(f.relative_to(path)) for f in path.rglob("*") if f.is_file())


def uids(directory: Path) -> list[str]:
    with opened(directory) as box:
        return [message.uid for message in box.open_maildrop().messages]


def other(directory: Path) -> mailbox.Maildir:
    """Return the mailbox as another program sees it, Python's own module."""
    return mailbox.Maildir(directory / "anna", create=False)


def only(directory: Path, pattern: str) -> Path:
    (found,) = directory.glob(pattern)
    return found


# -- on disk --------------------------------------------------------------------------------------


def test_a_mailbox_is_a_maildir_and_what_is_hidden_lies_beside_it(directory: Path) -> None:
    with opened(directory) as box:
        box.deliver(b"Subject: x\r\n\r\n", "Projekte/Nr. 5 für A&B", read=True)
        box.delete(box.inbox[0])
    shown = [re.sub(r"\d+\.M\d{6}P\d+\.[^,:]+", "KEY", name) for name in files(directory)]
    assert shown == [
        ".minipop.lock",
        ".recoverable/anna/Deletions/cur/KEY,S=16,W=16,D=20260302T080000.000000Z,F=Inbox:2,",
        "anna/.Deleted Items/maildirfolder",
        "anna/.Projekte.Nr&AC4- 5 f&APw-r A&-B/cur/KEY,S=14,W=14:2,S",
        "anna/.Projekte.Nr&AC4- 5 f&APw-r A&-B/maildirfolder",
        "anna/.Sent Items/maildirfolder",
        "anna/minipop-uids",
        "anna/new/KEY,S=16,W=16",
        "anna/new/KEY,S=18,W=18",
    ]


def test_sizes_in_the_name_are_those_of_the_file_and_with_crlf(directory: Path) -> None:
    with opened(directory) as box:
        assert box.deliver(b"Subject: a\n\nb\n").octets == 17
        assert box.deliver(b"Subject: a\n\nb").octets == 17  # RETR ends the last line
    sizes = [name.partition(",")[2] for name in files(directory / "anna" / "new")]
    assert sizes[3:] == ["S=14,W=17", "S=13"]


def test_older_editions_keep_what_is_deleted_in_a_dumpster_for_each_folder(directory: Path) -> None:
    with opened(directory, DeletesTo.DUMPSTER) as box:
        filed = box.deliver(b"Subject: x\r\n\r\n", "Projekt")
        box.delete(filed)
        box.delete(box.inbox[0])
    found = [Path(name).parts[:2] for name in files(directory / ".recoverable" / "anna")]
    assert found == [("Inbox", "cur"), ("Projekt", "cur")]


@pytest.mark.parametrize("deletes_to", [DeletesTo.DUMPSTER, DeletesTo.RECOVERABLE_ITEMS])
def test_after_a_restart_it_is_known_when_a_message_was_deleted_and_from_where(
    directory: Path, deletes_to: DeletesTo
) -> None:
    with opened(directory, deletes_to) as box:
        box.delete(box.inbox[0])
        box.delete(box.deliver(b"Subject: x\r\n\r\n", "Projekte/Nr. 5: A, B"))
    with opened(directory, deletes_to) as box:
        hidden = [message for folder in box.hidden.values() for message in folder]
        assert [(m.subject, m.uid, m.deletion) for m in hidden] == [
            ("one", "101", Deletion(AT, "Inbox")),
            ("x", "104", Deletion(AT, "Projekte/Nr. 5: A, B")),
        ]
        assert all(message.gone for message in hidden)
        assert all(box.restore(message) for message in hidden)
        assert box.inbox.subjects == ["two", "three", "one"]
        assert box.folders["Projekte/Nr. 5: A, B"].subjects == ["x"]
    with opened(directory, deletes_to) as box:
        assert [(m.subject, m.uid) for m in box.inbox] == [("two", "102"), ("three", "103"), ("one", "101")]


def test_what_does_not_fit_into_a_name_is_left_out_and_the_deletion_still_done(directory: Path) -> None:
    long = "1" * 150
    other(directory).close()
    (directory / "anna" / "cur" / f"{long}:2,").write_bytes(b"Subject: long\n\n")
    (directory / "anna" / "cur" / f"{long * 2}"[:250]).write_bytes(b"Subject: longer\n\n")
    with opened(directory) as box:
        for message in (*box.inbox, box.deliver(b"Subject: x\r\n\r\n", "x" * 200)):
            box.delete(message)
    with opened(directory) as box:
        known = {m.subject: m.deletion for m in box.recoverable_items}
        assert set(known) == {"one", "two", "three", "long", "longer", "x"}
        assert known["x"] == Deletion(AT, "Inbox")
        assert known["longer"]
        assert known["longer"].at > AT  # the file system's time


# -- UIDs -----------------------------------------------------------------------------------------


def test_uids_outlive_restarts_flags_and_moves_of_other_programs(directory: Path) -> None:
    assert uids(directory) == ["101", "102", "103"]
    box = other(directory)
    for key in list(box.iterkeys()):
        message = box[key]
        message.set_subdir("cur")
        message.set_flags("FRS")
        box[key] = message
    inbox = directory / "anna" / "cur"
    first = min(inbox.iterdir())
    first.rename(directory / "anna" / ".Sent Items" / "cur" / first.name)
    assert uids(directory) == ["102", "103"]
    (directory / "anna" / ".Sent Items" / "cur" / first.name).rename(inbox / first.name)
    assert uids(directory) == ["101", "102", "103"]


def test_mail_that_others_deliver_gets_uids_of_its_own_in_the_order_of_its_arrival(directory: Path) -> None:
    cur = directory / "anna" / "cur"
    (cur / "1000000010.M1P1.host:2,S").write_bytes(b"Subject: later\n\n")
    (cur / "999999999.M2P1.host:2,S").write_bytes(b"Subject: sooner\n\n")
    (directory / "anna" / "new" / "1000000010.M0P1.host,W=17").write_bytes(b"Subject: between\n\n")
    expected = [("one", 16), ("two", 16), ("three", 18), ("sooner", 19), ("between", 17), ("later", 18)]
    for _ in range(2):
        with opened(directory) as box:
            drop = box.open_maildrop()
            assert [message.uid for message in drop.messages] == ["101", "102", "103", "104", "105", "106"]
            assert [(m.subject, m.octets) for m in box.inbox] == expected
            assert [m.read for m in box.inbox] == [False, False, False, True, False, True]


def test_a_uid_is_not_given_again_when_its_message_is_gone(directory: Path) -> None:
    assert uids(directory) == ["101", "102", "103"]
    other(directory).clear()
    with opened(directory) as box:
        assert len(box.inbox) == 0
        assert box.deliver(b"").uid == "104"
    assert uids(directory) == ["104"]


@pytest.mark.parametrize(
    "damage",
    [
        None,
        b"",
        b"minipop-uids 1 104 3\n",
        b"minipop-uids 1 104 0",
        b"\xff\x00",
        b"minipop-uids 1 104 1\n101 x key\n",
        b"minipop-uids 1 104 2\n101 16 a\n101 16 b\n",
        b"minipop-uids 1 104 1\n" + b"1" * 71 + b" 16 a\n",
        b"dovecot-uidlist 3\n",
    ],
)
def test_without_their_file_all_uids_change_and_none_is_used_again(
    directory: Path, damage: bytes | None
) -> None:
    file = directory / "anna" / "minipop-uids"
    file.unlink()
    if damage is not None:
        file.write_bytes(damage)
    changed = uids(directory)
    assert len(set(changed)) == 3
    assert all(int(uid) > 10**15 for uid in changed)
    assert all(re.fullmatch(r"[\x21-\x7e]{1,70}", uid) for uid in changed)
    assert uids(directory) == changed
    file.unlink()
    assert min(map(int, uids(directory))) > max(map(int, changed))
    with opened(directory) as box:
        assert box.inbox.subjects == ["one", "two", "three"]
    aside = file.with_name("minipop-uids.damaged")
    assert (aside.read_bytes() if aside.exists() else None) == damage


def test_the_file_of_uids_is_replaced_as_a_whole(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = directory / "anna" / "minipop-uids"
    before = file.read_bytes()
    (directory / "anna" / "cur" / "1").write_bytes(b"")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with opened(directory) as box, monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            box.open_maildrop()
    assert uids(directory) == ["101", "102", "103", "104"]
    assert before.splitlines()[1:] == file.read_bytes().splitlines()[1:4]
    assert b"104 0 1" in file.read_bytes().splitlines()


def test_strange_names_of_files_are_messages_like_others(directory: Path) -> None:
    for name in (
        "a b",
        "100%",
        "line\nend",
        "carriage\rreturn",
        "%0A",
        "ü",
        b"\xff\xfe".decode("utf-8", "surrogateescape"),
    ):
        (directory / "anna" / "cur" / name).write_bytes(b"Subject: strange\n\n")
    before = uids(directory)
    assert len(set(before)) == 10
    assert uids(directory) == before
    with opened(directory) as box:
        for message in box.inbox:
            box.delete(message)
        assert (len(box.inbox), len(box.recoverable_items)) == (0, 10)
    with opened(directory) as box:
        assert sorted(message.uid for message in box.recoverable_items) == sorted(before)


# -- log-on reads no message ----------------------------------------------------------------------

OPENED = """
import poplib, sys
from minipop import Lab

opened = []
sys.addaudithook(lambda event, found: opened.append(str(found[0])) if event == "open" else None)

def messages():
    found = sum("/anna/cur/" in name or "/anna/new/" in name for name in opened)
    opened.clear()
    return found

with Lab(login_type="PlainTextLogin", maildir=sys.argv[1]) as lab:
    pop = poplib.POP3(lab.host, lab.port)
    pop.user("anna")
    pop.pass_("Sommer2026")
    print(messages())
    count, _ = pop.stat()
    pop.list()
    pop.uidl()
    print(messages())
    pop.retr(count)
    print(messages())
    pop.quit()
"""


def test_log_on_reads_each_message_of_other_programs_once_and_later_none(directory: Path) -> None:
    box = other(directory)
    for number in range(300):
        box.add(f"Subject: {number}\n\n".encode())

    def counted() -> list[int]:
        done = subprocess.run(
            [sys.executable, "-c", OPENED, str(directory)], capture_output=True, text=True, check=True
        )
        return [int(line) for line in done.stdout.split()]

    assert counted() == [300, 0, 1]
    assert counted() == [0, 0, 1]


# -- other programs at the same time --------------------------------------------------------------


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows by each directory that is read."""
    read: list[str] = []
    scandir = os.scandir

    def noting(path: str) -> object:
        read.append(os.fspath(path).rpartition("/")[2])
        return scandir(path)

    monkeypatch.setattr(os, "scandir", noting)
    return read


def settle(directory: Path) -> None:
    """Let the last change of the Inbox be an hour ago."""
    for part in ("new", "cur"):
        then = (directory / "anna" / part).stat().st_mtime - 3600
        os.utime(directory / "anna" / part, (then, then))


def test_a_log_on_reads_a_directory_only_if_it_has_changed(directory: Path, listed: list[str]) -> None:
    with opened(directory) as box:
        settle(directory)
        box.open_maildrop()
        listed.clear()
        assert [m.subject for m in box.open_maildrop().messages] == ["one", "two", "three"]
        assert listed == []
        other(directory).add(b"Subject: four\n\n")
        assert [m.subject for m in box.open_maildrop().messages] == ["one", "two", "three", "four"]
        assert {"new", "cur"} <= set(listed)


def test_a_change_that_bears_the_same_time_as_the_last_one_is_seen(directory: Path) -> None:
    # The clock of a file system may be as coarse as two seconds.
    with opened(directory) as box:
        box.open_maildrop()
        new = directory / "anna/new"
        times = new.stat().st_atime_ns, new.stat().st_mtime_ns
        other(directory).add(b"Subject: four\n\n")
        os.utime(new, ns=times)
        assert [m.subject for m in box.open_maildrop().messages] == ["one", "two", "three", "four"]


def test_a_message_that_could_not_be_read_is_tried_again(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strange = directory / "anna/new/strange"
    strange.write_bytes(b"Subject: strange\n\n")
    settle(directory)

    def denied(_: Path) -> int:
        raise PermissionError(13, "Permission denied")

    with opened(directory) as box:
        with monkeypatch.context() as patch:
            patch.setattr("minipop.mailbox.maildir.folder.counted", denied)
            assert [m.subject for m in box.open_maildrop().messages] == ["one", "two", "three"]
        assert "strange" in [m.subject for m in box.open_maildrop().messages]


def test_a_file_that_another_program_renames_is_found_by_its_key(directory: Path) -> None:
    with opened(directory) as box:
        drop = box.open_maildrop()
        for file in sorted((directory / "anna" / "new").iterdir()):
            file.rename(directory / "anna" / "cur" / f"{file.name}:2,FS")
        assert b"".join(drop.messages[1].open()) == b"Subject: two\r\n\r\n"
        drop.delete(drop.messages[:2])
        assert box.inbox.subjects == ["three"]
    assert [name[-4:] for name in files(directory / ".recoverable")] == ["2,FS", "2,FS"]


def test_a_file_that_another_program_takes_away_is_gone_and_deleting_it_harms_nothing(
    directory: Path,
) -> None:
    with opened(directory) as box:
        drop = box.open_maildrop()
        only(directory, "anna/new/*W=18").unlink()
        with pytest.raises(MessageGone):
            drop.messages[2].open()
        drop.messages[2].read = True
        drop.delete(drop.messages)
        assert (len(box.inbox), box.recoverable_items.subjects) == (0, ["one", "two"])
        assert not box.inbox.discard(drop.messages[2])


def test_what_a_message_is_moved_to_is_made_again_if_another_program_removed_it(directory: Path) -> None:
    with opened(directory) as box:
        folder = directory / ".recoverable" / "anna" / "Deletions"
        for part in ("cur", "new", "tmp"):
            (folder / part).rmdir()
        folder.rmdir()
        box.delete(box.inbox[0])
        assert box.recoverable_items.subjects == ["one"]


def test_a_message_fetched_by_pop3_is_read_for_others_and_their_flags_stay(directory: Path) -> None:
    file = only(directory, "anna/new/*W=18")
    file.rename(directory / "anna" / "cur" / f"{file.name}:2,FR")
    with opened(directory) as box:
        drop = box.open_maildrop()
        for message in drop.messages[1:]:
            list(message.open())
        assert [message.read for message in drop.messages] == [False, True, True]
    assert sorted(message.get_flags() for message in other(directory)) == ["", "FRS", "S"]


def test_nothing_is_ever_overwritten(directory: Path) -> None:
    # The same file in two folders, as a careless backup leaves it.
    with opened(directory) as box:
        file = only(directory, "anna/new/*W=18")
        copy = directory / "anna" / ".Sent Items" / "new" / file.name
        copy.write_bytes(b"Subject: copy\r\n\r\n")
        three = box.inbox[2]
        box.delete(three)
        box.restore(three, "Sent Items")
        assert sorted(box.folders["Sent Items"].subjects) == ["copy", "three"]
        assert three.raw() == b"Subject: three\r\n\r\n"
        for message in box.folders["Sent Items"]:
            box.delete(message)
        assert sorted(box.recoverable_items.subjects) == ["copy", "three"]


@pytest.mark.parametrize("place", ["new/{}", "cur/{}:2,F"])
def test_a_message_that_is_moved_to_its_copy_becomes_another_and_all_keep_their_uids(
    directory: Path, place: str
) -> None:
    with opened(directory) as box:
        key = only(directory, "anna/new/*W=18").name
        (directory / "anna" / ".Sent Items" / place.format(key)).write_bytes(b"Subject: copy\r\n\r\n")
        sent = box.folders["Sent Items"]
        assert [message.uid for message in sent] == ["103"]  # the file decides, in whatever folder it is
        box.move(box.inbox[2], "Sent Items")
        assert [(m.uid, m.subject) for m in sent] == [("103", "copy"), ("104", "three")]
    with opened(directory) as box:
        assert [(m.uid, m.subject) for m in box.folders["Sent Items"]] == [("103", "copy"), ("104", "three")]
        assert [message.uid for message in box.inbox] == ["101", "102"]


def test_a_copy_is_never_moved_over_another(directory: Path) -> None:
    with opened(directory) as box:
        three = box.inbox[2]
        key = only(directory, "anna/new/*W=18").name
        (directory / "anna" / ".Sent Items" / "new" / key).write_bytes(b"Subject: copy\r\n\r\n")
        box.move(three, "Sent Items")  # which nobody has looked at yet
        assert sorted(box.folders["Sent Items"].subjects) == ["copy", "three"]


def test_a_session_goes_on_with_its_own_file_when_a_copy_appears(directory: Path) -> None:
    with opened(directory) as box:
        drop = box.open_maildrop()
        key = only(directory, "anna/new/*W=18").name
        (directory / "anna" / "cur" / f"{key}:2,").write_bytes(b"Subject: copy\r\n\r\n")
        assert len(box.inbox) == 4
        assert b"".join(drop.messages[2].open()) == b"Subject: three\r\n\r\n"


def test_a_copy_within_a_folder_becomes_a_message_of_its_own(directory: Path) -> None:
    key = only(directory, "anna/new/*W=18").name
    for copy in (f"{key}:2,", f"{key}:2,S"):
        (directory / "anna" / "cur" / copy).write_bytes(b"Subject: copy\n\n")
    before = uids(directory)
    assert len(set(before)) == 5
    assert uids(directory) == before
    with opened(directory) as box:
        assert sorted(box.inbox.subjects) == ["copy", "copy", "one", "three", "two"]


# -- links, and names that lead astray ------------------------------------------------------------


def test_links_and_other_things_among_the_messages_are_none(directory: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"Subject: secret\n\n")
    cur = directory / "anna" / "cur"
    (cur / "1:2,").symlink_to(tmp_path / "secret")
    (cur / "2:2,").mkdir()
    os.mkfifo(cur / "3:2,")
    (cur / ".4:2,").write_bytes(b"")
    assert uids(directory) == ["101", "102", "103"]


@pytest.mark.parametrize("make", ["link", "pipe", "directory"])
def test_a_message_that_becomes_something_else_is_gone_and_leaves_no_handle_open(
    directory: Path, tmp_path: Path, make: str
) -> None:
    (tmp_path / "secret").write_bytes(b"Subject: secret\n\n")
    with opened(directory) as box:
        drop = box.open_maildrop()
        file = only(directory, "anna/new/*W=18")
        file.unlink()
        if make == "link":
            file.symlink_to(tmp_path / "secret")
        elif make == "pipe":
            os.mkfifo(file)
        else:
            file.mkdir()
        before = {*Path("/dev/fd").iterdir()}
        with pytest.raises(MessageGone):
            drop.messages[2].open()
        assert {*Path("/dev/fd").iterdir()} == before


@pytest.mark.parametrize(
    ("name", "directory_name"),
    [
        ("Sent Items", "Sent Items"),
        ("Projekt Faxablösung", "Projekt Faxabl&APY-sung"),
        ("A&B", "A&-B"),
        ("台北", "&U,BTFw-"),  # the example of RFC 3501, section 5.1.3
        ("~peter/mail/台北/日本語", "~peter.mail.&U,BTFw-.&ZeVnLIqe-"),
        ("Nr. 5", "Nr&AC4- 5"),
        ("..", "&AC4ALg-"),
        ("../../etc", "&AC4ALg-.&AC4ALg-.etc"),
        ("null\0line\n", "null&AAA-line&AAo-"),
        ("𝄞", "&2DTdHg-"),
    ],
)
def test_names_of_folders_in_modified_utf_7_never_lead_out(name: str, directory_name: str) -> None:
    assert filenames.directory(name) == directory_name
    assert filenames.folder(directory_name) == name
    assert "/" not in directory_name
    assert not directory_name.startswith(".")


@pytest.mark.parametrize("name", ["", "/", "//", "/etc/passwd", "a//b", "a/"])
def test_a_name_with_an_empty_part_is_refused(directory: Path, name: str) -> None:
    with opened(directory) as box:
        before = files(directory)
        with pytest.raises(MaildirError, match=r"is no folder's name: a part of it is empty"):
            box.move(box.inbox[0], name)
        assert files(directory) == before


@pytest.mark.parametrize("directory_name", ["Grüße", "a&b", "&zz-", "&AC8-", ".x", "x.", "&AC8", "..."])
def test_names_that_are_no_modified_utf_7_are_taken_as_they_are(directory: Path, directory_name: str) -> None:
    path = directory / "anna" / f".{directory_name}"
    (path / "cur").mkdir(parents=True)
    (path / "cur" / "1").write_bytes(b"Subject: there\n\n")
    with opened(directory) as box:
        assert box.folders[directory_name].subjects == ["there"]
        box.move(box.inbox[0], directory_name)
    assert len(files(path)) == 3


@pytest.mark.parametrize("alias", ["", ".", "..", "../anna", "a/b", ".recoverable"])
def test_an_alias_that_is_no_plain_name_gets_no_maildir(directory: Path, alias: str) -> None:
    maildirs = Maildirs(directory, ["anna"])
    with pytest.raises(MaildirError, match="cannot be the name of a Maildir"):
        maildirs.store(alias)
    maildirs.release()


@pytest.mark.parametrize(
    "place", ["anna", "anna/cur", "anna/.Sent Items", ".recoverable", ".recoverable/anna"]
)
def test_a_directory_that_is_a_link_is_refused(directory: Path, tmp_path: Path, place: str) -> None:
    (directory / place).rename(tmp_path / "elsewhere")
    (directory / place).symlink_to(tmp_path / "elsewhere")
    before = files(tmp_path / "elsewhere")
    with (
        pytest.raises(MaildirError, match="a symbolic link, which minipop does not follow"),
        opened(directory),
    ):
        pass
    assert files(tmp_path / "elsewhere") == before


def test_a_folder_of_a_mail_program_that_is_a_link_is_left_out(directory: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "cur").mkdir(parents=True)
    (directory / "anna" / ".Elsewhere").symlink_to(tmp_path / "elsewhere")
    with opened(directory) as box:
        assert list(box.folders) == ["Inbox", "Sent Items", "Deleted Items"]
