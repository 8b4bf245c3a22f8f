"""An authority, its certificate for this machine, contexts that know them; and the page, with its TLS, in a test."""

import ssl
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from minipop.lab import stage
from minipop.page.install import patches
from minipop.page.loop import PageLoop
from minipop.page.stage import PageStage
from minipop.page.tls import wrap_bio
from tests.page.tls.certificates import Issued, issue
from tests.page.tls.sides import Context
from website.page.certificates import certificates

NAMES = ("localhost", "127.0.0.1", "::1")


@pytest.fixture(scope="session")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the certificates of the page."""
    folder = tmp_path_factory.mktemp("certificates")
    for name, pem in certificates().items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(pem)
    return folder


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, issued: Path) -> Iterator[PageLoop | None]:
    """Let the test run in the page: its sockets, its loop and its TLS; None where it does anyway."""
    if sys.platform == "emscripten":
        yield None
        return
    loop = PageLoop()
    for owner, name, value in patches(loop):
        monkeypatch.setattr(owner, name, value)
    monkeypatch.setattr(ssl, "SSLContext", Context)
    monkeypatch.setattr(Context, "wrap_bio", wrap_bio)
    monkeypatch.setattr(stage, "_stage", PageStage(loop, issued))
    yield loop
    loop.close()


@pytest.fixture(scope="session")
def ca() -> Issued:
    return issue("Test CA")


@pytest.fixture(scope="session")
def valid(ca: Issued) -> Issued:
    return issue("localhost", ca, names=NAMES)


@pytest.fixture
def trusting(tmp_path: Path) -> Callable[[Issued], ssl.SSLContext]:
    """Return a maker of contexts for clients that trust a certificate."""

    def make(trusted: Issued) -> ssl.SSLContext:
        context = Context(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(trusted.write(tmp_path / "trusted.pem", key=False))
        return context

    return make


@pytest.fixture
def showing(tmp_path: Path) -> Callable[[Issued], ssl.SSLContext]:
    """Return a maker of contexts for servers that show a certificate."""

    def make(shown: Issued) -> ssl.SSLContext:
        context = Context(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(shown.write(tmp_path / "shown.pem"))
        return context

    return make
