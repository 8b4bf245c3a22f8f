"""TLS in Pyodide itself: on its own `ssl`, with the cipher in JavaScript; and without tlslite-ng."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from website.page import ciphers
from website.page.archives import library

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).parent
NODE_MODULES = ROOT / "node_modules"


def run_in_pyodide(tmp_path: Path, certificates: Path, *, tlslite: bool = True) -> dict[str, Any]:
    """Return what in_pyodide.py finds.

    Args:
        tmp_path: a folder to put things into.
        certificates: those of the page.
        tlslite: whether the library for TLS is there.
    """
    node = shutil.which("node")
    assert node, "node is missing; see apt.txt"
    libraries = tmp_path / "libraries"
    libraries.mkdir()
    for name, source in library("tls").content.items() if tlslite else ():
        (libraries / name).parent.mkdir(parents=True, exist_ok=True)
        (libraries / name).write_bytes(source)
    own = tmp_path / "ciphers.mjs"
    own.write_text(ciphers.joined(NODE_MODULES / "@noble" / "ciphers"))
    given = {
        "pyodide": str(NODE_MODULES / "pyodide"),
        "worker": str(ROOT / "docs" / "assets" / "page" / "worker.js"),
        "ciphers": str(own),
        "script": str(HERE / "in_pyodide.py"),
        "mounts": {
            "/source": str(ROOT / "src"),
            "/libraries": str(libraries),
            "/certificates": str(certificates),
            "/notebooks": str(ROOT / "notebooks"),
        },
    }
    run = subprocess.run([node, HERE / "in_pyodide.mjs", json.dumps(given)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-3000:]
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


UNKNOWN = "unable to get local issuer certificate"
OTHER_NAME = "Hostname mismatch, certificate is not valid for 'localhost'."
EXPIRED = "certificate has expired"

#: OpenSSL's number and text, the whole error, and how many sessions the server has had.
REFUSED = {
    which: [code, text, f"[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {text}", 0]
    for which, code, text in (
        ("valid", 20, UNKNOWN),
        ("other-name", 62, OTHER_NAME),
        ("expired", 10, EXPIRED),
    )
}
#: The first 16 octets of the ciphertext in RFC 8439, section 2.8.2.
SEALED = "d31a8d34648e60db7b86afbc53ef7ec2"
SUITE = "TLS_CHACHA20_POLY1305_SHA256"

#: Code cells that run: of lesson 04 those before the first that needs pyspnego, of lesson 10 all.
CELLS = {"de 04": 10, "de 10": 25, "en 04": 10, "en 10": 25}


def test_tls_is_real_in_pyodide(tmp_path: Path, certificates: Path) -> None:
    found = run_in_pyodide(tmp_path, certificates)
    assert found["kind"] == "real"
    assert (found["server_files"], found["trusted"], found["versions"]) == (True, [True], [[3, 3], [3, 4]])
    assert (found["other_server_files"], found["key of another"]) == (True, "KEY_VALUES_MISMATCH")
    assert found["cipher"] == ["InJavaScript", SEALED, "Ladies and Gentlemen"]
    assert found["tampered"] is None
    assert found["session"] == ["TLSv1.3", [SUITE, "TLSv1.3", 256]]
    assert found["names"][0] == ["DNS", "localhost"]
    assert found["largest"] == 2_033_998
    assert found["transcript"][1] == "S: +OK The Microsoft Exchange POP3 service is ready."
    assert "ciphertext" not in found["wire"]
    assert found["refused"] == REFUSED
    assert found["lessons"] == CELLS


def test_tls_is_assumed_in_pyodide_without_tlslite_and_says_so(tmp_path: Path, certificates: Path) -> None:
    found = run_in_pyodide(tmp_path, certificates, tlslite=False)
    assert found["kind"] == "assumed"
    assert found["session"] == ["assumed", ["assumed", "assumed", 0]]
    assert found["transcript"][1].strip().startswith("(TLS is only assumed from here on")
    assert found["wire"].endswith("no ciphertext: TLS is only assumed here")
    assert found["refused"] == REFUSED
    assert found["lessons"] == CELLS
