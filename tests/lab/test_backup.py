"""Backups: what they hold, what they cannot hold, and how it comes back, by edition."""

from collections.abc import Callable
from typing import Any

import pytest

from minipop import Lab
from minipop.exchange import SettingsError
from minipop.lab.backup import Backup
from tests.known import editions

OWN_SINCE_2010 = editions("2010")


def subjects(lab: Lab, folder: str = "Inbox") -> list[str]:
    return lab.mailbox("cweiss").folders[folder].subjects


def lose_all(lab: Lab) -> None:
    """Delete all of Clara's mail as POP3 does, and let the days pass in which it can be recovered."""
    clara = lab.mailbox("cweiss")
    drop = clara.open_maildrop()
    drop.delete(drop.messages)
    drop.close()
    lab.fast_forward(days=20)
    assert subjects(lab) == []
    assert len(clara.recoverable_items) == 0


def by_storage_group(lab: Lab, backup: Backup) -> int:
    lab.shell.new_storage_group("RSG", recovery=True)
    lab.shell.new_mailbox_database(
        storage_group="RSG", mailbox_database_to_recover="DB01", edb_file_path=backup
    )
    lab.shell.mount_database(r"RSG\DB01")
    return len(lab.shell.restore_mailbox("cweiss", rsg_database=r"RSG\DB01"))


def by_database(lab: Lab, backup: Backup, folder: str | None = None) -> int:
    lab.shell.new_mailbox_database("RDB1", server="EX01", recovery=True, edb_file_path=backup)
    lab.shell.mount_database("RDB1")
    return len(request(lab, folder))


def request(lab: Lab, folder: str | None = None) -> list[Any]:
    return lab.shell.new_mailbox_restore_request(
        source_database="RDB1",
        source_store_mailbox="cweiss",
        target_mailbox="cweiss",
        target_root_folder=folder,
    )


def by_system_manager(_: Lab, backup: Backup) -> int:
    return len(backup.recover_mailbox_data("cweiss"))


WAYS: list[tuple[str, Callable[[Lab, Backup], int]]] = [
    ("2003", by_system_manager),
    ("2007", by_storage_group),
    *((edition, by_database) for edition in OWN_SINCE_2010),
]


@pytest.mark.parametrize(("edition", "way"), WAYS)
def test_what_was_there_comes_back_once_and_what_came_later_is_lost(
    edition: str, way: Callable[[Lab, Backup], int]
) -> None:
    lab = Lab(edition)
    was_there = subjects(lab)
    uids = [message.uid for message in lab.mailbox("cweiss").inbox]
    backup = lab.backup()
    lab.fast_forward(days=1)
    lab.mailbox("cweiss").deliver(b"Subject: after the backup\r\n\r\n")
    lose_all(lab)
    assert way(lab, backup) == 2
    assert subjects(lab) == was_there
    assert "after the backup" not in subjects(lab)
    assert not {message.uid for message in lab.mailbox("cweiss").inbox} & set(uids)
    assert {f"{m.received:%m-%d}" for m in lab.mailbox("cweiss").inbox} == {"11-23"}


@pytest.mark.parametrize("edition", [edition for edition, _ in WAYS])
def test_doing_it_twice_leaves_nothing_twice(edition: str) -> None:
    lab = Lab(edition)
    backup = lab.backup()
    assert backup.merge("cweiss", "cweiss") == []
    lose_all(lab)
    assert len(backup.merge("cweiss", "cweiss")) == 2
    assert backup.merge("cweiss", "cweiss") == []
    assert len(subjects(lab)) == 2


def test_a_message_without_message_id_is_known_by_its_bytes() -> None:
    lab = Lab("2016")
    clara = lab.mailbox("cweiss")
    clara.deliver(b"Subject: a\r\n\r\n1")
    clara.deliver(b"Subject: a\r\n\r\n2")
    backup = lab.backup()
    clara.delete(clara.inbox[2])
    assert [m.raw() for m in backup.merge("cweiss", "cweiss")] == [b"Subject: a\r\n\r\n1"]


def test_what_was_deleted_before_the_backup_is_not_in_it() -> None:
    lab = Lab("2016")
    clara = lab.mailbox("cweiss")
    clara.delete(clara.inbox[0])
    backup = lab.backup()
    assert len(backup.folders("cweiss")["Inbox"]) == 1
    lose_all(lab)
    assert by_database(lab, backup) == 1


def test_a_backup_does_not_change_with_the_mailbox_and_does_not_mark_mail_read() -> None:
    lab = Lab("2016")
    lab.mailbox("cweiss").inbox[1].read = True
    backup = lab.backup()
    assert not lab.mailbox("cweiss").inbox[0].read
    lose_all(lab)
    assert len(backup.folders("cweiss")["Inbox"]) == 2
    by_database(lab, backup)
    assert [message.read for message in lab.mailbox("cweiss").inbox] == [False, True]


def test_a_mailbox_of_a_backup_can_go_under_a_folder_of_its_own() -> None:
    lab = Lab("2016")
    by_database(lab, lab.backup(), "Recovered")
    assert len(subjects(lab, "Recovered/Inbox")) == 2
    assert len(subjects(lab)) == 2


def test_an_inbox_rule_does_not_file_away_what_is_restored() -> None:
    lab = Lab("2016")
    backup = lab.backup()
    lose_all(lab)
    lab.mailbox("cweiss").add_rule("pop3", "POP3")
    by_database(lab, backup)
    assert len(subjects(lab)) == 2


def test_the_lines_are_those_that_one_types_in_2007() -> None:
    lab = Lab("2007")
    by_storage_group(lab, lab.backup())
    assert lab.shell.lines == [
        "New-StorageGroup -Name RSG -Recovery",
        r"New-MailboxDatabase -StorageGroup RSG -MailboxDatabaseToRecover DB01"
        r" -EdbFilePath D:\Backup\2026-11-23\DB01.edb",
        r"Mount-Database -Identity RSG\DB01",
        r"Restore-Mailbox -Identity cweiss -RSGDatabase RSG\DB01",
    ]


def test_the_lines_are_those_that_one_types_since_2010() -> None:
    lab = Lab("se")
    by_database(lab, lab.backup(), "Recovered")
    assert lab.shell.lines == [
        r"New-MailboxDatabase -Name RDB1 -Server EX01 -Recovery -EdbFilePath D:\Backup\2026-11-23\DB01.edb",
        "Mount-Database -Identity RDB1",
        "New-MailboxRestoreRequest -SourceDatabase RDB1 -SourceStoreMailbox cweiss -TargetMailbox cweiss"
        " -TargetRootFolder Recovered",
    ]


def test_a_database_is_mounted_before_anything_comes_out_of_it() -> None:
    lab = Lab("2016")
    lab.shell.new_mailbox_database("RDB1", recovery=True, edb_file_path=lab.backup())
    with pytest.raises(SettingsError, match="the recovery database 'RDB1' is not mounted; mount it first"):
        request(lab)
    lab.shell.mount_database("RDB1")
    assert request(lab) == []


def test_a_server_has_one_recovery_storage_group_and_a_database_needs_one() -> None:
    lab = Lab("2007")
    with pytest.raises(SettingsError, match="no recovery storage group 'RSG'"):
        lab.shell.new_mailbox_database(
            storage_group="RSG", mailbox_database_to_recover="DB01", edb_file_path=lab.backup()
        )
    lab.shell.new_storage_group("RSG", recovery=True)
    with pytest.raises(SettingsError, match="there is already a recovery storage group: RSG"):
        lab.shell.new_storage_group("RSG2", recovery=True)


@pytest.mark.parametrize("settings", [{"name": "DB02"}, {"recovery": True}, {"server": "EX02"}])
def test_the_lab_makes_no_other_databases(settings: dict[str, Any]) -> None:
    lab = Lab("2016")
    with pytest.raises(SettingsError):
        lab.shell.new_mailbox_database(**settings, edb_file_path=lab.backup())
    assert lab.shell.lines == []


@pytest.mark.parametrize(
    ("edition", "instead"),
    [
        ("2000", "a recovery server of its own, and ExMerge"),
        ("2003", "Exchange System Manager: New, Recovery Storage Group"),
        ("2007", "New-StorageGroup -Recovery and Restore-Mailbox"),
        ("online", "there it restores soft-deleted and inactive mailboxes"),
    ],
)
def test_a_restore_request_in_another_edition_says_what_serves_there(edition: str, instead: str) -> None:
    with pytest.raises(
        SettingsError, match=f"edition '{edition}' has no New-MailboxRestoreRequest"
    ) as raised:
        request(Lab(edition))
    assert instead in str(raised.value)


@pytest.mark.parametrize(
    ("edition", "instead"),
    [
        ("2000", "a recovery server"),
        ("2007", "restore_mailbox"),
        ("2016", "new_mailbox_restore_request"),
        ("online", "Microsoft 365 Backup"),
    ],
)
def test_recover_mailbox_data_is_a_task_of_2003_alone(edition: str, instead: str) -> None:
    with pytest.raises(SettingsError, match="only 2003 has it") as raised:
        Lab(edition).backup().recover_mailbox_data("cweiss")
    assert instead in str(raised.value)


def test_the_cloud_has_no_way_to_a_database_at_all() -> None:
    lab = Lab("online")
    for act in (
        lambda: lab.shell.new_storage_group("RSG", recovery=True),
        lambda: lab.shell.new_mailbox_database("R", recovery=True, edb_file_path=lab.backup()),
        lambda: lab.shell.mount_database("R"),
        lambda: lab.shell.restore_mailbox("cweiss", rsg_database="R"),
    ):
        with pytest.raises(SettingsError, match="Microsoft 365 Backup, which the Lab does not have"):
            act()


def test_a_backup_of_a_running_lab_is_taken_between_what_clients_do() -> None:
    with Lab("2016") as lab:
        backup = lab.backup()
    assert str(backup) == r"D:\Backup\2026-11-23\DB01.edb"
    assert repr(backup) == "<backup of 2026-11-23 08:00>"
