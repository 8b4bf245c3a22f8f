"""PyJWT, pyspnego and urllib3 as they are, on the stand-ins; where one of them wants more, this fails."""

import ast
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import cast

import pytest

from minipop.page.libraries.stand_ins import modules
from minipop.page.stage import SIGNING_KEYS
from tests.page.libraries.without_cryptography import run


@pytest.fixture
def keys(certificates: Path) -> Path:
    return certificates / SIGNING_KEYS


def sources(package: str) -> Iterator[tuple[str, ast.Module]]:
    """Yield the modules of an installed package by their paths in it."""
    found = find_spec(package)
    assert found
    assert found.origin
    root = Path(found.origin).parent
    for file in sorted(root.rglob("*.py")):
        yield file.relative_to(root).as_posix(), ast.parse(file.read_text("utf-8-sig"))


# -- what they import ---------------------------------------------------------------------------------


def wanted(package: str) -> set[tuple[str, str]]:
    """Return what a package imports of cryptography when it is loaded, and for types: module and name."""
    return {
        (node.module, alias.name)
        for _, tree in sources(package)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and node.col_offset <= 4  # within functions is what the lessons do not call
        and node.module
        and node.module.startswith("cryptography")
        for alias in node.names
    }


#: What is imported for type checkers, or where an older version has it.
NOT_NEEDED = {
    ("cryptography.hazmat.primitives.asymmetric.types", "PrivateKeyTypes"),
    ("cryptography.hazmat.primitives.asymmetric.types", "PublicKeyTypes"),
    ("cryptography.hazmat.primitives.ciphers", "algorithms"),
}


@pytest.mark.parametrize(("package", "at_least"), [("jwt", 35), ("spnego", 8)])
def test_each_name_that_a_library_imports_is_there(package: str, at_least: int, keys: Path) -> None:
    made = modules(keys)
    names = wanted(package)
    assert len(names) >= at_least
    missing = {
        (module, name)
        for module, name in names
        if f"{module}.{name}" not in made and not hasattr(made.get(module), name)
    }
    assert missing <= NOT_NEEDED


# -- PyJWT --------------------------------------------------------------------------------------------

TOKENS = """
from minipop.page import libraries
libraries.install(keys)
import jwt
from minipop.exchange.tokens import TokenVerifier
from minipop.lab.issuer import SigningKey
from minipop.protocol import LogonRefused

own, other = SigningKey(), SigningKey()
claims = {"iss": "us", "aud": "pop", "tid": "muster", "exp": 4e9, "scp": "POP.AccessAsUser.All"}
claims["upn"] = "anna"
verifier = TokenVerifier(lambda: {"keys": [own.public]}, "us", ["pop"], "muster")

def verified(token):
    try:
        return verifier.verify(token).upn
    except LogonRefused as refused:
        return refused.reason

token = own.sign(claims)
forged = token.rpartition(".")[0] + "." + other.sign(claims).rpartition(".")[2]
print(json.dumps({
    "has_crypto": jwt.algorithms.has_crypto,
    "token": token,
    "jwk": own.public,
    "verified": [verified(token), verified(forged), verified(token[:-4] + "AAAA")],
    "loaded": sorted({"msal", "requests", "urllib3", "cryptography"} & set(sys.modules)),
}))
"""


def test_pyjwt_signs_and_verifies_as_with_cryptography_and_without_msal(keys: Path) -> None:
    import jwt

    told = run(TOKENS, keys)
    assert told["has_crypto"] is True
    assert told["verified"] == ["anna", "token", "token"]
    assert told["loaded"] == ["cryptography"]
    token, key = str(told["token"]), jwt.PyJWK(cast(dict[str, object], told["jwk"]))
    claims = jwt.decode(token, key, algorithms=["RS256"], audience="pop")
    assert claims["upn"] == "anna"


HS256 = """
from minipop.page import libraries
libraries.install(keys)
import jwt
token = jwt.encode({"a": 1}, "k" * 32, "HS256")
print(json.dumps(jwt.decode(token, "k" * 32, ["HS256"])))
"""


def test_a_key_for_hs256_is_not_taken_for_one_that_cannot_be_read(keys: Path) -> None:
    assert run(HS256, keys) == {"a": 1}


# -- pyspnego -----------------------------------------------------------------------------------------

NTLM = """
from minipop.page import libraries
libraries.install(keys)
import spnego
from minipop.exchange import Account
from minipop.exchange.mechanisms.ntlm import ntlm

anna = Account(name="Anna", alias="anna", domain="MUSTER", sam="anna", password="Sommer2026")

def logs_on(password):
    only = spnego.NegotiateOptions.use_ntlm
    client = spnego.client("MUSTER\\\\anna", password, protocol="ntlm", options=only)
    server = ntlm(lambda domain, user: anna, lambda account: account.sam)
    next(server)
    challenge = server.send(client.step(b""))
    try:
        server.send(client.step(challenge))
    except StopIteration as end:
        return end.value
    except Exception as refused:
        return refused.reason

print(json.dumps({"right": logs_on("Sommer2026"), "wrong": logs_on("Winter2026")}))
"""


def test_pyspnego_logs_on_with_a_checked_session_key(keys: Path) -> None:
    """The check of integrity (MIC) is under a key that RC4 encrypted."""
    assert run(NTLM, keys) == {"right": "anna", "wrong": "password"}


# -- urllib3 ------------------------------------------------------------------------------------------

CONNECTIONS = """
sys.platform = "emscripten"
from minipop.page import libraries
libraries.install(keys)
import urllib3.connectionpool
print(json.dumps({"from": urllib3.connectionpool.HTTPSConnectionPool.ConnectionCls.__module__}))
"""


def test_urllib3_keeps_its_own_connections(keys: Path) -> None:
    assert run(CONNECTIONS, keys) == {"from": "urllib3.connection"}


def asks(tree: ast.Module) -> bool:
    """Tell whether a module looks whether it is in Pyodide."""
    return any(isinstance(node, ast.Constant) and node.value == "emscripten" for node in ast.walk(tree))


@pytest.mark.parametrize(
    ("package", "asking"),
    [("urllib3", ["__init__.py"]), ("requests", []), ("msal", []), ("jwt", []), ("spnego", [])],
)
def test_no_library_does_something_else_in_pyodide(package: str, asking: list[str]) -> None:
    stood_in_for = "contrib/emscripten/"
    found = [name for name, tree in sources(package) if asks(tree) and not name.startswith(stood_in_for)]
    assert found == asking


def test_where_cryptography_is_there_nothing_changes(keys: Path) -> None:
    import sys

    from minipop.page.libraries import install

    before = dict(sys.modules)
    install(keys)
    assert sys.modules == before
