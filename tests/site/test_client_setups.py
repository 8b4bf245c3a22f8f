"""The how-to page on setting up clients: its configurations are those that run here, against a Lab.

Every file and every command of the page is taken as it stands; only what the Lab has of its own is put in its
place: host, ports, certificate authority, password, and the home of a user.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pytest

from evidence.clients.drivers import CLIENTS
from evidence.clients.habits import NEWS
from evidence.clients.matrix import PASSWORD, beginning
from evidence.patience import PATIENCE
from minipop import Lab
from tests.site.projects import ROOT, replace

LANGUAGES = ("de", "en")

#: What a client begins its log-on with, as the table of the page says.
MECHANISMS = {"fetchmail": "USER", "mpop": "AUTH PLAIN", "getmail": "USER", "curl": "AUTH PLAIN"}

FENCE = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)


def page(lang: str) -> str:
    return (ROOT / "docs" / lang / "how-to" / "set-up-clients.md").read_text("utf-8")


def section(name: str, lang: str = "en") -> str:
    """Return the part of the page under the heading with an id."""
    found = re.search(rf"^## [^\n]*\{{#{name}\}}\n(.*?)(?=^## |\Z)", page(lang), re.MULTILINE | re.DOTALL)
    assert found, name
    return found[1]


def files(name: str) -> dict[str, str]:
    """Return what stands in the files that a section shows, by their place."""
    return {
        title: text for kind, title, text in FENCE.findall(section(name)) if title and kind != "powershell"
    }


def commands(name: str) -> list[str]:
    """Return the blocks of commands in a section."""
    return [text for kind, title, text in FENCE.findall(section(name)) if kind == "sh" and not title]


@dataclass
class Desk:
    """A user's home, with the files of the page, and a Lab that stands for the server."""

    lab: Lab
    home: Path

    def fitted(self, text: str) -> str:
        """Put in what the Lab has of its own."""
        for old, new in {
            r"mail\.muster\.example": "localhost",
            r"\b995\b": str(self.lab.tls_port),
            r"\b110\b": str(self.lab.port),
            r"/etc/ssl/certs/ca-certificates\.crt": self.lab.ca_file,
            r"<password>": PASSWORD,
            r"/home/anna\b": str(self.home),
        }.items():
            text = re.sub(old, new, text)
        return text

    def write(self, name: str) -> None:
        """Write the files of a section, readable by their user alone, as the page says."""
        for title, text in files(name).items():
            assert title.startswith("~/")
            file = self.home / title.removeprefix("~/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch(0o600)
            file.write_text(self.fitted(text), "utf-8")

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run commands of the page in the user's home."""
        beside_python = str(Path(sys.executable).parent)
        return subprocess.run(
            ["sh", "-eu", "-c", self.fitted(script)],
            cwd=self.home,
            env={
                "HOME": str(self.home),
                "PATH": f"{beside_python}:{os.environ['PATH']}",
                "LC_ALL": "C.UTF-8",
                "KRB5_CONFIG": os.devnull,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def fetched(self) -> list[bytes]:
        """Return the messages that have been fetched so far."""
        found = [*(self.home / "Mail" / "new").iterdir(), *self.home.glob("curl-mail/*.eml")]
        return [file.read_bytes() for file in found]


@contextmanager
def desk_at(lab: Lab) -> Iterator[Desk]:
    """A desk as the section “Before you start” leaves it."""
    # Not in pytest's folder, which nobody but its user may enter: as root, getmail delivers as nobody.
    with tempfile.TemporaryDirectory(prefix="minipop-desk-") as home:
        ready = Desk(lab, Path(home))
        ready.write("before")
        (preparation,) = commands("before")
        assert ready.run(preparation).returncode == 0
        yield ready


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A desk at Exchange 2016 as delivered."""
    with Lab(edition="2016") as lab, desk_at(lab) as ready:
        yield ready


def needed(name: str) -> None:
    """Skip a test without the client, except under CI."""
    if CLIENTS[name].program is None:
        pytest.skip(CLIENTS[name].absent)


def set_up(desk: Desk, name: str) -> str:
    """Write the client's files, and return the commands that run it."""
    needed(name)
    desk.write(name)
    (script,) = commands(name)
    if os.geteuid() == 0:  # in a container; the page is for an ordinary user
        script = re.sub(r"^fetchmail\b", "fetchmail --pidfile ~/pid", script, flags=re.MULTILINE)
        if name == "getmail":
            config = desk.home / ".getmail" / "getmailrc"
            replace(config, "type = Maildir\n", "type = Maildir\nuser = nobody\n")
            desk.home.chmod(0o755)
            for folder in (desk.home / "Mail", *(desk.home / "Mail").iterdir()):
                shutil.chown(folder, "nobody")
    return script


def expected(desk: Desk, name: str) -> list[bytes]:
    """Return the messages in the Inbox as the client stores them."""
    return [CLIENTS[name].expected(message.raw()) for message in desk.lab.mailbox("anna").inbox]


def began(lab: Lab) -> set[str]:
    """Return how log-ons began."""
    return {found for c in lab.transcript for entry in c.entries if (found := beginning(entry))}


# --- The page --------------------------------------------------------------------------------


def test_both_languages_show_the_same_files_and_commands() -> None:
    german, english = (FENCE.findall(page(lang)) for lang in LANGUAGES)
    assert german == english
    assert len(english) > 10


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_password_stands_in_files_of_its_own_alone(lang: str) -> None:
    """Never in a command, where other users of the machine could see it; by hand it is typed."""
    places = {title or kind for kind, title, text in FENCE.findall(page(lang)) if "<password>" in text}
    assert places == {"~/.netrc", "~/.pop3-password", "text"}
    assert not re.search(r"--user|password=", "".join(commands("curl")))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", MECHANISMS)
def test_the_table_says_which_mechanism_a_client_takes(lang: str, name: str) -> None:
    row = re.search(rf"^\| \[{name}\]\(#{name}\) \|.*$", section("before", lang), re.MULTILINE)
    assert row
    said = "`USER`" if MECHANISMS[name] == "USER" else "`AUTH PLAIN`"
    assert said in row[0]


# --- The programs ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["fetchmail", "mpop", "getmail"])
def test_a_fetcher_gets_every_message_once_and_leaves_them_all(desk: Desk, name: str) -> None:
    script = set_up(desk, name)
    for count in (10, 10, 11):
        stored = expected(desk, name)
        done = desk.run(script)
        # fetchmail's exit status is 1 when there is nothing new.
        assert done.returncode in ((0, 1) if name == "fetchmail" else (0,)), done
        fetched = desk.fetched()
        assert len(fetched) == count, done
        # A client puts lines of its own in front, and changes nothing else.
        whole = [message for message in stored if any(file.endswith(message) for file in fetched)]
        assert len(whole) == len(desk.lab.mailbox("anna").inbox) == (11 if count == 11 else 10)
        if len(stored) == 10 and len(desk.lab.transcript) > 1:
            desk.lab.mailbox("anna").deliver(NEWS)
    assert began(desk.lab) == {MECHANISMS[name]}
    assert all("995" in conversation.title for conversation in desk.lab.transcript)
    assert not desk.lab.mailbox("anna").recoverable_items


def test_curl_lists_all_and_fetches_the_first_three(desk: Desk) -> None:
    done = desk.run(set_up(desk, "curl"))
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()] == [str(n) for n in range(1, 11)]
    assert sorted(desk.fetched()) == sorted(expected(desk, "curl")[:3])
    assert began(desk.lab) == {MECHANISMS["curl"]}
    assert len(desk.lab.transcript) == 2  # all three in one session, where their numbers hold


def test_curl_left_to_itself_takes_ntlm_as_the_page_says(desk: Desk) -> None:
    script = set_up(desk, "curl")
    config = desk.home / ".curl-pop3"
    config.write_text(re.sub("^login-options.*\n", "", config.read_text("utf-8"), flags=re.MULTILINE))
    desk.run(script)
    assert began(desk.lab) == {"AUTH NTLM"}
    for lang in LANGUAGES:
        assert "NTLM" in section("curl", lang)


def test_mpop_left_to_itself_takes_plain_as_the_page_says(desk: Desk) -> None:
    script = set_up(desk, "mpop")
    replace(desk.home / ".mpoprc", "auth plain\n", "")
    desk.run(script)
    assert began(desk.lab) == {"AUTH PLAIN"}


@pytest.mark.parametrize("certificate", ["other-name", "expired"])
@pytest.mark.parametrize("name", MECHANISMS)
def test_no_client_says_its_name_to_a_server_with_a_bad_certificate(name: str, certificate: str) -> None:
    needed(name)
    with Lab(edition="2016", certificate=certificate) as lab, desk_at(lab) as desk:
        done = desk.run(set_up(desk, name))
        assert done.returncode != 0
        assert desk.fetched() == []
        assert began(lab) == set()


# --- By hand ---------------------------------------------------------------------------------


class Typing:
    """Somebody who types into a command of the page and reads the screen; use it in a ``with`` statement."""

    def __init__(self, desk: Desk, command: str) -> None:
        self._process = subprocess.Popen(
            ["sh", "-c", "exec " + desk.fitted(command)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert self._process.stdin
        assert self._process.stdout
        self._keys, self._screen = self._process.stdin, self._process.stdout
        #: What stands on the screen.
        self.shown = b""

    def wait_for(self, text: bytes, times: int = 1) -> None:
        """Wait until a text is shown so many times, or the program has ended."""
        end = time.monotonic() + PATIENCE
        while self.shown.count(text) < times:
            assert select.select([self._screen], [], [], max(0, end - time.monotonic()))[0], self.shown[-500:]
            data = os.read(self._screen.fileno(), 65_536)
            if not data:
                return
            self.shown += data

    def type(self, line: str) -> None:
        """Type a line."""
        self._keys.write(line.encode() + b"\n")
        self._keys.flush()

    def end(self) -> int:
        """Wait for the end of the program, and return its exit status."""
        self.wait_for(b"\0 which no server says")
        return self._process.wait(PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        with suppress(BrokenPipeError):
            self._keys.close()
        self._screen.close()


def by_hand() -> tuple[str, str, list[str]]:
    """Return the page's commands for 995 and for 110 with STLS, and the lines to type."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed; on Debian or Ubuntu: apt install openssl")
    for_995, for_110 = (text for text in commands("by-hand") if text.startswith("openssl"))
    typed = next(text for kind, _, text in FENCE.findall(section("by-hand")) if kind == "text")
    return for_995, for_110, typed.splitlines()


def without(command: str, *options: str) -> str:
    """Leave out options of a command."""
    for option in options:
        assert f" {option}" in command
        command = command.replace(f" {option}", "")
    return command


@pytest.mark.parametrize(("port", "left_out"), [("995", []), ("110", []), ("995", ["-crlf"])])
def test_a_session_by_hand_shows_a_header_and_deletes_nothing(
    desk: Desk, port: str, left_out: list[str]
) -> None:
    """Minipop takes lines that end with LF alone, too; the page says not to rely on that elsewhere."""
    for_995, for_110, lines = by_hand()
    with Typing(desk, without(for_995 if port == "995" else for_110, *left_out)) as session:
        session.wait_for(b"+OK")
        for line in lines:
            session.type(desk.fitted(line))
        assert session.end() == 0
    assert b"\r\nSubject: Welcome!" in session.shown
    assert b"signing off" in session.shown
    said = [entry.text.split()[0] for entry in desk.lab.transcript[0].entries if entry.who == "C"]
    assert said == ["STLS"] * (port == "110") + [line.split()[0] for line in lines]
    assert len(desk.lab.mailbox("anna").inbox) == 10
    assert not any(message.read for message in desk.lab.mailbox("anna").inbox)


@pytest.mark.parametrize(
    ("line", "arrives"), [("RETR 1", False), ("QUIT", False), ("retr 1", True), ("quit", True)]
)
@pytest.mark.parametrize("option", ["", "-ign_eof"])
def test_without_quiet_openssl_keeps_lines_with_r_and_q_to_itself(
    desk: Desk, line: str, arrives: bool, option: str
) -> None:
    """The message that was marked before stays then: the server has never heard of QUIT."""
    for_995, _, lines = by_hand()
    arrives |= option == "-ign_eof"
    with Typing(desk, for_995.replace("-quiet", option)) as session:
        for count, typed in enumerate([*lines[:2], "DELE 2", line], start=1):
            session.wait_for(b"+OK", count)
            session.type(desk.fitted(typed))
        if arrives and line.lower() == "retr 1":
            session.wait_for(b"+OK", 5)
            session.type("quit")
        session.end()
    said = [entry.text for entry in desk.lab.transcript[0].entries if entry.who == "C"]
    assert (line.upper() in [text.upper() for text in said]) is arrives
    assert len(desk.lab.mailbox("anna").inbox) == (9 if arrives else 10)


@pytest.mark.parametrize("certificate", ["other-name", "expired"])
def test_openssl_ends_at_a_bad_certificate_only_with_the_options_of_the_page(certificate: str) -> None:
    for_995, _, _ = by_hand()
    with Lab(edition="2016", certificate=certificate) as lab, desk_at(lab) as desk:
        command = desk.fitted(for_995)
        for left_out, accepted in {
            "": False,
            "-verify_return_error": True,
            "-verify_hostname localhost": certificate == "other-name",
        }.items():
            with Typing(desk, without(command, *filter(None, [left_out]))) as session:
                session.wait_for(b"+OK")
                if accepted:
                    session.type("QUIT")
                assert session.end() == (0 if accepted else 1)
            assert (b"+OK" in session.shown) is accepted
