"""The floors of minipop: imports only go down, never in a circle; sockets and threads are below the seam."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from minipop.exchange import EDITIONS

SOURCE = Path(__file__).parents[1] / "src" / "minipop"

#: What each floor may import of minipop, beside itself.
BELOW: dict[str, set[str]] = {
    "protocol": set(),
    "mailbox": {"protocol"},
    "exchange": {"protocol", "mailbox"},
    "wire": {"protocol"},
    "server": {"protocol"},
    "lab": {"protocol", "mailbox", "exchange", "wire", "server"},
    "page": {"protocol", "mailbox", "exchange", "wire", "server", "lab"},
    "explain": {"protocol", "exchange", "wire"},
    "probe": set(),
    "cli": {"", "exchange", "explain", "server", "lab", "probe"},
    "__main__": {"cli"},
    "__init__": {"lab"},
}

MODULES = {str(file.relative_to(SOURCE)): file for file in sorted(SOURCE.rglob("*.py"))}


def parts(file: Path) -> list[str]:
    """Return the full name of a module's package."""
    return ["minipop", *file.relative_to(SOURCE).parts[:-1]]


def imported(file: Path, *, when_loaded: bool = False, typing_too: bool = True) -> Iterator[str]:
    """Give the full name of everything that a module imports, wherever in the module that stands.

    Args:
        file: the module.
        when_loaded: only what is imported while the module is loaded, not by its functions.
        typing_too: also what is imported for the type checker alone.
    """
    waiting: list[ast.AST] = [ast.parse(file.read_text("utf-8"))]
    while waiting:
        node = waiting.pop()
        if when_loaded and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if not typing_too and isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        waiting.extend(ast.iter_child_nodes(node))
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = parts(file)[: len(parts(file)) + 1 - node.level] if node.level else []
            base = [*above, node.module] if node.module else above
            yield from (".".join([*base, alias.name]) for alias in node.names)


def floor(name: str) -> str:
    """Return the floor of a name such as ``minipop.server.tls``, empty for minipop itself."""
    part = name.split(".")[1] if "." in name else ""
    return part if part in BELOW else ""


def floor_of(file: Path) -> str:
    return file.relative_to(SOURCE).parts[0].removesuffix(".py")


def test_there_is_something_to_look_at() -> None:
    assert len(MODULES) > 25
    found = set(imported(SOURCE / "exchange" / "policy.py"))
    assert {"minipop.mailbox.Mailbox", "minipop.exchange.directory.Account", "dataclasses.dataclass"} <= found
    assert {floor_of(file) for file in MODULES.values()} == set(BELOW)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_from_its_own_floor_and_those_below(module: str) -> None:
    own = floor_of(MODULES[module])
    names = imported(MODULES[module])
    floors = {floor(name) for name in names if name.split(".")[0] == "minipop" and name != "minipop"}
    assert floors - {own} - BELOW[own] == set()


# -- circles ----------------------------------------------------------------------------------------------

NAMES = {
    ".".join([*parts(file), file.stem]).removesuffix(".__init__"): module for module, file in MODULES.items()
}


def modules_in(name: str) -> Iterator[str]:
    """Give the module that a name such as ``minipop.server.Service`` belongs to, if it is minipop's."""
    while name not in NAMES and name:
        name = name.rpartition(".")[0]
    if name:
        yield NAMES[name]


def imports_within(room: str) -> dict[str, set[str]]:
    """Return which modules each module of a floor imports when it is loaded, and for its types."""
    return {
        module: {found for name in imported(file, when_loaded=True) for found in modules_in(name)}
        for module, file in MODULES.items()
        if floor_of(file) == room
    }


@pytest.mark.parametrize("room", BELOW)
def test_no_module_imports_itself_by_way_of_others(room: str) -> None:
    try:
        TopologicalSorter(imports_within(room)).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(reversed(error.args[1])))


# -- the seam ---------------------------------------------------------------------------------------------

#: What is below the seam that `minipop.lab.stage` describes, and what connects to the ports from outside, as
#: other people's programs do. Everything else is above the seam.
BELOW_THE_SEAM = ("server/", "page/", "wire/recorder.py", "lab/attacker.py")
CLIENTS = ("probe/", "lab/clients.py")
ABOVE_THE_SEAM = [module for module in MODULES if not module.startswith((*BELOW_THE_SEAM, *CLIENTS))]


@pytest.mark.parametrize("module", ABOVE_THE_SEAM)
def test_what_is_above_the_seam_loads_neither_event_loops_nor_threads_sockets_or_tls(module: str) -> None:
    names = list(imported(MODULES[module], when_loaded=True, typing_too=False))
    assert {name.split(".")[0] for name in names} & {"asyncio", "socket", "ssl", "threading"} == set()
    found = {found for name in names for found in modules_in(name)}
    assert found & {"server/thread.py", "server/tls.py"} == set()


#: What only Pyodide has: its own modules, and those that the page's JavaScript registers.
OF_PYODIDE = {"js", "pyodide", "pyodide_js", "page_ciphers"}


def test_no_module_needs_pyodide_to_be_loaded() -> None:
    for module, file in MODULES.items():
        roots = {name.split(".")[0] for name in imported(file, when_loaded=True, typing_too=False)}
        assert roots & OF_PYODIDE == set(), module
        if floor_of(file) != "page":
            assert {name.split(".")[0] for name in imported(file)} & OF_PYODIDE == set(), module


# -- rooms ------------------------------------------------------------------------------------------------

ROOT = SOURCE.parents[1]

#: Who serves, draws and proves: none of them imports another, or the tests.
ROOMS = {"src/minipop": "minipop", "website": "website", "evidence": "evidence"}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_minipop_and_libraries_but_no_other_room(room: str) -> None:
    files = sorted((ROOT / room).rglob("*.py"))
    assert len(files) > 25
    for file in files:
        roots = {name.split(".")[0] for name in imported(file)}
        assert roots & {"tests", "website", "evidence"} <= {ROOMS[room]}, file


@pytest.mark.parametrize("room", ["website", "evidence"])
def test_no_module_of_another_room_imports_itself_by_way_of_others(room: str) -> None:
    files = {
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
        for file in (ROOT / room).rglob("*.py")
    }
    graph = {
        name: {
            module
            for found in imported(file, when_loaded=True)
            for module in (found, found.rpartition(".")[0])
            if module in files and module != name
        }
        for name, file in files.items()
    }
    assert any(graph.values())
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(reversed(error.args[1])))


# -- editions ---------------------------------------------------------------------------------------------

#: The table of the editions, each entry with its source; and a client whose control needs one of them.
BY_EDITION = {"exchange/editions.py", "lab/clients.py"}


def constants(tree: ast.AST) -> set[object]:
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}


@pytest.mark.parametrize("module", [module for module in MODULES if module not in BY_EDITION])
def test_no_rule_asks_for_an_edition_by_name(module: str) -> None:
    nodes = ast.walk(ast.parse(MODULES[module].read_text("utf-8")))
    constants = {
        node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert constants & set(EDITIONS) == set()


@pytest.mark.parametrize("module", sorted(BY_EDITION))
def test_not_even_a_table_compares_an_edition_with_a_name(module: str) -> None:
    for node in ast.walk(ast.parse(MODULES[module].read_text("utf-8"))):
        assert not isinstance(node, ast.Compare) or constants(node) & set(EDITIONS) == set()


# -- what is loaded ---------------------------------------------------------------------------------------

PROTOCOL = [module for module in MODULES if module.startswith("protocol/")]


@pytest.mark.parametrize("module", PROTOCOL)
def test_the_protocol_floor_needs_the_standard_library_alone_and_neither_sockets_nor_clocks(
    module: str,
) -> None:
    roots = {name.split(".")[0] for name in imported(MODULES[module])} - {"minipop"}
    assert roots <= sys.stdlib_module_names
    forbidden = {"socket", "ssl", "asyncio", "time", "datetime", "threading", "select", "os", "subprocess"}
    assert roots & forbidden == set()


def loaded(module: str) -> set[str]:
    """Import a module in a fresh interpreter and return what that loaded."""
    code = f"import {module}, sys; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


HEAVY = {"cryptography", "trustme", "spnego", "gssapi", "jwt", "msal"}


def test_importing_the_protocol_floor_loads_neither_tls_nor_an_event_loop() -> None:
    modules = loaded("minipop.protocol")
    assert "minipop.protocol.session" in modules
    assert modules & ({"ssl", "asyncio", "socket", "threading", "minipop.lab"} | HEAVY) == set()


@pytest.mark.parametrize("module", ["minipop", "minipop.exchange", "minipop.mailbox", "minipop.wire"])
def test_importing_the_lower_floors_loads_neither_tls_nor_an_event_loop(module: str) -> None:
    assert loaded(module) & ({"ssl", "asyncio"} | HEAVY) == set()


def test_importing_the_lab_loads_nothing_heavy_before_tls_is_wanted_and_no_stage() -> None:
    modules = loaded("minipop.lab")
    assert "minipop.lab.stage" in modules
    assert modules & ({"minipop.server.thread", "minipop.page"} | HEAVY) == set()


def test_importing_the_page_installs_nothing_and_loads_nothing_heavy() -> None:
    code = "import socket, ssl, sys; before = socket.socket; import minipop.page, minipop.lab.stage as stage"
    code += "; assert socket.socket is before and stage._stage is None; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(run.stdout.split()) & ({"tlslite", "minipop.server.thread"} | HEAVY) == set()
