"""Header fields are shown whatever their bytes are, and what cannot be read stands as it is."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minipop import Lab
from minipop.mailbox import Mailbox, MemoryMessage, StoredMessage, headers
from minipop.mailbox.maildir import Maildirs
from tests.properties import examples

SUBJECTS = {
    "plain": (b"Subject: fax 42\r\n", "fax 42"),
    "small letters, no space": (b"subject:fax\n", "fax"),
    "space before the colon": (b"Subject : fax\n", "fax"),
    "the first of two": (b"Subject: one\nSubject: two\n", "one"),
    "another field's end": (b"X-Subject: no\nTo: Subject: no\nSubject: yes\n", "yes"),
    "folded": (b"Subject: a\r\n b\r\n\tc\r\nTo: d\r\n", "a b c"),
    "folded, with a line of spaces": (b"Subject: a\n \n b\nTo: c\n", "a  b"),
    "no end of line": (b"Subject: fax", "fax"),
    "quoted": (b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe_an_alle?=\n", "Grüße an alle"),
    "base64": (b"Subject: =?UTF-8?B?R3LDvMOfZQ==?=\n", "Grüße"),
    "base64 without its end": (b"Subject: =?UTF-8?B?R3LDvMOfZQ?=\n", "Grüße"),
    "with a language": (b"Subject: =?us-ascii*en?q?fax?=\n", "fax"),
    "spaces inside": (b"Subject: =?utf-8?q?a b?=\n", "a b"),
    "two words": (b"Subject: =?utf-8?q?a?=\n =?iso-8859-1?q?=FC?= c\n", "aü c"),
    "cut within a character": (b"Subject: =?utf-8?q?=C3?= =?UTF-8?q?=BC?=\n", "ü"),
    "within quotation marks": (b'Subject: "=?utf-8?q?=C3=BC?=" <a@b>\n', '"ü" <a@b>'),
    "UTF-8 as it is": (b"Subject: Gr\xc3\xbc\xc3\x9fe\n", "Grüße"),
    "Latin-1 as it is": (b"Subject: Gr\xfc\xdfe\n", r"Gr\xfc\xdfe"),
    "half a character of UTF-7": (b"Subject: =?utf-7?q?+2AA-?=\n", "=?utf-7?q?+2AA-?="),
    "no charset": (b"Subject: =?nope?q?a?=  =?utf-8?q?b?= c\n", "=?nope?q?a?=  b c"),
    "no charset, but a codec of Python's": (b"Subject: =?rot13?q?a?=\n", "=?rot13?q?a?="),
    "a codec that would warn": (b"Subject: =?unicode_escape?q?=5C8?=\n", "=?unicode_escape?q?=5C8?="),
    "a NUL in the charset": (b"Subject: =?a\0b?q?a?=\n", r"=?a\x00b?q?a?="),
    "no base64": (b"Subject: =?utf-8?b?R?=\n", "=?utf-8?b?R?="),
    "not that charset": (b"Subject: =?utf-8?q?=FF?=\n", "=?utf-8?q?=FF?="),
    "no end of the word": (b"Subject: =?utf-8?q?a\n", "=?utf-8?q?a"),
    "a line end inside the word": (b"Subject: =?utf-8?q?a=0D=0ABcc:_b?=\n", "a  Bcc: b"),
    "a lone CR": (b"Subject: a\rTo: b\n", "a To: b"),
    "control characters": (b"Subject: a\x07\x1b[2Jb\xe2\x80\xaec\n", r"a\x07\x1b[2Jb\x202ec"),
    "none": (b"To: a\n", ""),
    "behind the header": (b"To: a\n\nSubject: b\n", ""),
    "behind the header, all CRLF": (b"To: a\r\n\r\nSubject: b\r\n", ""),
    "nothing at all": (b"", ""),
}

#: Messages that Python's own parser, in one version or another, does not take, or not in bounded time.
ODD = (
    b"Message-ID: <[0123@microsoft.com]>\n",
    b"Message-ID: <" + b"[" * 3_000 + b"\n",
    b"Content-Type: text/plain; name*\nSubject: a\n",
    b"Content-Type: text/plain; name*0*=\nSubject: a\n",
    b'From: "\n',
    b"From: <\n",
    b"To: a@[\n",
    b"From: =?utf-8?q?=0D=0A?= <a@b>\n",
    b"Subject: =?utf-7?q?+2AA-?=\n",
    b"Subject: =?utf-8?b?=\n",
    b"Date: Mon, 9 Nov 20260000000000000000 06:00:00 +0100\n",
    b"Date: Mon, 9 Nov 2026 06:00:00 +99999999999999999999\n",
    b"Date: " + b"9" * 5_000 + b" Nov 2026\n",
    b"Date: ,\n",
    b"Subject: " + b"=?utf-8?q?a?= " * 20_000 + b"\n",
    b"\xef\xbb\xbfSubject: a\n",
    b"Subject\0: a\n: b\n\x80: c\n",
)


@pytest.mark.parametrize(("stored", "subject"), SUBJECTS.values(), ids=SUBJECTS)
def test_a_field_is_decoded_or_stands_as_it_is(stored: bytes, subject: str) -> None:
    assert MemoryMessage("1", stored).subject == subject


def test_fields_with_a_syntax_of_their_own_are_shown_as_they_stand() -> None:
    stored = b'Message-ID: <[0123@microsoft.com]>\r\nFrom: "\r\nTo: "Arndt, Anna" <anna@muster.example>\r\n'
    message = MemoryMessage("1", stored)
    assert message.header("Message-ID") == "<[0123@microsoft.com]>"
    assert message.header("From") == '"'
    assert message.header("to") == '"Arndt, Anna" <anna@muster.example>'
    assert message.header("Cc") == ""


@pytest.mark.parametrize(
    ("date", "sent"),
    [
        (b"Mon, 9 Nov 2026 06:00:00 +0000", datetime(2026, 11, 9, 6, tzinfo=UTC)),
        (b"9 Nov 2026 07:00 +0100 (CET)", datetime(2026, 11, 9, 6, tzinfo=UTC)),
        (b"Mon, 9 Nov 20260000000000000000 06:00:00 +0100", None),
        (b"Mon, 9 Nov 2026 06:00:00 +9999", None),
        (b"yesterday", None),
        (b"", None),
    ],
)
def test_a_date_that_cannot_be_read_is_none(date: bytes, sent: datetime | None) -> None:
    message = MemoryMessage("1", b"Date: " + date + b"\n")
    assert message.sent == sent
    assert message.header("Date") == date.decode()


# -- nothing raises -------------------------------------------------------------------------------


@pytest.fixture(params=["memory", "maildir"])
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mailbox]:
    if request.param == "memory":
        yield Mailbox("anna")
        return
    maildirs = Maildirs(tmp_path / "mail", ["anna"])
    yield Mailbox("anna", store=maildirs.store("anna"))
    maildirs.release()


def test_odd_mail_passes_a_rule_and_is_listed(box: Mailbox) -> None:
    box.add_rule("fax", "Fax")
    for stored in ODD:
        box.deliver(stored)
    box.deliver(b"Subject: a fax\n")
    assert (len(box.inbox), len(box.inbox.subjects)) == (len(ODD), len(ODD))
    assert box.folders["Fax"].subjects == ["a fax"]
    assert all(len(repr(message)) < 300 for message in box.inbox)


def test_odd_mail_can_be_searched_restored_and_merged() -> None:
    with Lab(edition="2016", lang="en") as lab:
        box = lab.mailbox("dora")
        for message in box.inbox:
            box.purge(message)
        there = len(box.inbox)
        for stored in ODD:
            box.deliver(stored)
        backup = lab.backup()
        assert lab.shell.search_mailbox("dora", search_query='from:""')
        assert lab.shell.search_mailbox("dora", search_query="to:a@[") == [box.inbox[there + 6]]
        for message in box.inbox:
            box.delete(message)
        assert len(lab.shell.get_recoverable_items("dora", subject_contains="utf-7")) == 1
        assert len(lab.recover_deleted_items("dora", "")) == there + len(ODD)
        for message in box.deleted_items:
            box.delete(message)
        back = backup.merge("dora", "dora")
        assert [message.raw() for message in back[there:]] == list(ODD)
        assert backup.merge("dora", "dora") == []


def test_the_exercise_on_dates_takes_a_report_without_one() -> None:
    with Lab(edition="2016") as lab:
        for message in lab.mailbox("cweiss").inbox:
            lab.mailbox("cweiss").delete(message)
        lab.fast_forward(days=20)
        lab.mailbox("cweiss").deliver(b"Message-ID: <20261015.0905.dora@muster.example>\n\n")
        strange = (
            b"Message-ID: <20261109.0600.monitor@muster.example>\nDate: 9 Nov 20260000000000000000 06:00\n\n"
        )
        lab.mailbox("cweiss").deliver(strange)
        assert "with a wrong date" in lab.check("06").text


@pytest.mark.slow
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.sampled_from(
                [b"\n", b"\r\n", b"\r", b" ", b"\t", b"=?", b"?=", b"?q?", b"?b?", b"=", b'"', b"["]
            ),
            st.sampled_from([b"Subject:", b"Date:", b"From:", b"Message-ID:", b"utf-8", b"utf-7", b"idna"]),
            st.sampled_from([b"Mon, 9 Nov ", b"2026", b"06:00", b"+0100", b"9" * 20, b"\xff", b"\0"]),
            st.sampled_from([odd for odd in ODD if len(odd) < 100]),
        ),
        max_size=30,
    ).map(b"".join)
)
@examples(500)
def test_no_header_raises_and_all_that_is_shown_is_printable(stored: bytes) -> None:
    message: StoredMessage = MemoryMessage("1", stored)
    for name in ("Subject", "Date", "From", "Message-ID", "Content-Type"):
        shown = message.header(name)
        assert shown.isprintable()
        assert len(shown) <= 65_536
        assert len(shown.encode()) >= len(shown)  # it can be encoded
    assert message.sent is None or isinstance(message.sent, datetime)
    assert repr(message).isprintable()


# -- the work is bounded --------------------------------------------------------------------------


def test_only_some_encoded_words_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[re.Match[str]] = []
    octets = headers._octets

    def counted(word: re.Match[str]) -> bytes:
        decoded.append(word)
        return octets(word)

    monkeypatch.setattr(headers, "_octets", counted)
    subject = MemoryMessage("1", b"Subject: " + b"=?utf-8?q?a?= " * 20_000).subject
    assert len(decoded) == 1_170  # of 14 characters each, in 16,384
    assert subject.startswith("a" * 1_170 + " =?utf-8?q?a?= =?utf-8?q?a?= ")


class Counting(BytesIO):
    """Counts the octets that are read."""

    octets = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.octets += len(data)
        return data


@pytest.mark.parametrize(
    ("stored", "octets"),
    [
        (b"Subject: a\n\n" + b"x" * 1_000_000, 8_192),
        (b"x" * 8_190 + b"\n\r" + b"\n" + b"x" * 1_000_000, 16_384),  # the empty line is cut in two
        (b"x" * 1_000_000, 262_144),
        (b"x\n" * 1_000_000, 262_144),
    ],
)
def test_no_more_is_read_than_the_header_and_never_too_much(stored: bytes, octets: int) -> None:
    file = Counting(stored)
    found = headers.head(file)
    assert file.octets == octets
    assert len(found) <= 262_144


def test_a_long_field_is_cut() -> None:
    assert (
        MemoryMessage("1", b"Subject: " + b"x" * 100_000).subject == "x" * 65_535
    )  # and the space before it
    assert len(MemoryMessage("1", b"Subject:" + b"\0" * 65_536).subject) == 65_536
    assert repr(MemoryMessage("1", b"Subject: " + b"x" * 1_000)) == f"<message 1: '{'x' * 247}...'>"
