"""What every store of mail must do: each test runs in memory and on a Maildir."""

import itertools
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest

from minipop.mailbox import (
    DeletesTo,
    Mailbox,
    MailboxInUse,
    MemoryMessage,
    Retention,
    base64_uid,
    decimal_uid,
)
from minipop.mailbox.maildir import Maildirs


class New(Protocol):
    """Makes an empty mailbox."""

    def __call__(self, **settings: Any) -> Mailbox:
        """Make one with those settings."""


@pytest.fixture(params=["memory", "maildir"])
def new(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[New]:
    """Return what makes mailboxes in the one store or the other."""
    numbers = itertools.count()
    with ExitStack() as opened:

        def make(**settings: Any) -> Mailbox:
            if request.param == "memory":
                return Mailbox("anna", **settings)
            maildirs = Maildirs(tmp_path / str(next(numbers)), ["anna"])
            opened.callback(maildirs.release)
            return Mailbox("anna", store=maildirs.store("anna"), **settings)

        yield make


class Calendar:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def mailbox(
    new: New,
    deletes_to: DeletesTo = DeletesTo.RECOVERABLE_ITEMS,
    *,
    days: int = 14,
    single_item_recovery: bool = False,
    exclusive: bool = False,
) -> tuple[Mailbox, Calendar]:
    calendar = Calendar()
    retention = Retention(deletes_to, days, single_item_recovery)
    box = new(retention=retention, clock=calendar, exclusive=exclusive)
    for subject in ("one", "two", "three"):
        box.deliver(f"Subject: {subject}\r\n\r\n".encode())
    return box, calendar


def filled(
    new: New, deletes_to: DeletesTo = DeletesTo.RECOVERABLE_ITEMS, *, exclusive: bool = False
) -> Mailbox:
    return mailbox(new, deletes_to, exclusive=exclusive)[0]


def hidden(box: Mailbox) -> dict[str, list[str]]:
    return {name: folder.subjects for name, folder in box.hidden.items() if len(folder)}


def test_a_mailbox_has_inbox_sent_items_and_deleted_items_from_the_start(new: New) -> None:
    assert list(new().folders) == ["Inbox", "Sent Items", "Deleted Items"]


def test_mail_goes_to_the_end_of_its_folder_and_makes_the_folder_if_need_be(new: New) -> None:
    box = filled(new)
    box.deliver(b"Subject: x\r\n\r\n", "Projekt Faxablösung")
    assert box.inbox.subjects == ["one", "two", "three"]
    assert box.folders["Projekt Faxablösung"].subjects == ["x"]


def test_the_maildrop_shows_the_inbox_and_no_other_folder(new: New) -> None:
    box = filled(new)
    box.deliver(b"Subject: x\r\n\r\n", "Sent Items")
    assert [message.subject for message in box.open_maildrop().messages] == ["one", "two", "three"]


def test_uids_are_unique_in_the_mailbox_and_of_the_form_that_the_rfc_wants(new: New) -> None:
    # RFC 1939, section 7: 1 to 70 characters from 0x21 to 0x7E
    box = filled(new)
    box.deliver(b"", "Sent Items")
    uids = [message.uid for folder in box.folders.values() for message in folder]
    assert len(set(uids)) == 4
    assert all(re.fullmatch(r"[\x21-\x7e]{1,70}", uid) for uid in uids)


def test_a_uid_is_never_given_again(new: New) -> None:
    box = filled(new)
    last = box.inbox[2]
    box.delete(last)
    assert box.deliver(b"Subject: new\r\n\r\n").uid != last.uid


def test_the_same_mail_gets_the_same_uids_in_every_run(new: New) -> None:
    assert [m.uid for m in filled(new).inbox] == [m.uid for m in filled(new).inbox]


def test_the_maildrop_does_not_change_when_mail_arrives_or_goes(new: New) -> None:
    box = filled(new)
    drop = box.open_maildrop()
    box.delete(box.inbox[0])
    box.deliver(b"Subject: four\r\n\r\n")
    assert [message.subject for message in drop.messages] == ["one", "two", "three"]
    assert box.inbox.subjects == ["two", "three", "four"]


def test_what_pop3_deletes_goes_past_deleted_items_into_recoverable_items(new: New) -> None:
    box = filled(new)
    drop = box.open_maildrop()
    drop.delete([drop.messages[0], drop.messages[2]])
    assert box.inbox.subjects == ["two"]
    assert box.deleted_items.subjects == []
    assert box.recoverable_items.subjects == ["one", "three"]
    assert all(message.gone for message in box.recoverable_items)


def test_without_retention_what_pop3_deletes_is_lost(new: New) -> None:
    box = filled(new, DeletesTo.NOWHERE)
    drop = box.open_maildrop()
    drop.delete(drop.messages)
    assert (len(box.inbox), len(box.recoverable_items)) == (0, 0)


def test_a_message_that_another_session_deleted_is_passed_over(new: New) -> None:
    box = filled(new)
    first, second = box.open_maildrop(), box.open_maildrop()
    first.delete([first.messages[0]])
    second.delete([second.messages[0], second.messages[1]])
    assert box.inbox.subjects == ["three"]
    assert box.recoverable_items.subjects == ["one", "two"]


def test_a_maildrop_that_is_closed_deletes_nothing(new: New) -> None:
    box = filled(new)
    box.open_maildrop().close()
    assert len(box.inbox) == 3


def test_an_exclusive_mailbox_lets_one_session_in_at_a_time(new: New) -> None:
    box = filled(new, exclusive=True)
    drop = box.open_maildrop()
    with pytest.raises(MailboxInUse):
        box.open_maildrop()
    drop.close()
    drop.close()  # may be called twice
    second = box.open_maildrop()
    with pytest.raises(MailboxInUse):
        box.open_maildrop()
    second.close()


def test_a_shared_mailbox_lets_many_sessions_in(new: New) -> None:
    box = filled(new)
    assert len([box.open_maildrop() for _ in range(3)]) == 3


def test_a_folder_can_be_counted_indexed_and_read_while_it_changes(new: New) -> None:
    box = filled(new)
    assert (len(box.inbox), box.inbox[-1].subject) == (3, "three")
    for message in box.inbox:
        box.delete(message)
    assert len(box.inbox) == 0
    assert repr(box.inbox) == "<folder 'Inbox': 0 messages>"


def test_recoverable_items_has_three_folders_and_a_deletion_goes_into_the_first(new: New) -> None:
    box, _ = mailbox(new)
    box.delete(box.inbox[0])
    assert list(box.hidden) == ["Deletions", "Versions", "Purges"]
    assert hidden(box) == {"Deletions": ["one"]}
    assert box.deleted_items.subjects == []


def test_a_dumpster_belongs_to_its_folder(new: New) -> None:
    box, _ = mailbox(new, DeletesTo.DUMPSTER)
    other = box.deliver(b"Subject: x\r\n\r\n", "Projekt")
    box.delete(box.inbox[0])
    box.delete(other)
    assert hidden(box) == {"Inbox": ["one"], "Projekt": ["x"]}


def test_where_nothing_is_kept_a_deletion_is_the_end(new: New) -> None:
    box, _ = mailbox(new, DeletesTo.NOWHERE)
    box.delete(box.inbox[0])
    assert (box.inbox.subjects, box.hidden) == (["two", "three"], {})


@pytest.mark.parametrize("deletes_to", [DeletesTo.DUMPSTER, DeletesTo.RECOVERABLE_ITEMS])
@pytest.mark.parametrize(("days", "left"), [(13.9, ["one"]), (14.0, []), (15.0, [])])
def test_what_is_deleted_is_kept_for_fourteen_days_and_then_destroyed(
    new: New, deletes_to: DeletesTo, days: float, left: list[str]
) -> None:
    box, calendar = mailbox(new, deletes_to)
    box.delete(box.inbox[0])
    calendar.now += timedelta(days=days)
    box.expire()
    assert box.recoverable_items.subjects == left
    assert box.inbox.subjects == ["two", "three"]


def test_the_days_count_from_the_deletion_not_from_the_arrival(new: New) -> None:
    box, calendar = mailbox(new)
    box.delete(box.inbox[0])
    calendar.now += timedelta(days=10)
    box.delete(box.inbox[0])
    calendar.now += timedelta(days=10)
    box.expire()
    assert box.recoverable_items.subjects == ["two"]


def test_a_purge_is_the_end_without_single_item_recovery(new: New) -> None:
    box, _ = mailbox(new)
    box.delete(box.inbox[0])
    box.purge(box.recoverable_items[0])
    assert hidden(box) == {}


def test_with_single_item_recovery_a_purge_leaves_the_message_to_administrators_until_its_days_are_over(
    new: New,
) -> None:
    box, calendar = mailbox(new, single_item_recovery=True)
    box.delete(box.inbox[0])
    box.purge(box.recoverable_items[0])
    assert hidden(box) == {"Purges": ["one"]}
    box.purge(box.hidden["Purges"][0])  # users cannot reach in there
    assert hidden(box) == {"Purges": ["one"]}
    calendar.now += timedelta(days=14)
    box.expire()
    assert hidden(box) == {}


def test_what_lies_in_purges_its_user_cannot_destroy_when_single_item_recovery_is_switched_off(
    new: New,
) -> None:
    box, _ = mailbox(new, single_item_recovery=True)
    box.delete(box.inbox[0])
    box.purge(box.recoverable_items[0])
    box.retention = replace(box.retention, single_item_recovery=False)
    box.purge(box.hidden["Purges"][0])
    assert hidden(box) == {"Purges": ["one"]}


def test_a_dumpster_knows_no_single_item_recovery(new: New) -> None:
    box, _ = mailbox(new, DeletesTo.DUMPSTER, single_item_recovery=True)
    box.delete(box.inbox[0])
    box.purge(box.recoverable_items[0])
    assert hidden(box) == {}


@pytest.mark.parametrize("deletes_to", [DeletesTo.DUMPSTER, DeletesTo.RECOVERABLE_ITEMS])
def test_restoring_puts_a_message_back_where_it_was_deleted_from_or_where_one_says(
    new: New, deletes_to: DeletesTo
) -> None:
    box, _ = mailbox(new, deletes_to)
    filed = box.deliver(b"Subject: x\r\n\r\n", "Projekt")
    first, second = box.inbox[0], box.inbox[1]
    for message in (filed, first, second):
        box.delete(message)
    assert box.restore(filed)
    assert box.restore(first)
    assert box.restore(second, "Deleted Items")
    assert box.folders["Projekt"].subjects == ["x"]
    assert box.inbox.subjects == ["three", "one"]
    assert box.deleted_items.subjects == ["two"]
    assert hidden(box) == {}
    assert first.deletion is None
    assert [m.uid for m in box.open_maildrop().messages] == ["103", "101"]
    assert b"".join(first.open()) == b"Subject: one\r\n\r\n"
    assert not box.restore(first)  # it is not there any more


def test_a_restored_message_can_be_deleted_again(new: New) -> None:
    box, _ = mailbox(new)
    message = box.inbox[0]
    box.delete(message)
    box.restore(message)
    box.delete(message)
    assert hidden(box) == {"Deletions": ["one"]}


def test_a_rule_files_mail_away_from_pop3(new: New) -> None:
    box, _ = mailbox(new)
    box.add_rule("rechnung", "Rechnungen")
    box.deliver(b"Subject: Ihre RECHNUNG 17\r\n\r\n")
    box.deliver(b"Subject: hello\r\n\r\n")
    assert box.inbox.subjects == ["one", "two", "three", "hello"]
    assert box.folders["Rechnungen"].subjects == ["Ihre RECHNUNG 17"]
    assert len(box.open_maildrop().messages) == 4


def test_what_its_user_moves_away_a_session_that_is_open_cannot_fetch(new: New) -> None:
    box, _ = mailbox(new)
    drop = box.open_maildrop()
    box.move(box.inbox[0], "Deleted Items")
    assert box.deleted_items.subjects == ["one"]
    assert drop.messages[0].gone


def test_a_move_to_another_server_changes_every_uid(new: New) -> None:
    box, _ = mailbox(new)
    before = [message.uid for message in box.inbox]
    box.delete(box.inbox[2])
    box.change_uids(decimal_uid)
    after = [message.uid for message in (*box.inbox, *box.recoverable_items)]
    assert not set(before) & set(after)
    assert len(set(after)) == 3
    assert box.inbox.subjects == ["one", "two"]


def test_the_uids_of_2003_are_base64_of_64_bits_and_a_guid() -> None:
    # BlackBerry KB03913: AAwh/KAAAAAod7I61XIb+CUvteSrrDfb
    one, two, other = base64_uid("anna", 101), base64_uid("anna", 102), base64_uid("bernd", 101)
    assert len({one, two, other}) == 3
    assert {len(uid) for uid in (one, two, other)} == {32}
    assert one[:10] == "AAAAAAAAAG"


def test_a_message_that_was_never_deleted_is_neither_purged_nor_restored(new: New) -> None:
    box, _ = mailbox(new)
    box.purge(box.inbox[0])
    assert not box.restore(box.inbox[0])
    box.delete(MemoryMessage("999", b""))
    assert len(box.inbox) == 3


def test_a_message_counts_as_read_once_it_was_delivered_whole(new: New) -> None:
    # Exchange sets the read flag: BlackBerry KB03913
    box = filled(new)
    box.deliver(b"Subject: four\r\n\r\n", read=True)
    chunks = box.inbox[1].open()
    next(chunks)
    assert [message.read for message in box.inbox] == [False, False, False, True]
    assert list(chunks) == []
    assert [message.read for message in box.inbox] == [False, True, False, True]
    assert list(box.inbox[1].open()) == [b"Subject: two\r\n\r\n"]


def test_a_file_is_delivered_as_well_as_bytes_are(new: New, tmp_path: Path) -> None:
    box = filled(new)
    file = tmp_path / "1.eml"
    file.write_bytes(b"Subject: file\n\nno line end")
    received = datetime(2026, 2, 1, 7, 30, tzinfo=UTC)
    message = box.deliver(file, received=received)
    assert (message.subject, message.octets, message.received) == ("file", 30, received)
    assert b"".join(box.inbox[3].open()) == b"Subject: file\n\nno line end"
    assert file.exists()
