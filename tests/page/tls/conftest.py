"""An authority, its certificate for this machine, contexts that know them; and the page with its own TLS."""

import ssl
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from minipop.page.stage import PageStage
from minipop.page.tls import wrap_bio
from tests.page.tls.certificates import Issued, issue
from tests.page.tls.sides import Context

NAMES = ("localhost", "127.0.0.1", "::1")


@pytest.fixture
def tls_page(page: PageStage, monkeypatch: pytest.MonkeyPatch) -> PageStage:
    """The page with its own TLS at both sides, which is OpenSSL's where there is OpenSSL."""
    if sys.platform != "emscripten":
        monkeypatch.setattr(ssl.SSLContext, "wrap_bio", wrap_bio)
        for name in ("load_cert_chain", "load_verify_locations"):
            monkeypatch.setattr(ssl.SSLContext, name, getattr(Context, name))
    return page


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
