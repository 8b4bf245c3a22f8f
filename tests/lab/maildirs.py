"""A Maildir that is put back after every trial, and what lies in it, read without minipop."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from minipop import Lab
from minipop.protocol import Session
from tests.support import drain, send

ACCOUNTS = """
[[accounts]]
name = "Anna"
alias = "anna"
upn = "anna@muster.example"
password = "Sommer2026"
"""

#: The messages that the tests put into the Inbox, by their subjects, as POP3 delivers them.
MAIL = {
    "one": b"Subject: one\r\n\r\n.a dot\r\n",
    "two": b"Subject: two\r\n\r\n" + (b"x" * 98 + b"\r\n") * 1_500,  # read in three pieces
    "three": b"Subject: three\r\n\r\nfrom elsewhere\r\n",
    "four": b"Subject: four\r\n\r\ndelivered\r\n",
}

LOG_ON = (b"USER anna@muster.example", b"PASS Sommer2026")

#: Keeps a file under another name; where a system has no hard links, as a copy.
LINK = getattr(os, "link", shutil.copy2)


class Trial:
    """A directory with Anna's mailbox: two messages of minipop's, and a third that others have just brought.

    Args:
        path: an empty directory.
    """

    def __init__(self, path: Path) -> None:
        self.directory = path / "mail"
        self._accounts = path / "accounts.toml"
        self._accounts.write_text(ACCOUNTS, "utf-8")
        lab = self.lab()
        for subject in ("one", "two"):
            lab.mailbox("anna").deliver(MAIL[subject])
        lab.stop()
        (self.directory / "anna" / "new" / "1000000000.elsewhere").write_bytes(MAIL["three"])
        self._kept: dict[Path, Path] = {}
        (path / "kept").mkdir()
        for number, file in enumerate(self._files()):
            self._kept[file] = path / "kept" / str(number)
            LINK(file, self._kept[file])

    def lab(self) -> Lab:
        """Return a Lab on it; to be stopped."""
        return Lab("2016", login_type="PlainTextLogin", accounts=self._accounts, maildir=self.directory)

    @contextmanager
    def open(self) -> Iterator[Lab]:
        """Open a Lab on it for as long as the ``with`` block runs."""
        lab = self.lab()
        try:
            yield lab
        finally:
            lab.stop()

    def restore(self) -> None:
        """Put everything back to where it was."""
        for file in self._files():
            if file not in self._kept or not file.samefile(self._kept[file]):
                file.unlink()
        for file, kept in self._kept.items():
            if not file.exists():
                LINK(kept, file)

    def places(self) -> dict[str, list[str]]:
        """Return where each message lies, by subject: ``Inbox`` or ``Deletions``."""
        found: dict[str, list[str]] = {}
        for file in self._files():
            if file.parent.name in ("cur", "new"):
                subject = file.read_bytes().split(b"\r\n")[0].removeprefix(b"Subject: ").decode()
                place = "Inbox" if file.parts[-3] == "anna" else file.parts[-3]
                found.setdefault(subject, []).append(place)
        return found

    def unfinished(self) -> list[str]:
        """Return the files that are only there while something is being written."""
        return [file.name for file in self._files() if file.parent.name == "tmp" or file.suffix == ".tmp"]

    def _files(self) -> list[Path]:
        return [
            Path(folder, name)
            for folder, _, names in os.walk(self.directory)
            for name in names
            if name not in (".minipop.lock", "maildirfolder")
        ]


def served(lab: Lab) -> dict[str, bytes]:
    """Log on as the next client does, fetch everything, and return the UIDs by subject."""
    session = Session(lab.policy)
    drain(session)
    assert [send(session, line + b"\r\n")[:3] for line in LOG_ON] == [b"+OK"] * 2
    uids = [line.split()[1] for line in send(session, b"UIDL\r\n").splitlines()[1:-1]]
    found: dict[str, bytes] = {}
    for number, uid in enumerate(uids, 1):
        content = send(session, b"RETR %d\r\n" % number).partition(b"\r\n")[2]
        subject = content.split(b"\r\n")[0].removeprefix(b"Subject: ").decode()
        assert content == delivered(subject)
        found[subject] = uid
    assert len(found) == len(uids)
    assert send(session, b"QUIT\r\n").startswith(b"+OK")
    return found


def delivered(subject: str) -> bytes:
    """Return a message as RETR sends it."""
    return MAIL[subject].replace(b"\r\n.", b"\r\n..") + b".\r\n"
