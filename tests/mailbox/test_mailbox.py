"""The mailbox in memory: what it does with files that stay where they are."""

from pathlib import Path

import pytest

from minipop.mailbox import Mailbox
from minipop.protocol import MessageGone


def test_a_file_that_vanishes_after_its_delivery_spoils_neither_log_on_nor_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "1.eml"
    file.write_bytes(b"Subject: file\n\n")
    box = Mailbox("anna")
    for subject in ("one", "two", "three"):
        box.deliver(f"Subject: {subject}\r\n\r\n".encode())
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
