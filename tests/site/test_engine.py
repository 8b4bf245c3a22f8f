"""The engine of the Lab in the page, in Chromium: start, failures, libraries, output, end."""

from __future__ import annotations

import functools
import gzip
import io
import re
import shutil
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page

from evidence.browsing import running
from tests.site.projects import ROOT
from website.page.bundle import build

(POLICY,) = re.findall(
    r'Content-Security-Policy "([^"]+)"', (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
)

#: What answers in the place of minipop.page.desk: it runs what it is given.
DESK = """
import json

def call(name, arguments):
    names = {}
    exec(json.loads(arguments)["source"], names)
    return json.dumps(names.get("value"))
"""
PAGE = """<!doctype html>
<html lang="de"><head><meta name="minipop-lab" content="lab/{version}/"><link rel="icon" href="data:,">
<script type="module" src="page.js"></script></head><body></body></html>
"""
SCRIPT = """
import { Engine } from "./engine.js";
window.engine = Engine.shared();
window.progress = [];
window.said = [];
engine.addEventListener("end", () => said.push("end"));
window.start = () => engine.start((told) => progress.push(told)).then(() => "ready", describe);
window.run = (source) => engine.call("run", { source }, (text) => said.push(text)).catch(describe);
const describe = ({ kind, file, message }) => ({ kind, file: file ?? null, message });
"""
SESSION = """
import poplib
from minipop import Lab

with Lab(edition="2016", lang="de") as lab:
    pop = poplib.POP3(lab.host, lab.port)
    value = pop.getwelcome().decode()
    pop.quit()
"""


class Handler(SimpleHTTPRequestHandler):
    """Serves the bundle as deploy/nginx.conf does, but for the files that a test spoils."""

    server: Server

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def send_head(self) -> io.BytesIO | IO[bytes] | None:  # type: ignore[override]
        name = self.path.rpartition("/")[2]
        self.server.asked.append(name)
        how = self.server.spoilt.get(name)
        path = Path(self.translate_path(self.path))
        if how == "missing" or not (path.is_file() or path.is_dir()):
            self.send_error(404)
            return None
        if path.is_dir():
            path /= "index.html"
        content, kind = path.read_bytes(), self.guess_type(path)
        self.send_response(200)
        if how == "of no type":
            kind = "application/octet-stream"
        if how == "unpacked by the browser":
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        if how == "cut off":
            content = content[: len(content) // 2]
            self.close_connection = True
        return io.BytesIO(content)


class Server(ThreadingHTTPServer):
    """What was asked for, and what is to be spoilt and how, by the names of files."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
        self.asked: list[str] = []
        self.spoilt: dict[str, str] = {}

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of downloads that a worker's end has cut off."""


def with_desk(packed: bytes) -> bytes:
    """Return minipop's archive with another desk."""
    changed = io.BytesIO(gzip.decompress(packed))
    with ZipFile(changed, "a") as archive:
        archive.writestr("minipop/page/desk.py", DESK)  # Python prefers it to bytecode
    return gzip.compress(changed.getvalue(), 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of one page with the bundle."""
    folder, bundle = tmp_path_factory.mktemp("engine"), build(ROOT)
    for name, content in bundle.files.items():
        file = folder / "lab" / bundle.version / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(with_desk(content) if name == "minipop.zip.gz" else content)
    shutil.copy(ROOT / "docs/assets/page/engine.js", folder)
    (folder / "index.html").write_text(PAGE.format(version=bundle.version), "utf-8")
    (folder / "page.js").write_text(SCRIPT, "utf-8")
    return folder


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    with running(Server(folder)) as server:
        yield server


@pytest.fixture
def lab(page: Page, server: Server) -> Page:
    """The page, before anybody starts anything; it must not complain of its policy."""
    page.on("console", lambda said: page.evaluate("text => said.push(text)", said.text))
    page.goto(f"http://127.0.0.1:{server.server_port}/", wait_until="networkidle")
    return page


STARTED = [
    "ciphers.js",
    "minipop.zip.gz",
    "pyodide.asm.js",
    "pyodide.asm.wasm",
    "pyodide.js",
    "stdlib.zip.gz",
    "worker.js",
]


def test_nothing_of_it_loads_before_the_start_and_then_no_more_than_it_needs(
    lab: Page, server: Server
) -> None:
    assert server.asked == ["", "page.js", "engine.js"]
    assert lab.evaluate("start()") == "ready"
    assert sorted(server.asked[3:]) == STARTED
    assert lab.evaluate("source => run(source)", SESSION).startswith(
        "+OK The Microsoft Exchange POP3 service is ready."
    )
    assert sorted(server.asked[3:]) == STARTED
    assert lab.evaluate("said") == []


def test_progress_tells_stages_in_order_and_bytes_up_to_the_last(lab: Page) -> None:
    lab.evaluate("start()")
    told: list[dict[str, Any]] = lab.evaluate("progress")
    stages = list(dict.fromkeys(one["stage"] for one in told))
    assert stages == ["download", "python", "minipop", "ready"]
    loaded = [one["loaded"] for one in told]
    assert loaded == sorted(loaded)
    assert len({one["total"] for one in told}) == 1
    total = told[0]["total"]
    assert loaded[0] == 0
    assert loaded[-1] == total
    assert 5_000_000 < total <= 7_500_000
    assert len([one for one in told if 0 < one["loaded"] < total]) >= 10


@pytest.mark.parametrize("name", STARTED)
def test_a_file_that_does_not_come_is_named(lab: Page, server: Server, name: str) -> None:
    server.spoilt[name] = "missing"
    assert lab.evaluate("start()") == {
        "kind": "download",
        "file": name,
        "message": f"{name} could not be downloaded",
    }


def test_after_a_failure_a_retry_works(lab: Page, server: Server) -> None:
    server.spoilt["minipop.zip.gz"] = "missing"
    lab.evaluate("start()")
    server.spoilt.clear()
    assert lab.evaluate("start()") == "ready"
    assert lab.evaluate("run('value = 6 * 7')") == 42


@pytest.mark.parametrize("name", ["pyodide.asm.wasm", "minipop.zip.gz"])
def test_a_file_that_is_cut_off_is_named(lab: Page, server: Server, name: str) -> None:
    server.spoilt[name] = "cut off"
    assert lab.evaluate("start()")["file"] == name


@pytest.mark.parametrize(
    ("name", "how"), [("pyodide.asm.wasm", "of no type"), ("stdlib.zip.gz", "unpacked by the browser")]
)
def test_servers_of_other_habits_do_as_well(lab: Page, server: Server, name: str, how: str) -> None:
    server.spoilt[name] = how
    assert lab.evaluate("start()") == "ready"


def test_a_library_is_fetched_when_it_is_imported_first(lab: Page, server: Server) -> None:
    server.spoilt["tls.zip.gz"] = "missing"
    find = "import importlib.util; value = importlib.util.find_spec('tlslite') is not None"
    failed = lab.evaluate("source => run(source)", find)
    assert (failed["kind"], failed["file"]) == ("download", "tls.zip.gz")
    server.spoilt.clear()
    for _ in range(2):
        assert lab.evaluate("source => run(source)", find) is True
    assert server.asked.count("tls.zip.gz") == 2
    assert "msal.zip.gz" not in server.asked
    assert lab.evaluate("run('import ecdsa, six; value = ecdsa.NIST256p.name')") == "NIST256p"
    assert server.asked.count("tls.zip.gz") == 2


def test_python_can_seal_with_the_pages_ciphers(lab: Page) -> None:
    source = """
import page_ciphers
key, nonce = bytes(32), bytes(12)
sealed = page_ciphers.seal(key, nonce, b"head", b"secret").to_bytes()
value = [len(sealed), page_ciphers.open(key, nonce, b"head", sealed).to_bytes().decode()]
try:
    page_ciphers.open(key, nonce, b"tail", sealed)
except Exception:
    value.append("refused")
"""
    assert lab.evaluate("source => run(source)", source) == [22, "secret", "refused"]


def test_what_is_printed_comes_while_it_runs_and_a_loop_can_be_ended(lab: Page) -> None:
    lab.evaluate("start()")
    lab.evaluate("window.running = run('print(\"öfter\")\\nwhile True: pass'), undefined")
    lab.wait_for_function("said.length === 1")
    lab.evaluate("engine.terminate()")
    assert lab.evaluate("running")["kind"] == "stopped"
    assert lab.evaluate("said") == ["öfter\n", "end"]
    assert lab.evaluate("engine.restart().then(() => run('value = 1'))") == 1


def test_an_exception_is_told_with_its_traceback_and_python_goes_on(lab: Page) -> None:
    failed = lab.evaluate("run('import sys; print(\"last words\", file=sys.stderr); 1 / 0')")
    assert (failed["kind"], failed["file"]) == ("python", None)
    assert failed["message"].rstrip().endswith("ZeroDivisionError: division by zero")
    assert lab.evaluate("said") == ["last words\n"]
    assert lab.evaluate("run('value = 1')") == 1
