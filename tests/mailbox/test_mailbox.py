"""The mailbox: folders, deletion past the wastebasket, and the maildrop as a snapshot of the Inbox."""

import re
from pathlib import Path

import pytest

from minipop.mailbox import Keeping, Mailbox, MailboxInUse, Retention
from minipop.protocol import MessageGone


def mailbox(keeping: Keeping = Keeping.RECOVERABLE_ITEMS, *, exclusive: bool = False) -> Mailbox:
    box = Mailbox("anna", retention=Retention(keeping), exclusive=exclusive)
    for subject in ("one", "two", "three"):
        box.deliver(f"Subject: {subject}\r\n\r\n".encode())
    return box


def test_a_mailbox_has_inbox_sent_items_and_deleted_items_from_the_start() -> None:
    assert list(Mailbox("anna").folders) == ["Inbox", "Sent Items", "Deleted Items"]


def test_mail_goes_to_the_end_of_its_folder_and_makes_the_folder_if_need_be() -> None:
    box = mailbox()
    box.deliver(b"Subject: x\r\n\r\n", "Projekt Faxablösung")
    assert box.inbox.subjects == ["one", "two", "three"]
    assert box.folders["Projekt Faxablösung"].subjects == ["x"]


def test_the_maildrop_shows_the_inbox_and_no_other_folder() -> None:
    box = mailbox()
    box.deliver(b"Subject: x\r\n\r\n", "Sent Items")
    assert [message.subject for message in box.open_maildrop().messages] == ["one", "two", "three"]


def test_uids_are_unique_in_the_mailbox_and_of_the_form_that_the_rfc_wants() -> None:
    # RFC 1939, section 7: 1 to 70 characters from 0x21 to 0x7E
    box = mailbox()
    box.deliver(b"", "Sent Items")
    uids = [message.uid for folder in box.folders.values() for message in folder]
    assert len(set(uids)) == 4
    assert all(re.fullmatch(r"[\x21-\x7e]{1,70}", uid) for uid in uids)


def test_a_uid_is_never_given_again() -> None:
    box = mailbox()
    last = box.inbox[2]
    box.delete(last)
    assert box.deliver(b"Subject: new\r\n\r\n").uid != last.uid


def test_the_same_mail_gets_the_same_uids_in_every_run() -> None:
    assert [m.uid for m in mailbox().inbox] == [m.uid for m in mailbox().inbox]


def test_the_maildrop_does_not_change_when_mail_arrives_or_goes() -> None:
    box = mailbox()
    drop = box.open_maildrop()
    box.delete(box.inbox[0])
    box.deliver(b"Subject: four\r\n\r\n")
    assert [message.subject for message in drop.messages] == ["one", "two", "three"]
    assert box.inbox.subjects == ["two", "three", "four"]


def test_what_pop3_deletes_goes_past_deleted_items_into_recoverable_items() -> None:
    box = mailbox()
    drop = box.open_maildrop()
    drop.delete([drop.messages[0], drop.messages[2]])
    assert box.inbox.subjects == ["two"]
    assert box.deleted_items.subjects == []
    assert box.recoverable_items.subjects == ["one", "three"]
    assert all(message.gone for message in box.recoverable_items)


def test_without_retention_what_pop3_deletes_is_lost() -> None:
    box = mailbox(Keeping.NOTHING)
    drop = box.open_maildrop()
    drop.delete(drop.messages)
    assert (len(box.inbox), len(box.recoverable_items)) == (0, 0)


def test_a_message_that_another_session_deleted_is_passed_over() -> None:
    box = mailbox()
    first, second = box.open_maildrop(), box.open_maildrop()
    first.delete([first.messages[0]])
    second.delete([second.messages[0], second.messages[1]])
    assert box.inbox.subjects == ["three"]
    assert box.recoverable_items.subjects == ["one", "two"]


def test_a_maildrop_that_is_closed_deletes_nothing() -> None:
    box = mailbox()
    box.open_maildrop().close()
    assert len(box.inbox) == 3


def test_an_exclusive_mailbox_lets_one_session_in_at_a_time() -> None:
    box = mailbox(exclusive=True)
    drop = box.open_maildrop()
    with pytest.raises(MailboxInUse):
        box.open_maildrop()
    drop.close()
    drop.close()  # may be called twice
    second = box.open_maildrop()
    with pytest.raises(MailboxInUse):
        box.open_maildrop()
    second.close()


def test_a_shared_mailbox_lets_many_sessions_in() -> None:
    box = mailbox()
    assert len([box.open_maildrop() for _ in range(3)]) == 3


def test_a_file_that_vanishes_after_its_delivery_spoils_neither_log_on_nor_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "1.eml"
    file.write_bytes(b"Subject: file\n\n")
    box = mailbox()
    box.deliver(file)
    file.unlink()
    drop = box.open_maildrop()
    assert [message.octets for message in drop.messages] == [16, 16, 18, 17]
    with pytest.raises(MessageGone):
        drop.messages[3].open()
    assert "4 messages" in repr(box.inbox)
    assert repr(drop.messages[3]).startswith("<message 104")
    drop.delete(drop.messages)
    assert len(box.inbox) == 0


def test_a_folder_can_be_counted_indexed_and_read_while_it_changes() -> None:
    box = mailbox()
    assert (len(box.inbox), box.inbox[-1].subject) == (3, "three")
    for message in box.inbox:
        box.delete(message)
    assert len(box.inbox) == 0
    assert repr(box.inbox) == "<folder 'Inbox': 0 messages>"
