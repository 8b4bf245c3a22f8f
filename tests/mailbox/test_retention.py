"""What a deletion leaves behind, edition by edition in principle: nothing, a dumpster, Recoverable Items."""

from datetime import UTC, datetime, timedelta

import pytest

from minipop.mailbox import Keeping, Mailbox, Retention, StoredMessage, base64_uid, decimal_uid


class Calendar:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now


def mailbox(
    keeping: Keeping = Keeping.RECOVERABLE_ITEMS, *, days: int = 14, single_item_recovery: bool = False
) -> tuple[Mailbox, Calendar]:
    calendar = Calendar()
    box = Mailbox("anna", retention=Retention(keeping, days, single_item_recovery), clock=calendar)
    for subject in ("one", "two", "three"):
        box.deliver(f"Subject: {subject}\r\n\r\n".encode())
    return box, calendar


def hidden(box: Mailbox) -> dict[str, list[str]]:
    return {name: folder.subjects for name, folder in box.hidden.items() if len(folder)}


def test_recoverable_items_has_three_folders_and_a_deletion_goes_into_the_first() -> None:
    box, _ = mailbox()
    box.delete(box.inbox[0])
    assert list(box.hidden) == ["Deletions", "Versions", "Purges"]
    assert hidden(box) == {"Deletions": ["one"]}
    assert box.deleted_items.subjects == []


def test_a_dumpster_belongs_to_its_folder() -> None:
    box, _ = mailbox(Keeping.DUMPSTER)
    other = box.deliver(b"Subject: x\r\n\r\n", "Projekt")
    box.delete(box.inbox[0])
    box.delete(other)
    assert hidden(box) == {"Inbox": ["one"], "Projekt": ["x"]}


def test_where_nothing_is_kept_a_deletion_is_the_end() -> None:
    box, _ = mailbox(Keeping.NOTHING)
    box.delete(box.inbox[0])
    assert (box.inbox.subjects, box.hidden) == (["two", "three"], {})


@pytest.mark.parametrize("keeping", [Keeping.DUMPSTER, Keeping.RECOVERABLE_ITEMS])
@pytest.mark.parametrize(("days", "left"), [(13.9, ["one"]), (14.0, []), (15.0, [])])
def test_what_is_deleted_is_kept_for_fourteen_days_and_then_destroyed(
    keeping: Keeping, days: float, left: list[str]
) -> None:
    box, calendar = mailbox(keeping)
    box.delete(box.inbox[0])
    calendar.now += timedelta(days=days)
    box.expire()
    assert box.recoverable_items.subjects == left
    assert box.inbox.subjects == ["two", "three"]


def test_the_days_count_from_the_deletion_not_from_the_arrival() -> None:
    box, calendar = mailbox()
    box.delete(box.inbox[0])
    calendar.now += timedelta(days=10)
    box.delete(box.inbox[0])
    calendar.now += timedelta(days=10)
    box.expire()
    assert box.recoverable_items.subjects == ["two"]


def test_a_purge_is_the_end_without_single_item_recovery() -> None:
    box, _ = mailbox()
    box.delete(box.inbox[0])
    box.purge(box.recoverable_items[0])
    assert hidden(box) == {}


def test_with_single_item_recovery_a_purge_leaves_the_message_to_administrators_until_its_days_are_over() -> (
    None
):
    box, calendar = mailbox(single_item_recovery=True)
    box.delete(box.inbox[0])
    box.purge(box.recoverable_items[0])
    assert hidden(box) == {"Purges": ["one"]}
    box.purge(box.hidden["Purges"][0])  # users cannot reach in there
    assert hidden(box) == {"Purges": ["one"]}
    calendar.now += timedelta(days=14)
    box.expire()
    assert hidden(box) == {}


def test_a_dumpster_knows_no_single_item_recovery() -> None:
    box, _ = mailbox(Keeping.DUMPSTER, single_item_recovery=True)
    box.delete(box.inbox[0])
    box.purge(box.recoverable_items[0])
    assert hidden(box) == {}


@pytest.mark.parametrize("keeping", [Keeping.DUMPSTER, Keeping.RECOVERABLE_ITEMS])
def test_restoring_puts_a_message_back_where_it_was_deleted_from_or_where_one_says(keeping: Keeping) -> None:
    box, _ = mailbox(keeping)
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


def test_a_restored_message_can_be_deleted_again() -> None:
    box, _ = mailbox()
    message = box.inbox[0]
    box.delete(message)
    box.restore(message)
    box.delete(message)
    assert hidden(box) == {"Deletions": ["one"]}


def test_a_rule_files_mail_away_from_pop3() -> None:
    box, _ = mailbox()
    box.add_rule("rechnung", "Rechnungen")
    box.deliver(b"Subject: Ihre RECHNUNG 17\r\n\r\n")
    box.deliver(b"Subject: hello\r\n\r\n")
    assert box.inbox.subjects == ["one", "two", "three", "hello"]
    assert box.folders["Rechnungen"].subjects == ["Ihre RECHNUNG 17"]
    assert len(box.open_maildrop().messages) == 4


def test_what_its_user_moves_away_a_session_that_is_open_cannot_fetch() -> None:
    box, _ = mailbox()
    drop = box.open_maildrop()
    box.move(box.inbox[0], "Deleted Items")
    assert box.deleted_items.subjects == ["one"]
    assert drop.messages[0].gone


def test_a_move_to_another_server_changes_every_uid() -> None:
    box, _ = mailbox()
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


def test_a_message_that_was_never_deleted_is_neither_purged_nor_restored() -> None:
    box, _ = mailbox()
    box.purge(box.inbox[0])
    assert not box.restore(box.inbox[0])
    box.delete(StoredMessage("999", b""))
    assert len(box.inbox) == 3
