"""A few visits of the soak, with its assertions; and that what it checks would be found."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from evidence.soak.clients import CLIENTS
from evidence.soak.figures import Figures
from evidence.soak.ledger import Fate, Kind, Ledger, Wrong
from evidence.soak.server import Sample, Server
from evidence.soak.soak import Report, soak

pytestmark = pytest.mark.xdist_group("soak")

#: Visits: each kind of client comes once at least; `make evidence` takes 36,000.
VISITS = 60


@pytest.fixture(scope="module")
def report() -> Report:
    """Soak in short."""
    return soak(VISITS)


def test_nothing_is_wrong(report: Report) -> None:
    assert report.wrong == []


def test_no_message_is_lost_or_doubled_and_every_promised_deletion_is_done(report: Report) -> None:
    found = [report.messages[verdict] for verdict in ("lost", "doubled", "misplaced", "unknown")]
    assert found == [0, 0, 0, 0]
    assert report.messages["deletions promised"] >= 1
    assert report.messages["fetched"] >= 10


def test_when_all_clients_are_gone_the_handles_are_those_of_the_start(report: Report) -> None:
    assert report.rest.handles == report.start.handles
    assert report.rest.threads == report.start.threads


def test_every_client_came_and_the_server_was_ended(report: Report) -> None:
    # Else the other tests would prove nothing.
    assert {client.__name__ for client in CLIENTS} - report.visits.keys() == set()
    assert report.restarts == {"SIGKILL": 2, "SIGTERM": 1}
    assert report.visits.total() >= VISITS


def test_a_process_that_has_just_been_killed_has_no_figures(tmp_path: Path) -> None:
    server = Server(tmp_path)
    with subprocess.Popen([sys.executable, "-c", ""], text=True) as process:
        server._process = process
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # a zombie from here on
        with pytest.raises(OSError, match="has ended"):
            server.sample()


# -- what it would find -------------------------------------------------------------------------------


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Return Maildirs of one mailbox, without a message."""
    for place in ("anna", "anna/.Deleted Items", ".recoverable/anna/Deletions"):
        for part in ("cur", "new"):
            (tmp_path / place / part).mkdir(parents=True)
    return tmp_path


INBOX, ELSEWHERE, DELETIONS = "anna/cur", "anna/.Deleted Items/new", ".recoverable/anna/Deletions/cur"

#: Kind and fate of a message, where it lies, and what that is called.
ENDS = [
    (Kind.LETTER, Fate.KEPT, [INBOX], ""),
    (Kind.LETTER, Fate.KEPT, [], "lost"),
    (Kind.LETTER, Fate.KEPT, [DELETIONS], "misplaced"),
    (Kind.LETTER, Fate.ASKED, [INBOX], ""),
    (Kind.LETTER, Fate.ASKED, [DELETIONS], ""),
    (Kind.LETTER, Fate.ASKED, [], "lost"),
    (Kind.LETTER, Fate.ASKED, [INBOX, DELETIONS], "doubled"),
    (Kind.LETTER, Fate.DELETED, [DELETIONS], ""),
    (Kind.LETTER, Fate.DELETED, [INBOX], "misplaced"),
    (Kind.LETTER, Fate.DELETED, [], "lost"),
    (Kind.WANDERER, Fate.KEPT, [ELSEWHERE], ""),
    (Kind.WANDERER, Fate.KEPT, [INBOX, ELSEWHERE], "doubled"),
    (Kind.PASSING, Fate.DESTROYED, [], ""),
    (Kind.PASSING, Fate.DESTROYED, [INBOX], "misplaced"),
]


@pytest.mark.parametrize(("kind", "fate", "places", "verdict"), ENDS)
def test_the_end_tells_where_a_message_must_not_be(
    directory: Path, kind: Kind, fate: Fate, places: list[str], verdict: str
) -> None:
    ledger = Ledger()
    ledger.mark([ledger.add("anna", b"Subject: x\n\n", kind)], fate)
    for place in places:
        (directory / place / "1.host:2,S").write_bytes(b"Subject: x\r\n\r\n")
    counts = ledger.examine(directory)
    assert +counts == ({verdict: 1} if verdict else {})
    assert len(ledger.wrong) == bool(verdict)


def test_the_end_tells_of_a_message_that_nobody_has_delivered(directory: Path) -> None:
    ledger = Ledger()
    ledger.add("anna", b"Subject: x\n\n", Kind.LETTER)
    (directory / INBOX / "1.host").write_bytes(b"Subject: x\n\n")
    (directory / INBOX / "2.host").write_bytes(b"Subject: x\n")
    assert +ledger.examine(directory) == {"unknown": 1}


def test_a_message_is_judged_by_its_content_and_its_uid() -> None:
    ledger = Ledger()
    for letter in (b"a", b"b"):
        ledger.add("anna", letter, Kind.LETTER)
    ledger.judge("anna", "1", b"a\r\n")
    ledger.judge("anna", "1", b"a\r\n")
    for uid, content, told in [("2", b"ab", "nobody"), ("1", b"b", "was that of"), ("2", b"a", "was 1")]:
        with pytest.raises(Wrong, match=told):
            ledger.judge("anna", uid, content)


#: Figures in the last third, those of the second being 50 MB, 12 handles and 2 threads, and how many are too
#: great.
GROWTH = [
    (Sample(58_388_608, 16, 2), 0),
    (Sample(58_388_609, 16, 2), 1),
    (Sample(40_000_000, 17, 2), 1),
    (Sample(40_000_000, 10, 3), 1),
    (Sample(90_000_000, 20, 4), 3),
]


@pytest.mark.parametrize(("last", "sentences"), GROWTH)
def test_growth_is_told_beyond_8_mib_4_handles_and_no_thread(last: Sample, sentences: int) -> None:
    figures = Figures(30)
    figures.add(1, Sample(10_000_000, 90, 9))  # while it warms up, anything goes
    for at, sample in [(10, Sample(50_000_000, 12, 2)), (20, last), (29, last), (31, last)]:
        figures.add(at, sample)
    figures.add(25, Sample(99_000_000, 99, 2))  # one outlier is no growth
    assert len(figures.growth()) == sentences
