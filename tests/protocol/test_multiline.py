"""RETR and TOP against a naive reference: line ends, dot-stuffing, the closing dot, at every chunk length."""

import re
from collections.abc import Iterator

import pytest

from minipop.protocol.multiline import crlf, octets, stuffed, top
from tests.support import FakeMaildrop, FakeMessage, log_on, send

MESSAGES = {
    "CRLF": b"Subject: a\r\nTo: b\r\n\r\none\r\ntwo\r\nthree\r\n",
    "LF": b"Subject: a\nTo: b\n\none\ntwo\nthree\n",
    "both": b"Subject: a\r\nTo: b\n\r\none\ntwo\r\nthree\n",
    "dots": b"Subject: a\r\n\r\n.\r\n..\r\n.one\r\ntwo.\r\n.\r\n.\r\n",
    "dots after LF": b".x: a\n\n.\n..\n.one\n\n.",
    "a dot at the very start": b".\r\n",
    "a dot alone": b".",
    "no newline at the end": b"Subject: a\r\n\r\none\r\ntwo",
    "no newline at the end, a dot": b"Subject: a\r\n\r\none\r\n.",
    "header alone": b"Subject: a\r\nTo: b\r\n",
    "header without a line end": b"Subject: a",
    "header and the empty line": b"Subject: a\r\n\r\n",
    "no header": b"\r\none\r\ntwo\r\n",
    "empty": b"",
    "one LF": b"\n",
    "one CR": b"\r",
    "empty lines": b"Subject: a\r\n\r\n\r\n\r\n\r\none\r\n\r\n",
    "lone CRs": b"Sub\rject: a\r\r\n\r\n\ra\rb\r\r\n\r.\r\n.\r",
    "CR before the empty line": b"Subject: a\r\n\r\r\n\r\none\r\n",
    "NUL and high octets": b"Subject: \xff\r\n\r\n\x00.\x85\r\n.\x0b\xe2\x80\xa8.\r\n",
}

NAMES = list(MESSAGES)


def as_lines(stored: bytes) -> list[bytes]:
    """Cut a message into lines at LF or CRLF, and at nothing else; a lone CR is content."""
    lines = stored.split(b"\n")
    last = lines.pop()
    return [line.removesuffix(b"\r") for line in lines] + ([last] if last else [])


def on_the_wire(stored: bytes, body_lines: int | None = None) -> bytes:
    """Write a message as RFC 1939 has it: CRLF, dots doubled, a dot alone at its end."""
    lines = as_lines(stored)
    if body_lines is not None and b"" in lines:
        lines = lines[: lines.index(b"") + 1 + body_lines]
    return b"".join(b"." * line.startswith(b".") + line + b"\r\n" for line in lines) + b".\r\n"


def maildrop(stored: bytes, chunk: int = 65_536) -> FakeMaildrop:
    return FakeMaildrop([FakeMessage(stored, chunk=chunk)])


@pytest.mark.parametrize("name", NAMES)
def test_retr_sends_the_message_whole_at_every_chunk_length(name: str) -> None:
    stored = MESSAGES[name]
    for chunk in range(1, len(stored) + 2):
        reply, _, text = send(log_on(maildrop(stored, chunk)), b"RETR 1\r\n").partition(b"\r\n")
        assert reply.startswith(b"+OK")
        assert text == on_the_wire(stored), f"in chunks of {chunk}"


@pytest.mark.parametrize("name", NAMES)
def test_top_sends_the_header_and_that_many_lines_at_every_chunk_length(name: str) -> None:
    stored = MESSAGES[name]
    for lines in range(len(as_lines(stored)) + 3):
        for chunk in range(1, len(stored) + 2):
            answer = send(log_on(maildrop(stored, chunk)), b"TOP 1 %d\r\n" % lines)
            reply, _, text = answer.partition(b"\r\n")
            assert reply == b"+OK"
            assert text == on_the_wire(stored, lines), f"TOP 1 {lines} in chunks of {chunk}"


@pytest.mark.parametrize("name", NAMES)
def test_a_message_may_be_cut_in_two_anywhere(name: str) -> None:
    stored = MESSAGES[name]
    for cut in range(len(stored) + 1):
        parts = [stored[:cut], b"", stored[cut:]]
        assert b"".join(stuffed(crlf(parts))) == on_the_wire(stored), f"cut at {cut}"
        assert b"".join(stuffed(top(crlf(parts), 1))) == on_the_wire(stored, 1), f"cut at {cut}"


@pytest.mark.parametrize("name", NAMES)
def test_octets_are_what_the_client_holds_after_retr(name: str) -> None:
    # RFC 1939, section 11: lines as they go over the wire, without the dots that were added.
    stored = MESSAGES[name]
    received = b"".join(line + b"\r\n" for line in as_lines(stored))
    for chunk in range(1, len(stored) + 2):
        assert octets(FakeMessage(stored, chunk=chunk).open()) == len(received)


def test_no_line_on_the_wire_ends_with_lf_alone() -> None:
    for stored in MESSAGES.values():
        for chunk in (1, 2, 3, 7):
            text = b"".join(stuffed(crlf(FakeMessage(stored, chunk=chunk).open())))
            assert not re.search(rb"(?<!\r)\n", text)


def test_top_reads_no_further_than_it_must() -> None:
    read: list[bytes] = []

    def stored() -> Iterator[bytes]:
        for chunk in (b"Subject: a\r\n\r\n", b"one\r\n", b"two\r\n", b"three\r\n"):
            read.append(chunk)
            yield chunk

    assert b"".join(top(stored(), 1)) == b"Subject: a\r\n\r\none\r\n"
    assert b"three\r\n" not in read


def test_a_large_message_is_pulled_in_pieces() -> None:
    stored = b"Subject: a\r\n\r\n" + b".line of text\r\n" * 100_000
    session = log_on(FakeMaildrop([FakeMessage(stored, chunk=8_192)]))
    session.receive_data(b"RETR 1\r\n")
    pieces = []
    while piece := session.data_to_send():
        pieces.append(piece)
    assert max(map(len, pieces)) <= 2 * 65_536
    assert b"".join(pieces).partition(b"\r\n")[2] == on_the_wire(stored)
