"""An authority, its certificate for this machine, and contexts that know them."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.page.tls.certificates import Issued, issue
from tests.page.tls.sides import Context

NAMES = ("localhost", "127.0.0.1", "::1")


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
