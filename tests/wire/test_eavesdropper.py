"""The eavesdropper: it finds a text in every form in which it can cross the wire, and in no other bytes."""

import base64
import random

import pytest

from minipop.wire import Reading, read
from minipop.wire.capture import Stream

#: Typed by hand: what an eavesdropper meets, and how it is reported.
FOUND: list[tuple[str, bytes, tuple[str, ...]]] = [
    ("Sommer2026", b"PASS Sommer2026\r\n", ("UTF-8",)),
    ("Winter ist kalt 7", b"PASS Winter ist kalt 7\r\n", ("UTF-8",)),
    ("Grüße4Clara", b"PASS Gr\xc3\xbc\xc3\x9fe4Clara\r\n", ("UTF-8",)),
    # A pound sign in UTF-8 is C2 A3, and A3 in Latin-1, so the second is found in the first.
    ("£20 for Clara", b"PASS \xc2\xa320 for Clara\r\n", ("UTF-8", "Latin-1")),
    ("£20 for Clara", b"PASS \xa320 for Clara\r\n", ("Latin-1",)),
    ("Grüße4Clara", b"PASS Gr\xfc\xdfe4Clara\r\n", ("Latin-1",)),
    ("Grüße4Clara", b"..G\0r\0\xfc\0\xdf\0e\x004\0C\0l\0a\0r\0a\0..", ("UTF-16LE",)),
    ("Sommer2026", b"..S\0o\0m\0m\0e\0r\x002\x000\x002\x006\0..", ("UTF-16LE",)),
    ("Sommer2026", b"U29tbWVyMjAyNg==\r\n", ("UTF-8 in base64",)),  # AUTH LOGIN
    ("Sommer2026", b"AGFubmEAU29tbWVyMjAyNg==\r\n", ("UTF-8 in base64",)),  # AUTH PLAIN
    ("anna", b"AGFubmEAU29tbWVyMjAyNg==\r\n", ("UTF-8 in base64",)),
    ("Grüße4Clara", b"R3LDvMOfZTRDbGFyYQ==\r\n", ("UTF-8 in base64",)),
    ("Grüße4Clara", b"R3L832U0Q2xhcmE=\r\n", ("Latin-1 in base64",)),
    ("anna", b"YQBuAG4AYQA=", ("UTF-16LE in base64",)),
    ("„Anna“", "„Anna“".encode(), ("UTF-8",)),  # Latin-1 has no such quotation marks
    ("a.b+(c)*[d]?", b"PASS a.b+(c)*[d]?\r\n", ("UTF-8",)),
    ("Sommer2026", b"Sommer2026 U29tbWVyMjAyNg==", ("UTF-8", "UTF-8 in base64")),
]


@pytest.mark.parametrize(("text", "heard", "found"), FOUND)
def test_a_text_is_found_and_its_encoding_named(text: str, heard: bytes, found: tuple[str, ...]) -> None:
    assert read(heard, text) == Reading(found)
    assert read(heard, text)


TEXTS = ["Sommer2026", "Winter ist kalt 7", "Grüße4Clara", "anna", "anna@muster.example", "ÄÖÜß"]


@pytest.mark.parametrize("codec", ["utf-8", "latin-1", "utf-16-le"])
@pytest.mark.parametrize("before", range(7))
@pytest.mark.parametrize("after", range(4))
@pytest.mark.parametrize("text", TEXTS)
def test_base64_hides_a_text_at_no_alignment(text: str, before: int, after: int, codec: str) -> None:
    for filler in (b"\0", b"\xff", b"u"):
        message = filler * before + text.encode(codec) + filler * after
        assert text.encode(codec) not in base64.b64encode(message)
        found = read(b"+ \r\n" + base64.b64encode(message) + b"\r\n", text).found_in
        assert [name for name in found if name.endswith(" in base64")], (before, after, filler)


# What is near the text, but is not the text: none of it may be found.
NEAR = [
    b"",
    b"Sommer202",
    b"ommer2026",
    b"sommer2026",
    b"SOMMER2026",
    b"Sommer\r\n2026",
    b"Sommer 2026",
    b"6202remmoS",
    b"S\0o\0m\0m\0e\0r\0",
    base64.b64encode(b"Sommer2027"),
    base64.b64encode(b"\0anna\0Tommer2026"),
    base64.b64encode(b"\0anna\0Sommer202"),
    base64.b64encode(b"\0\0ommer2026"),
    base64.b64encode("Sommer2025".encode("utf-16-le")),
    base64.b64encode(base64.b64encode(b"Sommer2026")),
]


@pytest.mark.parametrize("heard", NEAR)
def test_what_is_only_near_the_text_is_not_found(heard: bytes) -> None:
    assert read(heard, "Sommer2026") == Reading(())
    assert not read(heard, "Sommer2026")


def test_a_dot_is_a_dot() -> None:
    assert not read(b"USER anna_arndt@muster.example", "anna.arndt@muster.example")


@pytest.mark.parametrize("before", range(3))
def test_inside_base64_every_single_bit_of_the_text_counts_and_no_other(before: int) -> None:
    message = bytes(before) + b"Sommer2026" + bytes(3)
    for at in range(8 * len(message)):
        changed = bytearray(message)
        changed[at // 8] ^= 0x80 >> at % 8
        of_the_text = before <= at // 8 < before + 10
        assert bool(read(base64.b64encode(changed), "Sommer2026")) != of_the_text, at


@pytest.mark.parametrize("text", TEXTS)
def test_nothing_is_found_in_ciphertext(text: str) -> None:
    noise = random.Random(1939).randbytes(1_000_000)
    assert not read(noise, text)


@pytest.mark.parametrize("text", ["", "a", "Fax", "äöü"])
def test_a_text_that_is_too_short_is_an_error_not_an_answer(text: str) -> None:
    with pytest.raises(ValueError, match=f"of {len(text)} characters is too short.* 4 or more"):
        read(text.encode(), text)


@pytest.mark.parametrize("text", ["Sommer\r\n2026", "Sommer2026\n", "Sommer\u20282026", "\rSommer2026"])
def test_a_line_break_is_an_error_since_the_wire_may_write_it_otherwise(text: str) -> None:
    with pytest.raises(ValueError, match="line break"):
        read(text.encode(), text)


def test_an_error_does_not_tell_the_text() -> None:
    for text in ("S26", "Geheim\nGeheim", "Geheim\ud800"):
        with pytest.raises(ValueError, match=r"text") as error:
            read(b"", text)
        assert error.value.__cause__ is None
        assert text[:3] not in str(error.value)
        assert "Geheim" not in repr(error.value)


def test_a_text_is_found_wherever_its_stream_was_cut() -> None:
    heard = b"PASS Sommer2026\r\nAGFubmEAU29tbWVyMjAyNg==\r\n"
    for length in range(1, len(heard) + 1):
        pieces = [heard[at : at + length] for at in range(0, len(heard), length)]
        assert read(Stream(pieces), "Sommer2026").found_in == ("UTF-8", "UTF-8 in base64")
        assert not read(Stream(pieces), "Sommer2025")


def test_neither_reading_nor_stream_shows_what_was_heard() -> None:
    stream = Stream([b"PASS Sommer2026\r\n"])
    assert repr(stream) == "<stream: 17 bytes>"
    assert "Sommer" not in repr(read(stream, "Sommer2026"))
