"""LIST, STAT, TOP and RETR tell one size, the true one, also when the name of a file in a Maildir lies."""

import io
import os
import poplib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from minipop import Lab
from minipop.mailbox import Mailbox
from minipop.mailbox.maildir import Maildirs

#: 173 octets in 5 lines that end with LF: 178 with CRLF.
MAIL = b"Subject: size\nFrom: a@b\n\n" + b"x" * 73 + b"\n" + b"y" * 73 + b"\n"

#: 100,004 octets in 4 lines: 100,008 with CRLF. It is read in two pieces.
LARGE = b"Subject: size\n\n" + b"x" * 50_000 + b"\n" + b"y" * 49_987 + b"\n"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Make the empty Maildir of Anna."""
    directory = tmp_path / "mail"
    maildirs = Maildirs(directory, ["anna"])
    maildirs.store("anna")
    maildirs.filled()
    maildirs.release()
    return directory


class Opened:
    """Anna's mailbox, as a server that starts finds it."""

    def __init__(self, directory: Path) -> None:
        self._maildirs = Maildirs(directory, ["anna"])
        self.box = Mailbox("anna", store=self._maildirs.store("anna"))

    def __enter__(self) -> Mailbox:
        return self.box

    def __exit__(self, *_: object) -> None:
        self._maildirs.release()


def put(directory: Path, name: str, content: bytes = MAIL) -> Path:
    file = directory / "anna" / "cur" / f"{name}:2,S"
    file.write_bytes(content)
    return file


def sizes(box: Mailbox) -> list[int]:
    return [message.octets for message in box.open_maildrop().messages]


LIES = {
    "both sizes": "1.M1P1.host,S=1749,W=1787",
    "the size of the file": "1.M1P1.host,S=172,W=179",
    "less than the file": "1.M1P1.host,S=173,W=172",
    "more than the file can have": "1.M1P1.host,S=173,W=347",
}


@pytest.mark.parametrize("name", LIES.values(), ids=LIES)
def test_a_lie_that_shows_in_the_size_of_the_file_is_found_at_log_on_and_told_once(
    directory: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    file = put(directory, name)
    with Opened(directory) as box:
        assert sizes(box) == [178]
        b"".join(box.inbox[0].open())
    with Opened(directory) as box:
        assert sizes(box) == [178]
    (line,) = caplog.messages
    assert line.startswith(f"{file}: 178 octets with CRLF line ends, not ")
    assert "take ,S= and ,W= out of the name" in line


@pytest.mark.parametrize("name", ["1.M1P1.host,S=173,W=180", "1.M1P1.host,W=1787"])
def test_a_lie_that_does_not_show_is_found_before_the_message_is_sent(
    directory: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    put(directory, name)
    with Opened(directory) as box:
        message = box.open_maildrop().messages[0]
        assert message.octets != 178
        message.open()
        assert message.octets == 178
        assert len(caplog.messages) == 1
    with Opened(directory) as box:
        assert sizes(box) == [178]


def test_a_lie_about_a_large_message_is_found_when_it_has_been_sent(directory: Path) -> None:
    put(directory, "1.M1P1.host,S=100004,W=100009", LARGE)
    with Opened(directory) as box:
        message = box.open_maildrop().messages[0]
        chunks = message.open()
        next(chunks)
        assert message.octets == 100_009
        assert sum(map(len, chunks)) == 100_004 - 65_536
        assert message.octets == 100_008
    with Opened(directory) as box:
        assert sizes(box) == [100_008]


def test_a_size_that_an_earlier_run_has_taken_from_a_name_is_corrected(
    directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(directory, "1.M1P1.host,S=1749,W=1787")
    (directory / "anna/minipop-uids").write_bytes(
        b"minipop-uids 1 102 1\n101 1787 1.M1P1.host,S=1749,W=1787\n"
    )
    for _ in range(2):
        with Opened(directory) as box:
            assert [(m.uid, m.octets) for m in box.open_maildrop().messages] == [("101", 178)]
    assert len(caplog.messages) == 1


def test_a_last_line_without_its_end_that_a_name_does_not_count_is_counted(directory: Path) -> None:
    # Dovecot's ,W= does not count the line end that RETR adds.
    put(directory, "1.M1P1.host,S=172,W=176", MAIL[:-1])
    with Opened(directory) as box:
        message = box.open_maildrop().messages[0]
        message.open()
        assert message.octets == 178


def test_a_file_that_vanishes_while_its_size_is_corrected_harms_nothing(directory: Path) -> None:
    file = put(directory, "1.M1P1.host,S=100004,W=100009", LARGE)
    with Opened(directory) as box:
        message = box.open_maildrop().messages[0]
        chunks = message.open()
        file.unlink()
        assert sizes(box) == []
        assert sum(map(len, chunks)) == 100_004
        assert message.octets == 100_008


@pytest.mark.parametrize("seconds", [10**12, -(10**12), 10**30])
def test_a_time_that_python_has_not_is_no_reason_to_fail(
    directory: Path, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    put(directory, "1.M1P1.host")
    with Opened(directory) as box:
        message = box.inbox[0]
        with monkeypatch.context() as patch:  # the test's own file system may not have such times
            patch.setattr(Path, "stat", lambda _: SimpleNamespace(st_mtime=seconds))
            assert message.received == datetime(2026, 1, 1, tzinfo=UTC)


# -- nothing is read that need not be -------------------------------------------------------------


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows by each file that is opened."""
    found: list[str] = []

    def noting(real: Callable[..., object]) -> Callable[..., object]:
        def noted(path: object, *arguments: object, **named: object) -> object:
            found.append(str(path))
            return real(path, *arguments, **named)

        return noted

    for module in (os, io):
        monkeypatch.setattr(module, "open", noting(module.open))
    return found


def test_honest_names_are_believed_without_opening_a_file(directory: Path, opened: list[str]) -> None:
    for number in range(3_000):
        put(directory, f"{number}.M1P1.host,S=173,W=178")
    lying = put(directory, "9999.M1P1.host,S=174,W=178")
    for read in ([str(lying)], [str(lying)]):  # its size is right by chance, so nothing is to be remembered
        opened.clear()
        with Opened(directory) as box:
            assert sizes(box) == [178] * 3_001
        assert [path for path in opened if "/cur/" in path] == read


def test_what_was_corrected_is_not_read_again(directory: Path, opened: list[str]) -> None:
    lying = put(directory, "1.M1P1.host,S=1749,W=1787")
    for read in ([str(lying)], []):
        opened.clear()
        with Opened(directory) as box:
            assert sizes(box) == [178]
        assert [path for path in opened if "/cur/" in path] == read


# -- as a client sees it --------------------------------------------------------------------------


@pytest.fixture
def pop(directory: Path) -> Iterator[poplib.POP3]:
    """Log on with three messages: one whose name lies openly, one that lies, one that is honest."""
    put(directory, "1.M1P1.host,S=1749,W=1787")
    put(directory, "2.M1P1.host,S=173,W=180")
    put(directory, "3.M1P1.host,S=173,W=178")
    with Lab("rfc", maildir=directory) as lab:
        session = poplib.POP3(lab.host, lab.port)
        session.user("anna")
        session.pass_("Sommer2026")
        yield session
        session.quit()


def list_one(pop: poplib.POP3, number: int) -> str:
    return pop._shortcmd(f"LIST {number}").decode()  # type: ignore[attr-defined,no-any-return]


def test_a_session_is_told_one_size_by_every_command(pop: poplib.POP3) -> None:
    assert pop.stat() == (3, 178 + 180 + 178)
    for number in (1, 2, 3):
        reply, lines, _ = pop.retr(number)
        assert reply == b"+OK 178 octets"
        assert sum(len(line) + 2 for line in lines) == 178
    assert pop.list()[1] == [b"1 178", b"2 178", b"3 178"]
    assert list_one(pop, 2) == "+OK 2 178"
    assert pop.stat() == (3, 534)
    pop.dele(2)
    assert pop.stat() == (2, 356)
    pop.rset()
    assert pop.stat() == (3, 534)


def test_top_corrects_a_size_as_well(pop: poplib.POP3) -> None:
    assert list_one(pop, 2) == "+OK 2 180"
    pop.top(2, 0)
    assert list_one(pop, 2) == "+OK 2 178"
    assert pop.stat() == (3, 534)
