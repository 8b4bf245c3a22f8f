"""A stored message: its size as POP3 counts it, its content from memory or from a file."""

from pathlib import Path

import pytest

from minipop.mailbox import MemoryMessage
from minipop.protocol import MessageGone

TEXT = b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n\nbody\n"


@pytest.mark.parametrize(
    ("stored", "octets"),
    [
        (b"", 0),
        (b"a\r\n", 3),
        (b"a\n", 3),
        (b"a\nb\r\n\n", 8),
        (b"\r\r\n", 3),
        (b"a", 3),  # RETR ends the last line
        (b".\r\n", 3),  # RETR's second dot does not count
    ],
)
def test_octets_count_every_line_end_as_two(stored: bytes, octets: int, tmp_path: Path) -> None:
    file = tmp_path / "1.eml"
    file.write_bytes(stored)
    assert MemoryMessage("1", stored).octets == octets
    assert MemoryMessage("1", file).octets == octets


def test_content_is_given_as_stored_whatever_the_line_ends(tmp_path: Path) -> None:
    file = tmp_path / "1.eml"
    stored = b"Subject: a\r\n\r\n" + b"x\r\n" * 50_000 + b"\xff\x00\n"
    file.write_bytes(stored)
    assert b"".join(MemoryMessage("1", file).open()) == stored
    assert b"".join(MemoryMessage("1", stored).open()) == stored


def test_a_file_is_read_in_pieces(tmp_path: Path) -> None:
    file = tmp_path / "1.eml"
    file.write_bytes(b"x" * 1_000_000)
    assert max(map(len, MemoryMessage("1", file).open())) <= 65_536


def test_a_message_in_memory_is_given_in_pieces_as_well() -> None:
    assert max(map(len, MemoryMessage("1", b"x" * 1_000_000).open())) <= 65_536


def test_the_subject_is_decoded(tmp_path: Path) -> None:
    file = tmp_path / "1.eml"
    file.write_bytes(TEXT)
    assert MemoryMessage("1", TEXT).subject == "Grüße"
    assert MemoryMessage("1", file).subject == "Grüße"
    assert MemoryMessage("1", b"To: a\r\n\r\n").subject == ""
    assert MemoryMessage("1", b"").subject == ""


def test_a_message_that_is_gone_says_so_before_its_first_chunk() -> None:
    message = MemoryMessage("1", TEXT)
    message.gone = True
    with pytest.raises(MessageGone):
        message.open()


def test_a_file_that_is_gone_says_so_before_its_first_chunk(tmp_path: Path) -> None:
    # The interface: raised by the call, so that RETR can still answer -ERR.
    file = tmp_path / "1.eml"
    file.write_bytes(TEXT)
    message = MemoryMessage("1", file)
    file.unlink()
    with pytest.raises(MessageGone):
        message.open()


def test_repr_shows_uid_and_subject_and_no_text() -> None:
    assert repr(MemoryMessage("101", TEXT)) == "<message 101: 'Grüße'>"
