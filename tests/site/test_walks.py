"""The walks of the how-to pages are walked: what stands in their code blocks runs, and does what they say."""

from __future__ import annotations

import poplib
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.patience import PATIENCE
from evidence.raw import context
from minipop import Lab
from minipop.lab.clients import MECHANISMS, Transport, session
from minipop.lab.shell.cmdlets import cmdlets
from tests.site.projects import ROOT

FIND_AND_SWITCH_OFF = "how-to/find-and-switch-off.md"
REFUSED = "Logon failure: unknown user name or bad password."

#: How a page restarts POP3: a service that is stopped stays so, because a restart would open it to all.
RESTART_WHAT_RUNS = (
    "Get-Service MSExchangePOP3,MSExchangePOP3BE | Where-Object { $_.Status -eq 'Running' } | Restart-Service"
)

#: What the page shows, typed by hand: three clients, one of them with two kinds of log-on.
THREE_CLIENTS = """\
anna@muster.example
  last log-on: 2026-12-07T08:00:00
  log-ons:     2 (refused: 0)
  clients:     127.0.0.1
  ways:        AUTH NTLM/995, PASS/995
bmueller@muster.example
  last log-on: 2026-11-23T08:00:00
  log-ons:     1 (refused: 0)
  clients:     127.0.0.1
  ways:        AUTH PLAIN/110 STLS
svc-fax@muster.example
  last log-on: 2026-12-08T08:00:00
  log-ons:     3 (refused: 0)
  clients:     127.0.0.2
  ways:        PASS/110 STLS
"""

#: A log of Exchange 2010, https://jaapwesselius.com/2012/03, and what a log-on that succeeds would look like.
REAL_FORM = """\
#Software: Microsoft Exchange Server
#Fields: dateTime,sessionId,seqNumber,sIp,cIp,user,duration,rqsize,rpsize,command,parameters,context
2012-03-08T21:26:02.937Z,0000000000000002,1,, ,,0,23,5,user,joe@sixpack.com,R=ok;RpcL=-1;LdapL=-1
2012-03-08T21:26:13.296Z,0000000000000002,2,, ,,46,10,29,pass,*****,"R=""-ERR Server Unavailable. 21"";Msg=x"
2012-03-09T06:00:00.000Z,0000000000000003,1,192.0.2.1:995,192.0.2.7:1024,,0,9,5,user,fax,R=ok;RpcL=-1;LdapL=-1
2012-03-09T06:00:00.500Z,0000000000000003,2,192.0.2.1:995,192.0.2.7:1024,Fax,0,10,9,pass,*****,R=ok;RpcL=-1
2012-03-09T06:00:00.700Z,0000000000000003,3,192.0.2.1:995,192.0.2.7:1024,Fax,0,4
"""


def blocks(page: str, kind: str) -> list[str]:
    """Return the code blocks of a page in German, which in English must be the same."""
    german, english = (
        re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        for text in ((ROOT / "docs" / lang / page).read_text("utf-8") for lang in ("de", "en"))
    )
    assert german == english
    assert german, f"{page}: no block of {kind}"
    return german


@pytest.fixture
def evaluate(tmp_path: Path) -> Callable[..., str]:
    """Run the page's script on logs, each with its file name."""
    (script,) = blocks(FIND_AND_SWITCH_OFF, "python")
    program = tmp_path / "who_uses_pop3.py"
    program.write_text(script, "utf-8")

    def run(**logs: str) -> str:
        folder = tmp_path / "Pop3"
        folder.mkdir(exist_ok=True)
        for name, text in logs.items():
            (folder / f"{name}.LOG").write_text(text, "utf-8-sig")
        command = [sys.executable, "-X", "utf8", "-W", "error", str(program), str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
        assert done.stderr == ""
        return done.stdout

    return run


def typed(lab: Lab, line: str) -> None:
    """Type a line into the Lab's shell, which has neither pipelines nor servers by name."""
    name, *words = re.sub(r" -Server \S+", "", line).split()
    values: dict[str, object] = {}
    for parameter, value in zip(words[::2], words[1::2], strict=True):
        written = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", parameter.removeprefix("-")).lower()
        values[written] = value == "$true" if value in ("$true", "$false") else value
    if "name" in values:
        values["name"] = str(values["name"]).split(",")
    method = {"Set-PopSettings": "set_pop_settings", "Set-CASMailbox": "set_cas_mailbox"}
    getattr(lab.shell, method.get(name, "restart_service"))(**values)


def lines_the_shell_knows(page: str) -> list[str]:
    """Return what a page has its readers type and the Lab can run: one cmdlet, no pipeline, no drive.

    The Lab's services run, so restarting what runs is restarting both.
    """
    both = "Restart-Service -Name MSExchangePOP3,MSExchangePOP3BE"
    text = "".join(blocks(page, "powershell")).replace(RESTART_WHAT_RUNS, both)
    lines = text.splitlines()
    known = [line for line in lines if line.split(" ")[0].replace("-", "").lower() in cmdlets()]
    return [line for line in known if "|" not in line and "-LogFileLocation" not in line]


class Elsewhere(poplib.POP3):
    """A client that is not at 127.0.0.1 but at 127.0.0.2."""

    def _create_socket(self, timeout: float) -> socket.socket:
        return socket.create_connection((self.host, self.port), timeout, ("127.0.0.2", 0))


def fax(lab: Lab) -> None:
    """Let the fax server look for mail."""
    pop = Elsewhere(lab.host, lab.port, timeout=PATIENCE)
    pop.stls(context=context(lab.ca_file))
    pop.user("svc-fax@muster.example")
    pop.pass_("Faxe2026")
    pop.quit()


def person(lab: Lab, alias: str, mechanism: str, transport: Transport) -> None:
    """Let a person look for mail."""
    account = next(account for account in lab.accounts if account.alias == alias)
    password = account.password or ""
    with session(lab, transport, lambda pop: MECHANISMS[mechanism].log_on(pop, lab, account, password)):
        pass


def three_clients(lab: Lab) -> None:
    """Let two weeks pass with three clients."""
    person(lab, "bernd.mueller", "AUTH PLAIN", Transport.STLS)
    person(lab, "anna", "USER/PASS", Transport.TLS)
    for days in (0, 14, 1):
        lab.fast_forward(days)
        fax(lab)
        if days == 14:
            person(lab, "anna", "AUTH NTLM", Transport.TLS)


# -- who still uses POP3? -------------------------------------------------------------------------------


def test_the_walk_finds_three_clients_and_keeps_one_of_them_out(evaluate: Callable[..., str]) -> None:
    log_on, restart, one_off, again, log_off = lines_the_shell_knows(FIND_AND_SWITCH_OFF)
    with Lab("2016") as lab:
        person(lab, "cweiss", "USER/PASS", Transport.TLS)  # before the log is on: nobody knows of it
        typed(lab, log_on)
        typed(lab, restart)
        three_clients(lab)
        assert evaluate(POP32026030208=lab.protocol_log) == THREE_CLIENTS

        typed(lab, one_off)
        typed(lab, again)
        with pytest.raises(Exception, match=REFUSED):
            person(lab, "anna", "USER/PASS", Transport.TLS)
        person(lab, "bernd.mueller", "USER/PASS", Transport.TLS)
        assert "log-ons:     2 (refused: 1)\n" in evaluate(POP32026030208=lab.protocol_log)

        typed(lab, log_off)
        typed(lab, again)
        before = lab.protocol_log
        fax(lab)
        assert lab.protocol_log == before
        assert lab.shell.lines == [
            "Set-PopSettings -ProtocolLogEnabled $true",
            "Restart-Service -Name MSExchangePOP3,MSExchangePOP3BE",
            "Set-CASMailbox -Identity anna -PopEnabled $false",
            "Restart-Service -Name MSExchangePOP3,MSExchangePOP3BE",
            "Set-PopSettings -ProtocolLogEnabled $false",
            "Restart-Service -Name MSExchangePOP3,MSExchangePOP3BE",
        ]


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "en" / "how-to").glob("*.md")), ids=lambda p: p.stem)
def test_no_how_to_page_starts_pop3_where_it_is_stopped(page: Path) -> None:
    lines = [line.strip() for line in page.read_text("utf-8").splitlines() if "Restart-Service" in line]
    assert {line for line in lines if "MSExchangePOP3" in line} <= {RESTART_WHAT_RUNS}


def test_many_mailboxes_are_switched_off_only_after_a_copy_and_a_dry_run() -> None:
    text = "".join(blocks(FIND_AND_SWITCH_OFF, "powershell"))
    steps = [
        "Export-Csv",
        "$off | Set-CASMailbox -PopEnabled $false -WhatIf\n",
        "$off | Set-CASMailbox -PopEnabled $false\n",
        "Import-Csv",
    ]
    assert [text.count(step) for step in steps] == [1, 1, 1, 1]
    assert sorted(steps, key=text.index) == steps


def test_who_keeps_pop3_is_compared_by_the_mailbox_that_a_name_in_the_log_opens() -> None:
    """None of the names in the log is an address, so comparing them would switch these three off."""
    listed, compared = (
        block
        for block in blocks(FIND_AND_SWITCH_OFF, "powershell")
        if block.startswith(("$keep", "$off = if"))
    )
    assert "$found = @(Get-CASMailbox -Identity $_ -ErrorAction SilentlyContinue)\n" in listed
    assert "Found = $found.Count; Mailbox = $found.PrimarySmtpAddress" in listed
    assert compared.startswith("$off = if ($keep -and -not ($keep | Where-Object Found -ne 1)) {\n")
    assert "[string]$_.PrimarySmtpAddress -notin $keep.Mailbox" in compared
    with Lab("2016") as lab:
        opened = {
            name: [mailbox.identity for mailbox in lab.shell.get_cas_mailbox(name)]
            for name in re.findall(r"^\S+", THREE_CLIENTS, re.MULTILINE)
        }
        addresses = {account.primary for account in lab.accounts}
    assert opened == {
        "anna@muster.example": ["anna"],
        "bmueller@muster.example": ["bernd.mueller"],
        "svc-fax@muster.example": ["fax"],
    }
    assert addresses.isdisjoint(opened)


def test_the_page_shows_what_the_script_prints() -> None:
    assert THREE_CLIENTS in blocks(FIND_AND_SWITCH_OFF, "text")


def test_the_script_reads_real_files_and_leaves_out_the_back_end_and_a_torn_line(
    evaluate: Callable[..., str],
) -> None:
    assert evaluate(POP32012030821=REAL_FORM, POP3BE2012030821=REAL_FORM.replace("fax", "nobody")) == (
        "fax\n"
        "  last log-on: 2012-03-09T06:00:00\n"
        "  log-ons:     1 (refused: 0)\n"
        "  clients:     192.0.2.7\n"
        "  ways:        PASS/995\n"
        "joe@sixpack.com\n"
        "  last log-on: -\n"
        "  log-ons:     0 (refused: 1)\n"
        "  clients:     \n"
        "  ways:        PASS/\n"
    )


def test_a_session_may_go_on_in_the_next_file(evaluate: Callable[..., str]) -> None:
    with Lab("2016", protocol_log=True) as lab:
        three_clients(lab)
        head, *lines = lab.protocol_log.splitlines(keepends=True)
    halves = {f"POP3{hour}": head + "".join(part) for hour, part in enumerate((lines[:9], lines[9:]))}
    assert evaluate(**halves) == THREE_CLIENTS


# -- running POP3 ---------------------------------------------------------------------------------------


def test_the_page_shows_the_protocol_log_that_a_lab_writes() -> None:
    with Lab("2016", protocol_log=True) as lab:
        account = next(account for account in lab.accounts if account.alias == "fax")
        pop = poplib.POP3_SSL(lab.host, lab.tls_port, timeout=PATIENCE, context=context(lab.ca_file))
        pop.user(account.upn or "")
        pop.pass_(account.password or "")
        pop.stat()
        pop.quit()
        assert blocks("guide/administration.md", "text") == [lab.protocol_log]
