"""tlslite-ng, as much of it as the page uses; ImportError if it does not come.

Its own ``__init__`` imports dbm, smtplib and xmlrpc, which the page does not have. So the package is put
together here without it.
"""

import sys
from importlib.util import find_spec
from types import ModuleType


def _without_init(package: str) -> None:
    """Let a package's modules be imported without its ``__init__``."""
    if package in sys.modules:
        return
    found = find_spec(package)
    if found is None or found.submodule_search_locations is None:
        raise ImportError(f"{package} is missing")
    module = ModuleType(package)
    module.__path__ = list(found.submodule_search_locations)
    sys.modules[package] = module


_without_init("tlslite")

from tlslite.constants import AlertDescription, CipherSuite  # noqa: E402
from tlslite.errors import (  # noqa: E402
    TLSAbruptCloseError,
    TLSClosedConnectionError,
    TLSLocalAlert,
    TLSRemoteAlert,
)
from tlslite.handshakesettings import HandshakeSettings  # noqa: E402
from tlslite.tlsconnection import TLSConnection  # noqa: E402
from tlslite.utils import python_chacha20_poly1305 as chacha20_poly1305  # noqa: E402
from tlslite.utils.keyfactory import parsePEMKey as read_key  # noqa: E402
from tlslite.x509 import X509  # noqa: E402
from tlslite.x509certchain import X509CertChain  # noqa: E402

__all__ = [
    "X509",
    "AlertDescription",
    "CipherSuite",
    "HandshakeSettings",
    "TLSAbruptCloseError",
    "TLSClosedConnectionError",
    "TLSConnection",
    "TLSLocalAlert",
    "TLSRemoteAlert",
    "X509CertChain",
    "chacha20_poly1305",
    "read_key",
]
