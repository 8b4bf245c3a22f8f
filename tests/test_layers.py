"""The floors of minipop: imports only go down; the protocol floor stands on the standard library alone."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "minipop"

#: What each floor may import of minipop, beside itself.
BELOW: dict[str, set[str]] = {
    "protocol": set(),
    "mailbox": {"protocol"},
    "exchange": {"protocol", "mailbox"},
    "wire": {"protocol"},
    "server": {"protocol"},
    "lab": {"protocol", "mailbox", "exchange", "wire", "server"},
    "probe": set(),
    "cli": {"", "exchange", "server", "lab", "probe"},
    "web": {"", "exchange", "server", "lab"},
    "__main__": {"cli"},
    "__init__": {"lab"},
}

MODULES = sorted(SOURCE.rglob("*.py"))


def imported(file: Path) -> Iterator[str]:
    """Give the full name of everything that a module imports, wherever in the module that stands."""
    package = ["minipop", *file.relative_to(SOURCE).parts[:-1]]
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else []
            base = ".".join([*above, node.module] if node.module else above)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def floor(name: str) -> str:
    """Return the floor of a name such as ``minipop.server.tls``, empty for minipop itself."""
    part = name.split(".")[1] if "." in name else ""
    return part if part in BELOW else ""


def floor_of(file: Path) -> str:
    return file.relative_to(SOURCE).parts[0].removesuffix(".py")


def test_there_is_something_to_look_at() -> None:
    assert len(MODULES) > 25
    found = set(imported(SOURCE / "exchange" / "policy.py"))
    assert {"minipop.mailbox.Mailbox", "minipop.exchange.directory", "dataclasses"} <= found
    assert {floor_of(file) for file in MODULES} <= set(BELOW)


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_a_module_imports_only_from_its_own_floor_and_those_below(file: Path) -> None:
    own = floor_of(file)
    floors = {floor(name) for name in imported(file) if name.split(".")[0] == "minipop" and name != "minipop"}
    assert floors - {own} - BELOW[own] == set()


PROTOCOL = sorted((SOURCE / "protocol").rglob("*.py"))


@pytest.mark.parametrize("file", PROTOCOL, ids=lambda file: file.name)
def test_the_protocol_floor_needs_the_standard_library_alone_and_neither_sockets_nor_clocks(
    file: Path,
) -> None:
    roots = {name.split(".")[0] for name in imported(file)} - {"minipop"}
    assert roots <= sys.stdlib_module_names
    forbidden = {"socket", "ssl", "asyncio", "time", "datetime", "threading", "select", "os", "subprocess"}
    assert roots & forbidden == set()


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_no_rule_asks_for_an_edition_by_name(file: Path) -> None:
    names = {"2000", "2003", "2007", "2010", "2013", "2016", "2019", "se", "online", "rfc"}
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Compare):
            constants = [n.value for n in [node.left, *node.comparators] if isinstance(n, ast.Constant)]
            assert not names & {value for value in constants if isinstance(value, str)}


def loaded(module: str) -> set[str]:
    """Import a module in a fresh interpreter and return what that loaded."""
    code = f"import {module}, sys; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


HEAVY = {"cryptography", "trustme", "spnego", "gssapi", "jwt", "msal"}


def test_importing_the_protocol_floor_loads_neither_tls_nor_an_event_loop() -> None:
    # Pyodide has the standard library and no sockets.
    modules = loaded("minipop.protocol")
    assert "minipop.protocol.session" in modules
    assert modules & ({"ssl", "asyncio", "socket", "threading", "minipop.lab"} | HEAVY) == set()


@pytest.mark.parametrize("module", ["minipop", "minipop.exchange", "minipop.mailbox", "minipop.wire"])
def test_importing_the_lower_floors_loads_neither_tls_nor_an_event_loop(module: str) -> None:
    assert loaded(module) & ({"ssl", "asyncio"} | HEAVY) == set()


def test_importing_the_lab_loads_nothing_heavy_before_tls_is_wanted() -> None:
    assert loaded("minipop.lab") & HEAVY == set()
