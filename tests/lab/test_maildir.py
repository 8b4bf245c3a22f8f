"""A Lab whose mail lies in a directory: what it makes of new ones, of its own, and of those that are none."""

import json
import os
import poplib
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from minipop import Lab
from minipop.cli import main
from minipop.lab import MaildirError

COUNTS = {"anna": 10, "bernd.mueller": 3, "cweiss": 2, "dora": 1, "fax": 3, "info": 2}


def counts(lab: Lab) -> dict[str, int]:
    return {account.alias: len(lab.mailbox(account.alias).inbox) for account in lab.accounts}


def log_on(lab: Lab) -> poplib.POP3:
    pop = poplib.POP3(lab.host, lab.port)
    pop.user("anna")
    pop.pass_("Sommer2026")
    return pop


@pytest.mark.parametrize("make", [False, True], ids=["new", "empty"])
def test_a_directory_that_is_new_or_empty_gets_the_sample_mail_once(tmp_path: Path, make: bool) -> None:
    directory = tmp_path / "mail"
    if make:
        directory.mkdir()
    with Lab(maildir=directory, login_type="PlainTextLogin") as lab:
        assert counts(lab) == COUNTS
        first = [message.uid for message in lab.mailbox("anna").inbox]
        assert first == [message.uid for message in Lab().mailbox("anna").inbox]
        assert len(lab.mailbox("anna").folders["Fax replacement project"]) == 2
        pop = log_on(lab)
        assert pop.stat()[0] == 10
        pop.dele(1)
        pop.retr(2)
        pop.quit()
    with Lab(maildir=directory, login_type="PlainTextLogin") as lab:
        anna = lab.mailbox("anna")
        assert [message.uid for message in anna.inbox] == first[1:]
        assert [message.uid for message in anna.recoverable_items] == first[:1]
        assert [message.read for message in anna.inbox][:2] == [True, False]
        assert anna.restore(anna.recoverable_items[0])
        pop = log_on(lab)
        assert pop.uidl()[1][-1] == f"10 {first[0]}".encode()
        pop.quit()


def test_the_sample_mail_is_the_same_as_in_memory(tmp_path: Path) -> None:
    lab, memory = Lab(maildir=tmp_path / "mail"), Lab()
    for alias in COUNTS:
        there, here = (
            {
                name: [(m.uid, m.octets, m.received, b"".join(m.open())) for m in folder]
                for name, folder in each.mailbox(alias).folders.items()
            }
            for each in (lab, memory)
        )
        assert there == here
    lab.stop()


def test_a_directory_that_was_left_half_filled_is_not_taken_for_whole(tmp_path: Path) -> None:
    directory = tmp_path / "mail"
    Lab(maildir=directory).stop()
    (directory / ".minipop-filling").touch()
    with pytest.raises(MaildirError, match=r"mail: was left half filled with sample mail; remove"):
        Lab(maildir=directory)
    (directory / ".minipop-filling").unlink()
    Lab(maildir=directory).stop()


def test_a_second_minipop_is_kept_out_until_the_first_has_ended_or_was_killed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = str(tmp_path / "mail")
    command = [sys.executable, "-m", "minipop", "serve", "--port", "0", "--tls-port", "0", "--json"]
    with subprocess.Popen([*command, "--maildir", directory], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        assert json.loads(server.stdout.readline())["port"]
        assert main(["serve", "--maildir", directory]) == 2
        assert capsys.readouterr().err == (
            f"minipop: {directory}: another minipop serves it; stop that one, or name another directory\n"
        )
        server.send_signal(signal.SIGKILL)
    lab = Lab(maildir=directory)
    with pytest.raises(MaildirError, match="another minipop serves it"):
        Lab(maildir=directory)
    lab.stop()
    with Lab(maildir=directory):
        pass


def test_a_lab_that_starts_again_sees_what_another_did_meanwhile(tmp_path: Path) -> None:
    first = Lab(maildir=tmp_path / "mail")
    with first:
        kept = first.mailbox("fax").inbox[0]
    with Lab(maildir=tmp_path / "mail") as second:
        fax = second.mailbox("fax")
        fax.delete(fax.inbox[1])
        new = fax.deliver(b"Subject: new\r\n\r\n").uid
    with first:
        uids = [message.uid for message in first.mailbox("fax").inbox]
        assert (len(uids), uids[0], uids[2]) == (3, kept.uid, new)
        assert first.mailbox("fax").deliver(b"").uid not in (*uids, new)


def other_things(path: Path) -> None:
    path.mkdir()
    (path / "thesis.txt").write_text("years of work")


def a_maildir(path: Path) -> None:
    for part in ("cur", "new", "tmp"):
        (path / part).mkdir(parents=True)


def an_account_without_cur(path: Path) -> None:
    (path / "anna").mkdir(parents=True)
    (path / "anna" / "Inbox").write_text("From MAILER-DAEMON")


def a_file_for_an_account(path: Path) -> None:
    path.mkdir()
    (path / "anna").write_text("mbox")


def a_file(path: Path) -> None:
    path.write_text("mbox")


def a_file_for_new(path: Path) -> None:
    (path / "anna" / "cur").mkdir(parents=True)
    (path / "anna" / "new").write_text("")


def forbidden(path: Path) -> None:
    """Make what only root may use; the test says so to root as well."""
    (path / "anna" / "cur").mkdir(parents=True)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (other_things, "{}: holds other things, and no Maildir of an account; name a new directory"),
        (
            a_maildir,
            "{}: a Maildir itself; name the directory that holds one Maildir for each account",
        ),
        (
            an_account_without_cur,
            "{}/anna: no Maildir, it has no directory cur; move it away, or name another place",
        ),
        (a_file_for_an_account, "{}/anna: Not a directory; name a directory that you may write to"),
        (a_file, "{}: Not a directory; name a directory that you may write to"),
        (a_file_for_new, "{}/anna/new: File exists; name a directory that you may write to"),
        (forbidden, "{}/anna/cur: may not be read and written; change its owner or its permissions"),
    ],
)
def test_what_is_no_maildir_is_told_in_one_line_and_stays_as_it_is(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[Path], None],
    told: str,
) -> None:
    directory = tmp_path / "mail"
    make(directory)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    if make is forbidden:
        monkeypatch.setattr(os, "access", lambda path, _: Path(path).name != "cur")
    assert main(["serve", "--port", "0", "--tls-port", "0", "--maildir", str(directory)]) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"minipop: {told.format(directory)}\n")
    after = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    assert before.items() <= after.items()


def test_a_directory_whose_parent_is_not_there_or_not_writable_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (tmp_path / "no" / "mail", Path("/proc/mail"), tmp_path / ("x" * 300)):
        assert main(["serve", "--maildir", str(path)]) == 2
        assert capsys.readouterr().err.startswith(f"minipop: {path}: ")
    assert list(tmp_path.iterdir()) == []


def test_accounts_of_ones_own_get_empty_maildirs(tmp_path: Path) -> None:
    (tmp_path / "accounts.toml").write_text('[[accounts]]\nname = "Änne"\nalias = "änne"\n', "utf-8")
    lab = Lab(accounts=tmp_path / "accounts.toml", maildir=tmp_path / "mail")
    assert len(lab.mailbox("änne").inbox) == 0
    lab.stop()
    assert (tmp_path / "mail" / "änne" / "cur").is_dir()


def test_a_mailbox_whose_files_are_away_refuses_log_on_and_is_not_taken_for_empty(tmp_path: Path) -> None:
    # RFC 3206: SYS/TEMP, so that no client asks for another password.
    directory = tmp_path / "mail"
    with Lab(maildir=directory, login_type="PlainTextLogin") as lab:
        (directory / "anna").rename(tmp_path / "away")
        refused = poplib.POP3(lab.host, lab.port)
        refused.user("anna")
        with pytest.raises(poplib.error_proto, match=r"-ERR \[SYS/TEMP\]"):
            refused.pass_("Sommer2026")
        refused.close()
        (tmp_path / "away").rename(directory / "anna")
        pop = log_on(lab)
        assert pop.stat()[0] == 10
        pop.quit()
