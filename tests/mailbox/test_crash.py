"""kill -9 at any moment: a message is in the Inbox or in Recoverable Items, never in neither or both."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from evidence.raw import Raw
from minipop import Lab
from tests.mailbox.crash import Report

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("crash")]

KILLS = 200


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Kill again and again, and return what was found.

    A process of its own forks a child for each kill, so that hundreds of them take seconds.
    """
    command = [sys.executable, "-m", "tests.mailbox.crash", str(tmp_path_factory.mktemp("crash")), str(KILLS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Report(**json.loads(done.stdout))


def test_after_every_kill_every_message_is_there_exactly_once(report: Report) -> None:
    assert report.kills == KILLS
    assert (report.lost, report.doubled) == ([], [])


def test_after_every_kill_every_uid_is_what_clients_were_told(report: Report) -> None:
    assert report.changed == []


def test_after_every_kill_it_is_known_where_a_message_was_deleted_from(report: Report) -> None:
    assert report.origins == ["Inbox"]


def test_the_kills_came_before_and_during_and_after_the_deletions(report: Report) -> None:
    # Else the other tests would prove nothing.
    assert report.before > 0
    assert report.during >= KILLS // 2 - 1
    assert report.after > 0


@pytest.mark.parametrize("waits", [False, True])
def test_a_server_that_is_killed_when_a_client_quits_loses_nothing(tmp_path: Path, waits: bool) -> None:
    directory = tmp_path / "mail"
    lab = Lab(maildir=directory)
    fax = lab.mailbox("fax")
    for number in range(400):
        fax.deliver(f"Subject: {number}\r\n\r\n".encode())
    before = {message.uid: message.subject for message in fax.inbox}
    lab.stop()
    options = ["--port", "0", "--tls-port", "0", "--login-type", "PlainTextLogin", "--json"]
    command = [sys.executable, "-m", "minipop", "serve", "--maildir", str(directory), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        with Raw(json.loads(server.stdout.readline())["port"]) as client:
            client.log_on(b"svc-fax@muster.example", b"Faxe2026")
            for number in range(1, 301):
                assert client.ask(b"DELE %d" % number).startswith(b"+OK")
            client.send(b"QUIT\r\n")
            if waits:
                assert client.line().startswith(b"+OK")
            server.send_signal(signal.SIGKILL)
    fax = (lab := Lab(maildir=directory)).mailbox("fax")
    lab.stop()
    there, deleted = ({m.uid: m.subject for m in folder} for folder in (fax.inbox, fax.recoverable_items))
    assert there.keys() & deleted.keys() == set()
    assert {**there, **deleted} == before
    assert len(deleted) == 300 or not waits
