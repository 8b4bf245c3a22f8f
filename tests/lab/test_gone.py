"""The client is gone, after each byte that it sends or reads: nothing is lost, the next one is served.

What it has marked is deleted only if QUIT had arrived to the end of its line.
"""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence.raw import Raw
from minipop import Lab
from minipop.protocol import Session
from tests.cuts import Cut, How, Outcome, play
from tests.lab.maildirs import ACCOUNTS
from tests.support import drain, send

SESSION = (
    b"USER anna@muster.example\r\n",
    b"PASS Sommer2026\r\n",
    b"STAT\r\n",
    b"UIDL\r\n",
    b"RETR 1\r\n",
    b"DELE 1\r\n",
    b"QUIT\r\n",
)
WHOLE = b"".join(SESSION)

#: Two messages of one size, so that it does not matter which of them is the first.
SMALL = {"101": b"Subject: one\r\n\r\n.a dot\r\n", "102": b"Subject: two\r\n\r\n.a dot\r\n"}

#: The same, each of them several times as large as what the server reads at a time.
LARGE = {uid: content + b"x" * 98 + b"\r\n" * 100_000 for uid, content in SMALL.items()}


class Box:
    """Anna's mailbox with two messages, and what must be in it.

    Args:
        path: an empty directory.
        mail: the messages by their UIDs.
    """

    def __init__(self, path: Path, mail: dict[str, bytes]) -> None:
        (path / "accounts.toml").write_text(ACCOUNTS, "utf-8")
        self._directory = path / "mail"
        self._mail = mail
        self.lab = Lab(
            "2016", login_type="PlainTextLogin", accounts=path / "accounts.toml", maildir=self._directory
        )
        for content in mail.values():
            self.lab.mailbox("anna").deliver(content)
        #: The UIDs in the order of the Inbox.
        self.uids = list(mail)
        self.trials = 0

    def examine(self, cut: Cut, outcome: Outcome) -> None:
        """Look at what a client that is gone has left, put back what it deleted, and serve the next one."""
        self.trials += 1
        box = self.lab.mailbox("anna")
        assert box.open_maildrops == 0
        assert sorted(self._files()) == sorted(self._mail.values())
        inbox = [message.uid for message in box.inbox]
        if outcome.told or (outcome.asked and cut.how is How.FIN):
            assert inbox == self.uids[1:]
        elif outcome.asked:  # QUIT may have arrived before the client's end, or after
            assert inbox in (self.uids, self.uids[1:])
        else:
            assert inbox == self.uids
        for message in box.recoverable_items:
            assert message.uid == self.uids[0]
            assert box.restore(message)
            self.uids = [*self.uids[1:], message.uid]
        self.serve()

    def serve(self) -> None:
        with Raw(self.lab.port) as client:
            client.log_on(b"anna@muster.example", b"Sommer2026")
            client.send(b"UIDL\r\nQUIT\r\n")
            assert client.line() == b"+OK"
            assert client.text() == b"1 %s\r\n2 %s\r\n" % tuple(uid.encode() for uid in self.uids)
            assert client.line().startswith(b"+OK")
            assert client.rest() == b""

    def _files(self) -> Iterator[bytes]:
        for folder, _, names in os.walk(self._directory):
            if folder.endswith(("/cur", "/new", "/tmp")):
                yield from (Path(folder, name).read_bytes() for name in names)


@pytest.fixture
def box(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Box]:
    """Serve Anna's mailbox; at the end, demand that nobody has complained."""
    made = Box(tmp_path, SMALL)
    with made.lab:
        yield made
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("how", [How.FIN, How.RST], ids=lambda how: how.name)
@pytest.mark.parametrize("pipelined", [False, True], ids=["waiting", "pipelined"])
def test_a_client_is_gone_after_every_byte_that_it_sends(box: Box, how: How, pipelined: bool) -> None:
    for sent in range(len(WHOLE) + 1):
        cut = Cut(sent=sent, how=how)
        outcome = play(box.lab.port, SESSION, cut, pipelined=pipelined)
        assert (outcome.sent, outcome.asked) == (sent, sent == len(WHOLE))
        box.examine(cut, outcome)
    assert box.trials == 78


@pytest.mark.parametrize("how", [How.CLOSE, How.RST], ids=lambda how: how.name)
def test_a_client_is_gone_after_every_byte_that_it_reads(box: Box, how: How) -> None:
    whole = play(box.lab.port, SESSION, Cut())
    box.examine(Cut(), whole)
    for read in range(whole.read + 1):
        cut = Cut(read=read, how=how)
        outcome = play(box.lab.port, SESSION, cut)
        assert outcome.read == read
        box.examine(cut, outcome)
    assert box.trials > 220


@pytest.mark.parametrize("pipelined", [False, True], ids=["waiting", "pipelined"])
def test_a_client_is_gone_in_the_middle_of_a_large_message(tmp_path: Path, pipelined: bool) -> None:
    box = Box(tmp_path, LARGE)
    with box.lab:
        for number, read in enumerate(range(1_000, 200_000, 16_411)):
            cut = Cut(read=read, how=(How.CLOSE, How.RST)[number % 2])
            outcome = play(box.lab.port, SESSION, cut, pipelined=pipelined)
            assert outcome.asked is pipelined
            box.examine(cut, outcome)
    assert box.trials == 13


@pytest.mark.slow
def test_a_client_is_gone_after_every_byte_of_the_ciphertext_that_it_sends(box: Box) -> None:
    whole = play(box.lab.tls_port, SESSION, Cut(), tls="995")
    box.examine(Cut(), whole)
    for sent in range(whole.sent + 1):
        cut = Cut(sent=sent, how=(How.FIN, How.RST)[sent % 2])
        box.examine(cut, play(box.lab.tls_port, SESSION, cut, tls="995"))
    assert box.trials > 600


@pytest.mark.parametrize(("tls", "step"), [("995", 37), ("STLS", 41)])
def test_a_client_is_gone_in_the_middle_of_the_ciphertext_that_it_reads(
    box: Box, tls: str, step: int
) -> None:
    port = box.lab.tls_port if tls == "995" else box.lab.port
    whole = play(port, SESSION, Cut(), tls=tls)
    box.examine(Cut(), whole)
    for number, read in enumerate(range(0, whole.read, step)):
        cut = Cut(read=read, how=(How.CLOSE, How.RST)[number % 2])
        box.examine(cut, play(port, SESSION, cut, tls=tls))
    assert box.trials > 40


def test_a_client_is_gone_in_the_middle_of_the_handshake_after_stls(box: Box) -> None:
    whole = play(box.lab.port, SESSION, Cut(), tls="STLS")
    box.examine(Cut(), whole)
    for number, sent in enumerate(range(0, whole.sent, 7)):
        cut = Cut(sent=sent, how=(How.FIN, How.RST)[number % 2])
        box.examine(cut, play(box.lab.port, SESSION, cut, tls="STLS"))
    assert box.trials > 90


@pytest.mark.parametrize("pieces", ["as they come", "one by one", "line by line"])
def test_the_protocol_itself_deletes_only_at_the_end_of_the_line_of_quit(box: Box, pieces: str) -> None:
    # Without a socket: whatever the network makes of it, this is all that a session sees.
    step = {"as they come": len(WHOLE), "one by one": 1, "line by line": 26}[pieces]
    for end in range(len(WHOLE) + 1):
        session = Session(box.lab.policy)
        drain(session)
        for start in range(0, end, step):
            send(session, WHOLE[start : min(start + step, end)])
        session.connection_lost()
        box.examine(Cut(sent=end), Outcome(end, 0, asked=end == len(WHOLE)))


def test_the_protocol_itself_deletes_nothing_while_a_message_before_quit_is_not_taken(
    tmp_path: Path,
) -> None:
    box = Box(tmp_path, LARGE)
    with box.lab:
        done = []
        for pulls in range(8):
            session = Session(box.lab.policy)
            session.receive_data(WHOLE)
            taken = b"".join(session.data_to_send() for _ in range(pulls))
            session.connection_lost()
            done.append(b"signing off" in taken)
            box.examine(Cut(how=How.FIN), Outcome(len(WHOLE), 0, asked=done[-1]))
    assert done == sorted(done)
    assert done.count(False) >= 4
    assert done[-1]
