"""Windows, simulated: no fcntl, and a layer below the files that refuses what Windows refuses.

``tests/windows/sitecustomize.py`` is that layer. It is in every Python that a test starts here, pymap's too.
"""

from __future__ import annotations

import json
import poplib
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from os import environ
from pathlib import Path
from typing import Any

import nbformat
import pytest

from evidence.patience import PATIENCE
from minipop import Lab
from minipop.mailbox.maildir import filenames
from tests.windows import sitecustomize
from website.build import lessons

LAYER = Path(sitecustomize.__file__).parent

#: What Python reads from a pipe and writes to one, on a western Windows.
CODE_PAGE = "cp1252"

MESSAGE = b"Subject: from elsewhere\r\n\r\nbrought by another program\r\n"


class Windows:
    """A machine with Windows, as far as its files go.

    Args:
        path: an empty directory.
    """

    def __init__(self, path: Path) -> None:
        self.temporary = path / "temporary"
        self.temporary.mkdir()
        self._refusals = path / "refusals"
        self._refusals.touch()

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment variables of its programs."""
        return environ | {
            "PYTHONPATH": str(LAYER),
            "PYTHONWARNDEFAULTENCODING": "1",
            "TMPDIR": str(self.temporary),
            "WINDOWS_REFUSALS": str(self._refusals),
        }

    def python(self, code: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a program."""
        return subprocess.run(
            [sys.executable, "-c", code],
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
            cwd=folder,
        )

    @property
    def refusals(self) -> list[str]:
        """What it has refused."""
        return self._refusals.read_text("utf-8").splitlines()

    @contextmanager
    def serve(self, directory: Path) -> Iterator[dict[str, Any]]:
        """Run ``minipop serve --maildir``, and give what it says of itself."""
        arguments = ["--json", "--port", "0", "--tls-port", "0", "--maildir", str(directory)]
        arguments += ["--login-type", "PlainTextLogin"]
        with subprocess.Popen(
            [sys.executable, "-m", "minipop", "serve", *arguments],
            env={**self.environment, "PYTHONIOENCODING": CODE_PAGE},
            stdout=subprocess.PIPE,
            encoding=CODE_PAGE,
        ) as process:
            assert process.stdout
            try:
                yield json.loads(process.stdout.readline())
            finally:
                process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE) == 0


@pytest.fixture
def windows(tmp_path: Path) -> Windows:
    return Windows(tmp_path)


def below(directory: Path) -> list[str]:
    """Return the names of all files and directories below one."""
    return [path.name for path in directory.rglob("*")]


def session(server: Mapping[str, Any]) -> poplib.POP3:
    """Log on as Anna."""
    pop = poplib.POP3(server["host"], server["port"])
    pop.user("anna@muster.example")
    pop.pass_("Sommer2026")
    return pop


# -- the layer itself ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("1772438400.M1P2.PC,S=15,W=16!2,S", ""),
        (".Projekt Faxabl&APY-sung", ""),
        (".con", ""),
        ("icon", ""),
        ("1772438400.M1P2.PC:2,S", "forbidden character"),
        ("what?", "forbidden character"),
        ("a\x1fb", "forbidden character"),
        ("Inbox ", "blank or dot at its end"),
        ("Inbox.", "blank or dot at its end"),
        ("con", "name of a device"),
        ("Aux.x", "name of a device"),
        ("COM1 .txt", "name of a device"),
        ("x" * 256, "longer than 255 characters"),
    ],
)
def test_the_layer_knows_what_windows_allows(name: str, wrong: str) -> None:
    assert sitecustomize.what_is_wrong(name) == wrong


@pytest.mark.parametrize(
    ("act", "why"),
    [
        ("open(place + '/a:b', 'wb')", "forbidden character"),
        ("os.mkdir(place + '/nul')", "name of a device"),
        ("os.rename(place + '/one', place + '/two')", "exists already"),
        ("os.rename(place + '/one', place + '/three:')", "forbidden character"),
        ("kept = os.open(place + '/one', os.O_RDONLY); os.unlink(place + '/one')", "used by another process"),
        (
            "kept = os.open(place + '/one', os.O_RDONLY); os.replace(place + '/one', place + '/two')",
            "used by another process",
        ),
        ("os.symlink(place + '/one', place + '/four')", "links need a privilege"),
        ("import fcntl", ""),
        ("os.O_NOFOLLOW", ""),
    ],
)
def test_the_layer_refuses_what_windows_refuses(windows: Windows, act: str, why: str) -> None:
    (windows.temporary / "one").touch()
    (windows.temporary / "two").touch()
    done = windows.python(f"import os; place = {str(windows.temporary)!r}; {act}")
    assert done.returncode == 1
    assert [line.partition(":")[0] for line in windows.refusals] == [why] * bool(why)
    assert {"one", "two"} == {*below(windows.temporary)}


# -- Maildirs -----------------------------------------------------------------------------------------------

FOLDERS = {
    "Sent Items": "Sent Items",
    "Angebote: 2026?": "Angebote&ADo- 2026&AD8-",
    "Con": "&AEM-on",
    "Aux/x": "&AEE-ux.x",
    "Entwürfe ": "Entw&APw-rfe&ACA-",
    'a<b>|"*\\': "a&ADw-b&AD4AfAAiACoAXA-",
}


def test_the_name_of_a_folder_becomes_one_that_windows_allows(windows: Windows) -> None:
    done = windows.python(
        "import json; from minipop.mailbox.maildir import filenames\n"
        f"print(json.dumps([filenames.directory(name) for name in {list(FOLDERS)!r}]))"
    )
    assert json.loads(done.stdout) == list(FOLDERS.values())
    for name, directory in FOLDERS.items():
        assert filenames.folder(directory) == name
        assert sitecustomize.what_is_wrong(directory) == ""


@pytest.mark.parametrize("alias", ["con", "a:b", "anna.", "anna ", "Lpt1.x"])
def test_an_alias_that_cannot_be_a_directory_there_is_refused_in_one_line(
    windows: Windows, alias: str
) -> None:
    done = windows.python(
        "from minipop.mailbox.maildir import Maildirs\n"
        f"Maildirs({str(windows.temporary / 'mail')!r}, ['anna']).store({alias!r})"
    )
    last = done.stderr.splitlines()[-1]
    assert last.endswith(f"MaildirError: {alias!r} cannot be the name of a Maildir")
    assert windows.refusals == []


@pytest.mark.parametrize(
    ("file", "key", "flags"),
    [
        ("1.M2P3.pc,S=4!2,RS", "1.M2P3.pc,S=4", "RS"),
        ("1.M2P3.pc,S=4:2,RS", "1.M2P3.pc,S=4", "RS"),
        ("1.M2P3.pc,D=20260302T080000.000000Z,F=Inbox!2,S", "1.M2P3.pc", "S"),
        ("1.M2P3.pc!2,", "1.M2P3.pc", ""),
        ("hey!there:2,S", "hey!there", "S"),
        ("hey!2,you.pc", "hey!2,you.pc", ""),
        ("hey!there", "hey!there", ""),
    ],
)
def test_a_maildir_is_read_whichever_system_has_written_it(file: str, key: str, flags: str) -> None:
    assert (filenames.key(file), filenames.flags(file)) == (key, flags)


def test_a_message_that_one_session_fetches_can_be_deleted_by_another(windows: Windows) -> None:
    done = windows.python(
        "from minipop.mailbox import Mailbox; from minipop.mailbox.maildir import Maildirs\n"
        f"maildirs = Maildirs({str(windows.temporary / 'mail')!r}, ['anna'])\n"
        "box = Mailbox('anna', store=maildirs.store('anna'))\n"
        "message = box.deliver(b'x' * 200_000)\n"
        "pieces = message.open()\n"
        "box.delete(message)\n"
        "print(sum(map(len, pieces)), len(box.inbox), len(box.recoverable_items))\n"
    )
    assert done.stdout == "200000 0 1\n", done.stderr
    assert windows.refusals == []


@pytest.mark.parametrize(("room", "noted"), [(100, ["D", "F"]), (90, ["D"]), (70, [])])
def test_what_no_path_has_room_for_is_left_out_of_a_name(
    windows: Windows, room: int, noted: list[str]
) -> None:
    place = windows.temporary / "mail"
    deletions = ".recoverable/anna/Deletions/cur"
    place /= "x" * (259 - room - len(f"{place}//{deletions}/"))
    place.parent.mkdir()
    done = windows.python(
        "import os, socket\n"
        "from minipop.mailbox import Mailbox; from minipop.mailbox.maildir import Maildirs\n"
        "socket.gethostname = lambda: 'PC'\n"
        f"box = Mailbox('anna', store=Maildirs({str(place)!r}, ['anna']).store('anna'))\n"
        "box.delete(box.deliver(b'x'))\n"
        f"print(*os.listdir({str(place / deletions)!r}), len(box.recoverable_items))\n"
    )
    assert windows.refusals == []
    name, number = done.stdout.split()
    assert number == "1"
    assert [part[0] for part in name.partition("!2,")[0].split(",")[2:]] == noted


@pytest.mark.slow
def test_serve_keeps_its_mail_on_windows(windows: Windows, tmp_path: Path) -> None:
    mail = tmp_path / "mail"
    with windows.serve(mail) as server:
        assert "Clara Weiß" in [account["name"] for account in server["accounts"]]
        pop = session(server)
        before = [line.split()[1] for line in pop.uidl()[1]]
        pop.retr(1)
        pop.dele(2)
        pop.quit()
        (mail / "anna" / "new" / "1700000000.elsewhere").write_bytes(MESSAGE)
        pop = session(server)
        assert b"\r\n".join([*pop.retr(len(before))[1], b""]) == MESSAGE
        pop.quit()
        again = windows.python(
            f"import sys; from minipop.cli import main; sys.exit(main({['serve', '--maildir', str(mail)]!r}))"
        )
        assert again.returncode == 2
        assert "another minipop serves it" in again.stderr
    with windows.serve(mail) as server:
        pop = session(server)
        after = [line.split()[1] for line in pop.uidl()[1]]
        pop.quit()
    assert after[:-1] == [before[0], *before[2:]]
    assert windows.refusals == []
    names = below(mail)
    assert {name: wrong for name in names if (wrong := sitecustomize.what_is_wrong(name))} == {}
    read = [name for name in names if name.endswith("!2,S")]
    assert len(read) == 2
    assert len([name for name in names if ",F=Inbox!2," in name]) == 1


def ways_back() -> list[Path]:
    return [path for path in lessons.lessons() if path.name.startswith("06-")]


@pytest.mark.slow
@pytest.mark.parametrize("path", ways_back(), ids=lambda path: path.parent.name)
def test_lesson_06_prints_on_windows_what_it_prints_elsewhere(windows: Windows, path: Path) -> None:
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    done = windows.python("\n".join(cell.source for cell in cells), path.parent)
    assert done.returncode == 0, done.stderr
    assert windows.refusals == []
    printed = [output.text for cell in cells for output in cell.outputs if output.output_type == "stream"]
    assert done.stdout == "".join(printed)
    assert below(windows.temporary) == []  # nothing was kept open


# -- pipes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", ["£20 for Clara\n".encode(), "\ufeff£20 for Clara\r\n".encode()])
def test_a_password_from_a_file_is_utf_8_there(windows: Windows, content: bytes) -> None:
    with Lab("2016") as lab:
        ports = ["--port", str(lab.port), "--tls-port", str(lab.tls_port), "--ca-file", lab.ca_file]
        user = ["--user", "clara.weiss@muster.example", "--password-stdin"]
        done = subprocess.run(
            [sys.executable, "-m", "minipop", "probe", "127.0.0.1", *ports, *user, "--json"],
            env={**windows.environment, "PYTHONIOENCODING": CODE_PAGE},
            input=content,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    assert [logon["accepted"] for logon in json.loads(done.stdout)["logons"]] == [True, True]


def test_what_the_code_page_of_a_pipe_lacks_is_written_by_its_number(windows: Windows) -> None:
    page = windows.temporary / "reply.txt"
    page.write_text("-ERR ● Protocol error. 10", "utf-8")
    for options in ([], ["--json"]):
        done = subprocess.run(
            [sys.executable, "-m", "minipop", "explain", str(page), *options],
            env={**windows.environment, "PYTHONIOENCODING": CODE_PAGE},
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        assert b"\\u25cf" in done.stdout
