"""The names of tlslite-ng that are private, or that it would not miss: their change is noticed here."""

import inspect
import ssl
from collections.abc import Callable

import pytest

from minipop.page.tls import engine, library
from tests.page.tls.certificates import Issued
from tests.page.tls.sides import OPENSSL, PAGE, Pair

Make = Callable[[Issued], ssl.SSLContext]


def parameters(function: Callable[..., object]) -> list[str]:
    return list(inspect.signature(function).parameters)


def test_tlslite_still_checks_a_certificate_by_a_method_of_that_name() -> None:
    check = library.TLSConnection._check_certchain_with_settings
    assert inspect.isgeneratorfunction(check)
    assert parameters(check) == ["self", "cert_chain", "settings"]


def test_tlslite_still_sends_alerts_by_a_method_of_that_name() -> None:
    send = library.TLSConnection._sendError
    assert inspect.isgeneratorfunction(send)
    assert parameters(send) == ["self", "alertDescription", "errorStr"]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_client_is_asked_once_in_a_handshake(
    version: ssl.TLSVersion,
    ca: Issued,
    valid: Issued,
    trusting: Make,
    showing: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    context = trusting(ca)
    context.maximum_version = version
    pair = Pair((context, PAGE), (showing(valid), OPENSSL))
    asked: list[list[bytes]] = []
    monkeypatch.setattr(engine, "verify", lambda _, chain, *__: asked.append(chain))
    pair.shake_hands()
    assert asked == [[valid.der]]
    assert pair.errors == {}


#: What `Engine` sets; tlslite-ng would take any other name as well and go by its own default.
SETTINGS = ["minVersion", "maxVersion", "cipherNames", "keyShares", "ticket_count", "use_heartbeat_extension"]


def test_tlslite_still_has_all_settings_that_are_set(ca: Issued, trusting: Make) -> None:
    defaults = set(vars(library.HandshakeSettings()))
    assert set(SETTINGS) <= defaults
    client = engine.Engine(trusting(ca), ssl.MemoryBIO(), ssl.MemoryBIO(), False, "localhost")
    settings = vars(client._settings())
    assert set(settings) == defaults
    assert (settings["minVersion"], settings["maxVersion"]) == ((3, 3), (3, 4))
    assert (settings["cipherNames"], settings["ticket_count"]) == (["chacha20-poly1305"], 0)


def test_tlslite_still_has_the_attributes_that_are_read_and_set() -> None:
    connection = vars(library.TLSConnection(None))
    assert {"closeSocket", "session", "closed"} <= set(connection)
    assert "verify" not in dir(library.TLSConnection)  # our own name must not hide one of tlslite-ng's
    assert parameters(library.chacha20_poly1305.new) == ["key"]


def test_tlslite_comes_without_its_own_init() -> None:
    import sys

    assert not hasattr(sys.modules["tlslite"], "__version__")
    assert "tlslite.api" not in sys.modules
    assert "tlslite.integration" not in sys.modules
