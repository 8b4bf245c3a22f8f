"""Cells run as in IPython: what is printed, what is shown of the last value, what an error says."""

import io
import sys
from collections.abc import Iterator

import pytest
from IPython.lib.pretty import pretty

from minipop import Lab
from minipop.page import cells
from minipop.page.cells import Cells, Ran, digest, plain


@pytest.fixture
def notebook() -> Iterator[Cells]:
    made = Cells()
    yield made
    made.forget()


def test_names_last_from_cell_to_cell_until_they_are_forgotten(notebook: Cells) -> None:
    assert notebook.run("a", "count = 3", "en") == Ran("", {}, [])
    assert notebook.run("b", "print(count)\ncount + 1", "en") == Ran("3\n", {"text/plain": "4"}, [])
    assert notebook.run("c", "_ * 2", "en").value == {"text/plain": "8"}
    assert notebook.run("d", "__name__", "en").value == {"text/plain": "'__main__'"}
    notebook.forget()
    assert notebook.run("b", "count", "en").error[0] == "NameError: name 'count' is not defined"


@pytest.mark.parametrize("source", ["", "# nothing", "None", "3;", "count = 3", "'text'; ", "print()  ;"])
def test_a_cell_may_have_nothing_to_show(notebook: Cells, source: str) -> None:
    assert notebook.run("a", source, "en").value == {}


HTML = """class Row:
    def __repr__(self):
        return "a row"
    def _repr_html_(self):
        return "<b>row</b>"
Row()"""


def test_a_value_that_has_html_is_shown_as_html_too(notebook: Cells) -> None:
    assert notebook.run("a", HTML, "en").value == {"text/plain": "a row", "text/html": "<b>row</b>"}
    assert notebook.run("b", "Row", "en").value.keys() == {"text/plain"}  # the class itself is no row
    assert notebook.run("c", HTML.replace('"<b>row</b>"', "None"), "en").value == {"text/plain": "a row"}


LISTED = (b"+OK 10 2045733", [b"1 419", b"2 887", b"3 1771", b"4 905", b"5 2291", b"6 862", b"7 1915"], 90)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([1, 2, 3], "[1, 2, 3]"),
        ("x" * 100, repr("x" * 100)),
        (
            LISTED,
            "(b'+OK 10 2045733',\n [b'1 419', b'2 887', b'3 1771', b'4 905', b'5 2291', b'6 862', b'7 1915'],"
            "\n 90)",
        ),
        ({"a": "x" * 40, "b": "y" * 40}, f"{{'a': '{'x' * 40}',\n 'b': '{'y' * 40}'}}"),
        ({"y" * 40, "x" * 40}, f"{{'{'x' * 40}',\n '{'y' * 40}'}}"),
        (("z" * 90,), f"('{'z' * 90}',)"),
        ({"key": ["x" * 40, "y" * 40]}, f"{{'key': ['{'x' * 40}',\n  '{'y' * 40}']}}"),
        ([], "[]"),
    ],
)
def test_a_long_collection_has_one_item_in_a_line_as_in_ipython(value: object, text: str) -> None:
    assert plain(value) == text
    assert pretty(value) == text  # type: ignore[no-untyped-call]


def test_output_is_passed_on_while_the_cell_runs(notebook: Cells, monkeypatch: pytest.MonkeyPatch) -> None:
    came: list[str] = []

    class Page(io.StringIO):
        def write(self, text: str) -> int:
            came.append(text)
            return len(text)

    monkeypatch.setattr(sys, "stdout", Page())
    source = (
        "import sys\nprint(1)\nprint('2', end='', flush=True)\nprint('warned', file=sys.stderr)\nprint(3)"
    )
    assert notebook.run("a", source, "en").printed == "1\n2warned\n3\n"
    assert came == ["1\n", "2", "warned\n", "3\n"]


def test_a_flood_comes_in_blocks_and_is_not_kept_whole(
    notebook: Cells, monkeypatch: pytest.MonkeyPatch
) -> None:
    came: list[int] = []

    class Page(io.StringIO):
        def write(self, text: str) -> int:
            came.append(len(text))
            return len(text)

    monkeypatch.setattr(sys, "stdout", Page())
    ran = notebook.run("a", "for _ in range(100_000): print('x' * 19)", "en")
    assert sum(came) == 2_000_000
    assert came[:999] == [20] * 999
    assert len(came) < 1200
    assert 1_000_000 <= len(ran.printed) < 1_000_020


def test_an_error_is_two_lines_and_the_cell_is_named_in_the_whole_traceback(notebook: Cells) -> None:
    ran = notebook.run("half", "print('before')\ndef half(of):\n    return of / 0\nhalf(1)", "de")
    assert ran.printed == "before\n"
    assert ran.error == [
        "ZeroDivisionError: division by zero",
        "Zeile 3 der Zelle: return of / 0 – den ganzen Traceback zeigt %tb",
    ]
    whole = notebook.run("next", "%tb", "de").printed.splitlines()
    assert [line for line in whole if line.strip("~^ ")] == [
        "Traceback (most recent call last):",
        '  File "<half>", line 4, in <module>',
        "    half(1)",
        '  File "<half>", line 3, in half',
        "    return of / 0",
        "ZeroDivisionError: division by zero",
    ]


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("1 +", ["SyntaxError: invalid syntax", "Line 1 of the cell: 1 + – run %tb for the whole traceback"]),
        (
            "raise SystemExit(3)",
            ["SystemExit: 3", "Line 1 of the cell: raise SystemExit(3) – run %tb for the whole traceback"],
        ),
        ("assert not 1, 'Run the first cell again.'", ["AssertionError: Run the first cell again."]),
        (
            "class Odd:\n    def __repr__(self):\n        return 1 / 0\nOdd()",
            [
                "ZeroDivisionError: division by zero",
                "Line 3 of the cell: return 1 / 0 – run %tb for the whole traceback",
            ],
        ),
    ],
)
def test_whatever_a_cell_raises_ends_the_cell_alone(notebook: Cells, source: str, lines: list[str]) -> None:
    assert notebook.run("a", source, "en").error == lines
    assert notebook.run("b", "1", "en").value == {"text/plain": "1"}


def test_without_an_error_there_is_no_traceback(notebook: Cells) -> None:
    assert notebook.run("a", " %tb\n", "en").printed == "No traceback available to show.\n"


def test_why_the_server_hung_up_is_known_as_in_jupyterlab(notebook: Cells) -> None:
    notebook.run(
        "start", "import poplib\nfrom minipop import Lab\nlab = Lab('2016', time_lapse=100).start()", "en"
    )
    ran = notebook.run(
        "wait", "pop = poplib.POP3(lab.host, lab.port)\nwhile pop.sock.recv(1): pass\npop.stat()", "en"
    )
    assert ran.error == [
        "error_proto: -ERR EOF",
        "The server hung up: no log-on within 60 s. Run the cell that connects and those after it",
        "again.",
    ]
    notebook.run("end", "pop.close()", "en")


def test_forgetting_stops_the_labs(notebook: Cells) -> None:
    notebook.run("start", "from minipop import Lab\nlab = Lab().start()", "en")
    lab = notebook._names["lab"]
    assert isinstance(lab, Lab)
    assert lab.port
    notebook.forget()
    assert notebook.run("port", "lab", "en").error[0].startswith("NameError")
    with pytest.raises(RuntimeError, match="stopped"):
        _ = lab.port


def test_a_digest_tells_outputs_apart_by_what_is_seen() -> None:
    one = digest("10\n", {"text/plain": "a row", "text/html": "<b>row</b>"})
    assert len(one) == 8
    assert one == digest("10\n", {"text/plain": "at 0x7f", "text/html": "<b>row</b>"})
    others = [
        digest("11\n", {"text/html": "<b>row</b>"}),
        digest("10\n", {}),
        digest("10\n", {"text/plain": "x"}),
    ]
    assert len({one, *others}) == 4


def test_the_page_is_told_what_to_show(capsys: pytest.CaptureFixture[str]) -> None:
    assert cells.run("a", "print(1)\n2", "en") == {
        "value": {"text/plain": "2"},
        "error": [],
        "digest": digest("1\n", {"text/plain": "2"}),
        "skipped": 0,
    }
    assert capsys.readouterr().out == "1\n"
    cells.forget()
