"""Other programs on the same Maildir: they list the same messages, and minipop sees what they do."""

import imaplib
import mailbox
import os
import poplib
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from evidence.clients.client import OUT, PLAIN, Account
from evidence.clients.running import prepare, run
from evidence.clients.terminals import Mutt
from evidence.dovecot import ABSENT, HOST, dovecot, free_port, installed
from evidence.patience import PATIENCE
from minipop import Lab

ODD = b"Subject: odd\n\n.dot\n" + b"x" * 2_000 + b"\nlone \r return, no line end"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Return a directory with the sample mail, and a message that is odd in every way."""
    lab = Lab(maildir=tmp_path / "mail")
    lab.mailbox("anna").deliver(ODD)
    lab.stop()
    return tmp_path / "mail"


def fetched(host: str, port: int, *, delete: int = 0) -> list[tuple[int, bytes]]:
    """Log on as Anna and fetch everything: sizes and messages."""
    pop = poplib.POP3(host, port)
    pop.user("anna")
    pop.pass_("Sommer2026")
    sizes = [int(line.split()[1]) for line in pop.list()[1]]
    found = [(size, b"\n".join(pop.retr(number)[1])) for number, size in enumerate(sizes, 1)]
    for number in range(1, delete + 1):
        pop.dele(number)
    pop.quit()
    return found


def served(directory: Path, *, delete: int = 0) -> list[tuple[int, bytes]]:
    with Lab(maildir=directory, login_type="PlainTextLogin") as lab:
        return fetched(lab.host, lab.port, delete=delete)


def test_dovecot_lists_the_same_messages_byte_for_byte(directory: Path) -> None:
    if not installed():
        pytest.skip(ABSENT)
    ours = served(directory)
    with dovecot("no", directory) as server:
        theirs = fetched(HOST, server.port)
    assert len(ours) == 11
    assert [content for _, content in theirs] == [content for _, content in ours]
    # The last message has no line end at its end: minipop counts that which RETR adds, Dovecot does not.
    assert [size for size, _ in theirs[:-1]] == [size for size, _ in ours[:-1]]
    assert ours[-1][0] - theirs[-1][0] in (0, 2)


def test_what_dovecot_has_delivered_and_flagged_minipop_serves(directory: Path) -> None:
    # Dovecot's own ways with names: sizes in them, and flags of its own (a to z).
    cur = directory / "anna" / "cur"
    (cur / "1700000000.M1P2.host,S=13,W=15:2,Sa").write_bytes(b"Subject: a\n\nb")
    sizes = [size for size, content in served(directory) if content.startswith(b"Subject: a\n")]
    assert sizes == [15]


def test_pythons_mailbox_lists_the_same_messages_byte_for_byte(directory: Path) -> None:
    box = mailbox.Maildir(directory / "anna", create=False)
    theirs = sorted(box.get_bytes(key).replace(b"\r\n", b"\n").removesuffix(b"\n") for key in box.iterkeys())
    assert sorted(content for _, content in served(directory)) == theirs
    names = ["Deleted Items", "Fax replacement project", "Sent Items"]
    assert sorted(box.list_folders()) == names
    assert [len(box.get_folder(name)) for name in names] == [2, 2, 2]


def test_what_pop3_deletes_other_programs_see_no_more_and_what_they_bring_pop3_sees(directory: Path) -> None:
    box = mailbox.Maildir(directory / "anna", create=False)
    before = len(box)
    served(directory, delete=4)
    assert len(box) == before - 4
    box.add(b"Subject: back again\n\n")
    after = served(directory)
    assert len(after) == before - 3
    assert after[-1] == (23, b"Subject: back again\n")


#: What mutt adds to the header of a copy: how long it is.
ADDED = re.compile(rb"^(?:Content-Length|Lines): \d+\n", re.MULTILINE)


class Reader(Mutt):
    """mutt, with a Maildir before it instead of a server."""

    habit = (*Mutt.habit[:1], f"push '<tag-pattern>~A<enter><tag-prefix><copy-message>~/{OUT}<enter><exit>'")

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def arguments(self, home: str) -> list[str]:
        return [*super().arguments(home), "-f", str(self._directory)]

    def connection(self, *_: object) -> list[str]:
        return []


def test_mutt_reads_the_same_messages_byte_for_byte(directory: Path, tmp_path: Path) -> None:
    reader = Reader(directory / "anna")
    if reader.program is None:
        pytest.skip(reader.absent)
    home = tmp_path / "home"
    home.mkdir()
    nobody = Account("", 0, "", "", "", str(home))
    prepare(reader, nobody, "", PLAIN)
    status, printed = run(reader, nobody)
    assert status == 0, printed
    copied = mailbox.Maildir(home / OUT, create=False)
    texts = (copied.get_bytes(key).replace(b"\r\n", b"\n") for key in copied.iterkeys())
    theirs = [ADDED.sub(b"", text).removesuffix(b"\n") for text in texts]
    assert sorted(theirs) == sorted(content for _, content in served(directory))


@contextmanager
def pymap(directory: Path) -> Iterator[imaplib.IMAP4]:
    """Run pymap, an IMAP server, on the same directory, and log on as Anna."""
    from pysasl.hashing import BuiltinHash

    (directory / "pymap-etc-passwd").write_text("anna:x:1000:1000::anna:\n", "utf-8")
    hashed = BuiltinHash(hash_name="sha256", rounds=1000).hash("Sommer2026")
    (directory / "pymap-etc-shadow").write_text(f"anna:{hashed}:::::::\n", "utf-8")
    port = free_port()
    command = [sys.executable, "-c", "from pymap.main import main; main()"]
    options = ["--host", HOST, "--port", str(port), "--no-tls", "maildir", str(directory)]
    with tempfile.TemporaryDirectory(dir=directory.parent) as temporary:  # it renames from there
        process = subprocess.Popen(
            [*command, *options],
            env={**os.environ, "TMPDIR": temporary},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            while process.poll() is None:
                with socket.socket() as client:
                    if client.connect_ex((HOST, port)) == 0:
                        break
            imap = imaplib.IMAP4(HOST, port)
            imap.login("anna", "Sommer2026")
            yield imap
            imap.logout()
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE)


def test_pymap_serves_the_same_messages_by_imap_while_minipop_runs(directory: Path) -> None:
    with Lab(maildir=directory, login_type="PlainTextLogin") as lab, pymap(directory) as imap:
        ours = [content for _, content in fetched(lab.host, lab.port)]
        imap.select("INBOX")
        _, found = imap.fetch("1:*", "(FLAGS BODY.PEEK[])")
        parts = [part for part in found if isinstance(part, tuple)]
        assert all(b"\\Seen" in head for head, _ in parts)
        theirs = [content.replace(b"\r\n", b"\n").removesuffix(b"\n") for _, content in parts]
        # pymap takes the lone CR of the odd message for a line end.
        assert sorted(theirs)[:-1] == sorted(ours)[:-1]
        # By IMAP a message goes to Deleted Items, another is destroyed, and one comes back.
        assert imap.append("INBOX", "", "", b"Subject: by IMAP\r\n\r\n")[0] == "OK"
        assert imap.copy("1", '"Deleted Items"')[0] == "OK"
        assert imap.store("1:2", "+FLAGS", "(\\Deleted)")[0] == "OK"
        assert imap.expunge()[0] == "OK"
        after = [content for _, content in fetched(lab.host, lab.port)]
        assert len(after) == 10
        assert after[-1] == b"Subject: by IMAP\n"
        assert len(lab.mailbox("anna").deleted_items) == 3
