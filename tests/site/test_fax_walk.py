"""The how-to page on the fax mailbox in Exchange Online: its programs run, here against a Lab.

The very code of the page is run as a process of its own; it may reach nothing but this machine.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from evidence.patience import PATIENCE
from minipop import Lab
from minipop.mailbox import MemoryMessage
from minipop.wire import read
from tests.site.projects import ROOT

LANGUAGES = ("de", "en")

CLIENT_ID = "7e4a47a0-0000-4000-8000-0000000000fa"
SECRET = "Faxabruf-Geheimnis-2026"
REFUSED = "-ERR Authentication failure: unknown user name or bad password."

#: Runs a program; one that asks for another machine ends at once. Names are looked up for this machine alone.
GUARD = """\
import runpy, sys

def refuse(event, arguments):
    if event == "socket.getaddrinfo" and arguments[0] not in ("127.0.0.1", "localhost"):
        sys.exit(f"guard: asks for the address of {arguments[0]}")
    if event == "socket.connect" and arguments[1][0] not in ("127.0.0.1", "::1"):
        sys.exit(f"guard: connects to {arguments[1][0]}")

sys.addaudithook(refuse)
runpy.run_path(sys.argv[1], run_name="__main__")
"""


def page(lang: str) -> str:
    return (ROOT / "docs" / lang / "how-to" / "fax-to-exchange-online.md").read_text("utf-8")


def blocks(lang: str, kind: str) -> list[str]:
    """Return the code blocks of a kind, in their order."""
    return re.findall(rf"^```{kind}(?: [^\n]*)?\n(.*?)^```$", page(lang), re.MULTILINE | re.DOTALL)


def variables_on_the_page(lang: str) -> dict[str, str]:
    """Return the file with the settings that the page shows."""
    found = [block for block in blocks(lang, "sh") if "FAX_MAILBOX=" in block]
    assert len(found) == 1
    return dict(line.split("=", 1) for line in found[0].splitlines() if "=" in line)


def sources(lab: Lab) -> list[bytes]:
    """Return the messages in the Inbox of the mailbox Fax."""
    return [message.raw() for message in lab.mailbox("fax").inbox]


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab(edition="online", issuer=True) as started:
        yield started


@dataclass
class Walk:
    """A folder with the programs of the page, and the variables to run them with."""

    home: Path
    variables: Mapping[str, str]

    @property
    def faxes(self) -> Path:
        """Where the messages are filed."""
        return self.home / "faxes"

    def stored(self) -> list[bytes]:
        """Return what has been filed; a file that is not ready yet has another ending."""
        return [file.read_bytes() for file in self.faxes.glob("*.eml")]

    def run(self, program: str = "fax.py", **changed: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the page; an empty variable is left out."""
        variables = {name: value for name, value in {**self.variables, **changed}.items() if value}
        return subprocess.run(
            [sys.executable, "guard.py", program],
            cwd=self.home,
            env=variables,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with the two programs of the page."""
    fax, trial = blocks("en", "python")
    for name, text in {"fax.py": fax, "try_fax.py": trial, "guard.py": GUARD, "secret": SECRET}.items():
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "faxes").mkdir()
    return tmp_path


@pytest.fixture
def walk(lab: Lab, home: Path) -> Walk:
    """The page's settings with the values of a Lab."""
    values = {
        "FAX_AUTHORITY": lab.issuer.authority,
        "FAX_CLIENT_ID": CLIENT_ID,
        "FAX_SECRET_FILE": str(home / "secret"),
        "FAX_MAILBOX": "fax@muster.example",
        "FAX_FOLDER": str(home / "faxes"),
    }
    assert values.keys() <= variables_on_the_page("en").keys()
    machine = {
        "FAX_HOST": lab.host,
        "FAX_PORT": str(lab.tls_port),
        "SSL_CERT_FILE": lab.ca_file,
        "REQUESTS_CA_BUNDLE": lab.ca_file,
        "PATH": os.environ["PATH"],
    }
    return Walk(home, values | machine)


def failed(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line with which a run failed; it holds neither secret nor token."""
    assert done.returncode == 1, done
    assert done.stdout == ""
    assert re.fullmatch(r"fax: [^\n]+\n", done.stderr), done.stderr
    assert not read(done.stderr.encode(), SECRET)
    assert "eyJ" not in done.stderr
    return done.stderr.removeprefix("fax: ").strip()


# --- The page --------------------------------------------------------------------------------


def test_both_languages_show_the_same_programs_and_commands() -> None:
    for kind in ("python", "powershell", "sh", "text"):
        assert blocks("de", kind) == blocks("en", kind)
    assert len(blocks("en", "python")) == 2
    assert blocks("en", "powershell")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_table_of_variables_knows_all_that_the_program_asks_for(lang: str) -> None:
    program = blocks(lang, "python")[0]
    asked = set(re.findall(r'setting\("(FAX_\w+)"', program))
    rows = re.findall(r"^\| (`FAX_\w+`.*?) \|", page(lang), re.MULTILINE)
    explained = re.findall(r"FAX_\w+", " ".join(rows))
    assert sorted(asked) == sorted(explained)
    needed = set(re.findall(r'setting\("(FAX_\w+)"\)', program))
    assert needed == variables_on_the_page(lang).keys()


def test_the_trial_of_the_page_runs_and_shows_what_the_page_says(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "guard.py", "try_fax.py"],
        cwd=home,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [done.stdout] == blocks("en", "text")[:1]


# --- What the program does -------------------------------------------------------------------


def test_every_message_is_filed_byte_for_byte_and_the_mailbox_is_empty(lab: Lab, walk: Walk) -> None:
    lab.mailbox("fax").deliver(b"Subject: long\r\n\r\n" + b"x" * 5000 + b"\r\n.\r\n..\r\n")
    before = sources(lab)
    assert len(before) == 4
    done = walk.run()
    assert (done.returncode, done.stdout, done.stderr) == (0, "fax: 4 stored\n", "")
    assert sorted(walk.stored()) == sorted(before)
    fax = lab.mailbox("fax")
    assert len(fax.inbox) == len(fax.deleted_items) == 0
    assert sorted(message.raw() for message in fax.recoverable_items) == sorted(before)
    assert [file.suffix for file in walk.faxes.iterdir()] == [".eml"] * 4
    assert walk.run().stdout == "fax: 0 stored\n"


def test_it_logs_on_in_two_lines_and_says_quit_after_the_last_message_only(lab: Lab, walk: Walk) -> None:
    walk.run()
    lines = [entry.text for entry in lab.transcript[0].entries if entry.who == "C"]
    assert lines[0] == "AUTH XOAUTH2"
    assert lines[2:] == ["STAT", "RETR 1", "DELE 1", "RETR 2", "DELE 2", "RETR 3", "DELE 3", "QUIT"]


def test_a_first_run_can_leave_everything_on_the_server(lab: Lab, walk: Walk) -> None:
    before = sources(lab)
    for _ in range(2):
        assert walk.run(FAX_KEEP="yes").stdout == "fax: 3 stored\n"
        assert sorted(walk.stored()) == sorted(before)  # the same message has the same name
        assert sources(lab) == before


def test_two_messages_that_differ_never_share_a_file(lab: Lab, walk: Walk) -> None:
    """Not even if they have the same UID: after a move, it may belong to another message."""
    walk.run(FAX_KEEP="yes")
    fax = lab.mailbox("fax").inbox[0]
    assert isinstance(fax, MemoryMessage)
    fax.content = news = b"Subject: news\r\n\r\nThere is cake.\r\n"
    walk.run()
    assert len(walk.stored()) == 4
    assert news in walk.stored()


# --- When it goes wrong: one line, and nothing is deleted ------------------------------------


@pytest.fixture
def untouched(lab: Lab) -> Iterator[None]:
    """Nothing is deleted, whatever the test does."""
    before = sources(lab)
    yield
    assert sources(lab) == before
    assert len(before) == 3
    assert len(lab.mailbox("fax").recoverable_items) == 0


deletes_nothing = pytest.mark.usefixtures("untouched")


@deletes_nothing
def test_a_disk_that_fails_at_the_second_message_deletes_not_even_the_first(lab: Lab, walk: Walk) -> None:
    """It was marked, but the session ends without QUIT."""
    walk.run(FAX_KEEP="yes")
    names = {file.read_bytes(): file.name for file in walk.faxes.iterdir()}
    (walk.faxes / (names[sources(lab)[1]] + ".part")).mkdir()
    assert "Is a directory" in failed(walk.run())
    lines = [entry.text for entry in lab.transcript[1].entries if entry.who == "C"]
    assert lines[-2:] == ["DELE 1", "RETR 2"]


@deletes_nothing
def test_the_connection_breaks(lab: Lab, walk: Walk) -> None:
    """The line is cut as soon as the first message is marked."""
    breaking = (walk.home / "fax.py").read_text("utf-8")
    breaking = breaking.replace("pop.dele(number)", "pop.dele(number); pop.sock.shutdown(2)")
    (walk.home / "breaking.py").write_text(breaking, "utf-8")
    failed(walk.run("breaking.py"))
    lines = [entry.text for entry in lab.transcript[0].entries if entry.who == "C"]
    assert lines[-1] == "DELE 1"


@deletes_nothing
def test_the_secret_is_wrong(walk: Walk) -> None:
    (walk.home / "secret").write_text("Faxabruf-Geheimnis-2025", "utf-8")
    assert failed(walk.run()).startswith("no token: AADSTS7000215: ")


@deletes_nothing
def test_the_application_is_unknown(walk: Walk) -> None:
    done = walk.run(FAX_CLIENT_ID="7e4a47a0-0000-4000-8000-0000000000fb")
    assert failed(done).startswith("no token: AADSTS700016: ")


@deletes_nothing
def test_the_scope_is_that_of_a_user(walk: Walk) -> None:
    done = walk.run(FAX_SCOPE="https://outlook.office.com/POP.AccessAsUser.All")
    assert failed(done).startswith("no token: AADSTS70011: ")


@deletes_nothing
def test_the_tenant_is_unknown(lab: Lab, walk: Walk) -> None:
    done = walk.run(FAX_AUTHORITY=f"{lab.issuer.url}/nobody.example")
    assert failed(done).lower().startswith("unable to get authority configuration")


@deletes_nothing
def test_the_application_permission_is_missing(lab: Lab, walk: Walk) -> None:
    """The issuer of the Lab refuses at once; a token without the role is refused by the mailbox."""
    applications = lab.issuer._grants.applications
    applications[CLIENT_ID] = replace(applications[CLIENT_ID], roles=("IMAP.AccessAsApp",))
    assert failed(walk.run()).endswith(REFUSED)
    assert reasons(lab) == ["token-scope"]
    applications[CLIENT_ID] = replace(applications[CLIENT_ID], roles=())
    assert failed(walk.run()).startswith("no token: AADSTS70011: ")


@deletes_nothing
def test_the_mailbox_permission_is_missing(lab: Lab, walk: Walk) -> None:
    lab.organization.directory.change("fax", full_access=())
    assert failed(walk.run()) == f"fax@muster.example does not open with this token: {REFUSED}"
    assert reasons(lab) == ["rights"]


@deletes_nothing
def test_the_mailbox_is_another(lab: Lab, walk: Walk) -> None:
    assert failed(walk.run(FAX_MAILBOX="anna@muster.example")).endswith(REFUSED)
    assert reasons(lab) == ["rights"]


@deletes_nothing
def test_pop3_is_off_for_the_mailbox(lab: Lab, walk: Walk) -> None:
    lab.shell.set_cas_mailbox("fax", pop_enabled=False)
    assert failed(walk.run()).endswith(REFUSED)
    assert reasons(lab) == ["pop-disabled"]


@deletes_nothing
def test_the_server_cannot_be_trusted(lab: Lab, walk: Walk, tmp_path: Path) -> None:
    """The token is there already, but nothing is said to such a server."""
    nobody = tmp_path / "nobody.pem"
    nobody.touch()
    assert "CERTIFICATE_VERIFY_FAILED" in failed(walk.run(SSL_CERT_FILE=str(nobody)))
    assert len(lab.transcript) == 0


@deletes_nothing
@pytest.mark.parametrize("name", ["FAX_AUTHORITY", "FAX_CLIENT_ID", "FAX_MAILBOX", "FAX_FOLDER"])
def test_a_variable_is_missing(walk: Walk, name: str) -> None:
    assert failed(walk.run(**{name: ""})) == f"the variable {name} is missing"


@deletes_nothing
def test_the_guard_lets_it_reach_this_machine_alone(walk: Walk) -> None:
    done = walk.run(FAX_HOST="outlook.office365.com")
    assert done.stderr.strip() == "guard: asks for the address of outlook.office365.com"


def reasons(lab: Lab) -> list[str]:
    """Return why the last log-on was refused; only the transcript knows."""
    return [entry.refusal.reason for entry in lab.transcript[-1].entries if entry.refusal]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_table_of_errors_has_what_the_failures_say(lang: str) -> None:
    table = page(lang).partition("{#troubleshooting}")[2]
    for said in (
        "AADSTS7000215",
        "AADSTS700016",
        "AADSTS70011",
        REFUSED,
        "-ERR Protocol error. Connection is closed. 10",
        "CERTIFICATE_VERIFY_FAILED",
    ):
        assert f"`{said}`" in table
