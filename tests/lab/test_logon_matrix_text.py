"""``minipop matrix``: both tables as text in both languages, and as JSON."""

import json
import os
import re
import subprocess
import sys

import pytest

from evidence.patience import PATIENCE
from minipop.cli import main
from minipop.lab.clients import Transport
from minipop.lab.logon_matrix import LogonName, NameCell, Overheard, PortCell
from minipop.lab.logon_matrix_text import names_as_text, ports_as_text
from minipop.wire import Reading
from tests.known import EDITIONS

FOUND, HIDDEN = Reading(("UTF-16LE in base64",)), Reading(())

PORTS = [
    PortCell(Transport.PLAIN, "NTLM", "PlainTextLogin", "+OK", Overheard(FOUND, HIDDEN, Reading(("UTF-8",)))),
    PortCell(Transport.PLAIN, "NTLM", "SecureLogin", "-ERR No.", None),
    PortCell(Transport.TLS, "NTLM", "PlainTextLogin", "+OK", Overheard(HIDDEN, HIDDEN, HIDDEN)),
    PortCell(Transport.TLS, "NTLM", "SecureLogin", "-ERR No.", None),
]


def test_the_table_of_ports_in_german() -> None:
    assert ports_as_text(PORTS, "2016", "de").splitlines() == [
        "Ports und Mechanismen, Exchange Server 2016",
        "Was ein Angreifer, der mitliest, in den Bytes auf der Leitung findet (4 Sitzungen).",
        "",
        "Port  Mechanismus  PlainTextLogin   SecureLogin",
        "----  -----------  ---------------  -------------",
        "110   NTLM         Name, Nachricht  abgelehnt (1)",
        "995   NTLM         nichts lesbar    abgelehnt (1)",
        "",
        "(1) -ERR No.",
        "",
        "„Alles“ heißt: Benutzername, Kennwort (bei XOAUTH2 das Token) und eine Zeile der Nachricht.",
        "Was hier nicht lesbar ist, hat dieselbe Suche zur Kontrolle in einer anderen Sitzung gefunden, "
        "einer ohne TLS.",
        "",
        "In welcher Kodierung es lesbar war",
        "",
        "Mechanismus  Name                Kennwort  Nachricht",
        "-----------  ------------------  --------  ---------",
        "NTLM         UTF-16LE in Base64  -         UTF-8",
    ]


def test_a_table_in_which_all_are_refused_speaks_of_no_control() -> None:
    cells = [PortCell(transport, "USER/PASS", None, "-ERR No.", None) for transport in Transport]
    assert ports_as_text(cells, "online", "en").splitlines() == [
        "Ports and mechanisms, Exchange Online",
        "What an eavesdropper finds in the bytes on the wire (3 sessions).",
        "",
        "port      mechanism  (no LoginType)",
        "--------  ---------  --------------",
        "110       USER/PASS  refused (1)",
        "110+STLS  USER/PASS  refused (1)",
        "995       USER/PASS  refused (1)",
        "",
        "(1) -ERR No.",
    ]


def test_the_table_of_names_in_german() -> None:
    upn, proxy = LogonName("anna", "UPN", "anna@x"), LogonName("anna", "proxy address", "a@x")
    cells = [
        NameCell("2016", upn, "+OK", "anna"),
        NameCell("online", upn, "-ERR", None),
        NameCell("2016", proxy, "-ERR", None),
        NameCell("online", proxy, "-ERR", None),
    ]
    assert names_as_text(cells, "de").splitlines() == [
        "Anmeldenamen auf Port 995 (TLS), Kennwort richtig",
        "+ heißt angenommen, - heißt abgelehnt (4 Sitzungen).",
        "",
        "Form             Name    2016  online  öffnet",
        "---------------  ------  ----  ------  ------",
        "UPN              anna@x  +     -       anna",
        "weitere Adresse  a@x     -     -",
    ]


# -- the command --------------------------------------------------------------------------------------


def test_the_command_prints_both_tables_of_one_edition(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["matrix", "--edition", "2010"]) == 0
    out = capsys.readouterr().out
    assert "Ports and mechanisms, Exchange Server 2010" in out
    lines = [re.split(r"  +", line) for line in out.splitlines()]
    assert ["110", "AUTH PLAIN", "all readable", "refused (2)", "refused (2)"] in lines
    assert ["995", "USER/PASS", *["nothing readable"] * 3] in lines
    assert ["110", "AUTH NTLM", *["name, message"] * 2, "refused (2)"] in lines
    assert "UPN                       bmueller@muster.example                      +     bernd.mueller" in out
    for secret in ("Sommer2026", "Winter ist", "Grüße4Clara", "£20 for Clara"):
        assert secret not in out


@pytest.mark.slow
def test_without_an_edition_all_have_a_column_and_ports_are_those_of_2016(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["matrix", "--lang", "de"]) == 0
    out = capsys.readouterr().out
    assert "Ports und Mechanismen, Exchange Server 2016" in out
    head = next(line.split() for line in out.splitlines() if line.startswith("Form"))
    assert head[2:-1] == list(EDITIONS)


def test_as_json_each_cell_is_an_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["matrix", "--json", "--edition", "2003"]) == 0
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    told = json.loads(line)
    assert list(told) == ["edition", "ports", "names"]
    assert told["edition"] == "2003"
    assert told["ports"][0] == {
        "transport": "110",
        "mechanism": "USER/PASS",
        "login_type": None,
        "accepted": True,
        "reply": "+OK User successfully logged on.",
        "readable": {"name": ["UTF-8"], "password": ["UTF-8"], "message": ["UTF-8"]},
    }
    assert told["ports"][1]["readable"] is None
    assert told["names"][5] == {
        "edition": "2003",
        "account": "anna",
        "form": "primary address",
        "name": "anna.arndt@muster.example",
        "accepted": False,
        "reply": "-ERR Logon failure: unknown user name or bad password.",
        "opened": None,
    }


def test_bad_input_is_told_in_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["matrix", "--edition", "2005"]) == 2
    assert capfd.readouterr().err.startswith("minipop: unknown edition '2005'; choose one of ")
    with pytest.raises(SystemExit) as end:
        main(["matrix", "--lang", "fr"])
    assert end.value.code == 2
    assert capfd.readouterr().err.count("\n") == 1


def test_a_reader_that_hung_up_is_no_reason_for_a_traceback() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "minipop", "matrix", "--edition", "rfc"]
    with subprocess.Popen(command, stdout=writer, stderr=subprocess.PIPE, text=True) as process:
        os.close(writer)
        _, err = process.communicate(timeout=PATIENCE)
    assert (err, process.returncode) == ("", 0)
