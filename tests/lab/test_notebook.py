"""Errors in a notebook: one line says what happened, the next what to do, the same in every run."""

import subprocess
import sys
from typing import Any

import pytest

from evidence.patience import PATIENCE
from minipop.lab.errors import explained

START = """import poplib, socket, ssl, time
from minipop import Lab
lab = Lab("2016", lang={lang!r}, time_lapse=100, login_type="PlainTextLogin").start()
context = ssl.create_default_context(cafile=lab.ca_file)"""

#: What is typed into a cell, and the lines that are shown, in English; "" where there is one line alone.
CELLS = [
    (
        "pop = poplib.POP3(lab.host, lab.port)\npop.user('anna')\npop.pass_('Sommer 2026')",
        "error_proto: -ERR Logon failure: unknown user name or bad password.",
        "The name or the password is wrong, or POP3 is switched off for this mailbox. "
        "The connection is still up: call user() and pass_() with the right ones.",
    ),
    (
        "pop.stat()",
        "error_proto: -ERR Command is not valid in this state.",
        "There is no such command at this point of the session: you are logged on already, or not yet, or "
        "USER at lab.port needs stls(context=context) first. "
        "If the cell has run twice, begin with the cell that connects.",
    ),
    (
        "while pop.sock.recv(1): pass\npop.stat()",
        "error_proto: -ERR EOF",
        "The server hung up: no log-on within 60 s. Run the cell that connects and those after it again.",
    ),
    (
        "pop = poplib.POP3(lab.host, lab.port)\nwhile pop.sock.recv(1): pass\npop.stls(context)",
        "error_proto: -ERR CAPA not supported by server",
        "The server hung up: no log-on within 60 s. Run the cell that connects and those after it again.",
    ),
    (
        "pop = poplib.POP3_SSL(lab.host, lab.tls_port, context=context)\npop.quit()\npop.quit()",
        "AttributeError: 'NoneType' object has no attribute 'sendall'",
        "This connection is closed already, for example by quit(). Run the cell that connects again.",
    ),
    (
        "sesion",
        "NameError: name 'sesion' is not defined",
        "There is no such name so far, or it is misspelt. "
        "If you have skipped a cell or restarted the kernel, run all cells from the top.",
    ),
    (
        "poplib.POP3_SSL(lab.host, lab.port, context=context)",
        "SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number",
        "Here the server begins in clear text. POP3_SSL belongs to lab.tls_port; "
        "with lab.port use POP3, and stls() if you need TLS.",
    ),
    (
        "poplib.POP3_SSL(lab.host, lab.tls_port, context=ssl.create_default_context())",
        "SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
        "unable to get local issuer certificate",
        "The client does not trust the certificate. Give it "
        "context=ssl.create_default_context(cafile=lab.ca_file), and connect to lab.host.",
    ),
    (
        "poplib.POP3(lab.host, lab.tls_port, timeout=0.1)",
        "TimeoutError: timed out",
        "The server does not answer. At lab.tls_port it waits for TLS: use POP3_SSL there, "
        "and POP3 for lab.port alone.",
    ),
    (
        "b'+OK'.startswith('+OK')",
        "TypeError: startswith first arg must be bytes or a tuple of bytes, not str",
        "poplib returns bytes, not text. Write b'…', or turn them into text: line.decode().",
    ),
    (
        "print('before')\nassert len(lab.accounts) == 7",
        "AssertionError: assert len(lab.accounts) == 7",
        "This is not true here, usually because a cell above has not run, or has run twice. "
        "Run the cells from the top.",
    ),
    ("assert not lab.accounts, 'Run the first cell again.'", "AssertionError: Run the first cell again.", ""),
    (
        "lab.mailbox('bernd')",
        "KeyError: no mailbox 'bernd'; there are anna, bernd.mueller, cweiss, dora, fax, info",
        "",
    ),
    (
        "def half(of):\n    return of / 0\nhalf(1)",
        "ZeroDivisionError: division by zero",
        "Line 2 of the cell: return of / 0 – run %tb for the whole traceback",
    ),
    ("1 +", "SyntaxError: invalid syntax", "Line 1 of the cell: 1 + – run %tb for the whole traceback"),
    (
        "open('/no/such/place/list.txt')",
        "FileNotFoundError: No such file or directory: 'list.txt'",
        "Line 1 of the cell: open('/no/such/place/list.txt') – run %tb for the whole traceback",
    ),
    (
        "port = lab.port\nlab.stop()\nsocket.create_connection((lab.host, port))",
        "ConnectionRefusedError: Connection refused",
        "No server is running there. Its address is lab.host with lab.port or lab.tls_port; "
        "if the Lab is stopped, run the cell that starts it again.",
    ),
    ("lab.port", "LabStopped: This Lab is stopped. Run the cell that starts it again: Lab(...).start().", ""),
]


def run(sources: list[str], lang: str, *, tags: tuple[str, ...] = ("raises-exception",)) -> list[Any]:
    """Run cells in a new kernel after one that starts a Lab; return the outputs of each."""
    import nbformat
    from nbclient import NotebookClient

    from website.build import lessons

    cells = [nbformat.v4.new_code_cell(START.format(lang=lang))]
    cells += [nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)}) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=PATIENCE, **lessons.CLIENT).execute()
    return [cell.outputs for cell in cells[1:]]


def test_each_error_is_shown_with_what_to_do_and_the_cell_has_failed() -> None:
    shown = run([source for source, *_ in CELLS], "en")
    for (source, what, to_do), outputs in zip(CELLS, shown, strict=True):
        error = outputs[-1]
        assert error.output_type == "error", source
        assert " ".join(error.traceback) == f"{what} {to_do}".strip()
        assert max(map(len, error.traceback)) <= 90
        assert [error.ename, error.evalue] == what.split(": ", 1)


def test_german_is_german_and_the_whole_traceback_can_be_had() -> None:
    shown = run([CELLS[0][0], CELLS[4][0], "%tb", "while True: raise KeyboardInterrupt"], "de")
    assert shown[0][0].traceback == [
        "error_proto: -ERR Logon failure: unknown user name or bad password.",
        "Name oder Kennwort stimmt nicht, oder POP3 ist für dieses Postfach abgeschaltet. Die",
        "Verbindung hält noch: Rufen Sie user() und pass_() mit den richtigen Angaben auf.",
    ]
    assert " ".join(shown[1][0].traceback[1:]) == (
        "Diese Verbindung ist schon zu, zum Beispiel nach quit(). "
        "Führen Sie die Zelle, die verbindet, noch einmal aus."
    )
    assert "poplib.py" in "\n".join(shown[2][0].traceback)
    assert len("\n".join(shown[3][0].traceback).splitlines()) > 2  # not an error: IPython's own


def test_a_cell_that_is_not_meant_to_fail_ends_the_run() -> None:
    from nbclient.exceptions import CellExecutionError

    with pytest.raises(CellExecutionError, match="KeyError"):
        run(["lab.mailbox('bernd')", "raise SystemError"], "en", tags=())


@pytest.mark.parametrize(
    "error",
    [
        ValueError("certfile must be specified"),  # before Python 3.12
        TypeError("POP3_SSL.__init__() takes from 2 to 3 positional arguments but 4 were given"),
    ],
)
def test_a_context_without_its_name_is_known(error: Exception) -> None:
    assert explained(error, "en", {})[1] == "POP3_SSL takes the context by its name: context=context."


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (OSError(98, "Address in use ('127.0.0.1', 45123)"), "OSError: Address in use ('127.0.0.1', …)"),
        (ValueError("no <Thing object at 0x7f12ab> there"), "ValueError: no <Thing object> there"),
        (ValueError("one\ntwo"), "ValueError: one"),
        (ValueError(), "ValueError"),
        (RuntimeError(r"C:\mail\anna.txt is gone"), "RuntimeError: anna.txt is gone"),
        (
            ValueError("MUSTER/anna/anna and muster.example/x"),
            "ValueError: MUSTER/anna/anna and muster.example/x",
        ),
    ],
)
def test_nothing_in_the_line_differs_from_run_to_run(error: Exception, line: str) -> None:
    assert explained(error, "en", {})[0] == line


def test_without_ipython_nothing_of_it_is_loaded() -> None:
    code = "from minipop import Lab; import sys\nwith Lab(): print('minipop.lab.notebook' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
