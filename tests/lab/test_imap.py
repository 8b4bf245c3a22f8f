"""The IMAP4 server on the Lab's Maildirs: who gets in, what APPEND leaves behind, how it ends."""

import imaplib
import os
import poplib
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence.patience import PATIENCE
from evidence.raw import context
from minipop import Lab
from minipop.lab import imap as imap_module
from minipop.lab.imap import Imap, ImapError
from minipop.lab.subprocesses import free_port

pytestmark = pytest.mark.slow

MAIL = b"Message-ID: <back@muster.example>\r\nSubject: back again\r\n\r\nHello\r\n.\r\n"


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A Lab of 2016 on Maildirs."""
    with Lab("2016", maildir=tmp_path / "mail") as started:
        yield started


@pytest.fixture
def server(lab: Lab) -> Iterator[Imap]:
    """The IMAP4 server of that Lab."""
    with lab.imap() as started:
        yield started


def log_on(
    server: Imap, user: str = "clara.weiss@muster.example", password: str = "£20 for Clara"
) -> imaplib.IMAP4:
    client = imaplib.IMAP4(server.host, server.port, timeout=PATIENCE)
    try:
        client.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
    except imaplib.IMAP4.error:
        client.shutdown()
        raise
    return client


@pytest.mark.parametrize(
    ("user", "password"),
    [
        ("clara.weiss@muster.example", "£20 for Clara"),
        ("cweiss", "£20 for Clara"),
        ("bmueller@muster.example", "Winter ist kalt 7"),
        ("anna", "Sommer2026"),
    ],
)
def test_one_logs_on_as_by_pop3(server: Imap, user: str, password: str) -> None:
    client = log_on(server, user, password)
    assert client.select("INBOX")[0] == "OK"
    client.logout()


@pytest.mark.parametrize(
    ("user", "password"),
    [("anna", "wrong"), ("anna", ""), ("nobody", "Sommer2026"), ("info@muster.example", "")],
)
def test_nobody_else_gets_in(server: Imap, user: str, password: str) -> None:
    with pytest.raises(imaplib.IMAP4.error):
        log_on(server, user, password)


def test_append_keeps_flags_date_and_bytes_and_pop3_sees_a_new_uid(lab: Lab, server: Imap) -> None:
    before = [message.uid for message in lab.mailbox("cweiss").inbox]
    client = log_on(server)
    assert client.append("INBOX", r"(\Seen)", '"03-Feb-2026 10:00:00 +0200"', MAIL)[0] == "OK"
    client.logout()
    message = lab.mailbox("cweiss").inbox[-1]
    assert message.subject == "back again"
    assert message.read
    assert f"{message.received:%Y-%m-%d %H:%M}" == "2026-02-03 08:00"
    assert message.uid not in before
    pop = poplib.POP3_SSL(lab.host, lab.tls_port, context=context(lab.ca_file), timeout=PATIENCE)
    pop.user("clara.weiss@muster.example")
    pop.pass_("£20 for Clara")
    assert pop.stat()[0] == 3
    assert b"\r\n".join(pop.retr(3)[1]) + b"\r\n" == MAIL
    pop.quit()
    assert [message.uid for message in lab.mailbox("cweiss").inbox][:2] == before


def test_append_without_a_flag_leaves_a_message_unread(lab: Lab, server: Imap) -> None:
    client = log_on(server)
    client.append("INBOX", "", imaplib.Time2Internaldate(lab.clock.now()), MAIL)
    client.logout()
    assert not lab.mailbox("cweiss").inbox[-1].read


def test_a_message_is_found_by_its_message_id_before_it_is_appended_twice(lab: Lab, server: Imap) -> None:
    for _ in range(2):
        client = log_on(server)
        client.select("INBOX")
        if client.search(None, "HEADER", "Message-ID", '"<back@muster.example>"')[1] == [b""]:
            client.append("INBOX", "", imaplib.Time2Internaldate(lab.clock.now()), MAIL)
        client.logout()
    assert lab.mailbox("cweiss").inbox.subjects.count("back again") == 1


def test_recoverable_items_are_out_of_its_reach(lab: Lab, server: Imap) -> None:
    clara = lab.mailbox("cweiss")
    clara.delete(clara.inbox[0])
    client = log_on(server)
    folders = client.list()[1]
    assert len(folders) == 3
    assert not any(b"Deletions" in folder for folder in folders if isinstance(folder, bytes))
    client.logout()


#: Names of which pymap would make a directory outside the mailbox, or one that nobody could name again.
LEADING_OUT = [".", "..", "/", "/.", "./", "../bernd.mueller", "a/..", "a/../b", "a//b", "a&AAA-b", "a&AAo-b"]


def test_a_folder_whose_directory_would_be_another_is_refused(server: Imap, tmp_path: Path) -> None:
    """Path traversal by the name of a folder: "." meant "..", and DELETE removed everybody's mail."""
    client = log_on(server)
    client.create("Kept")
    before = sorted((tmp_path / "mail").rglob("*"))
    for name in LEADING_OUT:
        quoted = f'"{name}"'
        answers = {
            "CREATE": client.create(quoted),
            "SELECT": client.select(quoted),
            "STATUS": client.status(quoted, "(MESSAGES)"),
            "APPEND": client.append(quoted, "", "", MAIL),
            "RENAME to": client.rename("Kept", quoted),
            "RENAME": client.rename(quoted, "Taken"),
            "DELETE": client.delete(quoted),
        }
        assert {command for command, (answer, _) in answers.items() if answer != "NO"} == set(), name
    client.logout()
    assert sorted((tmp_path / "mail").rglob("*")) == before


def test_it_listens_on_loopback_alone_and_offers_no_tls(server: Imap) -> None:
    assert server.host == "127.0.0.1"
    listening = [line.split()[1] for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    port = f"{server.port:04X}"
    assert [address for address in listening if address.endswith(f":{port}")] == [f"0100007F:{port}"]
    tcp6 = Path("/proc/net/tcp6")
    assert not tcp6.exists() or f":{port} " not in tcp6.read_text("ascii")
    client = imaplib.IMAP4(server.host, server.port, timeout=PATIENCE)
    assert "STARTTLS" not in client.capabilities
    client.logout()


def test_two_servers_of_two_labs_do_not_meet(lab: Lab, server: Imap, tmp_path: Path) -> None:
    with Lab("2016", maildir=tmp_path / "other") as other, other.imap() as second:
        assert server.port != second.port
        client = log_on(second)
        client.append("INBOX", "", imaplib.Time2Internaldate(lab.clock.now()), MAIL)
        client.logout()
        assert (len(lab.mailbox("cweiss").inbox), len(other.mailbox("cweiss").inbox)) == (2, 3)


# -- how it ends ---------------------------------------------------------------------------------------


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def folders() -> set[str]:
    return {path.name for path in Path(tempfile.gettempdir()).glob("minipop-imap-*")}


def test_it_ends_with_its_with_statement_and_leaves_nothing_but_the_mail(lab: Lab) -> None:
    with lab.imap() as server:
        (folder,) = [path for path in [server._folder] if path]
        log_on(server).logout()
    assert not answers(server.port)
    assert not folder.exists()
    assert len(lab.mailbox("cweiss").inbox) == 2
    server.stop()


def test_it_ends_with_the_lab(tmp_path: Path) -> None:
    with Lab("2016", maildir=tmp_path) as lab:
        server = lab.imap().start()
        client = log_on(server)  # a client that stays does not hold it up
    assert not answers(server.port)
    client.shutdown()


def test_it_ends_even_if_its_lab_is_killed(tmp_path: Path) -> None:
    script = """
        import sys
        from minipop import Lab
        lab = Lab("2016", maildir=sys.argv[1]).start()
        server = lab.imap().start()
        print(server.port, server._folder, flush=True)
        sys.stdin.read()
    """
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), str(tmp_path / "mail")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert child.stdout
    with child, child.stdout:
        port, folder = child.stdout.readline().split()
        assert answers(int(port))
        os.kill(child.pid, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE
    while (answers(int(port)) or Path(folder).exists()) and time.monotonic() < deadline:
        os.sched_yield()
    assert not answers(int(port))
    assert not Path(folder).exists()


def test_mail_in_memory_has_no_imap4_and_the_text_says_what_to_do() -> None:
    with Lab("2016") as lab, pytest.raises(RuntimeError, match=r"start it with Lab\(\.\.\., maildir=DIR\)"):
        lab.imap()


def test_a_lab_that_is_not_started_has_no_imap4(tmp_path: Path) -> None:
    lab = Lab("2016", maildir=tmp_path)
    with pytest.raises(RuntimeError, match="is stopped"):
        lab.imap()
    lab.start().stop()


def test_where_pymap_is_not_installed_the_text_says_what_to_install(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ImapError, match="python -m pip install pymap"):
        lab.imap().start()


def test_a_server_that_does_not_start_says_why_and_leaves_nothing(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = folders()
    monkeypatch.setattr(imap_module, "_PYMAP", "raise SystemExit('no luck today')")
    with pytest.raises(ImapError, match="pymap does not start: no luck today"):
        lab.imap().start()
    assert folders() <= before


def test_a_port_that_somebody_else_takes_first_is_given_up_for_another(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = iter([taken.getsockname()[1], free_port()])
        monkeypatch.setattr(imap_module, "free_port", lambda: next(ports))
        with lab.imap() as server:
            assert server.port != taken.getsockname()[1]
            log_on(server).logout()


def test_the_passwords_are_in_no_file(lab: Lab, server: Imap) -> None:
    assert server._folder
    written = "".join(path.read_text("utf-8") for path in server._folder.iterdir() if path.is_file())
    assert "anna" in written
    for account in lab.accounts:
        assert account.password is None or account.password not in written
    assert server._folder.stat().st_mode & 0o777 == 0o700
